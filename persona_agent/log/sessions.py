"""The staged events as events.parquet: in the order of users and times, cut into sessions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np

from ..store import Store

SESSION_GAP = "INTERVAL 30 MINUTE"  # the usual end of a visit in web analytics
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
    ts, action, object, text, {{properties}} AS properties
  FROM gaps ORDER BY rank, ts, file, line, n
) TO '{{path}}' (FORMAT parquet, COMPRESSION zstd)
"""


def write_events(
    store: Store, connection: duckdb.DuckDBPyConnection, ranks: Mapping[str, int], without: Sequence[str] = ()
) -> Path:
    """`events.parquet` from `staging`, with sessions, in the order of the raw user ids (`ranks` of their hashes), and `without`
    some properties.
    """
    table = {"user": np.array(list(ranks), dtype=object), "rank": np.array(list(ranks.values()), dtype=np.int64)}
    connection.register("rank_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE ranks AS SELECT * FROM rank_rows")
    connection.unregister("rank_rows")
    tmp = store.path(".events.parquet.tmp")
    kept = "json_merge_patch(properties, $patch)" if without else "properties"
    patch = {"patch": json.dumps(dict.fromkeys(without))} if without else None
    connection.execute(EVENTS.format(path=str(tmp).replace("'", "''"), properties=kept), patch)
    tmp.replace(store.path("events.parquet"))
    return store.path("events.parquet")
