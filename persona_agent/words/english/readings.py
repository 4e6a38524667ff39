"""A measure as a reader is told it: a plain label, what its figure is of, and what it may lend to a name.

In: a measure and the names that a person gave. Out: a `Reading`, None where people have no plain words for it: then the claim
stands with its evidence and makes no bar. Promises: an act of the log is never quoted; no label holds a figure of its own but
one that the measure asks about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...schema import NO_NAMES, Condition, Feature, Measure, Names
from ..wording import act_words, clock, field_words, number, readable
from .grammar import capital, doing

OF_THEM, OF_VISITS, OF_DOING, OF_LINES = "of them", "of their visits", "of what they do", "of their lines"
OF_THINGS = "of the things they turn to"
LATER = [Condition(field="met_before", op="in", value=["yes", "no"])]  # what is not of a first visit
TIMES = {2: "twice", 3: "three times"}
MANY_WORDS = 3  # of an act that a name can hold
# Hours as a name says them; the first band that holds the middle of the hours.
DAY_PARTS = (
    (6, "at night"),
    (10, "early in the day"),
    (14, "around midday"),
    (18, "in the afternoon"),
    (24, "in the evening"),
)
NIGHT_ENDS = 4  # as in write/dossiers/habits.py: a visit before belongs to the evening
COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
KIND_OF = re.compile(r"^\w+: (?=\S)")  # one word and a colon before a name
BRACKETS = re.compile(r"\s*\([^()]*(\)|$)(?=\s|$)")
LONGEST_THING = 7  # words: the rest of a title tells a reader nothing
NO = ("", "")
BREADTH, LENGTH = ("Broad visits", "Narrow visits"), ("Long visits", "Short visits")
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")

# Numbers of a visit: label, unit, what it is about, in a sentence, and what a name takes from it.
VISITS = {
    "matches": (
        "In a visit",
        "actions",
        "visit",
        "a visit of theirs has {v} actions",
        ("Busy visits", "Short visits"),
        NO,
    ),
    "things": ("In a visit", "different things", "visit", "a visit of theirs is about {v} things", BREADTH, NO),
    "minutes": ("Length of a visit", "minutes", "visit", "a visit of theirs takes {v}", LENGTH, NO),
    "gap": ("Since the visit before", "days", "how often", "their visits are {v} apart", NO, ("seldom", "often")),
}
WORTH = {
    ("sessions", "median", "total value"): ("Value of a visit", "in value", "a visit of theirs is worth {v}"),
    ("sessions", "sum", "value"): (
        "Value of a visit",
        "in value on average",
        "a visit of theirs is worth {v} on average",
    ),
    ("users", "sum", "value"): (
        "What each brings in",
        "in value on average",
        "each of them brings in {v} in value on average",
    ),
}


@dataclass(frozen=True)
class Reading:
    """`label` as a bar has it, `unit` what its figure is of; `facts` say what it is about: readings that share one say one
    thing. `weight` is how readily people take it in, 0 to 1. A name may begin with `head` and end with `tail`, each as it is
    said where the group does more and where it does less; `steps` are acts in order; `clause` and `less` tell it in a
    sentence, {v} its figure.
    """

    label: str
    unit: str
    form: Literal["share", "number"]
    facts: frozenset[str]
    weight: float
    clause: str
    less: str = ""
    head: tuple[str, str] = ("", "")
    tail: tuple[str, str] = ("", "")
    steps: tuple[str, ...] = ()


OF_A_VISIT = {
    "things": Reading(
        "Different things in a visit", "things", "number", frozenset(["breadth"]), 1.0,
        "a visit of theirs is about {v} different things", head=("Many different things", "Few different things"),
    ),
    "gap": Reading(
        "Since the visit before", "days", "number", frozenset(["how often"]), 1.0, "they come back after {v}",
        tail=("seldom", "often"),
    ),
    "minutes": Reading(
        "Length of a visit", "minutes", "number", frozenset(["minutes"]), 0.9, "a visit of theirs takes {v}",
        head=("Long visits", "Short visits"),
    ),
}  # fmt: skip


def reading(measure: Measure, names: Names = NO_NAMES) -> Reading | None:
    """The measure in plain words."""
    if measure.window is not None:
        return None
    if measure.unit == "things":
        return _met_before(measure)
    if measure.statistic != "share":
        return _of_a_visit(measure, names) or _number(measure, names)
    if (told := _of_visits(measure, names)) is not None:
        return told
    if measure.feature is not None:
        return None if measure.steps or measure.absent or measure.where else _feature(measure.feature, names)
    return _steps(measure, names)


def when(step: Sequence[Condition]) -> str:
    """The hours and days that a step must fall on, as a phrase; empty where it may fall on any."""
    told = [_days(c) if c.field == "weekday" else _hours(c) for c in step if c.field in ("hour", "weekday")]
    return " ".join(told)


def _met_before(m: Measure) -> Reading | None:
    if m.where != LATER or m.steps != [[Condition(field="met_before", op="is", value=["yes"])]]:
        return None
    clause = "{v} of the things they turn to are from an earlier visit"
    head = ("The same again", "Something new each time")
    return Reading("Met in an earlier visit", OF_THINGS, "share", _about("repeats"), 0.8, clause, head=head)


def _steps(m: Measure, names: Names) -> Reading | None:
    if m.within is not None or (m.where and m.where not in m.steps):
        return None
    unit = {"users": OF_THEM, "sessions": OF_VISITS, "events": OF_DOING}.get(m.unit, "of the times")
    if len(m.steps) > 1 or m.absent:
        return _several(m, names, unit)
    if len(m.steps) != 1:
        return None
    step = m.steps[0]
    opens = any(c.field == "opens_visit" for c in step)
    step = [c for c in step if c.field != "opens_visit"]
    if opens and step and m.unit == "sessions" and m.at_least == 1 and not m.where:
        return _start(step)
    if m.unit == "events" and len(step) == 1 and step[0].field.startswith("properties."):
        return _of_lines(step[0], names)
    said = None if opens else _said(step, names)
    if said is None:
        return None
    times = TIMES.get(m.at_least, f"{m.at_least} times")
    often = f" {times} or more" if m.at_least > 1 else " at least once" if m.unit == "users" else ""
    a_thing = any(c.field == "object" for c in step)
    clause = {
        "users": f"{said} is something that {{v}} of them do{often if m.at_least > 1 else ''}",
        "sessions": f"{{v}} of their visits include {said}{often}",
        "events": f"{{v}} of what they do is {said}",
    }.get(m.unit)
    timed = when(step)
    if timed and said == timed:
        clause, less = f"much of what they do falls {timed}", f"little of what they do falls {timed}"
        tail = (_part(step), "") if m.unit == "events" else ("", "")
        return Reading(capital(timed), unit, "share", _facts([step]), 1.0, clause, less, tail=tail)
    short = said if len(said.split()) <= MANY_WORDS and not a_thing else ""
    called = next((thing(str(c.value[0])) for c in step if c.field == "object"), "")
    short = called if a_thing and len(called.split()) <= MANY_WORDS else short
    head = (capital(short), "") if short and not timed else NO
    weight = 0.5 if timed or a_thing else 0.7 if m.at_least > 1 else 0.9 if m.unit == "users" else 1.0
    return Reading(capital(said) + often, unit, "share", _facts([step]), weight, clause or "", head=head)


def _start(step: Sequence[Condition]) -> Reading | None:
    """When visits begin."""
    timed = when(step)
    if not timed or any(c.field not in ("hour", "weekday") for c in step):
        return None
    clause = f"{{v}} of their visits start {timed}"
    return Reading(f"Starting {timed}", OF_VISITS, "share", _facts([step]), 1.0, clause, tail=(_part(step), ""))


def _of_lines(c: Condition, names: Names) -> Reading | None:
    """What their lines are of: a value of a field, or that there is an amount at all."""
    name = _amount(c.field.removeprefix("properties."), names)[0]
    facts = _about(f"amount {name}" if c.op == "not_in" else f"{c.field} {str(c.value[0]).lower()}")
    if c.op == "not_in" and list(c.value) == [0]:
        head = (f"Often with {name}", f"Seldom with {name}")
        return Reading(
            f"With a {name}", OF_LINES, "share", facts, 0.9, f"{{v}} of their lines have a {name}", head=head
        )
    if c.op != "is":
        return None
    value = thing(str(c.value[0]))
    head = (capital(value), "") if len(value.split()) <= MANY_WORDS else ("", "")
    clause = f"“{value}” is in {{v}} of their lines"
    return Reading(f"{capital(name)}: “{value}”", OF_LINES, "share", facts, 0.9, clause, head=head)


def _several(m: Measure, names: Names, unit: str) -> Reading | None:
    said = [_said(step, names) for step in m.steps]
    gone = [_said(step, names) for step in m.absent]
    if not said or None in [*said, *gone] or m.at_least > 1:
        return None
    first = [s for s in said if s]
    facts = _facts([*m.steps, *m.absent])
    if gone:
        label = f"{' and '.join(first)}, never {' or '.join(g for g in gone if g)}{' after it' if m.ordered else ''}"
        return Reading(capital(label), unit, "share", facts, 0.3, f"{{v}} {unit}: {label}")
    if not m.ordered:
        return None
    label = ", then ".join(first)
    of = f"of the times with {first[0]}" if m.unit == "memories" else unit
    of = f"of their visits with {first[0]}" if m.where and m.unit == "sessions" else of
    clause = f"{first[0]} leads to {first[-1]} in {{v}} {of}"
    return Reading(capital(label), of, "share", facts, 0.5, clause, steps=tuple(first))


def _of_visits(m: Measure, names: Names) -> Reading | None:
    """Shares of visits by how they begin and what follows in them, of things met before, of lines by amount or category."""
    step = m.steps[0] if m.steps and not m.absent and m.feature is None else []
    if m.unit == "things" and [c.field for c in step] == ["met_before"]:
        clause = "{v} of the things in a later visit of theirs were met in an earlier one"
        head = ("The same again", "Something new each time")
        of = "of the things in their later visits"
        return Reading("Met in an earlier visit", of, "share", _about("repeats"), 0.9, clause, head=head)
    if m.unit == "sessions" and len(m.steps) == 1 and step[0].field == "opens_visit":
        timed = when(step)
        label, clause = f"Beginning {timed}", f"{{v}} of their visits begin {timed}"
        tail = (_part(step), "")
        return Reading(label, OF_VISITS, "share", _facts([step[1:]]), 1.0, clause, tail=tail) if timed else None
    if m.unit == "sessions" and m.ordered and len(m.steps) == 2 and m.where == step:
        said = tuple(_said(s, names) or "" for s in m.steps)
        label, of = f"{said[0]}, then {said[1]}", f"of their visits with {said[0]}"
        clause = f"{said[0]} leads to {said[1]} in {{v}} of their visits with it"
        return Reading(capital(label), of, "share", _facts(m.steps), 0.5, clause, steps=said) if all(said) else None
    if m.unit != "events" or len(step) != 1 or not step[0].field.startswith("properties."):
        return None
    c, field = step[0], step[0].field.removeprefix("properties.")
    name = _amount(field, names)[0]
    if c.op == "not_in" and list(c.value) == [0]:
        clause, head = f"{{v}} of what they do has a {name}", (f"With {name}", f"Without {name}")
        return Reading(f"With a {name}", OF_DOING, "share", _about(f"any {name}"), 0.9, clause, head=head)
    if c.op == "is" and field in names.categories:
        value = readable(str(c.value[0]))
        clause = f"{{v}} of what they do is in {value}"
        return Reading(capital(value), OF_DOING, "share", _facts([step]), 1.0, clause, head=(capital(value), ""))
    return None


def _of_a_visit(m: Measure, names: Names) -> Reading | None:
    """What a visit holds, how long it takes, how long it was since the one before; amounts where there are any or against what
    is usual.
    """
    if m.absent or m.where or m.feature is not None or (m.steps and not m.of.startswith("properties.")):
        return None
    kind, _, field = m.of.rpartition(" ")
    if m.unit == "sessions" and (m.of == "total value" or (m.statistic == "sum" and m.of == "value")):
        often = "usual" if m.statistic == "median" else "average"
        clause, head = f"the {often} visit of theirs is worth {{v}}", ("High-value visits", "Low-value visits")
        label = f"{capital(often)} value of a visit"
        return Reading(label, "", "number", _about("worth"), 1.0, clause, head=head)
    if m.statistic != "median":
        return None
    if m.of in OF_A_VISIT:
        return OF_A_VISIT[m.of]
    name, unit = _amount(field.removeprefix("properties."), names)
    if kind == "relative":
        clause = f"their {name} is {{v}} of what is usual for the same thing"
        head = (f"High {name}", f"Low {name}")
        label, of = f"{capital(name)} beside the usual one", "times what is usual for the same thing"
        return Reading(label, of, "number", _about(f"relative {name}"), 0.8, clause, head=head)
    if not kind and len(m.steps) == 1 and all(c.op == "not_in" for c in m.steps[0]):
        clause = f"where there is a {name}, it is usually {{v}}{f' {unit}' if unit else ''}"
        label = f"{capital(f'usual {name}')}, where there is one"
        return Reading(label, unit, "number", _about(f"amount {name}"), 0.8, clause)
    return None


def _feature(f: Feature, names: Names) -> Reading | None:
    n = number(f.value)
    if f.name == "active_days" and f.op == "at_least":
        clause = f"{{v}} of them come on {n} days or more"
        tail = ("often", "seldom")
        return Reading(f"Active on {n} days or more", OF_THEM, "share", _about("how often"), 0.8, clause, tail=tail)
    if f.name == "span_days" and f.op == "at_least":
        clause = f"{{v}} of them are still there {n} days after they first came"
        return Reading(f"Still there after {n} days", OF_THEM, "share", _about("how often"), 0.7, clause)
    if f.name == "n_events" and f.op == "at_least":
        clause = f"{{v}} of them do {n} things or more in all"
        return Reading(f"{n} actions or more in all", OF_THEM, "share", _about("how often"), 0.5, clause)
    if f.name == "n_objects" and f.op in ("below", "at_least"):
        label = f"Fewer than {n} different things" if f.op == "below" else f"{n} different things or more"
        few, many = "Few different things", "Many different things"
        head = (few, many) if f.op == "below" else (many, few)
        clause = f"{{v}} of them meet {label[:1].lower()}{label[1:]}"
        return Reading(label, OF_THEM, "share", _about("breadth"), 0.6, clause, head=head)
    if f.name == "repeat_share" and f.op == "above" and f.value >= 1 / 2:
        clause = "{v} of them mostly turn to things they have met before"
        head = ("The same again", "Something new each time")
        return Reading("Mostly things met before", OF_THEM, "share", _about("repeats"), 0.7, clause, head=head)
    if f.name == "steps_per_session" and f.op == "at_least":
        clause = f"{{v}} of them do {n} different things or more in an average visit"
        head = ("Busy visits", "Short visits")
        label = f"{n} different acts or more in an average visit"
        return Reading(label, OF_THEM, "share", _about("visit"), 0.6, clause, head=head)
    if f.name == "share_of_events" and f.op == "above" and f.value >= 1 / 2 and f.where:
        said = _said(f.where, names)
        clause = f"{{v}} of them do most of what they do {said}"
        return Reading(f"Mostly {said}", OF_THEM, "share", _facts([f.where]), 0.5, clause) if said else None
    return None


def _number(m: Measure, names: Names) -> Reading | None:
    if m.absent or m.where or m.feature or len(m.steps) > 1:
        return None
    if m.steps:
        return _amounts(m, names)
    if m.statistic == "cadence":
        tail = ("seldom", "often")
        clause = "{v} days lie between two of their visits"
        return Reading("From one visit to the next", "days", "number", _about("how often"), 0.9, clause, tail=tail)
    if m.unit == "sessions" and m.statistic == "median" and m.of in VISITS:
        label, unit, facts, clause, head, tail = VISITS[m.of]
        return Reading(label, unit, "number", _about(facts), 0.9, clause, head=head, tail=tail)
    worth = WORTH.get((m.unit, m.statistic, m.of))
    if worth:
        label, unit, clause = worth
        head = ("High value", "Low value")
        return Reading(label, unit, "number", _about("value"), 0.8, clause, head=head)
    return _amounts(m, names)


def _amounts(m: Measure, names: Names) -> Reading | None:
    """How much of an amount there is in the middle, alone or against what is usual for the same thing."""
    relative, field = m.of.startswith("relative "), m.of.removeprefix("relative ")
    if m.statistic != "median" or m.unit != "users" or not field.startswith("properties."):
        return None
    some = [[Condition(field=field, op="not_in", value=[0])]]
    if m.steps and m.steps != some:
        return None
    name, unit = _amount(field.removeprefix("properties."), names)
    head = (f"High {name}", f"Low {name}")
    if relative:
        clause = f"their usual {name} is {{v}} of what is usual for the same thing"
        label = f"{capital(name)}, beside the usual one"
        return Reading(label, "of the usual one", "share", _about(f"amount {name}"), 0.7, clause, head=head)
    clause = f"their usual {name} is {{v}}{f' {unit}' if unit else ''}"
    label = f"Usual {name}{', where there is one' if m.steps else ''}"
    return Reading(label, unit, "number", _about(f"amount {name}"), 0.9, clause, head=head)


def _said(step: Sequence[Condition], names: Names) -> str | None:
    """One step as something done, at its hours; None where a condition has no plain words."""
    parts: list[str] = []
    timed = when(step)
    for c in step:
        if c.field in ("hour", "weekday"):
            continue
        if c.op != "is":
            return None
        value = str(c.value[0])
        if c.field == "action":
            parts.insert(0, doing(act_words(value, names)))
        elif c.field == "object":
            parts.append(f"“{thing(value)}”")
        elif c.field.startswith("properties."):
            parts.append(f"{_amount(c.field.removeprefix('properties.'), names)[0]} {readable(value)}")
        else:
            return None
    return " ".join([*parts, *([timed] if timed else [])]) or None


def thing(name: str) -> str:
    """A thing without the word for its kind and what is in brackets: “File: Unit 1 (v2)” is “unit 1” to a reader."""
    bare = KIND_OF.sub("", readable(name))
    words = (BRACKETS.sub("", bare).strip() or bare).split(" ")
    return readable(" ".join(words[:LONGEST_THING]) + (" …" if words[LONGEST_THING:] else ""))


def _amount(field: str, names: Names) -> tuple[str, str]:
    """A field's plain name and its unit; a field is its own unit where nobody named one."""
    words = field_words(field, names)
    name, bracket, unit = words.partition(" (")
    return name, unit.rstrip(")") if bracket else ""


def _facts(steps: Sequence[Sequence[Condition]]) -> frozenset[str]:
    told = []
    for c in (c for step in steps for c in step):
        named = f"{c.field} {str(c.value[0]).lower()}" if c.field.startswith("properties.") else c.field
        told.append(f"act {str(c.value[0]).lower()}" if c.field == "action" else named)
    return frozenset(told) - {"object"} if any(t.startswith("act ") for t in told) else frozenset(told)


def _about(*facts: str) -> frozenset[str]:
    return frozenset(facts)


def _hours(c: Condition) -> str:
    start, end = int(float(c.value[0])), (int(float(c.value[-1])) + 1) % 24
    if c.op == "at_least":
        return f"after {clock(start)}"
    if c.op == "at_most":
        return f"before {clock((start + 1) % 24)}"
    if start in (0, NIGHT_ENDS) and end > NIGHT_ENDS:
        return f"before {clock(end)}"
    if end in (0, NIGHT_ENDS):
        return f"after {clock(start)}"
    first, last = clock(start), clock(end)
    same_half = first[-3:] == last[-3:] and first[-3:] in (" am", " pm")
    return f"between {first[:-3] if same_half else first} and {last}"


def _days(c: Condition) -> str:
    days = [int(float(v)) for v in c.value]
    if c.op == "is":
        return f"on {DAYS[days[0] - 1]}"
    if c.op == "between" and days == [6, 7]:
        return "at weekends"
    return "on weekdays" if c.op == "between" and days == [1, 5] else f"on {', '.join(DAYS[d - 1] for d in days)}"


def _part(step: Sequence[Condition]) -> str:
    """The hours or days as a name ends with them."""
    timed = next(c for c in step if c.field in ("hour", "weekday"))
    if timed.field == "weekday" or len([c for c in step if c.field in ("hour", "weekday")]) > 1:
        return when(step)
    start, end = int(float(timed.value[0])), (int(float(timed.value[-1])) + 1) % 24
    if start in (0, NIGHT_ENDS) and end > NIGHT_ENDS:
        return f"before {COUNT[(end - 1) % 12]}"
    if end in (0, NIGHT_ENDS):
        return f"after {COUNT[(start - 1) % 12]}"
    middle = ((start + (end + 24 if end < start else end)) / 2) % 24
    return next(words for last, words in DAY_PARTS if middle < last)
