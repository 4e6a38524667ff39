"""A table of a database as a log: which table is read, what a query may do, and what is said where it cannot be run."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from persona_agent import commands
from persona_agent.errors import InputError, UsageError
from persona_agent.options import Options
from persona_agent.progress import Silent

ROWS = [
    ("u1", "2024-05-01 09:00:00", "open", "menu"),
    ("u2", "2024-05-01 10:00:00", "buy", "kettle"),
    ("u1", "2024-05-02 09:00:00", "buy", "teapot"),
]
TABLE = "CREATE TABLE events (user_id VARCHAR, happened TIMESTAMP, action VARCHAR, object VARCHAR)"
QUERY = "SELECT user_id, happened AS timestamp, action, object FROM events ORDER BY happened"


def in_sqlite(path: Path, *more: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in (TABLE, *more):
            connection.execute(statement)
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", ROWS)
        connection.commit()


def in_duckdb(path: Path, *more: str) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in (TABLE, *more):
            connection.execute(statement)
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", ROWS)


makers = pytest.mark.parametrize("make", [in_sqlite, in_duckdb])
Make = Callable[..., None]


@makers
def test_one_table_is_read_as_it_is_and_a_query_says_which_rows(make: Make, tmp_path: Path) -> None:
    """The only table of SQLite or DuckDB is read without a query; a query gives the rows that it selects."""
    path = tmp_path / "product.db"
    make(path)
    plain = Options(inputs=(str(path),), mapping=(("timestamp", "happened"),))
    assert commands.inspect(plain, Silent()).counts["events"] == 3
    some = Options(inputs=(str(path),), query=QUERY + " LIMIT 2")
    found = commands.inspect(some, Silent())
    assert (found.counts["events"], found.counts["users"]) == (2, 2)
    assert found.window["start"].startswith("2024-05-01 09:00:00")


@makers
def test_several_tables_need_a_query_and_are_named(make: Make, tmp_path: Path) -> None:
    """Two tables without a query are an error that names both and --query."""
    path = tmp_path / "product.db"
    make(path, "CREATE TABLE users (id VARCHAR)")
    with pytest.raises(InputError, match="several tables") as caught:
        commands.inspect(Options(inputs=(str(path),)), Silent())
    assert '"events"' in caught.value.message
    assert '"users"' in caught.value.message
    assert "--query" in (caught.value.hint or "")


@makers
@pytest.mark.parametrize("query", ["SELECT nothing FROM events", "DROP TABLE events", "no sql at all"])
def test_a_query_that_cannot_be_run_is_said_and_changes_nothing(make: Make, query: str, tmp_path: Path) -> None:
    """A wrong column, a DROP and no SQL are each an error that names the file, whose bytes stay as they were."""
    path = tmp_path / "product.db"
    make(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"product\.db"):
        commands.inspect(Options(inputs=(str(path),), query=query), Silent())
    assert path.read_bytes() == before


def test_a_query_reaches_no_other_file(tmp_path: Path) -> None:
    """A query that reads another file is an error."""
    path, other = tmp_path / "product.duckdb", tmp_path / "secret.csv"
    in_duckdb(path)
    other.write_text("user,timestamp,action\nx,2024-05-01,read\n")
    with pytest.raises(InputError, match="cannot be run"):
        commands.inspect(Options(inputs=(str(path),), query=f"SELECT * FROM read_csv('{other}')"), Silent())


def test_a_query_of_a_sqlite_file_makes_no_other(tmp_path: Path) -> None:
    """A query that would attach a file, which SQLite makes where there is none, is an error."""
    path, other = tmp_path / "product.sqlite", tmp_path / "other.sqlite"
    in_sqlite(path)
    for query in (f"ATTACH '{other}' AS x", f"VACUUM INTO '{other}'", "PRAGMA journal_mode = DELETE"):
        with pytest.raises(InputError, match="cannot be run"):
            commands.inspect(Options(inputs=(str(path),), query=query), Silent())
    assert not other.exists()


def test_a_query_is_for_databases(tmp_path: Path) -> None:
    """A query with a CSV file is a usage error."""
    path = tmp_path / "log.csv"
    path.write_text("user,timestamp,action\nx,2024-05-01,read\n")
    with pytest.raises(UsageError, match="is none"):
        commands.inspect(Options(inputs=(str(path),), query="SELECT 1"), Silent())
