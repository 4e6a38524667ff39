"""Which values of a field a group has more or less of than others: one pass over the log a field, whatever the group.

In: a corpus, a field of its lines, and whether its part of a user's lines or of their visits counts. Out: the values of
which the mean share over the group's users is furthest from that of the others, among the users that groups are made from.
Promises: a value has FLOOR users of the group, or of the log where `whoever`; of two values that share out all lines the one that
the group has more of is told, since both are one fact; the order depends on the log alone.
"""

from __future__ import annotations

from typing import Any, Literal

from ...evidence import Binder, Corpus
from ...evidence.conditions import values_expression
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...redaction import looks_like_instruction
from ...words.english.readings import FLAGS

Per = Literal["lines", "visits"]
# Of users' lines, on which two values are for one to be what the other leaves: a log misses a few. Not tuned.
ALL_LINES = 0.99
HERE = "u IN (SELECT u FROM places WHERE g = {g})"


def telling_values(
    corpus: Corpus, group: int, field: str, most: int, *, per: Per = "lines", aside: bool = False, whoever: bool = False
) -> list[str]:
    """At most `most` values of a field by how far the group's mean share of them is from the others', the commonest where there
    is nobody to compare with; with `aside` of lines of no memory alone.
    """
    table = _table(corpus, field, per, aside)
    binder = Binder()
    here = HERE.format(g=binder.bind(group))
    floor = "users" if whoever else "own"
    sql = f"""
      WITH n AS (SELECT count(*) FILTER ({here}) AS here, count(*) AS everyone
                 FROM (SELECT DISTINCT u FROM lines WHERE u NOT IN (SELECT u FROM held))),
      c AS (SELECT value, count(*) AS users, count(*) FILTER ({here}) AS own, sum(share) FILTER ({here}) AS p,
                   sum(share) FILTER (NOT {here}) AS q FROM {table} GROUP BY value),
      d AS (SELECT value, users, own, coalesce(p, 0) / greatest(here, 1) AS p,
                   coalesce(q, 0) / greatest(everyone - here, 1) AS q FROM c, n)
      SELECT value, p > q FROM d WHERE {floor} >= {binder.bind(FLOOR)}
      ORDER BY abs(p - q) DESC, value LIMIT {binder.bind(most)}
    """
    found: list[tuple[str, bool]] = corpus.connection.execute(sql, binder.values).fetchall()
    if per == "lines" and not whoever and _shared_out(corpus, table):
        found = _one_side(found)
    return [value for value, _ in found if not looks_like_instruction(value)]


def _one_side(found: list[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Of two values the one that says yes, of values that say whether; else the one that there is more of."""
    said = {value: FLAGS.get(value.lower()) for value, _ in found}
    if None in said.values():
        return [(value, more) for value, more in found if more] or found
    return [(value, more) for value, more in found if said[value]] or found


def _shared_out(corpus: Corpus, table: str) -> bool:
    """Do two values share out all lines of users, so that the share of one is what the other leaves?"""
    known: dict[str, bool] = corpus.memo.setdefault("shared out", {})
    if table not in known:
        row: Any = corpus.connection.execute(
            f"SELECT (SELECT count(DISTINCT value) FROM {table}), avg(s) FROM (SELECT sum(share) AS s FROM {table} GROUP BY u)"
        ).fetchone()
        known[table] = row[0] == 2 and (row[1] or 0.0) >= ALL_LINES
    return known[table]


def usual_share(corpus: Corpus, field: str, value: str, per: Per = "visits") -> float:
    """The mean share of a value over the users who have it at all, of everybody."""
    row: Any = corpus.connection.execute(
        f"SELECT avg(share) FROM {_table(corpus, field, per, False)} WHERE value = ?", [value]
    ).fetchone()
    return float(row[0] or 0.0)


def _table(corpus: Corpus, field: str, per: Per, aside: bool) -> str:
    """A table (u, value, share) over the users that groups are made from, made once a corpus."""
    tables: dict[tuple[str, str, bool], str] = corpus.memo.setdefault("shares", {})
    key = (field, per, aside)
    if key not in tables:
        name = f"shares_{len(tables)}"
        unit, kept, binder = "l.s" if per == "visits" else "l.seq", "l.m IS NULL" if aside else "true", Binder()
        corpus.connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE {name} AS
            WITH f AS (SELECT l.u, {unit} AS unit, unnest({values_expression(field, binder)}) AS value, {kept} AS kept
                FROM lines l
                       WHERE u NOT IN (SELECT u FROM held) AND {unit} IS NOT NULL),
            t AS (SELECT u, count(DISTINCT unit) AS n FROM f GROUP BY u)
            SELECT u, value, count(DISTINCT unit) / any_value(n) AS share FROM f JOIN t USING (u)
            WHERE value IS NOT NULL AND value <> '' AND kept GROUP BY u, value
            """,
            binder.values,
        )
        tables[key] = name
    return tables[key]
