"""Amounts of a visit that pile up, in a sentence with two counts that a reader can check; which of them the first page asks.

In: concentrations, and the names of personas. Out: texts. Promises: counts are of visits, so that anybody can count them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ...schema import Concentration, Persona
from ...schema.findings import PiledAmong
from ..money import money
from ..wording import bound_of_money, number
from .cards import short_number
from .grammar import capital, listed

MOST = 2  # questions on the first page; all stand behind the cards
MOST_NAMED = 2  # parts of the users of whom one thing is said: more are not read
SHOWN = ("yes", "most", "least")
Band = tuple[float, float]
NO_LABELS: Mapping[str, str] = {}


def pile_told(pile: Concentration, labels: Mapping[str, str] = NO_LABELS, called: str = "persona") -> str:
    """Two counts of visits that a round sum parts, among whom most and among whom not, and the question. `labels` are the names
    of personas, as groups are `called`; none are named before they have one.
    """
    if pile.visits is None or pile.visits_across is None or pile.low is None or pile.high is None:
        return pile.question
    at, width = pile.round or 0.0, pile.high - pile.low
    next_to = (pile.low - width, pile.low) if pile.low == at else (pile.high, pile.high + width)
    here, there = (" to ".join(_spelt(pile, x) for x in band) for band in ((pile.low, pile.high), next_to))
    first, second = (f"have {pile.amount} of", "have") if pile.amount else ("are worth", "are worth")
    counts = f"{_many(pile.visits)} visits {first} {here}, only {_many(pile.visits_across)} {second} {there}."
    return " ".join([counts, *_among(pile, labels, called), f"What happens at {_spelt(pile, at)}?"])


def more_than_around(pile: Concentration) -> str:
    """“It is 1.7 times as many users as the sums around it suggest.”: behind the cards, since it is no ratio of the two counts.
    Empty of what is no pile of visits.
    """
    known = pile.visits is not None and pile.low is not None
    return f"It is {short_number(pile.ratio)} times as many users as the sums around it suggest." if known else ""


def _among(pile: Concentration, labels: Mapping[str, str], called: str) -> Iterator[str]:
    """“Every persona shows it, “Bags” most (150 visits against 50); it does not show outside France (30 visits against 40).”"""
    groups = [part for part in pile.among if part.persona]
    every = len(groups) > 1 and all(part.shows in SHOWN for part in groups)
    known = [part for part in pile.among if part.persona in labels or not part.persona]
    most, least, without = ([p for p in known if p.shows == shows][:MOST_NAMED] for shows in ("most", "least", "no"))
    told = [f"every {called} shows it"] if every else []
    for parts, how in ((most, "most"), (least, "least")):
        verb = "" if told else " shows it" if len(parts) == 1 else " show it"
        named = listed([f"“{labels[str(part.persona)]}”" for part in parts])
        counts = listed([_against(part) for part in parts])
        told += [f"{named}{verb} {how} ({counts})"] if parts else []
    clauses = [", ".join(told)] if told else []
    if without:
        places = (f"{_where(part, labels)} ({_against(part)})" for part in without)
        clauses.append(f"it does not show {' or '.join(places)}")
    if clauses:
        yield capital(f"{'; '.join(clauses)}.")


def _where(part: PiledAmong, labels: Mapping[str, str]) -> str:
    return f"in “{labels[part.persona]}”" if part.persona else part.said


def _against(part: PiledAmong) -> str:
    """The two counts that a round sum parts."""
    return f"{_many(part.visits)} visits against {_many(part.visits_across)}"


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
