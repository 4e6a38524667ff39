"""Amounts of a visit that pile up, in a sentence with two counts that a reader can check; which of them the first page asks.

In: plain values of a band, or concentrations. Out: texts. Promises: counts are of users, as the ratio beside them is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import Concentration, Persona
from ..money import money
from ..wording import bound_of_money, number
from .cards import short_number

MOST = 2  # questions on the first page; all stand behind the cards
Band = tuple[float, float]


def piled_up(
    amount: str,
    counts: tuple[int, int],
    bands: tuple[Band, Band],
    ratio: float,
    currency: str | None,
    *,
    in_money: bool,
    each: Band | None = None,
    called: str = "persona",
) -> str:
    """How many users have visits in either of two `bands` that a round sum parts, where those in the first are `ratio` times as
    many as is to be expected, and from one to the other of `each` in all groups, as these are `called`. `amount` is the field
    that is added up, empty where it is what a visit is worth.
    """
    here, there = (" to ".join(_sum(x, currency, in_money=in_money) for x in band) for band in bands)
    at = _sum(max(band[0] for band in bands), currency, in_money=in_money)
    said = f"with {amount} of" if amount else "worth"
    many = f"{counts[0]:,} users have visits {said} {here}, {counts[1]:,} {said} {there}"
    low, high = (short_number(x) for x in each) if each else ("", "")
    spread = low if low == high else f"{low} to {high}"
    everywhere = f", and so in every {called} ({spread} times)" if each else ""
    suggested = f"{short_number(ratio)} times as many as the sums on either side suggest"
    return f"{many}: {suggested}{everywhere}. What happens at {at}?"


def asked_first(found: Sequence[Concentration], people: Sequence[Persona]) -> list[Concentration]:
    """Sums that visits pile up at and acts that changed on a date, where users set aside show them too. What visits of one thing
    come to is its price.
    """
    visits = [p.visit for p in people if p.visit]
    summed = 2 * sum((v.size or 0) > 1 for v in visits) > len(visits)
    asked = [c for c in found if c.kind == "change" or (c.kind == "pile_up" and c.about == "value" and summed)]
    return [c for c in asked if c.again.holds][:MOST]


def round_sum(pile: Concentration) -> str:
    """“£300”."""
    return _sum(pile.round or 0.0, pile.currency, in_money=pile.about == "value")


def _sum(x: float, currency: str | None, *, in_money: bool) -> str:
    return money(bound_of_money(x) if in_money else number(x), currency)
