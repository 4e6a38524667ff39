"""Numbers as a reader is told them: what a visit holds and is worth, how long it takes, how much of an amount there is."""

from __future__ import annotations

from ...schema import Condition, Measure, Names
from .grammar import capital
from .spoken import NO, Reading, amount

BREADTH, LENGTH = ("Broad visits", "Narrow visits"), ("Long visits", "Short visits")
# Numbers of a visit: label, unit, what it is about, in a sentence, and what a name takes from it.
VISITS = {
    "matches": (
        "Size of a visit",
        "actions",
        "visit",
        "a visit of theirs has {v} actions",
        ("Busy visits", "Short visits"),
        NO,
    ),
    "things": ("Breadth of a visit", "different things", "visit", "a visit of theirs is about {v} things", BREADTH, NO),
    "minutes": ("Length of a visit", "minutes", "visit", "a visit of theirs takes {v}", LENGTH, NO),
    "gap": ("Time since the visit before", "days", "how often", "their visits are {v} apart", NO, ("seldom", "often")),
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


def number_reading(m: Measure, names: Names) -> Reading | None:
    if m.absent or m.where or m.feature or len(m.steps) > 1:
        return None
    if m.steps:
        return _amounts(m, names)
    if m.statistic == "cadence":
        tail = ("seldom", "often")
        clause = "{v} days lie between two of their visits"
        return Reading("From one visit to the next", "days", "number", frozenset(["how often"]), 0.9, clause, tail=tail)
    if m.unit == "sessions" and m.statistic == "median" and m.of in VISITS:
        label, unit, facts, clause, head, tail = VISITS[m.of]
        return Reading(label, unit, "number", frozenset([facts]), 0.9, clause, head=head, tail=tail)
    worth = WORTH.get((m.unit, m.statistic, m.of))
    if worth:
        label, unit, clause = worth
        head = ("High value", "Low value")
        return Reading(label, unit, "number", frozenset(["value"]), 0.8, clause, head=head)
    return _amounts(m, names)


def _amounts(m: Measure, names: Names) -> Reading | None:
    """How much of an amount there is in the middle, alone or against what is usual for the same thing."""
    relative, field = m.of.startswith("relative "), m.of.removeprefix("relative ")
    if m.statistic != "median" or m.unit != "users" or not field.startswith("properties."):
        return None
    some = [[Condition(field=field, op="not_in", value=[0])]]
    if m.steps and m.steps != some:
        return None
    name, unit = amount(field.removeprefix("properties."), names)
    head = (f"High {name}", f"Low {name}")
    if relative:
        clause = f"their usual {name} is {{v}} of what is usual for the same thing"
        label = f"{capital(name)}, beside the usual one"
        return Reading(label, "of the usual one", "share", frozenset([f"amount {name}"]), 0.7, clause, head=head)
    clause = f"their usual {name} is {{v}}{f' {unit}' if unit else ''}"
    label = f"Usual {name}{'' if unit else ' of a line'}{', where there is one' if m.steps else ''}"
    return Reading(label, unit, "number", frozenset([f"amount {name}"]), 0.9, clause, head=head)
