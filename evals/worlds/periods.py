"""Two periods of one shop, between which some things have changed, or nothing has: what `diff` is measured on.

In: a kind of change and a seed. Out: the lines of two logs a year apart. Most users are of both periods and keep what is theirs
(their style, how often they come); who is new is drawn like the others. A change is planted in one style alone, so that all
that is said of the others is said wrongly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Literal

import numpy as np

from .habits import SPREAD, Line, _stamp
from .styles import EARLY, EVENING, Habits, Style
from .visits import Ways

Change = Literal["none", "split", "gone", "grown", "dropped", "moved"]
CHANGES: tuple[Change, ...] = ("split", "gone", "grown", "dropped", "moved")
LATER = timedelta(days=364)  # a year of whole weeks, so that weekdays stay
STAY = 0.8  # of users who are of both periods
MONTHS = 6  # of a period
STRENGTH = 0.75  # of visits in one's own style
BREAKFAST = Style("breakfast", ("bread", "dairy", "coffee", "fruit"), 6.0, EARLY)
COOKS = Style("cooks", ("vegetables", "spices", "pasta", "fish"), 6.0, offer=0.65)
SWEET = Style("sweet tooth", ("sweets", "snacks", "drinks", "frozen"), 6.0)
HOUSE = Style("household", ("cleaning", "paper", "pets", "tea"), 6.0)
HOBBY = Style("hobbies", ("garden", "tools", "stationery", "candles"), 6.0)
STYLES = (BREAKFAST, COOKS, SWEET, HOUSE, HOBBY)
GROWN = 1.5  # times as many users of one style


@dataclass(frozen=True)
class PeriodSpec:
    """`users` of the first period; `same_users`: are those who stay the same people in the second?"""

    change: Change
    seed: int = 0
    users: int = 500
    same_users: bool = True


@dataclass(frozen=True)
class Periods:
    """The lines of two logs; `styles` maps a user to the style of the first and of the second period (None: not there)."""

    before: list[str]
    after: list[str]
    styles: dict[str, tuple[str | None, str | None]]


def generate_periods(spec: PeriodSpec) -> Periods:
    """Both logs of `spec`."""
    who = np.random.default_rng([spec.seed, 1])
    first = [STYLES[i % len(STYLES)] for i in range(spec.users)]
    names = [f"k{int(who.integers(10**6)):06d}{i:04d}" for i in range(spec.users)]
    second = [_later(spec.change, style, who) if who.random() < STAY else None for style in first]
    newcomers = [s for s in (_later(spec.change, style, who) for style, left in zip(first, second, strict=True)
                             if left is None) if s is not None]  # fmt: skip
    if spec.change == "grown":
        newcomers += [HOBBY] * round((GROWN - 1) * spec.users / len(STYLES))
    after = [(name, s) for name, s in zip(names, second, strict=True) if s is not None]
    after += [(f"n{int(who.integers(10**6)):06d}{i:04d}", s) for i, s in enumerate(newcomers)]
    if not spec.same_users:
        after = [(f"x{name}", s) for name, s in after]
    then = dict(zip(names, first, strict=True))
    styles: dict[str, tuple[str | None, str | None]] = {n: (s.name, None) for n, s in then.items()}
    styles |= {n: (then[n].name if n in then else None, s.name) for n, s in after}
    return Periods(_log(spec, list(zip(names, first, strict=True)), 0), _log(spec, after, 1), styles)


def _later(change: Change, style: Style, rng: np.random.Generator) -> Style | None:
    """What becomes of who has a style: another, none (they are gone), or the same."""
    if change == "split" and style is HOUSE:
        half = rng.random() < 0.5
        return (
            replace(style, name="cleaners", categories=("cleaning", "paper"))
            if half
            else replace(style, name="keepers", categories=("pets", "tea"))
        )
    if change == "gone" and style is SWEET:
        return None
    if change == "dropped" and style is COOKS:
        return replace(style, offer=None)
    if change == "moved" and style is BREAKFAST:
        return replace(style, hours=EVENING)
    return style


def _log(spec: PeriodSpec, people: list[tuple[str, Style]], period: int) -> list[str]:
    """The lines of one period; things, prices and favourites are the shop's, whichever the period."""
    styles = tuple({style.name: style for _, style in people}.values())
    ways = Ways(Habits(styles, ("categories",), STRENGTH, lines=3.0), spec.seed)
    number = {style.name: i for i, style in enumerate(styles)}
    rng = np.random.default_rng([spec.seed, 2, period])
    lines: list[Line] = []
    for name, style in people:
        own = np.random.default_rng([spec.seed, 3, *name.encode()])
        usual, busy = own.random((len(ways.categories), 3)), own.lognormal(np.log(12), 0.5)
        held = own.beta(STRENGTH * SPREAD, (1 - STRENGTH) * SPREAD)
        for _ in range(int(np.clip(rng.poisson(busy), 2, 80))):
            way = number[style.name] if rng.random() < held else len(styles)
            visit = ways.visit(way, int(rng.integers(MONTHS)), 0, usual, rng)
            start = (visit.start + period * LATER).astimezone(UTC)
            seconds = np.cumsum(rng.integers(1, 40, size=len(visit.bodies)))
            lines += [
                Line(_stamp(start + timedelta(seconds=int(s))), name, body)
                for s, body in zip(seconds, visit.bodies, strict=True)
            ]
    lines.sort(key=lambda line: (line.when, line.user))
    return [json.dumps({"user": line.user, "timestamp": line.when, **line.body}) for line in lines]
