"""Draws with chances, as `Generator.choice` makes them, without its checks, which take several times as long as a draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def draw(chances: NDArray[np.float64], rng: np.random.Generator, size: int | None = None) -> Any:
    """What `rng.choice(len(chances), size, p=chances)` would be, from the same random numbers."""
    ends = chances.cumsum()
    ends /= ends[-1]
    return ends.searchsorted(rng.random(size), side="right")


def draw_apart(chances: NDArray[np.float64], rng: np.random.Generator, size: int) -> list[int]:
    """What `rng.choice(len(chances), size, replace=False, p=chances)` would be, from the same random numbers."""
    left, found = chances.copy(), list[int]()
    while len(found) < size:
        at = rng.random(size - len(found))
        left[found] = 0
        ends = left.cumsum()
        ends /= ends[-1]
        for one in ends.searchsorted(at, side="right").tolist():
            if one not in found:
                found.append(one)
    return found
