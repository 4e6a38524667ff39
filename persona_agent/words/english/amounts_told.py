"""Numbers as a reader is told them: what a visit holds, how long it takes, how much of an amount there is."""

from __future__ import annotations

from ...schema import Condition, Measure, Names
from ..money import COSTS, is_sum, with_unit
from ..wording import amount_said
from .grammar import capital, noun_of_lines, plural_name, takes_things, turned_to, with_article
from .orders_told import PIECES, biggest_reading
from .spoken import NO, Reading, amount, no_more, no_more_often
from .worth_told import worth_reading

BREADTH, LENGTH = ("Many different things", "Few different things"), ("Long visits", "Short visits")
SIZE, OF_LISTS = ("Busy visits", "Brief visits"), ("Long lists", "Short lists")
QUANTITIES = ("Large quantities", "Small quantities")
# What a name has in their place, where a group is not far from others.
COMPARED = {
    BREADTH: ("More different things", "Fewer different things"),
    LENGTH: ("Longer visits", "Shorter visits"),
    SIZE: ("Busier visits", "Briefer visits"),
    OF_LISTS: ("Longer lists", "Shorter lists"),
    QUANTITIES: ("Larger quantities", "Smaller quantities"),
    NO: ("Coming less often", "Coming more often"),
}
LASTING = frozenset(["ms", "seconds", "minutes", "hours", "days"])
# Numbers of a visit: label, unit, what it is about, in a sentence, what a name takes from it, and what is not true of some.
COME_AS_OFTEN = ("come no less often", "come no more often")  # of a group with more days between visits, and with fewer
VISITS = {
    "matches": (
        "Size of a visit",
        "actions",
        "visit",
        "their usual visit has {v} actions",
        SIZE,
        ("in busy visits", "in brief visits"),
        "do {no} actions in a visit",
    ),
    "things": (
        "Things in a visit",
        "different things",
        "visit",
        "their usual visit is about {v} different things",
        BREADTH,
        ("many at a time", "few at a time"),
        "turn to {no} different things in a visit",
    ),
    "minutes": (
        "Length of a visit",
        "minutes",
        "visit",
        "their usual visit takes {v}",
        LENGTH,
        ("in long visits", "in short visits"),
        "stay {no} minutes in a visit",
    ),
    "gap": (
        "From one visit to the next",
        "days",
        "how often",
        "their visits are {v} apart",
        NO,
        ("seldom", "often"),
        "",
    ),
}


def number_reading(m: Measure, names: Names) -> Reading | None:
    if m.absent or m.where or m.feature or len(m.steps) > 1:
        return None
    if m.steps:
        return _times_there(m) or _amounts(m, names)
    if m.statistic == "cadence":
        clause, otherwise = "{v} days lie between two of their visits", COME_AS_OFTEN
        return Reading(
            "From one active day to the next", "days", "number", frozenset(["how often"]), 0.9, clause,
            tail=("seldom", "often"), compared=COMPARED[NO], otherwise=otherwise,
        )  # fmt: skip
    if m.unit == "sessions" and m.statistic == "median" and m.of in VISITS:
        label, unit, facts, clause, head, tail, held = VISITS[m.of]
        if m.of == "matches" and takes_things(names.main_act):  # all lines are of one act: a visit is a list of things
            head, tail = OF_LISTS, ("on long lists", "on short lists")
            label, unit, clause, held = (
                "Lines of a visit",
                "lines",
                "their usual visit has {v} lines",
                "have {no} lines in a visit",
            )
        return Reading(
            label, unit, "number", frozenset([facts]), 0.9, clause,
            head=head, tail=tail, compared=COMPARED[head],
            otherwise=COME_AS_OFTEN if m.of == "gap" else no_more(held),
        )  # fmt: skip
    return worth_reading(m, names) or biggest_reading(m, names) or _amounts(m, names)


def _times_there(m: Measure) -> Reading | None:
    """How many visits a user makes: of what is held against others, in the half of the log that did not place them."""
    opens = [[Condition(field="opens_visit", op="is", value=["yes"])]]
    if (m.unit, m.statistic, m.of) != ("users", "median", "matches") or m.steps != opens:
        return None
    if not m.says.compares:
        return None
    return Reading(
        "Visits in half of the log’s time", "visits", "number", frozenset(["visits"]), 0.9,
        "they come {v} times in half of the log's time", tail=("often", "seldom"), compared=COMPARED[NO][::-1],
        otherwise=COME_AS_OFTEN[::-1],
    )  # fmt: skip


def long_visits(n: int, names: Names) -> Reading:
    """Visits of so many actions and more, as a share of all."""
    facts = frozenset([VISITS["matches"][2]])
    named = OF_LISTS if takes_things(names.main_act) else SIZE
    lines = noun_of_lines(names.main_act)
    clause = f"{{v}} of their visits hold {n} {lines} or more"
    return Reading(
        f"Visits of {n} {lines} or more", "of their visits", "share", facts, 0.9, clause,
        head=_how_often(named[0]), compared=COMPARED[named],
        otherwise=no_more_often(f"have visits of {n} {lines} or more"),
    )  # fmt: skip


def large_amounts(field: str, least: float, names: Names) -> Reading:
    """Lines with so much of an amount and more, as a share of all."""
    name, unit = amount(field.removeprefix("properties."), names)
    head, _, compared = _as_named(name, unit, names)
    least_said = with_unit(amount_said(field.removeprefix("properties."), least, names), unit)
    said = f"{with_article(name)} of {least_said} or more"
    clause = f"{{v}} of their lines have {said}"
    facts = frozenset([f"amount {name}"])
    bought = _last(name) in PIECES and takes_things(names.main_act)
    otherwise = no_more_often(
        f"{turned_to(names.main_act)} {least_said} or more of a thing" if bought else f"have {said}"
    )
    named = _how_often(head[0]) if head[0] else NO
    label = f"{capital(name)} of {least_said} or more"
    if bought:
        label = f"{amount_said(field.removeprefix('properties.'), least, names)} or more of each"
    elif _last(name) in COSTS and takes_things(names.main_act):
        label = f"At {least_said} or more"
    return Reading(
        label, "of their lines", "share", facts, 0.8, clause,
        head=named, compared=compared, otherwise=otherwise,
    )  # fmt: skip


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
    head, tail, compared = _as_named(name, unit, names)
    facts = frozenset([f"amount {name}"])
    if relative:
        clause = f"their usual {name} is {{v}} of what is usual for the same thing"
        label = f"{capital(name)}, beside the usual one"
        beside = NO if is_sum(name) else (f"above the usual {name}", f"below the usual {name}")
        otherwise = (f"go no further above the usual {name}", f"go no further below the usual {name}")
        return Reading(label, "of the usual one", "share", facts, 0.7, clause, tail=beside, otherwise=otherwise)
    pieces = _last(name) in PIECES
    where = ", where there is one" if m.steps else ""
    if pieces and names.main_act and takes_things(names.main_act):
        act = names.main_act.lower()
        clause, label = (
            f"they usually {act} {with_unit('{v}', unit)} of each thing",
            f"Usual {name} of each thing{where}",
        )
        otherwise = no_more(f"{act} {{no}} of each thing")
        return Reading(
            label, unit, "number", facts, 0.9, clause,
            head=head, tail=tail, pieces=True, compared=compared, otherwise=otherwise,
        )  # fmt: skip
    # A figure without a unit is of something: of a line, or received by one.
    of = "by" if name.endswith(" received") else "of"
    label, clause = (
        (f"Usual {name}{where}", f"their usual {name} is {with_unit('{v}', unit)}")
        if unit
        else (f"Usual {name} {of} a line{where}", f"the usual {name} {of} their lines is {{v}}")
    )
    high, low = ("longer", "shorter") if unit in LASTING else ("larger", "smaller") if pieces else ("higher", "lower")
    return Reading(
        label, unit, "number", facts, 0.9, clause, head=head, tail=tail, pieces=pieces, compared=compared,
        otherwise=(f"have no {high} usual {name}", f"have no {low} usual {name}"), what=name,
    )  # fmt: skip


def _as_named(name: str, unit: str, names: Names) -> tuple[tuple[str, str], tuple[str, str], tuple[str, str]]:
    """How a name begins and ends with an amount, and what it says of one beside others, where there is more and where less. What
    a line comes to is no habit: there is more of it where there are more pieces, or dearer ones.
    """
    last = _last(name)
    if last in PIECES:
        return QUANTITIES, ("in large quantities", "in small quantities"), COMPARED[QUANTITIES]
    if is_sum(name):
        return NO, NO, NO
    if last in COSTS and takes_things(names.main_act):
        dear = ("Dearer things", "Cheaper things")
        return dear, ("at higher prices", "at lower prices"), dear
    many = plural_name(name)
    much, little = ("long", "short") if unit in LASTING else ("high", "low")
    by = "at" if last in {*COSTS, "rate"} else "with"
    return (
        (f"{capital(much)} {many}", f"{capital(little)} {many}"),
        (f"{by} {much} {many}", f"{by} {little} {many}"),
        (f"{capital(much)}er {many}", f"{capital(little)}er {many}"),
    )


def _last(name: str) -> str:
    return name.split(" ")[-1].lower()
