"""A table of a duckdb or SQLite file as rows of JSON values, by a query.

Takes an `Input` and a query, none where the file has one table; gives `(row number from 1, canonical JSON of the row, the
row)`. Promises: the file is opened to be read only, and a query reaches nothing beside it; rows come in the order of the query,
which should say one, since a line of such a log is the number of its row.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from ..errors import InputError
from ..ids import canonical_json
from ..store import open_database
from .inputs import Input, on_disk
from .parquet import ROWS, json_value, query_rows

KINDS = ("sqlite", "duckdb")
READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
Row = tuple[int, bytes, dict[str, Any]]


def database_kind(head: bytes) -> str:
    """`sqlite` or `duckdb` by a file's first bytes, else an empty text."""
    if head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    return "duckdb" if head[8:12] == b"DUCK" else ""


def database_rows(item: Input, kind: str, query: str | None) -> Iterator[Row]:
    """Every row of the query; InputError where it cannot be run, or none is given and there are several tables."""
    try:
        with on_disk(item) as path:
            yield from (_sqlite if kind == "sqlite" else _duckdb)(item, path, query)
    except (duckdb.Error, sqlite3.Error) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise InputError(f"{item.name}: the query cannot be run: {reason}.", hint="See --query.") from error


def _duckdb(item: Input, path: Path, query: str | None) -> Iterator[Row]:
    with open_database(str(path), read_only=True, config={"enable_external_access": "false"}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        names = [f'"{name}"' for (name,) in connection.execute("SHOW TABLES").fetchall()]
        yield from query_rows(connection, f"({query or _only(item, names)})")


def _sqlite(item: Input, path: Path, query: str | None) -> Iterator[Row]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
        )
        asked = query or _only(item, [f'"{name}"' for (name,) in rows.fetchall()])
        connection.set_authorizer(_may_only_read)  # to attach another file would make it
        cursor = connection.execute(asked)
        names = [column[0] for column in cursor.description or ()]
        numbers = count(1)
        while found := cursor.fetchmany(ROWS):
            for number, row in zip(numbers, found, strict=False):
                record = dict(zip(names, map(json_value, row), strict=True))
                yield number, canonical_json(record).encode(), record


def _may_only_read(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY


def _only(item: Input, tables: Sequence[str]) -> str:
    if len(tables) == 1:
        return f"SELECT * FROM {tables[0]}"
    listed = ", ".join(tables[:20]) or "none"
    raise InputError(
        f"{item.name} holds several tables or none: {listed}.",
        hint='Say which rows are events: --query "SELECT … FROM … ORDER BY …".',
    )
