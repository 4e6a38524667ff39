"""The only caller of a model. Every answer is checked against the type that was asked for, and counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from ..errors import OutputError
from ..providers.base import Provider, Request

T = TypeVar("T")


@dataclass
class Usage:
    """What was asked so far; `cost_usd` is None as soon as one answer's price is not known."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0


def ask(provider: Provider, request: Request, expected: type[T], usage: Usage) -> T:
    """The answer to `request`, as an `expected`; OutputError if the provider returned anything else."""
    answer = provider.answer(request)
    usage.calls += 1
    usage.prompt_tokens += answer.prompt_tokens
    usage.completion_tokens += answer.completion_tokens
    usage.cost_usd = None if usage.cost_usd is None or answer.cost_usd is None else usage.cost_usd + answer.cost_usd
    if not isinstance(answer.value, expected):
        raise OutputError(
            f"{provider.name} answered {request.stage!r} of {request.subject!r} with a {type(answer.value).__name__}, "
            f"not a {expected.__name__}."
        )
    return answer.value
