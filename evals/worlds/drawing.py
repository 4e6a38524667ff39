"""Draws with chances, as `Generator.choice` makes them, without its checks, which take several times as long as the draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def draw(chances: NDArray[np.float64], rng: np.random.Generator, size: int | None = None) -> Any:
    """What `rng.choice(len(chances), size, p=chances)` would be, from the same random numbers."""
    ends = chances.cumsum()
    ends /= ends[-1]
    return ends.searchsorted(rng.random(size), side="right")
