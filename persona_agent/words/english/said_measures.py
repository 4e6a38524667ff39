"""Any measure in the words of a claim, for questions that nobody foresaw.

In: a measure and the names that a person gave. Out: a `SaidMeasure`: what its figure is of and what completes the sentence.
Promises: every condition of the measure is in the words, so that two measures that differ are never said alike; acts and things
stand in quotation marks; no figure but those that the measure asks about. Why there are three ways to say a measure:
docs/contract.md, Measures in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...schema import NO_NAMES, SAME_AMOUNT, Condition, Feature, Form, Measure, Names
from ..wording import act_words, clock, field_words, number, readable, theme_words
from .grammar import capital, lines_of, listed
from .hours import DAYS, when
from .orders_told import OF_AGAIN, PLACES, REACHED, as_before, known_again, same_as_before, total_words
from .spoken import LATER, TIMES, Reading

OPENS = Condition(field="opens_visit", op="is", value=["yes"])
ANY_LINE = Condition(field="opens_visit", op="in", value=["yes", "no"])  # of a visit: none is left out
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
RELATIVE = " as a part of what is usual for the same thing"
SHORT_BASE = 2  # words that stand beside a figure, as “their visits”; a longer base is read in the label
ASKED = 0.5  # the weight of words that hold for any measure: plainer ones are taken in before them
# How a unit is called as a whole, and what stands before what it must hold.
OF = {
    "users": ("them", "do"),
    "sessions": ("their visits", "include"),
    "memories": ("their stretches of acts", "include"),
    "events": ("what they do", "is"),
    "things": ("the things in their visits", "come up with"),
}
IN_ONE = {
    "users": "of one of them",
    "sessions": "of a visit",
    "memories": "of a stretch of acts",
    "events": "of a line",
    "things": "of a thing in a visit",
}
FEATURES = {
    "active_days": "are active on {} days",
    "span_days": "have {} days from their first to their last",
    "n_events": "do {} things in all",
    "n_objects": "meet {} different things",
    "steps_per_session": "do {} different things in an average visit",
}
OPS = {
    "at_least": "{} or more",
    "at_most": "{} or fewer",
    "above": "more than {}",
    "below": "fewer than {}",
    "equals": "just {}",
}


@dataclass(frozen=True)
class SaidMeasure:
    """`of` is what a share is of (“their visits”), `said` completes “41 % of their visits …”; of a number (`form` number) `said`
    is its name, as in “the usual number of things of a visit”. `whole` names the figure by itself.
    """

    form: Form
    of: str
    said: str

    @property
    def whole(self) -> str:
        return self.said if self.form == "number" else f"share of {self.of} that {self.said}"


def said_measure(m: Measure, names: Names = NO_NAMES) -> SaidMeasure:
    """The measure in words."""
    if m.statistic in ("share", "trend"):
        form: Form = {"users": "users", "events": "lines", "things": "things"}.get(m.unit, "sessions")  # type: ignore[assignment]
        found = SaidMeasure(form, _selected(m, names), f"{_must(m, names)}{_window(m)}")
        if m.statistic == "share":
            return found
        change = f"the change, from the first half of the time to the second, of the {found.whole}"
        return SaidMeasure("number", found.of, change)
    return SaidMeasure("number", _selected(m, names), f"{_number(m, names)}{_window(m)}")


def any_reading(m: Measure, names: Names = NO_NAMES) -> Reading:
    """The measure as a bar has it, where there are no plainer words: “Start at weekends”, of their visits with “pay”."""
    told = said_measure(m, names)
    facts = frozenset([told.said])
    if told.form == "number":
        label = told.said.removeprefix("the ").replace(RELATIVE, "").removesuffix(f" {IN_ONE['users']}")
        return Reading(
            capital(label), "times the usual" if m.of.startswith("relative ") else "", _as_drawn(m), facts, ASKED, ""
        )
    of = f"of {told.of}"
    if len(told.of.split(" ")) > SHORT_BASE:
        return Reading(f"{capital(told.said)}, {of}", "", "share", facts, ASKED, "")
    return Reading(capital(told.said), of, "share", facts, ASKED, "")


def _as_drawn(m: Measure) -> Literal["share", "number"]:
    return "share" if m.of.startswith("biggest ") else "number"


def _selected(m: Measure, names: Names) -> str:
    whole = OF[m.unit][0]
    if not m.where:
        return "their lines" if m.unit == "events" and len(m.steps) == 1 and _bare(m.steps[0], names) else whole
    if m.unit == "things" and m.where == LATER:
        return "the things in their later visits"
    if m.unit == "things" and len(m.where) == 1 and m.where == known_again(m.where[0].field) and m.compared_amounts:
        return "the things that they turn to again"
    if m.unit == "things" and all(c.field == "action" and c.op in ("is", "in") for c in m.where):
        return f"the things that {_event(m.where, names)} was done to"
    if m.unit == "events":
        return f"their lines {_bare(m.where, names) or f'with {_event(m.where, names)}'}"
    return f"{'those' if m.unit == 'users' else whole} with {_event(m.where, names)}"


def _must(m: Measure, names: Names) -> str:
    """What a unit must do or hold."""
    if m.unit == "things" and len(m.steps) == 1 and len(m.steps[0]) == 1 and (told := _thing_is(m.steps[0][0], names)):
        return told
    if m.unit == "events" and len(m.steps) == 1 and (bare := _bare(m.steps[0], names)):
        return f"have {bare.removeprefix('with ')}" if bare.startswith("with ") else f"are {bare}"
    if (
        m.unit == "sessions"
        and len(m.steps) == 1
        and OPENS in m.steps[0]
        and not (m.absent or m.feature or m.at_least > 1)
    ):
        rest = [c for c in m.steps[0] if c != OPENS]
        return f"start {_bare(rest, names) or f'with {_event(rest, names)}'}"
    verb, parts = OF[m.unit][1], []
    steps = [_event(step, names) for step in m.steps]
    if m.ordered and len(steps) == 2 and m.where == m.steps[0] and not (m.absent or m.feature):
        return f"come to {steps[1]} after that{_often(m)}{_within(m.within)}"
    if steps:
        parts.append(_holding(m, steps, names))
    if m.absent:
        never = _or([_event(step, names, "anything") for step in m.absent])
        parts.append(f"{'' if steps else f'{verb} '}never {never}{' after that' if m.ordered else ''}")
    if m.feature:
        parts.append(_feature(m.feature, m.unit, names))
    return ", and ".join(parts) or f"{verb} something"


def _thing_is(c: Condition, names: Names) -> str:
    """What a thing of a visit must be, told by one condition; empty where that needs the words of an event."""
    if c.op == "is" and (c.field, str(c.value[0])) in OF_AGAIN:
        return OF_AGAIN[c.field, str(c.value[0])]
    if c.op == "is" and c.field.startswith(SAME_AMOUNT) and c.value == ["yes"]:
        return f"come in {same_as_before(c.field, names)}"
    kinds = {"theme": "are of the kind", "object": "are"}
    if c.field in kinds and c.op in ("is", "in"):
        called = [theme_words(str(v), names) if c.field == "theme" else readable(str(v)) for v in c.value]
        return f"{kinds[c.field]} {_or([f'“{name}”' for name in called])}"
    return ""


def _holding(m: Measure, steps: Sequence[str], names: Names) -> str:
    """What a unit holds, where steps are asked for; of any lines, how many."""
    if m.unit == "sessions" and m.steps == [[ANY_LINE]] and m.at_least > 1:
        return f"hold {m.at_least} {lines_of(names.main_act)} or more"
    joined = ", then ".join(steps) if m.ordered else listed(steps)
    return f"{OF[m.unit][1]} {joined}{_often(m)}{_within(m.within)}"


def _often(m: Measure) -> str:
    if m.at_least > 1:
        return f" {TIMES.get(m.at_least, f'{m.at_least} times')} or more"
    return " at least once" if m.unit == "users" and len(m.steps) == 1 else ""


def _within(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            return f" within {number(seconds / size)} {unit}{'' if seconds == size else 's'}"
    return f" within {number(seconds)} seconds"


def _window(m: Measure) -> str:
    if m.window is None:
        return ""
    since = f" since {m.window.start}" if m.window.start else ""
    return f"{since}{f' until {m.window.end}' if m.window.end else ''}"


def _feature(f: Feature, unit: str, names: Names) -> str:
    n = number(f.value)
    where = f" with {_event(f.where, names)}" if f.where else ""
    if f.name in FEATURES:
        told = FEATURES[f.name].format(OPS[f.op].format(n))
        return f"{told}{where}" if unit == "users" else f"hold {told.partition(' ')[2]}{where}"
    if f.name == "total_of":
        return f"{total_words(f, names)}{where}"
    share = OPS[f.op].replace("fewer", "less").format(f"{number(100 * f.value)} %")
    if f.name == "share_of_events":
        return f"give {share} of what they do to {_event(f.where or [], names)}"
    if f.name == "repeat_share":
        return f"have {share} of what they do{where} on things met before"
    field = field_words((f.field or "").removeprefix("properties."), names)
    return f"have a usual {field} of {OPS[f.op].replace('fewer', 'less').format(n)}{where}"


def _number(m: Measure, names: Names) -> str:
    one = IN_ONE[m.unit]
    event = _event(m.steps[0], names) if m.steps else ""
    of_event = f" with {event}" if event else ""
    among = f", in {OF[m.unit][0]} with {_event(m.where, names)}" if m.where and m.unit != "users" else ""
    among = f", of those with {_event(m.where, names)}" if m.where and m.unit == "users" else among
    if m.statistic == "cadence":
        return f"the usual time in days from one active day{of_event} to the next{among}"
    average = "average" if m.statistic in ("sum", "distinct") else "usual"
    field = m.field
    head = m.of.removesuffix(field).strip()
    if m.statistic == "distinct" or m.of == "things":
        what = "things" if m.of in ("matches", "things") else f"values of {_field(field, names)}"
        return f"the {average} number of different {what}{of_event} {one}{among}"
    if m.of == "matches":
        return f"the {average} number of {f'times with {event}' if event else lines_of(names.main_act)} {one}{among}"
    if m.of == "gap":
        return f"the usual time since the visit before{_of_visits(of_event)}{among}"
    if m.of == "minutes":
        return f"the usual length of a visit{of_event}{among}"
    if head == "biggest":
        return f"the usual part of a visit's {_field(field, names)} that its biggest thing makes up{of_event}{among}"
    if head == "relative":
        return f"their usual {_field(field, names)}{of_event}{RELATIVE}{among}"
    whole = head == "total" or m.statistic == "sum"
    base = f"{one} in all" if whole else "of a line" if m.unit in ("users", "events") else f"of a line {one}"
    return f"the {average} {_field(field, names)}{of_event} {base}{among}"


def _of_visits(event: str) -> str:
    return f", of visits{event}" if event else ""


def _field(field: str, names: Names) -> str:
    return field_words(field.removeprefix("properties."), names)


def _event(step: Sequence[Condition], names: Names, nothing_named: str = "something") -> str:
    """One event that meets all conditions: what is done, to what, and what else holds of it."""
    head, tail = _head_and_tail(step, names)
    return " ".join([head or nothing_named, *tail])


def _bare(step: Sequence[Condition], names: Names) -> str:
    """What holds of lines where no act and no thing is named; empty where one is."""
    head, tail = _head_and_tail(step, names)
    return "" if head else " ".join(tail)


def _head_and_tail(step: Sequence[Condition], names: Names) -> tuple[str, list[str]]:
    acts = [c for c in step if c.field == "action" and c.op in ("is", "in")]
    things = [c for c in step if c.field == "object" and c.op in ("is", "in")]
    called = [act_words(str(v), names) for c in acts for v in c.value]
    objects = [readable(str(v)) for c in things for v in c.value]
    head = _or([f"“{act}: {obj}”" for act in called for obj in objects] or [f"“{name}”" for name in called or objects])
    timed = [c for c in step if c.field in ("hour", "weekday")]
    spans = [
        c
        for c in timed
        if c.op in ("between", "at_least", "at_most") or (c.field == "weekday" and c.op in ("is", "in"))
    ]
    rest = [c for c in step if c not in [*acts, *things, *spans] and c != ANY_LINE]
    return head, [_qualified(c, names) for c in rest] + ([when(spans)] if spans else [])


def _qualified(c: Condition, names: Names) -> str:
    if c.op == "is" and (c.field, str(c.value[0])) in PLACES:
        return PLACES[c.field, str(c.value[0])]
    if c.field in REACHED and set(map(str, c.value)) == {"yes", "no"}:
        return REACHED[c.field]
    if c.field.startswith(SAME_AMOUNT):
        return f"in {as_before(c, names)}"
    if c.field in ("hour", "month", "weekday"):
        return f"{'not ' if c.op == 'not_in' else ''}{_calendar(c)}"
    values = [f"“{_value(c.field, v, names)}”" if isinstance(v, str) else number(v) for v in c.value]
    if c.field == "date":
        return {
            "is": f"on {c.value[0]}", "between": f"from {c.value[0]} to {c.value[-1]}",
            "at_least": f"since {c.value[0]}", "at_most": f"until {c.value[0]}",
        }.get(c.op, f"{'not ' if c.op == 'not_in' else ''}on {_or([str(v) for v in c.value])}")  # fmt: skip
    field = {"action": "an act", "object": "a thing", "text": "a text", "theme": "a thing of the kind"}.get(c.field)
    own = _field(c.field, names)
    named = field or (own if own.endswith("s") else f"a {own}")
    if c.op == "contains" and c.field == "object":
        return f"on things with {_or(values)} in their name"
    if c.op == "contains":
        return f"with {named} that holds {_or(values)}"
    test = {
        "between": f"{values[0]} to {values[-1]}", "at_least": f"{values[0]} or more", "at_most": f"{values[0]} or less",
    }.get(c.op, _or(values))  # fmt: skip
    if c.field == "theme":
        return f"{'not ' if c.op == 'not_in' else ''}of the kind {test}"
    if c.op == "not_in" and list(c.value) == [0]:
        return f"with {named}"
    return f"with {named} {'other than' if c.op == 'not_in' else 'of'} {test}"


def _value(field: str, value: str, names: Names) -> str:
    return theme_words(value, names) if field == "theme" else readable(value)


def _calendar(c: Condition) -> str:
    """Hours, days and months that are listed one by one, or lie between two."""
    values = [int(float(v)) for v in c.value]
    if c.field == "hour":
        return f"at {_or([clock(v) for v in values])}"
    if c.field == "weekday":
        return f"on {_or([DAYS[(v - 1) % 7] for v in values])}"
    told = [MONTHS[(v - 1) % 12] for v in values]
    spans = {
        "between": f"from {told[0]} to {told[-1]}",
        "at_least": f"from {told[0]} on",
        "at_most": f"until {told[0]}",
    }
    return spans.get(c.op, f"in {_or(told)}")


def _or(parts: Sequence[str]) -> str:
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
