"""What a reading is made of: a step as something done, things and amounts by their plain names, and what facts are about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...schema import Condition, Names
from ..money import SIGNS
from ..value_words import said_of_making, value_words
from ..wording import act_words, field_words, readable
from .grammar import doing
from .hours import when

KIND_OF = re.compile(r"^\w+: (?=\S)")  # one word and a colon before a name
BRACKETS = re.compile(r"\s*\([^()]*(\)|$)(?=\s|$)")
LONGEST_THING = 7  # words: the rest of a title tells a reader nothing
NO = ("", "")
LATER = [Condition(field="met_before", op="in", value=["yes", "no"])]  # what is not of a first visit
TIMES = {2: "twice", 3: "three times"}


@dataclass(frozen=True)
class Reading:
    """`label` as a bar has it, `unit` what its figure is of; `facts` say what it is about: readings that share one say one
    thing. `weight` is how readily people take it in, 0 to 1. A name may begin with `head` and end with `tail`, each as it is
    said where the group does more and where it does less; `act` is what is done, where it is one act in visits, and `pieces`
    says that a number counts pieces of a thing; `steps` are acts in order; `clause` and `less` tell it in a sentence, {v} its
    figure. `compared` names it beside others (“more produce”, “less produce”), for facts that are too small to be a name by
    themselves; `otherwise` says what members do of whom it is not true (“print no more often”); `what` is the kind,
    thing or time that it is about, as a question names it; `made` says that it is of a device, a system, a browser or a country.
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
    act: str = ""
    pieces: bool = False
    steps: tuple[str, ...] = ()
    compared: tuple[str, str] = ("", "")
    otherwise: tuple[str, str] = ("", "")
    what: str = ""
    made: bool = False


def no_more(said: str, less: str = "no fewer") -> tuple[str, str]:
    """What is not true of a member where the group does more of it, and where it does less; {no} stands for how much."""
    return said.replace("{no}", "no more"), said.replace("{no}", less)


def no_more_often(said: str) -> tuple[str, str]:
    """The same of what somebody does now and then: “come after 8 pm no more often”."""
    return f"{said} no more often", f"{said} no less often"


def said_of(step: Sequence[Condition], names: Names) -> str | None:
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
            name = amount(c.field.removeprefix("properties."), names)[0]
            parts.append(said_of_making(c.field, value) or f"{name} {value_words(c.field, value)}")
        else:
            return None
    return " ".join([*parts, *([timed] if timed else [])]) or None


def thing(name: str) -> str:
    """A thing without the word for its kind and what is in brackets: “File: Unit 1 (v2)” is “unit 1” to a reader."""
    bare = KIND_OF.sub("", readable(name))
    words = (BRACKETS.sub("", bare).strip() or bare).split(" ")
    return readable(" ".join(words[:LONGEST_THING]) + (" …" if words[LONGEST_THING:] else ""))


def amount(field: str, names: Names) -> tuple[str, str]:
    """A field's plain name and its unit, of money its sign; a field is its own unit where nobody named one."""
    words = field_words(field, names)
    name, bracket, unit = words.partition(" (")
    return name, SIGNS.get(unit.rstrip(")"), unit.rstrip(")")) if bracket else ""


def facts_of(steps: Sequence[Sequence[Condition]]) -> frozenset[str]:
    told = []
    for c in (c for step in steps for c in step):
        named = f"{c.field} {str(c.value[0]).lower()}" if c.field.startswith("properties.") else c.field
        told.append(f"act {str(c.value[0]).lower()}" if c.field == "action" else named)
    return frozenset(told) - {"object"} if any(t.startswith("act ") for t in told) else frozenset(told)
