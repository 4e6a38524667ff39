"""Which steps of a visit are told, so that what the bars of a card say is to be seen in them.

In: the steps of a visit that may be told, the bars that hold in it with what each comes to there. Out: the places of those to
tell, in order: the visit's first ones, of which the last make room for others as far as a bar needs it. Promises: a bar shows
where the steps told have it as often as the group has it, in whole steps; what is to be read off a quantity is told with its
exact one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ...evidence.in_visits import InVisit
from ...evidence.quantifiers import ABOUT_RELATIVE
from ...schema import Measure
from ...words.english.visiting import TOLD_THINGS
from .visit_lines import LONGEST, LinesTold

SLACK = 0.1  # of a step: “51 %” asks for two of four, not for three
LOOKED_AT = 200  # steps of a visit that may be told: of a longer one its beginning
HALF = 0.5  # of visits: a typical one is so; of numbers: what a middle says
# What of a line is read in a step that is told of it.
READ = ("action", "object", "theme")
EDGE = 1e-9  # of figures that are equal but for how they were added up


@dataclass(frozen=True)
class BarAsked:
    """A bar as a visit is asked for it: its claim, its measure, the group's figure, and whether others have less."""

    claim: str
    measure: Measure
    value: float
    more: bool

    @property
    def of_most(self) -> bool:
        """Is it of most visits, or a matter of how much of each? What a fifth of visits hold is no middle one's first sight."""
        if self.measure.statistic != "share" or self.measure.unit in ("events", "things"):
            return True
        return self.value >= HALF if self.more else self.value <= HALF

    def holds(self, found: InVisit | None) -> bool:
        """Is it so of a visit as much as of the group?"""
        if found is None:
            return False
        if self.measure.statistic != "share":
            return abs(found.value - self.value) <= ABOUT_RELATIVE * abs(self.value) + EDGE
        return found.value >= self.value - EDGE if self.more else found.value <= self.value + EDGE

    def read_in(self, counted: str | None) -> bool:
        """Is what it asks for read in the steps that are told: acts, things and quantities?"""
        read = {*READ, *([f"properties.{counted}"] if counted else [])}
        return bool(self.measure.steps) and all(c.field in read for step in self.measure.steps for c in step)


@dataclass(frozen=True)
class SeenIn:
    """How a bar is seen in the steps of a visit: which of them `meets` it, how far any choice of them is from showing it
    (`lacks`, 0 where it does), and, of a number that steps have, which are told before others (`dearest`, the largest first).
    """

    meets: Sequence[bool]
    lacks: Callable[[Sequence[int]], float]
    dearest: Sequence[float] = ()


def to_be_told(told: Sequence[LinesTold]) -> list[LinesTold]:
    """The steps to choose among: of one act on things those whose thing is told, since no other is read."""
    named = [t for t in told if t.step.thing]
    return named[:LOOKED_AT] if named and _of_one_act(told) else list(told[:LOOKED_AT])


def steps_chosen(told: Sequence[LinesTold], bars: Sequence[SeenIn]) -> list[int]:
    """Places of the steps to tell; of one act, which has no order to tell, as many as are read."""
    order = _preferred(len(told), bars)
    chosen = _swapped(order, _room(told), bars)
    few = _room([told[i] for i in chosen])
    return sorted(chosen if len(chosen) <= few else _swapped(order, few, bars))


def in_order_told(told: Sequence[LinesTold], chosen: Sequence[int], bars: Sequence[SeenIn]) -> list[int]:
    """The chosen steps in the order in which they are told: as they were done, or, of one act, which has no order to tell, those
    that meet the first bar before those that meet the next, and others last: whoever reads one thing reads what the card is
    named for.
    """
    if not _of_one_act(told):
        return list(chosen)
    place = {i: k for k, i in enumerate(_preferred(len(told), bars))}
    return sorted(chosen, key=lambda i: ([not bar.meets[i] for bar in bars], place[i]))


def _preferred(n: int, bars: Sequence[SeenIn]) -> list[int]:
    """The places of steps, those to be told first before others: the dearest of a bar of prices, else the visit's first."""
    ranks = [bar.dearest for bar in bars if bar.dearest][:1]
    return sorted(range(n), key=lambda i: [-rank[i] for rank in ranks])


def _room(told: Iterable[LinesTold]) -> int:
    return TOLD_THINGS if _of_one_act(told) else LONGEST


def _of_one_act(told: Iterable[LinesTold]) -> bool:
    return len({t.step.act for t in told}) == 1


def _swapped(order: Sequence[int], room: int, bars: Sequence[SeenIn]) -> list[int]:
    """The first steps in this order; as long as a bar lacks something the last of them that meets no bar makes room for the next
    that helps.
    """
    chosen = list(order[:room])
    place = {i: k for k, i in enumerate(order)}

    def lacks(some: Sequence[int]) -> list[float]:
        return [round(bar.lacks(some), 6) for bar in bars]

    def worth(some: Sequence[int]) -> tuple[list[float], list[int]]:
        return lacks(some), [-sum(bar.meets[i] for i in some) for bar in bars]

    while max(now := lacks(chosen), default=0.0) > 0:
        others = [i for i in order if i not in chosen]
        swaps = [
            sorted([*(c for c in chosen if c != out), into], key=place.__getitem__)
            for out in reversed(chosen)
            for into in others
        ]
        best = min(swaps, key=worth, default=chosen)
        if lacks(best) >= now:
            break
        chosen = best
    return chosen


def seen_in(told: Sequence[LinesTold], bar: BarAsked, found: InVisit, counted: str | None) -> SeenIn:
    """How a bar that holds in a visit is seen in its steps; `counted` is the property that they tell the quantity of."""
    asked = {bar.measure.field, *(c.field for c in bar.measure.conditions)}
    of_quantity = counted is not None and f"properties.{counted}" in asked
    readable = [not of_quantity or (t.exact and t.step.quantity is not None) for t in told]
    if bar.measure.unit == "sessions" and bar.measure.of == "things" and not bar.measure.steps:
        return _of_things(len(told), found.value)
    if found.numbers:
        own = [_middle(found.numbers, t.lines) if readable[i] else None for i, t in enumerate(told)]
        return _of_numbers(own, bar, of_quantity=of_quantity)
    met = [[bool(lines & {*t.lines}) for t in told] for lines in found.steps]
    read = [[m and r for m, r in zip(step, readable, strict=True)] for step in met]
    if found.selected:
        units = [bool(found.selected & {*t.lines}) for t in told]
        # What there is more of must be read as such; what there is less of need only be there.
        return _of_more(read[0], units, bar.value) if bar.more else _of_less(met[0], units, bar.value)
    return _of_steps(read, len(told), bar.measure.at_least) if bar.more else SeenIn([False] * len(told), lambda _: 0.0)


def _of_things(n: int, value: float) -> SeenIn:
    """Of how many things a visit is about: where these are as few as are read, all of them are told."""

    def lacks(chosen: Sequence[int]) -> float:
        return max(0.0, min(value, TOLD_THINGS) - len(chosen))

    return SeenIn([False] * n, lacks)


def _of_more(meets: Sequence[bool], units: Sequence[bool], value: float) -> SeenIn:
    """Of lines or things: as many of those told as the group has, in whole steps; at least one."""

    def lacks(chosen: Sequence[int]) -> float:
        k = sum(units[i] for i in chosen)
        return max(0, max(1, math.ceil(value * k - SLACK)) - sum(meets[i] for i in chosen))

    return SeenIn(meets, lacks)


def _of_less(meets: Sequence[bool], units: Sequence[bool], value: float) -> SeenIn:
    """Of what there is less of: no more of it."""

    def lacks(chosen: Sequence[int]) -> float:
        k = sum(units[i] for i in chosen)
        return max(0, sum(meets[i] for i in chosen) - math.floor(value * k + SLACK))

    return SeenIn([unit and not met for unit, met in zip(units, meets, strict=True)], lacks)


def _of_steps(steps: Sequence[Sequence[bool]], n: int, at_least: int) -> SeenIn:
    """Of visits: as many as the visit has of what meets each step, in whole steps; `at_least` as often as the bar asks, as far
    as the visit has so many steps of it.
    """

    def lacks(chosen: Sequence[int]) -> float:
        asked = min(at_least, len(chosen))
        needed = [max(min(asked, sum(meets)), 1, round(sum(meets) / max(n, 1) * len(chosen))) for meets in steps]
        return sum(max(0, need - sum(meets[i] for i in chosen)) for need, meets in zip(needed, steps, strict=True))

    return SeenIn([any(step[i] for step in steps) for i in range(n)], lacks)


def _of_numbers(numbers: Sequence[float | None], bar: BarAsked, *, of_quantity: bool) -> SeenIn:
    """Of numbers that steps have: at least half of them are at the group's or beyond it, away from others, which is what a middle
    says; of prices the furthest are told first, of quantities, which no thing has by itself, the visit's first.
    """
    side = 1 if bar.more else -1
    meets = [x is not None and side * (x - bar.value) >= -EDGE for x in numbers]

    def lacks(chosen: Sequence[int]) -> float:
        own = sum(numbers[i] is not None for i in chosen)
        return max(0, max(1, math.ceil(HALF * own)) - sum(meets[i] for i in chosen))

    far = [1.0 if of_quantity else side * (x or 0.0) for x in numbers]
    return SeenIn(meets, lacks, [x if met else -math.inf for x, met in zip(far, meets, strict=True)])


def _middle(numbers: dict[int, float], lines: Sequence[int]) -> float | None:
    own = [numbers[seq] for seq in lines if seq in numbers]
    return median(own) if own else None
