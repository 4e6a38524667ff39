"""Shares that fewer than five users decide, put where they are told, before anything is made of them.

In: a `Measured`, exact. Out: the same with each such share, its own and those of its others, in the middle of
its bound, or where nobody (or everybody) does it. Promises: nobody, one and four come to the same, and so does every
test, verdict and difference of it.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal

from ..words.floors import FEW, bound_edge, of_users
from .answers import Measured
from .intervals import Z_TWO_SIDED, wilson

BESIDE = ("other", "everyone", "matched", "paired", "whole")


def few_side(measured: Measured | None) -> Literal["over", "under"] | None:
    """On which side of a share fewer than five users are, nobody included: of those who do it, or of those who leave it."""
    if measured is None or measured.sides is None or min(measured.sides) >= FEW:
        return None
    return "under" if measured.sides[0] <= measured.sides[1] else "over"


def at_bounds(measured: Measured, *, furthest: bool = False) -> Measured:
    """The result with shares of few in the middle of what their bound leaves open, or at the end `furthest` from its edge."""
    done: dict[int, Measured] = {}

    def put(one: Measured) -> Measured:
        # Which of its others a claim is held against is told by their being the same object.
        if id(one) not in done:
            beside: dict[str, Any] = {name: put(part) for name in BESIDE if (part := getattr(one, name)) is not None}
            told = replace(_at_bound(one, furthest), **beside)
            # How often a group that is drawn differs as much is counted from who does it.
            few = any(few_side(m) for m in (one, one.matched, one.everyone))
            done[id(one)] = replace(told, redrawn=None, parts=False) if few else told
        return done[id(one)]

    return put(measured)


def _at_bound(measured: Measured, furthest: bool) -> Measured:
    side = few_side(measured)
    if side is None or measured.statistic != "share" or measured.n < FEW:
        return measured
    n, end = of_users(measured.n), 0.0 if side == "under" else 1.0
    value = end if furthest else (end + bound_edge(measured.n, side)) / 2
    doing = round(value * n)
    told = replace(measured, value=value, n=n, units=n, satisfying=doing, pooled=value, median_user_rate=end)
    if measured.unit == "users":
        return replace(told, ci=wilson(doing, n), se=None)
    se = math.sqrt(max(value * (1 - value), 1 / n) / n)  # of nobody there would be no error
    return replace(told, se=se, ci=(max(value - Z_TWO_SIDED * se, 0.0), min(value + Z_TWO_SIDED * se, 1.0)))
