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
HALF = 0.5  # of visits: a typical one is so
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
        """Is it of most visits, or a matter of how much of each? What a fifth of visits hold shows in a middle one by chance."""
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


@dataclass(frozen=True)
class SeenIn:
    """How a bar is seen in the steps of a visit: which of them `meets` it, and how far any choice of them is from showing it
    (`lacks`, 0 where it does).
    """

    meets: Sequence[bool]
    lacks: Callable[[Sequence[int]], float]


def to_be_told(told: Sequence[LinesTold]) -> list[LinesTold]:
    """The steps to choose among: of one act on things those whose thing is told, since no other is read."""
    named = [t for t in told if t.step.thing]
    return named[:LOOKED_AT] if named and _of_one_act(told) else list(told[:LOOKED_AT])


def steps_chosen(told: Sequence[LinesTold], bars: Sequence[SeenIn]) -> list[int]:
    """Places of the steps to tell; of one act, which has no order to tell, as many as are read."""
    chosen = _swapped(len(told), _room(told), bars)
    few = _room([told[i] for i in chosen])
    return chosen if len(chosen) <= few else _swapped(len(told), few, bars)


def in_order_told(told: Sequence[LinesTold], chosen: Sequence[int], first: SeenIn) -> list[int]:
    """The chosen steps in the order in which they are told: as they were done, or, of one act, which has no order to tell, those
    that meet the first bar before the others: whoever reads one thing reads what the card is named for.
    """
    return sorted(chosen, key=lambda i: (not first.meets[i], i)) if _of_one_act(told) else list(chosen)


def _room(told: Iterable[LinesTold]) -> int:
    return TOLD_THINGS if _of_one_act(told) else LONGEST


def _of_one_act(told: Iterable[LinesTold]) -> bool:
    return len({t.step.act for t in told}) == 1


def _swapped(n: int, room: int, bars: Sequence[SeenIn]) -> list[int]:
    """The first steps; as long as a bar lacks something the last of them that meets no bar makes room for the next that helps."""
    chosen = list(range(min(room, n)))

    def lacks(some: Sequence[int]) -> list[float]:
        return [round(bar.lacks(some), 6) for bar in bars]

    def worth(some: Sequence[int]) -> tuple[list[float], list[int]]:
        return lacks(some), [-sum(bar.meets[i] for i in some) for bar in bars]

    while max(now := lacks(chosen), default=0.0) > 0:
        others = [i for i in range(n) if i not in chosen]
        swaps = [sorted([*(c for c in chosen if c != out), into]) for out in reversed(chosen) for into in others]
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
        return _of_numbers(
            [_middle(found.numbers, t.lines) if readable[i] else None for i, t in enumerate(told)], bar.value
        )
    met = [[bool(lines & {*t.lines}) for t in told] for lines in found.steps]
    read = [[m and r for m, r in zip(step, readable, strict=True)] for step in met]
    if found.selected:
        units = [bool(found.selected & {*t.lines}) for t in told]
        # What there is more of must be read as such; what there is less of need only be there.
        return _of_more(read[0], units, bar.value) if bar.more else _of_less(met[0], units, bar.value)
    return _of_steps(read, len(told)) if bar.more else SeenIn([False] * len(told), lambda _: 0.0)


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


def _of_steps(steps: Sequence[Sequence[bool]], n: int) -> SeenIn:
    """Of visits: as many as the visit has of what meets each step, in whole steps; at least one."""

    def lacks(chosen: Sequence[int]) -> float:
        needed = [max(1, round(sum(meets) / max(n, 1) * len(chosen))) for meets in steps]
        return sum(max(0, need - sum(meets[i] for i in chosen)) for need, meets in zip(needed, steps, strict=True))

    return SeenIn([any(step[i] for step in steps) for i in range(n)], lacks)


def _of_numbers(numbers: Sequence[float | None], value: float) -> SeenIn:
    """Of numbers that lines have: their middle is about the group's."""

    def lacks(chosen: Sequence[int]) -> float:
        own = [x for i in chosen if (x := numbers[i]) is not None]
        if not own:
            return math.inf
        if abs(median(own) - value) <= ABOUT_RELATIVE * abs(value) + EDGE:
            return 0.0
        # The middle stands still until half of them are others: what comes nearer must count at once.
        return sum(abs(x - value) for x in own) / len(own) / max(abs(value), EDGE)

    return SeenIn([False] * len(numbers), lacks)


def _middle(numbers: dict[int, float], lines: Sequence[int]) -> float | None:
    own = [numbers[seq] for seq in lines if seq in numbers]
    return median(own) if own else None
