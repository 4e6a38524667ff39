"""Numbers that nobody chose line by line: the place of a line in its visit, the hour or day of a time that stands beside them,
and what each user has one of (how far from work they live).

In: a connection with the view `events`, the names of its numbers and of its texts. Out: the numbers that are such. Promises: what
a number is called decides nothing here; one that goes on from visit to visit (the level of a game) is no place in a visit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import duckdb

LOOKED_AT = 100_000  # events, of whole users first: what rises by one line by line shows in fewer
PAIRS = 100  # of lines that follow each other in a visit, or visits of a user, at least; of fewer it may be chance
BY_ONE = 0.9  # of such lines, that rise by one: what was set aside between two leaves a gap
ANEW = 0.9  # of visits, that begin no higher than the one before ended
OF_TIMES = 0.98  # of lines on which a number is a part of a time beside it: clocks are put right now and then
OF_USER = 0.95  # of users with several visits hold one number: as a text of theirs, it says who they are
COMMONEST = 0.8  # of users with one number, that have the commonest: above, nearly everybody always takes one
USERS = 20  # with several visits, at least; of fewer each may have kept to a number by chance
MOST_PARTS = 60  # different numbers of a part of a time: minutes
_PARTS = ("hour", "isodow", "dow", "day", "month", "year", "week", "minute")

_STEPS = """
WITH e AS (
    SELECT user, session, i, try_cast(json_extract_string(properties, $path) AS DOUBLE) AS x FROM events WHERE i < $most),
l AS (SELECT user = lag(user) OVER w AS same, session IS NOT DISTINCT FROM lag(session) OVER w AS sat, x, lag(x) OVER w AS before
      FROM e WHERE x IS NOT NULL WINDOW w AS (ORDER BY i))
SELECT count(*) FILTER (same AND sat), count(*) FILTER (same AND sat AND x - before = 1),
       count(*) FILTER (same AND NOT sat), count(*) FILTER (same AND NOT sat AND x <= before) FROM l
"""
_KEPT = """
WITH e AS (
    SELECT user, session, try_cast(json_extract_string(properties, $path) AS DOUBLE) AS x FROM events WHERE i < $most),
u AS (SELECT user, count(DISTINCT x) AS n, any_value(x) AS x FROM e WHERE x IS NOT NULL
      GROUP BY user HAVING count(DISTINCT session) > 1),
m AS (SELECT count(*) AS n FROM u WHERE n = 1 GROUP BY x)
SELECT (SELECT count(*) FROM u), (SELECT count(*) FROM u WHERE n = 1), (SELECT max(n) FROM m)
"""
_TIMES = """
WITH e AS (SELECT try_cast(json_extract_string(properties, $path) AS TIMESTAMP) AS t,
                  json_extract_string(properties, $path) AS text FROM events WHERE i < $most)
SELECT count(t), count(text), count(DISTINCT t) FROM e
"""
_IS_PART = """
WITH e AS (SELECT try_cast(json_extract_string(properties, $number) AS DOUBLE) AS x,
                  try_cast(json_extract_string(properties, $time) AS TIMESTAMP) AS t FROM events WHERE i < $most)
SELECT count(*), {parts} FROM e WHERE x IS NOT NULL AND t IS NOT NULL
"""


def counters(
    connection: duckdb.DuckDBPyConnection, numbers: dict[str, int], texts: Collection[str], paths: dict[str, str]
) -> set[str]:
    """Which of `numbers`, by how many different values each has, are places in a visit, parts of a time among `texts` or one
    of each user; `paths` are theirs as JSON.
    """
    times = [name for name in texts if _is_time(connection, paths[name])]
    parts = {name for name, n in numbers.items() if n <= MOST_PARTS and _is_part(connection, paths[name], times, paths)}
    kept = {name for name in numbers if name not in parts and _is_of_user(connection, paths[name])}
    return {*parts, *kept, *_places(connection, [n for n in numbers if n not in parts | kept], paths)}


def _is_of_user(connection: duckdb.DuckDBPyConnection, path: str) -> bool:
    ((users, kept, most),) = connection.execute(_KEPT, {"path": path, "most": LOOKED_AT}).fetchall()
    return bool(users >= USERS and kept >= OF_USER * users and most <= COMMONEST * kept)


def _places(connection: duckdb.DuckDBPyConnection, names: Collection[str], paths: dict[str, str]) -> Iterator[str]:
    for name in names:
        ((lines, by_one, visits, anew),) = connection.execute(
            _STEPS, {"path": paths[name], "most": LOOKED_AT}
        ).fetchall()
        if min(lines, visits) >= PAIRS and by_one >= BY_ONE * lines and anew >= ANEW * visits:
            yield name


def _is_time(connection: duckdb.DuckDBPyConnection, path: str) -> bool:
    ((times, filled, different),) = connection.execute(_TIMES, {"path": path, "most": LOOKED_AT}).fetchall()
    return bool(different >= PAIRS and times >= OF_TIMES * filled)


def _is_part(connection: duckdb.DuckDBPyConnection, number: str, times: Collection[str], paths: dict[str, str]) -> bool:
    counted = ", ".join(f"count(*) FILTER (x = extract({part} FROM t))" for part in _PARTS)
    for time in times:
        given = {"number": number, "time": paths[time], "most": LOOKED_AT}
        ((lines, *same),) = connection.execute(_IS_PART.format(parts=counted), given).fetchall()
        if lines >= PAIRS and max(same) >= OF_TIMES * lines:
            return True
    return False
