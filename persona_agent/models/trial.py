"""One small structured question, to see whether a model can be used.

In: an open provider. Out: what it took to get an answer. Errors are those of `Provider.answer`, and `OutputError` for an answer
that does not fit. Promise: it is asked as a run asks: short pauses are kept, a model that thinks gets the room that it needs, one
that does not heed a schema is told it in words; no answer is kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ..errors import OutputError
from .ask import REASKS, Asker
from .base import Answer, Provider, Request
from .ledger import Ledger, Totals
from .replies import fits
from .retrying import Patience

QUESTION = (
    ("system", 'You fill in forms. Answer with one JSON object and nothing else, e.g. {"animal": "cat", "legs": 4}.'),
    ("user", "A dog has four legs. Fill in `animal` (dog or cat) and `legs` (a whole number)."),
)
ENOUGH_TOKENS = 8_000  # as a draft may take: a model that thinks needs room, and one that does not leaves it
BRIEF = Patience(attempts=1, pauses=5, longest_asked=60.0)  # somebody sits and waits


class TrialAnswer(BaseModel):
    """An animal and its legs."""

    model_config = ConfigDict(extra="forbid")

    animal: Literal["dog", "cat"]
    legs: int


@dataclass(frozen=True)
class TriedModel:
    """What one question showed: what all its calls took, what was said once, and how many seconds it was."""

    host: str
    totals: Totals
    notes: list[str]
    mode: str | None
    seconds: float


async def try_model(provider: Provider) -> TriedModel:
    """Asks, and closes the provider."""
    began = time.monotonic()
    asker = Asker(Ledger(None), patience=BRIEF, fresh=True)
    try:
        await _asked(asker, provider)
    finally:
        await provider.aclose()
    mode = getattr(provider, "mode", None)
    return TriedModel(provider.host, asker.totals, sorted(asker.notes), mode, time.monotonic() - began)


async def _asked(asker: Asker, provider: Provider) -> None:
    """Until an answer fits, as often as a run would ask; OutputError where none does."""
    request = Request("models", "a trial", QUESTION, TrialAnswer, max_tokens=ENOUGH_TOKENS)
    for _ in range(REASKS + 1):
        answer = (await asker.answers(provider, request))[-1].answer
        if answer.finish == "stop" and fits(answer.text, TrialAnswer):
            return
    raise _unfit(provider.name, answer)


def _unfit(name: str, answer: Answer) -> OutputError:
    if answer.finish == "length":
        hint = "A model that thinks shorter is needed, or a server that lets it answer longer."
        return OutputError(
            f"{name} was cut off after {answer.completion_tokens:,} tokens, before it had answered.", hint=hint
        )
    if answer.finish == "refusal":
        return OutputError(f"{name} would not answer.")
    if not answer.text.strip():
        return OutputError(
            f"{name} answers with nothing, whether asked for a JSON schema, a tool call, JSON mode or JSON in text.",
            hint="Is that the right model, and does the server's template fit it?",
        )
    return OutputError(
        f"{name} answered, but not in the form that was asked for: {answer.text[:80]!r}.",
        hint="A model that keeps to a JSON schema is needed.",
    )
