"""What given groups are made of, told from the log: the value that whoever is inside has ever had, and hardly anybody else.

A list of who ever bought furniture says no more of furniture than that; nor are chairs news, which are furniture, nor the share
of all else, which has to be less where there is furniture. In: prepared lines and given groups. Out: a `Defined`, None where no
value is what the groups are. Promises: no name of a group or of a field decides, only who has what.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from .conditions import text_expression, values_expression
from .corpus import Binder
from .made_of import MADE_OF, Defined

# Of the lines with and without the value, that another field's values part as well: an aisle is of one department, but for slips.
SETTLED = 0.95
OTHERS = ("action", "object")


def defined(connection: duckdb.DuckDBPyConnection, properties: Sequence[str], floor: int) -> Defined | None:
    """What the groups of `places` are made of, by the prepared `lines`: by the field that parts them best, of acts, objects and
    these `properties`, and of groups of `floor` users or more, since a few have many a rare act in common. Leaves the table
    `made_of_lines` of the lines with it, where these are some of a user's.
    """
    fields = [*OTHERS, *(f"properties.{name}" for name in properties)]
    parting = [(rows[0][0], field, rows) for field in fields if (rows := _parting(connection, field, floor))]
    if not parting:
        return None
    _, field, rows = max(parting, key=lambda found: found[0])
    values = frozenset(value for _, value in rows)
    inside = {field: values}
    if len(values) == 1:
        others = ((name, _settled(connection, name, field, *values)) for name in fields if name != field)
        inside |= {name: held for name, held in others if held}
    found = Defined(field, values, inside, _often(connection, field, values))
    if found.of_lines:
        binder = Binder()
        sql = f"CREATE OR REPLACE TABLE made_of_lines AS SELECT seq FROM lines l WHERE {_having(field, values, binder)}"
        connection.execute(sql, binder.values)
    return found


def _having(field: str, values: frozenset[str], binder: Binder) -> str:
    """SQL test on `lines l`: has the line one of the values?"""
    return f"coalesce(list_has_any({values_expression(field, binder)}, {binder.bind(sorted(values))}), false)"


def _parting(connection: duckdb.DuckDBPyConnection, field: str, floor: int) -> list[tuple[float, str]]:
    """How far a group's share of users with a value is from the others', of values where it is nearly all there is."""
    binder = Binder()
    rows = connection.execute(
        f"""
        WITH h AS (SELECT DISTINCT u, unnest({values_expression(field, binder)}) AS value FROM lines l),
        a AS (SELECT value, count(*) AS users FROM h WHERE value IS NOT NULL GROUP BY value),
        n AS (SELECT count(DISTINCT u) AS everyone FROM lines),
        m AS (SELECT g, count(*) AS members FROM places WHERE g >= 0 GROUP BY g HAVING members >= {binder.bind(floor)}),
        p AS (SELECT g, value, count(*) AS own FROM h JOIN places USING (u) WHERE g >= 0 GROUP BY g, value),
        b AS (SELECT value, users, members, everyone, coalesce(own, 0) AS own
              FROM a CROSS JOIN m CROSS JOIN n LEFT JOIN p USING (g, value) WHERE everyone - members >= {binder.bind(floor)})
        SELECT max(abs(own / members - (users - own) / (everyone - members))) AS apart, value FROM b
        GROUP BY value HAVING apart >= {binder.bind(MADE_OF)} ORDER BY apart DESC, value
        """,
        binder.values,
    ).fetchall()
    return [(float(apart), str(value)) for apart, value in rows]


def _settled(connection: duckdb.DuckDBPyConnection, name: str, field: str, value: str) -> frozenset[str]:
    """The values of a field whose lines have the value of another, where the field settles which lines do; else none."""
    binder = Binder()
    has = _having(field, frozenset({value}), binder)
    rows = connection.execute(
        f"""
        SELECT {text_expression(name, binder)} AS v, count(*) AS n, count(*) FILTER ({has}) AS own FROM lines l GROUP BY v
        """,
        binder.values,
    ).fetchall()
    every, own = (sum(row[i] for row in rows) for i in (1, 2))
    wrong = sum(min(mine, n - mine) for _, n, mine in rows)
    if wrong > (1 - SETTLED) * min(own, every - own):
        return frozenset()
    return frozenset(str(v) for v, n, mine in rows if v is not None and mine > n - mine)


def _often(connection: duckdb.DuckDBPyConnection, field: str, values: frozenset[str]) -> float:
    binder = Binder()
    ((share,),) = connection.execute(
        f"""
        WITH c AS (SELECT u, avg({_having(field, values, binder)}::INT) AS share FROM lines l GROUP BY u)
        SELECT avg(share) FROM c WHERE share > 0
        """,
        binder.values,
    ).fetchall()
    return float(share or 0.0)
