"""Fields that hold several values in a cell (`Comedy|Drama`, `a; b`, `["a", "b"]`): told by their cells, held as JSON lists.

In: the columns of a sample; later the texts of such a field. Out: what parts the values of each; the JSON text of a list; the SQL
of the values behind a text. Promises: a column is taken apart only where its parts come back in other company in other cells,
in cells of several lengths: a sentence, an address, a path and a key made of fixed places stay whole.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from ..option_fields import LIST_SIGNS, NO_LISTS
from .guessing import Column
from .shapes import UNFOLDED
from .values import as_json

CELLS = 20  # different cells, at least: of fewer, recombining would be chance
SEVERAL = 0.3  # of them hold several values
FEWER = 0.5  # parts to a cell, at most: those of sentences and addresses are more than their cells
MET = 3.0  # cells that a part is in, on average
LONGEST = 40  # characters of a part, on average: longer ones are clauses
_NUMBER = re.compile(r"[-+]?[\d.,]+").fullmatch
_BRACKETS = re.compile(r"\s*[\[({].*[\])}]\s*", re.DOTALL).fullmatch


def lists_of(columns: Mapping[str, Column], mapping: Mapping[str, str], told: Sequence[str]) -> dict[str, str]:
    """The properties that hold several values, with what parts them: as `told`, by a person or an earlier run, else found. What
    is told of another log stays so: too few cells of a later one may say otherwise.
    """
    if not told:
        return dict(find_lists(columns, mapping))
    given = (one.rpartition("=") for one in told if (*told,) != NO_LISTS)
    return {property_name(path): sign for path, _, sign in given}


def lists_as_told(lists: Mapping[str, str]) -> tuple[str, ...]:
    """The same as the option says it."""
    return tuple(f"{name}={sign}" for name, sign in lists.items())


def find_lists(columns: Mapping[str, Column], mapping: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each property that holds several values, and what parts them."""
    for path, column in columns.items():
        plain = column.types == {"text"} and not column.timely and path not in mapping.values()
        if plain and (delimiter := delimiter_of(column.distinct)):
            yield property_name(path), delimiter


def said_of_lists(lists: Mapping[str, str], columns: Collection[str]) -> Iterator[str]:
    """What a person should know of them, and how to say otherwise."""
    there = {*map(property_name, columns)}
    for name, delimiter in lists.items():
        if name not in there:
            yield f"{name} is to be read as several values in a cell, and no column is called so"
            continue
        parted = "in brackets" if delimiter == "[" else f"parted by “{delimiter}”"
        yield f"{name} holds several values in a cell, {parted}: each is counted for itself, unless --lists says otherwise"


@lru_cache(maxsize=1 << 14)
def listed_values(text: str, delimiter: str) -> str:
    """The JSON text of the values in a cell, each once; "" without any."""
    parts = list(dict.fromkeys(_parts(text, delimiter)))
    return as_json(parts) if parts else ""


def values_sql(text: str) -> str:
    """The SQL of a list of the values that a text of a property stands for: those of a list, else itself."""
    held = f"TRY_CAST(TRY_CAST({text} AS JSON) AS VARCHAR[])"
    return f"CASE WHEN starts_with({text}, '[\"') THEN coalesce({held}, [{text}]) ELSE [{text}] END"


def delimiter_of(cells: set[str]) -> str:
    """What parts the values of most cells, "" where they are whole."""
    bracketed = sum(_BRACKETS(cell) is not None for cell in cells) > len(cells) / 2
    found = [d for d in LIST_SIGNS if (d == "[") == bracketed and _recombine([_parts(cell, d) for cell in cells])]
    return max(found, key=lambda d: (sum(d in cell for cell in cells), d), default="")


def property_name(path: str) -> str:
    """What a column is called among the properties of an event."""
    head, _, rest = path.partition(".")
    return rest if rest and head in UNFOLDED else path


def _parts(text: str, delimiter: str) -> list[str]:
    if delimiter == "[":
        text, delimiter = text.strip()[1:-1], ","
        return [part for one in text.split(delimiter) if (part := one.strip(" '\""))]
    return [part for one in text.split(delimiter) if (part := one.strip())]


def _recombine(cells: list[list[str]]) -> bool:
    several = [cell for cell in cells if len(cell) > 1]
    counts = Counter(part for cell in cells for part in {*cell})
    if len(cells) < CELLS or len(several) < SEVERAL * len(cells) or len({*map(len, several)}) < 2:
        return False
    if len(counts) > FEWER * len(cells) or counts.total() < MET * len(counts):
        return False
    words = sum(_NUMBER(part) is None for part in counts)
    return words > len(counts) / 2 and sum(map(len, counts)) <= LONGEST * len(counts)
