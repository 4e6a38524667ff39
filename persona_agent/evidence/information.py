"""Does a claim say anything? Bits against the others, and which claims are the same claim (METRICS 5).

In: results and samples with one number per user. Out: bits, from 0; None where they cannot be told. Promises: a claim
is credited with the end of its interval that is nearest to the others, and with nothing where the interval holds them.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np
from scipy import stats

from persona_agent.evidence.intervals import Z_TWO_SIDED, Floats, Interval
from persona_agent.evidence.measures import Measured

DISTINGUISHING_BITS = 0.05
SAME_JACCARD = 0.9


def information(inside: Measured, outside: Measured) -> float | None:
    """Bits of a share against the others' share, which is moved off 0 and 1 by half a user.

    None if either is empty, without an interval, or no share (of a lift, hand in the shares).
    """
    p, q, n = inside.value, outside.value, outside.n
    if inside.statistic != "share" or outside.statistic != "share":
        return None
    if p is None or q is None or inside.ci is None or not n:
        return None
    return bits_at_bound(inside.ci, (q * n + 0.5) / (n + 1) if q in {0.0, 1.0} else q)


def information_of_samples(inside: Floats, outside: Floats) -> float | None:
    """Bits of one number per user against the others': the chance that a user here has more than one there, against ½.

    Common-language effect size with ties halved (McGraw & Wong 1992, Vargha & Delaney 2000), its standard error after
    Hanley & McNeil (1982), at half a pair per user from 0 and 1, since complete separation has an error too.
    """
    n, m = len(inside), len(outside)
    if n < 2 or m < 2 or not (np.isfinite(inside).all() and np.isfinite(outside).all()):
        return None
    edge = 1 / (2 * min(n, m))
    a = min(max(effect_size(inside, outside), edge), 1 - edge)
    one, two = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + (n - 1) * (one - a * a) + (m - 1) * (two - a * a)) / (n * m)
    half = Z_TWO_SIDED * math.sqrt(max(0.0, variance))
    return bits_at_bound((max(0.0, a - half), min(1.0, a + half)), 0.5)


def effect_size(inside: Floats, outside: Floats) -> float:
    """P(x > y) + ½ P(x = y) for x of `inside` and y of `outside`, both without NaN and not empty."""
    ranks = stats.rankdata(np.concatenate([inside, outside]))
    n, m = len(inside), len(outside)
    return float((ranks[:n].sum() - n * (n + 1) / 2) / (n * m))


def bits_at_bound(ci: Interval, q: float) -> float:
    """Bits of the end of `ci` nearest to q; 0 where `ci` holds q."""
    if ci[0] <= q <= ci[1]:
        return 0.0
    return bits(ci[0] if q < ci[0] else ci[1], q)


def bits(p: float, q: float) -> float:
    """p·log2(p/q) + (1−p)·log2((1−p)/(1−q)): what one unit's answer tells of its group; infinite where q rules p out."""
    return _term(p, q) + _term(1 - p, 1 - q)


def distinguishing(found: float | None, *, by_construction: bool) -> bool:
    """At least 0.05 bits, and not because the group was formed that way."""
    return found is not None and found >= DISTINGUISHING_BITS and not by_construction


def same_units(one: Collection[int] | np.ndarray, other: Collection[int] | np.ndarray) -> bool:
    """Jaccard over 0.9 of two sets of units: the claims count once. Two empty sets say nothing, so not the same."""
    a, b = {int(x) for x in one}, {int(x) for x in other}
    union = len(a | b)
    return union > 0 and len(a & b) / union > SAME_JACCARD


def _term(p: float, q: float) -> float:
    if p == 0:
        return 0.0
    return p * math.log2(p / q) if q > 0 else math.inf
