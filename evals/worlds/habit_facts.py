"""What is true of each style of a world of habits, in terms of measures: facts from the generator's parameters.

In: a `HabitSpec`. Out: `Fact`s whose `persona` is a style and whose share is that of its holders' lines or visits (a mean
where `relative`). Promises: a fact holds of the style as planted and against the mean of the other styles of its
world, by at least MARGIN times; a null has none. What no measure can say yet is left out: a price against the usual price
of the same thing, and the gap before a visit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from persona_agent.schema import Condition, Measure

from .about import About, acts, looked_at, sign, times, values, weekend
from .facts import Direction, Fact, FactKind
from .habits import MAIN_HABIT, HabitSpec
from .styles import BLOCKS, COHORTS
from .visits import LEVELS, REDUCED, Ways

Reals = NDArray[np.float64]

MARGIN = 1.25  # times the others' value: less would be lost in the noise of a hundred users
Per = Literal["visit", "line"]


def habit_facts(spec: HabitSpec) -> list[Fact]:
    """The facts of the styles of such a world."""
    if spec.null:
        return []
    ways, found = Ways(spec.habits, spec.seed), []
    mix = np.mean([ways.mixes(month, c) for month in range(12) for c in range(len(COHORTS))], axis=0)
    for persona, style in enumerate(spec.habits.styles):

        def fact(
            name: str, kind: FactKind, says: str, about: About, of: Reals, per: Per = "line", relative: bool = False,
            persona: int = persona,
        ) -> Fact | None:  # fmt: skip
            if of[persona] == of[-1]:
                return None  # as everybody: nothing is planted
            shares = _held(spec, ways, of, per)
            return _told(name, persona, kind, says, about, shares, relative)

        if style.categories:
            inside = [ways.categories.index(c) for c in style.categories]
            about = _field("properties.category", style.categories)
            found.append(
                fact("categories", "share", f"take {', '.join(style.categories)}", about, mix[:, inside].sum(axis=1))
            )
        if style.hours:
            block = int(np.argmax(style.hours))
            start, end = BLOCKS[block]
            found.append(
                fact(
                    "hours", "rhythm", f"come from {start} to {end}", _hours(start, end), ways.hours[:, block], "visit"
                )
            )
        found.append(fact("weekend", "rhythm", "come at weekends", weekend, ways.weekend, "visit"))
        found.append(fact("lines", "share", "do much in a visit", _of_visit, ways.lines, "visit", relative=True))
        for act in style.acts:
            at = [name for name, _ in spec.habits.acts].index(act)
            found.append(fact(f"act.{act}", "share", f"{act}", acts(act), ways.acts[:, at]))
        if spec.habits.things == "shop":
            found += _of_shop(ways, fact)
    return [f for f in found if f is not None]


def _of_shop(ways: Ways, fact: Callable[..., Fact | None]) -> list[Fact | None]:
    price = (ways.tiers @ np.array(LEVELS)) * (1 - (1 - REDUCED) * ways.offer)
    offer, own = _field("properties.on_offer", ("yes",)), _field("properties.brand", ("own brand",))
    return [
        fact("units", "share", "take many of a thing", _amount("units"), ways.units, relative=True),
        fact("price", "share", "take dear things", _amount("price"), price, relative=True),
        fact("offers", "share", "take what is on offer", offer, ways.offer),
        fact("brand", "share", "take the own brand", own, ways.own),
    ]


def _held(spec: HabitSpec, ways: Ways, of: Reals, per: Per) -> Reals:
    """(styles,) the value among the holders of each style, whose other visits are made as everybody makes them and, in
    mixed worlds, in another style.
    """
    n = len(spec.habits.styles)
    main = sum(MAIN_HABIT) / 2 if spec.kind == "mixed" else 1.0
    weights = np.full((n, n), (1 - main) / max(n - 1, 1))
    np.fill_diagonal(weights, main)
    strength = spec.mean_strength
    visits = np.hstack([strength * weights, np.full((n, 1), 1 - strength)])
    weigh = visits * ways.lines if per == "line" else visits
    return np.asarray((weigh * of).sum(axis=1) / weigh.sum(axis=1))


def _told(
    name: str, persona: int, kind: FactKind, says: str, about: About, shares: Reals, relative: bool
) -> Fact | None:
    """The fact, if the persona's value is far enough from that of the others."""
    mine, others = float(shares[persona]), float(np.delete(shares, persona).mean())
    if max(mine, others) < MARGIN * min(mine, others):
        return None
    direction: Direction = "more" if mine > others else "less"
    return Fact(
        name, persona, kind, says if direction == "more" else f"hardly {says}", about, direction, mine, relative
    )


# --- what measures are about ---


def _hours(start: int, end: int) -> About:
    """Hours that lie in the block, or one to either side of it: the visit may run over, and bands are round."""

    def about(measure: Measure) -> int:
        hours, inside = times(measure, "hour"), set(range(start, end))
        return sign(measure) if hours & inside and hours <= set(range(start - 1, end + 1)) else 0

    return about


def _field(field: str, wanted: tuple[str, ...]) -> About:
    """The step, or what a share of events is of, names some of these values of a field and no other."""

    def about(measure: Measure) -> int:
        named = [values(step, field) for step in looked_at(measure)]
        return sign(measure) if named and all(n and n <= set(wanted) for n in named) else 0

    return about


def _amount(name: str) -> About:
    """A median, a mean or a bound of a number of a line."""
    field = f"properties.{name}"

    def about(measure: Measure) -> int:
        feature = measure.feature
        if feature is not None and feature.name == "median_of" and feature.field == field:
            return sign(measure)
        if measure.of == field and measure.statistic in ("median", "sum"):
            return 1
        bounds = {_bound(c) for step in looked_at(measure) for c in step if c.field == field}
        return bounds.pop() * sign(measure) if len(bounds) == 1 else 0

    return about


def _bound(condition: Condition) -> int:
    return {"at_least": 1, "at_most": -1}.get(condition.op, 0)


def _of_visit(measure: Measure) -> int:
    """How much a visit holds."""
    feature = measure.feature
    if measure.unit == "sessions" and feature is not None and not feature.where:
        return sign(measure) if feature.name in ("n_events", "n_objects") else 0
    return sign(measure) if feature is not None and feature.name == "steps_per_session" else 0
