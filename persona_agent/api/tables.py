"""A Parquet file of a run, or rows of it, as a table for whichever library of data frames is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb

from ..commands.assigning import Rows, typed
from ..errors import StoreError, UsageError
from ..store import open_database


class Table:
    """Read anew each time. Anything that takes Arrow takes this: `polars.DataFrame(table)`, `pyarrow.table(table)`."""

    def __init__(self, source: Path | Rows, owner: object) -> None:
        self._source = source
        self._owner = owner  # whose folder it is in, which must not go before

    def __repr__(self) -> str:
        with self._opened() as rows:
            return f"<Table: {', '.join(rows.columns)}>"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        with self._opened() as rows:
            return rows.__arrow_c_stream__(requested_schema)

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`."""
        _needs("pandas")
        with self._opened() as rows:
            return rows.df()

    def to_polars(self) -> Any:
        """A `polars.DataFrame`."""
        return _needs("polars").DataFrame(self)

    def to_arrow(self) -> Any:
        """A `pyarrow.Table`."""
        return _needs("pyarrow").table(self)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        if not isinstance(self._source, Path):
            yield _relation(self._source)
            return
        try:
            yield open_database().read_parquet(str(self._source))
        except duckdb.Error as error:
            raise StoreError(f"{str(self._source)!r} cannot be read: {str(error).splitlines()[0]}") from None


def _relation(rows: Rows) -> Any:
    connection = open_database()
    connection.register("given", dict(rows))
    return connection.sql(typed(rows))


def _needs(library: str) -> Any:
    try:
        return import_module(library)
    except ImportError:
        raise UsageError(f"{library} is not installed.", hint=f"Install it: pip install {library}.") from None
