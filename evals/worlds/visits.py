"""How a visit of a world of habits is made, and how likely it is under every style.

In: a kind of world and a style. Out: a `Visit`. Promises: what a visit holds was drawn from the very distributions that
its likelihoods are taken from; which thing of a category it is says nothing of the style.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .drawing import draw
from .styles import (
    BLOCKS,
    COHORTS,
    COURSE,
    HOURS,
    KNOWN_BY,
    OFFER,
    OWN_BRAND,
    SEASON,
    SEASON_FACTOR,
    SEASONAL,
    SHOP,
    TIERS,
    WEEKEND,
    Habits,
    Style,
)

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

YEAR = 2024
FAVOURITE = 0.3  # of lines are the user's usual thing of that category and price
LEVELS = (0.5, 1.0, 2.2)  # prices of cheap, usual and dear things, times the usual of their category
REDUCED = 0.7  # of the usual price, on offer
DISPERSION = 1.3  # of lines a visit and units a line, negative binomial: in shops the variance is near the squared mean


class Visit(NamedTuple):
    """`likelihood` holds a logarithm for each style and, last, everybody's way, but for what is the same for all."""

    start: datetime
    bodies: list[dict[str, Any]]
    likelihood: Reals


class Item(NamedTuple):
    """What a line is of, as codes; `offer` and `own` are 0 or 1."""

    category: int
    tier: int
    act: int
    units: int
    offer: int
    own: int


class Ways:
    """The distributions of every style and, last, of everybody's way."""

    def __init__(self, habits: Habits, seed: int) -> None:
        self.habits = habits
        things = SHOP if self.habits.things == "shop" else COURSE
        self.categories = list(things)
        self.catalogue = np.random.default_rng([seed, 41])
        ways = [*self.habits.styles, Style("everybody")]
        self.hours = np.array([s.hours or HOURS for s in ways])
        self.weekend = np.array([WEEKEND if s.weekend is None else s.weekend for s in ways])
        self.lines = np.array([s.lines or self.habits.lines for s in ways])
        self.units = np.array([s.units or self.habits.units for s in ways])
        self.tiers = np.array([s.tiers or TIERS for s in ways])
        self.offer = np.array([OFFER if s.offer is None else s.offer for s in ways])
        self.own = np.array([OWN_BRAND if s.own_brand is None else s.own_brand for s in ways])
        self.acts = np.array([[share * s.acts.get(act, 1.0) for act, share in self.habits.acts] for s in ways])
        self.acts /= self.acts.sum(axis=1, keepdims=True)
        self.tilt = np.array([[s.tilt if c in s.categories else 1.0 for c in self.categories] for s in ways])
        self.base = 1 / (3 + self.catalogue.permutation(len(self.categories)))
        # Courses differ in what they consist of; in a shop there is one mix for everybody.
        self.of_cohort = self.catalogue.gamma(2.0, 0.5, (len(COHORTS), len(self.categories))) + 0.2
        self.things = {c: self._things(nouns) for c, nouns in things.items()}

    def _things(self, nouns: tuple[str, ...]) -> list[list[tuple[str, float]]]:
        """The things of a category with their usual prices, by cheap, usual and dear."""
        rng = self.catalogue
        names = [f"{word} {noun}" for noun in nouns for word in KNOWN_BY]
        kept = rng.permutation(names)[: int(rng.integers(12, len(names) + 1) if len(nouns) > 2 else 12)]
        usual = float(np.exp(rng.normal(1.1, 0.6)))
        return [
            [(str(n), round(usual * level * float(rng.uniform(0.85, 1.15)), 2)) for n in kept[tier::3]]
            for tier, level in enumerate(LEVELS)
        ]

    def mixes(self, month: int, cohort: int) -> Reals:
        """(styles + 1, categories) shares of lines."""
        base = self.base * (self.of_cohort[cohort] if self.habits.things == "course" else 1.0)
        if SEASONAL in self.categories and month + 1 in SEASON:
            base = base * np.where(np.array(self.categories) == SEASONAL, SEASON_FACTOR, 1.0)
        mix = self.tilt * base
        return np.asarray(mix / mix.sum(axis=1, keepdims=True))

    def visit(self, style: int, month: int, cohort: int, usual: Reals, rng: np.random.Generator) -> Visit:
        """A visit in a style, in a month; `usual` (categories, 3) says which thing of each the user comes back to."""
        mixes = self.mixes(month, cohort)
        n = 1 + _counted(self.lines[style] - 1, 1, rng)[0]
        category = draw(mixes[style], rng, n)
        tier = draw(self.tiers[style], rng, n)
        act = draw(self.acts[style], rng, n)
        units = 1 + _counted(self.units[style] - 1, n, rng)
        offer, own = rng.random(n) < self.offer[style], rng.random(n) < self.own[style]
        block = int(draw(self.hours[style], rng))
        weekend = bool(rng.random() < self.weekend[style])
        likelihood = np.log(self.hours[:, block]) + np.log(np.where(weekend, self.weekend, 1 - self.weekend))
        likelihood += _of_counts(np.array([n]), self.lines) + np.log(mixes[:, category]).sum(axis=1)
        likelihood += np.log(self.acts[:, act]).sum(axis=1)
        bought = act == 0 if self.habits.things == "shop" else np.zeros(n, dtype=bool)
        if self.habits.things == "shop":
            likelihood += np.log(self.tiers[:, tier]).sum(axis=1) + _of_counts(units, self.units)
            likelihood += _of_chances(offer[bought], self.offer) + _of_chances(own, self.own)
        lines = zip(category, tier, act, units, offer & bought, own, strict=True)
        items = (Item(*(int(x) for x in line)) for line in lines)
        bodies = [self._body(item, cohort, usual, rng) for item in items]
        return Visit(_start(month, block, weekend, rng), bodies, likelihood)

    def _body(self, item: Item, cohort: int, usual: Reals, rng: np.random.Generator) -> dict[str, Any]:
        name = self.categories[item.category]
        things = self.things[name][item.tier]
        # Zipf: the r-th thing is met 1/r times as often as the first.
        place = float(usual[item.category, item.tier] if rng.random() < FAVOURITE else rng.random())
        thing, price = things[min(int(len(things) ** place), len(things)) - 1]
        body = {"action": self.habits.acts[item.act][0], "object": thing, "category": name}
        if self.habits.things == "course":
            return {**body, "object": f"{COHORTS[cohort]} {thing}", "course": COHORTS[cohort]}
        return {
            **body,
            "brand": "own brand" if item.own else "brand",
            "price": round(price * (REDUCED if item.offer else 1.0), 2),
            "units": item.units,
            "on_offer": "yes" if item.offer else "no",
        }


def _counted(mean: float, n: int, rng: np.random.Generator) -> Ints:
    """`n` negative binomial numbers."""
    return rng.negative_binomial(DISPERSION, DISPERSION / (DISPERSION + mean), size=n).astype(np.int64)


def _of_counts(counts: Ints, means: Reals) -> Reals:
    """(styles + 1,) log likelihoods of numbers that begin at 1, but for what is the same for every style."""
    chance = DISPERSION / (DISPERSION + means - 1)
    return np.asarray(len(counts) * DISPERSION * np.log(chance) + (counts - 1).sum() * np.log(1 - chance))


def _of_chances(there: NDArray[np.bool_], chances: Reals) -> Reals:
    return np.asarray(there.sum() * np.log(chances) + (~there).sum() * np.log(1 - chances))


def _start(month: int, block: int, weekend: bool, rng: np.random.Generator) -> datetime:
    """Any day of the month that is on a weekend, or is not, at some minute of the block."""
    days = _days(month, weekend)
    start, end = BLOCKS[block]
    # The last half hour is left for the visit, so that it ends on its day.
    return days[rng.integers(len(days))] + timedelta(seconds=int(rng.integers(start * 3600, end * 3600 - 1800)))


@cache
def _days(month: int, weekend: bool) -> list[datetime]:
    first = datetime(YEAR, month + 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=d) for d in range(calendar.monthrange(YEAR, month + 1)[1])]
    return [day for day in days if (day.weekday() > 4) == weekend]
