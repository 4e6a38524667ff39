"""Who is in which group, how sure that is, and how stable the groups are.

In: weighted profiles, memories by intent and numbers of the users to fit on. Out: a `FittedGroups`, frozen, that puts anybody
with such a profile into a group. Promises: fitting and assigning are apart, and those fitted on are assigned like
anybody else.

k-means fits the centroids; a mixture fitted from there (multinomial over a user's memories by intent, normal over the
numeric features) decides, because k-means makes groups of equal size and weighs a user with three memories like one
with three hundred. A user whom no group explains better than the others together stays outside (noise).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from .prediction import kmeans, nearest
from .profiles import Ints, Reals

# Lowered from 0.5, at which users with few memories were left out; as likely elsewhere is no member.
MIN_CERTAINTY = 0.4
MIN_MEMORIES = 2  # one visit for one thing is no mix
# Of everybody's mix in each group, so that what a small group never did is rare and not impossible.
PRIOR_MEMORIES = 5.0
BOOTSTRAPS = 20  # redrawn samples of users; a round number
RESTARTS = 10  # k-means ends in other places from other starts
ITERATIONS = 200  # at most; it stops at a change below 1e-4


@dataclass(frozen=True)
class Mixture:
    """Per group: `rates` (k, intents), `weight` (k,) share of users, `mean` (k, n) of the numbers; `variance` (n,) of
    the numbers, common to all groups.
    """

    rates: Reals
    weight: Reals
    mean: Reals
    variance: Reals

    @classmethod
    def of(cls, memories: Reals, numbers: Reals, posterior: Reals) -> Mixture:
        """The parameters that fit best where `posterior` (users, k) says who is in which group."""
        base = memories.sum(axis=0) / max(float(memories.sum()), 1.0)
        rates = posterior.T @ memories + PRIOR_MEMORIES * base
        rates /= rates.sum(axis=1, keepdims=True)
        weight = posterior.sum(axis=0) + 1
        mean = (posterior.T @ numbers) / np.maximum(posterior.sum(axis=0), 1e-9)[:, None]
        squared = (numbers[:, None, :] - mean[None]) ** 2
        variance = np.maximum((posterior[:, :, None] * squared).sum(axis=(0, 1)) / len(numbers), 1e-3)
        return cls(rates, weight / weight.sum(), mean, variance)

    def posterior(self, memories: Reals, numbers: Reals) -> Reals:
        """(users, k) chances of each group."""
        squared = (numbers[:, None, :] - self.mean[None]) ** 2
        normal = -0.5 * (squared / self.variance + np.log(self.variance)).sum(axis=2)
        score = memories @ np.log(self.rates + 1e-12).T + np.log(self.weight) + normal
        return np.asarray(np.exp(score - logsumexp(score, axis=1, keepdims=True)))


@dataclass(frozen=True)
class FittedGroups:
    """Groups, frozen. `mixture` is None if they do not rest on intents: then the nearest centroid decides."""

    centroids: NDArray[np.float32]
    mixture: Mixture | None

    def assign(self, x: Reals, memories: Reals | None, numbers: Reals) -> tuple[Ints, Reals]:
        """Group (−1: none) and certainty of each user, one of those fitted on or anybody else."""
        if self.mixture is None or memories is None:
            return nearest(x, self.centroids), np.ones(len(x))
        posterior = self.mixture.posterior(memories, numbers)
        label, certainty = posterior.argmax(axis=1), posterior.max(axis=1)
        outside = (certainty < MIN_CERTAINTY) | (memories.sum(axis=1) < MIN_MEMORIES)
        return np.where(outside, -1, label).astype(np.int64), certainty


def fit(x: Reals, memories: Reals | None, numbers: Reals, k: int, seed: int) -> FittedGroups:
    """`x` (users, features) weighted profiles; `memories` (users, intents) counts, or None if the groups do not rest on
    intents; `numbers` (users, n) the numeric features in use.
    """
    centroids = kmeans(x, k, seed, RESTARTS)
    return FittedGroups(centroids, None if memories is None else _mixture(memories, numbers, nearest(x, centroids), k))


def _mixture(memories: Reals, numbers: Reals, label: Ints, k: int) -> Mixture:
    posterior = np.eye(k)[label]
    for _ in range(ITERATIONS):
        mixture = Mixture.of(memories, numbers, posterior)
        new = mixture.posterior(memories, numbers)
        if np.abs(new - posterior).max() < 1e-4:
            break
        posterior = new
    return mixture


def stability(x: Reals, memories: Reals | None, numbers: Reals, label: Ints, k: int, seed: int) -> Reals:
    """Per group, the mean over bootstraps of users of the best Jaccard with a group found there (Hennig 2007)."""
    rng = np.random.default_rng([seed, 29])
    found = np.zeros((BOOTSTRAPS, k))
    for i in range(BOOTSTRAPS):
        users = np.unique(rng.integers(0, len(x), size=len(x)))
        drawn = (x[users], None if memories is None else memories[users], numbers[users])
        again, _ = fit(*drawn, k, seed + i + 1).assign(*drawn)
        found[i] = [_best_jaccard(label[users] == g, again, k) for g in range(k)]
    return np.asarray(found.mean(axis=0))


def _best_jaccard(inside: np.ndarray, again: Ints, k: int) -> float:
    return max(float((inside & (again == h)).sum() / max((inside | (again == h)).sum(), 1)) for h in range(k))


def cohesion(x: Reals) -> float | None:
    """Mean pairwise cosine of the rows of `x`; None for fewer than two."""
    norm = np.linalg.norm(x, axis=1)
    rows = x[norm > 0] / norm[norm > 0, None]
    n = len(rows)
    return None if n < 2 else float((np.square(rows.sum(axis=0)).sum() - n) / (n * n - n))
