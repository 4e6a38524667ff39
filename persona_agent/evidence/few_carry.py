"""Does what a group brings in hang on a few of its users?

In: what each brings in. Out: the share that the five largest bring, where figures of the group hang on them.
"""

from __future__ import annotations

import numpy as np

from ..words.floors import FEW
from .intervals import Reals

MUCH = 0.25  # of a group's value on five users: without them its figures would be others
TWICE = 2  # times what five of so many are: of twenty users any five bring a quarter


def carried_by_five(worth: Reals) -> float | None:
    """The share of the five largest, None where it is less than MUCH, or no more than twice what five of so many are; or where
    returns outweigh what was bought.
    """
    whole = float(worth.sum())
    share = float(np.sort(worth)[-FEW:].sum()) / whole if whole > 0 else 0.0
    return round(share, 6) if MUCH <= share <= 1 and share >= TWICE * FEW / max(len(worth), 1) else None
