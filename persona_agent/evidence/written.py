"""A measure as a model writes it (flat, numbers as texts) to a `Measure`.

In: a `WrittenMeasure` and the log's `Vocabulary`. Out: a `Measure`, or a `Unwritable` that says in plain English what to
mend. Promises: nothing is guessed; an action, a thing or a field that the log does not have is refused by name, so an
invented one cannot become a measure that is true because it never happens.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable

from pydantic import ValidationError

from ..schema import (
    KEPT,
    MADE_OF,
    SAME_AMOUNT,
    Condition,
    Feature,
    Measure,
    MeasurePart,
    Says,
    Vocabulary,
    WrittenCondition,
    WrittenMeasure,
)
from ..schema.measures import COMPARISONS

QUANTIFIED = {
    "all", "almost_all", "n_in_ten", "most", "half", "a_third", "few", "hardly_any", "none", "usually", "often", "sometimes",
    "rarely",
}  # fmt: skip
VALUED = {"at_least", "at_most", "equals"}
TIMES = {"hour", "weekday", "month"}
STEPS: tuple[MeasurePart, ...] = ("step1", "step2", "step3")
ACTED_ON = {"action", "object"}  # beside properties, what comparable others may share


class Unwritable(ValueError):
    """The measure cannot be used; the message says why."""


def measure_from(written: WrittenMeasure, vocabulary: Vocabulary) -> Measure:
    """The measure that is meant. `about` without a value is filled in by whoever runs it (0 until then)."""
    amounts = {f"properties.{a.name}" for a in vocabulary.amounts}
    of_one = {f"properties.{a.name}" for a in vocabulary.amounts if a.in_parts}
    for number in (written.within_minutes, written.feature_value, written.feature_upper, written.says_value):
        if number is not None and not math.isfinite(number):
            raise Unwritable("its numbers must be finite")
    parts: dict[str, list[Condition]] = {}
    for c in written.conditions:
        parts.setdefault(c.part, []).append(_condition(c, vocabulary, amounts))
    _check_of(written.of, vocabulary, amounts)
    steps = [parts[s] for s in STEPS if s in parts]
    try:
        return Measure(
            unit=written.unit,
            where=parts.get("where", []),
            steps=steps,
            ordered=written.in_order and bool(steps) and (len(steps) > 1 or "absent" in parts),
            within=written.within_minutes * 60 if written.within_minutes and steps else None,
            absent=[parts["absent"]] if "absent" in parts else [],
            at_least=max(1, written.at_least),
            feature=_feature(written, parts.get("counted"), amounts),
            statistic=written.statistic,
            # What is told apart of events that match are their objects, whether one asks for things or for matches.
            of="matches" if written.statistic == "distinct" and written.of == "things" else written.of or "matches",
            versus=_versus(written, vocabulary, amounts),
            says=_says(written),
            in_parts=written.of in of_one and written.statistic == "median",
        )
    except ValidationError as error:
        raise Unwritable(_plain(error)) from None


def refuse_invented(measure: Measure, vocabulary: Vocabulary) -> None:
    """Unwritable where a measure that nobody checked names an action, a theme or a field that may not be told of."""
    amounts = {f"properties.{a.name}" for a in vocabulary.amounts}
    known = amounts | {f"properties.{f.name}" for f in vocabulary.fields}
    fields: list[tuple[str, Condition | None]] = [(c.field, c) for c in measure.conditions]
    fields += [(measure.feature.field, None)] if measure.feature and measure.feature.field else []
    fields += [(measure.within_field, None)] if measure.within_field else []
    fields += [(field, None) for field in measure.compared_amounts]
    fields += [(field, None) for field in measure.kept_fields]
    for field, condition in fields:
        if field.startswith("properties.") and field not in known:
            raise Unwritable(f"the log has no field {field!r}{_near(field, known)}")
        if condition is not None and field in ("action", "theme") and condition.op in ("is", "in", "not_in"):
            names = vocabulary.actions if field == "action" else vocabulary.themes
            _check_names([str(v) for v in condition.value], names, field)
    _check_of(measure.of, vocabulary, amounts)


def _versus(written: WrittenMeasure, vocabulary: Vocabulary, amounts: set[str]) -> str | None:
    """With whom it compares; a field whose value others share is one of the log's."""
    field = written.within_field
    if field is not None:
        known = {f"properties.{f.name}" for f in vocabulary.fields} | ACTED_ON
        if field not in known:
            raise Unwritable(f"no others can share {field!r}{_near(field, known | amounts)}")
        return f"within {field}"
    return "matched" if written.against_others or written.says in COMPARISONS else None


def _condition(c: WrittenCondition, vocabulary: Vocabulary, amounts: set[str]) -> Condition:
    if c.field.startswith(SAME_AMOUNT):
        _check_of(c.field.removeprefix(SAME_AMOUNT), vocabulary, amounts)
    if c.field.startswith(("properties.", KEPT)) and c.field not in amounts:
        known = {f"properties.{f.name}" for f in vocabulary.fields}
        if c.field.startswith(KEPT):
            known |= {f"properties.{name}" for name in vocabulary.places}
        if c.field.removeprefix(KEPT) not in known:
            raise Unwritable(f"the log has no field {c.field!r}{_near(c.field, known | amounts)}")
    if c.field == "action" and c.op in ("is", "in", "not_in"):
        _check_names(c.values, vocabulary.actions, "action")
    if c.field == "theme" and c.op in ("is", "in", "not_in"):
        _check_names(c.values, vocabulary.themes, "theme")
    numeric = c.field in TIMES or c.field in amounts
    try:
        return Condition(field=c.field, op=c.op, value=_values(c, numeric))
    except ValidationError as error:
        raise Unwritable(f"the condition on {c.field!r}: {_plain(error)}") from None


def _values(c: WrittenCondition, numeric: bool) -> list[str] | list[float]:
    if not numeric:
        return list(c.values)
    try:
        values = [float(v) for v in c.values]
        if all(map(math.isfinite, values)):
            return values
        raise ValueError
    except ValueError:
        raise Unwritable(f"{c.field!r} takes numbers, not {c.values}") from None


def _check_names(values: Iterable[str], known: list[str], what: str) -> None:
    have = {k.lower() for k in known}
    for value in values:
        if value.lower() not in have:
            raise Unwritable(f"the log has no {what} {value!r}{_near(value, known)}")


def _check_of(of: str, vocabulary: Vocabulary, amounts: set[str]) -> None:
    """`total` and `relative` stand before the field whose numbers they are made of."""
    field = next((of.removeprefix(kind) for kind in MADE_OF if of.startswith(kind)), of)
    if field == "value" and vocabulary.value is None:
        raise Unwritable(f"this log has no value: 'of' cannot be {of!r}")
    if field.startswith("properties.") and field not in amounts | {f"properties.{f.name}" for f in vocabulary.fields}:
        raise Unwritable(f"the log has no field {field!r}{_near(field, amounts)}")


def _feature(written: WrittenMeasure, counted: list[Condition] | None, amounts: set[str]) -> Feature | None:
    if written.feature is None:
        return None
    if written.feature_op is None or written.feature_value is None:
        raise Unwritable(f"the feature {written.feature!r} needs feature_op and feature_value")
    if written.feature_field and written.feature_field != "value" and written.feature_field not in amounts:
        raise Unwritable(
            f"{written.feature_field!r} is no numeric field of this log{_near(written.feature_field, amounts)}"
        )
    return Feature(
        name=written.feature,
        where=counted,
        field=written.feature_field,
        op=written.feature_op,
        value=written.feature_value,
        upper=written.feature_upper if written.feature_op == "between" else None,
    )


def _says(written: WrittenMeasure) -> Says:
    if written.says in QUANTIFIED:
        tenths = written.says_value if written.says == "n_in_ten" else None
        return Says(quantifier=written.says, value=tenths)
    value = written.says_value
    if written.says in COMPARISONS:
        value = None
    elif value is None:
        if written.says in VALUED:
            raise Unwritable(f"'{written.says}' needs says_value, the number that the text names")
        value = 0.0
    return Says(comparator=written.says, value=value)


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=2, cutoff=0.5)
    return f": do you mean {' or '.join(map(repr, close))}?" if close else ""


def _plain(error: ValidationError) -> str:
    return "; ".join(str(e["msg"]).removeprefix("Value error, ") for e in error.errors()[:3])
