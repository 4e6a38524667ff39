"""Redacted events in a table, as they are read: what is settled over all of them is settled there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson

from ..batches import Batch
from ..store import sql_literal

STAGING = """
CREATE TABLE staging (
  file VARCHAR, line BIGINT, n INTEGER, hash VARCHAR, user VARCHAR, session VARCHAR, ts TIMESTAMP,
  action VARCHAR, object VARCHAR, text VARCHAR, properties VARCHAR, event_id VARCHAR, account VARCHAR, ord BIGINT)
"""


def staging(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path] = ()) -> None:
    """The table `staging`, with the rows of files that `staging` tables were written to."""
    connection.execute(STAGING)
    if parts:
        connection.execute(f"INSERT INTO staging FROM read_parquet([{', '.join(map(sql_literal, parts))}])")


def stage_batches(connection: duckdb.DuckDBPyConnection, batch: Batch, start: int) -> None:
    """Append a redacted batch to the table `staging`; `start` is the reading order of its first event."""
    rows = {
        "file": _texts(batch.file),
        "line": np.array(batch.line, dtype=np.int64),
        "n": np.array(batch.n, dtype=np.int32),
        "hash": _texts(batch.hash),
        "user": _texts(batch.user),
        "session": _texts(batch.session),
        "ts": np.array(batch.ts, dtype="datetime64[us]"),
        "action": _texts(batch.action),
        "object": _texts(batch.object),
        "text": _texts(batch.text),
        "properties": _texts([orjson.dumps(p).decode() if p else "{}" for p in batch.properties]),
        "event_id": _texts(batch.event_id),
        "account": _texts(batch.account),
        "ord": np.arange(start, start + len(batch), dtype=np.int64),
    }
    connection.register("rows", rows)
    connection.execute("INSERT INTO staging SELECT * FROM rows")
    connection.unregister("rows")


def _texts(values: Any) -> np.ndarray:
    return np.array(values, dtype=object)
