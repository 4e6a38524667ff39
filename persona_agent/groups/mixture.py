"""A mixture over views: classes that explain several views of users at once.

Counts of a view are draws from a class's mix, which is what everybody does who comes when the user comes (and in the user's
cohort, where there are cohorts) times the class's tilts, shrunk towards 1 (Bayesian smoothing by PRIOR_USERS): a season or a term
makes no class. Lines of one user are alike beyond their class,
so that n of them say no more than n ÷ (1 + (n − 1)·ρ) of them, with ρ of each view estimated (the design effect of cluster
sampling, Kish 1965): a view in which users of a class differ much speaks softly, and none takes over. Numbers are normal about
the class's mean, with the variance of its users and that of a mean of so many visits: twenty visits say less than two hundred.
Fitted by expectation maximisation (Dempster et al. 1977) from several starts. Promises: deterministic for a seed; a model
keeps no user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

PRIOR_USERS = 5.0  # of everybody's mix in each class, as users of a middle number of lines
PRIOR_SPREAD = (0.3, 2.0)  # of users of a class, in variances of all users, and the users it counts for
LEAST_SPREAD = 0.05  # of everybody's variance: a class of users who are all alike would take whoever is near it
MAX_STEPS = 60  # of a climb that has not come to rest; round, not tuned
CLOSE = 1e-3  # of a user's log-likelihood, between two steps
START_RHO = 0.1  # before it is measured; not tuned
STARTS, SHORT, SETTLED = 16, 8, 6
LEAST_RHO, MOST_RHO = 0.001, 0.9


@dataclass(frozen=True)
class Profiles:
    """What a model sees of users: by view `counts` (users, values), and `expected` (users, values) the shares of everybody who
    came when the user came; `means` (users, numbers) of `seen` (users, numbers) visits, beyond what is expected of
    those visits and in units of everybody's standard deviation, `noise` (numbers,) the variance of a single visit.
    """

    counts: Mapping[str, Reals]
    expected: Mapping[str, Reals]
    means: Reals
    seen: Reals
    noise: Reals

    @property
    def n(self) -> int:
        return len(self.means)

    def of(self, users: NDArray[np.generic]) -> Profiles:
        return Profiles(
            {name: c[users] for name, c in self.counts.items()},
            {name: e[users] for name, e in self.expected.items()},
            self.means[users],
            self.seen[users],
            self.noise,
        )


@dataclass(frozen=True)
class Mixture:
    """`tilts` (classes, values) as logarithms and `rho` by view; `mean`, `spread` (classes, numbers); `prior` (classes,) as
    logarithms. Who is in which class is judged with the numbers `weight` times as likely or unlikely as they are.
    """

    tilts: Mapping[str, Reals]
    rho: Mapping[str, float]
    mean: Reals
    spread: Reals
    prior: Reals
    likelihood: float = -np.inf
    weight: float = 1.0

    @property
    def k(self) -> int:
        return len(self.prior)

    def told(self, profiles: Profiles) -> Reals:
        """(users, classes) log-likelihood of each user's profile in each class, over that of everybody's mix; all views alike."""
        return _told(_Sheet.of(profiles, self.rho), replace(self, weight=1.0))

    def chances(self, profiles: Profiles) -> Reals:
        """(users, classes) posterior."""
        joint = _told(_Sheet.of(profiles, self.rho), self) + self.prior
        return np.asarray(np.exp(joint - logsumexp(joint, axis=1, keepdims=True)))


@dataclass(frozen=True)
class _Sheet:
    """Profiles as a climb reads them, hundreds of times: the views side by side, `worth` and `hoped` (users, values) of as many
    lines as they are worth, `lines` (users, views) of these, `prior` (values,) of a class, and where each view stands.
    """

    worth: Reals
    hoped: Reals
    expected: Reals
    lines: Reals
    prior: Reals
    views: Mapping[str, slice]
    means: Reals
    there: Reals
    noise: Reals
    of_everybody: Reals

    @classmethod
    def of(cls, p: Profiles, rho: Mapping[str, float]) -> _Sheet:
        worth = [effective_counts(counts, rho[name]) for name, counts in p.counts.items()]
        lines = [w.sum(axis=1) for w in worth]
        hoped = [n[:, None] * p.expected[name] for n, name in zip(lines, p.counts, strict=True)]
        prior = [_prior(n, h) for n, h in zip(lines, hoped, strict=True)]
        ends = np.cumsum([0, *(w.shape[1] for w in worth)]).tolist()
        views = {name: slice(a, b) for name, a, b in zip(p.counts, ends, ends[1:], strict=False)}
        nothing, noise = np.zeros((p.n, 0)), p.noise / np.maximum(p.seen, 1)
        return cls(
            np.hstack([nothing, *worth]),
            np.hstack([nothing, *hoped]),
            np.hstack([nothing, *p.expected.values()]),
            np.column_stack([nothing, *lines]),
            np.concatenate([np.zeros(0), *prior]),
            views,
            p.means,
            (p.seen > 0).astype(float),
            noise,
            np.log(1 + noise) + np.square(p.means) / (1 + noise),
        )


def _prior(lines: Reals, hoped: Reals) -> Reals:
    middle = np.median(lines[lines > 0]) if (lines > 0).any() else 1.0
    return np.asarray(PRIOR_USERS * middle * hoped.sum(axis=0) / max(hoped.sum(), 1e-9))


def _told(sheet: _Sheet, model: Mixture) -> Reals:
    """(users, classes) log-likelihood over that of everybody's mix."""
    found = model.weight * _normal(sheet, model)
    if model.tilts:
        found += sheet.worth @ np.hstack(list(model.tilts.values())).T
    for i, (name, at) in enumerate(sheet.views.items()):
        found -= sheet.lines[:, [i]] * np.log(sheet.expected[:, at] @ np.exp(model.tilts[name]).T)
    return found


def _normal(sheet: _Sheet, model: Mixture) -> Reals:
    """(users, classes)"""
    v = model.spread + sheet.noise[:, None]
    d = np.log(v) + np.square(sheet.means[:, None] - model.mean) / v - sheet.of_everybody[:, None]
    return np.asarray(-0.5 * np.einsum("ukj,uj->uk", d, sheet.there))


def effective_counts(counts: Reals, rho: float) -> Reals:
    """The same mixes, of as many lines as they are worth."""
    n = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts / (1 + np.maximum(n - 1, 0) * rho))


def fit(
    profiles: Profiles, k: int, rho: Mapping[str, float], seed: int, starts: int = STARTS, weight: float = 1.0
) -> Mixture:
    """The likeliest that short climbs from many starts lead to (Biernacki et al. 2003), with each view's ρ and the `weight` of
    numbers given: likelihoods under different ones cannot be compared.
    """
    from sklearn import config_context  # a second to import, and only who groups users has to

    rng = np.random.default_rng([seed, 31, k])
    points, sheet = _points(profiles), _Sheet.of(profiles, rho)
    with config_context(assume_finite=True, skip_parameter_validation=True):  # of hundreds of starts of a null log
        short = [_climb(sheet, rho, _start(points, k, rng), None, SHORT, weight) for _ in range(starts)]
    best = sorted(short, key=lambda m: -m.likelihood)[: max(starts // 4, 1)]
    return max((_climb(sheet, rho, None, m, MAX_STEPS) for m in best), key=lambda m: m.likelihood)


def settle_rho(profiles: Profiles, k: int, seed: int) -> dict[str, float]:
    """ρ of each view beyond as many classes as one may look for."""
    start = _start(_points(profiles), k, np.random.default_rng([seed, 37]))
    rho = dict.fromkeys(profiles.counts, START_RHO)
    model = _maximised(_Sheet.of(profiles, rho), rho, start, None)
    for _ in range(SETTLED):
        model = _climb(_Sheet.of(profiles, rho), rho, None, model, SHORT)
        chance = model.chances(profiles)
        rho = {name: _rho(profiles, model, name, chance) for name in profiles.counts}
        model = replace(model, rho=rho)
    return rho


def described(profiles: Profiles, label: Ints, k: int) -> Mixture:
    """The classes that given labels (users,) make, with ρ of each view beyond them; whoever has no label (−1) is in none."""
    inside = profiles.of(np.flatnonzero(label >= 0))
    chance = np.eye(k)[label[label >= 0]]
    rho = dict.fromkeys(profiles.counts, START_RHO)
    model = _maximised(_Sheet.of(inside, rho), rho, chance, None)
    for _ in range(SETTLED):
        rho = {name: _rho(inside, model, name, chance) for name in inside.counts}
        model = _maximised(_Sheet.of(inside, rho), rho, chance, model)
    return model


def _points(p: Profiles) -> Reals:
    """(users, features) profiles in one space, for starts alone: views weigh alike."""
    found = []
    for name, c in p.counts.items():
        mean = p.expected[name]
        root = np.sqrt((c + 5 * mean) / (c.sum(axis=1, keepdims=True) + 5)) - np.sqrt(mean)
        found.append(root / max(float(np.sqrt(np.square(root).sum(axis=1).mean())), 1e-9))
    if p.means.shape[1]:
        found.append(p.means * p.seen / (p.seen + p.noise))
    return np.hstack(found)


def _start(points: Reals, k: int, rng: np.random.Generator) -> Reals:
    from sklearn.cluster import KMeans

    label = KMeans(k, n_init=1, max_iter=20, random_state=int(rng.integers(1 << 31))).fit_predict(points)
    # A tenth is shared out, so that nobody is shut out of a class before the first step.
    return np.asarray(np.eye(k)[label] * 0.9 + 0.1 / k)


def _climb(
    sheet: _Sheet,
    rho: Mapping[str, float],
    chance: Reals | None,
    model: Mixture | None,
    steps: int,
    weight: float = 1.0,
) -> Mixture:
    """From memberships or from a model, which keeps its weight, so many steps up."""
    if model is None:
        assert chance is not None, "a climb starts somewhere"
        model = replace(_maximised(sheet, rho, chance, None), weight=weight)
    before = -np.inf
    for _ in range(steps):
        joint = _told(sheet, model) + model.prior
        most = joint.max(axis=1, keepdims=True)
        chance = np.exp(joint - most)
        total = chance.sum(axis=1, keepdims=True)
        chance, now = chance / total, float((most + np.log(total)).sum())
        if abs(now - before) < CLOSE * len(joint):
            break
        before = now
        model = _maximised(sheet, rho, chance, model)
    return replace(model, likelihood=before)


def _maximised(sheet: _Sheet, rho: Mapping[str, float], chance: Reals, was: Mixture | None) -> Mixture:
    tilts = np.log((chance.T @ sheet.worth + sheet.prior) / (chance.T @ sheet.hoped + sheet.prior))
    mean, spread = _numbers(sheet, chance, was)
    size = chance.sum(axis=0) + 1
    return Mixture(
        {name: tilts[:, at] for name, at in sheet.views.items()},
        rho,
        mean,
        spread,
        np.log(size / size.sum()),
        weight=was.weight if was else 1.0,
    )


def _numbers(sheet: _Sheet, chance: Reals, was: Mixture | None) -> tuple[Reals, Reals]:
    """(classes, numbers) mean and variance of users of each class."""
    n = np.maximum(chance.T @ sheet.there, 1e-9)
    m0 = chance.T @ (sheet.there * sheet.means) / n if was is None else was.mean
    s0 = np.full_like(n, 0.5) if was is None else was.spread
    # What a user's own mean would be without the noise of few visits.
    noise = sheet.noise[:, None]
    left = s0 / (s0 + noise)
    own = m0 + left * (sheet.means[:, None] - m0)
    mean = np.einsum("uk,uj,ukj->kj", chance, sheet.there, own) / (n + 1)
    own -= mean
    var = np.einsum("uk,uj,ukj->kj", chance, sheet.there, own * own + noise * left)
    spread = np.maximum((var + PRIOR_SPREAD[0] * PRIOR_SPREAD[1]) / (n + PRIOR_SPREAD[1]), LEAST_SPREAD)
    return mean, spread


def _rho(p: Profiles, model: Mixture, name: str, chance: Reals) -> float:
    """How alike the lines of a user are beyond the class, by moments: Pearson's chi-square of users of two lines and more."""
    n = p.counts[name].sum(axis=1)
    several = np.flatnonzero(n >= 2)
    if not len(several):
        return START_RHO
    counts, n = p.counts[name][several], n[several]
    share = p.expected[name][several] * np.exp(model.tilts[name])[chance[several].argmax(axis=1)]
    hoped = n[:, None] * share / share.sum(axis=1, keepdims=True)
    chi = (np.square(counts - hoped) / np.maximum(hoped, 1e-9)).sum(axis=1) / max(counts.shape[1] - 1, 1)
    # A value that is hardly ever met would make the sum wild: no user's lines can be more alike than all of them are.
    over = np.minimum(chi, n) - 1
    return float(np.clip((n - 1) @ over / max(float(np.square(n - 1).sum()), 1e-9), LEAST_RHO, MOST_RHO))


def fit_known_classes(profiles: Profiles, label: Ints, k: int) -> Mixture:
    """The classes that users of known labels (0 to k − 1; −1: of none) are, without looking for any."""
    known = profiles.of(np.flatnonzero(label >= 0))
    chance = np.eye(k)[label[label >= 0]]
    rho = dict.fromkeys(profiles.counts, START_RHO)
    model = _maximised(_Sheet.of(known, rho), rho, chance, None)
    for _ in range(SETTLED):
        rho = {name: _rho(known, model, name, chance) for name in profiles.counts}
        model = _maximised(_Sheet.of(known, rho), rho, chance, model)
    return model
