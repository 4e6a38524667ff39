"""The meaning of a measure, written slowly and obviously over a list of event dicts; SQL is held against it.

An event is a dict with the columns of `events` and a `memory`; `visited` adds what it is to its visits. Nothing here is shared
with persona_agent.evidence.
"""

from __future__ import annotations

import itertools
import json
import math
import statistics
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from persona_agent.schema import Condition, Feature, Measure, Window

Event = dict[str, Any]
Units = dict[Any, list[Event]]

BINS = [1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80]  # where each bin of active days begins


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
    if measure.statistic == "trend":
        return trend(log, users, measure, zone)
    units = selected(log, users, measure, zone)
    own = {"median": median, "cadence": cadence, "sum": amounts, "distinct": amounts}
    return own.get(measure.statistic, share)(units, measure, zone)


def share(units: Units, measure: Measure, zone: str) -> Answer:
    by_user = per_user({key: satisfies(events, measure, zone) for key, events in units.items()}, units)
    hits = [hit for own in by_user.values() for hit in own]
    found = Answer(None, len(by_user), len(hits), sum(hits))
    if not hits:
        return found
    rates = [sum(own) / len(own) for own in by_user.values()]
    if measure.unit == "users":
        found.value = sum(hits) / len(hits)
        return found
    often = [sum(own) / len(own) for own in by_user.values() if len(own) >= 3]
    found.value, found.pooled = statistics.mean(rates), sum(hits) / len(hits)
    found.median_user_rate, found.n_users_with_3 = (statistics.median(often) if often else None), len(often)
    return found


def per_user(values: dict[Any, Any], units: Units) -> dict[str, list[Any]]:
    """User → what its units have."""
    found: dict[str, list[Any]] = {}
    for key, value in values.items():
        found.setdefault(owner(key, units[key]), []).append(value)
    return found


def owner(key: Any, events: list[Event]) -> str:
    """Whose unit this is; only a user can be a unit without events."""
    return str(events[0]["user"] if events else key)


def median(units: Units, measure: Measure, zone: str) -> Answer:
    known = unit_values(units, measure, zone)
    if not known:
        return Answer(None, 0, 0, 0)
    counted = measure.of in {"matches", "things"}
    satisfying = sum(v > 0 for v in known.values()) if counted else len(known)
    return Answer(median_of_medians(known, units), len(per_user(known, units)), len(known), satisfying)


def median_of_medians(known: dict[Any, float], units: Units) -> float:
    """Each user's median over its units, and the median of these."""
    return statistics.median(statistics.median(own) for own in per_user(known, units).values())


def cadence(units: Units, measure: Measure, zone: str) -> Answer:
    known = unit_values(units, measure, zone)
    value = median_of_medians(known, units) if known else None
    return Answer(value, len(per_user(known, units)), len(known), len(known))


def amounts(units: Units, measure: Measure, zone: str) -> Answer:
    """Sums and distinct counts: the mean over users of the mean over their units."""
    of_units = {key: amount(events, measure, zone) for key, events in units.items()}
    by_user = per_user(of_units, units)
    value = statistics.mean(statistics.mean(own) for own in by_user.values()) if by_user else None
    return Answer(value, len(by_user), len(units), sum(x != 0 for x in of_units.values()))


def amount(events: list[Event], measure: Measure, zone: str) -> float:
    matching = first_step(events, measure, zone)
    if measure.of == "matches":
        distinct = {e["object"].lower() for e in matching if e["object"]}
        return len(matching) if measure.statistic == "sum" else len(distinct)
    numbers = known_numbers(matching, measure.of)
    if measure.statistic == "sum":
        return math.fsum(numbers)
    if measure.of == "value":
        return len(set(numbers))
    return len({text.lower() for e in matching if (text := prop(e, measure.of))})


def trend(log: list[Event], users: set[str], measure: Measure, zone: str) -> Answer:
    """Share of the second half of the window less that of the first."""
    halves = [in_half(log, users, measure, zone, half) for half in halves_of(log, measure, zone)]
    found = [share(units, measure, zone) for units in halves]
    n = len({owner(key, events) for units in halves for key, events in units.items()})
    values = [one.value for one in found if one.value is not None]
    change = values[1] - values[0] if len(values) == 2 else None
    return Answer(change, n, sum(one.units for one in found), sum(one.satisfying for one in found))


def halves_of(log: list[Event], measure: Measure, zone: str) -> list[Window]:
    if not log:
        return []
    days = [local(e, zone).date() for e in log]
    window = measure.window or Window()
    first = date.fromisoformat(window.start) if window.start else min(days)
    last = date.fromisoformat(window.end) if window.end else max(days)
    middle = first + timedelta(days=(last - first).days // 2)
    after = middle + timedelta(days=1)
    return [Window(start=str(first), end=str(middle)), Window(start=str(after), end=str(last))]


def in_half(log: list[Event], users: set[str], measure: Measure, zone: str, half: Window) -> Units:
    """The units of a share over this window that have an event in it."""
    asked = measure.model_copy(update={"window": half, "statistic": "share"})
    return {key: events for key, events in selected(log, users, asked, zone).items() if events}


def matched(
    log: list[Event], own: set[str], others: set[str], measure: Measure, zone: str
) -> tuple[float | None, float]:
    """What others like these users have, and the share of these users that nobody is like."""
    of_own, of_others = of_users(log, own, measure, zone), of_users(log, others, measure, zone)
    stratum = {user: stratum_of(log, user, measure, zone) for user in own | others}
    here, there = Counter(stratum[u] for u in of_own), Counter(stratum[u] for u in of_others)
    partnered = sum(here[s] for s in here if s in there)
    unmatched = 1 - partnered / len(of_own) if of_own else 0.0
    # Exact weights, because a weighted median asks whether they reach just one half.
    weighted = sorted(
        (value, Fraction(here[stratum[u]], partnered * there[stratum[u]]))
        for u, value in of_others.items()
        if stratum[u] in here
    )
    if not weighted:
        return None, unmatched
    if measure.statistic in {"median", "cadence"}:
        return weighted_median(weighted), unmatched
    return math.fsum(value * weight for value, weight in weighted), unmatched


def of_users(log: list[Event], users: set[str], measure: Measure, zone: str) -> dict[str, float]:
    """User → its own answer, for those that have one."""
    units = selected(log, users, measure, zone)
    if measure.statistic in {"median", "cadence"}:
        by_user = per_user(unit_values(units, measure, zone), units)
        return {user: statistics.median(values) for user, values in by_user.items()}
    of_unit = amount if measure.statistic in {"sum", "distinct"} else satisfies
    by_user = per_user({key: of_unit(events, measure, zone) for key, events in units.items()}, units)
    return {user: sum(values) / len(values) for user, values in by_user.items()}


def stratum_of(log: list[Event], user: str, measure: Measure, zone: str) -> tuple[str, int]:
    """Month of the first event and the bin of active days, over the whole log."""
    days = sorted({local(e, zone).date().isoformat() for e in log if e["user"] == user})
    month = days[0][:7]
    return (month, 0 if about_activity(measure) else max(low for low in BINS if low <= len(days)))


def about_activity(measure: Measure) -> bool:
    """Would users of equal activity be alike in this by construction?"""
    if measure.steps or measure.where or measure.absent:
        return False
    if measure.feature is not None:
        return measure.feature.name in {"active_days", "span_days", "n_events"} and not measure.feature.where
    kind = measure.of.split(" ")[0]
    many = kind in {"matches", "total"} and measure.unit == "users" and measure.statistic in {"sum", "median"}
    return measure.statistic == "cadence" or measure.of == "gap" or many or measure.at_least > 1


def weighted_median(weighted: list[tuple[float, Fraction]]) -> float:
    """The smallest value at which the weight reaches half; the middle to the next where it is just half."""
    reached = Fraction(0)
    for place, (value, weight) in enumerate(weighted):
        reached += weight
        if reached == Fraction(1, 2):
            return (value + weighted[place + 1][0]) / 2
        if reached > Fraction(1, 2):
            return value
    raise AssertionError("the weights add up to one")


def unit_values(units: Units, measure: Measure, zone: str) -> dict[Any, float]:
    """Unit → its number, for the units that have one."""
    of_unit = rhythm if measure.statistic == "cadence" else unit_value
    values = {key: of_unit(events, measure, zone) for key, events in units.items()}
    return {key: value for key, value in values.items() if value is not None}


def unit_value(events: list[Event], measure: Measure, zone: str) -> float | None:
    matching = first_step(events, measure, zone)
    if measure.of == "matches":
        return len(matching)
    if measure.of == "things":
        return len({e["object"].lower() for e in matching if e["object"]})
    if measure.of in {"gap", "minutes"}:
        return matching[0][measure.of] if matching else None
    kind, _, field = measure.of.rpartition(" ")
    if kind == "biggest":
        return biggest(matching, field)
    if kind == "relative":
        known = [(number(e, field), e["usual"].get((field, e["object"].lower()))) for e in matching if e["object"]]
        numbers = [x / usual for x, usual in known if usual and x is not None and x > 0]
    else:
        numbers = known_numbers(matching, field)
    if kind == "total":
        return math.fsum(numbers)
    return statistics.median(numbers) if numbers else None


def biggest(events: list[Event], field: str) -> float | None:
    """What the object with most has of all that is more than nothing."""
    of_thing: dict[str | None, float] = {}
    for e in events:
        x = number(e, field)
        if x is not None and x > 0:
            name = e["object"].lower() if e["object"] else None
            of_thing[name] = of_thing.get(name, 0.0) + x
    named = [x for name, x in of_thing.items() if name is not None]
    return max(named) / math.fsum(of_thing.values()) if named else None


def visited(log: list[Event], zone: str, fields: tuple[str, ...] = ()) -> list[Event]:
    """The events with what each is to its user's visits, and what is usual for every object in these fields."""
    usual = {key: amount for field in fields for key, amount in usual_of(log, field).items()}
    columns = (
        "opens_visit",
        "met_before",
        "met_last",
        "gap",
        "minutes",
        "thing",
        *(f"{what} {field}" for what in ("same", "kept") for field in fields),
    )
    told = [{**e, "usual": usual, **dict.fromkeys(columns)} for e in log]
    of_user: dict[str, dict[str, list[Event]]] = {}
    for e in sorted(told, key=lambda e: (e["ts"], e["file"], e["line"], e["n"])):
        if e["session"] is not None:
            of_user.setdefault(e["user"], {}).setdefault(e["session"], []).append(e)
    for visits in of_user.values():
        met: set[str] = set()
        last: set[str] = set()
        totals: dict[tuple[str, str, str], float] = {}
        before: date | None = None
        values: dict[str, str] = {}
        for events in visits.values():  # by their first events
            days = [local(e, zone).date() for e in events]
            for e in events:
                e["opens_visit"] = "yes" if e is events[0] else "no"
                e["gap"] = None if before is None else float((min(days) - before).days)
                e["minutes"] = (events[-1]["ts"] - events[0]["ts"]).total_seconds() / 60
                if e["object"]:
                    name = e["object"].lower()
                    e["thing"] = (e["user"], e["session"], name)
                    e["met_before"] = None if before is None else "yes" if name in met else "no"
                    e["met_last"] = None if before is None else "yes" if name in last else "no"
            last = {e["object"].lower() for e in events if e["object"]}
            met |= last
            for field in fields:
                compare_totals(events, field, totals)
                compare_values(events, field, values)
            before = min(days)
    return told


def compare_values(events: list[Event], field: str, known: dict[str, str]) -> None:
    """Whether a visit's first value of a field is that of the last visit that had one; `known` goes on."""
    held = [text.lower() for e in events if (text := prop(e, field))]
    if not held:
        return
    for e in events:
        e[f"kept {field}"] = None if field not in known else "yes" if known[field] == held[0] else "no"
    known[field] = held[0]


def compare_totals(events: list[Event], field: str, known: dict[tuple[str, str, str], float]) -> None:
    """Whether a visit has as much of a field on an object, by one act, as the last that had any; `known` goes on."""
    here: dict[tuple[str, str, str], list[Event]] = {}
    for e in events:
        if e["object"] and e["action"]:
            here.setdefault((field, e["object"].lower(), e["action"].lower()), []).append(e)
    for key, lines in here.items():
        numbers = known_numbers(lines, field)
        if not numbers:
            continue
        total = round(math.fsum(numbers), 6)
        for e in lines:
            e[f"same {field}"] = None if key not in known else "yes" if known[key] == total else "no"
        known[key] = total


def usual_of(log: list[Event], field: str) -> dict[tuple[str, str], float]:
    """(field, object) → the median of what its lines have of it, of objects that five users have some of."""
    had: dict[str, list[tuple[str, float]]] = {}
    for e in log:
        x = number(e, field)
        if e["object"] and x is not None and x > 0:
            had.setdefault(e["object"].lower(), []).append((e["user"], x))
    shared = {name: own for name, own in had.items() if len({user for user, _ in own}) >= 5}
    return {(field, name): statistics.median(x for _, x in own) for name, own in shared.items()}


def rhythm(events: list[Event], measure: Measure, zone: str) -> float | None:
    """Median of the days from one day with a match to the next."""
    days = sorted({local(e, zone).date() for e in first_step(events, measure, zone)})
    return statistics.median((b - a).days for a, b in itertools.pairwise(days)) if len(days) > 1 else None


def first_step(events: list[Event], measure: Measure, zone: str) -> list[Event]:
    return [e for e in events if not measure.steps or meets(e, measure.steps[0], zone)]


def known_numbers(events: list[Event], field: str) -> list[float]:
    return [x for x in (number(e, field) for e in events) if x is not None]


def selected(log: list[Event], users: set[str], measure: Measure, zone: str) -> Units:
    """Unit → its events in order, of the units that `where` selects; users who did nothing in the window have none."""
    first = {e["user"]: i for i, e in reversed(list(enumerate(log)))}
    ordered = sorted(log, key=lambda e: (first[e["user"]], e["ts"], e["file"], e["line"], e["n"]))
    units: Units = {user: [] for user in observed(log, measure, zone) & users}
    for e in ordered:
        key = unit_of(e, measure.unit)
        if e["user"] in users and key is not None and in_window(e, measure, zone):
            units.setdefault(key, []).append(e)
    return {
        key: events
        for key, events in units.items()
        if not measure.where or any(meets(e, measure.where, zone) for e in events)
    }


def observed(log: list[Event], measure: Measure, zone: str) -> set[str]:
    """Users who are units of a window even without an event in it: those first seen before it ended."""
    if measure.unit != "users" or measure.window is None:
        return set()
    last = measure.window.end or "9999"
    return {e["user"] for e in log if local(e, zone).date().isoformat() <= last}


def unit_of(e: Event, unit: str) -> Any:
    if unit == "users":
        return e["user"]
    if unit == "sessions":
        return None if e["session"] is None else (e["user"], e["session"])
    if unit == "memories":
        return e["memory"]
    if unit == "things":
        return e["thing"]
    return (e["file"], e["line"], e["n"])


def in_window(e: Event, measure: Measure, zone: str) -> bool:
    day, window = local(e, zone).date().isoformat(), measure.window
    return window is None or ((window.start or "") <= day <= (window.end or "9999"))


def satisfies(events: list[Event], measure: Measure, zone: str) -> bool:
    steps = measure.steps or [[]]
    if not events:  # who did nothing left something out, and did nothing else
        return bool(not measure.steps and measure.absent and measure.feature is None and measure.at_least == 1)
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
        "between": feature.upper is not None and feature.value <= value < feature.upper,
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
    numbers = known_numbers(own, str(feature.field))
    if feature.name == "total_of":
        return math.fsum(numbers) if numbers else None
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
    if c.field in {"hour", "weekday", "month"}:
        return compare(calendar(e, c.field, zone), c.op, list(c.value), wraps=True)
    if c.field == "date":
        day = local(e, zone).date().isoformat()
        return str(c.value[0]) in day if c.op == "contains" else compare(day, c.op, list(c.value), wraps=False)
    if isinstance(c.value[0], str):
        text = prop(e, c.field) if c.field.startswith("properties.") else e[c.field]
        if text is None or (text == "" and not c.field.startswith("properties.")):
            return False
        wanted = [str(v).lower() for v in c.value]
        if (
            c.op != "contains"
            and c.field.startswith("properties.")
            and any(one.lower() in wanted for one in listed(text))
        ):
            return c.op != "not_in"
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


def listed(text: str) -> list[str]:
    """The texts of a list of texts; of anything else none."""
    try:
        held = json.loads(text)
    except ValueError:
        return []
    return held if type(held) is list and all(type(one) is str for one in held) else []


def prop(e: Event, field: str) -> str | None:
    value = json.loads(e["properties"]).get(field.removeprefix("properties."))
    return value if value is None or isinstance(value, str) else json.dumps(value)


def number(e: Event, field: str) -> float | None:
    """A known, finite number."""
    try:
        value = e["value"] if field == "value" else float(prop(e, field) or "")
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None


def calendar(e: Event, field: str, zone: str) -> int:
    when = local(e, zone)
    return {"hour": when.hour, "weekday": when.isoweekday(), "month": when.month}[field]


def local(e: Event, zone: str) -> datetime:
    ts: datetime = e["ts"]
    return ts.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
