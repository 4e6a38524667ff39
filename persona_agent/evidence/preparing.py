"""The tables that measures run on, made once from a log's events: lines, visits, places, held, and what is known of every user.

In: a connection with the tables that `Corpus.prepare` names. Out: the tables, and `People` of users and of their halves.
Promises: a code is a matter of the log's order alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb
import numpy as np

from ..log.placed_halves import PlacedHalves
from ..options import DEFAULT_MIN_CLAIM_USERS
from .intervals import Reals
from .people import Bools, Ints, People, months_alike

# Of a group's members, by each half of their visits. A chance to be above would be many members in one log and none in another,
# and the surest third, which looks clearer still, has too few users in most groups for its figures to be told from theirs.
CORE = 0.5


def prepare_tables(
    connection: duckdb.DuckDBPyConnection, timezone: str, held_out: Sequence[str], halves: PlacedHalves | None
) -> tuple[People, People | None]:
    """Number the log and derive its tables; users, and their halves where `halves` places them."""
    columns = {row[0] for row in connection.execute("DESCRIBE events").fetchall()}
    connection.execute(_NUMBERED)
    connection.execute(_OWNED)
    value = "CAST(value AS DOUBLE)" if "value" in columns else "CAST(NULL AS DOUBLE)"
    clock = "clock" if "clock" in columns else "true"
    connection.execute(_themes_made(connection))
    connection.execute(_LINES.replace("{value}", value).replace("{clock}", clock), {"timezone": timezone})
    connection.execute(_PLACES)
    connection.execute("CREATE OR REPLACE TABLE held AS " + _HELD, {"users": list(held_out)})
    persons = _persons(connection) if "person" in columns else None
    if persons is not None:
        for field in ("object", "text"):
            connection.execute(_OF_FEW.replace("{field}", field), {"floor": DEFAULT_MIN_CLAIM_USERS})
    months = _months_alike(connection)
    people = _people(connection, persons, months)
    cut = None
    if halves is not None:
        known = _known_halves(connection, halves)
        cut = _halves(connection, people, halves, known, months)
        people = replace(people, leaning=_leaning(people, halves, known))
    connection.execute("DROP TABLE _numbered; DROP TABLE _owned; DROP TABLE _themes")
    make_visits(connection)
    return people, cut


def make_visits(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables `visits` and `met` of the `lines` that are there, which most measures ask for and which are the same for all."""
    for sql in _OF_VISITS:
        connection.execute(sql)


def _themes_made(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL of the table of themes, in lower case; it is empty where the log has none."""
    there = connection.execute("SELECT 1 FROM duckdb_views() WHERE view_name = 'themes' LIMIT 1").fetchone()
    source = "themes" if there else "(SELECT '' AS object, '' AS theme WHERE false)"
    return (
        "CREATE OR REPLACE TABLE _themes AS SELECT lower(object) AS object, lower(first(theme)) AS theme "
        f"FROM {source} GROUP BY lower(object)"
    )


def _persons(connection: duckdb.DuckDBPyConnection) -> list[Ints]:
    """The codes of the persons in each account, by its code."""
    rows = connection.execute(_PERSONS).fetchall()
    return [np.asarray(codes, dtype=np.int64) for (codes,) in rows]


def _months_alike(connection: duckdb.DuckDBPyConnection) -> int:
    ((users, start, end),) = connection.execute("SELECT count(DISTINCT u), min(date), max(date) FROM lines").fetchall()
    return months_alike(users, str(start), str(end)) if users else 1


def _people(connection: duckdb.DuckDBPyConnection, persons: Sequence[Ints] | None, months: int) -> People:
    rows = connection.execute(_PEOPLE.format(lines="lines", months=months)).fetchnumpy()
    n = len(rows["u"])
    groups: dict[int, Bools] = {}
    for g, u in connection.execute("SELECT g, u FROM places").fetchall():
        groups.setdefault(g, np.zeros(n, dtype=bool))[u] = True
    held = np.zeros(n, dtype=bool)
    held[[u for (u,) in connection.execute("SELECT u FROM held").fetchall()]] = True
    days, seen, active = (
        np.asarray(rows[name]).astype(np.int64) for name in ("first_day", "first_seen", "active_days")
    )
    return People(days, seen, active, held, groups, persons)


def _known_halves(connection: duckdb.DuckDBPyConnection, placed: PlacedHalves) -> dict[str, Ints]:
    """The code `u` of each user of the log that was placed, and its place `i` among these."""
    connection.register("half_rows", {"user": np.array(placed.users, dtype=object), "i": np.arange(len(placed.users))})
    rows = connection.execute(_OF_HALVES).fetchnumpy()
    connection.unregister("half_rows")
    return {name: np.asarray(rows[name]).astype(np.int64) for name in ("u", "i")}


def _leaning(people: People, placed: PlacedHalves, known: Mapping[str, Ints]) -> Ints | None:
    """(users,) the group that each leans to who is in none."""
    if placed.leaning is None:
        return None
    found = np.full(len(people.first_day), -1, dtype=np.int64)
    found[known["u"]] = placed.leaning[known["i"]]
    return found


def _halves(
    connection: duckdb.DuckDBPyConnection, people: People, placed: PlacedHalves, known: Mapping[str, Ints], months: int
) -> People:
    """The halves of users, by 2 × user + half: what is known of each by its own lines, in the group of the other half."""
    by, chances = placed.groups, placed.chances
    n = len(people.first_day)
    other = np.full(2 * n, -1, dtype=np.int64)
    sure = np.zeros(2 * n)
    for half in (0, 1):
        own = 2 * known["u"] + half
        other[own], sure[own] = by[known["i"], 1 - half], chances[known["i"], 1 - half]
    rows = connection.execute(_PEOPLE.format(lines=f"({CUT_LINES})", months=months)).fetchnumpy()
    here = rows["u"].astype(np.int64)

    def known_of(name: str, whole: Ints) -> Ints:
        # A user of one visit has no halves, answers nothing, and must only not widen the range of the strata.
        own = np.repeat(whole, 2)
        own[here] = np.asarray(rows[name]).astype(np.int64)
        return own

    seen = np.zeros(2 * n, dtype=bool)
    seen[here] = True
    groups = {int(g): seen & (other == g) for g in np.unique(other[seen & (other >= 0)])}
    return People(
        known_of("first_day", people.first_day),
        known_of("first_seen", people.first_seen),
        known_of("active_days", people.active_days),
        np.repeat(people.held_out, 2),
        groups,
        cores={g: _core(members, sure) for g, members in groups.items()},
        owner=np.repeat(np.arange(n, dtype=np.int64), 2),
    )


def _core(members: Bools, sure: Reals) -> Bools:
    """Of the halves of users in a group those that the other half is surest of, of the odd and of the even ones the same part."""
    core = np.zeros_like(members)
    for half in (0, 1):
        own = np.flatnonzero(members[half::2]) * 2 + half
        if len(own):
            core[own] = sure[own] >= np.quantile(sure[own], 1 - CORE)
    return core


# Rows keep their number within the file, so that every code below is a matter of the log and not of the run's key. Only
# narrow columns are numbered and sorted: a log is wide.
_NUMBERED = """
CREATE OR REPLACE TABLE _numbered AS
WITH e AS (SELECT "user", session, row_number() OVER () AS row FROM events),
     firsts AS (SELECT "user", row_number() OVER (ORDER BY min(row)) - 1 AS u FROM e GROUP BY "user")
SELECT e.row, e.session, CAST(u AS INTEGER) AS u, CAST(row_number() OVER (ORDER BY u, row) - 1 AS INTEGER) AS seq
FROM e JOIN firsts ON e."user" IS NOT DISTINCT FROM firsts."user"
"""

# A memory is one user's: a line that another user's memory claims stays outside of it.
_OWNED = """
CREATE OR REPLACE TABLE _owned AS
WITH e AS (SELECT "user", file, line, n, row_number() OVER () AS row FROM events)
SELECT e.row, min(m.memory_id) AS memory_id
FROM memory_lines l JOIN memories m USING (memory_id)
JOIN e ON e.file = l.file AND e.line = l.line AND e.n = l.n AND e."user" = m."user"
GROUP BY e.row
"""

# A date alone is that date in every zone; as midnight of UTC it would be the day before to the west of it.
_LINES = """
CREATE OR REPLACE TABLE lines AS
WITH s AS (SELECT u, session, CAST(row_number() OVER (ORDER BY min(seq)) - 1 AS INTEGER) AS s,
                  CAST(CASE WHEN count(*) OVER (PARTITION BY u) > 1
                       THEN (row_number() OVER (PARTITION BY u ORDER BY min(seq)) - 1) % 2 END AS TINYINT) AS half
           FROM _numbered WHERE session IS NOT NULL GROUP BY u, session),
     m AS (SELECT memory_id, CAST(row_number() OVER (ORDER BY min(x.seq)) - 1 AS INTEGER) AS m
           FROM _owned JOIN _numbered x USING (row) GROUP BY memory_id),
     codes AS (SELECT x.row, x.seq, x.u, s.s, s.half, m.m FROM _numbered x
               LEFT JOIN s ON s.u = x.u AND s.session = x.session
               LEFT JOIN _owned USING (row) LEFT JOIN m USING (memory_id))
SELECT x.seq, x.u, x.s, x.half, x.m, e.ts, epoch_us(e.ts) AS us,
       CAST(CASE WHEN {clock} THEN hour(local) END AS TINYINT) AS hour, CAST(isodow(local) AS TINYINT) AS weekday,
       CAST(month(local) AS TINYINT) AS month, CAST(local AS DATE) AS date,
       lower(nullif(action, '')) AS action, lower(nullif(e.object, '')) AS object, lower(nullif(text, '')) AS text, h.theme,
       CASE WHEN json_valid(properties) THEN properties END AS properties, {value} AS value, e.file, e.line, e.n, e.hash
FROM (SELECT *, CASE WHEN {clock} OR wall::TIME = TIME '00:00' THEN wall ELSE ts END AS local
      FROM (SELECT *, timezone($timezone, timezone('UTC', ts)) AS wall, row_number() OVER () AS row FROM events)) e
JOIN codes x USING (row) LEFT JOIN _themes h ON h.object = lower(e.object)
ORDER BY x.seq
"""

_OF_VISITS = (
    """
CREATE OR REPLACE TABLE visits AS
SELECT s, min(seq) AS opening, CAST(min(date) - lag(min(date)) OVER w AS DOUBLE) AS gap, row_number() OVER w = 1 AS first,
       CASE WHEN bool_and(hour IS NOT NULL) THEN (max(us) - min(us)) / 6e7 END AS minutes
FROM main.lines WHERE s IS NOT NULL GROUP BY u, s WINDOW w AS (PARTITION BY u ORDER BY s)
""",
    # By line the first line of its visit on its object, and the visit in which the user met that before. Sessions are numbered in
    # the order of users and of their first lines: that of the visit just before is one less.
    """
CREATE OR REPLACE TABLE met AS
WITH t AS (SELECT s, object, thing, lag(s) OVER (PARTITION BY u, object ORDER BY s) AS before
           FROM (SELECT u, s, object, min(seq) AS thing FROM main.lines WHERE s IS NOT NULL AND object IS NOT NULL
                 GROUP BY u, s, object))
SELECT l.seq, t.thing, t.before FROM main.lines l JOIN t ON t.s = l.s AND t.object = l.object
""",
)
_PLACES = """
CREATE OR REPLACE TABLE places AS
WITH e AS (SELECT "user", row_number() OVER () AS row FROM events),
     known AS (SELECT "user", min(u) AS u FROM e JOIN _numbered USING (row) GROUP BY "user")
SELECT DISTINCT group_id AS g, u FROM members JOIN known USING ("user")
"""

_HELD = """
WITH e AS (SELECT "user", row_number() OVER () AS row FROM events)
SELECT DISTINCT u FROM e JOIN _numbered USING (row) WHERE "user" IN (SELECT unnest($users::VARCHAR[]))
"""

_PERSONS = """
WITH e AS (SELECT person, row_number() OVER () AS row FROM events),
     p AS (SELECT person, row_number() OVER (ORDER BY min(row)) - 1 AS p FROM e GROUP BY person)
SELECT list(DISTINCT p) FROM e JOIN p USING (person) JOIN _numbered USING (row) GROUP BY u ORDER BY u
"""

# What one person does in many accounts is shared by many accounts and by nobody.
_OF_FEW = """
UPDATE lines SET {field} = NULL WHERE {field} IN (
  SELECT lower({field}) FROM events WHERE {field} <> '' GROUP BY lower({field}) HAVING count(DISTINCT person) < $floor)
"""

_PEOPLE = """
SELECT u, min(date) - DATE '1970-01-01' AS first_day, (year(min(date)) * 12 + month(min(date)) - 1) // {months} AS first_seen,
       count(DISTINCT date) AS active_days
FROM {lines} GROUP BY u ORDER BY u
"""

# Episodes lie within visits; one that did not would be two.
CUT_LINES = "SELECT * REPLACE (2 * u + half AS u, 2 * m + half AS m) FROM main.lines WHERE half IS NOT NULL"
_PART_LINES = "SELECT * REPLACE (3 * u + coalesce(half, 2) AS u) FROM main.lines"
# A visit over the night before the middle day is whole where visits are counted, and of the half in which it begins.
_LATE = "(date >= DATE '{middle}')::INTEGER"
_TIME_LINES = f"SELECT * REPLACE (2 * u + {_LATE} AS u, 2 * m + {_LATE} AS m) FROM main.lines"
# Without what given groups are made of (evidence.defining).
BESIDE_LINES = "SELECT * FROM main.lines WHERE seq NOT IN (SELECT seq FROM made_of_lines)"
# How a statement on `lines` opens where users are cut: in their halves, in these and what is of neither, or by time.
_OPENINGS = {"halves": CUT_LINES, "parts": _PART_LINES, "times": _TIME_LINES, "beside": BESIDE_LINES}
CUTS = {cut: f"WITH lines AS NOT MATERIALIZED ({of})," for cut, of in _OPENINGS.items()}

_OF_HALVES = """
WITH e AS (SELECT "user", row_number() OVER () AS row FROM events),
     known AS (SELECT "user", min(u) AS u FROM e JOIN _numbered USING (row) GROUP BY "user")
SELECT i, u FROM half_rows JOIN known USING ("user")
"""
