"""Where the halves of users' visits put them: what cross-placing rests on.

In: users of a log, each visit of whom is one of the odd or of the even ones. Promises: who has one visit is put nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class PlacedHalves(NamedTuple):
    """`users` by their hashes; (users, 2) the group of each by the odd and by the even ones of its visits (−1: none), and how
    likely the model takes that to be (0: none, or not known).
    """

    users: Sequence[str]
    groups: NDArray[np.int64]
    chances: NDArray[np.float64]
