"""Cohorts: users who never meet, such as those of different courses; what tells them apart is not what they do.

In: the fields of a log that are of users. Out: the field whose values share hardly any objects, if there is one. Users are then
told apart within their value of it, and null logs exchange visits within it.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook
from ..log.events import MAX_FIELD_VALUES, Columns, Property
from .coded import coded, property_of

Ints = NDArray[np.int64]

APART = 0.5  # of what the commonest value leaves open. Courses and terms .73; countries of a shop, languages of pages below 0
FEWEST_USERS = 3  # who met an object, or where it is met says nothing


def cohort_field(
    connection: duckdb.DuckDBPyConnection,
    columns: Columns,
    book: Codebook,
    catalogue: Mapping[str, Property],
    fit: NDArray[np.bool_],
) -> str | None:
    """The field of users whose values share fewest objects, None where they meet."""
    _, thing = coded(connection, "nullif(object, '')")
    best: tuple[float, str] | None = None
    for name, d in book.fields.items():
        few = name in catalogue and 2 <= catalogue[name].distinct <= MAX_FIELD_VALUES
        if d.use != "of the user" or not few:
            continue
        _, value = coded(connection, property_of(name))
        inside = (thing >= 0) & (value >= 0) & fit[columns.user]
        apart = _apart(columns.user[inside], thing[inside], value[inside])
        if apart >= APART and (best is None or (apart, name) > best):
            best = (apart, name)
    return best[1] if best else None


def _apart(user: Ints, thing: Ints, value: Ints) -> float:
    """How far an object says which value its users have, beyond the commonest value (Goodman and Kruskal's lambda, over users
    of objects that FEWEST_USERS met).
    """
    if not len(user):
        return 0.0
    width = int(value.max()) + 1
    pairs = np.unique(user * (int(thing.max()) + 1) + thing, return_index=True)[1]
    counts = np.zeros((int(thing.max()) + 1, width))
    np.add.at(counts, (thing[pairs], value[pairs]), 1)
    counts = counts[counts.sum(axis=1) >= FEWEST_USERS]
    if not len(counts):
        return 0.0
    total = counts.sum()
    mode = counts.sum(axis=0).max() / total
    # One left out: an object's only user would always be right.
    pure = (counts.max(axis=1) - 1).clip(0).sum() / max((counts.sum(axis=1) - 1).clip(0).sum(), 1)
    return float((pure - mode) / max(1 - mode, 1e-9))
