"""The verdicts of an audit, as an agent hears them.

In: an audit as it may be forwarded; why a part of a statement may not be told, after all that was told before. Out: `told`.
Promises: what a part comes to on users set aside is an answer of its own, about fewer users, and is held against those before
like any other; where it may not be told the verdict on these users is left out as well. So is what a model read in a statement.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from ...errors import UsageError
from ...schema import Audit, AuditedPart, AuditedPersona
from ..auditing.printing import measured, set_aside_says
from . import told

LEAVE_OUT = "Leave the statement out."


class WhyNot(Protocol):
    """Why a part may not be told, of all users that it is of or of those set aside; empty where it may."""

    def __call__(self, persona: AuditedPersona, part: AuditedPart, *, aside: bool) -> str: ...


def verdicts_told(made: Audit, asked: Collection[str], why_not: WhyNot) -> list[told.StatementVerdict]:
    """Each statement with its verdict, its figures and the case against; UsageError for one whose measures a model read, if they
    may not be told. Of those that were `asked`, by their texts, that was looked at before.
    """
    for p in made.personas:
        for s in (s for s in p.statements if s.text not in asked):
            figures = [x for x in s.parts if x.measure and x.result.value is not None and x.result.bound is None]
            if why := next(filter(None, (why_not(p, x, aside=False) for x in figures)), ""):
                raise UsageError(f"{s.text!r}: {why}.", hint=LEAVE_OUT)
    return [
        told.StatementVerdict(
            id=s.id,
            of=p.name,
            text=s.text,
            outcome=s.outcome,
            reason=s.reason,
            measured=[t for x in s.parts for t in (measured(x), _on_aside(p, x, why_not)) if t],
            against=s.counter.says if s.counter else "",
            tells_nothing=s.tells_nothing,
        )
        for p in made.personas
        for s in p.statements
    ]


def _on_aside(persona: AuditedPersona, part: AuditedPart, why_not: WhyNot) -> str:
    says = set_aside_says(part)
    exact = (
        part.set_aside is not None and part.set_aside.value is not None
    )  # else a bound decided, and no number is told
    return "" if exact and why_not(persona, part, aside=True) else says
