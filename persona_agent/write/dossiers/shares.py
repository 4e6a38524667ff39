"""Which values of a field a group has more or less of than others: one pass over the log a field, whatever the group.

In: a corpus, a field of its lines, and whether its part of a user's lines or of their visits counts. Out: the values of
which the mean share over the group's users is furthest from that of the others, among the users that groups are made from.
Promises: a value has FLOOR users of the group, or of the log where `whoever`; the order depends on the log alone.
"""

from __future__ import annotations

from typing import Any, Literal

from ...evidence import Binder, Corpus
from ...evidence.conditions import values_of
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...redaction import looks_like_instruction

Per = Literal["lines", "visits"]
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
      SELECT value FROM d WHERE {floor} >= {binder.bind(FLOOR)}
      ORDER BY abs(p - q) DESC, value LIMIT {binder.bind(most)}
    """
    found = [value for (value,) in corpus.connection.execute(sql, binder.values).fetchall()]
    return [value for value in found if not looks_like_instruction(value)]


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
            WITH f AS (SELECT l.u, {unit} AS unit, unnest({values_of(field, binder)}) AS value, {kept} AS kept FROM lines l
                       WHERE u NOT IN (SELECT u FROM held) AND {unit} IS NOT NULL),
            t AS (SELECT u, count(DISTINCT unit) AS n FROM f GROUP BY u)
            SELECT u, value, count(DISTINCT unit) / any_value(n) AS share FROM f JOIN t USING (u)
            WHERE value IS NOT NULL AND value <> '' AND kept GROUP BY u, value
            """,
            binder.values,
        )
        tables[key] = name
    return tables[key]
