"""What the columns of a sample hold: counted as records are looked at, file by file, and told without identifiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .guessing import Column
from .layouts import Layout
from .plan import key_name
from .records import Record
from .shapes import Shape, as_object, shaped
from .times import may_be_time
from .values import cell_value

# Records from which columns are settled; a round number. A column that first comes later is not mapped.
SAMPLE = 1_000
_DEPTH = 8  # as in plan.py
_DISTINCT = 200  # characters by which two values of a column are told apart while counting them
_TYPES = {str: "text", int: "integer", float: "number", bool: "boolean", list: "list", dict: "object"}


@dataclass(frozen=True, slots=True)
class FoundColumn:
    """A column as a dotted path without identifiers: the JSON types seen and the records of the sample that hold it."""

    path: str
    types: tuple[str, ...]
    filled: int


def columns_of_sample(sample: Sequence[Record], layout: Layout, shape: Shape) -> dict[str, Column]:
    """Every column of the records of one file."""
    cells = layout.format in ("csv", "tsv")
    columns: dict[str, Column] = {
        name: Column() for name in layout.header if not shape.moment or name != shape.moment[1]
    }
    for record in sample:
        if type(record.value) is dict:
            shaped(record.value, shape)
            for path, shown, value in _leaves(record.value, "", "", _DEPTH):
                if path not in columns:
                    columns[path] = Column(shown=shown)
                _note(columns[path], value, cells)
    return columns


def _leaves(members: dict[str, Any], prefix: str, shown: str, depth: int) -> Iterator[tuple[str, str, Any]]:
    """Path, path as it may be shown, and value of what stands in an object, however deep."""
    for name, value in members.items():
        inner = as_object(value) if depth else None
        if inner is not None:
            yield from _leaves(inner, f"{prefix}{name}.", f"{shown}{key_name(name)}.", depth - 1)
        else:
            yield prefix + name, shown + key_name(name), value


def shown_columns(columns: dict[str, Column]) -> Iterator[FoundColumn]:
    """The columns as they may be shown, those of one name as one."""
    found: dict[str, FoundColumn] = {}
    for path, column in columns.items():
        name = column.shown or key_name(path)
        before = found.get(name, FoundColumn(name, (), 0))
        found[name] = FoundColumn(name, tuple(sorted({*before.types, *column.types})), before.filled + column.filled)
    yield from found.values()


def _note(column: Column, value: Any, cells: bool) -> None:
    if value is None or value == "":
        return
    kept = cell_value(value) if cells and type(value) is str else value
    column.filled += 1
    column.types.add(_TYPES.get(type(kept), "object"))
    column.numeric = column.numeric and type(kept) in (int, float)
    column.objects = column.objects or (type(kept) is list and bool(kept) and all(type(v) is dict for v in kept))
    if len(column.distinct) < SAMPLE:
        column.distinct.add(str(value)[:_DISTINCT])
    column.timely = column.timely and may_be_time(value)


def merged_columns(seen: Sequence[dict[str, Column]]) -> dict[str, Column]:
    """The columns of all files by their paths."""
    every: dict[str, Column] = {}
    for path, column in (pair for columns in seen for pair in columns.items()):
        into = every.setdefault(path, Column(shown=column.shown))
        into.filled += column.filled
        into.types |= column.types
        into.distinct |= column.distinct
        into.objects = into.objects or column.objects
        into.numeric, into.timely = into.numeric and column.numeric, into.timely and column.timely
    return every
