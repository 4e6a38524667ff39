"""What the members of a group are said to be, where a column was mapped as declared: counted, never inferred.

In: events, the columns, the members of each persona and the floor. Out: for each persona and column the values that at least so
many members have, and how many have another or none. Promises: nothing of it reaches a prompt, a claim or a group; who is not
counted under a value is a pool of nobody or of the floor and more, so that subtraction tells nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import duckdb

from ..groups.grouping import UserGroups
from ..log.events import open_events, property_path
from ..options import Options
from ..redaction import DECLARED
from ..schema import Declared, DeclaredValue, Persona
from ..store import Store
from ..write.writing import Written

VALUES = """
WITH v AS (SELECT user, json_extract_string(properties, ?) AS value, count(*) AS n FROM events GROUP BY ALL)
SELECT user, arg_max(value, (n, value)) FROM v WHERE value IS NOT NULL GROUP BY user
"""


def with_declared(store: Store, options: Options, groups: UserGroups, written: Written) -> Written:
    """The personas with what is declared of their members, where columns were mapped so."""
    columns = uncrossed(options)
    if not columns:
        return written
    names = groups.users
    members = {p: [names[u] for u in groups.members[g]] for g, p in enumerate(written.of_group) if p}
    with store.connect() as connection:
        open_events(connection, store)
        found = declared_of(connection, columns, {**members, "p0": names}, options.floor)

    def told(p: Persona) -> Persona:
        return p.model_copy(update={"declared": found[p.id]}) if p.status != "withheld" else p

    everyone = told(written.everyone) if written.everyone else None
    return replace(written, personas=[told(p) for p in written.personas], everyone=everyone)


def uncrossed(options: Options) -> list[str]:
    """The declared columns that cards tell: one that is told in a grid is told there alone, where its small cells are hidden."""
    crossed = {field.removeprefix("properties.").removeprefix(DECLARED) for field in options.cross}
    return [column for column in options.declared if column not in crossed]


def declared_of(
    connection: duckdb.DuckDBPyConnection, columns: Iterable[str], members: Mapping[str, Collection[str]], floor: int
) -> dict[str, list[Declared]]:
    """What is declared of the members of each persona (user hashes by persona id); `connection` has the view `events`."""
    found: dict[str, list[Declared]] = {p: [] for p in members}
    for column in columns:
        values = dict(connection.execute(VALUES, [property_path(DECLARED + column)]).fetchall())
        for persona, users in members.items():
            found[persona].append(_counted(column, [values.get(u) for u in users], floor))
    return found


def _counted(column: str, values: Sequence[str | None], floor: int) -> Declared:
    counts = Counter(v for v in values if v is not None)
    shown = sorted(((n, v) for v, n in counts.items() if n >= floor), key=lambda x: (-x[0], x[1]))
    pool = len(values) - sum(n for n, _ in shown)
    while shown and 0 < pool < floor:
        pool += shown.pop()[0]
    return Declared(column=column, values=[DeclaredValue(value=v, users=n) for n, v in shown], other=pool)
