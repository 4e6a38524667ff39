"""The lines of a log, as codes that views are counted from.

In: a connection with the view `events`, and the file of coded events. Out: `CodedLines`. What a person did not do is left out:
acts of the product and of the system, and acts that only follow another. Promises: nothing that is declared of people, nothing
that is of a user alone rather than of an act, and no field that fewer than five users have, tells users apart.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..codebook import Codebook
from ..log.events import EventCodes, Property, numbers, property_path
from ..log.lists import values_sql
from .views import DAY, CodedLines

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]
Lists = list[list[int]] | None

MOST_VALUES = 600  # of a field; more are ids
COVERAGE = 0.3  # of events that must have a field or an amount for users to be told apart by it


@dataclass(frozen=True)
class ReadLines:
    """`lines`, with the names behind the codes of acts, objects, things and fields; `category` is the field that things are the
    values of, None where they are the objects themselves.
    """

    lines: CodedLines
    actions: list[str]
    objects: list[str]
    things: list[str]
    fields: dict[str, list[str]]
    category: str | None


def read_lines(
    connection: duckdb.DuckDBPyConnection,
    columns: EventCodes,
    book: Codebook,
    catalogue: Mapping[str, Property],
    timezone: str,
    without: Collection[str] = (),
) -> ReadLines:
    """The lines that users chose. `without` names fields that are no view (those that users are compared within)."""
    actions, action = coded(connection, "lower(action)")
    chosen = chosen_acts(actions, book)
    kept = np.array([a in chosen for a in actions], dtype=bool)[action]
    objects, thing = coded(connection, "nullif(object, '')")
    category = next((c for c in book.categories if c not in without), None)
    fields: dict[str, tuple[list[str], Ints]] = {}
    amounts, kinds = {}, dict[str, Lists]()
    for name, d in book.fields.items():
        known = catalogue.get(name)
        if known is None or name in without or known.coverage < COVERAGE or name == category:
            continue
        if d.use == "amount":
            amounts[name] = numbers(connection, name)
        elif d.use in ("field", "category") and 2 <= known.distinct <= MOST_VALUES:
            values, code, kinds[f"field {name}"] = coded_lists(connection, property_of(name))
            fields[name] = values, code
    names, things = (objects, thing)
    if category is not None:
        names, things, kinds["things"] = coded_lists(connection, property_of(category))
    codes = {k: c for k, (_, c) in fields.items()}
    of_lists = {view: kinds_of(lists) for view, lists in kinds.items() if lists}
    places = {name: coded(connection, property_of(name))[1] for name in book.places if name not in without}
    held = Coded(action, thing, things, codes, amounts, of_lists, places)
    lines = lines_of(connection, columns, kept, timezone, held)
    return ReadLines(lines, actions, objects, names, {k: v for k, (v, _) in fields.items()}, category)


@dataclass(frozen=True)
class Coded:
    """What each event of a log holds, as codes in file order, −1 for none: `CodedLines` of all events, with its `kinds`."""

    action: Ints
    object: Ints
    things: Ints
    fields: Mapping[str, Ints]
    amounts: Mapping[str, Reals]
    kinds: Mapping[str, sparse.csr_matrix] = field(default_factory=dict)
    places: Mapping[str, Ints] = field(default_factory=dict)


def lines_of(
    connection: duckdb.DuckDBPyConnection, columns: EventCodes, kept: Bools, timezone: str, coded: Coded
) -> CodedLines:
    """The events of `kept` (events,), which users chose, as lines of visits."""
    clock = connection.execute("SELECT clock FROM events").fetchnumpy()["clock"].astype(bool)
    # A visit of which no line was chosen is none.
    first, visit = np.unique(columns.session[kept], return_index=True, return_inverse=True)[1:]
    start = columns.ts[kept][first]
    return CodedLines(
        columns.user[kept], visit, local(start, timezone), clock[kept][first], coded.action[kept], coded.object[kept],
        coded.things[kept], {k: c[kept] for k, c in coded.fields.items()},
        {k: x[kept] for k, x in coded.amounts.items()},
        start.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64), len(columns.users),
        turn_of(columns.user, columns.session)[kept][first], coded.kinds,
        {k: c[kept] for k, c in coded.places.items()},
    )  # fmt: skip


def chosen_acts(actions: Collection[str], book: Codebook) -> frozenset[str]:
    """What users do, of these acts in lower case: all, where the codebook has none."""
    chosen = {act.lower() for act, d in book.acts.items() if d.doer == "user" and d.follows is None}
    return frozenset(a for a in actions if a in chosen or not book.acts)


def turn_of(user: Ints, session: Ints) -> Ints:
    """(events,) from 0: which of its user's sessions in the log that of the event is."""
    first, code = np.unique(session, return_index=True, return_inverse=True)[1:]
    owner = user[first]
    order = np.lexsort((first, owner))
    place = np.empty(len(first), dtype=np.int64)
    place[order] = np.arange(len(first)) - np.searchsorted(owner[order], owner[order])
    return np.asarray(place[code], dtype=np.int64)


def property_of(name: str) -> str:
    """The SQL of a property's value."""
    path = property_path(name).replace("'", "''")
    return f"json_extract_string(properties, '{path}')"


def coded(connection: duckdb.DuckDBPyConnection, expression: str) -> tuple[list[str], Ints]:
    """The sorted values of an expression over events, and the code of each event in file order, −1 for none."""
    rows = connection.execute(
        f"""WITH v AS (SELECT i, {expression} AS x FROM events),
        c AS (SELECT x, row_number() OVER (ORDER BY x) - 1 AS code FROM v WHERE x IS NOT NULL GROUP BY x)
        SELECT coalesce(code, -1) AS code FROM v LEFT JOIN c USING (x) ORDER BY i"""
    ).fetchnumpy()
    names = connection.execute(
        f"SELECT DISTINCT {expression} AS x FROM events WHERE x IS NOT NULL ORDER BY x"
    ).fetchall()
    return [str(n) for (n,) in names], rows["code"].astype(np.int64)


def coded_lists(connection: duckdb.DuckDBPyConnection, expression: str) -> tuple[list[str], Ints, Lists]:
    """The same with the values of lists each for itself: for each code which values it stands for; None where none is a list."""
    texts, code = coded(connection, expression)
    rows = connection.execute(f"SELECT {values_sql('x')} FROM (SELECT unnest(?::VARCHAR[]) AS x)", [texts]).fetchall()
    if all(len(values) == 1 and values[0] == text for text, (values,) in zip(texts, rows, strict=True)):
        return texts, code, None
    names = sorted({value for (values,) in rows for value in values})
    place = {name: n for n, name in enumerate(names)}
    return names, code, [[place[value] for value in values] for (values,) in rows]


def kinds_of(lists: Sequence[Sequence[int]], place: Ints | None = None) -> sparse.csr_matrix:
    """(codes, values) for which values each code stands; `place` says which column each is in, −1 for none."""
    pairs = np.array([(row, n) for row, values in enumerate(lists) for n in values], dtype=np.int64).reshape(-1, 2)
    row, column = pairs[:, 0], pairs[:, 1] if place is None else place[pairs[:, 1]]
    there = column >= 0
    shape = (len(lists), int((column if place is None else place).max(initial=0)) + 1)
    return sparse.csr_matrix((np.ones(there.sum()), (row[there], column[there])), shape=shape)


def local(ts: Ints, timezone: str) -> Ints:
    """Microseconds of UTC as microseconds of the wall clock; by hours, in which no zone changes its offset twice."""
    hours, where = np.unique(ts // (DAY // 24), return_inverse=True)
    zone = ZoneInfo(timezone)
    moments = (datetime.fromtimestamp(hour * 3600, zone).utcoffset() or timedelta() for hour in hours.tolist())
    offsets = np.array([int(moment.total_seconds()) for moment in moments], dtype=np.int64)
    return np.asarray(ts + offsets[where] * 1_000_000)
