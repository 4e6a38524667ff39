"""The seams: what a model and an embedding must do to be plugged in.

A `Request` carries rendered messages and the structured context that they were rendered from; a model reads the
messages, `offline` answers from the context. Promises: both protocols are the whole contract, nothing is inherited.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Embedding(Protocol):
    """Texts to unit vectors, the same text always to the same vector."""

    name: str

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, dim) float32, rows of length 1 (0 for a text without known words)."""
        ...


@dataclass(frozen=True)
class Request:
    """One question to a model: the stage that asks, what it is about, and the context in structured form."""

    stage: str
    subject: str
    messages: tuple[tuple[str, str], ...]
    context: Any


@dataclass(frozen=True)
class Answer:
    """What came back, and what it cost. `host` is where the request went: `local` if it left no machine."""

    value: Any
    host: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None


class Provider(Protocol):
    """A model that answers structured requests."""

    name: str

    def answer(self, request: Request) -> Answer:
        """Raises ProviderError where the model cannot be reached or refuses."""
        ...
