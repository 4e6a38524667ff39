"""When something stands out of what surrounds it: the bars that pile-ups, steps and changes share.

Everything must hold in either half of the users that groups are made from, and in both together by far more than chance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .intervals import Reals

FloatOrArray = float | Reals

FEWEST = 20  # users in a band or a window: below, a bound of two standard errors is half of the figure
# Standard errors by which a figure stands out: in each half, in both together, and on users set aside. Chance passes 4.25 once in
# 90,000 looks, and a log has some thousand.
EACH, TOGETHER, ALSO = 2.0, 4.25, 1.64
WORTH_RATIO = 1.4  # times what the surroundings suggest; less is no question worth asking
MOST_OF_A_KIND = 3  # told; a list of everything that is uneven is no list of questions


def stands_out(one: FloatOrArray, two: FloatOrArray) -> Any:
    """Do two halves stand out, each and together, on the same side? Of standard errors, one or many at once."""
    least = np.minimum(np.abs(one), np.abs(two)) >= EACH
    return least & (np.multiply(one, two) > 0) & (np.abs(np.add(one, two)) >= TOGETHER * np.sqrt(2))


def digits(x: float) -> float:
    """As it is printed."""
    return float(f"{x:.3g}")
