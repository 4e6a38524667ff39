"""What every user answers to a measure's question, and the statistic of any set of users from it.

In: arrays with the answers of all users. Out: a `Measured` for those of a group, a fold or a stratum, with weights where
users stand for others (direct standardisation). Four kinds of answers serve all statistics. Promises: users are the
sampling unit of every interval; without an answer there is no value (None, n 0). Where answers are those of halves of users
(`owner`), either half counts, and the two of one user are never two users: they are one answer, their mean, with the weight
of both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np

from ..schema import Measure, Statistic, Unit
from ..words.floors import FEW
from .clusters import OfUsers
from .corpus import Bools, Ints
from .intervals import (
    Z_TWO_SIDED,
    Interval,
    Reals,
    mean_interval,
    median_interval,
    rate_interval,
    standard_error,
    weighted_mean,
    weighted_median,
    wilson,
)

MIN_SESSIONS = 3  # a rate over one or two sessions is 0, a half or 1, and says nothing of how often


@dataclass(frozen=True)
class Measured:
    """What a measure says of one population.

    `value`: a share 0 to 1, a median, a mean, days or a change of a share. `n`: the users behind it.
    `units` selected, of which `satisfying`. `ci`: 95 %. `se`: standard error over users, where the value is a mean over
    users. `pooled`: the share over units where the value is a mean over users. `median_user_rate`: the median share over
    the `n_users_with_3` users with at least 3 selected units. `n_effective`: as many equal users as weighted ones are
    worth. `other`: the same measure for `versus`; `everyone` and `matched`: for all others and for comparable ones;
    `paired`: for those members that have comparable others; `unmatched`: the share of the members that have none. `redrawn`: how
    often a group differs as much that is drawn by how much there is of everybody, where groups were given; `parts`: whether it
    parts these from their others nearly without exception. `sides`: of a share, how many users do it at all, and how many
    leave it at all. `fewest`: of a trend, the users behind its smaller half.
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
    n_effective: float | None = None
    other: Measured | None = None
    everyone: Measured | None = None
    matched: Measured | None = None
    paired: Measured | None = None
    unmatched: float | None = None
    whole: Measured | None = None
    redrawn: float | None = None
    parts: bool = False
    sides: tuple[int, int] | None = None
    fewest: int | None = None

    @property
    def behind(self) -> int:
        """What a floor is held against: of a change its smaller half where few are in it, for it would be theirs alone."""
        return self.n if self.fewest is None or self.fewest >= FEW else self.fewest


class Answers(Protocol):
    """`users` masks who counts; `weights`, one a user, say for how much (they sum to 1 over those who count)."""

    def answered(self) -> Bools:
        """(users,) who has an answer at all."""
        ...

    def samples(self) -> Reals:
        """(users,) each user's own number; NaN without an answer."""
        ...

    def measured(self, measure: Measure, users: Bools, weights: Reals | None = None) -> Measured:
        """The statistic over those users; no value where nobody of them has an answer."""
        ...

    def worth(self, there: Bools, weights: Reals) -> float:
        """As many equal users as the weights of a mask are worth."""
        ...


@dataclass(frozen=True)
class Rates(OfUsers):
    """(users,) units selected and hits among them: shares."""

    units: Ints
    hits: Ints

    def answered(self) -> Bools:
        return self.units > 0

    def samples(self) -> Reals:
        return np.where(self.units > 0, self.hits / np.maximum(self.units, 1), np.nan)

    def of_parts(self, *, ever: bool) -> tuple[Rates, Rates]:
        """Of users and of their halves, from the answers of three parts of each (corpus.in_parts); with `ever` a user is one
        unit, and satisfied where a part of it is.
        """
        units, hits = self.units.reshape(-1, 3), self.hits.reshape(-1, 3)
        whole = (units.max(axis=1), hits.max(axis=1)) if ever else (units.sum(axis=1), hits.sum(axis=1))
        return Rates(*whole), Rates(units[:, :2].ravel(), hits[:, :2].ravel())

    def measured(self, measure: Measure, users: Bools, weights: Reals | None = None) -> Measured:
        there = users & self.answered()
        units, hits = self.units[there], self.hits[there]
        n = self.heads(there)
        sides = self.heads(there & (self.hits > 0)), self.heads(there & (self.units > self.hits))
        satisfying = int(hits.sum())
        found = Measured(measure.unit, measure.statistic, None, n, int(units.sum()), satisfying, sides=sides)
        if not found.n:
            return found
        weighed = self.weighed(there, weights)
        if weighed is not None:
            return self._standardised(found, there, weighed)
        return self._share(found, units, hits)

    def _share(self, found: Measured, units: Ints, hits: Ints) -> Measured:
        pooled = found.satisfying / found.units
        if found.unit == "users":
            return replace(found, value=pooled, ci=wilson(found.satisfying, found.units))
        rates = hits / units
        often = rates[units >= MIN_SESSIONS]
        se, ci = rate_interval(float(rates.mean()), float(rates.var()), len(rates))
        return replace(
            found,
            value=float(rates.mean()),
            ci=ci if len(rates) > 1 else None,
            se=se if len(rates) > 1 else None,
            pooled=pooled,
            median_user_rate=float(np.median(often)) if len(often) else None,
            n_users_with_3=len(often),
        )

    def _standardised(self, found: Measured, there: Bools, weights: Reals) -> Measured:
        mean, se, n = weighted_mean(*self.by_user(there, self.samples()[there], weights))
        if found.unit == "users":
            return replace(found, value=mean, ci=wilson(mean * n, n), n_effective=n)
        se, ci = rate_interval(mean, se * se * max(n - 1, 0.0) if n > 1 else 0.0, n)
        return replace(found, value=mean, ci=ci, se=se, n_effective=n)


@dataclass(frozen=True)
class Numbers(OfUsers):
    """(users,) selected units, the mean over them of their sums or distinct counts, and how many are not 0."""

    units: Ints
    mean: Reals
    positive: Ints

    @classmethod
    def of(cls, n: int, u: Ints, x: Reals) -> Numbers:
        units = np.bincount(u, minlength=n)
        mean = np.bincount(u, weights=x, minlength=n) / np.maximum(units, 1)
        return cls(units, np.where(units > 0, mean, np.nan), np.bincount(u[x != 0], minlength=n))

    def answered(self) -> Bools:
        return self.units > 0

    def samples(self) -> Reals:
        return self.mean

    def measured(self, measure: Measure, users: Bools, weights: Reals | None = None) -> Measured:
        there = users & self.answered()
        mine = self.mean[there]
        found = Measured(
            measure.unit,
            measure.statistic,
            n=self.heads(there),
            units=int(self.units[there].sum()),
            satisfying=int(self.positive[there].sum()),
        )
        if not found.n:
            return found
        weighed = self.weighed(there, weights)
        if weighed is not None:
            mean, se, n = weighted_mean(*self.by_user(there, mine, weighed))
            return replace(
                found, value=mean, ci=(mean - Z_TWO_SIDED * se, mean + Z_TWO_SIDED * se), se=se, n_effective=n
            )
        return replace(found, value=float(mine.mean()), ci=mean_interval(mine), se=standard_error(mine))


@dataclass(frozen=True)
class Values(OfUsers):
    """One number a unit, by user and unit, of `n_users`: medians and cadences.

    Each user has one number, the middle of its units', and the median is over users, on both sides of a comparison: over
    all units it would be that of whoever has most of them.
    """

    n_users: int
    u: Ints
    unit: Ints
    x: Reals

    def answered(self) -> Bools:
        return np.bincount(self.u, minlength=self.n_users) > 0

    def of_parts(self) -> tuple[Values, Values]:
        """Of users and of their halves, from the answers of three parts of each (corpus.in_parts)."""
        user, part = np.divmod(self.u, 3)
        order, halves = np.lexsort((self.unit, user)), part < 2
        whole = Values(self.n_users // 3, user[order], self.unit[order], self.x[order])
        own = (2 * user + part)[halves]
        return whole, Values(2 * self.n_users // 3, own, self.unit[halves], self.x[halves])

    def samples(self) -> Reals:
        return self._own

    @cached_property
    def _own(self) -> Reals:
        """(users,) the middle of each user's sorted run of numbers, all users at once."""
        x = self.x[np.lexsort((self.x, self.u))]
        count = np.bincount(self.u, minlength=self.n_users)
        start = np.cumsum(count) - count
        found = np.full(self.n_users, np.nan)
        some = count > 0
        low, high = (start + (count - 1) // 2)[some], (start + count // 2)[some]
        found[some] = (x[low] + x[high]) / 2
        return found

    def measured(self, measure: Measure, users: Bools, weights: Reals | None = None) -> Measured:
        there = users & self.answered()
        x, own = self.x[users[self.u]], self._own[there]
        n = self.heads(there)
        counted = measure.of in {"matches", "things"} and measure.statistic == "median"
        satisfying = int((x > 0).sum()) if counted else len(x)
        found = Measured(measure.unit, measure.statistic, n=n, units=len(x), satisfying=satisfying)
        if not n:
            return found
        weighed = self.weighed(there, weights)
        if weighed is not None:
            worth = self.worth(there, weighed)
            value, ci = weighted_median(own, weighed, worth)
            return replace(found, value=value, ci=ci, n_effective=worth)
        return replace(found, value=float(np.median(own)), ci=median_interval(own, n))


@dataclass(frozen=True)
class HalfRates(OfUsers):
    """The rates in the first and in the second half of a window: trends."""

    first: Rates
    second: Rates

    def answered(self) -> Bools:
        return self.first.answered() | self.second.answered()

    def samples(self) -> Reals:
        return self.second.samples() - self.first.samples()

    def fewest(self, there: Bools) -> int:
        """How many users are behind the smaller half."""
        return min(self.heads(there & half.answered()) for half in (self.first, self.second))

    def measured(self, measure: Measure, users: Bools, weights: Reals | None = None) -> Measured:
        there = users & self.answered()
        halves = (self.first, self.second)
        found = Measured(
            measure.unit,
            measure.statistic,
            n=self.heads(there),
            units=sum(int(h.units[there].sum()) for h in halves),
            satisfying=sum(int(h.hits[there].sum()) for h in halves),
            fewest=self.fewest(there),
        )
        w = np.where(there, 1.0 if weights is None else weights, 0.0)
        masses = [float(w[h.answered()].sum()) for h in halves]
        if min(masses) <= 0:
            return found
        rates = [np.nan_to_num(h.samples()) for h in halves]
        means = [float((w * h.answered() * r).sum() / m) for h, r, m in zip(halves, rates, masses, strict=True)]
        # A user of both halves moves both means, so the error is that of each user's pull on the difference.
        pulls = [w * h.answered() * (r - mean) / m for h, r, mean, m in zip(halves, rates, means, masses, strict=True)]
        pull = pulls[1] - pulls[0]
        pull = pull if self.owner is None else np.bincount(self.owner, weights=pull).astype(np.float64)
        se = float(np.sqrt(np.square(pull).sum()))
        change = means[1] - means[0]
        weighed = self.weighed(there, weights)
        worth = None if weighed is None else self.worth(there, weighed)
        ci = (max(-1.0, change - Z_TWO_SIDED * se), min(1.0, change + Z_TWO_SIDED * se))
        return replace(found, value=change, ci=ci if found.n > 1 else None, se=se, n_effective=worth)


def known(value: float | None) -> bool:
    """Is there a number at all?"""
    return value is not None and math.isfinite(value)
