"""Claims that cannot fail, or cannot hold: the whole of a range, what no line has, x where x, a feature at its least.

In: a corpus and a measure with what it says. Out: why it says nothing, or nothing. Promises: only what would come out the same
whatever anybody did is refused; one scan of the log a step, kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..schema import Condition, Feature, Measure, Says
from .conditions import meets
from .corpus import Binder, Corpus
from .visits import relation

ANY = Says(comparator="about", value=0.0)
# The least that a unit with one event has.
_LEAST = {
    "active_days": 1.0, "span_days": 1.0, "n_events": 1.0, "n_objects": 0.0, "repeat_share": 0.0, "steps_per_session": 0.0,
    "share_of_events": 0.0,
}  # fmt: skip
_MOST = {"repeat_share": 1.0, "share_of_events": 1.0}


def cannot_fail(corpus: Corpus, measure: Measure) -> str:
    """Why a claim with this measure would say nothing; empty if it says something."""
    for step in _named(measure):
        if not _lines_that_meet(corpus, step):
            return f"no line of this log has {_told(step)}"
        for one in _single(step):
            if not _lines_that_meet(corpus, [one]):
                return f"no line of this log has {_told([one])}"
    if measure.statistic not in {"share", "trend"}:
        return ""
    why = _of_every_value(measure) or _of_every_unit(corpus, measure)
    return why or (_of_feature(corpus, measure.feature) if measure.feature and not measure.steps else "")


def _of_every_value(measure: Measure) -> str:
    """A share is at least nothing and at most all."""
    says = measure.says
    value = says.value if says.value is not None and measure.statistic == "share" else math.nan
    if (says.comparator == "at_least" and value <= 0) or (says.comparator == "at_most" and value >= 1):
        return "any share there is would be so"
    return ""


def _of_every_unit(corpus: Corpus, measure: Measure) -> str:
    """Steps that the selection already asks for, or that every line of the log meets."""
    if not measure.steps or measure.absent or measure.feature or measure.at_least > 1 or measure.within is not None:
        return ""
    if measure.where and all(_implied(step, measure.where) for step in measure.steps):
        return f"it asks for {_told(measure.where)} where there is {_told(measure.where)}"
    if all(_every_line(corpus, step) for step in measure.steps) and (len(measure.steps) == 1 or not measure.ordered):
        return f"every line of this log has {_told(measure.steps[0])}"
    return ""


def _of_feature(corpus: Corpus, feature: Feature) -> str:
    least, most = _LEAST.get(feature.name), _MOST.get(feature.name)
    if least is not None and (
        (feature.op == "at_least" and feature.value <= least) or (feature.op == "above" and feature.value < least)
    ):
        return f"whoever does anything has {feature.name.replace('_', ' ')} of {least:g} or more"
    if most is not None and feature.op == "at_most" and feature.value >= most:
        return f"no {feature.name.replace('_', ' ')} is over {most:g}"
    if feature.name == "share_of_events" and feature.where and _every_line(corpus, feature.where):
        return f"every line of this log has {_told(feature.where)}"
    return ""


def _named(measure: Measure) -> Iterator[Sequence[Condition]]:
    """The conditions of one event that a measure asks for."""
    yield from filter(None, measure.event_tests)


def _single(step: Sequence[Condition]) -> Iterator[Condition]:
    """One condition for each name in a list of several: of these, too, a log must have each."""
    for c in step:
        if c.op in ("in", "not_in"):
            yield from (Condition(field=c.field, op="is", value=[v]) for v in c.value if isinstance(v, str))


def _implied(step: Sequence[Condition], where: Sequence[Condition]) -> bool:
    return all(condition in where for condition in step)


def _every_line(corpus: Corpus, step: Sequence[Condition]) -> bool:
    return _lines_that_meet(corpus, step) == _lines_that_meet(corpus, [])


def _lines_that_meet(corpus: Corpus, step: Sequence[Condition]) -> int:
    key = f"lines {[c.model_dump_json() for c in step]}"
    if key not in corpus.memo:
        binder = Binder()
        asked = Measure(unit="events", steps=[list(step)] if step else [], statistic="share", says=ANY)
        row = corpus.connection.execute(
            f"SELECT count(*) FROM {relation(asked, 'true', binder)} l WHERE {meets(step, binder)}", binder.values
        ).fetchone()
        corpus.memo[key] = int(row[0]) if row else 0
    found: int = corpus.memo[key]
    return found


def _told(step: Sequence[Condition]) -> str:
    return " and ".join(
        f"{c.field.removeprefix('properties.')} {c.op.replace('_', ' ')} {', '.join(str(v) for v in c.value)}"
        for c in step
    )
