"""One habit on halves of visits: whom either half picks, whether the other finds them again, and what they come to there.

In: an end of a measure, and what each visit adds to its answer. Out: a `FoundHabit`. A user's answer by a part of the visits is
shrunk towards everybody's by what halves of visits tell of its noise (empirical Bayes; Efron & Morris 1975), and picked is who is
likely to be well above the rest. Promises: no figure is of the visits that picked its users.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from ..schema import HabitBeside, Measure
from ..schema.faces import HabitFact
from ..schema.personas import FAIR
from .corpus import Bools, Corpus, Ints, Population
from .evaluation import question
from .intervals import Reals
from .visit_sums import VisitList, VisitSums, first_half, random_half

FEWEST = 30  # users with a habit: of fewer nobody makes a plan, and kappa is of noise
# Deviations of users beyond the middle one, from which a user stands out: one in six where all differ evenly.
BEYOND = 1.0
SURE = 0.5244  # deviations: picked is of whom it is 70 % likely, found again of whom it is likelier than not (groups.trials)
# As much as others, or points apart, on the visits that did not pick: what is less nobody notices.
TIMES, POINTS = 2.0, 0.2
# The same for what else is so of its users: half as far, since it stands behind what they were picked by.
ALSO_TIMES, ALSO_POINTS = 1.5, 0.1
SEEN = 0.05  # points apart at the least, as for a bar of a card: 2 % beside 1 % is double, and nothing to see
CHANCE = 95  # percentile of logs of exchanged visits: as personas are held against (groups.find)
PRIOR = 20.0  # visits of everybody in what is expected of a month
SAME_PEOPLE = 0.5  # of the users of a habit, from which on it is another habit, or a persona, told again
TINY = 1e-9  # in the place of no unit, or no spread, by which nothing can be divided


@dataclass(frozen=True)
class AskedHabit:
    """An end of a measure: do users do it much `more` than others, or much less; and the words that a bar would have for it.
    `facts` say what it is about: two habits that share one are about one thing. `also` is what else to count of its users.
    """

    label: str
    unit: str
    measure: Measure
    more: bool = True
    facts: frozenset[str] = frozenset()
    also: tuple[AskedHabit, ...] = ()

    @property
    def end(self) -> bool:
        """Which end of what it is about: changing a place is less of keeping to it."""
        return self.more != self.measure.changes_place

    @property
    def is_share(self) -> bool:
        return self.measure.statistic == "share"

    @property
    def form(self) -> Literal["share", "number"]:
        return "share" if self.is_share else "number"

    @property
    def key(self) -> str:
        """What is asked, and which end of it."""
        return f"{question(self.measure)}{self.more}"


@dataclass(frozen=True)
class FoundHabit:
    """A habit with its figures, and the `users` (users,) who have it by all their visits."""

    asked: AskedHabit
    told: HabitBeside
    users: Bools

    @property
    def strength(self) -> float:
        return contrast_of(self.told.here, self.told.others, is_share=self.asked.is_share)

    def home(self, corpus: Corpus, groups: Sequence[int]) -> int | None:
        """The group that half of its users or more are members of."""
        return next((g for g in groups if self.mostly(corpus.people.mask(Population(g)))), None)

    def mostly(self, others: Bools) -> bool:
        """Are half of its users or more among these (users,)?"""
        return int((self.users & others).sum()) >= SAME_PEOPLE * int(self.users.sum())


def contrast_of(here: float, others: float, *, is_share: bool) -> float:
    """How far apart: Cohen's h of shares; of numbers tenfold is 1."""
    if is_share:
        return abs(2 * math.asin(math.sqrt(here)) - 2 * math.asin(math.sqrt(others)))
    return abs(math.log10(max(here, TINY) / max(others, TINY)))


@dataclass(frozen=True)
class VisitHalves:
    """What all habits of some visits are asked on: (visits,) the `month` of each, codes from 0; where it counts, 2 × user + half,
    `by_time` and `at_random`; and the users (users,) who came `twice`.
    """

    visits: VisitList
    month: Ints
    by_time: Ints
    at_random: Ints
    twice: Bools

    @classmethod
    def of(cls, visits: VisitList) -> VisitHalves:
        first, drawn = first_half(visits), random_half(visits, np.random.default_rng(43))
        month = np.unique(visits.month, return_inverse=True)[1].astype(np.int64)
        return cls(visits, month, 2 * visits.u + ~first, 2 * visits.u + ~drawn, visits.per_user >= 2)

    def summed(self, code: Ints, part: Reals) -> Reals:
        """(users, 2) sums by the halves of a code."""
        found: Reals = np.bincount(code, weights=part, minlength=2 * self.visits.n_users).astype(np.float64)
        return found.reshape(-1, 2)

    def exchanged(self, i: int) -> Ints:
        """(visits,) which visit's content each has in a null log: whole visits exchanged between users within the month."""
        rng = np.random.default_rng([47, i])
        content = np.empty(len(self.month), dtype=np.int64)
        content[np.argsort(self.month, kind="stable")] = np.lexsort((rng.random(len(self.month)), self.month))
        return content


@dataclass(frozen=True)
class Back:
    """Of those picked by a half, how many the other half finds again, and `chance` is how many it finds of all: in time. `kappa`
    is what that is beyond chance, the less of in time and at random.
    """

    kappa: float
    back: float
    chance: float


@dataclass(frozen=True)
class Case:
    """A habit asked on halves of visits: what each visit has of it."""

    asked: AskedHabit
    sums: VisitSums
    on: VisitHalves

    @cached_property
    def left(self) -> Reals:
        """(visits,) what a visit adds beyond what is expected of one in its month, turned so that more is more of the habit."""
        x, n, month = self.sums.x, self.sums.n, self.on.month
        of_month = [np.bincount(month, weights=part) for part in (x, n)]
        usual = PRIOR * float(n.mean()) if len(n) else 0.0
        overall = float(x.sum()) / max(float(n.sum()), TINY)
        expected = (of_month[0] + usual * overall) / np.maximum(of_month[1] + usual, TINY)
        left = x - expected[month] * n
        return np.asarray(left if self.asked.more else -left)

    def far(self, code: Ints) -> tuple[Reals, Reals]:
        """(users, 2) how far a user is from what is expected, by either half, and how many units that rests on."""
        n = self.on.summed(code, self.sums.n)
        return np.where(n > 0, self.on.summed(code, self.left) / np.maximum(n, TINY), 0.0), n

    @cached_property
    def common(self) -> tuple[float, float, float]:
        """What users are like, by how their halves at random agree: their middle, their variance beyond noise, and the noise of
        one unit. Users of many units say more of the first two.
        """
        far, n = self.far(self.on.at_random)
        there = (n > 0).all(axis=1)
        far, n = far[there], n[there]
        if not len(far):
            return 0.0, TINY, 1.0
        least = n.min(axis=1)
        weight = least / (least + np.median(least))
        mean = float(np.average(far.mean(axis=1), weights=weight))
        spread = float(np.average((far[:, 0] - mean) * (far[:, 1] - mean), weights=weight))
        noise = float(np.square(far[:, 0] - far[:, 1]).sum() / (1 / n).sum())
        return mean, max(spread, TINY), max(noise, TINY)

    def beyond(self, code: Ints) -> Reals:
        """(users, 2) how surely a user stands out by either half, in normal deviations: 0 is as likely as not."""
        (far, n), (mean, spread, noise) = self.far(code), self.common
        weight = np.where(n > 0, spread / (spread + noise / np.maximum(n, TINY)), 0.0)
        z = weight * (far - mean) / math.sqrt(spread)
        return np.asarray((z - BEYOND) / np.sqrt(np.maximum(1 - weight, TINY)))

    @cached_property
    def back(self) -> Back:
        found = []
        for code in (self.on.by_time, self.on.at_random):
            beyond = self.beyond(code)[self.on.twice]
            picked, likely = beyond >= SURE, beyond >= 0
            some, share = int(picked.sum()), float(likely.mean()) if likely.size else 0.0
            again = int((picked & likely[:, ::-1]).sum()) / max(some, 1)
            found.append(Back((again - share) / max(1 - share, TINY) if some >= FEWEST else 0.0, again, share))
        return replace(found[0], kappa=min(f.kappa for f in found))

    @cached_property
    def picked(self) -> Bools:
        """(users, 2) whom the other half picks, in time."""
        return np.asarray(self.beyond(self.on.by_time)[:, ::-1] >= SURE)

    def parted(self, own: Reals) -> tuple[Reals, Reals]:
        """What those picked come to on the half that did not pick them, and all others; `own` (users, 2) is what each answers."""
        there = ~np.isnan(own) & self.on.twice[:, None]
        return own[there & self.picked], own[there & ~self.picked]

    def own_answers(self) -> Reals:
        """(users, 2) each user's own share, or middle number, by either half in time; NaN without a unit."""
        code, (x, n) = self.on.by_time, (self.sums.x, self.sums.n)
        if self.asked.is_share:
            units = self.on.summed(code, n)
            return np.where(units > 0, self.on.summed(code, x) / np.maximum(units, TINY), np.nan)
        there = n > 0
        x, code = np.exp(x[there]), code[there]
        x, size = x[np.lexsort((x, code))], 2 * self.on.visits.n_users
        count = np.bincount(code, minlength=size)
        start, found = np.cumsum(count) - count, np.full(size, np.nan)
        low, high = ((start + part)[count > 0] for part in ((count - 1) // 2, count // 2))
        found[count > 0] = (x[low] + x[high]) / 2
        return found.reshape(-1, 2)

    def measured(self, answers: Mapping[str, Reals]) -> FoundHabit | None:
        """The habit, if it comes back and is large on the visits that did not pick its users; `answers` are those to what else is
        asked of them, by question.
        """
        if self.back.kappa < FAIR:
            return None
        found = middles_of(self.asked, *self.parted(self.own_answers()))
        if found is None or not large_enough(self.asked, *found):
            return None
        also = [(a, middles_of(a, *self.parted(answers[question(a.measure)]))) for a in self.asked.also]
        users = (self.beyond(2 * self.on.visits.u)[:, 0] >= SURE) & self.on.twice
        told = HabitBeside(
            label=self.asked.label,
            unit=self.asked.unit,
            form=self.asked.form,
            measure=self.asked.measure,
            more=self.asked.more,
            users=int(users.sum()),
            share_users=round(float(users.mean()), 6),
            here=round(found[0], 6),
            others=round(found[1], 6),
            back=round(self.back.back, 6),
            chance=round(self.back.chance, 6),
            also=[_fact(a, *pair) for a, pair in also if pair and seen_apart(a, *pair)],
        )
        return FoundHabit(self.asked, told, users)

    def beyond_chance(self, exchanged: Sequence[Ints]) -> bool:
        """Does it come back more than in logs whose visits were exchanged?"""
        nulls = [Case(self.asked, self.sums.exchanged(content), self.on).back.kappa for content in exchanged]
        return self.back.kappa > float(np.percentile(nulls, CHANCE))


def middles_of(asked: AskedHabit, here: Reals, others: Reals) -> tuple[float, float] | None:
    """The mean of shares, or the middle of numbers, on either side; None of too few."""
    middle = np.mean if asked.is_share else np.median
    return (float(middle(here)), float(middle(others))) if min(len(here), len(others)) >= FEWEST else None


def large_enough(asked: AskedHabit, here: float, others: float) -> bool:
    """Is the habit large: on the side that is asked about?"""
    return (here > others) == asked.more and _apart_by(asked, here, others, TIMES, POINTS)


def seen_apart(asked: AskedHabit, here: float, others: float) -> bool:
    """Is what else is so of its users large enough to be seen, whichever way?"""
    return _apart_by(asked, here, others, ALSO_TIMES, ALSO_POINTS)


def _apart_by(asked: AskedHabit, here: float, others: float, times: float, points: float) -> bool:
    less, most = sorted((here, others))
    if not asked.is_share:
        return most >= times * less
    return most - less >= points or (most >= times * less and most - less >= SEEN)


def _fact(asked: AskedHabit, here: float, others: float) -> HabitFact:
    return HabitFact(
        label=asked.label,
        unit=asked.unit,
        form=asked.form,
        measure=asked.measure,
        here=round(here, 6),
        others=round(others, 6),
    )
