"""Amounts of a visit that pile up, in a sentence with two counts that a reader can check; which of them the first page asks.

In: concentrations, and the names of personas. Out: texts. Promises: counts are of visits, so that anybody can count them again,
and the ratio is one of users, which it says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...schema import Concentration, Persona
from ..money import money
from ..wording import bound_of_money, number
from .cards import short_number

MOST = 2  # questions on the first page; all stand behind the cards
MOST_WITHOUT = 2  # parts of the users of whom it is said that nothing piles up: more are not read
Band = tuple[float, float]
NO_LABELS: Mapping[str, str] = {}


def pile_told(pile: Concentration, labels: Mapping[str, str] = NO_LABELS, called: str = "persona") -> str:
    """Two counts of visits that a round sum parts, how many times as many users that is as its surroundings suggest, among whom
    most and among whom not, and the question. `labels` are the names of personas, as groups are `called`; none are named before
    they have one.
    """
    if pile.visits is None or pile.visits_across is None or pile.low is None or pile.high is None:
        return pile.question
    at, width = pile.round or 0.0, pile.high - pile.low
    next_to = (pile.low - width, pile.low) if pile.low == at else (pile.high, pile.high + width)
    here, there = (" to ".join(_spelt(pile, x) for x in band) for band in ((pile.low, pile.high), next_to))
    first, second = (f"have {pile.amount} of", "have") if pile.amount else ("are worth", "are worth")
    counts = f"{_many(pile.visits)} visits {first} {here}, only {_many(pile.visits_across)} {second} {there}."
    times = f"{short_number(pile.ratio)} times as many"
    suggested = f"With each user counted once, that is {times} as the sums on either side suggest"
    return f"{counts} {', '.join([suggested, *_among(pile, labels, called)])}. What happens at {_spelt(pile, at)}?"


def _among(pile: Concentration, labels: Mapping[str, str], called: str) -> Iterator[str]:
    groups = [part for part in pile.among if part.persona]
    if len(groups) > 1 and all(part.shows in ("yes", "most") for part in groups):
        yield f"in every {called}"
    for part in (p for p in groups if p.shows == "most" and p.persona in labels):
        yield f"most of all in “{labels[str(part.persona)]}” ({short_number(part.ratio)} times)"
    without = [part for part in pile.among if part.shows == "no" and (not part.persona or part.persona in labels)]
    told = []
    for i, part in enumerate(without[:MOST_WITHOUT]):
        whom = f"in “{labels[part.persona]}”" if part.persona else part.said
        told.append(f"{whom} ({_many(part.visits)}{'' if i else ' visits'} against {_many(part.visits_across)})")
    if told:
        yield f"but not {' or '.join(told)}"


def _many(visits: int) -> str:
    return f"{visits:,}" if visits else "fewer than five"


def _spelt(pile: Concentration, x: float) -> str:
    return _sum(x, pile.currency, in_money=pile.in_money)


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
    return _spelt(pile, pile.round or 0.0)


def _sum(x: float, currency: str | None, *, in_money: bool) -> str:
    return money(bound_of_money(x) if in_money else number(x), currency)
