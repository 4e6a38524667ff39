"""A measure in the terms of the contract, for readers who want to know what exactly was counted.

Why there are three ways to say a measure: docs/contract.md, Measures in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..schema import KEPT, SAME_AMOUNT, Condition, Feature, Measure
from .wording import number

COMPARED = {
    "matched": "others first seen at about the same time and active on as many days",
    "everyone_else": "everyone else",
}
# Of what asks how much or how often somebody was there: to match that away would take away the answer.
OF_ACTIVITY = "others first seen at about the same time, on however many days"
STATISTIC = {
    "share": "share",
    "median": "median",
    "cadence": "median days between active days",
    "trend": "change of the share from the first half of the window to the second",
    "sum": "sum per user",
    "distinct": "number of different values per user",
}
OF = {
    "matches": "",
    "things": " (number of different objects)",
    "gap": " (days from the start of the session before)",
    "minutes": " (length in minutes)",
}
MADE_OF = {
    "total": "total of ",
    "relative": "relative to what is usual for the same object, ",
    "biggest": "part that the object with most has of all ",
}
FEATURE = {
    "active_days": "active days",
    "span_days": "days from first to last",
    "n_events": "events",
    "n_objects": "different objects",
    "repeat_share": "share of events on an object met before",
    "steps_per_session": "different steps of a session",
    "share_of_events": "share of events",
    "median_of": "median",
    "total_of": "total",
}
PLACES = {
    "opens_visit": {"yes": "it is the first of its session", "no": "it is not the first of its session"},
    "met_before": {
        "yes": "the object was met in an earlier session",
        "no": "the object is new to the user, not in the first session",
    },
    "met_last": {
        "yes": "the object was met in the session before",
        "no": "the object was not met in the session before",
    },
}
# Of a condition `same x`.
AS_BEFORE = {"yes": "is that of the time before", "no": "is not that of the time before"}
# Of a condition `kept x`.
KEPT_OR_NOT = {"yes": "is that of the session before", "no": "is not that of the session before"}
TEST = {
    "at_least": "at least",
    "at_most": "at most",
    "above": "above",
    "below": "below",
    "equals": "equal to",
    "between": "at least",
}


def measure_words(measure: Measure) -> str:
    """One line that names the unit, what it must contain, the comparison and the window."""
    parts = [f"{STATISTIC[measure.statistic]} of {measure.unit}{_of(measure)}"]
    if measure.where:
        parts.append(f"among those with an event where {_all(measure.where)}")
    if measure.steps:
        parts.append(f"having {_steps(measure)}")
    if measure.absent:
        parts.append(f"and never {_list(measure.absent, ' nor ')}{' after that' if measure.ordered else ''}")
    if measure.feature:
        parts.append(f"whose {_feature(measure.feature)}")
    if measure.versus:
        parts.append(f"against {_others(measure)}")
    if measure.window:
        parts.append(f"from {measure.window.start or 'the first day'} to {measure.window.end or 'the last day'}")
    return ", ".join(parts)


def _of(measure: Measure) -> str:
    head = measure.of.removesuffix(measure.field).strip()
    return OF.get(measure.of, f" ({MADE_OF.get(head, '')}{_name(measure.field)})")


def _others(measure: Measure) -> str:
    if measure.within_field is None:
        return COMPARED[measure.versus or "matched"]
    return f"{COMPARED['matched']}, with the same value of {_name(measure.within_field)}"


def _steps(measure: Measure) -> str:
    joined = _list(measure.steps, ", then " if measure.ordered else " and ")
    times = f", at least {measure.at_least} times" if measure.at_least > 1 else ""
    return f"{joined}{times}{_within(measure.within)}"


def _within(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds >= size:
            return f", all within {number(seconds / size)} {unit}{'' if seconds == size else 's'}"
    return f", all within {number(seconds)} seconds"


def _list(steps: Sequence[Sequence[Condition]], joint: str) -> str:
    return joint.join(f"[{_all(step)}]" for step in steps)


def _all(conditions: Sequence[Condition]) -> str:
    return " and ".join(_condition(c) for c in conditions)


def _condition(c: Condition) -> str:
    if c.field in PLACES and c.op == "is":
        return PLACES[c.field][str(c.value[0])]
    if c.field.startswith(SAME_AMOUNT) and c.op == "is":
        return f"the session's total of {_name(c.field.removeprefix(SAME_AMOUNT))} on the object {AS_BEFORE[str(c.value[0])]}"
    if c.field.startswith(KEPT):
        told = " or ".join(KEPT_OR_NOT[str(v)] for v in c.value)
        return f"the session's {_name(c.field.removeprefix(KEPT))} {told}"
    values = [f"“{v}”" if isinstance(v, str) else number(v) for v in c.value]
    test = {
        "is": f"is {values[0]}",
        "in": f"is one of {', '.join(values)}",
        "not_in": f"is none of {', '.join(values)}",
        "contains": f"contains {' or '.join(values)}",
        "between": f"is from {values[0]} to {values[-1]}",
        "at_least": f"is at least {values[0]}",
        "at_most": f"is at most {values[0]}",
    }[c.op]
    return f"{_name(c.field)} {test}"


def _feature(feature: Feature) -> str:
    of = f" {_name(feature.field)}" if feature.field else ""
    where = f" (where {_all(feature.where)})" if feature.where else ""
    upper = f" and below {number(feature.upper)}" if feature.upper is not None else ""
    return f"{FEATURE[feature.name]}{of}{where} {_is(feature.name)} {TEST[feature.op]} {number(feature.value)}{upper}"


def _is(name: str) -> str:
    return "are" if name in {"active_days", "span_days", "n_events", "n_objects", "steps_per_session"} else "is"


def _name(field: str) -> str:
    return field.removeprefix("properties.")
