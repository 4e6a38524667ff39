"""Who is in which group, how sure that is, and how stable the groups are.

k-means fits the centroids; a mixture fitted from there (multinomial over a user's memories by intent, normal over the
numeric features) decides, because k-means makes groups of equal size and weighs a user with three memories like one
with three hundred. A user whom no group explains better than the others together stays outside (noise).
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from .prediction import kmeans, nearest
from .profiles import Ints, Reals

MIN_CERTAINTY = 0.4
MIN_MEMORIES = 2
PRIOR_MEMORIES = 5.0
BOOTSTRAPS = 20
RESTARTS = 10


def assign(x: Reals, memories: Reals | None, numbers: Reals, k: int, seed: int) -> tuple[Ints, Reals]:
    """Group and certainty per user. `x` (users, features) weighted profiles; `memories` (users, intents) counts, or
    None if the groups do not rest on intents; `numbers` (users, n) the numeric features in use.
    """
    label = nearest(x, kmeans(x, k, seed, RESTARTS))
    if memories is None:
        return label, np.ones(len(label))
    posterior = _mixture(memories, numbers, label, k)
    label, certainty = posterior.argmax(axis=1), posterior.max(axis=1)
    outside = (certainty < MIN_CERTAINTY) | (memories.sum(axis=1) < MIN_MEMORIES)
    return np.where(outside, -1, label).astype(np.int64), certainty


def _mixture(memories: Reals, numbers: Reals, label: Ints, k: int, iterations: int = 200) -> Reals:
    posterior = np.eye(k)[label]
    base = memories.sum(axis=0) / max(float(memories.sum()), 1.0)
    for _ in range(iterations):
        rates = posterior.T @ memories + PRIOR_MEMORIES * base
        rates /= rates.sum(axis=1, keepdims=True)
        weight = posterior.sum(axis=0) + 1
        score = memories @ np.log(rates + 1e-12).T + np.log(weight / weight.sum()) + _normal(numbers, posterior)
        new = np.exp(score - logsumexp(score, axis=1, keepdims=True))
        if np.abs(new - posterior).max() < 1e-4:
            return np.asarray(new)
        posterior = new
    return np.asarray(posterior)


def _normal(numbers: Reals, posterior: Reals) -> Reals:
    """(users, k) log-likelihoods under one normal a group and feature, with a common variance."""
    if numbers.shape[1] == 0:
        return np.zeros(posterior.shape)
    weight = np.maximum(posterior.sum(axis=0), 1e-9)
    mean = (posterior.T @ numbers) / weight[:, None]
    squared = (numbers[:, None, :] - mean[None]) ** 2
    variance = np.maximum((posterior[:, :, None] * squared).sum(axis=(0, 1)) / len(numbers), 1e-3)
    return np.asarray(-0.5 * (squared / variance + np.log(variance)).sum(axis=2))


def stability(x: Reals, memories: Reals | None, numbers: Reals, label: Ints, k: int, seed: int) -> Reals:
    """Per group, the mean over bootstraps of users of the best Jaccard with a group found there (Hennig 2007)."""
    rng = np.random.default_rng([seed, 29])
    found = np.zeros((BOOTSTRAPS, k))
    for i in range(BOOTSTRAPS):
        users = np.unique(rng.integers(0, len(x), size=len(x)))
        again, _ = assign(x[users], None if memories is None else memories[users], numbers[users], k, seed + i + 1)
        found[i] = [_best_jaccard(label[users] == g, again, k) for g in range(k)]
    return np.asarray(found.mean(axis=0))


def _best_jaccard(inside: np.ndarray, again: Ints, k: int) -> float:
    return max(float((inside & (again == h)).sum() / max((inside | (again == h)).sum(), 1)) for h in range(k))


def cohesion(x: Reals) -> float | None:
    """Mean pairwise cosine of the rows of `x` (METRICS 1); None for fewer than two."""
    norm = np.linalg.norm(x, axis=1)
    rows = x[norm > 0] / norm[norm > 0, None]
    n = len(rows)
    return None if n < 2 else float((np.square(rows.sum(axis=0)).sum() - n) / (n * n - n))
