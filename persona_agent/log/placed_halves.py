"""Where the halves of users' visits put them: what cross-placing rests on.

In: users of a log, each visit of whom is one of the odd or of the even ones. Promises: who has one visit is put nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..store import sql_literal


class PlacedHalves(NamedTuple):
    """`users` by their hashes; (users, 2) the group of each by the odd and by the even ones of its visits (−1: none), and how
    likely the model takes that to be (0: none, or not known). `leaning` (users,) is the group that somebody in none leans to
    (−1: none), by all visits; None is nobody.
    """

    users: Sequence[str]
    groups: NDArray[np.int64]
    chances: NDArray[np.float64]
    leaning: NDArray[np.int64] | None = None


def read_halves(connection: duckdb.DuckDBPyConnection, path: Path) -> PlacedHalves:
    """What a table of users says; what it lacks is nobody's."""
    asked = f"SELECT user, COLUMNS('^(leaning|(group|chance)_by_.*)$') FROM {sql_literal(path)}"
    rows = connection.execute(asked).fetchnumpy()
    n = len(rows["user"])

    def by_halves(name: str) -> NDArray[np.generic]:
        return np.column_stack([rows.get(f"{name}_by_{half}", np.zeros(n)) for half in ("odd", "even")])

    leaning = rows.get("leaning", np.full(n, -1)).astype(np.int64)
    groups, chances = by_halves("group").astype(np.int64), by_halves("chance").astype(np.float64)
    return PlacedHalves(rows["user"].tolist(), groups, chances, leaning)
