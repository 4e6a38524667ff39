"""The log as evidence: one prepared table that every measure runs on.

In: a duckdb connection holding `events`, `memory_lines`, `memories` and `members` (their columns stand in `prepare`).
Out: a frozen `Corpus`, and populations in it. Promises: users, sessions and memories are numbered by first appearance
in `events`, whose rows stand in file order, never by their keyed hashes, so the same log gives the same numbers
whatever the run's key; every text and number reaches duckdb as a bound parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..options import DEFAULT_MIN_CLAIM_USERS
from ..schema import NO_NAMES, Citation, Names

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


_NOBODY = np.zeros(0, dtype=np.int64)

AskParts = Callable[[str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]
Fold = Literal["fit", "held_out"]


@dataclass(frozen=True)
class Population:
    """Whose events count: a group's users, everyone outside of it, or all (`group` is None), of one fold or of both."""

    group: int | None = None
    outside: bool = False
    fold: Fold | None = None

    def __post_init__(self) -> None:
        if self.outside and self.group is None:
            raise UsageError("Nobody is outside of everyone.", hint="Name the group whose others are meant.")

    def others(self) -> Population | None:
        """Everyone who is not in this group; None for the population of all."""
        return None if self.group is None else Population(self.group, not self.outside, self.fold)

    def of(self, fold: Fold) -> Population:
        """Those of its users that belong to one fold."""
        return Population(self.group, self.outside, fold)


@dataclass(frozen=True)
class People:
    """What is known of every user, by user code: local days since 1970, months since year 0, who is where, and where users are
    accounts the codes of the persons in each.
    """

    first_day: Ints
    first_month: Ints
    active_days: Ints
    held_out: Bools
    groups: Mapping[int, Bools]
    persons: Sequence[Ints] | None = None

    def behind(self, mask: Bools) -> int | None:
        """How many persons are in the accounts of a mask; None where users are persons."""
        if self.persons is None:
            return None
        return len(np.unique(np.concatenate([_NOBODY, *(self.persons[u] for u in np.flatnonzero(mask).tolist())])))

    def heads(self, users: Ints) -> int:
        """What a floor is held against: so many users, or of accounts and the persons in them what is fewer."""
        if self.persons is None:
            return len(users)
        mask = np.zeros(len(self.first_day), dtype=bool)
        mask[users] = True
        return min(len(users), self.behind(mask) or 0)

    def mask(self, population: Population) -> Bools:
        """(users,) true for the users of a population."""
        n = len(self.first_day)
        if population.group is None:
            found = np.ones(n, dtype=bool)
        else:
            members = self.groups.get(population.group, np.zeros(n, dtype=bool))
            found = ~members if population.outside else members
        if population.fold is None:
            return found
        return np.asarray(found & (self.held_out if population.fold == "held_out" else ~self.held_out))


class Binder:
    """Collects the parameters of one statement: `bind(x)` is the placeholder that stands for `x`."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: str | float | list[int]) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"


@dataclass(frozen=True)
class LocatedLine:
    """A line of the log as it is now: its number, its record's hash, its user's code."""

    seq: int
    hash: str
    user: int


@dataclass(frozen=True)
class Corpus:
    """A log prepared for measures; `valued` says whether its events carry a `value`, `days` is its first and last local
    day. `memo` keeps the answers to questions that were asked before. `parts`, where the lines of users are also held in
    parts elsewhere, asks all of these a statement, in the order of users. Of `staff` some measures are not asked
    (evidence.staff). `names` are what a person calls its acts and fields.

    The temporary tables belong to the connection: one corpus per connection, and a second `prepare` replaces the first.
    """

    connection: duckdb.DuckDBPyConnection
    timezone: str
    valued: bool
    people: People
    days: tuple[date, date] | None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    parts: AskParts | None = field(default=None, compare=False, repr=False)
    staff: bool = False
    names: Names = NO_NAMES

    @classmethod
    def prepare(
        cls, connection: duckdb.DuckDBPyConnection, timezone: str = "UTC", held_out: Sequence[str] = ()
    ) -> Corpus:
        """Number and derive everything once; `timezone` is an IANA name.

        Reads `events(user, session, ts, action, object, text, properties, file, line, n, hash)`, in file order (sorted
        by raw user id, ts, file, line, n), with an optional `value DOUBLE`, `person` where users are accounts, and `clock`
        where some times are dates alone, which have no hour; `memory_lines(memory_id, file, line, n)`;
        `memories(memory_id, user, intent)`; `members(group_id, user)`. A line of two memories counts for the first.
        `held_out` names the users of that fold; all others are of the fold `fit`. UsageError: no such time zone.
        """
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise UsageError(f"There is no time zone {timezone!r}.", hint="Use a name like 'Europe/Paris'.") from err
        columns = {row[0] for row in connection.execute("DESCRIBE events").fetchall()}
        valued = "value" in columns
        connection.execute(_NUMBERED)
        connection.execute(_OWNED)
        value = "CAST(value AS DOUBLE)" if valued else "CAST(NULL AS DOUBLE)"
        clock = "clock" if "clock" in columns else "true"
        connection.execute(_LINES.replace("{value}", value).replace("{clock}", clock), {"timezone": timezone})
        connection.execute(_PLACES)
        connection.execute("CREATE OR REPLACE TABLE held AS " + _HELD, {"users": list(held_out)})
        persons = _persons(connection) if "person" in columns else None
        if persons is not None:
            for field in ("object", "text"):
                connection.execute(_OF_FEW.replace("{field}", field), {"floor": DEFAULT_MIN_CLAIM_USERS})
        connection.execute("DROP TABLE _numbered; DROP TABLE _owned")
        span = connection.execute("SELECT min(date), max(date) FROM lines HAVING count(*) > 0").fetchone()
        return cls(connection, timezone, valued, _people(connection, persons), (span[0], span[1]) if span else None)

    def rows(self, sql: str, binder: Binder) -> dict[str, NDArray[Any]]:
        """Run one statement; columns by name, nulls as NaN in columns of DOUBLE."""
        fetched = self.connection.execute(sql, binder.values).fetchnumpy()
        return {name: _plain(column) for name, column in fetched.items()}

    def of_users(self, sql: str, binder: Binder) -> dict[str, NDArray[Any]]:
        """Run one statement on `lines` that looks at every user alone; rows of a user follow those of the users before."""
        if self.parts is None:
            return self.rows(sql, binder)
        answers = self.parts(sql, binder.values)
        return {name: np.concatenate([_plain(a[name]) for a in answers]) for name in answers[0]}

    def cite(self, seqs: Sequence[int] | Ints, relation: Literal["supports", "contradicts"]) -> list[Citation]:
        """Citations of prepared lines (numbers of `lines.seq`), in log order."""
        found = self.connection.execute(_CITE, {"seqs": [int(s) for s in seqs]}).fetchall()
        self._known().update({(f, line, n): LocatedLine(seq, h, u) for f, line, n, h, seq, u in found})
        return [Citation(file=f, line=line, n=n, hash=h, relation=relation) for f, line, n, h, _, _ in found]

    def locate(self, citations: Sequence[Citation]) -> list[LocatedLine | None]:
        """Where each cited line is now; None where no such line is."""
        known = self._known()
        # A line that this corpus gave out itself is where it was; any other is looked for in the whole log.
        strange = [c for c in citations if (c.file, c.line, c.n) not in known]
        if strange:
            asked = {
                "files": [c.file for c in strange],
                "lines": [c.line for c in strange],
                "ns": [c.n for c in strange],
            }
            found = self.connection.execute(_LOCATE, asked).fetchall()
            known.update({(f, line, n): LocatedLine(int(seq), str(h), int(u)) for f, line, n, seq, h, u in found})
        return [known.get((c.file, c.line, c.n)) for c in citations]

    def _known(self) -> dict[tuple[str, int, int], LocatedLine]:
        """Places of lines that were looked up before, by file, line and n."""
        places: dict[tuple[str, int, int], LocatedLine] = self.memo.setdefault("places", {})
        return places


def users_of(population: Population, binder: Binder) -> str:
    """SQL test on `l.u`: is the event's user in the population?"""
    tests = []
    if population.group is not None:
        within = "NOT IN" if population.outside else "IN"
        tests.append(f"l.u {within} (SELECT u FROM places WHERE g = {binder.bind(population.group)})")
    if population.fold is not None:
        tests.append(f"l.u {'IN' if population.fold == 'held_out' else 'NOT IN'} (SELECT u FROM held)")
    return " AND ".join(tests) or "true"


def _persons(connection: duckdb.DuckDBPyConnection) -> list[Ints]:
    """The codes of the persons in each account, by its code."""
    rows = connection.execute(_PERSONS).fetchall()
    return [np.asarray(codes, dtype=np.int64) for (codes,) in rows]


def _people(connection: duckdb.DuckDBPyConnection, persons: Sequence[Ints] | None) -> People:
    rows = connection.execute(_PEOPLE).fetchnumpy()
    n = len(rows["u"])
    groups: dict[int, Bools] = {}
    for g, u in connection.execute("SELECT g, u FROM places").fetchall():
        groups.setdefault(g, np.zeros(n, dtype=bool))[u] = True
    held = np.zeros(n, dtype=bool)
    held[[u for (u,) in connection.execute("SELECT u FROM held").fetchall()]] = True
    days, months, active = (
        np.asarray(rows[name]).astype(np.int64) for name in ("first_day", "first_month", "active_days")
    )
    return People(days, months, active, held, groups, persons)


def _plain(column: Any) -> NDArray[Any]:
    if isinstance(column, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(column), np.nan, column.data.astype(np.float64))
    return np.asarray(column)


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
WITH s AS (SELECT u, session, CAST(row_number() OVER (ORDER BY min(seq)) - 1 AS INTEGER) AS s
           FROM _numbered WHERE session IS NOT NULL GROUP BY u, session),
     m AS (SELECT memory_id, CAST(row_number() OVER (ORDER BY min(x.seq)) - 1 AS INTEGER) AS m
           FROM _owned JOIN _numbered x USING (row) GROUP BY memory_id),
     codes AS (SELECT x.row, x.seq, x.u, s.s, m.m FROM _numbered x
               LEFT JOIN s ON s.u = x.u AND s.session = x.session
               LEFT JOIN _owned USING (row) LEFT JOIN m USING (memory_id))
SELECT x.seq, x.u, x.s, x.m, e.ts, epoch_us(e.ts) AS us,
       CAST(CASE WHEN {clock} THEN hour(local) END AS TINYINT) AS hour, CAST(isodow(local) AS TINYINT) AS weekday,
       CAST(month(local) AS TINYINT) AS month, CAST(local AS DATE) AS date,
       lower(nullif(action, '')) AS action, lower(nullif(object, '')) AS object, lower(nullif(text, '')) AS text,
       CASE WHEN json_valid(properties) THEN properties END AS properties, {value} AS value, e.file, e.line, e.n, e.hash
FROM (SELECT *, CASE WHEN {clock} OR wall::TIME = TIME '00:00' THEN wall ELSE ts END AS local
      FROM (SELECT *, timezone($timezone, timezone('UTC', ts)) AS wall, row_number() OVER () AS row FROM events)) e
JOIN codes x USING (row)
ORDER BY x.seq
"""

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
SELECT u, min(date) - DATE '1970-01-01' AS first_day, year(min(date)) * 12 + month(min(date)) AS first_month,
       count(DISTINCT date) AS active_days
FROM lines GROUP BY u ORDER BY u
"""

_CITE = """
SELECT file, line, n, hash, seq, u FROM lines WHERE seq IN (SELECT unnest($seqs::INTEGER[])) ORDER BY seq
"""

_LOCATE = """
WITH asked AS (SELECT DISTINCT unnest($files::VARCHAR[]) AS file, unnest($lines::BIGINT[]) AS line,
                      unnest($ns::INTEGER[]) AS n)
SELECT a.file, a.line, a.n, l.seq, l.hash, l.u
FROM asked a JOIN lines l ON l.file = a.file AND l.line = a.line AND l.n = a.n
"""
