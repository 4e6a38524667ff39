"""What somebody asked for on its own, as a bar has it: “24 or more at a time, when they buy things at £0.99 or less”.

In: a measure that has no plain words of its own, and the names that a person gave. Out: a `Reading`. Promises: a label is no
sentence and begins with what is told; the act that nearly all lines of a log are of is said of no whole; what the figure is of
stands behind a comma where it is a part of their lines or visits. A bar is read beside its figure by people: that no two measures
are said alike is the promise of said_measures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ...schema import NO_NAMES, SAME_AMOUNT, Condition, Measure, Names
from ..money import COSTS, unit_of_money, with_unit
from ..value_words import value_words
from ..wording import OF_VISITS, TIMES_USUAL, act_words, amount_said, number, readable, theme_words
from .conditions_told import ANY_LINE, OPENS, event, head_and_tail, one_of, plain_field
from .grammar import capital, doing, noun_of_lines, takes_things
from .hours import when
from .kinds_told import are_many
from .orders_told import AT_A_TIME, OF_AGAIN, PIECES, REACHED
from .readings import reading
from .said_measures import IN_ONE, RELATIVE, SaidMeasure, said_measure
from .spoken import BRACKETS, TIMES, Reading, amount

# What a label, which is no sentence, does without.
HAVING = ("include ", "have ", "hold ", "are ", "were ", "do ", "is ")
ASKED = 0.5  # the weight of words that hold for any measure: plainer ones are taken in before them
MOST_NAMED = 3  # of things that a label counts together, of which any will do: more are not kept in mind
WHOLES = {"users": "them", "sessions": "their visits", "events": "their lines", "things": "the things in their visits"}
BOUNDED = {"at_least": "{} or more", "at_most": "{} or less"}
TIMED = ("is", "in", "between", "at_least", "at_most")
OF_LINES_AGAIN = {("met_before", "yes"): "things they had before", ("met_before", "no"): "things new to them"}
# How many pieces there are of one thing; a line is of one, so of all lines it is told of each.
OF_ONE, OF_EACH = " of one thing", " of each"
EVER, BEGUN, ANY_OF_THESE = " at least once", "beginning", "of visits with any of these"
AFTER_FIRST = " after the first visit"
# What is told of the things that one buys of some kind, behind “when they buy bags”: a part of a part has no shorter name.
AGAIN_AMONG = {
    ("met_before", "yes"): "something they had before",
    ("met_before", "no"): "something new to them",
    ("met_last", "yes"): "something from the visit just before",
    ("met_last", "no"): "something that was not in the visit just before",
}
# The same behind “35 % are”.
OF_MANY_AGAIN = {
    "something they had before": "things they had before",
    "something new to them": "new to them",
    "something from the visit just before": "from the visit just before",
    "something that was not in the visit just before": "not from the visit just before",
}


WHEN_THEY = ", when they "


def any_reading(m: Measure, names: Names = NO_NAMES) -> Reading:
    """The measure as a bar has it, where there are no plainer words: “Start at weekends”, of their visits with “pay”."""
    bare = _without_main_act(m, names)
    if bare != m and (plain := reading(bare, names)) is not None:
        return plain
    told = said_measure(bare, names)
    facts = frozenset([told.said])
    if told.form == "number":
        return _number(bare, names, facts)
    label = next((told.said.removeprefix(verb) for verb in HAVING if told.said.startswith(verb)), told.said)
    label = label.removeprefix("a ") if label.startswith("a usual ") else label
    label, of = _plain(bare, names) or label, _of(bare, told, names)
    if not bare.where:
        return Reading(capital(label), f"of {of}", "share", facts, ASKED, "")
    when_they = _when_they(bare, names)
    if when_they:
        label, of = _among(bare, label), when_they
    return Reading(f"{capital(label)}, {of}", "", "share", facts, ASKED, "")


def clause_of_part(label: str) -> str:
    """“when they buy bags, {v} are 24 or more at a time”, of a label that says when it is; empty of any other."""
    what, when, base = label.partition(WHEN_THEY)
    what = f"{what[:1].lower()}{what[1:]}"
    return f"{when.removeprefix(', ')}{base}, {{v}} are {OF_MANY_AGAIN.get(what, what)}" if when else ""


def _when_they(m: Measure, names: Names) -> str:
    """What a share of lines or things is of, as one says it of who buys: “when they buy bags after the first visit”, “when they
    buy 24 or more at a time”. Empty where it is of anything else: what comes again, another act than nearly all lines.
    """
    acts = any(c.field == "action" for c in m.where)
    if m.unit not in ("events", "things") or acts or not takes_things(names.main_act) or _plain(m, names) is None:
        return ""
    later = [c for c in m.where if len(c.value) > 1 and c.field in REACHED]
    rest = [c for c in m.where if c not in later]
    told = _held(rest, names, "events") if rest else "something"
    if told is None or any(c.field.startswith(SAME_AMOUNT) for c in rest):
        return ""
    bare = not _head_of(rest, names, "events")
    said = f"things {told}" if rest and bare else told.replace(OF_ONE, AT_A_TIME)
    return f"{WHEN_THEY.removeprefix(', ')}{(names.main_act or '').lower()} {said}{AFTER_FIRST if later else ''}"


def _among(m: Measure, label: str) -> str:
    """What is told of these: “12 or more at a time”, “something they had before”."""
    step = m.steps[0]
    alone = len(step) == 1 and step[0].op == "is" and m.at_least == 1
    again = AGAIN_AMONG.get((step[0].field, str(step[0].value[0]))) if alone else None
    return again or label.replace(OF_EACH, AT_A_TIME)


def _of(m: Measure, told: SaidMeasure, names: Names) -> str:
    """What a share is of; of a part of the lines or visits, with “of” before it."""
    if not m.where:
        return WHOLES.get(m.unit, told.of)
    if m.unit == "sessions" and [m.where] == m.steps and not (m.absent or m.feature):
        return ANY_OF_THESE
    return _base(m.where, m.unit, names) or f"of {told.of}"


def _number(m: Measure, names: Names, facts: frozenset[str]) -> Reading:
    base = _base(m.where, m.unit, names) if m.where else None
    if not base and m.of.startswith("relative ") and (act := _act_alone(m)):  # “quantity, when they buy”
        m, base = m.model_copy(update={"steps": []}), f"when they {act_words(act, names)}"
    said = said_measure(m.model_copy(update={"where": []}) if base else m, names).said
    said = (
        said.removeprefix("the ").removeprefix("their usual ")
        if m.of.startswith("relative ")
        else said.removeprefix("the ")
    )
    if m.of.startswith("relative "):  # told in times the usual, and in no unit of its own
        said = BRACKETS.sub("", said)
    label = said.replace(RELATIVE, "").removesuffix(f" {IN_ONE['users']}")
    unit = TIMES_USUAL if m.of.startswith("relative ") else f"{OF_VISITS[m.of]}s" if m.of in OF_VISITS else ""
    unit = unit_of_money(names.currency) if m.field == "value" and not unit else unit
    return Reading(capital(f"{label}, {base}" if base else label), unit, _as_drawn(m), facts, ASKED, "")


def _act_alone(m: Measure) -> str | None:
    """The act of the one condition that lines have to meet; None where they have to meet others, or none."""
    asked = [*m.where, *(c for step in m.steps for c in step)]
    alone = len(asked) == 1 and asked[0].field == "action" and asked[0].op == "is" and len(asked[0].value) == 1
    return str(asked[0].value[0]) if alone else None


def _as_drawn(m: Measure) -> Literal["share", "number"]:
    return "share" if m.of.startswith("biggest ") else "number"


def _without_main_act(m: Measure, names: Names) -> Measure:
    """The measure without the act that nearly all lines are of: whoever reads of a shop knows that they buy. A step that asks for
    nothing else stays.
    """
    main = {act for act, called in names.acts.items() if called == names.main_act} | {(names.main_act or "").lower()}

    def others(step: Sequence[Condition]) -> list[Condition]:
        return [c for c in step if not (c.field == "action" and c.op == "is" and str(c.value[0]).lower() in main)]

    if names.main_act is None:
        return m
    steps = [others(step) or [*step] for step in m.steps]
    return m.model_copy(update={"where": others(m.where), "steps": steps})


def _plain(m: Measure, names: Names) -> str | None:
    """What is told, where one line says it: “24 or more of each”; None where that needs a sentence."""
    if m.unit not in WHOLES or m.window is not None or m.absent or m.feature or m.within is not None or m.ordered:
        return None
    told = [_held(step, names, m.unit) for step in m.steps]
    if len(told) > 1 and m.unit == "sessions" and m.at_least == 1 and all(told):
        return f"{told[0]} with {' and with '.join(filter(None, told[1:]))}"
    if len(told) != 1 or not told[0]:
        return None
    what = told[0] if m.unit in ("users", "sessions") else told[0].replace(OF_ONE, OF_EACH)
    return f"{what}{_often(m, what, names)}"


def _often(m: Measure, what: str, names: Names) -> str:
    """How often it must be there, behind what it is. A number of lines stands behind a comma, since that can be said of any name,
    also of one that has no plural: “produce, 3 lines or more”.
    """
    if m.at_least > 1 and m.unit == "sessions" and not any(c.field == "action" for c in m.steps[0]):
        return f", {m.at_least} {noun_of_lines(names.main_act)} or more"
    if m.at_least > 1:
        return f" {TIMES.get(m.at_least, f'{m.at_least} times')} or more"
    return "" if m.unit != "users" else f",{EVER}" if what.endswith(OF_ONE) else EVER


def _base(where: Sequence[Condition], unit: str, names: Names) -> str | None:
    """What a figure is of: “of lines at £0.99 or less”, “of visits with “regency cakestand””, “of bags after the first visit”."""
    if unit == "things":
        return _base_of_things(where, names)
    if unit == "users":
        told = _held(where, names, "users")
        return None if told is None else f"of those with {told}"
    told = _held(where, names, unit)
    if told is None:
        return None
    if unit == "sessions":
        return f"of visits {told}" if OPENS in where else f"of visits with {told}"
    if _done(where, names, unit):
        return f"when {told}"
    return f"of lines {told}" if _head_of(where, names, unit) == [] else f"of lines of {told}"


def _done(where: Sequence[Condition], names: Names, unit: str) -> bool:
    """Is it an act, alone or on things, and nothing else? Then it is told by when it is: “when returning”."""
    acts = any(c.field == "action" and c.op in ("is", "in") for c in where)
    return acts and all(_head(c, names, unit) is not None for c in where)


def _base_of_things(where: Sequence[Condition], names: Names) -> str | None:
    later = [c for c in where if len(c.value) > 1 and (c.field in REACHED or c.field.startswith(SAME_AMOUNT))]
    rest = [c for c in where if c not in later]
    told = _held(rest, names, "things") if rest else "things"
    if told and rest and not _head_of(rest, names, "things") and not told.startswith("things "):
        told = f"things {told}"  # “with another act than …” is what holds of them
    again = any(c.field.startswith(SAME_AMOUNT) for c in later)
    if later and not again and _done(rest, names, "things"):
        return f"when {told} after the first visit"
    return told and f"of {told}{' that come again' if again else ' after the first visit' if later else ''}"


def _held(step: Sequence[Condition], names: Names, unit: str) -> str | None:
    """Conditions of one line as one says them: “24 or more of one thing”, ““regency teacup” at £2.95 or less at weekends”."""
    if not step or step == [ANY_LINE]:
        return None
    opens = unit == "sessions" and OPENS in step
    timed = [_weekend(c) for c in step if c.field in ("hour", "weekday") and c.op in TIMED]
    heads = _head_of(step, names, unit)
    known = [c for c in step if _head(c, names, unit) is not None]
    tails = [
        _tail(c, names) for c in step if _weekend(c) not in timed and c not in (*known, *([OPENS] if opens else []))
    ]
    if any(part is None for part in tails) or len(heads) > 2:
        return None
    head = _together(heads)
    rest = [part for part in [*tails, *([when(timed)] if timed else [])] if part]
    if opens:  # a visit that begins at weekends is one at weekends
        begun = f"{BEGUN} with {head}" if head else BEGUN if any(tails) or not timed else ""
        return " ".join([*([begun] if begun else []), *rest])
    if head or unit == "events":
        return " ".join([*([head] if head else []), *rest])
    return " ".join(
        [("things" if rest and rest[0].startswith("not ") else "") if unit == "things" else "something", *rest]
    ).strip()


def _together(heads: Sequence[str]) -> str:
    """Two beginnings as one says them together: “bags, 12 or more of one thing”, “bags new to them”."""
    many = [h for h in heads if h.endswith(OF_ONE)]
    again = [h for h in heads if h in OF_LINES_AGAIN.values()]
    others = [h for h in heads if h not in (*many, *again)]
    if again and others:
        return f"{others[0]}{again[0].removeprefix('things')}"
    return ", ".join([*again, *others, *many]) if many else " ".join([*again, *others])


def _weekend(c: Condition) -> Condition:
    """Saturdays and Sundays are weekends, however they are asked for."""
    weekend = c.field == "weekday" and c.op == "in" and sorted(map(float, c.value)) == [6, 7]
    return c.model_copy(update={"op": "between", "value": [6, 7]}) if weekend else c


def _head_of(step: Sequence[Condition], names: Names, unit: str) -> list[str]:
    """What of a step a label can begin with; what is done stands before what it is done to."""
    return [told for c in step if (told := _head(c, names, unit)) is not None]


def _head(c: Condition, names: Names, unit: str) -> str | None:
    """What a label can begin with: a thing, a kind of things, an act, a number of pieces; None where it is none of these."""
    if c.field == "object" and c.op in ("is", "in", "contains"):
        return _some([f"“{readable(str(v))}”" for v in c.value])
    if c.op in ("is", "in") and (c.field == "theme" or c.field.removeprefix("properties.") in names.categories):
        called = [theme_words(str(v), names) if c.field == "theme" else value_words(c.field, str(v)) for v in c.value]
        return _some(called if all(map(are_many, called)) else [f"“{name}”" for name in called])
    if c.field == "action" and c.op in ("is", "in"):
        return one_of([doing(act_words(str(v), names)) for v in c.value])
    if c.op == "is" and unit == "things" and (c.field, str(c.value[0])) in OF_AGAIN:
        return OF_AGAIN[c.field, str(c.value[0])].removeprefix("are ").removeprefix("were ")
    if c.op == "is" and unit == "events" and (c.field, str(c.value[0])) in OF_LINES_AGAIN:
        return OF_LINES_AGAIN[c.field, str(c.value[0])]
    name = plain_field(c.field, names).partition(" (")[0]
    if name.split(" ")[-1].lower() in PIECES and takes_things(names.main_act) and not isinstance(c.value[0], str):
        told = [number(float(v)) for v in c.value]
        test = {
            **BOUNDED,
            "at_most": "at most {}",
            "between": f"{told[0]} to {told[-1]}",
            "is": f"exactly {told[0]}",
        }.get(c.op)
        return f"{test.format(told[0])}{OF_ONE}" if test else None
    return None


def _some(called: Sequence[str]) -> str:
    """“a, b or c”, of a long list the first ones and how many more: the claim has them all."""
    rest = len(called) - MOST_NAMED
    return one_of(called) if rest <= 1 else one_of([*called[:MOST_NAMED], f"one of {rest} more"])


def _tail(c: Condition, names: Names) -> str | None:
    """What holds of a line beside that: “at £0.99 or less”, “with the brand “own””."""
    bare = c.field.removeprefix("properties.")
    name, unit = amount(bare, names)
    if name.split(" ")[-1] in COSTS and not isinstance(c.value[0], str) and c.op in (*BOUNDED, "between"):
        told = [with_unit(amount_said(bare, float(v), names), unit) for v in c.value]
        return f"at {BOUNDED[c.op].format(told[0])}" if c.op in BOUNDED else f"at {told[0]} to {told[-1]}"
    head, tail = head_and_tail([c], names)
    return tail or (event([c], names) if head else None)
