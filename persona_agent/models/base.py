"""The seams: what a model and an embedding must do to be plugged in.

A `Request` carries rendered messages. An `Answer` is text, whoever gave it: `ask` alone decides whether it is what was asked
for, because it has to decide so again when the same answer comes from the ledger. Promises: the protocols are the whole
contract, nothing is inherited; a provider never retries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

Floats = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Floats]  # texts to unit vectors (n, dim)
LOCAL = "local"


class Embedding(Protocol):
    """Texts to unit vectors, the same text always to the same vector."""

    name: str

    def embed(self, texts: Sequence[str]) -> Floats:
        """(n, dim) float32, rows of length 1 (0 for a text without known words)."""
        ...


@dataclass(frozen=True)
class Request:
    """One question to a model: the stage that asks, what it is about, the messages (role, text) with the unchanging part
    first, and the schema that an answer has to fit. `cut` says in plain English what was left out for want of room.
    """

    stage: str
    subject: str
    messages: tuple[tuple[str, str], ...]
    schema: type[BaseModel]
    max_tokens: int = 8_000
    cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came back as JSON text, valid or not, and what it cost.

    `host` is where the request went: `local` if it left no machine. `finish` is `length` where the answer was cut off and
    `refusal` where the model would not answer (the text then says what it said). `notes` tell what had to be left out or
    changed for this model to take the request, in plain English.
    """

    text: str
    host: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: float | None
    finish: Literal["stop", "length", "refusal"] = "stop"
    notes: tuple[str, ...] = ()


class Provider(Protocol):
    """A model that answers structured requests. One client per event loop; whoever opened it closes it. One whose every
    request goes through `transport.py` says so with `watched = True`; of others `egress` lists the host that they state.
    """

    name: str
    host: str

    async def answer(self, request: Request) -> Answer:
        """Raises ProviderError where the model cannot be reached or refuses the request."""
        ...

    async def aclose(self) -> None:
        """Gives back connections; a client that is merely dropped can hang the loop."""
        ...
