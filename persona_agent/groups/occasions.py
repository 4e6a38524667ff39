"""Occasions: groups by what users come for, in which one user may be several times.

In: memories of users by intent. Out: the members of each intent's occasion, and how stable these are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

BOOTSTRAPS = 20  # round, not tuned


def by_intents(memories: Reals) -> list[Ints]:
    """Per intent, the users whose share of memories on it is above the share expected from everybody's."""
    held = _above_expected(memories)
    return [np.flatnonzero(held[:, i]).astype(np.int64) for i in range(memories.shape[1])]


def occasion_stability(memories: Reals, seed: int) -> Reals:
    """Per intent, the mean Jaccard of its users with those it has when every user's memories are drawn anew.

    Resampling users alone would change nothing here, since each user's occasions depend on that user's memories.
    """
    rng = np.random.default_rng([seed, 31])
    held = _above_expected(memories)
    n = memories.sum(axis=1)
    chances = memories / np.maximum(n, 1)[:, None]
    chances[n == 0, 0] = 1.0
    found = []
    for _ in range(BOOTSTRAPS):
        again = _above_expected(rng.multinomial(n.astype(np.int64), chances).astype(float))
        found.append((held & again).sum(axis=0) / np.maximum((held | again).sum(axis=0), 1))
    return np.asarray(np.mean(found, axis=0))


def _above_expected(memories: Reals) -> np.ndarray:
    share = memories / np.maximum(memories.sum(axis=1, keepdims=True), 1)
    return np.asarray(share > memories.sum(axis=0) / max(float(memories.sum()), 1.0))
