"""What a measure is about: 1 where a larger value of it means more of something, −1 less, 0 where it is of something else.

In: a `Measure`, and what is asked after. Out: −1, 0 or 1. Promises: only the measure is looked at, never a claim's words.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from persona_agent.schema import Condition, Measure, Says

About = Callable[[Measure], int]

EVENING = frozenset({18, 19, 20, 21, 22, 23})
MUCH = frozenset({"all", "almost_all", "most", "usually", "often"})
LITTLE = frozenset({"few", "hardly_any", "none", "rarely"})


def lean(says: Says) -> int:
    """1 where it says that there is much of it, −1 where little, 0 where neither."""
    if says.comparator is not None:
        return {"more_than_others": 1, "at_least": 1, "less_than_others": -1, "at_most": -1}.get(says.comparator, 0)
    if says.quantifier == "n_in_ten":
        tenths = says.value or 0
        return 1 if tenths >= 6 else -1 if tenths <= 3 else 0
    return 1 if says.quantifier in MUCH else -1 if says.quantifier in LITTLE else 0


def compares(says: Says) -> bool:
    return says.comparator in ("more_than_others", "less_than_others")


def sign(measure: Measure) -> int:
    """−1 where the unit passes by having little of its feature."""
    return -1 if measure.feature and measure.feature.op in ("below", "at_most") else 1


def counts(measure: Measure) -> bool:
    """Does a larger value mean more units, or more of each? Trends say neither."""
    return measure.statistic != "trend"


def values(conditions: Collection[Condition], field: str) -> set[str]:
    """What a step says of a field, where it names values; texts in lower case, as the program compares them."""
    return {str(v).lower() for c in conditions if c.field == field and c.op in ("is", "in") for v in c.value}


def actions(steps: Collection[list[Condition]]) -> list[set[str]]:
    return [values(step, "action") for step in steps]


def looked_at(measure: Measure) -> list[list[Condition]]:
    """What a rate is a rate of: the step of a small unit, or the events that a feature takes the share of."""
    feature = measure.feature
    if feature is not None:
        return [feature.where] if feature.name == "share_of_events" and feature.where else []
    return measure.steps if len(measure.steps) == 1 else []


def span(condition: Condition) -> set[int]:
    """The hours or weekdays that a condition lets through."""
    low, high = (int(float(v)) for v in (condition.value[0], condition.value[-1]))
    if condition.op in ("is", "in"):
        return {int(float(v)) for v in condition.value}
    if condition.op == "at_least":
        return set(range(low, 24))
    if condition.op != "between":
        return set()
    return set(range(low, high + 1)) if low <= high else {*range(low, 24), *range(high + 1)}


def times(measure: Measure, field: str) -> set[int]:
    steps = looked_at(measure)
    spans = [span(c) for step in steps for c in step if c.field == field]
    alone = all(c.field == field for step in steps for c in step)
    return set.intersection(*spans) if spans and alone and counts(measure) else set()


def evening(measure: Measure) -> int:
    """Hours of the evening; a band may run into the night, where nobody is, but not reach back before 6 pm."""
    hours = times(measure, "hour")
    return sign(measure) if hours & EVENING and hours <= EVENING | set(range(6)) else 0


def weekend(measure: Measure) -> int:
    days = times(measure, "weekday")
    if days and days <= {6, 7}:
        return sign(measure)
    return -sign(measure) if days == {1, 2, 3, 4, 5} else 0


def often(measure: Measure) -> int:
    if measure.where or measure.steps:
        return 0
    if measure.statistic == "cadence":
        return -1
    feature = measure.feature
    return sign(measure) if feature and feature.name in ("active_days", "n_events") and not feature.where else 0


def repeats(measure: Measure) -> int:
    """Coming back; meeting fewer different things is the same seen from the other side."""
    if measure.statistic == "distinct" and measure.of in ("matches", "properties.object"):
        return -1
    feature = measure.feature
    if feature is None or feature.where:
        return 0
    return {"repeat_share": 1, "n_objects": -1}.get(feature.name, 0) * sign(measure)


def order(a: str, b: str) -> About:
    def about(measure: Measure) -> int:
        if not measure.ordered or measure.absent or not counts(measure):
            return 0
        steps = actions(measure.steps)
        return 1 if steps == [{a}, {b}] else -1 if steps == [{b}, {a}] else 0

    return about


def acts(action: str) -> About:
    """The act is there: a unit that has it, alone or last of several, or that lacks it."""

    def about(measure: Measure) -> int:
        if not counts(measure):
            return 0
        if {action} in actions(measure.absent):
            return -sign(measure)
        looked = looked_at(measure) or measure.steps
        return sign(measure) if looked and actions(looked)[-1] == {action} else 0

    return about


def steps_of(actions: set[str], pairs: set[tuple[str, str]]) -> About:
    """The act, alone or on an object, is one of those that only one intent has."""

    def about(measure: Measure) -> int:
        looked = looked_at(measure) or measure.steps
        if not looked or measure.absent or not counts(measure):
            return 0
        return sign(measure) if all(own_step(step, actions, pairs) for step in looked) else 0

    return about


def own_step(step: Collection[Condition], actions: set[str], pairs: set[tuple[str, str]]) -> bool:
    done, objects = values(step, "action"), values(step, "object")
    if done and done <= actions:
        return True
    named = {(a, o) for a in done for o in objects} or {(a, o) for a, o in pairs if o in objects}
    return bool(named) and named <= pairs
