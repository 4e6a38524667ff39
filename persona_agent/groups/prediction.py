"""Does one half of a user's sessions predict the other, and better than null logs or one crowd allow?

S(k): adjusted Rand index (Hubert & Arabie 1985) of the groups that the two halves fall into under centroids fitted to
one of them. T(k): share of the other half's variance that the group explains, by leave-one-out means. `linear`: the
same from ridge regression, what is predictable at all. A *crowd* is a multivariate normal with the users' own
covariances within and between halves: users differ, but fall into no groups; T(k) of crowds is what k-means makes of
differences of degree.
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import Ridge

from .profiles import Ints, Reals

Pairs = list[tuple[Reals, Reals]]

MIN_WEIGHT = 0.1  # squared reliability below which a feature is mostly noise
ONE_SIDED_95 = 1.645  # standard deviations: of features that mean nothing, one in twenty passes
K_MAX = 10  # groups that are tried: more cards are not read. T* is the best of these, so the state hangs on it
USERS_PER_GROUP = 8  # on average, in the half that is fitted; smaller groups are single users' habits
CROWDS = 8  # simulated logs without groups; more would sharpen the standard deviation and cost their time


@dataclass(frozen=True)
class Curve:
    """`s` and `t` per number of groups `k`, averaged over splits and both directions."""

    k: Ints
    s: Reals
    t: Reals

    @property
    def t_star(self) -> float:
        return float(self.t.max()) if len(self.t) else 0.0


@dataclass(frozen=True)
class Tested:
    """One choice of features put to the test. `closed` is the share of the gap between a crowd's T and what is
    predictable at all that the best number of groups closes: near 0 for a crowd, near 1 for groups.
    """

    blocks: tuple[int, ...]
    weights: Reals
    curve: Curve
    linear: float
    null_p95: float
    crowd_t: Reals
    crowd_sd: Reals

    @property
    def t_over_l(self) -> float:
        return self.curve.t_star / self.linear if self.linear > 0 else 0.0

    @property
    def closed(self) -> float:
        best = int(self.curve.t.argmax())
        gap = max(self.linear, self.curve.t_star) - self.crowd_t[best]
        return float((self.curve.t[best] - self.crowd_t[best]) / gap) if gap > 0 else 0.0

    @property
    def z(self) -> float:
        return float(((self.curve.t - self.crowd_t) / np.maximum(self.crowd_sd, 1e-4)).max())


def correlations(pairs: Pairs) -> Reals:
    """Per feature, the correlation of half A with half B over users, mean over splits."""
    return np.asarray(np.mean([_correlation(a, b) for a, b in pairs], axis=0))


def _correlation(a: Reals, b: Reals) -> Reals:
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    norm = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    return np.asarray((a * b).sum(axis=0) / np.maximum(norm, 1e-12))


def weigh(r: Reals, null: Reals, blocks: Ints) -> Reals:
    """Weights of features from their split-half correlation `r` (features) against null logs' (nulls, features).

    A block's features share the inertia of its best one, so that a mix with many columns does not drown a number.
    """
    mean, sd = null.mean(axis=0), null.std(axis=0)
    excess = np.clip((r - mean) / np.maximum(1 - mean, 1e-9), 0, 1)
    squared = 2 * excess / (1 + excess)
    squared[(r <= mean + ONE_SIDED_95 * sd) | (squared < MIN_WEIGHT)] = 0
    for block in np.unique(blocks):
        inside = blocks == block
        if (total := squared[inside].sum()) > 0:
            squared[inside] *= squared[inside].max() / total
    return np.asarray(np.sqrt(squared))


def weighted(pairs: Pairs, weights: Reals) -> Pairs:
    keep = weights > 0
    return [(a[:, keep] * weights[keep], b[:, keep] * weights[keep]) for a, b in pairs]


def predict(pairs: Pairs, seed: int) -> Curve:
    """S(k) and T(k) for k from 2 while groups can hold USERS_PER_GROUP users each, both directions of every split."""
    ks = [k for k in range(2, K_MAX + 1) if pairs and min(len(a) for a, _ in pairs) >= USERS_PER_GROUP * k]
    if not ks or pairs[0][0].shape[1] == 0:
        return Curve(np.empty(0, np.int64), np.empty(0), np.empty(0))
    both = [p for a, b in pairs for p in ((a, b), (b, a))]
    got = np.array([[_once(x, y, k, seed) for k in ks] for x, y in both]).mean(axis=0)
    return Curve(np.array(ks), got[:, 0], got[:, 1])


def _once(x: Reals, y: Reals, k: int, seed: int) -> tuple[float, float]:
    centroids = kmeans(x, k, seed)
    label, other = nearest(x, centroids), nearest(y, centroids)
    return agreement(label, other), explained(y, label)


def agreement(one: Ints, other: Ints) -> float:
    """Adjusted Rand index of two labellings (0, 1, …) of the same users, as scikit-learn counts it to the last bit.

    Counted here because scikit-learn's checks of its arguments took two thirds of the time of a whole grouping.
    """
    table = np.zeros((one.max() + 1, other.max() + 1), dtype=np.int64)
    np.add.at(table, (one, other), 1)
    n, both = len(one), int((table**2).sum())
    only_one = int((table.sum(axis=1) ** 2).sum()) - both
    only_other = int((table.sum(axis=0) ** 2).sum()) - both
    if only_one == only_other == 0:
        return 1.0
    together, apart = both - n, n * n - both - only_one - only_other
    pairs_of_one, pairs_of_other = together + only_one, together + only_other
    expected = pairs_of_one * (only_one + apart) + pairs_of_other * (only_other + apart)
    return 2.0 * (together * apart - only_one * only_other) / expected


def explained(y: Reals, label: Ints) -> float:
    """Share of the variance of `y` (users, features) that leave-one-out means of `label` explain."""
    n = np.bincount(label)
    sums = np.zeros((len(n), y.shape[1]))
    np.add.at(sums, label, y)
    mean = (sums[label] - y) / np.maximum(n[label] - 1, 1)[:, None]
    overall = (y.sum(axis=0) - y) / (len(y) - 1)
    mean[n[label] < 2] = overall[n[label] < 2]
    return float(1 - ((y - mean) ** 2).sum() / max(float(((y - overall) ** 2).sum()), 1e-12))


def linear(pairs: Pairs) -> float:
    """Share of the other half's variance that ridge regression explains, out of sample (2 folds over users)."""
    both = [p for a, b in pairs for p in ((a, b), (b, a))]
    return float(np.mean([max(_ridge(x, y, alpha) for alpha in (1.0, 10.0, 100.0)) for x, y in both]))


def _ridge(x: Reals, y: Reals, alpha: float) -> float:
    got = np.empty_like(y)
    for fold in (0, 1):
        test = np.arange(len(x)) % 2 == fold
        got[test] = Ridge(alpha=alpha).fit(x[~test], y[~test]).predict(x[test]).reshape(-1, y.shape[1])
    return float(1 - ((y - got) ** 2).sum() / max(float(((y - y.mean(axis=0)) ** 2).sum()), 1e-12))


def crowd(pairs: Pairs, rng: np.random.Generator) -> Pairs:
    """Halves of one crowd that has the users' own covariances within and between halves."""
    out = []
    for a, b in pairs:
        n, d = a.shape
        within = (np.cov(a, rowvar=False).reshape(d, d) + np.cov(b, rowvar=False).reshape(d, d)) / 2
        between = (a - a.mean(axis=0)).T @ (b - b.mean(axis=0)) / (n - 1)
        shared = _root((between + between.T) / 2)
        own = _root(within - shared @ shared)
        latent = rng.standard_normal((n, d)) @ shared
        out.append((latent + rng.standard_normal((n, d)) @ own, latent + rng.standard_normal((n, d)) @ own))
    return out


def _root(covariance: Reals) -> Reals:
    """Symmetric square root of the nearest positive semidefinite matrix."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T)


def kmeans(x: Reals, k: int, seed: int, restarts: int = 3) -> NDArray[np.float32]:
    """Centroids (k, features)."""
    data = np.ascontiguousarray(x, dtype=np.float32)
    model = faiss.Kmeans(
        data.shape[1],
        k,
        niter=25,
        nredo=restarts,
        seed=seed + 1,
        min_points_per_centroid=1,
        max_points_per_centroid=100_000,
    )
    model.train(data)
    return np.asarray(model.centroids)


def nearest(x: Reals, centroids: NDArray[np.float32]) -> Ints:
    """The nearest centroid of each row."""
    index = faiss.IndexFlatL2(centroids.shape[1])
    index.add(centroids)
    return np.asarray(index.search(np.ascontiguousarray(x, dtype=np.float32), 1)[1][:, 0], dtype=np.int64)
