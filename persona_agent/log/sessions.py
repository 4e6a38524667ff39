"""The staged events as events.parquet: in the order of users and times, cut into sessions."""

from __future__ import annotations

from collections.abc import Mapping
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
    FROM ranked WINDOW w AS (PARTITION BY {{whose}} ORDER BY ts, file, line, n))
  SELECT file, line, n, hash, user,
    coalesce({{own}}, {{mark}} || '.' || sum(starts) OVER (
      PARTITION BY {{whose}} ORDER BY ts, file, line, n ROWS UNBOUNDED PRECEDING)) AS session,
    ts, action, object, text, properties{{more}}
  FROM gaps ORDER BY rank, ts, file, line, n
) TO '{{path}}' (FORMAT parquet, COMPRESSION zstd)
"""
OF_USERS = {"whose": "user", "own": "session", "mark": "user", "more": ""}
# Where accounts are the unit, `user` is the account; the person is kept beside it, and sessions stay a person's.
OF_ACCOUNTS = {
    "whose": "user, person",
    "own": "person || '.' || session",
    "mark": "user || '.' || person",
    "more": ", person",
}
BY_ACCOUNT = (
    "CREATE OR REPLACE TABLE staging AS SELECT * EXCLUDE (user, account), account AS user, user AS person FROM staging"
)


def write_events(
    store: Store, connection: duckdb.DuckDBPyConnection, ranks: Mapping[str, int], *, accounts: bool = False
) -> Path:
    """`events.parquet` from `staging`, with sessions, in the order of the raw ids (`ranks` of their hashes) of users, or of
    `accounts`.
    """
    if accounts:
        connection.execute(BY_ACCOUNT)
    table = {"user": np.array(list(ranks), dtype=object), "rank": np.array(list(ranks.values()), dtype=np.int64)}
    connection.register("rank_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE ranks AS SELECT * FROM rank_rows")
    connection.unregister("rank_rows")
    tmp = store.path(".events.parquet.tmp")
    parts = OF_ACCOUNTS if accounts else OF_USERS
    connection.execute(EVENTS.format(**parts, path=str(tmp).replace("'", "''")))
    tmp.replace(store.path("events.parquet"))
    return store.path("events.parquet")
