"""The lines of a visit as steps that may be told: what follows on itself is one step, what few share or nobody may read is none.

In: a corpus with `shared_steps` (typical.py), a visit's number. Out: `LinesTold` in the order of the visit. Promises: an act or
thing is told only where enough members share it, none that touches what the law protects or speaks to a model; quantities are
round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...evidence import Corpus
from ...log.events import property_path
from ...log.opaque import is_opaque
from ...log.sensitive import topics
from ...redaction import looks_like_instruction
from ...schema import VisitStep
from ...words.wording import act_words, readable

LONGEST = 8  # steps told: more are not read
SAID = (
    *range(1, 13), 15, 18, 20, 24, 25, 30, 36, 40, 48, 50, 60, 72, 75, 80, 90, 96, 100, 120, 144, 150, 200, 250, 288, 300, 400,
    500, 600, 750, 800, 1000,
)  # fmt: skip


@dataclass(frozen=True)
class VisitLine:
    """A line of a visit, or without one (−1) a step that most members take; no `thing` where few share it."""

    seq: int
    act: str
    thing: str | None
    quantity: float | None


@dataclass(frozen=True)
class LinesTold:
    """A step, and the lines that it tells; is its quantity, where it has one, `exact` and not rounded?"""

    step: VisitStep
    lines: list[int]
    exact: bool


def lines_of_visit(corpus: Corpus, visit: int, counted: str | None) -> list[VisitLine]:
    """The lines of a visit on acts that enough members share, in order; `counted` is the property that counts things."""
    path = None if counted is None else property_path(counted)
    found = corpus.connection.execute(_LINES, {"s": visit, "path": path}).fetchall()
    return [VisitLine(*row) for row in found]


def steps_told(corpus: Corpus, lines: Sequence[VisitLine]) -> list[LinesTold]:
    """Lines that may be told as steps, what repeats the step before added to it."""
    steps: list[LinesTold] = []
    for line in lines:
        thing = line.thing if line.thing and _may_be_told(line.thing) and not is_opaque(line.thing) else None
        if not _may_be_told(line.act):
            continue
        act = act_words(line.act, corpus.names)
        counted = (
            line.quantity is not None and line.quantity > 0 and thing and thing.lower() not in corpus.names.uncounted
        )
        quantity = line.quantity if counted else None
        step = VisitStep(act=act, thing=thing and readable(thing), quantity=quantity)
        if steps and (steps[-1].step.act, steps[-1].step.thing) == (step.act, step.thing):
            last = steps[-1].step
            added = None if quantity is None else (last.quantity or 0.0) + quantity
            merged = last.model_copy(update={"quantity": added})
            steps[-1] = replace(steps[-1], step=merged, lines=[*steps[-1].lines, line.seq])
        else:
            steps.append(LinesTold(step, [line.seq], exact=True))
    return [_rounded(s) for s in steps]


def _rounded(told: LinesTold) -> LinesTold:
    quantity = told.step.quantity
    if quantity is None:
        return told
    said = nearest_said(quantity)
    return replace(told, step=told.step.model_copy(update={"quantity": said}), exact=said == quantity)


def nearest_said(quantity: float) -> float:
    """A number of things as people say it: exact up to a dozen, then the nearest round one."""
    if quantity > SAID[-1]:
        return float(f"{quantity:.1g}")
    return float(min(SAID, key=lambda n: (abs(n - quantity), n)))


def _may_be_told(text: str) -> bool:
    return topics().of(text) is None and not looks_like_instruction(text)


_LINES = """
SELECT l.seq, l.action, x.object, TRY_CAST(json_extract_string(l.properties, CAST($path AS VARCHAR)) AS DOUBLE) AS quantity
FROM lines l
JOIN (SELECT DISTINCT action FROM shared_steps) a ON a.action = l.action
LEFT JOIN shared_steps x ON x.action = l.action AND x.object = l.object WHERE l.s = $s ORDER BY l.seq
"""
