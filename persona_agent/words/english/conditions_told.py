"""What must hold of a line, in words: what is done, to what, and what else.

In: conditions and the names that a person gave. Out: phrases of which every condition is a part, one way for each kind: an act or
a thing stands first in quotation marks, a text as “with the brand “own””, a number as “with a quantity of 12 or more”,
a time at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import KEPT, SAME_AMOUNT, Condition, Names
from ..value_words import value_words
from ..wording import act_words, amount_said, clock, field_words, readable, theme_words
from .grammar import with_article
from .hours import DAYS, when
from .orders_told import PLACES, REACHED, as_before, kept_words

OPENS = Condition(field="opens_visit", op="is", value=["yes"])
LINE = "a line"  # what a condition is of where nothing is named
OWN = {"action": "act", "object": "thing", "text": "text"}  # fields of every log, by what people call them
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


def event(step: Sequence[Condition], names: Names, nothing_named: str = LINE) -> str:
    """One line that meets all conditions: what is done, to what, and what else holds of it."""
    head, tail = head_and_tail(step, names)
    return " ".join([head or nothing_named, *([tail] if tail else [])])


def rest_of_conditions(step: Sequence[Condition], names: Names) -> str:
    """What holds of lines where no act and no thing is named; empty where one is."""
    head, tail = head_and_tail(step, names)
    return "" if head else tail


def head_and_tail(step: Sequence[Condition], names: Names) -> tuple[str, str]:
    """What is done or met, in quotation marks, and all else that holds of the line."""
    acts = [c for c in step if c.field == "action" and c.op in ("is", "in")]
    things = [c for c in step if c.field == "object" and c.op in ("is", "in")]
    called = [act_words(str(v), names) for c in acts for v in c.value]
    objects = [readable(str(v)) for c in things for v in c.value]
    head = one_of(
        [f"“{act}: {obj}”" for act in called for obj in objects] or [f"“{name}”" for name in called or objects]
    )
    timed = [c for c in step if c.field in ("hour", "weekday")]
    spans = [
        c
        for c in timed
        if c.op in ("between", "at_least", "at_most") or (c.field == "weekday" and c.op in ("is", "in"))
    ]
    rest = [c for c in step if c not in [*acts, *things, *spans] and c != ANY_LINE]
    return head, " ".join([*(_qualified(c, names) for c in rest), *([when(spans)] if spans else [])])


def of_acts(step: Sequence[Condition]) -> bool:
    """Is an act named?"""
    return any(c.field == "action" and c.op in ("is", "in") for c in step)


def plain_field(field: str, names: Names) -> str:
    """A field of a measure as a person called it."""
    return field_words(field.removeprefix("properties."), names)


def one_of(parts: Sequence[str]) -> str:
    """“a, b or c”."""
    return " or ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def _qualified(c: Condition, names: Names) -> str:
    if c.op == "is" and (c.field, str(c.value[0])) in PLACES:
        return PLACES[c.field, str(c.value[0])]
    if c.field in REACHED and set(map(str, c.value)) == {"yes", "no"}:
        return REACHED[c.field]
    if c.field.startswith(SAME_AMOUNT):
        return f"in {as_before(c, names)}"
    if c.field.startswith(KEPT):
        return kept_words(c, names)
    if c.field in ("hour", "month", "weekday"):
        return f"{'not ' if c.op == 'not_in' else ''}{_calendar(c)}"
    if c.field == "date":
        return _dated(c)
    if c.field == "theme":
        values = [f"“{theme_words(str(v), names)}”" for v in c.value]
        return (
            f"with a kind that holds {one_of(values)}"
            if c.op == "contains"
            else (f"{'not ' if c.op == 'not_in' else ''}of the kind {one_of(values)}")
        )
    return _of_field(c, names) if isinstance(c.value[0], str) else _of_number(c, names)


def _dated(c: Condition) -> str:
    return {
        "is": f"on {c.value[0]}", "between": f"from {c.value[0]} to {c.value[-1]}",
        "at_least": f"since {c.value[0]}", "at_most": f"until {c.value[0]}",
    }.get(c.op, f"{'not ' if c.op == 'not_in' else ''}on {one_of([str(v) for v in c.value])}")  # fmt: skip


def _of_field(c: Condition, names: Names) -> str:
    """A text of a line: “with the brand “own””, “with another brand than “own””."""
    values = one_of([f"“{value_words(c.field, str(v))}”" for v in c.value])
    name = OWN.get(c.field) or plain_field(c.field, names)
    many = name.endswith("s")
    if c.op == "contains" and c.field == "object":
        return f"on things with {values} in their name"
    if c.op == "contains":
        return f"with {with_article(name)} that {'hold' if many else 'holds'} {values}"
    if c.op == "not_in":
        return f"with {'other' if many else 'another'} {name} than {values}"
    return f"with the {name} {values}"


def _of_number(c: Condition, names: Names) -> str:
    """A number of a line: “with a quantity of 12 or more”."""
    own = with_article(plain_field(c.field, names))
    told = [amount_said(c.field.removeprefix("properties."), v, names) for v in map(float, c.value)]
    if c.op == "not_in" and list(c.value) == [0]:
        return f"with {own}"
    test = {
        "between": f"{told[0]} to {told[-1]}", "at_least": f"{told[0]} or more", "at_most": f"{told[0]} or less",
    }.get(c.op, one_of(told))  # fmt: skip
    return f"with {own} {'other than' if c.op == 'not_in' else 'of'} {test}"


def _calendar(c: Condition) -> str:
    """Hours, days and months that are listed one by one, or lie between two."""
    values = [int(float(v)) for v in c.value]
    if c.field == "hour":
        return f"at {one_of([clock(v) for v in values])}"
    if c.field == "weekday":
        return f"on {one_of([DAYS[(v - 1) % 7] for v in values])}"
    told = [MONTHS[(v - 1) % 12] for v in values]
    spans = {
        "between": f"from {told[0]} to {told[-1]}",
        "at_least": f"from {told[0]} on",
        "at_most": f"until {told[0]}",
    }
    return spans.get(c.op, f"in {one_of(told)}")
