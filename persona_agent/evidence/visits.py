"""What a line is to its user's visits, as SQL: columns that are not in `lines`, joined to it where a measure asks for them.

In: a measure and the SQL test of whose lines count. Out: a relation to stand in place of `lines`. A visit is a session; visits of
a user follow each other by their first lines. Columns: `opens_visit` (yes for its first line, else no), `met_before` (yes where
the user met the object in an earlier visit, else no; none in the user's first visit, where nothing could have been), `met_last`
(the same of the visit just before), `same_amount` (yes where the visit's total of an amount on the object, by the same act, is
what it was in the last visit that had one, else no; none the first time), `kept` (yes where the visit's value of a field, its
first, is that of the last visit that had one, else no; none the first time), `gap` (days from the day on which the visit before
began to the day on which this one did; none for the first), `minutes` (from a visit's first line to its last; none where a time
has no clock), `thing` (the first line of the visit on this object, which numbers it).
What a visit is by itself, and what was met in it, is in tables (`preparing`).
Promises: all of them are made from every line of a user, whatever window a measure has, and also where only a half of the visits
is measured; each user is looked at alone.
"""

from __future__ import annotations

from ..schema import Measure
from .conditions import number_expression, text_expression
from .corpus import Binder

_LATER = "CASE WHEN NOT v.first AND t.thing IS NOT NULL THEN CASE WHEN {} THEN 'yes' ELSE 'no' END END"
COLUMNS = {
    "opens_visit": "CASE WHEN l.s IS NOT NULL THEN CASE WHEN l.seq = v.opening THEN 'yes' ELSE 'no' END END",
    "met_before": _LATER.format("t.before IS NOT NULL"),
    "met_last": _LATER.format("t.before = l.s - 1"),
    "same_amount": "CASE WHEN q.same THEN 'yes' WHEN NOT q.same THEN 'no' END",
    "kept": "CASE WHEN k.kept THEN 'yes' WHEN NOT k.kept THEN 'no' END",
    "gap": "v.gap",
    "minutes": "v.minutes",
    "thing": "t.thing",
}
VISITS = "main.visits v ON v.s = l.s"
MET = "main.met t ON t.seq = l.seq"
AMOUNTS = """(
  SELECT s, object, action, x = lag(x) OVER (PARTITION BY u, object, action ORDER BY s) AS same
  FROM (SELECT u, s, object, action, round(sum(x), 6) AS x
        FROM (SELECT u, s, object, action, {number} AS x FROM main.lines l
              WHERE {own} AND s IS NOT NULL AND object IS NOT NULL AND action IS NOT NULL)
        WHERE x IS NOT NULL GROUP BY u, s, object, action)) q
  ON q.s = l.s AND q.object = l.object AND q.action = l.action"""
KEPT_VALUES = """(
  SELECT s, x = lag(x) OVER (PARTITION BY u ORDER BY s) AS kept
  FROM (SELECT u, s, arg_min(x, seq) AS x FROM (SELECT u, s, seq, {value} AS x FROM main.lines l WHERE {own} AND s IS NOT NULL)
        WHERE x IS NOT NULL GROUP BY u, s)) k
  ON k.s = l.s"""
OWNERS = "SELECT w.u FROM main.lines w WHERE w.s IN (SELECT l.s FROM lines l WHERE {whose})"


def relation(measure: Measure, whose: str, binder: Binder) -> str:
    """`lines` with the columns of visits that the measure looks at."""
    asked = asked_of_visits(measure)
    if not asked:
        return "lines"
    joins = [VISITS] if asked & {"opens_visit", "met_before", "met_last", "gap", "minutes"} else []
    joins += [MET] if asked & {"met_before", "met_last", "thing"} else []
    joins += [AMOUNTS] if "same_amount" in asked else []
    joins += [KEPT_VALUES] if "kept" in asked else []
    value = "".join(text_expression(field, binder) for field in measure.kept_fields)
    amount = "".join(number_expression(field, binder) for field in measure.compared_amounts)
    columns = "".join(f", {COLUMNS[name]} AS {name}" for name in COLUMNS if name in asked)
    # Where users are cut in two, `lines` has codes of halves; sessions are the same, and are whole in `main.lines`.
    own = "true" if whose == "true" else f"u IN ({OWNERS.format(whose=whose)})"
    joined = "".join(f" LEFT JOIN {join.format(own=own, number=amount, value=value)}" for join in joins)
    return f"(SELECT l.*{columns} FROM lines l{joined} WHERE {whose})"


def asked_of_visits(measure: Measure) -> set[str]:
    """The columns of visits that a measure looks at."""
    fields = {c.field for c in measure.conditions} | {measure.of}
    if measure.unit == "things":
        fields.add("thing")
    if measure.compared_amounts:
        fields.add("same_amount")
    if measure.kept_fields:
        fields.add("kept")
    return fields & set(COLUMNS)
