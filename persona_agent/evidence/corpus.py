"""The log as evidence: one prepared table that every measure runs on.

In: a duckdb connection holding `events`, `memory_lines`, `memories` and `members` (their columns stand in `prepare`).
Out: a frozen `Corpus`, and populations in it. Promises: users, sessions and memories are numbered by first appearance
in `events`, whose rows stand in file order, never by their keyed hashes, so the same log gives the same numbers
whatever the run's key; every text and number reaches duckdb as a bound parameter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import numpy as np
from numpy.typing import NDArray

from persona_agent.errors import UsageError
from persona_agent.schema import Citation

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Population:
    """Whose events count: a group's users, everyone outside of it, or all (`group` is None)."""

    group: int | None = None
    outside: bool = False

    def __post_init__(self) -> None:
        if self.outside and self.group is None:
            raise UsageError("Nobody is outside of everyone.", hint="Name the group whose others are meant.")

    def others(self) -> Population | None:
        """Everyone who is not in this group; None for the population of all."""
        return None if self.group is None else Population(self.group, not self.outside)


class Binder:
    """Collects the parameters of one statement: `bind(x)` is the placeholder that stands for `x`."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: str | float) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"


@dataclass(frozen=True)
class Corpus:
    """A log prepared for measures; `valued` says whether its events carry a `value`.

    The temporary tables belong to the connection: one corpus per connection, and a second `prepare` replaces the first.
    """

    connection: duckdb.DuckDBPyConnection
    timezone: str
    valued: bool

    @classmethod
    def prepare(cls, connection: duckdb.DuckDBPyConnection, timezone: str = "UTC") -> Corpus:
        """Number and derive everything once; `timezone` is an IANA name.

        Reads `events(user, session, ts, action, object, text, properties, file, line, n, hash)`, in file order (sorted
        by raw user id, ts, file, line, n), with an optional `value DOUBLE`; `memory_lines(memory_id, file, line, n)`;
        `memories(memory_id, user, intent)`; `members(group_id, user)`. A line of two memories counts for the first.
        UsageError: no such time zone.
        """
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise UsageError(f"There is no time zone {timezone!r}.", hint="Use a name like 'Europe/Paris'.") from err
        valued = any(row[0] == "value" for row in connection.execute("DESCRIBE events").fetchall())
        connection.execute(_NUMBERED)
        value = "CAST(value AS DOUBLE)" if valued else "CAST(NULL AS DOUBLE)"
        connection.execute(_LINES.replace("{value}", value), {"timezone": timezone})
        connection.execute(_PLACES)
        connection.execute("DROP TABLE _numbered")
        return cls(connection, timezone, valued)

    def rows(self, sql: str, binder: Binder) -> dict[str, NDArray[Any]]:
        """Run one statement; columns by name, nulls as NaN in columns of DOUBLE."""
        fetched = self.connection.execute(sql, binder.values).fetchnumpy()
        return {name: _plain(column) for name, column in fetched.items()}

    def cite(self, seqs: Sequence[int] | Ints, relation: Literal["supports", "contradicts"]) -> list[Citation]:
        """Citations of prepared lines (numbers of `lines.seq`), in log order."""
        found = self.connection.execute(_CITE, {"seqs": [int(s) for s in seqs]}).fetchall()
        return [Citation(file=f, line=line, n=n, hash=h, relation=relation) for f, line, n, h in found]

    def locate(self, citations: Sequence[Citation]) -> list[tuple[int, str] | None]:
        """The number of each cited line and the hash that the log has there now; None where no such line is."""
        asked = {
            "files": [c.file for c in citations],
            "lines": [c.line for c in citations],
            "ns": [c.n for c in citations],
        }
        found = self.connection.execute(_LOCATE, asked).fetchall()
        places = {(f, line, n): (int(seq), str(h)) for f, line, n, seq, h in found}
        return [places.get((c.file, c.line, c.n)) for c in citations]

    def inside(self, seqs: Sequence[int], population: Population) -> set[int]:
        """Those of the numbered lines that belong to users of the population."""
        binder = Binder()
        sql = f"SELECT seq FROM lines l WHERE {users_of(population, binder)} AND list_contains($seqs, seq)"
        return {int(row[0]) for row in self.connection.execute(sql, {**binder.values, "seqs": list(seqs)}).fetchall()}


def users_of(population: Population, binder: Binder) -> str:
    """SQL test on `l.u`: is the event's user in the population?"""
    if population.group is None:
        return "true"
    within = "NOT IN" if population.outside else "IN"
    return f"l.u {within} (SELECT u FROM places WHERE g = {binder.bind(population.group)})"


def _plain(column: Any) -> NDArray[Any]:
    if isinstance(column, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(column), np.nan, column.data.astype(np.float64))
    return np.asarray(column)


# Rows keep their number within the file, so that every code below is a matter of the log and not of the run's key.
_NUMBERED = """
CREATE OR REPLACE TEMP TABLE _numbered AS
WITH e AS (SELECT *, row_number() OVER () AS row FROM events),
     firsts AS (SELECT "user", row_number() OVER (ORDER BY min(row)) - 1 AS u FROM e GROUP BY "user")
SELECT e.*, CAST(u AS INTEGER) AS u,
       CAST(row_number() OVER (ORDER BY u, ts, file, line, n) - 1 AS INTEGER) AS seq
FROM e JOIN firsts ON e."user" IS NOT DISTINCT FROM firsts."user"
"""

_LINES = """
CREATE OR REPLACE TEMP TABLE lines AS
WITH s AS (SELECT u, session, CAST(row_number() OVER (ORDER BY min(seq)) - 1 AS INTEGER) AS s
           FROM _numbered WHERE session IS NOT NULL GROUP BY u, session),
     -- A memory is one user's: a line that another user's memory claims stays outside of it.
     owned AS (SELECT e.seq, min_by(m.memory_id, m.memory_id) AS memory_id
               FROM memory_lines l JOIN memories m USING (memory_id)
               JOIN _numbered e ON e.file = l.file AND e.line = l.line AND e.n = l.n AND e."user" = m."user"
               GROUP BY e.seq),
     m AS (SELECT memory_id, CAST(row_number() OVER (ORDER BY min(seq)) - 1 AS INTEGER) AS m
           FROM owned GROUP BY memory_id)
SELECT e.seq, e.u, s.s, m.m, e.ts, epoch_us(e.ts) AS us,
       CAST(hour(local) AS TINYINT) AS hour, CAST(isodow(local) AS TINYINT) AS weekday,
       CAST(month(local) AS TINYINT) AS month, CAST(local AS DATE) AS date,
       lower(nullif(action, '')) AS action, lower(nullif(object, '')) AS object, lower(nullif(text, '')) AS text,
       CASE WHEN json_valid(properties) THEN properties END AS properties, {value} AS value, e.file, e.line, e.n
FROM (SELECT *, timezone($timezone, timezone('UTC', ts)) AS local FROM _numbered) e
LEFT JOIN s ON s.u = e.u AND s.session = e.session
LEFT JOIN owned ON owned.seq = e.seq
LEFT JOIN m USING (memory_id)
ORDER BY e.seq
"""

_PLACES = """
CREATE OR REPLACE TEMP TABLE places AS
SELECT DISTINCT group_id AS g, u FROM members JOIN (SELECT DISTINCT "user", u FROM _numbered) USING ("user")
"""

_CITE = """
SELECT l.file, l.line, l.n, e.hash
FROM lines l JOIN events e ON e.file = l.file AND e.line = l.line AND e.n = l.n
WHERE list_contains($seqs, l.seq) ORDER BY l.seq
"""

_LOCATE = """
WITH asked AS (SELECT DISTINCT unnest($files::VARCHAR[]) AS file, unnest($lines::BIGINT[]) AS line,
                      unnest($ns::INTEGER[]) AS n)
SELECT a.file, a.line, a.n, l.seq, e.hash
FROM asked a
JOIN lines l ON l.file = a.file AND l.line = a.line AND l.n = a.n
JOIN events e ON e.file = a.file AND e.line = a.line AND e.n = a.n
"""
