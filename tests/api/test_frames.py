"""Data frames as logs: their lines are their rows, whatever library holds them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars
import pyarrow
import pytest

import persona_agent as pa
from persona_agent.ids import canonical_json, record_hash
from persona_agent.log import Input
from persona_agent.log.frames import paths_of
from persona_agent.log.parquet import parquet_rows

TIMES = pd.date_range("2024-05-01", periods=6, freq="h")


class OnlyArrow:
    """Nothing but the Arrow interface."""

    def __init__(self, table: Any) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def plain() -> pd.DataFrame:
    return pd.DataFrame(
        {"user": list("aabbcc"), "timestamp": TIMES, "action": ["open", "buy"] * 3, "price": np.arange(6) / 4}
    )


def rows(log: Any) -> list[dict[str, Any]]:
    """The rows that a frame is read as."""
    with paths_of(log) as (path,):
        return [row for _, _, row in parquet_rows(Input(Path(path), "frame"))]


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": polars.from_pandas,
    "arrow": pyarrow.Table.from_pandas,
    "batch": lambda frame: pyarrow.RecordBatch.from_pandas(frame),
    "reader": lambda frame: pyarrow.Table.from_pandas(frame).to_reader(),
    "duckdb": lambda frame: duckdb.from_df(frame),
    "any": lambda frame: OnlyArrow(pyarrow.Table.from_pandas(frame)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_library_gives_the_same_rows_and_bytes(kind: str) -> None:
    """The file, and so the run id and every hash, is that of the pandas frame; a row's hash is that of its canonical JSON."""
    with paths_of(plain()) as (expected,), paths_of(KINDS[kind](plain())) as (found,):
        assert Path(found).read_bytes() == Path(expected).read_bytes()
        for number, raw, row in parquet_rows(Input(Path(found), "frame")):
            assert row == {
                "user": "aabbcc"[number - 1],
                "timestamp": TIMES[number - 1].isoformat(),
                "action": ["buy", "open"][number % 2],
                "price": (number - 1) / 4,
            }
            assert record_hash(raw) == record_hash(canonical_json(row).encode())


def test_a_frame_is_private_and_gone_afterwards() -> None:
    """While it is read a frame lies in a folder of its owner's alone; after the block nothing of it is left."""
    with paths_of(plain()) as (path,):
        assert Path(path).name == "frame"
        if os.name == "posix":
            assert stat.S_IMODE(Path(path).parent.stat().st_mode) == 0o700
    assert not Path(path).parent.exists()


def test_an_index_that_says_something_is_a_column() -> None:
    """A named index, or one of times, is read; numbers of rows are not."""
    frame = plain()
    assert list(rows(frame[frame.price > 0.5])[0]) == ["user", "timestamp", "action", "price"]
    assert rows(frame.set_index("timestamp"))[2]["timestamp"] == "2024-05-01T02:00:00"
    assert rows(frame.set_index(["user", "timestamp"]))[2]["user"] == "b"
    unnamed = frame.set_index("timestamp").rename_axis(None)
    assert rows(unnamed)[0]["index"] == "2024-05-01T00:00:00"


def test_columns_of_every_kind() -> None:
    """Categories are texts, times with a zone are UTC, missing values are null, and what is nested stays so."""
    frame = pd.DataFrame(
        {
            "category": pd.Categorical(["x", "y", "x"]),
            "zoned": pd.to_datetime(["2024-05-01T12:00+02:00", "2024-05-01T13:30+02:00", None]).tz_convert(
                "Asia/Tokyo"
            ),
            "missing": [1.5, None, np.nan],
            "whole": pd.array([1, None, 3], dtype="Int64"),
            "mixed": ["a", 1, None],
            "lists": [[1, 2], [], None],
            "structs": [{"price": 2}, {"price": 3}, None],
            "flag": [True, None, False],
        }
    )
    first, second, third = rows(frame)
    assert first == {
        "category": "x", "zoned": "2024-05-01T10:00:00.000000Z", "missing": 1.5, "whole": 1, "mixed": "a",
        "lists": [1, 2], "structs": {"price": 2}, "flag": True,
    }  # fmt: skip
    assert (second["zoned"], second["mixed"], second["lists"]) == ("2024-05-01T11:30:00.000000Z", "1", [])
    assert {name for name, value in third.items() if value is None} == {"zoned", "missing", "mixed", "lists", "structs"}


def test_nested_columns_of_polars_and_arrow() -> None:
    """Lists and structs come out of the Arrow stream as they went in."""
    data = {"user": ["a", "b"], "items": [["x"], []], "page": [{"path": "/", "depth": 1}, {"path": "/b", "depth": 2}]}
    expected = [{"user": "a", "items": ["x"], "page": {"path": "/", "depth": 1}}]
    assert rows(polars.DataFrame(data))[:1] == rows(pyarrow.table(data))[:1] == expected


def test_a_mixed_column_that_begins_alike() -> None:
    """A text far below thousands of numbers turns the whole column into texts instead of ending the run."""
    found = rows(pd.DataFrame({"user": [*range(5_000), "x"]}))
    assert [row["user"] for row in found[-2:]] == ["4999", "x"]


def test_frames_without_rows_and_odd_ones_are_refused_in_a_sentence() -> None:
    """No rows: InputError; a column that cannot be read: InputError; no frame at all: UsageError; each says what mends it."""
    with pytest.raises(pa.InputError, match="frame holds no records"):
        pa.inspect(plain().head(0))
    with pytest.raises(pa.InputError, match=r"The data frame cannot be read: .*at least one column"):
        pa.inspect(pd.DataFrame())
    with pytest.raises(pa.InputError, match=r"period\[M\].*Turn that column into text"):
        pa.inspect(plain().assign(month=plain().timestamp.dt.to_period("M")))
    with pytest.raises(pa.UsageError, match=r"from a LazyFrame\. .*lazy has to be collected"):
        pa.inspect(polars.from_pandas(plain()).lazy())
    with pytest.raises(pa.UsageError, match="from a dict"):
        pa.inspect([{"user": "a"}])
    with pytest.raises(pa.UsageError, match="files or of data frames, not of both"):
        pa.inspect([plain(), "events.jsonl"])
    with pytest.raises(pa.InputError, match="No log file was named"):
        pa.inspect([])


def test_several_frames_are_one_log() -> None:
    """Each has a name of its own, and their records add up."""
    found = pa.inspect([plain(), polars.from_pandas(plain().assign(user=list("ddeeff")))])
    assert [(file["path"], file["records"]) for file in found.files] == [("frame1", 6), ("frame2", 6)]
    assert found.counts["users"] == 6


def test_paths_are_taken_in_every_form(tmp_path: Path) -> None:
    """A Path, a text, a glob and a list of them are the same log as the frame that was written there."""
    path = tmp_path / "events.parquet"
    plain().to_parquet(path)
    for log in (path, str(path), str(tmp_path / "*.parquet"), [path, str(path)]):
        assert pa.inspect(log).counts == pa.inspect(plain()).counts


def test_a_frame_is_left_as_it_was() -> None:
    """Reading adds no column, resets no index and changes no value."""
    frame = plain().set_index("timestamp")
    before = frame.copy()
    pa.inspect(frame)
    pd.testing.assert_frame_equal(frame, before)
