"""The meaning of a measure, written slowly and obviously over a list of event dicts; SQL is held against it.

An event is a dict with the columns of `events` and a `memory`. Nothing here is shared with persona_agent.evidence.
"""

from __future__ import annotations

import itertools
import json
import statistics
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from persona_agent.schema import Condition, Feature, Measure

Event = dict[str, Any]


@dataclass
class Answer:
    value: float | None
    n: int
    units: int
    satisfying: int
    pooled: float | None = None
    median_user_rate: float | None = None
    n_users_with_3: int = 0


def answer(log: list[Event], users: set[str], measure: Measure, zone: str) -> Answer:
    """The measure over the events of these users."""
    units = selected(log, users, measure, zone)
    if measure.statistic == "median":
        return median(units, measure, zone)
    by_user: dict[str, list[bool]] = {}
    for events in units.values():
        by_user.setdefault(events[0]["user"], []).append(satisfies(events, measure, zone))
    hits = [hit for own in by_user.values() for hit in own]
    found = Answer(None, len(by_user), len(hits), sum(hits))
    if not hits:
        return found
    if measure.statistic == "count":
        found.value = sum(hits)
        return found
    rates = [sum(own) / len(own) for own in by_user.values()]
    if measure.unit == "users":
        found.value = sum(hits) / len(hits)
        return found
    often = [sum(own) / len(own) for own in by_user.values() if len(own) >= 3]
    found.value, found.pooled = statistics.mean(rates), sum(hits) / len(hits)
    found.median_user_rate, found.n_users_with_3 = (statistics.median(often) if often else None), len(often)
    return found


def median(units: dict[Any, list[Event]], measure: Measure, zone: str) -> Answer:
    values = {key: unit_value(events, measure, zone) for key, events in units.items()}
    known = {key: value for key, value in values.items() if value is not None}
    users = {units[key][0]["user"] for key in known}
    if not known:
        return Answer(None, 0, 0, 0)
    satisfying = sum(v > 0 for v in known.values()) if measure.of == "matches" else len(known)
    return Answer(statistics.median(known.values()), len(users), len(known), satisfying)


def unit_value(events: list[Event], measure: Measure, zone: str) -> float | None:
    matching = [e for e in events if not measure.steps or meets(e, measure.steps[0], zone)]
    if measure.of == "matches":
        return len(matching)
    numbers = [x for x in (number(e, measure.of) for e in matching) if x is not None]
    return statistics.median(numbers) if numbers else None


def selected(log: list[Event], users: set[str], measure: Measure, zone: str) -> dict[Any, list[Event]]:
    """Unit → its events in order, of the units that `where` selects."""
    first = {e["user"]: i for i, e in reversed(list(enumerate(log)))}
    ordered = sorted(log, key=lambda e: (first[e["user"]], e["ts"], e["file"], e["line"], e["n"]))
    units: dict[Any, list[Event]] = {}
    for e in ordered:
        key = unit_of(e, measure.unit)
        if e["user"] in users and key is not None and in_window(e, measure, zone):
            units.setdefault(key, []).append(e)
    return {k: events for k, events in units.items() if any(meets(e, measure.where, zone) for e in events)}


def unit_of(e: Event, unit: str) -> Any:
    if unit == "users":
        return e["user"]
    if unit == "sessions":
        return None if e["session"] is None else (e["user"], e["session"])
    if unit == "memories":
        return e["memory"]
    return (e["file"], e["line"], e["n"])


def in_window(e: Event, measure: Measure, zone: str) -> bool:
    day, window = local(e, zone).date().isoformat(), measure.window
    return window is None or ((window.start or "") <= day <= (window.end or "9999"))


def satisfies(events: list[Event], measure: Measure, zone: str) -> bool:
    steps = measure.steps or [[]]
    if measure.unit == "events":
        return meets(events[0], steps[0], zone)
    ends = passes(events, measure, zone)
    if len(ends) < measure.at_least:
        return False
    rest = events[ends[measure.at_least - 1] + 1 :] if measure.ordered else events
    if any(meets(e, step, zone) for e in rest for step in measure.absent):
        return False
    return measure.feature is None or feature_holds(events, measure.feature, zone)


def passes(events: list[Event], measure: Measure, zone: str) -> list[int]:
    """Where passes end: the first event that completes the steps with events after the last pass; and so on."""
    steps = measure.steps or [[]]
    ends: list[int] = []
    for j in range(len(events)):
        after = ends[-1] + 1 if ends else 0
        if any(fits(choice, j, events, measure, zone) for choice in choices(after, j, len(steps), measure)):
            ends.append(j)
    return ends


def choices(after: int, j: int, k: int, measure: Measure) -> Any:
    places = range(after, j + 1)
    if measure.ordered:
        return (c for c in itertools.combinations(places, k) if c[-1] == j)
    return (c for c in itertools.product(places, repeat=k) if max(c) == j)


def fits(choice: tuple[int, ...], j: int, events: list[Event], measure: Measure, zone: str) -> bool:
    took = (events[j]["ts"] - events[min(choice)]["ts"]).total_seconds()
    if measure.within is not None and len(measure.steps) > 1 and took > measure.within:
        return False
    return all(meets(events[i], step, zone) for i, step in zip(choice, measure.steps or [[]], strict=True))


def feature_holds(events: list[Event], feature: Feature, zone: str) -> bool:
    value = feature_value(events, feature, zone)
    if value is None:
        return False
    tests = {
        "at_least": value >= feature.value,
        "at_most": value <= feature.value,
        "above": value > feature.value,
        "below": value < feature.value,
        "equals": value == feature.value,
    }
    return tests[feature.op]


def feature_value(events: list[Event], feature: Feature, zone: str) -> float | None:
    own = [e for e in events if meets(e, feature.where or [], zone)]
    if feature.name == "share_of_events":
        return len(own) / len(events)
    if not own:
        return None
    days = [local(e, zone).date() for e in own]
    objects = [e["object"].lower() for e in own if e["object"]]
    if feature.name == "active_days":
        return len(set(days))
    if feature.name == "span_days":
        return (max(days) - min(days)).days + 1
    if feature.name == "n_events":
        return len(own)
    if feature.name == "n_objects":
        return len(set(objects))
    if feature.name == "repeat_share":
        return (len(objects) - len(set(objects))) / len(own)
    if feature.name == "steps_per_session":
        return steps_per_session(own)
    numbers = [x for x in (number(e, str(feature.field)) for e in own) if x is not None]
    return statistics.median(numbers) if numbers else None


def steps_per_session(own: list[Event]) -> float | None:
    sessions: dict[str, set[str]] = {}
    for e in own:
        if e["session"] is not None:
            sessions.setdefault(e["session"], set())
            if e["action"]:
                sessions[e["session"]].add(e["action"].lower())
    return sum(map(len, sessions.values())) / len(sessions) if sessions else None


def meets(e: Event, conditions: list[Condition], zone: str) -> bool:
    return all(holds(e, c, zone) for c in conditions)


def holds(e: Event, c: Condition, zone: str) -> bool:
    when = local(e, zone)
    if c.field in {"hour", "weekday", "month"}:
        x = {"hour": when.hour, "weekday": when.isoweekday(), "month": when.month}[c.field]
        return compare(x, c.op, list(c.value), wraps=True)
    if c.field == "date":
        day = when.date().isoformat()
        return str(c.value[0]) in day if c.op == "contains" else compare(day, c.op, list(c.value), wraps=False)
    if isinstance(c.value[0], str):
        text = prop(e, c.field) if c.field.startswith("properties.") else e[c.field]
        if text is None or (text == "" and not c.field.startswith("properties.")):
            return False
        wanted = [str(v).lower() for v in c.value]
        return wanted[0] in text.lower() if c.op == "contains" else compare(text.lower(), c.op, wanted, wraps=False)
    found = number(e, c.field)
    return found is not None and compare(found, c.op, list(c.value), wraps=False)


def compare(x: Any, op: str, values: list[Any], *, wraps: bool) -> bool:
    if op == "between":
        low, high = values
        return bool(x >= low or x <= high) if wraps and low > high else bool(low <= x <= high)
    if op == "at_least":
        return bool(x >= values[0])
    if op == "at_most":
        return bool(x <= values[0])
    return (x not in values) if op == "not_in" else (x in values)


def prop(e: Event, field: str) -> str | None:
    value = json.loads(e["properties"]).get(field.removeprefix("properties."))
    return value if value is None or isinstance(value, str) else json.dumps(value)


def number(e: Event, field: str) -> float | None:
    if field == "value":
        value: float | None = e["value"]
        return value
    try:
        return float(prop(e, field) or "")
    except ValueError:
        return None


def local(e: Event, zone: str) -> datetime:
    ts: datetime = e["ts"]
    return ts.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
