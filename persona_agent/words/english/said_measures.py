"""Any measure in the words of a claim, for questions that nobody foresaw.

In: a measure and the names that a person gave. Out: a `SaidMeasure`: what its figure is of and what completes the sentence.
Promises: every condition of the measure is in the words, so that two measures that differ are never said alike; acts and things
stand in quotation marks; no figure but those that the measure asks about. Why there are three ways to say a measure:
docs/contract.md, Measures in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...schema import KEPT, NO_NAMES, SAME_AMOUNT, Condition, Feature, Form, Measure, Names
from ..wording import amount_said, bound_of_money, number, readable, theme_words
from .conditions_told import (
    ANY_LINE,
    LINE,
    OPENS,
    event,
    head_and_tail,
    of_acts,
    one_of,
    plain_field,
    rest_of_conditions,
)
from .grammar import listed, noun_of_lines, with_article
from .orders_told import KEPT_OF, OF_AGAIN, known_again, place_word, same_as_before, total_words
from .spoken import LATER, TIMES

RELATIVE = " as a part of what is usual for the same thing"
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


def any_otherwise(m: Measure, names: Names = NO_NAMES, *, more: bool) -> str:
    """What is not true of a member of whom the measure comes to no more, or to no less, than of others."""
    told = said_measure(m, names)
    if told.form == "number":
        return f"have no {'higher' if more else 'lower'} {told.said.removeprefix('the ').removeprefix('their ')}"
    kind, _, of = told.of.partition(" ")
    if kind in ("their", "the"):  # of visits, lines or things, of which some are so
        return f"have {of} that {told.said} no {'more' if more else 'less'} often"
    return f"have no {'larger' if more else 'smaller'} a {told.whole}"


def _selected(m: Measure, names: Names) -> str:
    whole = OF[m.unit][0]
    if not m.where:
        return (
            "their lines"
            if m.unit == "events" and len(m.steps) == 1 and rest_of_conditions(m.steps[0], names)
            else whole
        )
    if m.unit == "things":
        return _things(m, names)
    if m.unit == "sessions" and m.where[0].field.startswith(KEPT) and m.where == known_again(m.where[0].field):
        return f"{KEPT_OF} with {with_article(place_word(m.where[0].field, names))}"
    if m.unit == "events":
        return f"their lines {rest_of_conditions(m.where, names) or f'with {event(m.where, names)}'}"
    return f"{'those' if m.unit == 'users' else whole} {_with(m.where, names, 'who' if m.unit == 'users' else 'that')}"


def _with(step: Sequence[Condition], names: Names, that: str, have: str = "have") -> str:
    """What holds of a whole of which one line meets the conditions: “with “buy””, “that have a line at weekends”."""
    head, tail = head_and_tail(step, names)
    return f"with {event(step, names)}" if head or not tail else f"{that} {have} {LINE} {tail}"


def _things(m: Measure, names: Names) -> str:
    """Things of which a line meets the conditions: what an act was done to, what is called so, what stands on such lines."""
    if m.where == LATER:
        return "the things in their later visits"
    if (
        m.compared_amounts
        and len(m.where) == 1
        and m.where[0].field.startswith(SAME_AMOUNT)
        and m.where == known_again(m.where[0].field)
    ):
        return "the things that they turn to again"
    kinds = [c for c in m.where if c.field == "theme" and c.op in ("is", "in")]
    head, tail = head_and_tail([c for c in m.where if c not in kinds], names)
    acts = of_acts(m.where)
    named = "" if not head else f"that {head} was done to" if acts else f"called {head}"
    on_lines = f"on lines {tail}" if tail and not head else tail
    parts = [part for part in (rest_of_conditions(kinds, names), named, on_lines) if part]
    return " ".join(["the things", *parts]) if parts else OF["things"][0]


def _must(m: Measure, names: Names) -> str:
    """What a unit must do or hold."""
    alone = len(m.steps) == 1 and not (m.absent or m.feature)
    if m.unit == "things" and alone and len(m.steps[0]) == 1 and (told := _thing_is(m.steps[0][0], names)):
        return f"{told}{_often(m)}"
    if m.unit == "events" and len(m.steps) == 1:
        return _line_is(m, names)
    if m.unit == "sessions" and alone and OPENS in m.steps[0] and m.at_least == 1:
        rest = [c for c in m.steps[0] if c != OPENS]
        return f"start {rest_of_conditions(rest, names) or f'with {event(rest, names)}'}"
    if (
        m.unit == "sessions"
        and alone
        and len(m.steps[0]) == 1
        and m.at_least == 1
        and m.steps[0][0].field.startswith(KEPT)
    ):
        return f"have {event(m.steps[0], names, '').strip().removeprefix('with ')}"
    if m.ordered and len(m.steps) == 2 and m.where == m.steps[0] and not (m.absent or m.feature):
        return f"come to {event(m.steps[1], names)} after that{_often(m)}{_within(m.within)}"
    parts = [_holding(m, names)] if m.steps else []
    if m.absent:
        never = one_of([event(step, names, "anything") for step in m.absent])
        verb = "" if m.steps else f"{OF[m.unit][1]} "
        parts.append(f"{verb}never {never}{' after that' if m.ordered else ''}")
    if m.feature:
        parts.append(_feature(m.feature, m.unit, names))
    return ", and ".join(parts) or f"{OF[m.unit][1]} something"


def _line_is(m: Measure, names: Names) -> str:
    """What a line must be: “have the brand “own””, “are first in a visit”; “is “buy”” of all that they do."""
    told = rest_of_conditions(m.steps[0], names)
    if told:
        return f"have {told.removeprefix('with ')}" if told.startswith("with ") else f"are {told}"
    return f"{'are' if m.where else 'is'} {event(m.steps[0], names, 'any line')}"


def _thing_is(c: Condition, names: Names) -> str:
    """What a thing of a visit must be, told by one condition; empty where that needs the words of a line."""
    if c.op == "is" and (c.field, str(c.value[0])) in OF_AGAIN:
        return OF_AGAIN[c.field, str(c.value[0])]
    if c.op == "is" and c.field.startswith(SAME_AMOUNT) and c.value == ["yes"]:
        return f"come in {same_as_before(c.field, names)}"
    kinds = {"theme": "are of the kind", "object": "are"}
    if c.field in kinds and c.op in ("is", "in"):
        called = [theme_words(str(v), names) if c.field == "theme" else readable(str(v)) for v in c.value]
        return f"{kinds[c.field]} {one_of([f'“{name}”' for name in called])}"
    return ""


def _holding(m: Measure, names: Names) -> str:
    """What a unit holds, where steps are asked for; of any lines, how many."""
    if m.unit == "sessions" and m.steps == [[ANY_LINE]] and m.at_least > 1:
        return f"hold {m.at_least} {noun_of_lines(names.main_act)} or more"
    told = [_held(step, m.unit, names) for step in m.steps]
    verbs = {verb for verb, _ in told}
    said = [phrase for _, phrase in told] if len(verbs) == 1 else [f"{verb} {phrase}".strip() for verb, phrase in told]
    joined = ", then ".join(said) if m.ordered else listed(said)
    return f"{f'{verbs.pop()} {joined}'.strip() if len(verbs) == 1 else joined}{_often(m)}{_within(m.within)}"


def _held(step: Sequence[Condition], unit: str, names: Names) -> tuple[str, str]:
    """What a unit does or holds in one line: a verb, and of what."""
    head, tail = head_and_tail(step, names)
    if unit == "things":
        rest = f" {tail}" if tail else ""
        if head:
            return "", f"had {head} done to them{rest}" if of_acts(step) else f"are {head}{rest}"
        return "", f"come up{f' on lines{rest}' if tail else ''}"
    if unit == "users" and not head and tail:
        return "have", f"{LINE} {tail}"
    return OF[unit][1], event(step, names, LINE if tail else "something")


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
    where = _on_lines(f.where or [], names)
    if f.name in FEATURES:
        told = FEATURES[f.name].format(OPS[f.op].format(n))
        return f"{told}{where}" if unit == "users" else f"hold {told.partition(' ')[2]}{where}"
    if f.name == "total_of":
        return f"{total_words(f, names)}{where}"
    share = OPS[f.op].replace("fewer", "less").format(f"{number(100 * f.value)} %")
    if f.name == "share_of_events":
        return f"give {share} of what they do to {event(f.where or [], names, 'lines')}"
    if f.name == "repeat_share":
        return f"have {share} of what they do{where} on things met before"
    field = (f.field or "").removeprefix("properties.")
    least = bound_of_money(f.value) if field == "value" else amount_said(field, f.value, names)
    return f"have a usual {plain_field(field, names)} of {OPS[f.op].replace('fewer', 'less').format(least)}{where}"


def _on_lines(step: Sequence[Condition], names: Names) -> str:
    """The lines that count, behind what is counted: “ with “buy””, “ on lines at weekends”."""
    head, tail = head_and_tail(step, names)
    return f" with {event(step, names)}" if head else f" on lines {tail}" if tail else ""


def _number(m: Measure, names: Names) -> str:
    one, step = IN_ONE[m.unit], m.steps[0] if m.steps else []
    lines = _on_lines(step, names)
    among = f", {'of' if m.unit == 'users' else 'in'} {_selected(m, names)}" if m.where else ""
    visit = f" {_with(step, names, 'that', 'has')}" if lines else ""
    average = "average" if m.statistic in ("sum", "distinct") else "usual"
    if m.statistic == "cadence":
        return f"the usual time in days from one active day{visit} to the next{among}"
    if m.of == "gap":
        return f"the usual time since the visit before{f', of visits{visit}' if visit else ''}{among}"
    if m.of == "minutes":
        return f"the usual length of a visit{visit}{among}"
    if m.statistic == "distinct" or m.of == "things":
        what = "things" if m.of in ("matches", "things") else f"values of {plain_field(m.field, names)}"
        return f"the {average} number of different {what}{lines} {one}{among}"
    if m.of == "matches":
        return f"the {average} number of {_times(step, names)} {one}{among}"
    return f"{_amount(m, average, lines, names)}{among}"


def _times(step: Sequence[Condition], names: Names) -> str:
    """What is counted in a unit: lines, or times with what is asked for."""
    head, tail = head_and_tail(step, names)
    return f"times with {event(step, names)}" if head else f"lines {tail}" if tail else noun_of_lines(names.main_act)


def _amount(m: Measure, average: str, lines: str, names: Names) -> str:
    """How much of a field there is: in all, in a line, as a part of a visit's or of what is usual for the same thing."""
    one, field = IN_ONE[m.unit], plain_field(m.field, names)
    head = m.of.removesuffix(m.field).strip()
    if head == "biggest":
        return f"the usual part of a visit's {field} that its biggest thing makes up{lines}"
    if head == "relative":
        return f"their usual {field}{lines}{RELATIVE}"
    if head == "total" or m.statistic == "sum":
        return f"the {average} {field}{lines} {one} in all"
    of_line = f"of a line{lines.replace(' on lines', '', 1)}"
    return f"the {average} {field} {of_line}{'' if m.unit in ('users', 'events') else f' {one}'}"
