"""Redacted events into a table, and out of it as events.parquet: in order, with sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson

from ..batches import Batch
from ..store import Store, quoted

SESSION_GAP = "INTERVAL 30 MINUTE"  # the usual end of a visit in web analytics
STAGING = """
CREATE TABLE staging (
  file VARCHAR, line BIGINT, n INTEGER, hash VARCHAR, user VARCHAR, session VARCHAR, ts TIMESTAMP,
  action VARCHAR, object VARCHAR, text VARCHAR, properties VARCHAR, event_id VARCHAR, ord BIGINT)
"""
# A new session starts where the vendor's id changes or, without one, after a gap; sessions are numbered per user.
EVENTS = f"""
COPY (
  WITH ranked AS (SELECT s.*, r.rank FROM staging s JOIN ranks r USING (user)),
  gaps AS (
    SELECT *, CASE WHEN ts - lag(ts) OVER w <= {SESSION_GAP} THEN 0 ELSE 1 END AS starts
    FROM ranked WINDOW w AS (PARTITION BY user ORDER BY ts, file, line, n))
  SELECT file, line, n, hash, user,
    coalesce(session, user || '.' || sum(starts) OVER (
      PARTITION BY user ORDER BY ts, file, line, n ROWS UNBOUNDED PRECEDING)) AS session,
    ts, action, object, text, properties
  FROM gaps ORDER BY rank, ts, file, line, n
) TO '{{path}}' (FORMAT parquet, COMPRESSION zstd)
"""


def staging(connection: duckdb.DuckDBPyConnection, parts: Sequence[Path] = ()) -> None:
    """The table `staging`, with the rows of files that `staging` tables were written to."""
    connection.execute(STAGING)
    if parts:
        connection.execute(f"INSERT INTO staging FROM read_parquet([{', '.join(map(quoted, parts))}])")


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
        "ord": np.arange(start, start + len(batch), dtype=np.int64),
    }
    connection.register("rows", rows)
    connection.execute("INSERT INTO staging SELECT * FROM rows")
    connection.unregister("rows")


def write_events(store: Store, connection: duckdb.DuckDBPyConnection, ranks: Mapping[str, int]) -> Path:
    """`events.parquet` from `staging`, with sessions, in the order of the raw user ids (`ranks` of their hashes)."""
    table = {"user": _texts(list(ranks)), "rank": np.array(list(ranks.values()), dtype=np.int64)}
    connection.register("rank_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE ranks AS SELECT * FROM rank_rows")
    connection.unregister("rank_rows")
    tmp = store.path(".events.parquet.tmp")
    connection.execute(EVENTS.format(path=str(tmp).replace("'", "''")))
    tmp.replace(store.path("events.parquet"))
    return store.path("events.parquet")


def _texts(values: Any) -> np.ndarray:
    return np.array(values, dtype=object)
