"""Measures, evaluated: a typed question and a population in, a `Measured` out.

One statement per population gives the counts of each user (or the value of each unit); the statistic and its interval
are arithmetic on those. A further statistic is one function and its line in `_STATISTICS`; another `versus` is one case
of `_versus`. Promises: an empty population has no value (None, n 0); users are the sampling unit of every interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from persona_agent.errors import UsageError
from persona_agent.evidence.corpus import Corpus, Ints, Population
from persona_agent.evidence.intervals import (
    Floats,
    Interval,
    mean_interval,
    median_interval,
    ratio_interval,
    ratio_of_means,
    standard_error,
    wilson,
)
from persona_agent.evidence.queries import compile_measure
from persona_agent.schema import Measure, Statistic, Unit

MIN_SESSIONS = 3


class UnsupportedMeasure(UsageError):
    """The measure is well formed, but this version cannot evaluate it."""


@dataclass(frozen=True)
class Measured:
    """What a measure says of one population.

    `value`: a share 0 to 1, a count, a median or a ratio. `n`: the users behind it. `units` selected, of which
    `satisfying`. `ci`: 95 %. `se`: standard error over users, where the value is a mean over users. `pooled`: the share
    over units where the value is a mean over users. `median_user_rate`: the median share over the
    `n_users_with_3` users with at least 3 selected units. `other`: the same measure for `versus`.
    """

    unit: Unit
    statistic: Statistic
    value: float | None = None
    n: int = 0
    units: int = 0
    satisfying: int = 0
    ci: Interval | None = None
    se: float | None = None
    pooled: float | None = None
    median_user_rate: float | None = None
    n_users_with_3: int = 0
    other: Measured | None = None


def evaluate(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    """Run a measure; UnsupportedMeasure for statistics and comparisons that are not built, UsageError for a number that
    is not finite.
    """
    statistic = _STATISTICS.get(measure.statistic)
    if statistic is None:
        raise UnsupportedMeasure(f"The statistic {measure.statistic!r} cannot be evaluated yet.")
    rival = _versus(measure, population)
    measured = statistic(corpus, measure, population)
    if rival is None:
        return measured
    measured = replace(measured, other=statistic(corpus, measure, rival))
    return _lift(measured) if measure.statistic == "lift" else measured


def satisfying_units(corpus: Corpus, measure: Measure, population: Population) -> Ints:
    """Codes of the selected units that satisfy the measure, ascending."""
    compiled = compile_measure(measure, population)
    sql = f"{compiled.ctes} SELECT unit FROM units WHERE selected AND satisfied ORDER BY unit"
    return corpus.rows(sql, compiled.binder)["unit"].astype(np.int64)


def samples(corpus: Corpus, measure: Measure, population: Population) -> Floats:
    """The users' own values, one each: their share, or the median over their units (users without any left out)."""
    if measure.statistic == "median":
        rows = unit_values(corpus, measure, population)
        starts = np.flatnonzero(np.diff(rows["u"], prepend=-1))
        return np.array([np.median(part) for part in np.split(rows["x"], starts[1:]) if len(part)], dtype=np.float64)
    rows = _per_user(corpus, measure, population)
    return np.asarray(rows["hits"] / rows["units"], dtype=np.float64)


def unit_values(corpus: Corpus, measure: Measure, population: Population) -> dict[str, Any]:
    """u, unit, x of the selected units that have a value, by user and unit."""
    if len(measure.steps) > 1 or measure.absent or measure.feature or measure.at_least > 1:
        raise UnsupportedMeasure(
            "A median looks at the events of one step.", hint="Leave out further steps, absent, at_least and feature."
        )
    compiled = compile_measure(measure, population)
    sql = f"{compiled.ctes} SELECT u, unit, x FROM units WHERE selected AND x IS NOT NULL ORDER BY u, unit"
    return corpus.rows(sql, compiled.binder)


def _versus(measure: Measure, population: Population) -> Population | None:
    if measure.versus is None:
        return None
    if measure.versus == "everyone_else":
        others = population.others()
        if others is None:
            raise UsageError("Everyone has no others.", hint="Leave 'versus' out, or name a group.")
        return others
    raise UnsupportedMeasure(f"The comparison {measure.versus!r} cannot be evaluated yet.")


def _per_user(corpus: Corpus, measure: Measure, population: Population) -> dict[str, Any]:
    """u, units selected, hits among them, of the users with any, by user."""
    compiled = compile_measure(measure, population)
    counts = "count(*) AS units, count(*) FILTER (satisfied) AS hits"
    sql = f"{compiled.ctes} SELECT u, {counts} FROM units WHERE selected GROUP BY u ORDER BY u"
    return corpus.rows(sql, compiled.binder)


def _counted(measure: Measure, units: Ints, hits: Ints) -> Measured:
    return Measured(
        measure.unit, measure.statistic, n=len(units), units=int(units.sum()), satisfying=int(hits.sum())
    )  # fmt: skip


def _share(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    rows = _per_user(corpus, measure, population)
    measured = _counted(measure, rows["units"], rows["hits"])
    if not measured.n:
        return measured
    pooled = measured.satisfying / measured.units
    if measure.unit == "users":
        return replace(measured, value=pooled, ci=wilson(measured.satisfying, measured.units))
    rates = rows["hits"] / rows["units"]
    often = rates[rows["units"] >= MIN_SESSIONS]
    return replace(
        measured,
        value=float(rates.mean()),
        ci=mean_interval(rates, 0.0, 1.0),
        se=standard_error(rates),
        pooled=pooled,
        median_user_rate=float(np.median(often)) if len(often) else None,
        n_users_with_3=len(often),
    )


def _count(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    """Satisfying units; the interval is that of so many users drawn anew."""
    rows = _per_user(corpus, measure, population)
    measured = _counted(measure, rows["units"], rows["hits"])
    if not measured.n:
        return measured
    if measure.unit == "users":
        ci = wilson(measured.satisfying, measured.n)
    else:
        ci = mean_interval(rows["hits"].astype(np.float64), 0.0)
    scaled = (ci[0] * measured.n, ci[1] * measured.n) if ci else None
    return replace(measured, value=float(measured.satisfying), ci=scaled)


def _median(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    """Over units: zeros included for matches; for a field, each unit's own median, units without one left out."""
    rows = unit_values(corpus, measure, population)
    values = rows["x"].astype(np.float64)
    users = len(np.unique(rows["u"]))
    if not users:
        return Measured(measure.unit, measure.statistic)
    return Measured(
        measure.unit,
        measure.statistic,
        value=float(np.median(values)),
        n=users,
        units=len(values),
        satisfying=int((values > 0).sum()) if measure.of == "matches" else len(values),
        ci=median_interval(values, users),
    )


def _lift(here: Measured) -> Measured:
    """A share beside the share of others, made into their ratio."""
    other = here.other
    if other is None or here.value is None or other.value is None:
        return replace(here, value=None, ci=None)
    known = here.se is not None and other.se is not None
    if here.unit != "users" and known and here.value > 0 and other.value > 0:
        found = ratio_of_means(here.value, here.se or 0.0, other.value, other.se or 0.0)
    else:
        # Shares of users are counts; a mean share that is zero counts as that many users' worth of nothing.
        counted = ratio_interval(here.value * here.n, here.n, other.value * other.n, other.n)
        found = counted if counted else (math.nan, (math.nan, math.nan))
    return replace(here, value=found[0], ci=found[1], se=None)


_STATISTICS: dict[str, Callable[[Corpus, Measure, Population], Measured]] = {
    "share": _share,
    "count": _count,
    "median": _median,
    "lift": _share,
}
