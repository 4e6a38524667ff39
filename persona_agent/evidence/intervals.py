"""95 % intervals, with users as the sampling unit of every one.

In: counts, or one number per user. Out: (low, high), or None where there is nothing to estimate from. Sources stand
with each function.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrik, stdtrit

Reals = NDArray[np.float64]
Interval = tuple[float, float]

Z_TWO_SIDED = 1.959963984540054  # the 97.5th percentile of the normal distribution
Z_ONE_SIDED = 1.6448536269514722  # the 95th


def wilson(k: float, n: float, z: float = Z_TWO_SIDED) -> Interval | None:
    """Score interval of a share k/n (Wilson 1927); with z = 1.645 each end is a one-sided 95 % bound."""
    if n <= 0:
        return None
    p, z2 = k / n, z * z
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    # At the ends the formula gives 0 and 1 exactly, but for rounding.
    return (0.0 if k == 0 else max(0.0, centre - half), 1.0 if k == n else min(1.0, centre + half))


def standard_error(sample: Reals) -> float | None:
    """Of the mean of one number per user; None below two users."""
    return float(sample.std(ddof=1) / math.sqrt(len(sample))) if len(sample) > 1 else None


def mean_interval(sample: Reals, low: float = -math.inf) -> Interval | None:
    """Mean ± 1.96 standard errors, cut to `low` where the mean cannot be lower."""
    se = standard_error(sample)
    if se is None:
        return None
    mean = float(sample.mean())
    return (max(low, mean - Z_TWO_SIDED * se), mean + Z_TWO_SIDED * se)


def rate_interval(mean: float, variance: float, n: float) -> tuple[float, Interval]:
    """Standard error and interval of a mean of users' rates, each from 0 to 1.

    Two users who always do it and two who never do are added (Agresti & Coull 1998, for means): a handful of users who
    all agree would otherwise have no error at all. `variance` over users; `n` users, or as many as weighted ones are worth.
    """
    extra = 4.0
    centre = (n * mean + extra / 2) / (n + extra)
    spread = n * (variance + (mean - centre) ** 2) + extra / 2 * (centre**2 + (1 - centre) ** 2)
    se = math.sqrt(spread) / (n + extra)
    return se, (max(0.0, min(mean, centre - Z_TWO_SIDED * se)), min(1.0, max(mean, centre + Z_TWO_SIDED * se)))


def median_interval(values: Reals, users: int) -> Interval | None:
    """Order statistics that hold the median in 95 % of samples of `users` (binomial ranks; Conover 1999, 3.2).

    `values`: one per unit. Where units are more than users, the ranks are those of so many users, scaled to the units:
    wide on purpose, because the units of one user are not independent. None where the ranks run out (below 6 users).
    """
    if users < 1 or len(values) == 0:
        return None
    rank = _binomial_quantile(0.025, users)  # P(fewer than `rank` below the median) ≤ 0.025
    if rank < 1:
        return None
    ordered = np.sort(values)
    first = math.floor((rank - 1) / users * len(ordered))
    return (float(ordered[first]), float(ordered[len(ordered) - 1 - first]))


def difference_by_ends(value: float, ci: Interval, other: float, other_ci: Interval) -> Interval:
    """Interval of value − other from the two intervals (Newcombe 1998, method 10; Zou & Donner 2008 beyond shares)."""
    d = value - other
    return (
        d - math.hypot(value - ci[0], other_ci[1] - other),
        d + math.hypot(ci[1] - value, other - other_ci[0]),
    )


def welch(value: float, se: float, n: float, other: float, other_se: float, m: float) -> Interval:
    """Interval of the difference of two means with unequal variances (Welch 1947)."""
    d, v, w = value - other, se * se, other_se * other_se
    if v + w == 0:
        return (d, d)
    if n <= 1 or m <= 1:
        return (-math.inf, math.inf)
    freedom = (v + w) ** 2 / (v * v / (n - 1) + w * w / (m - 1))
    half = float(stdtrit(freedom, 0.975)) * math.sqrt(v + w)
    return (d - half, d + half)


def weighted_mean(sample: Reals, weights: Reals) -> tuple[float, float, float]:
    """Weighted mean, its standard error over users, and the effective number of users (Kish 1965).

    `weights` sum to 1. The error takes the strata as random too, which is wide rather than narrow.
    """
    total = float(weights.sum())
    w = weights / total
    mean = float((w * sample).sum())
    n = float(1 / np.square(w).sum())
    spread = float(np.square(w * (sample - mean)).sum())
    return mean, math.sqrt(spread * n / (n - 1)) if n > 1 else math.inf, n


def weighted_median(values: Reals, weights: Reals, n: float) -> tuple[float, Interval | None]:
    """The value at which half of the weight is reached, and the weighted order statistics of `n` effective users."""
    order = np.argsort(values, kind="stable")
    x, reached = values[order], np.cumsum(weights[order] / weights.sum())

    def at(share: float) -> int:
        return min(int(np.searchsorted(reached, share - 1e-12)), len(x) - 1)

    i = at(0.5)
    middle = float(x[i])
    if abs(reached[i] - 0.5) <= 1e-12 and i + 1 < len(x):
        middle = float((x[i] + x[i + 1]) / 2)
    rank = _binomial_quantile(0.025, max(int(n), 1))
    if rank < 1:
        return middle, None
    low = (rank - 1) / n
    return middle, (float(x[at(low + 1e-9)]), float(x[at(1 - low)]))


def _binomial_quantile(q: float, n: int) -> int:
    """The smallest k with P(X ≤ k) ≥ q for X of n even throws."""
    k: int = math.ceil(bdtrik(q, n, 0.5))
    return k - 1 if k > 0 and bdtr(k - 1, n, 0.5) >= q else k


def ranks(values: Reals) -> Reals:
    """From 1, the mean of theirs for those that tie, NaN for NaN. `scipy.stats.rankdata` gives the same and takes as long to
    import as a page about forty users takes to make.
    """
    found, there = np.full(len(values), np.nan), ~np.isnan(values)
    _, which, many = np.unique(values[there], return_inverse=True, return_counts=True)
    found[there] = (many.cumsum() - (many - 1) / 2)[which]
    return found
