"""Does a claim say anything? Bits against the others.

In: results and samples with one number per user. Out: bits, from 0; None where they cannot be told. Promises: a claim
is credited with the end of its interval that is nearest to the others, and with nothing where the interval holds them.
"""

from __future__ import annotations

import math

import numpy as np

from ..options import DISTINGUISHING_BITS
from .answers import Measured
from .intervals import Z_TWO_SIDED, Interval, Reals

_EDGE = 1e-9  # off 0 and 1 by less than any share of users can be


def information(inside: Measured, outside: Measured) -> float | None:
    """Bits of a share against the others' share, which is moved off 0 and 1 by half a user.

    None if either is empty, without an interval, or no share.
    """
    p, q, n = inside.value, outside.value, outside.n_effective or outside.n
    if inside.statistic != "share" or outside.statistic != "share":
        return None
    if p is None or q is None or inside.ci is None or not n:
        return None
    return bits_at_bound(inside.ci, (min(max(q, 0.0), 1.0) * n + 0.5) / (n + 1) if not _EDGE < q < 1 - _EDGE else q)


def tells(whole: Measured) -> bool:
    """Could a share of the whole log tell its group from comparable others? Where its interval holds theirs nothing is left to
    tell once it is cross-placed, which takes from a difference and never adds to it. Of numbers it is always worth asking.
    """
    if whole.matched is None or whole.statistic != "share":
        return True
    return information(whole, whole.matched) != 0.0


def information_of_samples(
    inside: Reals, outside: Reals, weights: Reals, users: tuple[float, float] | None = None
) -> float | None:
    """Bits of one number per user against the others': the chance that a user here has more than one there, against ½.

    Common-language effect size with ties halved (McGraw & Wong 1992, Vargha & Delaney 2000), its standard error after
    Hanley & McNeil (1982), at half a pair per user from 0 and 1, since complete separation has an error too. `weights`,
    one per user of `outside`, make them stand for comparable others. `users`: how many equal users either side is worth, where
    several numbers are of one user.
    """
    if len(inside) < 2 or len(outside) < 2 or not (np.isfinite(inside).all() and np.isfinite(outside).all()):
        return None
    w = weights / weights.sum()
    n, m = users or (float(len(inside)), float(1 / np.square(w).sum()))
    edge = 1 / (2 * min(n, m))
    a = min(max(effect_size(inside, outside, w), edge), 1 - edge)
    one, two = a / (2 - a), 2 * a * a / (1 + a)
    variance = (a * (1 - a) + (n - 1) * (one - a * a) + (m - 1) * (two - a * a)) / (n * m)
    half = Z_TWO_SIDED * math.sqrt(max(0.0, variance))
    return bits_at_bound((max(0.0, a - half), min(1.0, a + half)), 0.5)


def effect_size(inside: Reals, outside: Reals, weights: Reals) -> float:
    """P(x > y) + ½ P(x = y) for x of `inside` and y of `outside` by its weights, both without NaN and not empty."""
    order = np.argsort(outside, kind="stable")
    w = weights / weights.sum()
    below = np.concatenate([[0.0], np.cumsum(w[order])])
    less = below[np.searchsorted(outside[order], inside, side="left")]
    up_to = below[np.searchsorted(outside[order], inside, side="right")]
    return float(((less + up_to) / 2).mean())


def bits_at_bound(ci: Interval, q: float) -> float:
    """Bits of the end of `ci` nearest to q; 0 where `ci` holds q."""
    if ci[0] <= q <= ci[1]:
        return 0.0
    return bits(ci[0] if q < ci[0] else ci[1], q)


def bits(p: float, q: float) -> float:
    """p·log2(p/q) + (1−p)·log2((1−p)/(1−q)): what one unit's answer tells of its group; infinite where q rules p out."""
    return _term(p, q) + _term(1 - p, 1 - q)


def distinguishing(found: float | None) -> bool:
    """At least 0.02 bits, cross-placed: then what formed the group can count too, for it could have failed."""
    return found is not None and found >= DISTINGUISHING_BITS


def _term(p: float, q: float) -> float:
    if p == 0:
        return 0.0
    return p * math.log2(p / q) if q > 0 else math.inf
