"""One small structured call, to see whether a model can be used.

In: an open provider. Out: what it took to get an answer. Errors are those of `Provider.answer`, and `OutputError` for an answer
that does not fit. Promise: exactly one question is asked, at the cost of a few dozen tokens.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..errors import OutputError
from .base import Answer, Provider, Request

QUESTION = (
    ("system", 'You fill in forms. Answer with one JSON object and nothing else, e.g. {"animal": "cat", "legs": 4}.'),
    ("user", "A dog has four legs. Fill in `animal` (dog or cat) and `legs` (a whole number)."),
)
ENOUGH_TOKENS = 8_000  # as a draft may take: a model that thinks needs room, and one that does not leaves it


class Form(BaseModel):
    """An animal and its legs."""

    model_config = ConfigDict(extra="forbid")

    animal: Literal["dog", "cat"]
    legs: int


@dataclass(frozen=True)
class TriedModel:
    """What one call showed; `seconds` is how long it took."""

    answer: Answer
    mode: str | None
    seconds: float


async def try_model(provider: Provider) -> TriedModel:
    """Asks, and closes the provider."""
    began = time.monotonic()
    try:
        answer = await provider.answer(Request("models", "a trial", QUESTION, Form, max_tokens=ENOUGH_TOKENS))
    finally:
        await provider.aclose()
    _fits(provider.name, answer)
    return TriedModel(answer, getattr(provider, "mode", None), time.monotonic() - began)


def _fits(name: str, answer: Answer) -> None:
    if answer.finish == "length":
        raise OutputError(f"{name} was cut off after {answer.completion_tokens} tokens, before it had answered.")
    if answer.finish == "refusal":
        raise OutputError(f"{name} would not answer.")
    if not answer.text.strip():
        raise OutputError(
            f"{name} answers with nothing, whether asked for a JSON schema, a tool call, JSON mode or JSON in text.",
            hint="Is that the right model, and does the server's template fit it?",
        )
    try:
        Form.model_validate_json(answer.text)
    except ValidationError:
        hint = "A model that keeps to a JSON schema is needed."
        raise OutputError(
            f"{name} answered, but not in the form that was asked for: {answer.text[:80]!r}.", hint=hint
        ) from None
