"""events.parquet as columns of integers, and what its properties are.

In: a connection with the view `events` (store.open_events). Out: numpy codes in file order, small enough to cluster a
million events with, and a catalogue of properties. Promises: codes depend on the order and content of the file only.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from ..redaction import is_masked
from ..store import Store, sql_literal
from .counters import counters
from .numbering import numbers_of_things

PART_EVENTS = 500_000  # some hundred megabytes of a worker's memory
Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

SAMPLE_EVENTS = 50_000  # spread over the log: a share of the catalogue is then known to within half a point
SAMPLE_VALUES = 5_000_000  # fewer events where each has more than a hundred properties: what a second or two can count
WIDTH_EVENTS = 100  # by which the properties of an event are counted; a round number
NUMERIC_SHARE = 0.95  # of a property's values: a number field may hold a few words (n/a)
MIN_COVERAGE = 0.3  # of events that must have an amount for users to be told apart by it
FIELD_COVERAGE = 0.5  # of events that must have a field for “is it just that?” to be asked of most users
MAX_FIELD_VALUES = 30  # more values leave too few users in each to hold groups against
MIN_NUMBERS = 5  # different numbers; fewer are codes for something
SHARED_BY = 5  # users who have a property or do an act: a name that fewer know may tell of one of them
RARE = "rare action"
OF_TIME = 0.98  # of hours in which several users have a number hold one value: clocks are put right now and then
HOURS = 20  # with several users, at least: of fewer all may be alike by chance
ONE_VALUE = 0.8  # of lines with the commonest number: above, it is alike in most hours whatever it is
MOSTLY_FRACTIONS = 0.5  # of numbers that hardly repeat, from which they are measured: what numbers things is whole
ID_LIKE_SHARE = 0.5  # of values that are different: a number that hardly repeats is an id, not an amount
# Counters, positions and identifiers are numbers that say nothing of what a user wants. Keys are told in camel case and behind a
# script without cases too (`movieId`, `商品ID`).
_NOT_AMOUNTS = re.compile(
    r"(^|[._\s])(id|ids|code|no|nr|number|index|idx|pos|position|rank|hit|hits|visit|seq|sequence|line|zip|postcode|"
    r"phone|lat|lng|lon|latitude|longitude|year|month|day|hour|minute|timestamp|time|version|port|offset|epoch)($|[._\s])"
    r"|(?-i:(?<=[a-z])(Id|ID|Ids|IDs|No|Nr|Code)$)|(?<=[^\x00-\x7f])(id|ids|no|nr|code)$",
    re.IGNORECASE,
)

TEXT = "trim(replace(lower(action || ' ' || object), '_', ' '))"
# Sessions and users are numbered in the order of their events; a session is one user's, whatever other users call theirs.
CODED = f"""
WITH e AS (
  SELECT i, user, session, epoch_us(ts) AS ts, action, {TEXT} AS text FROM events WHERE i >= ? AND i < ?),
u AS (SELECT user, row_number() OVER (ORDER BY min(i)) - 1 AS code FROM e GROUP BY user),
s AS (SELECT user, session, row_number() OVER (ORDER BY min(i)) - 1 AS code FROM e GROUP BY user, session)
SELECT u.code AS user, s.code AS session, e.ts, t.code AS text
FROM e JOIN u USING (user) JOIN s USING (user, session) JOIN texts t ON t.text = e.text AND t.action = e.action ORDER BY e.i
"""


WHOSE = """
WITH u AS (SELECT user, row_number() OVER (ORDER BY min(i)) - 1 AS code FROM events GROUP BY user),
s AS (SELECT user, session, row_number() OVER (ORDER BY min(i)) - 1 AS code FROM events GROUP BY user, session)
SELECT u.code AS user, s.code AS session, epoch_us(e.ts) AS ts
FROM events e JOIN u USING (user) JOIN s USING (user, session) ORDER BY e.i
"""


@dataclass(frozen=True)
class EventCodes:
    """Events in file order (sorted by user, time, line); `users` are the hashes behind the codes."""

    user: Ints
    session: Ints
    ts: Ints
    users: list[str]


@dataclass(frozen=True)
class Columns(EventCodes):
    """The same with what was done: `text` indexes `texts`, `action` gives each text's code in `actions`."""

    text: Ints
    texts: list[str]
    action: Ints
    actions: list[str]


@dataclass(frozen=True)
class Property:
    """What a sample of events says of one property."""

    name: str
    coverage: float
    numeric: float
    distinct: int
    values: int
    fractions: float = 0.0  # of its numbers, those that are no whole ones
    of_time: bool = False  # a week's or a day's number, the same for all at one hour, or a line's place in its visit
    is_id: bool = False  # it numbers what a text names

    @property
    def is_amount(self) -> bool:
        return (
            self.numeric >= NUMERIC_SHARE
            and not self.of_time
            and not self.is_id
            and self.coverage >= MIN_COVERAGE
            and self.distinct >= MIN_NUMBERS
            and self.distinct < ID_LIKE_SHARE * self.values
            and not counts_nothing(self.name)
            and not is_masked(self.name)
        )

    @property
    def is_measured(self) -> bool:
        """Is it an amount that hardly repeats, such as a profit, and no number of a thing? No group is formed by it."""
        finely = min(self.numeric / NUMERIC_SHARE, self.fractions / MOSTLY_FRACTIONS, self.coverage / MIN_COVERAGE) >= 1
        return finely and not (self.is_amount or self.of_time or counts_nothing(self.name) or is_masked(self.name))

    @property
    def is_field(self) -> bool:
        few = 2 <= self.distinct <= MAX_FIELD_VALUES
        told = self.numeric < NUMERIC_SHARE and not (self.of_time or is_masked(self.name))
        return few and told and self.coverage >= FIELD_COVERAGE


@dataclass(frozen=True)
class ActionTexts:
    """The distinct action texts of a log, sorted: each text, the code of its action in `actions`, and how often it occurs."""

    texts: list[str]
    action: Ints
    actions: list[str]
    counts: Ints


def find_texts(connection: duckdb.DuckDBPyConnection) -> ActionTexts:
    """The distinct texts of all events; leaves them as the table `texts` (text, action, code)."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE texts AS
        SELECT text, action, n, row_number() OVER (ORDER BY text, action) - 1 AS code
        FROM (SELECT {TEXT} AS text, action, count(*) AS n FROM events GROUP BY ALL)"""
    )
    rows = connection.execute("SELECT text, action, n FROM texts ORDER BY code").fetchnumpy()
    actions, code = np.unique(rows["action"].astype(str), return_inverse=True)
    return ActionTexts(
        [str(t) for t in rows["text"]], code.astype(np.int64), actions.tolist(), rows["n"].astype(np.int64)
    )


def coded_events(connection: duckdb.DuckDBPyConnection, start: int, stop: int) -> dict[str, Ints]:
    """Columns `user`, `session`, `ts`, `text` of the events from `start` to before `stop`, users and sessions numbered
    among themselves; texts by the table `texts`.
    """
    got = connection.execute(CODED, [start, stop]).fetchnumpy()
    return {name: column.astype(np.int64) for name, column in got.items()}


def event_codes(connection: duckdb.DuckDBPyConnection) -> EventCodes:
    """Users and sessions of all events, numbered in their order, and when each was."""
    got = connection.execute(WHOSE).fetchnumpy()
    users = connection.execute("SELECT user FROM events GROUP BY user ORDER BY min(i)").fetchall()
    return EventCodes(
        **{name: column.astype(np.int64, copy=False) for name, column in got.items()}, users=[u for (u,) in users]
    )


def load_columns(connection: duckdb.DuckDBPyConnection, coded: Path) -> Columns:
    """The columns that clustering needs, from the file with the codes of all events; duckdb keeps the order of a file that it
    reads.
    """
    got = connection.execute(
        "SELECT user, session, ts, text FROM read_parquet(?, file_row_number = true) ORDER BY file_row_number",
        [str(coded)],
    ).fetchnumpy()
    texts = find_texts(connection)
    users = connection.execute("SELECT user FROM events GROUP BY user ORDER BY min(i)").fetchall()
    columns = {name: column.astype(np.int64, copy=False) for name, column in got.items()}
    return Columns(
        **columns, texts=texts.texts, action=texts.action, actions=texts.actions, users=[u for (u,) in users]
    )


def properties(connection: duckdb.DuckDBPyConnection) -> list[Property]:
    """The catalogue of properties by name, from a sample of events; without what is declared of people, or of few users."""
    ((step,),) = connection.execute(
        """WITH n AS (SELECT count(*) AS events FROM events),
        w AS (SELECT greatest(1, avg(len(json_keys(properties)))) AS width FROM events, n
              WHERE i % greatest(1, events // ?) = 0)
        SELECT greatest(1, events // ?, (events * width / ?)::BIGINT) FROM n, w""",
        [WIDTH_EVENTS, SAMPLE_EVENTS, SAMPLE_VALUES],
    ).fetchall()
    # As a map, an event is parsed once for all of its properties; by paths it would be once for each.
    rows = connection.execute(
        """
        WITH s AS (SELECT user, ts, properties FROM events WHERE i % ? = 0),
        m AS (SELECT user, ts, unnest(map_entries(CAST(properties::JSON AS MAP(VARCHAR, JSON)))) AS held FROM s),
        v AS MATERIALIZED (
            SELECT held.key AS name, user, ts, json_type(held.value) IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT') AS number,
                   json_extract_string(held.value, '$') AS value FROM m),
        h AS (SELECT name, min(value) = max(value) AS one FROM v
              GROUP BY name, date_trunc('hour', ts) HAVING min(user) < max(user)),
        of_time AS (SELECT name FROM h GROUP BY name HAVING count(*) >= ? AND avg(one::INT) >= ?),
        common AS (SELECT name FROM (SELECT name, count(*) AS n FROM v SEMI JOIN of_time USING (name) GROUP BY name, value)
                   GROUP BY name HAVING max(n) <= ? * sum(n))
        SELECT name, count(*), count(*) FILTER (number), count(DISTINCT value), (SELECT count(*) FROM s), name IN (FROM common),
               count(*) FILTER (number AND try_cast(value AS DOUBLE) <> round(try_cast(value AS DOUBLE)))
        FROM v WHERE NOT starts_with(name, 'declared.') GROUP BY name HAVING count(DISTINCT user) >= ? ORDER BY name
        """,
        [step, HOURS, OF_TIME, ONE_VALUE, SHARED_BY],
    ).fetchall()
    found = [
        Property(name, n / total, numeric / n, distinct, n, finely / max(numeric, 1), timed)
        for name, n, numeric, distinct, total, timed, finely in rows
    ]
    numbers = {p.name: p.distinct for p in found if p.is_amount}
    texts = {p.name: p.distinct for p in found if p.numeric < NUMERIC_SHARE and p.coverage >= MIN_COVERAGE}
    paths = {name: property_path(name) for name in (*numbers, *texts)}
    ids = numbers_of_things(connection, numbers, texts, [*paths.values()], step)
    timed = {p.name for p in found if p.of_time} | counters(connection, numbers, texts, paths)
    return [replace(p, is_id=p.name in ids, of_time=p.name in timed) for p in found]


def counts_nothing(name: str) -> bool:
    """Whether a number's name tells that it is no amount."""
    return _NOT_AMOUNTS.search(name) is not None


def property_path(name: str) -> str:
    """The JSON path of a property, for use as a bound parameter."""
    return '$."' + name.replace('"', '\\"') + '"'


def numbers(connection: duckdb.DuckDBPyConnection, name: str) -> Reals:
    """The values of one numeric property in file order, NaN where an event has none."""
    query = "SELECT try_cast(json_extract_string(properties, ?) AS DOUBLE) AS x FROM events"
    return _filled(connection.execute(query, [property_path(name)]).fetchnumpy()["x"])


def field_of(
    connection: duckdb.DuckDBPyConnection, unit: Literal["user", "session"], name: str
) -> tuple[Ints, list[str]]:
    """The commonest value of a property for each user or session, as a code (−1: none) in file order, and the values."""
    whole = "user" if unit == "user" else "user, session"
    query = f"""
      WITH v AS (SELECT {whole}, min(i) AS first, json_extract_string(properties, ?) AS value, count(*) AS n
                 FROM events GROUP BY {whole}, value),
      best AS (SELECT arg_max(value, (n, value)) FILTER (value IS NOT NULL) AS value, min(first) AS first
               FROM v GROUP BY {whole})
      SELECT value FROM best ORDER BY first
    """
    return _coded([v for (v,) in connection.execute(query, [property_path(name)]).fetchall()])


def _coded(values: Sequence[str | None]) -> tuple[Ints, list[str]]:
    code = {v: i for i, v in enumerate(sorted({v for v in values if v is not None}))}
    return np.array([-1 if v is None else code[v] for v in values], dtype=np.int64), [*code]


def _filled(column: Any) -> Reals:
    values = column.filled(np.nan) if isinstance(column, np.ma.MaskedArray) else column
    return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True)
class Part:
    """The events from `start` to before `stop` (their number `i`), all of some users; `share` of all events."""

    number: int
    start: int
    stop: int
    share: float


def parts_of(
    connection: duckdb.DuckDBPyConnection, table: str = "events", user: str = "user", i: str = "i"
) -> list[Part]:
    """Equal parts of at most about PART_EVENTS rows of a table sorted by users, which end where a user ends."""
    ((events,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    starts = connection.execute(f"SELECT min({i}) AS i FROM {table} GROUP BY {user} ORDER BY i").fetchnumpy()["i"]
    wanted = np.linspace(0, events, math.ceil(events / PART_EVENTS) + 1)[1:-1]
    cuts = starts[np.minimum(np.searchsorted(starts, wanted), len(starts) - 1)]
    edges = [*np.unique(np.concatenate([[0], cuts])).astype(int).tolist(), events]
    return [Part(n, a, b, (b - a) / events) for n, (a, b) in enumerate(pairwise(edges))]


def open_events(connection: duckdb.DuckDBPyConnection, store: Store) -> None:
    """The view `events` over events.parquet, rows in file order with their number `i` from 0; `clock` is false where
    a time is a date alone.
    """
    path = store.path("events.parquet")
    if not path.is_file():
        raise StoreError(f"{str(path)!r} is missing.", hint="Run again with --fresh.")
    known = connection.execute(f"DESCRIBE SELECT * FROM read_parquet({sql_literal(path)})").fetchall()
    clock = "" if any(name == "clock" for name, *_ in known) else ", true AS clock"
    connection.execute(
        f"CREATE OR REPLACE VIEW events AS SELECT * EXCLUDE (file_row_number), file_row_number AS i{clock} "
        f"FROM read_parquet({sql_literal(path)}, file_row_number = true)"
    )


def fold_rare(connection: duckdb.DuckDBPyConnection, name: str = "", *, things: bool = False) -> None:
    """The view `events` with `name` in the place of every action that fewer than SHARED_BY users share, without its text, and
    without its object unless `things` are still to be counted: what may be shown to anybody. The file keeps them.
    """
    if not (rare := rare_actions(connection)):
        return
    connection.register("rare_rows", {"action": np.array(sorted(rare), dtype=object)})
    connection.execute("CREATE OR REPLACE TEMP TABLE rare AS SELECT action::VARCHAR AS action FROM rare_rows")
    connection.unregister("rare_rows")
    connection.execute("ALTER VIEW events RENAME TO whole_events")
    is_rare = "lower(action) IN (SELECT action FROM rare)"
    hidden = ", ".join(
        f"CASE WHEN {is_rare} THEN '{held}' ELSE {column} END AS {column}"
        for column, held in (("action", name), ("text", ""), *(() if things else (("object", ""),)))
    )
    connection.execute(f"CREATE VIEW events AS SELECT * REPLACE ({hidden}) FROM whole_events ORDER BY i")


def rare_actions(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The actions, in lower case, that fewer than SHARED_BY users share."""
    rows = connection.execute(
        "SELECT lower(action) FROM events GROUP BY ALL HAVING count(DISTINCT user) < ?", [SHARED_BY]
    ).fetchall()
    return {action for (action,) in rows}


def sendable_texts(connection: duckdb.DuckDBPyConnection, texts: ActionTexts) -> list[str]:
    """The texts as another machine may have them: nothing of an action that fewer than SHARED_BY users share, and the action
    alone where fewer have its object.
    """
    rare = rare_actions(connection)
    rows = connection.execute(
        f"""SELECT DISTINCT {TEXT}, trim(replace(lower(action), '_', ' ')) FROM events WHERE lower(object) IN (
        SELECT lower(object) FROM events WHERE object <> '' GROUP BY ALL HAVING count(DISTINCT user) < ?)""",
        [SHARED_BY],
    ).fetchall()
    alone: dict[str, str] = dict(rows)
    hidden = [action.lower() in rare for action in texts.actions]
    return [
        RARE if hidden[code] else alone.get(text, text)
        for text, code in zip(texts.texts, texts.action.tolist(), strict=True)
    ]
