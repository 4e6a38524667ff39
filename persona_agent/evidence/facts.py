"""Which claims tell the same fact, whatever unit or statistic tells it (docs/method.md, One fact counts once).

In: a corpus, measures, a fold. Out: whether two tell one fact, or which of many tell different ones. Promises: what is
compared is who satisfies them among all users of the fold, members and others, so that two habits of one group are not
one fact because all of its members have both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ..schema import NUMERIC_FIELDS, Condition, Measure
from .answers import Answers, Rates
from .corpus import Bools, Corpus, Ints, Population
from .evaluation import answers, question, units_of
from .intervals import Reals, ranks

SAME = 0.9  # Jaccard, part of one inside the other, rank correlation: what differs in a tenth is one fact
BEYOND_CHANCE = (
    0.5  # correlation inside the group, or outside: below it, two sets agree only as far as the group makes them
)
MIN_USERS = 5  # with an answer to both, for a rank correlation to mean anything
HOURS_APART = 2  # every other hour of a morning is that morning
_SUBJECTS = {"met_last": "met_before"}
_LAST = {"hour": (0, 23), "weekday": (1, 7), "month": (1, 12)}

T = TypeVar("T")


@dataclass(frozen=True)
class _ComparedMeasure:
    """A measure with what is compared of it: over all users of the fold its satisfied and its selected units, and how many."""

    measure: Measure
    key: str
    about: frozenset[tuple[str, str]]
    found: Answers
    hits: Ints | None = None
    units: Ints | None = None
    n: int = 0
    n_all: int = 0


@dataclass
class Facts:
    """What tells the same in a corpus, to users of one fold; what is known of a measure is kept."""

    corpus: Corpus
    population: Population
    _everyone: Bools = field(init=False)
    _members: Bools = field(init=False)
    _told: dict[int, _ComparedMeasure] = field(default_factory=dict)
    _ranks: dict[str, Reals] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._everyone = self.corpus.people.mask(Population(fold=self.population.fold))
        self._members = self.corpus.people.mask(self.population)[self._everyone]

    def different(self, items: Iterable[T], measure_of: Callable[[T], Measure | None]) -> list[T]:
        """The items that tell different facts: of those that tell one, the first. What has no measure is a fact of its own, and
        what tells the fact of an item that was left out is left out too.
        """
        kept: list[T] = []
        seen: list[Measure] = []
        for item in items:
            measure = measure_of(item)
            if measure is None or not any(self.same(m, measure) for m in seen):
                kept.append(item)
            seen += [measure] if measure is not None else []
        return kept

    def same(self, one: Measure, other: Measure) -> bool:
        """Do two measures tell one fact?"""
        first, second = self._of(one), self._of(other)
        if first.key == second.key or slices_of_one_range(one, other) or _both_of_biggest(one, other):
            return True
        if first.hits is None or second.hits is None:
            return abs(self._correlation(first, second)) > SAME
        alike = first.about == second.about and on_one_field(one, other)
        if one.unit != other.unit:
            return alike and self._users_agree(first, second, nested=True)
        if one.unit == "users":
            return self._users_agree(first, second, nested=alike)
        return self._units_agree(first, second, nested=alike)

    def _of(self, measure: Measure) -> _ComparedMeasure:
        if id(measure) not in self._told:
            found, key, about = answers(self.corpus, measure), question(measure), subject(measure)
            told = _ComparedMeasure(measure, key, about, found)
            if isinstance(found, Rates):
                hits, units = found.hits[self._everyone], found.units[self._everyone]
                if measure.unit == "users":
                    told = _ComparedMeasure(
                        measure, key, about, found, hits, units, int((hits > 0).sum()), int((units > 0).sum())
                    )
                else:
                    told = _ComparedMeasure(measure, key, about, found, hits, units, int(hits.sum()), int(units.sum()))
            self._told[id(measure)] = told
        return self._told[id(measure)]

    def _users_agree(self, first: _ComparedMeasure, second: _ComparedMeasure, *, nested: bool) -> bool:
        """Are the users of two measures the same, each other's complement, or if `nested` one inside the other?"""
        if not nested and first.measure.unit == second.measure.unit and not _sizes_fit(first, second):
            return False
        assert (
            first.hits is not None and second.hits is not None and first.units is not None and second.units is not None
        )
        one, other = first.hits > 0, second.hits > 0
        if nested and _inside(one, other) >= SAME:
            return True
        there = (first.units > 0) & (second.units > 0)
        members, one, other = self._members[there], one[there], other[there]
        if max(_jaccard(one, other), _jaccard(one, ~other), _jaccard(~one, other)) <= SAME:
            return False
        found = [abs(_phi(one[side], other[side])) for side in (members, ~members)]
        known = [r for r in found if not math.isnan(r)]
        return not known or max(known) >= BEYOND_CHANCE

    def _units_agree(self, first: _ComparedMeasure, second: _ComparedMeasure, *, nested: bool) -> bool:
        """The same of two sets of sessions. They are looked up only where users' counts do not rule it out already."""
        if not nested and not _sizes_fit(first, second):
            return False
        assert (
            first.hits is not None and second.hits is not None and first.units is not None and second.units is not None
        )
        a, b, rest = first.hits, second.hits, np.maximum(np.maximum(first.units, second.units) - second.hits, 0)
        if nested and int(np.minimum(a, b).sum()) >= SAME * max(min(first.n, second.n), 1):
            return True
        most = [int(np.minimum(a, x).sum()) / max(int(np.maximum(a, x).sum()), 1) for x in (b, rest)]
        if max(most) <= SAME:
            return False
        (selected, own), (chosen, rival) = (units_of(self.corpus, told.measure) for told in (first, second))
        units = np.union1d(selected, chosen)
        sets = np.isin(units, own), np.isin(units, rival)
        return max(_jaccard(*sets), _jaccard(sets[0], ~sets[1]), _jaccard(~sets[0], sets[1])) > SAME

    def _correlation(self, first: _ComparedMeasure, second: _ComparedMeasure) -> float:
        """Of the ranks of users' own answers, among those that have both; 0 where these are too few or all alike."""
        x, y = self._ranked(first), self._ranked(second)
        there = ~np.isnan(x) & ~np.isnan(y)
        if there.sum() < MIN_USERS:
            return 0.0
        r = _phi(x[there], y[there])
        return 0.0 if math.isnan(r) else r

    def _ranked(self, told: _ComparedMeasure) -> Reals:
        if told.key not in self._ranks:
            self._ranks[told.key] = ranks(told.found.samples()[self._everyone])
        return self._ranks[told.key]


def _sizes_fit(first: _ComparedMeasure, second: _ComparedMeasure) -> bool:
    """Could two sets of these sizes have a Jaccard over SAME, or one and the complement of the other?"""
    rest = max(first.n_all, second.n_all) - second.n
    return any(min(first.n, n) > SAME * max(first.n, n) - 1 for n in (second.n, rest)) or first.n_all != second.n_all


def _both_of_biggest(one: Measure, other: Measure) -> bool:
    """Do both ask how much of a visit one thing is, whichever amount it has most of?"""
    of = (one.of.startswith("biggest "), other.of.startswith("biggest "))
    return all(of) and (one.where, one.steps, one.window) == (other.where, other.steps, other.window)


def subject(measure: Measure) -> frozenset[tuple[str, str]]:
    """What a measure is about, without its thresholds: the acts, things and values that it names, numeric fields, its feature
    where that has no conditions.
    """
    # What was met in the visit before was met before.
    found = {
        (_SUBJECTS.get(c.field, c.field), str(v).lower())
        for c in measure.conditions
        for v in c.value
        if isinstance(v, str)
    }
    found |= {(c.field, "") for c in measure.conditions if not isinstance(c.value[0], str)}
    if measure.feature is not None and not measure.feature.where:
        found.add(("feature", f"{measure.feature.name} {measure.feature.field or ''}"))
    return frozenset(found)


def on_one_field(one: Measure, other: Measure) -> bool:
    """Are two measures about the same, whatever their thresholds: the same names, and parts of a range that meet?"""
    if subject(one) != subject(other):
        return False
    pairs = ((a, b) for a in one.conditions for b in other.conditions if a.field == b.field)
    ranges = [(a.field, _range(a), _range(b)) for a, b in pairs]
    return all(r is None or q is None or _touch(name, r, q) for name, r, q in ranges)


def slices_of_one_range(one: Measure, other: Measure) -> bool:
    """Do two measures say the same of neighbouring or overlapping parts of one range (hours, days of the week, amounts), each of
    whatever unit?
    """
    if one.statistic != other.statistic or one.says.comparator != other.says.comparator:
        return False
    if one.says.quantifier != other.says.quantifier or len(one.steps) != len(other.steps):
        return False
    a, b = list(one.conditions), list(other.conditions)
    differ = [(x, y) for x, y in zip(a, b, strict=False) if x != y]
    if len(a) != len(b) or len(differ) != 1 or differ[0][0].field != differ[0][1].field:
        return False
    if _without(one, differ[0][0]) != _without(other, differ[0][1]):
        return False
    first, second = (_range(c) for c in differ[0])
    return first is not None and second is not None and _touch(differ[0][0].field, first, second)


def _without(measure: Measure, condition: Condition) -> str:
    """The question without a condition, its unit, how often, and the threshold of its feature: each part may have another."""
    feature = measure.feature.model_copy(update={"value": 0.0}) if measure.feature else None
    unit = "users" if measure.statistic == "share" else measure.unit
    said = question(measure.model_copy(update={"feature": feature, "unit": unit, "at_least": 1}))
    return said.replace(condition.model_dump_json(), "", 1)


def _range(c: Condition) -> tuple[float, float] | None:
    """The lowest and the highest number that a condition lets in; None where it is about names."""
    numbers = [v for v in c.value if not isinstance(v, str)]
    if len(numbers) != len(c.value) or c.op == "not_in":
        return None
    low = -math.inf if c.op == "at_most" else numbers[0] if c.op == "between" else min(numbers)
    high = math.inf if c.op == "at_least" else numbers[-1] if c.op == "between" else max(numbers)
    return low, high


def _touch(name: str, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Do two ranges overlap, or follow each other, hours with one between? Hours, weekdays and months go round."""
    if name not in NUMERIC_FIELDS:
        return one[0] <= other[1] and other[0] <= one[1]
    first, last = _LAST[name]
    size = last - first + 1
    cells = [_cells(r, size) for r in (one, other)]
    reach = HOURS_APART if name == "hour" else 1
    wider = {(c + d) % size for c in cells[0] for d in range(-reach, reach + 1)}
    return bool(wider & cells[1])


def _cells(r: tuple[float, float], size: int) -> set[int]:
    low, high = max(r[0], 0.0), min(r[1], float(size))
    length = int(high - low) if high >= low else int(high - low) + size
    return {(int(low) + i) % size for i in range(min(length, size - 1) + 1)}


def _jaccard(one: Bools, other: Bools) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 0.0


def _inside(one: Bools, other: Bools) -> float:
    """How much of the smaller set is in the other."""
    smaller = min(int(one.sum()), int(other.sum()))
    return int((one & other).sum()) / smaller if smaller else 0.0


def _phi(one: Bools | Reals, other: Bools | Reals) -> float:
    """Correlation of two answers; NaN where one of them is everybody's alike."""
    x, y = np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64)
    if len(x) < 2:
        return math.nan
    x, y = x - x.mean(), y - y.mean()
    spread = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / spread if spread > 0 else math.nan
