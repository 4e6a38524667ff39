"""What a measure comes to in single visits, and which of their lines it is seen in.

In: a measure as a claim has it, and the numbers of visits. Out: an `InVisit` of each visit that the measure can be asked of; None
where it asks for what no visit has by itself: how often somebody comes, a sum over a user's time, a trend. Promises: units are
those of the claim (a thing of a visit, a line, the visit), selected as there; what users ever did is asked of the visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..schema import Measure
from .corpus import Corpus, Population
from .queries import Compiled, compile_measure
from .usual import usual_amounts

# A step on one of these says when the visit is, and no line of it shows that more than another.
OF_WHEN = frozenset({"hour", "weekday", "month", "date", "opens_visit"})


@dataclass
class InVisit:
    """`value`: of a share the part of the units that satisfy it, of a number the middle of theirs. `selected`: the lines that are
    units (things by their first line), of a visit as a unit none. `steps`: by step the lines that meet it. `numbers`: of a number
    that lines have, each line's own.
    """

    value: float = 0.0
    selected: set[int] = field(default_factory=set)
    steps: list[set[int]] = field(default_factory=list)
    numbers: dict[int, float] = field(default_factory=dict)


def in_one_visit(measure: Measure) -> Measure | None:
    """The measure as it can be asked of one visit."""
    if measure.unit == "memories" or measure.statistic not in ("share", "median") or measure.of == "gap":
        return None
    counts = measure.of in ("matches", "things") or measure.of.startswith("total ")
    if measure.unit == "users":
        if measure.where or measure.feature:
            return None
        if measure.statistic == "share":
            asks = measure.steps or measure.absent
            return measure.model_copy(update={"unit": "sessions", "at_least": 1}) if asks else None
        return None if counts else measure.model_copy(update={"unit": "events"})
    return None if measure.unit == "events" and measure.statistic == "median" and counts else measure


def in_visits(corpus: Corpus, measure: Measure, visits: Sequence[int]) -> dict[int, InVisit] | None:
    """What the measure comes to in each of the visits (numbers of `lines.s`), by visit; UsageError for a number that is not
    finite.
    """
    asked = in_one_visit(measure)
    if asked is None or not visits:
        return None
    users = corpus.connection.execute(
        "SELECT DISTINCT u FROM lines WHERE s IN (SELECT unnest(?::BIGINT[]))", [list(visits)]
    ).fetchall()
    usual = usual_amounts(corpus, asked.field) if asked.of.startswith("relative ") else None
    compiled = compile_measure(asked, Population(), users=np.array([u for (u,) in users], dtype=np.int64), usual=usual)
    among = f"(SELECT unnest({compiled.binder.bind([int(s) for s in visits])}::BIGINT[]))"
    if asked.unit != "sessions":
        return _of_units(corpus, asked, compiled, among)
    found = _of_whole(corpus, asked, compiled, among)
    when = any(c.field in OF_WHEN for step in asked.steps for c in step)
    if asked.statistic == "share" and asked.steps and not when:
        _add_lines(corpus, asked, compiled, among, found)
    return found


def _of_whole(corpus: Corpus, measure: Measure, compiled: Compiled, among: str) -> dict[int, InVisit]:
    """Of the visit as the unit: 1 or 0 of a share, else its own number."""
    value = "CAST(satisfied AS DOUBLE)" if measure.statistic == "share" else "x"
    sql = f"{compiled.ctes} SELECT unit, {value} AS value FROM units WHERE selected AND unit IN {among}"
    rows = corpus.connection.execute(sql, compiled.binder.values).fetchall()
    return {int(s): InVisit(float(x)) for s, x in rows if x is not None}


def _add_lines(corpus: Corpus, measure: Measure, compiled: Compiled, among: str, found: dict[int, InVisit]) -> None:
    """With the lines that meet each step."""
    n = len(measure.steps)
    flags = ", ".join(f"e.s{i}" for i in range(n))
    sql = f"{compiled.ctes} SELECT e.unit, e.seq, {flags} FROM ev e WHERE {compiled.matching} AND e.unit IN {among}"
    for visit in found.values():
        visit.steps = [set() for _ in range(n)]
    for s, seq, *met in corpus.connection.execute(sql, compiled.binder.values).fetchall():
        for i in (i for i in range(n) if s in found and met[i]):
            found[s].steps[i].add(int(seq))


def _of_units(corpus: Corpus, measure: Measure, compiled: Compiled, among: str) -> dict[int, InVisit]:
    """Of the lines or things of a visit: the part of them that is so, or the middle of their numbers."""
    sql = f"""
      {compiled.ctes} SELECT l.s, l.seq, t.satisfied, t.x FROM units t JOIN main.lines l ON l.seq = t.unit
      WHERE t.selected AND l.s IN {among} ORDER BY l.seq
    """
    share = measure.statistic == "share"
    found: dict[int, InVisit] = {}
    for s, seq, satisfied, x in corpus.connection.execute(sql, compiled.binder.values).fetchall():
        if not share and x is None:
            continue
        visit = found.setdefault(int(s), InVisit(steps=[set()] if share else []))
        visit.selected.add(int(seq))
        if not share:
            visit.numbers[int(seq)] = float(x)
        elif satisfied:
            visit.steps[0].add(int(seq))
    for visit in found.values():
        numbers = list(visit.numbers.values())
        visit.value = len(visit.steps[0]) / len(visit.selected) if share else float(np.median(numbers))
    return found
