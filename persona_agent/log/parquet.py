"""Parquet files as rows of JSON values, through duckdb.

Takes an `Input`; gives `(row number from 1, canonical JSON of the row, the row)`. Promises: rows in file order, some
thousand at a time; a file that unpacks to far more than any log does is an InputError before a row of it is read; times are ISO
8601 text, what JSON cannot hold is text or null, so that the hash of a row depends on its content only.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from glob import escape
from pathlib import Path
from typing import Any

import duckdb
import orjson

from ..errors import InputError
from ..ids import canonical_json
from ..store import open_database
from .archives import RATIO, SMALL, bomb
from .inputs import Input, on_disk

ROWS = 5_000  # fetched at once, so that a large file is never held whole; a round number
# What a file says of itself: bytes that its pages unpack to, its cells, and what its texts are at most, each as long as its page.
UNPACKED = """
SELECT sum(total_uncompressed_size), sum(num_values), sum(num_values * total_uncompressed_size) FILTER (type = 'BYTE_ARRAY')
FROM parquet_metadata(?)
"""
_NESTED = ("STRUCT", "MAP", "UNION", "LIST", "JSON", "VARIANT")


def parquet_rows(item: Input) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Every row of a file; a file that is not Parquet is an InputError."""
    try:
        with on_disk(item) as path, open_database() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            _refuse_bomb(connection, item, path)
            yield from query_rows(connection, "read_parquet(?)", [escape(str(path))])
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{item.name} cannot be read as Parquet: {reason}.") from error


def _refuse_bomb(connection: duckdb.DuckDBPyConnection, item: Input, path: Path) -> None:
    """InputError where a file holds more than any log of its size: by what its pages unpack to, by its cells, and, since a text
    that repeats is kept once and read as often as it stands, by how long these are, which is asked where it may be too much.
    """
    place, size = [escape(str(path))], path.stat().st_size
    most = max(SMALL, RATIO * size)
    pages, cells, texts = (int(x or 0) for x in connection.execute(UNPACKED, place).fetchone() or (0, 0, 0))
    if max(pages, cells) > most or (texts > most and _length(connection, place) > most):
        raise bomb(item.name, size)


def _length(connection: duckdb.DuckDBPyConnection, place: Sequence[str]) -> int:
    """Bytes of all texts; of those that are kept once no more is held than they are."""
    columns = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", place).fetchall()
    asked = [_pick(name, kind, _is_nested(kind)) for name, kind, *_ in columns if kind == "VARCHAR" or _is_nested(kind)]
    length = " + ".join(f"sum(strlen({pick}))" for pick in asked) or "0"
    row = connection.execute(f"SELECT {length} FROM read_parquet(?)", place).fetchone()
    return int((row and row[0]) or 0)


def _is_nested(kind: str) -> bool:
    return kind.startswith(_NESTED) or kind.endswith("]")


def query_rows(
    connection: duckdb.DuckDBPyConnection, source: str, values: Sequence[Any] = ()
) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    """Rows of what may stand after FROM, with its parameters."""
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()
    names, kinds = [row[0] for row in described], [str(row[1]) for row in described]
    nested = [_is_nested(kind) for kind in kinds]
    picks = [_pick(name, kind, inner) for name, kind, inner in zip(names, kinds, nested, strict=True)]
    cursor = connection.execute(f"SELECT {', '.join(picks)} FROM {source}", values)
    number = 0
    while rows := cursor.fetchmany(ROWS):
        for row in rows:
            number += 1
            cells = (_unfolded(value) if inner else json_value(value) for value, inner in zip(row, nested, strict=True))
            record = dict(zip(names, cells, strict=True))
            yield number, canonical_json(record).encode(), record


def _pick(name: str, kind: str, nested: bool) -> str:
    column = '"' + name.replace('"', '""') + '"'
    if nested:
        return f"to_json({column})::VARCHAR"
    if kind == "TIMESTAMP WITH TIME ZONE":
        # Fetched as it is, duckdb asks for pytz.
        return f"strftime(make_timestamp(epoch_us({column})), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return column


def _unfolded(text: str | None) -> Any:
    try:
        return None if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def json_value(value: Any) -> Any:
    """A cell as a JSON value."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.hex() if isinstance(value, bytes) else str(value)
