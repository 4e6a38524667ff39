"""`--cross FIELD`: the members of each persona by a declared column, an act, a field or an amount.

In: events, what was asked for, and the members of each persona. Out: a `Grid` a field. A user stands in one column: who did an
act ever or never; else in that of the value that most of their lines have, or of the middle of their amounts. Promises: nothing
of it reaches a prompt, a claim or a group; a value is named where as many users as the floor have it; no cell of fewer is told
or can be had by subtraction (`words.hiding`); figures are as they may be forwarded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb
import numpy as np

from ..errors import UsageError
from ..evidence.intervals import wilson
from ..log.events import NUMERIC_SHARE, SHARED_BY, fold_rare, open_events, properties, property_path
from ..options import DEFAULT_MIN_CLAIM_USERS, Options
from ..redaction import DECLARED
from ..schema import Grid, GridCell, GridRow, Names
from ..schema.grids import Crossed
from ..store import Store
from ..words.english import crossed as words
from ..words.floors import of_users, share
from ..words.hiding import Bools, Counts, hidden_cells
from ..words.wording import act_words, field_words, readable
from .declaring import VALUES

MOST_COLUMNS = 6  # beside those for another value and none: more do not fit a side of paper
NOT_TOLD = GridCell(share=None, low=None, high=None)
FEWEST_COLUMNS = 3  # with two, nothing can be put together any more
QUARTERS = (0.25, 0.5, 0.75)
ACTIONS = "SELECT lower(action) FROM events WHERE action <> '' GROUP BY ALL HAVING count(DISTINCT user) >= ? ORDER BY 1"
DONE = "SELECT DISTINCT user FROM events WHERE lower(action) = ?"
MOSTLY = """
SELECT user, arg_max(action, (n, action)) FROM (SELECT user, action, count(*) AS n FROM events GROUP BY ALL) GROUP BY user
"""
MIDDLE = """
SELECT user, median(x) FROM (SELECT user, TRY_CAST(json_extract_string(properties, ?) AS DOUBLE) AS x FROM events)
WHERE x IS NOT NULL GROUP BY user
"""


@dataclass(frozen=True)
class CrossedField:
    """A field as it is called and as the log has it."""

    kind: Crossed
    called: str
    name: str


def find_crossed(store: Store, options: Options, names: Names) -> list[CrossedField]:
    """What was asked for; UsageError where nothing of the log has the name."""
    if not options.cross:
        return []
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        return [_asked(connection, field, options.declared, names) for field in options.cross]


def grids(
    store: Store, options: Options, names: Names, members: Mapping[str, Collection[str]], labels: Mapping[str, str]
) -> list[Grid]:
    """`members` are user hashes by persona, of those that are shown, which `labels` names."""
    asked = find_crossed(store, options, names)
    if not asked or not members:
        return []
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection)
        users = [u for (u,) in connection.execute("SELECT DISTINCT user FROM events ORDER BY user").fetchall()]
        return [_grid(connection, a, users, members, labels, _floor(options, a)) for a in asked]


def _floor(options: Options, asked: CrossedField) -> int:
    """What is declared of people is told of as many as a card is; what they do of as many as a claim is."""
    return options.floor if options.staff or asked.kind == "declared" else DEFAULT_MIN_CLAIM_USERS


def _asked(connection: duckdb.DuckDBPyConnection, field: str, declared: Sequence[str], names: Names) -> CrossedField:
    bare = field.removeprefix("properties.")
    if bare.removeprefix(DECLARED) in declared:
        return CrossedField("declared", readable(bare.removeprefix(DECLARED)), bare.removeprefix(DECLARED))
    if bare.lower() == "action":
        return CrossedField("field", "act", "action")
    acts = {a: act_words(a, names) for (a,) in connection.execute(ACTIONS, [SHARED_BY]).fetchall()}
    act = next((a for a, called in acts.items() if field.lower() in (a, called.lower(), readable(a))), None)
    if act is not None:
        return CrossedField("act", acts[act], act)
    known = {p.name: p for p in properties(connection)}
    name = next((n for n in known if bare in (n, names.fields.get(n), readable(n))), names.field(bare))
    if name in known:
        amount = known[name].numeric >= NUMERIC_SHARE and known[name].distinct > MOST_COLUMNS
        return CrossedField("amount" if amount else "field", field_words(name, names), name)
    all_names = [*declared, *known, *acts.values()]
    near = get_close_matches(bare, all_names, 1) or sorted(all_names)[:8]
    raise UsageError(
        f"--cross {field!r}: no declared column, act, field or amount of this log has that name.",
        hint=f"There is {', '.join(near)}.",
    )


def _grid(
    connection: duckdb.DuckDBPyConnection,
    asked: CrossedField,
    users: Sequence[str],
    members: Mapping[str, Collection[str]],
    labels: Mapping[str, str],
    floor: int,
) -> Grid:
    column, names = _columns(connection, asked, users, floor)
    placed = {u for of in members.values() for u in of}
    rest = [u for u in users if u not in placed]
    rows: list[tuple[str | None, str, list[str]]] = [(p, labels[p], list(of)) for p, of in members.items()]
    rows += [(None, words.REST, rest)] if len(rest) >= floor else []
    while True:
        counts: Counts = np.array(
            [[Counter(column[u] for u in of if u in column)[c] for c in names] for _, _, of in rows]
        )
        hidden = hidden_cells(counts, floor) if len(names) > 1 else None
        if hidden is not None or len(names) < FEWEST_COLUMNS:
            break
        column, names = _without_least(column, names)
    nothing = Grid(field=asked.called, kind=asked.kind, columns=names, rows=[], floor=floor)
    if hidden is None:
        return nothing
    told = [_row(p, label, n, hide) for (p, label, _), n, hide in zip(rows, counts, hidden, strict=True)]
    everybody = _row(None, words.ALL, counts.sum(axis=0), np.zeros(len(names), dtype=bool))
    return nothing.model_copy(update={"rows": [*told, everybody]})


def _row(persona: str | None, label: str, counts: Counts, hide: Bools) -> GridRow:
    n = int(counts.sum())
    cells = [NOT_TOLD if hidden else _cell(int(k), n) for k, hidden in zip(counts, hide, strict=True)]
    return GridRow(persona=persona, label=label, users=of_users(n), cells=cells)


def _cell(k: int, n: int) -> GridCell:
    low, high = wilson(k, n) or (0.0, 1.0)
    return GridCell(share=share(k / n), low=share(low), high=share(high))


def _columns(
    connection: duckdb.DuckDBPyConnection, asked: CrossedField, users: Sequence[str], floor: int
) -> tuple[dict[str, str], list[str]]:
    """The column of each user, and the columns in order: none that fewer users than the floor are in."""
    if asked.kind == "act":
        done = {u for (u,) in connection.execute(DONE, [asked.name]).fetchall()}
        return {u: words.EVER if u in done else words.NEVER for u in users}, [words.EVER, words.NEVER]
    if asked.kind == "amount":
        middle = dict(connection.execute(MIDDLE, [property_path(asked.name)]).fetchall())
        return _banded({u: middle[u] for u in users if u in middle}, users, floor)
    path = property_path(DECLARED + asked.name if asked.kind == "declared" else asked.name)
    found = connection.execute(MOSTLY) if asked.name == "action" else connection.execute(VALUES, [path])
    return _valued(dict(found.fetchall()), users, floor)


def _banded(middle: Mapping[str, float], users: Sequence[str], floor: int) -> tuple[dict[str, str], list[str]]:
    amounts = np.array(list(middle.values()) or [0.0])
    cuts = sorted({float(f"{x:.2g}") for x in np.quantile(amounts, QUARTERS)} - {float(amounts.max())})
    bands = words.band_names(cuts) if cuts else ["any"]
    column = {u: bands[int(np.searchsorted(cuts, x))] for u, x in middle.items()}
    return _pooled(column, [*bands, words.NONE], users, words.NONE, floor)


def _valued(value: Mapping[str, str], users: Sequence[str], floor: int) -> tuple[dict[str, str], list[str]]:
    counts = Counter(value[u] for u in users if u in value)
    named = [v for v, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])) if n >= floor][:MOST_COLUMNS]
    column = {u: value[u] if value[u] in named else words.OTHER for u in users if u in value}
    return _pooled(column, [*named, words.OTHER, words.UNKNOWN], users, words.UNKNOWN, floor)


def _pooled(
    column: dict[str, str], order: Iterable[str], users: Sequence[str], unknown: str, floor: int
) -> tuple[dict[str, str], list[str]]:
    """Users without a column stand in `unknown`; a column of fewer than the floor goes into the one before it."""
    placed = {u: column.get(u, unknown) for u in users}
    columns = [c for c in order if c in set(placed.values())]
    while len(columns) > 1 and min(Counter(placed.values()).values()) < floor:
        placed, columns = _without_least(placed, columns)
    return placed, columns


def _without_least(column: dict[str, str], columns: list[str]) -> tuple[dict[str, str], list[str]]:
    """The smallest column in one with that before it; of values, with the rest of them."""
    counts = Counter(column.values())
    few = min(columns, key=lambda c: (counts[c], -columns.index(c)))
    at = columns.index(few)
    if few != words.OTHER and words.OTHER in columns:
        into = joint = words.OTHER
    else:
        into = columns[at - 1] if at else columns[1]
        joint = f"{into} or {few}" if at else f"{few} or {into}"
    merged = {u: joint if c in (few, into) else c for u, c in column.items()}
    return merged, [joint if c == into else c for c in columns if c != few]
