"""What visits and users bring in, as a reader is told it: by the name of the field that holds it, or by its currency."""

from __future__ import annotations

from ...schema import Measure, Names
from ..money import unit_of_money, with_unit
from .grammar import capital
from .spoken import Reading, no_more

SPENT = frozenset(["spent", "paid"])  # what is no noun: it is a sum that was
SPENDING = frozenset(["buy", "purchase", "order", "pay", "spend"])  # acts of which a value is what users spend
FACTS = frozenset(["value"])
AVERAGE = "on average"


def worth_name(names: Names) -> str:
    """What values are called: “sales value”, “sum spent”; “value” where they are reckoned from several fields."""
    name = names.value or "value"
    return f"sum {name}" if name.lower() in SPENT else name


def of_visit(names: Names) -> str:
    """“sales value of a visit”, “sum spent in a visit”."""
    return f"{worth_name(names)} {'in' if (names.value or '').lower() in SPENT else 'of'} a visit"


def spend(names: Names) -> str:
    """What users do with a value: they spend it where nearly all is a purchase, else it is what they bring in."""
    return "spend" if (names.main_act or "").lower() in SPENDING else "bring in"


def worth_reading(m: Measure, names: Names) -> Reading | None:
    """What a visit, or a user, is worth: in the middle, or on average where most visits are worth nothing."""
    if m.steps or m.where or m.absent or m.feature:
        return None
    sign, name = unit_of_money(names.currency), worth_name(names)
    visit, figure = of_visit(names), with_unit("{v}", sign)
    if (m.unit, m.statistic, m.of) == ("sessions", "median", "total value"):
        known = f"their usual visit is worth {figure}" if sign else f"the usual {visit} is {figure}"
        return _worth(capital(visit), sign, known, f"{spend(names)} {{no}} in a visit", visits=True)
    average = f"{sign} {AVERAGE}".strip()
    if (m.unit, m.statistic, m.of) == ("sessions", "sum", "value"):
        known = f"their visits are worth {figure} {AVERAGE}" if sign else f"the {visit} is {figure} {AVERAGE}"
        return _worth(capital(visit), average, known, f"{spend(names)} {{no}} in a visit", visits=True)
    if (m.unit, m.statistic, m.of) == ("users", "sum", "value"):
        known = f"the {name} of one of them is {figure} in all, {AVERAGE}"
        label = f"{capital(name)} of one of them in all"
        return _worth(label, average, known, f"{spend(names)} {{no}} in all", visits=False)
    return None


def _worth(label: str, unit: str, clause: str, otherwise: str, *, visits: bool) -> Reading:
    return Reading(
        label,
        unit,
        "number",
        FACTS,
        0.8,
        clause,
        head=("High-value visits", "Low-value visits") if visits else ("High value", "Low value"),
        compared=("Higher-value visits", "Lower-value visits") if visits else ("Higher value", "Lower value"),
        otherwise=no_more(otherwise, "no less"),
    )
