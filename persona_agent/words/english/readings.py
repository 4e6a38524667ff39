"""A measure as a reader is told it: a plain label, what its figure is of, and what it may lend to a name.

In: a measure and the names that a person gave. Out: a `Reading`, None where people have no plain words for it: then the claim
stands with its evidence and makes no bar. Promises: an act of the log is never quoted; no label holds a figure of its own but
one that the measure asks about. Why there are three ways to say a measure: docs/contract.md, Measures in words.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import NO_NAMES, Condition, Feature, Measure, Names
from ..wording import act_words, number, theme_words
from .amounts_told import large_amounts, long_visits, number_reading
from .grammar import capital, met, to_do
from .hours import of_visits, other_part, part, when
from .kinds_told import are_many
from .orders_told import AGAIN, AND_AGAIN, REPEATS, again_reading, exact_reading, held_reading, total_reading
from .spoken import NO, TIMES, Reading, amount, facts_of, said_of, thing

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
        return None if measure.steps or measure.absent or measure.where else _feature(measure.feature, names)
    return held_reading(measure, names) or _steps(measure, names)


def _of_theme(m: Measure, names: Names) -> Reading | None:
    step = m.steps[0] if len(m.steps) == 1 and not (m.where or m.absent or m.feature) else []
    if len(step) != 1 or step[0].field != "theme" or step[0].op != "is":
        return None
    theme, things = theme_words(str(step[0].value[0]), names), met(names.main_act)
    kind = theme if are_many(theme) else f"of the kind “{theme}”"
    clause, less = f"{{v}} of {things} are {kind}", f"only {{v}} of {things} are {kind}"
    facts = frozenset([f"theme {theme.lower()}"])
    return Reading(capital(theme), f"of {things}", "share", facts, 1.0, clause, less, head=(capital(theme), ""))


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
    said = None if opens else said_of(step, names)
    if said is None:
        return None
    times = TIMES.get(m.at_least, f"{m.at_least} times")
    often = f" {times} or more" if m.at_least > 1 else " at least once" if m.unit == "users" else ""
    a_thing = any(c.field == "object" for c in step)
    clause = {
        "users": f"{{v}} {unit} have done this{often}: {said}" if m.where else _ever(step, said, often, names),
        "sessions": f"{{v}} {unit} include {said}{often}",
        "events": f"{{v}} of what they do is {said}",
    }.get(m.unit)
    timed = when(step)
    if timed and said == timed:
        clause, less = f"much of what they do falls {timed}", f"little of what they do falls {timed}"
        tail = (part(step), "") if m.unit == "events" else ("", "")
        return Reading(capital(timed), unit, "share", facts_of([step]), 1.0, clause, less, tail=tail)
    short = said if len(said.split()) <= MANY_WORDS and not a_thing else ""
    called = next((thing(str(c.value[0])) for c in step if c.field == "object"), "")
    short = called if a_thing and len(called.split()) <= LONG_NAME else short
    head = (capital(short), "") if short and not timed else NO
    weight = 0.5 if timed or a_thing else 0.7 if m.at_least > 1 else 0.9 if m.unit == "users" else 1.0
    act = said if m.unit == "sessions" and m.at_least == 1 and not (a_thing or timed) else ""
    return Reading(capital(said) + often, unit, "share", facts_of([step]), weight, clause or "", head=head, act=act)


def _ever(step: Sequence[Condition], said: str, often: str, names: Names) -> str:
    """“{v} of them purchase “rye loaf” at least once”; where the act is no verb that is known, it is told as done."""
    act = next((to_do(act_words(str(c.value[0]), names)) for c in step if c.field == "action"), "")
    if act and {c.field for c in step} <= {"action", "object"}:
        things = [f" “{thing(str(c.value[0]))}”" for c in step if c.field == "object"]
        return f"{{v}} of them {act}{''.join(things)}{often}"
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
    return Reading(f"Beginning {timed}", unit, "share", facts_of([step]), 1.0, clause, tail=tail)


def _of_lines(c: Condition, names: Names) -> Reading | None:
    """What their lines are of: a value of a field, or that there is an amount at all."""
    name = amount(c.field.removeprefix("properties."), names)[0]
    facts = frozenset([f"amount {name}" if c.op == "not_in" else f"{c.field} {str(c.value[0]).lower()}"])
    if c.op == "not_in" and list(c.value) == [0]:
        head = (f"Often with {name}", f"Seldom with {name}")
        return Reading(
            f"With a {name}", OF_LINES, "share", facts, 0.9, f"{{v}} of their lines have a {name}", head=head
        )
    if c.op == "at_least" and not isinstance(c.value[0], str):
        return large_amounts(c.field, c.value[0], names)
    if (exact := exact_reading(c, names)) is not None:
        return exact
    if c.op != "is":
        return None
    value, sorts = thing(str(c.value[0])), c.field.removeprefix("properties.") in names.categories
    if value.lower() in FLAGS:
        yes = FLAGS[value.lower()]
        head = (f"Often {name}", f"Seldom {name}") if yes else (f"Seldom {name}", f"Often {name}")
        label, said = (capital(name), name) if yes else (f"Not {name}", f"not {name}")
        return Reading(label, OF_LINES, "share", facts, 0.9, f"{{v}} of their lines are {said}", head=head)
    # A short value is a code (a language, a country) and says nothing by itself.
    speaks = len(value.split()) <= MANY_WORDS and value[:1].isalpha() and len(value) >= SHORTEST_WORD
    head = (capital(value), "") if speaks else NO
    if not sorts:  # the values of such a field share out the same lines: one of them tells where these go
        facts |= {c.field}
    label = capital(value) if sorts else f"{capital(name)}: “{value}”"
    clause = f"{value} is in {{v}} of their lines" if sorts else f"the {name} of {{v}} of their lines is “{value}”"
    return Reading(label, OF_LINES, "share", facts, 1.0 if sorts else 0.8, clause, head=head)


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
            f"Active on {n} days or more", OF_THEM, "share", frozenset(["how often"]), 0.8, clause, tail=tail
        )
    if f.name == "span_days" and f.op == "at_least":
        clause = f"{{v}} of them are still there {n} days after they first came"
        return Reading(f"Still there after {n} days", OF_THEM, "share", frozenset(["how often"]), 0.7, clause)
    if f.name == "n_events" and f.op == "at_least":
        clause = f"{{v}} of them do {n} things or more in all"
        return Reading(f"{n} actions or more in all", OF_THEM, "share", frozenset(["how often"]), 0.5, clause)
    if f.name == "n_objects" and f.op in ("below", "at_least"):
        label = f"Fewer than {n} different things" if f.op == "below" else f"{n} different things or more"
        few, many = "Few different things", "Many different things"
        head = (few, many) if f.op == "below" else (many, few)
        clause = f"{{v}} of them meet {label[:1].lower()}{label[1:]}"
        return Reading(label, OF_THEM, "share", frozenset(["breadth"]), 0.6, clause, head=head)
    if f.name == "repeat_share" and f.op == "above" and f.value >= 1 / 2:
        clause = "{v} of them mostly turn to things they have met before"
        return Reading("Mostly things met before", OF_THEM, "share", REPEATS, 0.7, clause, head=AGAIN, tail=AND_AGAIN)
    if f.name == "steps_per_session" and f.op == "at_least":
        clause = f"{{v}} of them do {n} different things or more in an average visit"
        head = ("Busy visits", "Quick visits")
        label = f"{n} different acts or more in an average visit"
        return Reading(label, OF_THEM, "share", frozenset(["visit"]), 0.6, clause, head=head)
    if f.name == "share_of_events" and f.op == "above" and f.value >= 1 / 2 and f.where:
        said = said_of(f.where, names)
        clause = f"{{v}} of them do most of what they do {said}"
        return Reading(f"Mostly {said}", OF_THEM, "share", facts_of([f.where]), 0.5, clause) if said else None
    return None
