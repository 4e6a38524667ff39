"""What a model's tokens cost, and how many it answers with at most.

In: a model's name, or what a person wrote after `--price`. Out: USD per token, None where nobody knows. The figures are those
of litellm's table, read from its file because importing litellm takes seconds. Promise: the network is never asked.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..option_fields import parse_price
from .tokens import FEWEST_ANSWERED

TABLE = "model_prices_and_context_window_backup.json"
MILLION = 1_000_000  # prices are told for a million tokens


@dataclass(frozen=True)
class Price:
    """USD per token."""

    prompt: float
    completion: float

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        """USD for so many tokens."""
        return prompt_tokens * self.prompt + completion_tokens * self.completion


FREE = Price(0.0, 0.0)


def price_of(model: str) -> Price | None:
    """The price of `offline` or `provider/NAME`, None if the table does not hold it."""
    if model == "offline":
        return FREE
    found = _entry(model)
    sent, received = found.get("input_cost_per_token"), found.get("output_cost_per_token")
    return None if sent is None or received is None else Price(float(sent), float(received))


def most_answered(model: str) -> int | None:
    """Tokens that an answer of `provider/NAME` may take, None if the table does not say."""
    most = _entry(model).get("max_output_tokens")
    return int(most) if isinstance(most, int | float) and most >= FEWEST_ANSWERED else None


def price_given(text: str) -> Price:
    """The price that a person wrote after `--price`."""
    sent, received = parse_price(text)
    return Price(sent / MILLION, received / MILLION)


def _entry(model: str) -> dict[str, Any]:
    prefix, _, bare = model.partition("/")
    if (found := _table().get(model)) is not None:
        return dict(found)
    # Some models stand in the table without their provider; the same name elsewhere is another model.
    found = _table().get(bare, {})
    return dict(found) if str(found.get("litellm_provider", "")).startswith(prefix) else {}


@cache
def _table() -> dict[str, Any]:
    spec = importlib.util.find_spec("litellm")
    file = Path(spec.origin).with_name(TABLE) if spec and spec.origin else None
    if file is None or not file.is_file():
        return {}  # an installation without litellm knows no prices, --price still works
    table: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return table
