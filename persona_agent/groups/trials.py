"""So many personas on trial: do they come back, and do they foretell, for users that they were not made from?

In: screened visits, and a number of personas. Out: a `Trial` with the model of all users and, of each persona, how firm it is.
Users are cut into folds; each is placed by a model of the others, once by either half of the visits, by time and at random.
Personas of a fold's model are matched one to one to those of all users by the members they share. Members are those whom a
persona is likely enough for; how likely that is, is the least at which it comes back fairly, so that many are placed where
personas are apart, and the clear ones where they shade into each other. Promises: who is a member by one half and is not
placed by the other counts as a miss; users with one visit are in no figure; intervals draw users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from numpy.typing import NDArray

from ..schema.personas import FAIR, FIRM
from .mixture import Mixture, fit
from .ruler import Ruler
from .screening import halves_of_visits
from .views import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 3  # each model is made of 67 % of users, and is a refit as well (Hennig asks for about 70 %)
SURE = 0.5  # chance of the likeliest persona; below, a user is placed nowhere
# The same for members, where personas come back fairly only with fewer of them. Beyond, posteriors say no more than that a user
# came often, and hardly anybody would be left.
MEMBERS = (SURE, 0.6, 0.7, 0.8, 0.9, 0.95)
KEPT_IF_FIRM = 0.75  # of those who come back fairly: what is firm is worth a quarter of them to whoever plans with it
TELLING = 40  # members of a persona by either half, from which its kappa is known to a tenth or so
SURE_OF_ONE = 0.7  # the least for users with a single visit, which may be unlike them
MOST_NATS = 5.0  # e⁵: of 150 to 1, after which more evidence of one user makes nothing surer
DRAWS = 200  # of users, for intervals
# Local optima are what refits would otherwise measure; a null log has no optimum worth finding, and there are many of them.
NULL_STARTS = 4  # of a null log
STARTS = 8  # of a trial: half of what a climb takes elsewhere (mixture.STARTS), since each number is tried four times


@dataclass(frozen=True)
class Tested:
    """Per persona: of its members by one half of the visits, the share placed there by the other in `time` and at `random`,
    `chance`, `kappa` with the lower end `low` of its 95 % interval, and the mean best Jaccard over refits.
    """

    time: Reals
    random: Reals
    chance: Reals
    kappa: Reals
    low: Reals
    refits: Reals


@dataclass(frozen=True)
class Trial:
    """`tested` is of all whom a persona is likelier for than not, `firm` of its members: `members` (k,) is how likely it has to
    be for these. `gain` (users,) nats by which the persona of the first half of a user's visits foretells the other half, beyond
    everybody's mix, and `home` (users,) that persona (−1: none); `sure` and `alike` are the chances that halves gave and whether
    the other half agreed.
    """

    k: int
    model: Mixture
    members: Reals
    tested: Tested
    firm: Tested
    gain: Reals
    home: Ints
    sure: Reals
    alike: Bools
    kappa: float

    def carried(self, passing: Bools) -> Reals:
        """Nats that personas of a mask foretell of each user, 0 of users of the others."""
        return np.asarray(self.gain * np.append(passing, False)[self.home])


@dataclass(frozen=True)
class Halves:
    """Where either half of the visits places users: `label` (2, users), −1 for nowhere, and `chance` (2, users) how likely."""

    label: Ints
    chance: Reals

    @classmethod
    def of(cls, users: int) -> Halves:
        return cls(np.full((2, users), -1, dtype=np.int64), np.zeros((2, users)))

    @classmethod
    def certain(cls, a: Ints, b: Ints) -> Halves:
        """Of places (users,) that are not in doubt."""
        return cls(np.stack([a, b]), np.ones((2, len(a))))

    def put(self, side: int, users: Ints, chances: Reals, there: Bools, to: Ints) -> Ints:
        """Users by their `chances` (users, personas), who have visits where they are `there`; `to` is what each persona is
        called here. Their places as the model has them.
        """
        best = np.where(there, chances.max(axis=1), 0.0)
        label = np.where(best >= SURE, chances.argmax(axis=1), -1)
        self.label[side, users], self.chance[side, users] = np.append(to, -1)[label], best
        return label

    def members(self, sure: Reals) -> Bools:
        """(2, users) who is a member by each half, if personas must be as likely as `sure` (personas,) for theirs."""
        return np.asarray((self.label >= 0) & (self.chance >= np.append(sure, np.inf)[self.label]))

    def of_users(self, users: NDArray[np.generic]) -> Halves:
        return Halves(self.label[:, users], self.chance[:, users])


def placed(chances: Reals, visits: Ints, sure: Reals | None = None) -> Ints:
    """(users,) the likeliest persona, −1 where it is less likely than `sure` (personas,), SURE without, or there is no visit."""
    best = chances.argmax(axis=1)
    least = np.full(len(best), SURE) if sure is None else sure[best]
    enough = chances.max(axis=1) >= np.where(visits > 1, least, np.maximum(least, SURE_OF_ONE))
    return np.where(enough & (visits > 0), best, -1).astype(np.int64)


def try_number(
    visits: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], k: int, seed: int, weight: float = 1.0
) -> Trial:
    """The trial of `k` personas, who is in which judged with numbers of that `weight`."""
    model = fit(ruler.profiles(visits, cohort), k, rho, seed, STARTS, weight)
    own = placed(model.chances(ruler.profiles(visits, cohort)), visits.per_user)
    rng = np.random.default_rng([seed, 43, k])
    cuts = {how: halves_of_visits(visits, how, rng) for how in ("time", "random")}
    n, fold = visits.n_users, rng.permutation(visits.n_users) % FOLDS
    sides = {how: Halves.of(n) for how in cuts}
    gain, refits = np.zeros(n), np.zeros((FOLDS, k))
    for f in range(FOLDS):
        inside, outside = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        part = visits.of_users(inside)
        measure = Ruler.of(part, tuple(ruler.kept), ruler.numbers, cohort[inside])
        other = fit(measure.profiles(part, cohort[inside]), k, rho, seed + f + 1, STARTS, weight)
        again = placed(other.chances(measure.profiles(visits, cohort)), visits.per_user)
        refits[f] = [_best_jaccard(own == g, again, k) for g in range(k)]
        to = _matched(again[inside], own[inside], k)
        first = np.full(len(outside), -1)
        for how, cut in cuts.items():
            for side, half in enumerate((cut, ~cut)):
                some = visits.of_users(outside, half)
                profiles = measure.profiles(some, cohort[outside])
                label = sides[how].put(side, outside, other.chances(profiles), some.per_user > 0, to)
                if how == "time" and side:
                    gain[outside] = foretold(other.told(profiles), first)
                first = label
    several = visits.per_user >= 2
    by_time, at_random = (sides[how].of_users(several) for how in ("time", "random"))
    sure = _members(by_time, k)
    all_placed, of_members = (_tested(by_time, at_random, k, x, refits.mean(axis=0), rng) for x in (None, sure))
    a, b = by_time.label
    there = by_time.label.ravel() >= 0
    return Trial(
        k, model, sure, all_placed, of_members, gain[several], a, by_time.chance.ravel()[there],
        np.concatenate([a == b, a == b])[there], _kappa_of_all(by_time, sure),
    )  # fmt: skip


def _members(by_time: Halves, k: int) -> Reals:
    """(k,) how likely each persona has to be for its members: the least at which it comes back fairly, with members enough to
    tell, or where it never does that at which it comes back best; that at which it comes back firmly, where this costs few.
    """
    found, best, firm = np.full(k, SURE), np.full(k, -1.0), np.full(k, np.nan)
    for sure in MEMBERS:
        trial = np.full(k, sure)
        kappa, telling = agreement(by_time, k, trial)[2], _telling(by_time, k, trial)
        better = telling & (best < FAIR) & (kappa > best)
        found, best = np.where(better, sure, found), np.where(better, kappa, best)
        firm = np.where(np.isnan(firm) & telling & (kappa >= FIRM), sure, firm)
    firm = np.where(np.isnan(firm), found, firm)
    return np.where(_counted(by_time, k, firm) >= KEPT_IF_FIRM * _counted(by_time, k, found), firm, found)


def _counted(sides: Halves, k: int, sure: Reals) -> Ints:
    """(k,) how many members by either half."""
    return np.bincount(sides.label[sides.members(sure)], minlength=k)


def _telling(sides: Halves, k: int, sure: Reals) -> Bools:
    return np.asarray(_counted(sides, k, sure) >= TELLING)


def try_null(
    visits: Visits,
    cohort: Ints,
    ruler: Ruler,
    rho: Mapping[str, float],
    k: int,
    seed: int,
    sure: Reals | None = None,
    weight: float = 1.0,
) -> tuple[Reals, Reals, float]:
    """In a log whose visits were exchanged: kappa by time of every persona, and of the members, as `sure` has them, of those
    that have members enough to tell; the gain a user. Two folds do.
    """
    rng = np.random.default_rng([seed, 47])
    null = visits.exchanged(rng, cohort)
    cut, half_of = halves_of_visits(null, "time", rng), rng.permutation(null.n_users) % 2
    sides, gain = Halves.of(null.n_users), np.zeros(null.n_users)
    known: Ints | None = None
    for f in range(2):
        inside, outside = np.flatnonzero(half_of != f), np.flatnonzero(half_of == f)
        part = null.of_users(inside)
        measure = Ruler.of(part, tuple(ruler.kept), ruler.numbers, cohort[inside])
        model = fit(measure.profiles(part, cohort[inside]), k, rho, seed + f, NULL_STARTS, weight)
        # As of a real log, personas of both folds are counted as one where they share members.
        whole = placed(model.chances(measure.profiles(null, cohort)), null.per_user)
        to = np.arange(k) if known is None else _matched(whole, known, k)
        known = whole if known is None else known
        first = np.full(len(outside), -1, dtype=np.int64)
        for side, half in enumerate((cut, ~cut)):
            some = null.of_users(outside, half)
            profiles = measure.profiles(some, cohort[outside])
            label = sides.put(side, outside, model.chances(profiles), some.per_user > 0, to)
            if side:
                gain[outside] = foretold(model.told(profiles), first)
            first = label
    several = null.per_user >= 2
    both = sides.of_users(several)
    of_members = agreement(both, k, sure)[2][_telling(both, k, sure)] if sure is not None else np.zeros(0)
    return agreement(both, k)[2], of_members, float(gain[several].mean())


def foretold(told: Reals, label: Ints) -> Reals:
    """(users,) nats, at most MOST_NATS either way: a log is not told by the one user who did ten thousand things."""
    return np.clip(np.where(label >= 0, told[np.arange(len(label)), label], 0.0), -MOST_NATS, MOST_NATS)


def _matched(label: Ints, own: Ints, k: int) -> Ints:
    """(k,) the persona of all users that each of a fold is, by shared members, one to one."""
    shared = np.zeros((k, k))
    both = (label >= 0) & (own >= 0)
    np.add.at(shared, (label[both], own[both]), 1)
    rows, columns = scipy.optimize.linear_sum_assignment(-shared)
    return np.asarray(columns[np.argsort(rows)], dtype=np.int64)


def _best_jaccard(inside: Bools, again: Ints, k: int) -> float:
    return max(float((inside & (again == h)).sum() / max((inside | (again == h)).sum(), 1)) for h in range(k))


def agreement(sides: Halves, k: int, sure: Reals | None = None) -> tuple[Reals, Reals, Reals]:
    """Per persona: of its members by one half, as `sure` (k,) has them or all placed, the share that the other half places there
    too; chance, which is its share of all that are placed; kappa.
    """
    a, b = sides.label
    there = sides.label >= 0
    member = there if sure is None else sides.members(sure)
    mine = np.bincount(sides.label[member], minlength=k)
    share = np.bincount(sides.label[member & (a == b)], minlength=k) / np.maximum(mine, 1)
    chance = np.bincount(sides.label[there], minlength=k) / max(int(there.sum()), 1)
    return share, chance, np.where((mine > 0) & (chance < 1), (share - chance) / np.maximum(1 - chance, 1e-9), 0.0)


def _kappa_of_all(sides: Halves, sure: Reals) -> float:
    a, b = sides.label
    member, there = sides.members(sure), sides.label >= 0
    if not member.any():
        return 0.0
    shares = [np.bincount(sides.label[x], minlength=len(sure)) / x.sum() for x in (member, there)]
    chance = float(shares[0] @ shares[1])
    return (float((member & (a == b)).sum() / member.sum()) - chance) / max(1 - chance, 1e-9)


def _tested(
    by_time: Halves, at_random: Halves, k: int, sure: Reals | None, refits: Reals, rng: np.random.Generator
) -> Tested:
    share, chance, kappa = agreement(by_time, k, sure)
    n = len(by_time.label[0])
    drawn = np.array([agreement(by_time.of_users(rng.integers(0, n, size=n)), k, sure)[2] for _ in range(DRAWS)])
    random, _, _ = agreement(at_random, k, sure)
    return Tested(share, random, chance, kappa, np.percentile(drawn, 2.5, axis=0), refits)
