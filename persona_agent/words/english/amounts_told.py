"""Numbers as a reader is told them: what a visit holds and is worth, how long it takes, how much of an amount there is."""

from __future__ import annotations

from ...schema import Condition, Measure, Names
from ..money import NO_CURRENCY, unit_of_money, with_unit
from ..wording import number
from .grammar import capital, lines_of, plural_name, takes_things
from .orders_told import PIECES, biggest_reading
from .spoken import NO, Reading, amount

BREADTH, LENGTH = ("Many different things", "Few different things"), ("Long visits", "Short visits")
SIZE, OF_LISTS = ("Busy visits", "Brief visits"), ("Long lists", "Short lists")
PRICES = frozenset(["price", "fee", "cost", "fare", "rate"])  # one has things at them, not with them
A_LINE = "a line"  # what an amount without a unit is of
LASTING = frozenset(["ms", "seconds", "minutes", "hours", "days"])
# Numbers of a visit: label, unit, what it is about, in a sentence, and what a name takes from it.
VISITS = {
    "matches": (
        "Size of a visit",
        "actions",
        "visit",
        "their usual visit has {v} actions",
        SIZE,
        ("in busy visits", "in brief visits"),
    ),
    "things": (
        "Breadth of a visit",
        "different things",
        "visit",
        "their usual visit is about {v} different things",
        BREADTH,
        ("many at a time", "few at a time"),
    ),
    "minutes": (
        "Length of a visit",
        "minutes",
        "visit",
        "their usual visit takes {v}",
        LENGTH,
        ("in long visits", "in short visits"),
    ),
    "gap": ("Time since the visit before", "days", "how often", "their visits are {v} apart", NO, ("seldom", "often")),
}
WORTH = {
    ("sessions", "median", "total value"): ("Value of a visit", "in value", "their usual visit is worth {v}"),
    ("sessions", "sum", "value"): (
        "Value of a visit",
        "in value on average",
        "their visits are worth {v} on average",
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
        if m.of == "matches" and takes_things(names.main_act):  # all lines are of one act: a visit is a list of things
            head, tail = OF_LISTS, ("on long lists", "on short lists")
            label, unit, clause = "Lines of a visit", "lines", "their usual visit has {v} lines"
        return Reading(label, unit, "number", frozenset([facts]), 0.9, clause, head=head, tail=tail)
    worth = WORTH.get((m.unit, m.statistic, m.of))
    if worth:
        label, unit, clause = worth
        if names.currency:
            unit = unit.replace(NO_CURRENCY, unit_of_money(names.currency))
            clause = clause.replace(f" {NO_CURRENCY}", "").replace(
                "{v}", with_unit("{v}", unit_of_money(names.currency))
            )
        head = ("High-value visits", "Low-value visits") if m.unit == "sessions" else ("High value", "Low value")
        return Reading(label, unit, "number", frozenset(["value"]), 0.8, clause, head=head)
    return biggest_reading(m, names) or _amounts(m, names)


def long_visits(n: int, names: Names) -> Reading:
    """Visits of so many actions and more, as a share of all."""
    facts = frozenset([VISITS["matches"][2]])
    head = OF_LISTS[0] if takes_things(names.main_act) else SIZE[0]
    lines = lines_of(names.main_act)
    clause = f"{{v}} of their visits hold {n} {lines} or more"
    return Reading(
        f"Visits of {n} {lines} or more", "of their visits", "share", facts, 0.9, clause, head=_how_often(head)
    )


def large_amounts(field: str, least: float, names: Names) -> Reading:
    """Lines with so much of an amount and more, as a share of all."""
    name, unit = amount(field.removeprefix("properties."), names)
    head, _ = _as_named(name, unit)
    said = f"{name} of {with_unit(number(least), unit)} or more"
    clause = f"{{v}} of their lines have {said}"
    facts = frozenset([f"amount {name}"])
    return Reading(capital(said), "of their lines", "share", facts, 0.8, clause, head=_how_often(head[0]))


def _how_often(name: str) -> tuple[str, str]:
    """“Often large quantities” and “Seldom large quantities”."""
    said = name[:1].lower() + name[1:]
    return f"Often {said}", f"Seldom {said}"


def _amounts(m: Measure, names: Names) -> Reading | None:
    """How much of an amount there is in the middle, alone or against what is usual for the same thing."""
    relative, field = m.of.startswith("relative "), m.of.removeprefix("relative ")
    if m.statistic != "median" or m.unit != "users" or not field.startswith("properties."):
        return None
    some = [[Condition(field=field, op="not_in", value=[0])]]
    if m.steps and m.steps != some:
        return None
    name, unit = amount(field.removeprefix("properties."), names)
    head, tail = _as_named(name, unit)
    facts = frozenset([f"amount {name}"])
    if relative:
        clause = f"their usual {name} is {{v}} of what is usual for the same thing"
        label = f"{capital(name)}, beside the usual one"
        beside = (f"above the usual {name}", f"below the usual {name}")
        return Reading(label, "of the usual one", "share", facts, 0.7, clause, tail=beside)
    clause = f"their usual {name} is {with_unit('{v}', unit)}"
    label = f"Usual {name}{', where there is one' if m.steps else ''}"
    pieces = name.split(" ")[-1].lower() in PIECES
    if pieces and names.main_act and takes_things(names.main_act):
        clause = f"they usually {names.main_act.lower()} {with_unit('{v}', unit)} of each thing"
        label = label.replace(name, f"{name} of each thing", 1)
        return Reading(label, unit, "number", facts, 0.9, clause, head=head, tail=tail, pieces=True)
    unit = unit or A_LINE
    return Reading(label, unit, "number", facts, 0.9, clause, head=head, tail=tail, pieces=pieces)


def _as_named(name: str, unit: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """How a name begins and ends with an amount, where there is more of it and where less."""
    last = name.split(" ")[-1].lower()
    if last in PIECES:
        return ("Large quantities", "Small quantities"), ("in large quantities", "in small quantities")
    many = plural_name(name)
    much, little = ("long", "short") if unit in LASTING else ("high", "low")
    by = "at" if last in PRICES else "with"
    return (f"{capital(much)} {many}", f"{capital(little)} {many}"), (f"{by} {much} {many}", f"{by} {little} {many}")
