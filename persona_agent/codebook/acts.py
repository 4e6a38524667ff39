"""What is done in a log: each act with who does it and whether its times have a clock.

In: a connection with the view `events`, and the acts whose times are dates. Out: acts by the log's commonest spelling, most
frequent first. Promises: an act that fewer than five users do is not listed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection

import duckdb

from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..words.wording import name_in_words
from .book import DescribedAct
from .system_acts import Together, mostly_together, side_effects, together

MOST_ACTS = 300  # in a file that a person reads; commonest first
SAMPLE_EVENTS = 200_000  # of whole users: what goes with what is known to a tenth of a per cent then
SENT_AT_ONCE = 0.8  # of what is received, on the one moment at which most got it; what people do on their own is spread
FEW_GAPS = 3  # between events of one act of one user: of two gaps, both may be alike by chance
ON_TIME = (
    0.8  # of the gaps of a user alike, and of such users among those who have the act again and again: people are late
)
# Verbs of what is done to somebody, in case it was not done to all at once. A last resort: a person can say otherwise.
RECEIVED = re.compile(
    r"\b(receiv\w+|delivered|notified|impressions?|exposed|exposure|was (sent|shown|shipped|charged|billed)|sent to)\b",
    re.IGNORECASE,
)

ACTS = """
WITH s AS (SELECT action, count(*) AS n FROM events WHERE action <> '' GROUP BY action),
k AS (SELECT action, first_value(action) OVER (PARTITION BY lower(action) ORDER BY n DESC, action) AS spelled FROM s)
SELECT spelled, count(*) AS n, count(DISTINCT user) AS users FROM events JOIN k USING (action)
GROUP BY spelled HAVING users >= ? ORDER BY n DESC, spelled LIMIT ?
"""
# Of each act, the share of its events on one thing that fall on the one moment at which most users have it.
AT_ONCE = """
WITH c AS (SELECT lower(action) AS act, object, ts, count(DISTINCT user) AS users FROM events WHERE object <> '' GROUP BY ALL),
o AS (SELECT act, sum(users) AS n, max(users) AS most FROM c GROUP BY act, object)
SELECT act FROM o GROUP BY act HAVING sum(most) FILTER (most >= ?) / sum(n) >= ?
"""
# Acts that most of their returning users have on a schedule: after the same number of days, or on the same day of the month.
ON_SCHEDULE = """
WITH d AS (SELECT DISTINCT lower(action) AS act, user, ts::DATE AS day FROM events WHERE action <> ''),
g AS (SELECT act, user, day - lag(day) OVER w AS gap, day(day) = day(lag(day) OVER w) AS monthly FROM d
      WINDOW w AS (PARTITION BY act, user ORDER BY day)),
m AS (SELECT act, user, gap, count(*) AS n, count(*) FILTER (monthly AND gap >= 28) AS monthly FROM g
      WHERE gap IS NOT NULL GROUP BY ALL),
u AS (SELECT act, user, sum(n) AS n, max(n) FILTER (gap > 1) AS alike, sum(monthly) AS monthly FROM m GROUP BY act, user)
SELECT act FROM u WHERE n >= ? GROUP BY act
HAVING count(*) >= ? AND avg((greatest(coalesce(alike, 0), monthly) >= ? * n)::INTEGER) >= ?
"""
MOMENTS = """
CREATE OR REPLACE TEMP TABLE moments AS
WITH u AS (SELECT user, row_number() OVER (ORDER BY min(i)) AS place FROM events GROUP BY user),
m AS (
  SELECT user, any_value(session) AS session, lower(action) AS act, coalesce(object, '') AS object,
         epoch_us(ts) // $grain * $grain AS t, count(*) AS n
  FROM events JOIN u USING (user) WHERE place % $every = 0 AND lower(action) IN (SELECT unnest($acts::VARCHAR[]))
  GROUP BY user, lower(action), coalesce(object, ''), epoch_us(ts) // $grain * $grain)
SELECT *, t // $step AS bucket, row_number() OVER () AS id FROM m
"""


def describe_acts(
    connection: duckdb.DuckDBPyConnection, dates_only: Collection[str], *, to_the_minute: bool
) -> dict[str, DescribedAct]:
    """The acts of a log by their spelling."""
    rows = connection.execute(ACTS, [FLOOR, MOST_ACTS]).fetchall()
    dated = {act.lower() for act in dates_only}
    clocked = [act.lower() for act, _, _ in rows if act.lower() not in dated]
    pairs = _pairs(connection, clocked, sum(n for _, n, _ in rows), to_the_minute=to_the_minute)
    effects = side_effects(pairs)
    received = {act for (act,) in connection.execute(AT_ONCE, [FLOOR, SENT_AT_ONCE]).fetchall()}
    received |= {act for (act,) in connection.execute(ON_SCHEDULE, [FEW_GAPS, FLOOR, ON_TIME, ON_TIME]).fetchall()}
    spelled = {act.lower(): act for act, _, _ in rows}
    if received >= spelled.keys():
        received = (
            set()
        )  # a log in which nobody does anything is misread: where times are dates, a day is a moment for all
    mostly = mostly_together(pairs)
    found = {}
    for act, n, users in rows:
        low = act.lower()
        cause = effects.get(low)
        near = mostly.get(low) if cause is None else None
        found[act] = DescribedAct(
            name=name_in_words(act),
            doer="system" if cause else "product" if low in received or RECEIVED.search(name_in_words(act)) else "user",
            clock=low not in dated,
            follows=spelled[cause] if cause else None,
            events=n,
            users=users,
            with_act=spelled[near.other] if near else None,
            share=near.with_any if near else 0.0,
        )
    return found


def _pairs(
    connection: duckdb.DuckDBPyConnection, acts: list[str], events: int, *, to_the_minute: bool
) -> list[Together]:
    if len(acts) < 2:
        return []
    grain, step = (60_000_000, 60_000_000) if to_the_minute else (1, 1_000_000)
    every = math.ceil(events / SAMPLE_EVENTS)
    connection.execute(MOMENTS, {"grain": grain, "step": step, "every": every, "acts": acts})
    found = together(connection, to_the_minute=to_the_minute)
    connection.execute("DROP TABLE moments")
    return found
