"""How high a ranking of the whole catalogue puts what a user did next: hit rate, NDCG (Järvelin & Kekäläinen 2002) and
the reciprocal rank of the first hit.

In: scores of objects, one row a user; which objects may be ranked for the user; which of them came true. Out: per
measure one value a user. Promises: every candidate is ranked and none is sampled (Krichene & Rendle 2020); ties are
broken by one order of the catalogue that knows neither users nor targets; values are in [0, 1], and 1 is reached by
whoever puts all targets first.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

TOP = 10
MEASURES = ("hr_at_10", "ndcg_at_10", "mrr")
SEED = 0
DIGITS = 12  # scores that differ by less are ties: the last digits of a sum differ between machines


def measured(scores: Reals, candidates: Bools, targets: Bools) -> dict[str, Reals]:
    """Each measure of each user; ValueError where a user has no target, or one that is no candidate."""
    if (targets & ~candidates).any() or not targets.any(axis=1).all():
        raise ValueError("every user needs a target, and every target must be a candidate")
    rank = ranks(scores, candidates)
    first = np.where(targets, rank, np.inf).min(axis=1, initial=np.inf)
    gain = np.where(targets & (rank <= TOP), 1 / np.log2(rank + 1.0), 0.0).sum(axis=1)
    ndcg = np.minimum(gain / _ideal(targets.sum(axis=1)), 1.0)  # a sum in another order may be 1 + 2e-16
    return dict(zip(MEASURES, ((first <= TOP).astype(np.float64), ndcg, 1 / first), strict=True))


def ranks(scores: Reals, candidates: Bools) -> Ints:
    """(users, objects) the place of each object from 1; objects that are no candidates come last."""
    tie = np.random.default_rng(SEED).permutation(scores.shape[1])
    kept = np.where(candidates, np.round(scores, DIGITS), -np.inf)
    order = np.lexsort((np.broadcast_to(tie, kept.shape), -kept), axis=-1)
    rank = np.empty(kept.shape, dtype=np.int64)
    np.put_along_axis(rank, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return rank


def by_chance(candidates: Bools, targets: Bools) -> dict[str, Reals]:
    """What `measured` gives on average over all orders of the candidates, exactly."""
    pairs = zip(candidates.sum(axis=1).tolist(), targets.sum(axis=1).tolist(), strict=True)
    rows = np.array([_chance(n, hits) for n, hits in pairs]).reshape(-1, len(MEASURES))
    return {measure: rows[:, i] for i, measure in enumerate(MEASURES)}


def _chance(n: int, hits: int) -> tuple[float, float, float]:
    """Of `n` candidates in random order, `hits` of them targets: no target among the first r with chance none[r]."""
    drawn = np.arange(n)
    none = np.concatenate([[1.0], np.cumprod(np.maximum(n - hits - drawn, 0) / (n - drawn))])
    seen = min(TOP, n)
    gain = hits / n * (1 / np.log2(np.arange(2, seen + 2))).sum()
    reciprocal = ((none[:-1] - none[1:]) / (drawn + 1)).sum()
    return float(1 - none[seen]), float(gain / _ideal(np.array([hits]))[0]), float(reciprocal)


def _ideal(hits: Ints) -> Reals:
    """The gain of a ranking that has so many targets first."""
    gains = np.cumsum(1 / np.log2(np.arange(2, TOP + 2)))
    return np.asarray(gains[np.minimum(hits, TOP) - 1], dtype=np.float64)
