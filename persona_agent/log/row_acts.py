"""The act of a log whose rows are all one act that no column names.

Takes who writes its rows, the thing that they have and their numbers; gives a verb that says no more than they do. Promises: the
same columns give the same verb.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .guessing import parts_of_name
from .pages import holds_pages
from .vendors.common import words
from .writers import is_writer

# An act that says no more than the rows do, what it is where rows have pieces, prices or money, where they have a mark that
# somebody gave to the thing, where they have no thing, where they have who wrote them, and where things are pages.
TAKE, BUY, RATE, RECORD, WRITE, VIEW = "take", "buy", "rate", "record", "write", "view"
_MARKS = frozenset(words("rating ratings stars bewertung bewertungen puntuacion valoracion valutazione"))
MOST_MARKS = 101  # different ones: from none to ten by tenths, or to a hundred


def act_of_rows(user: str, thing: str, numbers: Mapping[str, Sequence[str]]) -> str:
    """What rows without prices tell; `thing` is "" where they have none, `numbers` are their columns of numbers."""
    if is_writer(user):
        return WRITE
    if not thing:
        return RECORD
    if holds_pages(thing):
        return VIEW
    marks = [values for path, values in numbers.items() if parts_of_name(path)[-1] in _MARKS]
    return RATE if any(1 < len({*values} - {""}) <= MOST_MARKS for values in marks) else TAKE
