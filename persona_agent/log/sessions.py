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
# Of the days, by which numbers that change with the day may miss: midnight of another zone, a clock set back.
SAME_AS_DAYS = 0.005
PAUSED = 0.05  # of the numbers with several lines: days on which people come twice are no slips of a client's clock
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


def numbers_days(connection: duckdb.DuckDBPyConnection, zone: str) -> float:
    """How many of the sessions in `staging` of several lines hold a pause that ends a visit, where ids change with the day, in
    UTC or in `zone`, and with nothing else; 0 where they do not.
    """
    row = connection.execute(
        f"""WITH lines AS (
              SELECT user, session, ts, ts - lag(ts) OVER (PARTITION BY user, session ORDER BY ts) > {SESSION_GAP} AS paused
              FROM staging WHERE session IS NOT NULL),
            ids AS (SELECT count(*) AS lines, bool_or(paused) AS paused, min(ts)::DATE AS first, max(ts)::DATE AS last,
                           timezone(?, timezone('UTC', min(ts)))::DATE AS first_here,
                           timezone(?, timezone('UTC', max(ts)))::DATE AS last_here, user
                    FROM lines GROUP BY user, session)
            SELECT count(*), count(*) FILTER (first = last), count(DISTINCT (user, first)),
                   count(*) FILTER (first_here = last_here), count(DISTINCT (user, first_here)),
                   count(*) FILTER (paused) / nullif(count(*) FILTER (lines > 1), 0)
            FROM ids""",
        [zone, zone],
    ).fetchone()
    n, of_a_day, days, of_a_day_here, days_here, paused = row or (0, 0, 0, 0, 0, None)
    least = (1 - SAME_AS_DAYS) * n
    is_day = n > 0 and any(one >= least and d >= least for one, d in ((of_a_day, days), (of_a_day_here, days_here)))
    return float(paused) if is_day and paused is not None and paused >= PAUSED else 0.0


def cut_days(connection: duckdb.DuckDBPyConnection, zone: str, column: str) -> list[str]:
    """Sessions in `staging` whose ids, of a `column` nobody named, number days are left to pauses; what is to be said of it."""
    if not column or not (paused := numbers_days(connection, zone)):
        return []
    connection.execute("UPDATE staging SET session = NULL")
    return [
        f"{column} numbers days, not visits: of those with several lines {paused:.0%} hold a pause of over half an hour; visits "
        f"were cut at such pauses instead, and --map session={column} keeps the days"
    ]


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
