"""Tables of made-up rows, in an empty DuckDB of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import count
from typing import Any

import duckdb
import pyarrow

NUMBERS_OF_DATABASES = count()


@cache
def instance() -> duckdb.DuckDBPyConnection:
    """The one DuckDB of a process of tests: to open another takes longer than most that is asked of it."""
    return duckdb.connect()


def database() -> duckdb.DuckDBPyConnection:
    """An empty database of its own."""
    connection = instance().cursor()
    name = f"d{next(NUMBERS_OF_DATABASES)}"
    connection.execute(f"ATTACH ':memory:' AS {name}; USE {name}")
    return connection


def insert(con: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[Any]]) -> None:
    """The rows as one table of columns: as bound values four thousand of them take a second, and one by one as long."""
    if rows:
        columns = zip(*rows, strict=True)
        con.register("given", pyarrow.table({str(i): column for i, column in enumerate(columns)}))
        con.execute(f"INSERT INTO {table} FROM given")
        con.unregister("given")
