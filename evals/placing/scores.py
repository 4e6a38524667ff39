"""A method scored: personas come back in the other half of the same users' visits, and foretell it, or they do not.

In: a `Method` and a log. Out: `Scores`. Promises: users are cut into folds, and each is placed by a model that was made of
the others; halves are of one user's visits, in time and at random; users with one visit are in no figure of halves; a
user who is placed by one half and not by the other counts as a miss; intervals draw users.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from ..bench.scoring import ari
from ..results import Interval
from .events import Bools, Events, How, Ints, joined
from .methods import Method, Report, everybody, tilts
from .views import Views

Reals = NDArray[np.float64]
HOWS: tuple[How, ...] = get_args(How)
RESAMPLES = 500


@dataclass(frozen=True)
class Half:
    """The persona of each user by the first and by the second half, −1 for none; `tested` those who came twice."""

    first: Ints
    second: Ints
    tested: Bools


@dataclass(frozen=True)
class Crossed:
    """All users, each placed by a model of the users outside the user's `fold`; personas of fold f are numbered from f·WIDE.
    `whole` is from all visits; `gain` (users,) in nats by which the persona of the first half in time foretells the
    second, of `gain_visits` visits, and `things` and `thing_lines` of things alone; `as_report` the personas of the report
    that those of the folds are most like.
    """

    fold: Ints
    whole: Ints
    halves: Mapping[How, Half]
    gain: Reals
    gain_visits: Ints
    things: Reals
    thing_lines: Ints
    as_report: Mapping[int, int] = field(default_factory=dict)


WIDE = 1000


def crossed(
    method: Method, events: Events, views: Views, report: Report, folds: int, seed: int = 0, cohort: Ints | None = None
) -> Crossed:
    """Every user placed by a model of other users. `cohort` (users,) says within whose mix a gain counts."""
    n = len(events.users)
    fold = np.random.default_rng([seed, 61]).permutation(n) % folds
    cohort = np.full(n, -1, dtype=np.int64) if cohort is None else cohort
    cuts = {how: events.halves(how, seed) for how in HOWS}
    whole, gain, things = np.full(n, -1), np.zeros(n), np.zeros(n)
    visits, lines = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
    sides = {how: np.full((2, n), -1) for how in HOWS}
    alike: dict[int, int] = {}
    for f in range(folds):
        inside, outside = events.of_users(fold != f), events.of_users(fold == f)
        model = method.place(inside)
        at = np.flatnonzero(fold == f)
        labels = _assigned(model, outside, {how: cut[(fold == f)[events.user_of_visit]] for how, cut in cuts.items()})
        whole[at] = _numbered(labels["whole"][0], f)
        for how in HOWS:
            sides[how][:, at] = _numbered(np.array(labels[how]), f)
        own = model.own()
        alike |= _alike(own, report.label[fold != f], f)
        late = outside.only(~cuts["time"][(fold == f)[events.user_of_visit]])
        told = _foretold(views, inside, own, cohort[fold != f], late, outside, labels["time"][0], cohort[at])
        gain[at], visits[at], things[at], lines[at] = told
    tested = events.visits_of_user > 1
    halves = {how: Half(sides[how][0], sides[how][1], tested) for how in HOWS}
    return Crossed(fold, whole, halves, gain, visits, things, lines, alike)


def _assigned(model: Any, outside: Events, cuts: Mapping[How, Bools]) -> dict[str, list[Ints]]:
    """Labels of the users outside from all visits and from each half, in one call."""
    parts = {"whole": outside}
    for how, cut in cuts.items():
        parts |= {f"{how} 0": outside.only(cut), f"{how} 1": outside.only(~cut)}
    label = model.assign(joined(parts))
    at = {user: i for i, user in enumerate(outside.users)}
    found: dict[str, list[Ints]] = {}
    start = 0
    for name, part in parts.items():
        full = np.full(len(outside.users), -1, dtype=np.int64)
        full[[at[user] for user in part.users]] = label[start : start + len(part.users)]
        found.setdefault(name.split()[0], []).append(full)
        start += len(part.users)
    return found


def _numbered(label: Ints, fold: int) -> Ints:
    return np.where(label < 0, -1, label + fold * WIDE)


def _alike(own: Ints, report: Ints, fold: int) -> dict[int, int]:
    """Persona of a fold → that of the report with which it shares most users, one to one."""
    k, of_report = int(own.max(initial=-1)) + 1, int(report.max(initial=-1)) + 1
    both = np.zeros((k, of_report))
    inside = (own >= 0) & (report >= 0)
    np.add.at(both, (own[inside], report[inside]), 1)
    rows, columns = linear_sum_assignment(-both)
    return {int(r) + fold * WIDE: int(c) for r, c in zip(rows, columns, strict=True) if both[r, c]}


def _foretold(
    views: Views, inside: Events, own: Ints, cohort: Ints, late: Events, outside: Events, label: Ints, its: Ints
) -> tuple[Reals, Ints, Reals, Ints]:
    """Of each user outside: nats over everybody's mix (the cohort's, where there is one) of all views of the later half,
    its visits, the nats of things alone, and its lines.
    """
    at = {user: i for i, user in enumerate(outside.users)}
    where = np.array([at[user] for user in late.users], dtype=np.int64)
    gain, things = np.zeros(len(outside.users)), np.zeros(len(outside.users))
    k = int(own.max(initial=-1)) + 1
    then, cohorts = views.counts(late), int(max(cohort.max(initial=-1), its.max(initial=-1))) + 1
    for view, before in views.counts(inside).items():
        base = everybody(before, cohort, cohorts)
        ratio = np.vstack([tilts(before, own, k, base[cohort]), np.ones(before.shape[1])])
        expected = base[its[where]]
        mix = expected * ratio[label[where]]
        mix /= mix.sum(axis=1, keepdims=True)
        nats = (then[view] * np.log(mix / expected)).sum(axis=1) * (label[where] >= 0)
        gain[where] += nats
        if view == "things":
            things[where] = nats
    visits, lines = np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
    visits[where], lines[where] = late.visits_of_user, then["things"].sum(axis=1)
    twice = outside.visits_of_user > 1
    return gain * twice, visits * twice, things * twice, lines * twice


# --- figures ---


def ari_outside(truth: Ints, label: Ints, fold: Ints) -> float:
    """Adjusted Rand index of the users outside the fit with the truth, the mean over folds; who is not placed is alone."""
    return float(np.mean([ari(truth[fold == f], label[fold == f]) for f in np.unique(fold)]))


@dataclass(frozen=True)
class Agreement:
    """`same` of `placed` times that a half placed a user, the other half did so alike; `chance`; `kappa` is
    (same share − chance) ÷ (1 − chance), None where nobody was placed.
    """

    same: int
    placed: int
    chance: float
    kappa: float | None


def agreement(first: Ints, second: Ints) -> Agreement:
    """Both ways: those placed by the first half looked up in the second, and the other way round."""
    placed = int((first >= 0).sum() + (second >= 0).sum())
    same = 2 * int(((first == second) & (first >= 0)).sum())
    if not placed:
        return Agreement(0, 0, 0.0, None)
    chance = _by_chance(first, second)
    return Agreement(same, placed, chance, (same / placed - chance) / (1 - chance) if chance < 1 else 0.0)


def _by_chance(first: Ints, second: Ints) -> float:
    """Share alike if halves were of different users of one fold: personas' shares among all placed, squared."""
    both = np.concatenate([first, second])
    both = both[both >= 0]
    found = 0.0
    for f in np.unique(both // WIDE):
        share = np.unique(both[both // WIDE == f], return_counts=True)[1]
        found += float(share.sum() / len(both) * ((share / share.sum()) ** 2).sum())
    return found


def kappa(half: Half, seed: int = 0) -> tuple[Agreement, Interval | None]:
    """The agreement of a whole partition, and the interval of its kappa."""
    first, second = half.first[half.tested], half.second[half.tested]
    found, rng = agreement(first, second), np.random.default_rng([seed, 67])
    drawn = []
    for _ in range(RESAMPLES if found.kappa is not None else 0):
        users = rng.integers(0, len(first), len(first))
        drawn.append(agreement(first[users], second[users]).kappa)
    values = [d for d in drawn if d is not None]
    return found, _ends(values)


def firmness(half: Half, as_report: Mapping[int, int], k: int) -> list[Agreement]:
    """The agreement of each persona of the report; those of folds that are like none of it count as not it."""

    def of_report(label: Ints) -> Ints:
        return np.array([as_report.get(int(x), -1) for x in label], dtype=np.int64)

    first, second = (of_report(x[half.tested]) for x in (half.first, half.second))
    either = np.concatenate([half.first[half.tested], half.second[half.tested]])
    found = []
    for persona in range(k):
        mine = int((first == persona).sum() + (second == persona).sum())
        same = 2 * int(((first == persona) & (second == persona)).sum())
        chance = mine / max(int((either >= 0).sum()), 1)
        value = (same / mine - chance) / (1 - chance) if mine and chance < 1 else None
        found.append(Agreement(same, mine, chance, value))
    return found


def mean_gain(nats: Reals, n: Ints, seed: int = 0) -> tuple[float | None, Interval | None]:
    """Nats a visit (a line) over all, and its interval."""
    there = n > 0
    nats, n = nats[there], n[there]
    if not len(n):
        return None, None
    rng = np.random.default_rng([seed, 71])
    draws = (rng.integers(0, len(n), len(n)) for _ in range(RESAMPLES))
    return float(nats.sum() / n.sum()), _ends([float(nats[d].sum() / n[d].sum()) for d in draws])


def _ends(values: list[float]) -> Interval | None:
    if not values:
        return None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
