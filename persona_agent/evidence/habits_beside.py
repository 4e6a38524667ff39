"""Habits beside the personas: something that some users keep doing, whichever persona they are in, or none.

In: a corpus, and habits to ask about, each an end of a measure. Out: those by which users stand out who come back, measured on
the visits that did not pick them. A user's answer by a part of the visits is shrunk towards everybody's by what halves of visits
tell of its noise (empirical Bayes; Efron & Morris 1975), and picked is who is likely to be well above the rest. Promises:
what a habit is chosen by are users who were not set aside, and by nothing that whole visits exchanged between users of a month
would give; no figure is of the visits that picked its users; the same log gives the same habits, whatever the run's key.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from ..schema import HabitBeside, Measure
from ..schema.personas import FAIR
from .corpus import Bools, Corpus, Ints, Population
from .evaluation import question
from .intervals import Reals
from .visit_sums import VisitList, VisitSums, first_half, random_half, sums_of_measures, visits_in

ASKED_USERS = 3_000  # who choose habits: as many as personas are found in (groups.find.MAX_FITTED_USERS)
# Users with a habit, and of all who came twice: of fewer nobody makes a plan, and kappa is of noise.
FEWEST, PART = 30, 0.03
# Deviations of users beyond the middle one, from which a user stands out: one in six where all differ evenly.
BEYOND = 1.0
SURE = 0.5244  # deviations: picked is of whom it is 70 % likely, found again of whom it is likelier than not (groups.trials)
# As much as others, or points apart, on the visits that did not pick: what is less nobody notices.
TIMES, POINTS = 2.0, 0.2
SEEN = 0.05  # points apart at the least, as for a bar of a card: 2 % beside 1 % is double, and nothing to see
# Logs of exchanged visits, and the percentile of them: as personas are held against (groups.find).
NULLS, CHANCE = 20, 95
PRIOR = 20.0  # visits of everybody in what is expected of a month
SAME_PEOPLE = 0.5  # of the users of a habit, from which on it is another habit, or a persona, told again
TINY = 1e-9  # in the place of no unit, or no spread, by which nothing can be divided


@dataclass(frozen=True)
class AskedHabit:
    """An end of a measure: do users do it much `more` than others, or much less; and the words that a bar would have for it.
    `facts` say what it is about: two habits that share one are about one thing.
    """

    label: str
    unit: str
    measure: Measure
    more: bool = True
    facts: frozenset[str] = frozenset()

    @property
    def end(self) -> bool:
        """Which end of what it is about: changing a place is less of keeping to it."""
        changes = bool(self.measure.kept_fields) and any("no" in c.value for step in self.measure.steps for c in step)
        return self.more != changes

    @property
    def is_share(self) -> bool:
        return self.measure.statistic == "share"

    @property
    def form(self) -> Literal["share", "number"]:
        return "share" if self.is_share else "number"


@dataclass(frozen=True)
class FoundHabit:
    """A habit with its figures, and the `users` (users,) who have it by all their visits."""

    asked: AskedHabit
    told: HabitBeside
    users: Bools

    @property
    def strength(self) -> float:
        """How far apart: Cohen's h of shares; of numbers tenfold is 1."""
        here, there = self.told.here, self.told.others
        if self.told.form == "share":
            return abs(2 * math.asin(math.sqrt(here)) - 2 * math.asin(math.sqrt(there)))
        return abs(math.log10(max(here, TINY) / max(there, TINY)))

    def home(self, corpus: Corpus, groups: Sequence[int]) -> int | None:
        """The group that half of its users or more are members of."""
        least = SAME_PEOPLE * int(self.users.sum())
        return next((g for g in groups if int((self.users & corpus.people.mask(Population(g))).sum()) >= least), None)


@dataclass(frozen=True)
class _VisitHalves:
    """What all habits of some visits are asked on: (visits,) the `month` of each, codes from 0; where it counts, 2 × user + half,
    `by_time` and `at_random`; and the users (users,) who came `twice`.
    """

    visits: VisitList
    month: Ints
    by_time: Ints
    at_random: Ints
    twice: Bools

    @classmethod
    def of(cls, visits: VisitList) -> _VisitHalves:
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
class _Back:
    """Of those picked by a half, how many the other half finds again, and `chance` is how many it finds of all: in time. `kappa`
    is what that is beyond chance, the less of in time and at random.
    """

    kappa: float
    back: float
    chance: float


@dataclass(frozen=True)
class _Case:
    """A habit asked on halves of visits: what each visit has of it."""

    asked: AskedHabit
    sums: VisitSums
    on: _VisitHalves

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
    def back(self) -> _Back:
        found = []
        for code in (self.on.by_time, self.on.at_random):
            beyond = self.beyond(code)[self.on.twice]
            picked, likely = beyond >= SURE, beyond >= 0
            some, share = int(picked.sum()), float(likely.mean()) if likely.size else 0.0
            again = int((picked & likely[:, ::-1]).sum()) / max(some, 1)
            found.append(_Back((again - share) / max(1 - share, TINY) if some >= FEWEST else 0.0, again, share))
        return replace(found[0], kappa=min(f.kappa for f in found))

    def figures(self) -> tuple[float, float] | None:
        """What those picked by one half come to on the other, both ways, and all others; None of too few."""
        own, picked = self._own_answers(), self.beyond(self.on.by_time)[:, ::-1] >= SURE
        there = ~np.isnan(own) & self.on.twice[:, None]
        here, others = own[there & picked], own[there & ~picked]
        middle = np.mean if self.asked.is_share else np.median
        return (float(middle(here)), float(middle(others))) if min(len(here), len(others)) >= FEWEST else None

    def _own_answers(self) -> Reals:
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

    def measured(self) -> FoundHabit | None:
        """The habit, if it comes back and is large on the visits that did not pick its users."""
        found = self.figures() if self.back.kappa >= FAIR else None
        if found is None or not _far_apart(self.asked, *found):
            return None
        users = (self.beyond(2 * self.on.visits.u)[:, 0] >= SURE) & self.on.twice
        told = HabitBeside(
            label=self.asked.label,
            unit=self.asked.unit,
            form=self.asked.form,
            measure=self.asked.measure,
            more=self.asked.more,
            users=int(users.sum()),
            here=round(found[0], 6),
            others=round(found[1], 6),
            back=round(self.back.back, 6),
            chance=round(self.back.chance, 6),
        )
        return FoundHabit(self.asked, told, users)

    def beyond_chance(self, exchanged: Sequence[Ints]) -> bool:
        """Does it come back more than in logs whose visits were exchanged?"""
        nulls = [_Case(self.asked, self.sums.exchanged(content), self.on).back.kappa for content in exchanged]
        return self.back.kappa > float(np.percentile(nulls, CHANCE))


def habits_beside(corpus: Corpus, asked: Sequence[AskedHabit]) -> list[FoundHabit]:
    """The habits that hold, strongest contrast first; none are told of people at work and of given groups. They are chosen by
    users that were not set aside; figures are of all.
    """
    if corpus.staff or corpus.given or not asked:
        return []
    visits = visits_in(corpus)
    return _apart(recounted_habits(corpus, _chosen(corpus, asked, visits.of_users(_drawn(corpus, visits))), visits))


def recounted_habits(corpus: Corpus, asked: Sequence[AskedHabit], visits: VisitList | None = None) -> list[FoundHabit]:
    """Those of the habits that are so of all users, with their figures, in the same order."""
    on = _VisitHalves.of(visits or visits_in(corpus))
    measured = (case.measured() for case in _cases(corpus, asked, on))
    found = sorted((f for f in measured if f is not None), key=lambda f: asked.index(f.asked))
    least = max(FEWEST, corpus.floor, PART * int(on.twice.sum()))
    heads = corpus.people.heads
    return [f for f in found if f.told.users >= least and heads(np.flatnonzero(f.users)) >= corpus.floor]


def _cases(corpus: Corpus, asked: Sequence[AskedHabit], on: _VisitHalves) -> Iterator[_Case]:
    """The ends of one measure after those of another."""
    ends = defaultdict[str, list[AskedHabit]](list)
    for a in asked:
        ends[question(a.measure)].append(a)
    for measure, sums in sums_of_measures(corpus, [own[0].measure for own in ends.values()], on.visits):
        yield from (_Case(a, sums, on) for a in ends[question(measure)])


def _drawn(corpus: Corpus, visits: VisitList) -> Ints:
    """Users who came twice and were not set aside, at most ASKED_USERS of them."""
    users = np.flatnonzero((visits.per_user >= 2) & ~corpus.people.held_out)
    return np.sort(np.random.default_rng(7).permutation(users)[:ASKED_USERS]).astype(np.int64)


def _chosen(corpus: Corpus, asked: Sequence[AskedHabit], visits: VisitList) -> list[AskedHabit]:
    """The habits that come back in these users, beyond chance."""
    on = _VisitHalves.of(visits)
    least = PART * int(on.twice.sum())
    exchanged = [on.exchanged(i) for i in range(NULLS)]
    cases = ((case, case.measured()) for case in _cases(corpus, asked, on))
    return [
        case.asked
        for case, found in cases
        if found is not None and found.told.users >= least and case.beyond_chance(exchanged)
    ]


def _far_apart(asked: AskedHabit, here: float, others: float) -> bool:
    if (here > others) != asked.more:
        return False
    less, most = sorted((here, others))
    if not asked.is_share:
        return most >= TIMES * less
    return most - less >= POINTS or (most >= TIMES * less and most - less >= SEEN)


def _apart(found: Sequence[FoundHabit]) -> list[FoundHabit]:
    """The strongest first; of one end of one thing the strongest alone, and none whose users mostly have a stronger one."""
    kept: list[FoundHabit] = []
    for f in sorted(found, key=lambda f: (-round(f.strength, 6), question(f.told.measure), f.told.more)):
        if not any(_told_already(f, k) for k in kept):
            kept.append(f)
    return kept


def _told_already(habit: FoundHabit, kept: FoundHabit) -> bool:
    same_end = habit.asked.end == kept.asked.end and bool(habit.asked.facts & kept.asked.facts)
    return same_end or int((habit.users & kept.users).sum()) >= SAME_PEOPLE * int(habit.users.sum())
