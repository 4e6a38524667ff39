"""A measure as a reader is told it: a plain label, what its figure is of, and what it may lend to a name.

In: a measure and the names that a person gave. Out: a `Reading`, None where people have no plain words for it: then the claim
stands with its evidence and makes no bar. Promises: an act of the log is never quoted; no label holds a figure of its own but
one that the measure asks about. Why there are three ways to say a measure: docs/contract.md, Measures in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import NO_NAMES, Condition, Feature, Measure, Names
from ..value_words import said_of_making, value_words
from ..wording import act_words, number, theme_words
from .amounts_told import BREADTH, COMPARED, large_amounts, long_visits, number_reading
from .grammar import capital, met, takes_things, turned_to, verb_phrase, with_article
from .hours import of_visits, other_part, part, when
from .kinds_told import AND_THE_LIKE, are_many
from .orders_told import (
    AGAIN,
    AGAIN_COMPARED,
    AND_AGAIN,
    REPEATS,
    again_reading,
    exact_reading,
    held_reading,
    kept_reading,
    total_reading,
)
from .spoken import NO, TIMES, Reading, amount, facts_of, no_more_often, said_of, thing

OF_THEM, OF_VISITS, OF_DOING, OF_LINES = "of them", "of their visits", "of what they do", "of their lines"
SHORTEST_WORD = 3  # letters of a value that may be a name by itself
FLAGS = {"yes": True, "true": True, "y": True, "no": False, "false": False, "n": False}  # values that say whether
MANY_WORDS = 3  # of an act that a name can hold with a time behind it
LONG_NAME = 4  # of a thing that is a name by itself


def reading(measure: Measure, names: Names = NO_NAMES) -> Reading | None:
    """The measure in plain words."""
    if measure.window is not None:
        return None
    if measure.unit == "things":
        return again_reading(measure, names) or _of_theme(measure, names)
    if measure.statistic != "share":
        return number_reading(measure, names)
    if measure.feature is not None:
        total = total_reading(measure, names)
        if total is not None:
            return total
        apart = measure.unit != "users" or measure.steps or measure.absent or measure.where
        return None if apart else _feature(measure.feature, names)
    return held_reading(measure, names) or kept_reading(measure, names) or _steps(measure, names)


def _of_theme(m: Measure, names: Names) -> Reading | None:
    step = m.steps[0] if len(m.steps) == 1 and not (m.where or m.absent or m.feature) else []
    if len(step) != 1 or step[0].field != "theme" or step[0].op != "is":
        return None
    theme, things = theme_words(str(step[0].value[0]), names), met(names.main_act)
    kind = theme if are_many(theme) else f"of the kind “{theme}”"
    some = theme if are_many(theme) else f"things {kind}"
    clause, less = f"{{v}} of {things} are {kind}", f"only {{v}} of {things} are {kind}"
    facts = frozenset([f"theme {theme.lower()}"])
    named = theme.removesuffix(AND_THE_LIKE)
    return Reading(
        capital(theme), f"of {things}", "share", facts, 1.0, clause, less, head=(capital(theme), ""),
        compared=_more_or_less(named), otherwise=no_more_often(f"{turned_to(names.main_act)} {some}"), what=theme,
    )  # fmt: skip


def _more_or_less(kind: str) -> tuple[str, str]:
    """“More produce”, “Less produce”; “Fewer bags”."""
    return f"More {kind}", f"{'Fewer' if are_many(kind) else 'Less'} {kind}"


def _more_often(said: str) -> tuple[str, str]:
    return f"More often {said}", f"Less often {said}"


def _steps(m: Measure, names: Names) -> Reading | None:
    begun = _begun(m, names)
    if begun is not None or m.within is not None or (m.where and m.where not in m.steps):
        return begun
    unit = {"users": OF_THEM, "sessions": OF_VISITS, "events": OF_DOING}.get(m.unit, "of the times")
    if m.where:  # its figure is of those alone that begin so
        first = said_of(m.where, names)
        base = {"users": "of those with", "sessions": "of their visits with"}.get(m.unit)
        if first is None or (base is None and m.unit != "memories"):
            return None
        unit = f"{base} {first}" if base else unit
    if len(m.steps) > 1 or m.absent:
        return _several(m, names, unit)
    if len(m.steps) != 1:
        return None
    step = m.steps[0]
    opens = any(c.field == "opens_visit" for c in step)
    step = [c for c in step if c.field != "opens_visit"]
    if opens and not step and m.unit == "sessions" and not m.where:
        return long_visits(m.at_least, names)
    if m.unit == "events" and len(step) == 1 and step[0].field.startswith("properties."):
        return _of_lines(step[0], names)
    return None if opens else _one_step(m, step, names, unit)


def _one_step(m: Measure, step: Sequence[Condition], names: Names, unit: str) -> Reading | None:
    """One thing that is done, or times at which anything is."""
    said = said_of(step, names)
    if said is None:
        return None
    timed = when(step)
    times = TIMES.get(m.at_least, f"{m.at_least} times")
    often = f" {times} or more" if m.at_least > 1 else " at least once" if m.unit == "users" else ""
    if timed and said == timed:
        return _at_times(m, step, timed + often, unit)
    a_thing = any(c.field == "object" for c in step)
    clause = {
        "users": f"{{v}} {unit} have done this{often}: {said}" if m.where else _ever(step, said, often, names),
        "sessions": f"{{v}} {unit} include {said}{often}",
        "events": f"{{v}} of what they do is {said}",
    }.get(m.unit)
    short = said if len(said.split()) <= MANY_WORDS and not a_thing else ""
    called = next((thing(str(c.value[0])) for c in step if c.field == "object"), "")
    short = called if a_thing and len(called.split()) <= LONG_NAME else short
    head = (capital(short), "") if short and not timed else NO
    weight = 0.5 if timed or a_thing else 0.7 if m.at_least > 1 else 0.9 if m.unit == "users" else 1.0
    act = said if m.unit == "sessions" and m.at_least == 1 and not (a_thing or timed) else ""
    compared = NO if head == NO else _more_or_less(short) if a_thing else _more_often(short)
    otherwise = {
        "sessions": no_more_often(
            _acted_in(m, step, said, names) + (f" {times} or more in a visit" if m.at_least > 1 else "")
        ),
        "events": no_more_often(_acted(step, names) or f"turn to {said}"),
    }
    label = _without_main_act(step, names) if m.unit == "users" else ""
    return Reading(
        capital(label or said) + often, unit, "share", facts_of([step]), weight, clause or "", head=head, act=act,
        compared=compared, otherwise=otherwise.get(m.unit, NO), what=f"“{called}”" if a_thing else said,
    )  # fmt: skip


def _without_main_act(step: Sequence[Condition], names: Names) -> str:
    """A thing alone, where its act is what nearly all lines are of, done to things: who reads of a shop knows that they buy."""
    acts = [c for c in step if c.field == "action"]
    bare = [c for c in step if c.field != "action"]
    of_main = all(act_words(str(c.value[0]), names) == names.main_act for c in acts)
    alone = takes_things(names.main_act) and of_main and any(c.field == "object" for c in bare)
    return said_of(bare, names) or "" if acts and alone else ""


def _at_times(m: Measure, step: Sequence[Condition], timed: str, unit: str) -> Reading:
    """What they do at some hours or days, whatever it is: of all lines, or of visits or users with any such line."""
    clause, less = f"{{v}} {unit} {'have done' if m.unit == 'users' else 'hold'} something {timed}", ""
    if m.unit == "events":
        clause, less = f"much of what they do falls {timed}", f"little of what they do falls {timed}"
    tail = (part(step), "") if m.unit == "events" else ("", "")
    otherwise = no_more_often(f"do things {timed}") if m.unit == "events" else NO
    # A visit at weekends is one that begins then; of one that goes on till then it is said what does.
    label = f"something {timed}" if m.unit == "sessions" else timed
    return Reading(
        capital(label), unit, "share", facts_of([step]), 1.0, clause, less, tail=tail,
        compared=_more_often(part(step)) if tail[0] else NO, otherwise=otherwise, what=timed,
    )  # fmt: skip


def _acted(step: Sequence[Condition], names: Names) -> str:
    """“purchase “rye loaf””; empty where the act is no verb that is known, or anything else must hold."""
    act = next((verb_phrase(act_words(str(c.value[0]), names)) for c in step if c.field == "action"), "")
    if not act or not {c.field for c in step} <= {"action", "object"}:
        return ""
    return act + "".join(f" “{thing(str(c.value[0]))}”" for c in step if c.field == "object")


def _acted_in(m: Measure, step: Sequence[Condition], said: str, names: Names) -> str:
    """The act of some visits; of those alone that hold another one, beside that."""
    first = said_of(m.where, names) if m.where and m.where != [*step] else None
    return f"{_acted(step, names) or f'turn to {said}'}{f' in visits with {first}' if first else ''}"


def _ever(step: Sequence[Condition], said: str, often: str, names: Names) -> str:
    """“{v} of them purchase “rye loaf” at least once”; where the act is no verb that is known, it is told as done."""
    act = _acted(step, names)
    if act:
        return f"{{v}} of them {act}{often}"
    return f"{{v}} of them have done this{often}: {said}"


def _begun(m: Measure, names: Names) -> Reading | None:
    """When visits begin: all, or those that users make."""
    step = m.steps[0] if len(m.steps) == 1 else []
    begins = any(c.field == "opens_visit" for c in step) and m.unit == "sessions"
    if not begins or m.at_least > 1 or m.absent or m.within is not None:
        return None
    of, step = of_visits(m.where, names), [c for c in step if c.field != "opens_visit"]
    timed = when(step)
    if of is None or not timed or any(c.field not in ("hour", "weekday") for c in step):
        return None
    unit = f"of {of.rstrip(',')}" if of else OF_VISITS
    clause, tail = f"{{v}} {f'of {of}' if of else OF_VISITS} begin {timed}", (part(step), other_part(step))
    compared = _more_often(tail[0])[0], _more_often(tail[1])[0] if tail[1] else ""
    otherwise = no_more_often(f"come {timed}")
    return Reading(
        capital(timed), unit, "share", facts_of([step]), 1.0, clause, tail=tail,
        compared=compared, otherwise=otherwise, what=timed,
    )  # fmt: skip


def _of_lines(c: Condition, names: Names) -> Reading | None:
    """What their lines are of: a value of a field, or that there is an amount at all."""
    name = amount(c.field.removeprefix("properties."), names)[0]
    facts = frozenset([f"amount {name}" if c.op == "not_in" else f"{c.field} {str(c.value[0]).lower()}"])
    if c.op == "not_in" and list(c.value) == [0]:
        head, one = (f"Often with {name}", f"Seldom with {name}"), with_article(name)
        return Reading(
            f"With {one}", OF_LINES, "share", facts, 0.9, f"{{v}} of their lines have {one}", head=head,
            compared=_more_often(f"with {name}"), otherwise=no_more_often(f"have {one}"), what=one,
        )  # fmt: skip
    if c.op == "at_least" and not isinstance(c.value[0], str):
        return large_amounts(c.field, c.value[0], names)
    if (exact := exact_reading(c, names)) is not None:
        return exact
    if c.op != "is":
        return None
    if made := said_of_making(c.field, str(c.value[0])):
        return _made(made, facts | {c.field})
    value = thing(value_words(c.field, str(c.value[0])))
    if value.lower() in FLAGS:
        return _flag(name, facts | {c.field}, yes=FLAGS[value.lower()])
    sorts = c.field.removeprefix("properties.") in names.categories
    return _of_value(c, name, value, facts, turned_to(names.main_act), sorts=sorts)


def _flag(name: str, facts: frozenset[str], *, yes: bool) -> Reading:
    """Lines that are so, or not so."""
    head, often = (f"Often {name}", f"Seldom {name}"), _more_often(name)
    label, said = (capital(name), name) if yes else (f"Not {name}", f"not {name}")
    return Reading(
        label, OF_LINES, "share", facts, 0.9, f"{{v}} {OF_LINES} are {said}", head=head if yes else head[::-1],
        compared=often if yes else often[::-1], otherwise=no_more_often(f"have lines that are {said}"),
    )  # fmt: skip


def _made(said: str, facts: frozenset[str]) -> Reading:
    """Lines that were made on a device or a system, in a browser or a country."""
    return Reading(
        capital(said), OF_LINES, "share", facts, 0.8, f"{{v}} {OF_LINES} are {said}", head=(capital(said), ""),
        compared=_more_often(said), otherwise=no_more_often(f"come {said}"), what=said, made=True,
    )  # fmt: skip


def _of_value(c: Condition, name: str, value: str, facts: frozenset[str], act: str, *, sorts: bool) -> Reading:
    """Lines with a value of a field; `sorts`: does the field sort things, `act`: what is done to these?"""
    # A short value is a code (a language, a country) and says nothing by itself.
    speaks = len(value.split()) <= MANY_WORDS and value[:1].isalpha() and len(value) >= SHORTEST_WORD
    if not sorts:  # the values of such a field share out the same lines: one of them tells where these go
        facts |= {c.field}
    label = capital(value) if sorts else f"{capital(name)} “{value}”"
    clause = f"{value} is in {{v}} of their lines" if sorts else f"the {name} of {{v}} of their lines is “{value}”"
    # “Private brand”: the value alone says of what it is one only where the field sorts things.
    named = value if sorts or name.lower() in value.lower().split() else f"{value.lower()} {name}"
    what = value if sorts else f"the {name} “{value}”"
    return Reading(
        label, OF_LINES, "share", facts, 1.0 if sorts else 0.8, clause, head=(capital(named), "") if speaks else NO,
        compared=_more_or_less(named) if speaks else NO,
        otherwise=no_more_often(f"{act if sorts else 'have'} {what}"), what=what,
    )  # fmt: skip


def _several(m: Measure, names: Names, unit: str) -> Reading | None:
    said = [said_of(step, names) for step in m.steps]
    gone = [said_of(step, names) for step in m.absent]
    if not said or None in [*said, *gone] or m.at_least > 1:
        return None
    first = [s for s in said if s]
    facts = facts_of([*m.steps, *m.absent])
    if gone:
        label = f"{' and '.join(first)}, never {' or '.join(g for g in gone if g)}{' after it' if m.ordered else ''}"
        return Reading(capital(label), unit, "share", facts, 0.3, f"{{v}} {unit}: {label}")
    if not m.ordered:
        return None
    label = ", then ".join(first)
    of = f"of the times with {first[0]}" if m.unit == "memories" else unit
    clause = f"{first[0]} leads to {first[-1]} in {{v}} {of}"
    return Reading(capital(label), of, "share", facts, 0.5, clause, steps=tuple(first))


def _feature(f: Feature, names: Names) -> Reading | None:
    n = number(f.value)
    if f.name == "active_days" and f.op == "at_least":
        clause = f"{{v}} of them come on {n} days or more"
        tail = ("often", "seldom")
        return Reading(
            f"Active on {n} days or more", OF_THEM, "share", frozenset(["how often"]), 0.8, clause, tail=tail,
            compared=("Coming more often", "Coming less often"),
        )  # fmt: skip
    if f.name == "span_days" and f.op == "at_least":
        clause = f"{{v}} of them are still there {n} days after they first came"
        return Reading(f"Still there after {n} days", OF_THEM, "share", frozenset(["how often"]), 0.7, clause)
    if f.name == "n_events" and f.op == "at_least":
        clause = f"{{v}} of them do {n} things or more in all"
        return Reading(f"{n} actions or more in all", OF_THEM, "share", frozenset(["how often"]), 0.5, clause)
    if f.name == "n_objects" and f.op in ("below", "at_least"):
        label = f"Fewer than {n} different things" if f.op == "below" else f"{n} different things or more"
        many, few = BREADTH
        head = (few, many) if f.op == "below" else (many, few)
        clause = f"{{v}} of them meet {label[:1].lower()}{label[1:]}"
        compared = COMPARED[BREADTH] if f.op == "at_least" else COMPARED[BREADTH][::-1]
        return Reading(label, OF_THEM, "share", frozenset(["breadth"]), 0.6, clause, head=head, compared=compared)
    if f.name == "repeat_share" and f.op == "above" and f.value >= 1 / 2:
        clause = "{v} of them mostly turn to things they have met before"
        return Reading(
            "Mostly things met before", OF_THEM, "share", REPEATS, 0.7, clause,
            head=AGAIN, tail=AND_AGAIN, compared=AGAIN_COMPARED,
        )  # fmt: skip
    if f.name == "steps_per_session" and f.op == "at_least":
        clause = f"{{v}} of them do {n} different things or more in an average visit"
        head = ("Busy visits", "Quick visits")
        label = f"{n} different acts or more in an average visit"
        compared = ("Busier visits", "Quicker visits")
        return Reading(label, OF_THEM, "share", frozenset(["visit"]), 0.6, clause, head=head, compared=compared)
    if f.name == "share_of_events" and f.op == "above" and f.value >= 1 / 2 and f.where:
        said = said_of(f.where, names)
        clause = f"{{v}} of them do most of what they do {said}"
        return Reading(f"Mostly {said}", OF_THEM, "share", facts_of([f.where]), 0.5, clause) if said else None
    return None
