"""So many personas on trial: do they come back, and do they foretell, for users that they were not made from?

In: screened visits, and a number of personas. Out: a `Trial` with the model of all users and, of each persona, how firm it is.
Users are cut into folds; each is placed by a model of the others, once by either half of the visits, by time and at random.
Personas of a fold's model are matched one to one to those of all users by the members they share. Promises: who is placed by
one half and not by the other counts as a miss; users with one visit are in no figure; intervals draw users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from numpy.typing import NDArray

from .mixture import Mixture, fit
from .ruler import Ruler
from .screening import halves
from .views import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 3  # each model is made of 67 % of users, and is a refit as well (Hennig asks for about 70 %)
SURE = 0.5  # chance of the likeliest persona; below, a user is placed nowhere
SURE_OF_ONE = 0.7  # the same for users with a single visit, which may be unlike them
MOST_NATS = 5.0  # e⁵: of 150 to 1, after which more evidence of one user makes nothing surer
DRAWS = 200  # of users, for intervals
# Local optima are what refits would otherwise measure; a null log has no optimum worth finding, and there are many of them.
NULL_STARTS = 4  # of a null log
STARTS = 8  # of a trial: half of what a climb takes elsewhere (mixture.STARTS), since each number is tried four times


@dataclass(frozen=True)
class Tested:
    """Per persona: the share placed alike by the two halves in `time` and at `random`, `chance`, `kappa` with the lower end `low`
    of its 95 % interval, and the mean best Jaccard over refits.
    """

    time: Reals
    random: Reals
    chance: Reals
    kappa: Reals
    low: Reals
    refits: Reals


@dataclass(frozen=True)
class Trial:
    """`label` (users,) by the model of all; `gain` (users,) nats by which the persona of the first half of a user's visits
    foretells the other half, beyond everybody's mix, and `home` (users,) that persona (−1: none); `sure` and `alike` are the
    chances that halves gave and whether the other half agreed.
    """

    k: int
    model: Mixture
    label: Ints
    tested: Tested
    gain: Reals
    home: Ints
    sure: Reals
    alike: Bools
    kappa: float

    def carried(self, passing: Bools) -> Reals:
        """Nats that personas of a mask foretell of each user, 0 of users of the others."""
        return np.asarray(self.gain * np.append(passing, False)[self.home])


def placed(chances: Reals, visits: Ints) -> Ints:
    """(users,) the likeliest persona, −1 where it is not likely enough, or there is no visit at all."""
    best = chances.max(axis=1)
    enough = best >= np.where(visits > 1, SURE, SURE_OF_ONE)
    return np.where(enough & (visits > 0), chances.argmax(axis=1), -1).astype(np.int64)


def try_number(visits: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], k: int, seed: int) -> Trial:
    """The trial of `k` personas."""
    model = fit(ruler.profiles(visits, cohort), k, rho, seed, STARTS)
    own = placed(model.chances(ruler.profiles(visits, cohort)), visits.per_user)
    rng = np.random.default_rng([seed, 43, k])
    cuts = {how: halves(visits, how, rng) for how in ("time", "random")}
    n, fold = visits.n_users, rng.permutation(visits.n_users) % FOLDS
    sides = {how: np.full((2, n), -1, dtype=np.int64) for how in cuts}
    chance, gain, refits = np.zeros((2, n)), np.zeros(n), np.zeros((FOLDS, k))
    for f in range(FOLDS):
        inside, outside = np.flatnonzero(fold != f), np.flatnonzero(fold == f)
        part = visits.of_users(inside)
        measure = Ruler.of(part, tuple(ruler.kept), ruler.numbers, cohort[inside])
        other = fit(measure.profiles(part, cohort[inside]), k, rho, seed + f + 1, STARTS)
        again = placed(other.chances(measure.profiles(visits, cohort)), visits.per_user)
        refits[f] = [_best_jaccard(own == g, again, k) for g in range(k)]
        to = _matched(again[inside], own[inside], k)
        first = np.full(len(outside), -1)
        for how, cut in cuts.items():
            for side, half in enumerate((cut, ~cut)):
                some = visits.of_users(outside, half)
                profiles = measure.profiles(some, cohort[outside])
                chances = other.chances(profiles)
                label = np.where(
                    some.per_user > 0, np.where(chances.max(axis=1) >= SURE, chances.argmax(axis=1), -1), -1
                )
                sides[how][side, outside] = np.append(to, -1)[label]
                if how == "time":
                    chance[side, outside] = chances.max(axis=1)
                    if side:
                        gain[outside] = foretold(other.told(profiles), first)
                    first = label
    several = visits.per_user >= 2
    tested = _tested(sides, several, k, refits.mean(axis=0), rng)
    a, b = sides["time"][:, several]
    return Trial(
        k, model, own, tested, gain[several], sides["time"][0][several],
        np.concatenate([chance[0][several], chance[1][several]])[np.concatenate([a, b]) >= 0],
        np.concatenate([a == b, a == b])[np.concatenate([a, b]) >= 0],
        _kappa_of_all(a, b),
    )  # fmt: skip


def try_null(
    visits: Visits, cohort: Ints, ruler: Ruler, rho: Mapping[str, float], k: int, seed: int
) -> tuple[Reals, float]:
    """In a log whose visits were exchanged: kappa by time of every persona, and the gain a user; two folds do."""
    rng = np.random.default_rng([seed, 47])
    null = visits.exchanged(rng, cohort)
    cut, half_of = halves(null, "time", rng), rng.permutation(null.n_users) % 2
    sides, gain = np.full((2, null.n_users), -1, dtype=np.int64), np.zeros(null.n_users)
    known: Ints | None = None
    for f in range(2):
        inside, outside = np.flatnonzero(half_of != f), np.flatnonzero(half_of == f)
        part = null.of_users(inside)
        measure = Ruler.of(part, tuple(ruler.kept), ruler.numbers, cohort[inside])
        model = fit(measure.profiles(part, cohort[inside]), k, rho, seed + f, NULL_STARTS)
        first = np.full(len(outside), -1, dtype=np.int64)
        for side, half in enumerate((cut, ~cut)):
            some = null.of_users(outside, half)
            profiles = measure.profiles(some, cohort[outside])
            label = np.where(some.per_user > 0, placed(model.chances(profiles), some.per_user + 1), -1)
            sides[side, outside] = label
            if side:
                gain[outside] = foretold(model.told(profiles), first)
            first = label
        # As of a real log, personas of both folds are counted as one where they share members.
        whole = placed(model.chances(measure.profiles(null, cohort)), null.per_user)
        if known is None:
            known = whole
        else:
            sides[:, outside] = np.append(_matched(whole, known, k), -1)[sides[:, outside]]
    several = null.per_user >= 2
    a, b = sides[:, several]
    return agreement(a, b, k)[2], float(gain[several].mean())


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


def agreement(a: Ints, b: Ints, k: int) -> tuple[Reals, Reals, Reals]:
    """Per persona: the share of those placed in it by one half that the other half places there, chance, and kappa."""
    of_a, of_b = (np.bincount(x[x >= 0], minlength=k) for x in (a, b))
    same = np.bincount(a[(a == b) & (a >= 0)], minlength=k)
    mine = (of_a + of_b).astype(float)
    share, chance = 2 * same / np.maximum(mine, 1), mine / max(mine.sum(), 1)
    return share, chance, np.where((mine > 0) & (chance < 1), (share - chance) / np.maximum(1 - chance, 1e-9), 0.0)


def _kappa_of_all(a: Ints, b: Ints) -> float:
    both = np.concatenate([a, b])
    both = both[both >= 0]
    if not len(both):
        return 0.0
    chance = float(np.square(np.bincount(both) / len(both)).sum())
    return (2 * float(((a == b) & (a >= 0)).sum()) / len(both) - chance) / max(1 - chance, 1e-9)


def _tested(sides: Mapping[str, Ints], several: Bools, k: int, refits: Reals, rng: np.random.Generator) -> Tested:
    a, b = sides["time"][:, several]
    share, chance, kappa = agreement(a, b, k)
    n = len(a)
    drawn = np.array([agreement(a[d], b[d], k)[2] for d in (rng.integers(0, n, n) for _ in range(DRAWS))])
    at_random, _, _ = agreement(sides["random"][0, several], sides["random"][1, several], k)
    return Tested(share, at_random, chance, kappa, np.percentile(drawn, 2.5, axis=0), refits)
