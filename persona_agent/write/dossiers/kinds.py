"""Shares of one of many kinds of things: small, and told by how many times as large they are."""

from __future__ import annotations

import math

# A twentieth of what people buy is one of a shop's twenty themes: half as much again is much of it, if it can be seen at all.
POINTS, RATIO = 0.02, 1.5


def far_apart(here: float, there: float) -> bool:
    """Are two shares of a kind worth telling apart?"""
    return abs(here - there) >= POINTS and max(here, there) >= RATIO * min(here, there)


def effect(here: float, there: float) -> float:
    """How far apart: Cohen's h (1988), by which 12 against 3 % is as far as 50 against 33 %."""
    return abs(2 * math.asin(math.sqrt(here)) - 2 * math.asin(math.sqrt(there)))
