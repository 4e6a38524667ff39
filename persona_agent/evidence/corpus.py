"""The log as evidence: one prepared table that every measure runs on.

In: a duckdb connection holding `events`, `memory_lines`, `memories` and `members` (their columns stand in `prepare`).
Out: a frozen `Corpus`, and populations in it. Promises: users, sessions and memories are numbered by first appearance
in `events`, whose rows stand in file order, never by their keyed hashes, so the same log gives the same numbers
whatever the run's key; every text and number reaches duckdb as a bound parameter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..log.placed_halves import PlacedHalves
from ..options import DEFAULT_MIN_USERS
from ..schema import NO_NAMES, Citation, Names
from .made_of import Defined
from .people import Bools, Fold, Ints, People, Population
from .preparing import CUTS, prepare_tables

__all__ = [
    "Binder",
    "Bools",
    "Corpus",
    "Fold",
    "Ints",
    "LocatedLine",
    "People",
    "Population",
    "users_of",
]

AskParts = Callable[[str, Mapping[str, Any]], Sequence[Mapping[str, Any]]]


class Binder:
    """Collects the parameters of one statement: `bind(x)` is the placeholder that stands for `x`."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def bind(self, value: str | float | list[int] | list[str] | list[float]) -> str:
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
    (evidence.staff). `names` are what a person calls its acts and fields. `halves` are the users cut in two, where a run has
    placed them by halves of their visits; a corpus that is `cut` answers for those, or for three parts of a user, the
    third of which is of neither half. Where there is a `middle`, halves are of the log's time, the later from that day on.
    `floor` are the users that a group, and the core of one, must have to be told of. `made_of` is the field that says who is in a
    group, `defined` the value that whoever is in a group of a list has ever had, where there is one.

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
    halves: People | None = field(default=None, compare=False, repr=False)
    cut: Literal["", "halves", "parts", "times", "beside"] = ""
    middle: date | None = None
    given: bool = False
    made_of: str | None = None
    defined: Defined | None = None
    by_staying: bool = False
    floor: int = DEFAULT_MIN_USERS

    @classmethod
    def prepare(
        cls,
        connection: duckdb.DuckDBPyConnection,
        timezone: str = "UTC",
        held_out: Sequence[str] = (),
        halves: PlacedHalves | None = None,
    ) -> Corpus:
        """Number and derive everything once; `timezone` is an IANA name.

        Reads `events(user, session, ts, action, object, text, properties, file, line, n, hash)`, in file order (sorted by raw
        user id, ts, file, line, n), with an optional `value DOUBLE`, `person` where users are accounts, and `clock` where some
        times are dates alone, which have no hour; `memory_lines(memory_id, file, line, n)`; perhaps `themes(object, theme)`;
        `memories(memory_id, user, intent)`; `members(group_id, user)`. A line of two memories counts for the first. `held_out`
        names the users of that fold; all others are of the fold `fit`. `halves` places users by every other visit.
        UsageError: no such time zone.
        """
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as err:
            raise UsageError(f"There is no time zone {timezone!r}.", hint="Use a name like 'Europe/Paris'.") from err
        valued = "value" in {row[0] for row in connection.execute("DESCRIBE events").fetchall()}
        people, cut = prepare_tables(connection, timezone, held_out, halves)
        span = connection.execute("SELECT min(date), max(date) FROM lines HAVING count(*) > 0").fetchone()
        return cls(connection, timezone, valued, people, (span[0], span[1]) if span else None, halves=cut)

    def cross(self, population: Population) -> Corpus | None:
        """The same log with every user of two visits or more cut in two: user 2u is the first, third and so on of the visits of
        u, 2u + 1 are the others, and either half is of the group in which the *other* one places the user. None where
        that places nobody in the population's group.
        """
        if self.halves is None or population.group is None or not self.halves.mask(Population(population.group)).any():
            return None
        memo = self.memo.setdefault("cut", {})
        return replace(self, people=self.halves, memo=memo, halves=None, cut="times" if self.middle else "halves")

    def beside(self) -> Corpus | None:
        """The same log without the lines that given groups are made of; None where no lines of users are."""
        if self.people.amounts_beside is None:
            return None
        people = replace(self.people, amounts=self.people.amounts_beside, amounts_beside=None)
        return replace(
            self, people=people, memo=self.memo.setdefault("beside", {}), parts=None, halves=None, cut="beside"
        )

    def in_parts(self) -> Corpus:
        """The same log with every user in three: 3u and 3u + 1 are the halves of u, 3u + 2 the lines that are of neither."""
        people = replace(self.people, first_day=np.repeat(self.people.first_day, 3))
        return replace(self, people=people, memo={}, halves=None, cut="parts")

    def rows(self, sql: str, binder: Binder) -> dict[str, NDArray[Any]]:
        """Run one statement; columns by name, nulls as NaN in columns of DOUBLE."""
        fetched = self.connection.execute(sql, binder.values).fetchnumpy()
        return {name: _plain(column) for name, column in fetched.items()}

    def of_users(self, sql: str, binder: Binder) -> dict[str, NDArray[Any]]:
        """Run one statement on `lines` that looks at every user alone; rows of a user follow those of the users before. It opens
        with WITH.
        """
        if self.cut:
            # The day is a date of the log's own, and no text: parts of the log, which are asked alone, cannot tell it.
            sql = CUTS[self.cut].replace("{middle}", str(self.middle)) + sql.removeprefix("WITH")
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
    assert not population.core, "cores are of halves of users, and places are of users"
    if population.group is not None:
        within = "NOT IN" if population.outside else "IN"
        tests.append(f"l.u {within} (SELECT u FROM places WHERE g = {binder.bind(population.group)})")
    if population.fold is not None:
        tests.append(f"l.u {'IN' if population.fold == 'held_out' else 'NOT IN'} (SELECT u FROM held)")
    return " AND ".join(tests) or "true"


def _plain(column: Any) -> NDArray[Any]:
    if isinstance(column, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(column), np.nan, column.data.astype(np.float64))
    return np.asarray(column)


_CITE = """
SELECT file, line, n, hash, seq, u FROM lines WHERE seq IN (SELECT unnest($seqs::INTEGER[])) ORDER BY seq
"""

_LOCATE = """
WITH asked AS (SELECT DISTINCT unnest($files::VARCHAR[]) AS file, unnest($lines::BIGINT[]) AS line,
                      unnest($ns::INTEGER[]) AS n)
SELECT a.file, a.line, a.n, l.seq, l.hash, l.u
FROM asked a JOIN lines l ON l.file = a.file AND l.line = a.line AND l.n = a.n
"""
