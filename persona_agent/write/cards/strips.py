"""Where the hours of a day or the days of a week tell a group apart: how the starts of their visits spread over all of them.

In: the measures of a card's bars. Out: a `Strip`, None where no bar is about a time, or none stands out. Promises: nothing of it
is about one member: means over members of each one's shares, and over comparable others.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...evidence import Corpus, Population, evaluate
from ...schema import Condition, Measure, Says, Strip

HOURS_EACH = 2  # of a place of the clock: hours alone are jagged in a group of a few dozen
APART = 0.05  # of a share, at some place of it: a smaller difference cannot be seen, as in a bar
WEEK, CLOCK = "weekday", "hour"
OPENS = Condition(field="opens_visit", op="is", value=["yes"])


def strip(corpus: Corpus, measures: Iterable[Measure], population: Population) -> Strip | None:
    """The clock or the week, whichever a bar speaks of first."""
    about = next((field for m in measures for field in _times(m)), None)
    if about is None:
        return None
    steps = (
        [[day, day] for day in range(1, 8)]
        if about == WEEK
        else [[hour, hour + HOURS_EACH - 1] for hour in range(0, 24, HOURS_EACH)]
    )
    here, others = zip(*(_share(corpus, about, step, population) for step in steps), strict=True)
    if max(abs(a - b) for a, b in zip(here, others, strict=True)) < APART:
        return None
    return Strip(kind="week" if about == WEEK else "clock", here=list(here), others=list(others))


def _times(measure: Measure) -> list[str]:
    """The times that a measure is about, if it is about nothing else."""
    step = measure.steps[0] if len(measure.steps) == 1 and not measure.absent else []
    others = {c.field for c in step} - {WEEK, CLOCK, OPENS.field}
    return [] if others else [c.field for c in step if c.field in (WEEK, CLOCK)]


def _share(corpus: Corpus, field: str, between: Sequence[int], population: Population) -> tuple[float, float]:
    condition = Condition(field=field, op="between", value=[float(x) for x in between])
    says = Says(comparator="at_least", value=0)
    asked = Measure(unit="sessions", steps=[[OPENS, condition]], statistic="share", versus="matched", says=says)
    found = evaluate(corpus, asked, population)
    there = found.matched.value if found.matched else None
    return round(found.value or 0.0, 4), round(there or 0.0, 4)
