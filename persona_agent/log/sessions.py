"""The staged events as events.parquet: in the order of users and times, cut into sessions.

Acts whose times are dates alone have sessions of their own, a day each: nobody knows when in the day they were, so they neither
cut nor join nor lengthen what has a clock. Where there are such acts, `clock` says of each event whether its time has one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import numpy as np

from ..store import Store

SESSION_GAP = "INTERVAL 30 MINUTE"  # the usual end of a visit in web analytics
DATED_USERS = 5  # that all events of so many fall on midnight is no chance
# A new session starts where the vendor's id changes or, without one, after a gap; sessions are numbered per user.
EVENTS = f"""
COPY (
  WITH ranked AS (
    SELECT s.*, r.rank{{dated}} FROM staging s JOIN ranks r USING (user)),
  gaps AS (
    SELECT *, CASE WHEN ts - lag(ts) OVER w <= {SESSION_GAP} THEN 0 ELSE 1 END AS starts
    FROM ranked WINDOW w AS (PARTITION BY {{whose}} ORDER BY ts, file, line, n))
  SELECT file, line, n, hash, user,
    coalesce({{by_day}}{{own}}, {{mark}} || '.' || sum(starts) OVER (
        PARTITION BY {{whose}} ORDER BY ts, file, line, n ROWS UNBOUNDED PRECEDING)) AS session,
    ts, action, object, text, {{properties}} AS properties{{more}}{{clock}}
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
# Acts whose times are dates have the day for a session; they are looked for in every line, so only where there are any.
OF_DATES = {
    "dated": ", list_contains($dated::VARCHAR[], action) AS dated",
    "by_day": "CASE WHEN dated THEN coalesce({own}, {mark}) || '.d' || epoch(ts)::BIGINT // 86400 END, ",
    "clock": ", NOT dated AS clock",
}
OF_NO_DATES = {"dated": "", "by_day": "", "clock": ""}
BY_ACCOUNT = (
    "CREATE OR REPLACE TABLE staging AS SELECT * EXCLUDE (user, account), account AS user, user AS person FROM staging"
)


def write_events(
    store: Store,
    connection: duckdb.DuckDBPyConnection,
    ranks: Mapping[str, int],
    *,
    accounts: bool = False,
    without: Sequence[str] = (),
    dates_only: Sequence[str] = (),
) -> Path:
    """`events.parquet` from `staging`, with sessions, in the order of the raw ids (`ranks` of their hashes) of users, or of
    `accounts`, `without` some properties; `dates_only` are acts whose times have no clock.
    """
    if accounts:
        connection.execute(BY_ACCOUNT)
    table = {"user": np.array(list(ranks), dtype=object), "rank": np.array(list(ranks.values()), dtype=np.int64)}
    connection.register("rank_rows", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE ranks AS SELECT * FROM rank_rows")
    connection.unregister("rank_rows")
    tmp = store.path(".events.parquet.tmp")
    parts = OF_ACCOUNTS if accounts else OF_USERS
    kept = "json_merge_patch(properties, $patch)" if without else "properties"
    values: dict[str, object] = {"patch": json.dumps(dict.fromkeys(without))} if without else {}
    dated = OF_NO_DATES
    if dates_only:
        dated, values["dated"] = OF_DATES, list(dates_only)
        parts = {**parts, "whose": f"{parts['whose']}, dated"}
    by_day = dated["by_day"].format(**parts)
    path = str(tmp).replace("'", "''")
    connection.execute(
        EVENTS.format(**{**parts, **dated, "by_day": by_day}, path=path, properties=kept), values or None
    )
    tmp.chmod(0o600)
    tmp.replace(store.path("events.parquet"))
    return store.path("events.parquet")


def dated_acts(connection: duckdb.DuckDBPyConnection, zone: str) -> list[str]:
    """The acts in `staging` whose times are dates alone: all midnight in the zone of the log's clocks."""
    rows = connection.execute(
        """WITH dates AS (
             SELECT action FROM (SELECT action, ts, time_bucket(INTERVAL 15 MINUTES, ts) AS t FROM staging)
             GROUP BY action HAVING bool_and(ts = t AND timezone(?, timezone('UTC', t))::TIME = TIME '00:00'))
           SELECT action FROM staging SEMI JOIN dates USING (action)
           GROUP BY action HAVING count(DISTINCT user) >= ? ORDER BY action""",
        [zone, DATED_USERS],
    ).fetchall()
    return [action for (action,) in rows]
