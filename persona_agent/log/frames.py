"""Data frames as logs: written to files for as long as they are read.

Takes what a caller hands in as a log; gives paths. A frame goes to Parquet in a private folder of its own, so that its lines
are its rows, counted from 1, and each hash is that of the canonical JSON of the row. Promises: no frame library is needed or
imported; rows keep their order; the same frame gives the same bytes, whatever library holds it; nothing of it stays behind,
for a frame holds raw user ids.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from ..errors import InputError, UsageError
from ..folders import PREFIX, temporary_folder
from ..store import open_database, write_parquet

FRAME = "frame"  # what citations call it; of several, frame1, frame2 and so on
FOLDER = "frame-"
HINT = (
    "Give a path, a glob, a list of them, or a data frame: pandas, polars, Arrow, a duckdb relation, or anything else "
    "that has `__arrow_c_stream__`; what is lazy has to be collected."
)


class Stream:
    """A frame as its Arrow stream alone, which duckdb reads without any other library."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def paths_of(log: Any) -> Iterator[tuple[str, ...]]:
    """The paths of a log, of frames for as long as the block; UsageError where it is neither a path nor a frame."""
    given = list(log) if isinstance(log, list | tuple) else [log]
    if all(isinstance(item, str | os.PathLike) for item in given):
        yield tuple(os.fspath(item) for item in given)
        return
    for item in given:
        if not is_frame(item):
            if isinstance(item, str | os.PathLike):
                raise UsageError(
                    "A log is made of files or of data frames, not of both.",
                    hint="Read the files into frames, or run twice.",
                )
            raise UsageError(f"A log cannot be read from a {type(item).__name__}.", hint=HINT)
    with temporary_folder(FOLDER) as folder:
        yield tuple(_written(Path(folder), given))


def is_frame(value: Any) -> bool:
    """Whether it can be read as rows and columns."""
    return _is_pandas(value) or hasattr(value, "__arrow_c_stream__")


def was_frame(path: str) -> bool:
    """Whether a path is one that `paths_of` gave for a frame."""
    return re.fullmatch(rf"{PREFIX}\d+-{FOLDER}.*", Path(path).parent.name) is not None


def _written(folder: Path, frames: Sequence[Any]) -> Iterator[str]:
    for number, frame in enumerate(frames, start=1):
        path = folder / (FRAME if len(frames) == 1 else f"{FRAME}{number}")
        _write(frame, path)
        yield str(path)


def _write(frame: Any, path: Path) -> None:
    # One thread writes: how rows are cut into groups would depend on which of several is first.
    with open_database(config={"threads": 1}) as connection:
        try:
            connection.execute("SET TimeZone = 'UTC'")
            connection.register(FRAME, _with_index(frame) if _is_pandas(frame) else Stream(frame))
            write_parquet(connection, path, f"FROM {FRAME}")
        except (duckdb.Error, TypeError, ValueError, ImportError) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise InputError(
                f"The data frame cannot be read: {reason}.",
                hint="Turn that column into text or numbers, or leave it out.",
            ) from error


def _is_pandas(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # where there is such a frame, it is imported
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _with_index(frame: Any) -> Any:
    """A frame of pandas with its index as columns, where that is more than the numbers of rows."""
    index = frame.index
    numbered = index.nlevels == 1 and index.name is None and index.dtype.kind in "iu"
    return frame if numbered else frame.reset_index()
