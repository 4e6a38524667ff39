"""Conditions and features as SQL over `lines l`; every text, number and property name is a bound parameter.

In: schema.Condition, schema.Feature and a Binder. Out: SQL text made of column names of ours and placeholders alone.
Promises: a condition on a field that an event lacks is never met, `not_in` included. Text is compared in lower case as
duckdb's `lower` makes it, on both sides. A property that is a list of texts is what each of these is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..errors import UsageError
from ..log.lists import values_sql
from ..log.values import as_json
from ..schema import KEPT, NUMERIC_FIELDS, SAME_AMOUNT, Condition, Feature, Measure
from .corpus import Binder, Corpus

_COMPARE = {"at_least": ">=", "at_most": "<=", "above": ">", "below": "<", "equals": "="}


def is_about_themes(measure: Measure) -> bool:
    """Does the measure ask of what kind things are?"""
    return any(c.field == "theme" for step in measure.steps for c in step)


def meets(conditions: Sequence[Condition], binder: Binder) -> str:
    """One event meets all conditions: a boolean that is never null."""
    tests = [_test(condition, binder) for condition in conditions]
    return f"coalesce({' AND '.join(tests)}, false)" if tests else "true"


def met_expression(conditions: Sequence[Condition], binder: Binder) -> str:
    """How many of the conditions one event meets."""
    return "(" + " + ".join(f"CAST(coalesce({_test(c, binder)}, false) AS INTEGER)" for c in conditions) + ")"


def number_expression(field: str, binder: Binder) -> str:
    """`value` or `properties.x` as a finite DOUBLE, else null; `gap` and `minutes` of a visit as they are."""
    if field in {"gap", "minutes"}:
        return f"l.{field}"
    raw = "l.value" if field == "value" else f"TRY_CAST({_property(field, binder)} AS DOUBLE)"
    return f"CASE WHEN isfinite({raw}) THEN {raw} END"


def text_expression(field: str, binder: Binder) -> str:
    """The field as a text in lower case, of a list all of it; null where it is empty."""
    if field.startswith("properties."):
        return f"nullif(lower({_property(field, binder)}), '')"
    return f"l.{field}" if field in {"action", "object", "text", "theme"} else f"CAST(l.{field} AS VARCHAR)"


def values_expression(field: str, binder: Binder) -> str:
    """What the field says, as a list of texts in lower case: the values of a list, else one, null where it is empty."""
    return (
        values_sql(text_expression(field, binder))
        if field.startswith("properties.")
        else f"[{text_expression(field, binder)}]"
    )


def holds_lists(corpus: Corpus, field: str) -> bool:
    """Whether a property holds several values on some lines."""
    key = f"lists {field}"
    if key not in corpus.memo:
        binder = Binder()
        sql = (
            f"SELECT count(*) FROM (SELECT 1 FROM lines l WHERE starts_with({_property(field, binder)}, '[\"') LIMIT 1)"
        )
        corpus.memo[key] = corpus.connection.execute(sql, binder.values).fetchone() == (1,)
    return bool(corpus.memo[key])


def feature_holds(feature: Feature, binder: Binder) -> str:
    """A test on a unit's aggregated events `e` (columns `f`, `fx` and those of `lines`); null where it is undefined."""
    value = _FEATURES[feature.name]
    if feature.upper is not None:
        low, high = (binder.bind(_finite(end)) for end in (feature.value, feature.upper))
        return f"coalesce(({value}) >= {low} AND ({value}) < {high}, false)"
    return f"coalesce(({value}) {_COMPARE[feature.op]} {binder.bind(_finite(feature.value))}, false)"


# No event that meets `where`: no feature. A share of all events is 0 then, because its denominator is still there.
_FEATURES = {
    "active_days": "nullif(count(DISTINCT date) FILTER (f), 0)",
    "span_days": "max(date) FILTER (f) - min(date) FILTER (f) + 1",
    "n_events": "nullif(count(*) FILTER (f), 0)",
    "n_objects": "CASE WHEN bool_or(f) THEN count(DISTINCT object) FILTER (f) END",
    "repeat_share": "(count(object) FILTER (f) - count(DISTINCT object) FILTER (f)) / nullif(count(*) FILTER (f), 0)",
    "steps_per_session": "count(DISTINCT {'s': s, 'a': action}) FILTER (f AND s IS NOT NULL AND action IS NOT NULL)"
    " / nullif(count(DISTINCT s) FILTER (f), 0)",
    "share_of_events": "count(*) FILTER (f) / count(f)",
    "median_of": "median(fx) FILTER (f)",
    "total_of": "sum(fx) FILTER (f)",
}


def _test(c: Condition, binder: Binder) -> str:
    if c.field == "date":
        return _date_test(c, binder)
    texts = [v for v in c.value if isinstance(v, str)]
    if texts:
        if c.field.startswith("properties.") and c.op != "contains":
            return _value_test(_property(c.field, binder), c.op, texts, binder)
        column = f"lower({_property(c.field, binder)})" if c.field.startswith("properties.") else f"l.{c.field}"
        if c.field.startswith(SAME_AMOUNT):
            column = "l.same_amount"
        elif c.field.startswith(KEPT):
            column = "l.kept"
        return _text_test(column, c.op, [f"lower({binder.bind(v)})" for v in texts])
    numbers = [_finite(v) for v in c.value if not isinstance(v, str)]
    if c.field in NUMERIC_FIELDS:
        return _number_test(f"l.{c.field}", c.op, numbers, binder, wraps=True)
    return _number_test(number_expression(c.field, binder), c.op, numbers, binder, wraps=False)


def _text_test(column: str, op: str, values: list[str]) -> str:
    if op == "contains":
        return f"({' OR '.join(f'contains({column}, {v})' for v in values)})"
    return f"{column} {'NOT IN' if op == 'not_in' else 'IN'} ({', '.join(values)})"


def _value_test(text: str, op: str, values: list[str], binder: Binder) -> str:
    """A property that holds a list is what each of its values is; the marks around a value in JSON keep it from being a part."""
    whole = ", ".join(f"lower({binder.bind(v)})" for v in values)
    parts = " OR ".join(f"contains(lower({text}), lower({binder.bind(as_json(v))}))" for v in values)
    holds = f"lower({text}) IN ({whole}) OR (starts_with({text}, '[\"') AND ({parts}))"
    return f"(NOT ({holds}))" if op == "not_in" else f"({holds})"


def _date_test(c: Condition, binder: Binder) -> str:
    if c.op == "contains":
        return _text_test("CAST(l.date AS VARCHAR)", c.op, [binder.bind(str(v)) for v in c.value])
    # A text that is no day is null, and so never met.
    days = [f"TRY_CAST({binder.bind(str(v))} AS DATE)" for v in c.value]
    if c.op == "between":
        return f"l.date BETWEEN {days[0]} AND {days[1]}"
    if c.op in _COMPARE:
        return f"l.date {_COMPARE[c.op]} {days[0]}"
    return _text_test("l.date", c.op, days)


def _number_test(column: str, op: str, numbers: list[float], binder: Binder, *, wraps: bool) -> str:
    bound = [binder.bind(v) for v in numbers]
    if op == "between":
        joint = "OR" if wraps and numbers[0] > numbers[1] else "AND"
        return f"({column} >= {bound[0]} {joint} {column} <= {bound[1]})"
    if op in _COMPARE:
        return f"{column} {_COMPARE[op]} {bound[0]}"
    return f"{column} {'NOT IN' if op == 'not_in' else 'IN'} ({', '.join(bound)})"


def _property(field: str, binder: Binder) -> str:
    # A JSON pointer has two special characters and no wildcards, so any name can be spelt and none can match another.
    name = field.removeprefix("properties.").replace("~", "~0").replace("/", "~1")
    return f"json_extract_string(l.properties, {binder.bind('/' + name)})"


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise UsageError(f"A measure cannot compare with {value!r}.", hint="Use a finite number.")
    return float(value)
