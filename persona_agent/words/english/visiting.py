"""A visit in words: its steps in order, and what visits of the group usually come to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

from ...schema import Claim, Measure, Persona, Visit, VisitFact, VisitStep
from ..money import money
from ..wording import clock, number, percent, sum_of_money
from .cards import short_number
from .grammar import capital, doing, listed, noun_of_lines, plural
from .hours import when
from .spoken import thing

# What of a visit a claim may tell as well, as its measure has it.
CLAIMED = {"matches": "size", "things": "things", "total value": "value", "minutes": "minutes"}
TOLD_THINGS = 4  # of a visit that is one act on many things: a reader pictures the visit by as many
MOST_FACTS = 3  # beside its numbers, in a visit that is put together from figures: more are not kept in mind
LEAST_TOLD = 2  # things in a visit that is put together from figures: “More often at weekends.” is none
FEWER = 0.8  # of its lines, from which on it is worth a word that a visit is about fewer things: not “13 on 12”
WORTH = "What they bring in"  # where no visit is told, and five of them bring much of it


@dataclass(frozen=True)
class BarOfCard:
    """A bar as a visit of figures tells it: is it what the group has more of than others?"""

    label: str
    measure: Measure
    more: bool


def bars_of_card(persona: Persona) -> list[BarOfCard]:
    """The bars of its card, by what they ask."""
    claims = {c.id: c for c in persona.claims}
    found = []
    for bar in persona.card.bars if persona.card else []:
        claim = claims.get(bar.claim)
        if claim is not None and claim.measure is not None:
            more = claim.measure.says.comparator != "less_than_others"
            found.append(BarOfCard(bar.label, bar.measure or claim.measure, more))
    return found


def visit_title(visit: Visit) -> str:
    """What the visit is: one that was, or one made of what most of them do, or of figures."""
    if not visit.steps:
        return "A typical visit, in figures"
    return "A visit put together from what they mostly do" if visit.composed else "A typical visit"


def visit_chosen(visit: Visit, bars: Sequence[str]) -> str:
    """How a real visit was chosen; `bars` are the labels of those for which it was."""
    compared = [
        "size",
        *(["worth"] if visit.value else []),
        *(["hour"] if visit.hour is not None else []),
        "what it holds",
    ]
    middle = f"nearest to the middle of theirs in {listed(compared)}"
    if not bars:
        return f"The visit that is told is the one {middle}."
    these = listed([f"“{bar}”" for bar in bars])
    agrees = f"The visit that is told is one of those {middle}, and agrees with the card in this: {these}."
    return f"{agrees} The steps that are told of it were chosen to agree as well." if visit.more else agrees


def as_claimed(visit: Visit, claims: Sequence[Claim]) -> Visit:
    """The visit with the figures that claims of its card have for what visits come to: a page has one figure for one thing."""
    told = {
        CLAIMED[c.measure.of]: c.truthfulness.value
        for c in claims
        if c.status == "accepted" and c.measure and c.truthfulness.value is not None and _of_any_visit(c.measure)
    }
    return visit.model_copy(update=told)


def _of_any_visit(m: Measure) -> bool:
    asked = m.steps or m.where or m.absent or m.feature or m.window
    return m.unit == "sessions" and m.statistic == "median" and m.of in CLAIMED and not asked


def visit_steps(visit: Visit) -> str:
    """“Searching “rye loaf” → adding to lists 2 “butter”, 12 “egg” and 3 more.”; what is done again and again is said once; of
    one act, which has no order to tell, its first things.
    """
    groups = [(act, list(steps)) for act, steps in groupby(visit.steps, key=lambda s: s.act)]
    left = visit.more
    if len(groups) == 1:
        act, steps = groups[0]
        told = ([step for step in steps if step.thing] or steps)[:TOLD_THINGS]
        left += len(steps) - len(told)  # what few share has no name here, and was bought all the same
        groups = [(act, told)]
    more = f" and {number(left)} more" if left else ""
    parts = [_acted(act, steps, ends=not (more and steps is groups[-1][1])) for act, steps in groups]
    return f"{capital(' → '.join(parts))}{more}."


def visit_figures(visit: Visit, told_already: Collection[str], bars: Sequence[BarOfCard] = ()) -> str:
    """“More often before 2 pm; worth 3.20; more produce (16 % of their lines, others 9 %) and dairy.” It begins with what the
    bars of its card say of visits, whose figures stand there; what these tell of what visits come to (`told_already`) is told
    once, unless the first bar is of that. Other times and kinds stand behind, as far as they say more than the bars do. Empty
    where it would be one thing alone: that is no visit.
    """
    of_visits = [bar for bar in bars if _of_a_visit(bar.measure, first=bar is bars[0])]
    own = [said for bar in of_visits if (said := _more_often(bar))][:MOST_FACTS]
    # How much a visit holds or comes to, where the card begins with it.
    begins = [bar.measure for bar in of_visits[:1] if not _more_often(bar)]
    clocked = any(when(step) for bar in of_visits for step in bar.measure.steps)
    numbers = _numbers(visit, {*told_already} - {m.of for m in begins if m.statistic != "share"}, clocked=clocked)
    labels = " ".join(bar.label.lower() for bar in bars)
    # Beside two facts of the card itself when else they come says less; when they come less often says nothing of a visit.
    room = MOST_FACTS if not own else 1 if len(own) + len(begins) < LEAST_TOLD and not clocked else 0
    times = [t for t in visit.times if t.label.lower() not in labels and (t.share > t.others or not own)][:room]
    kinds = [k for k in visit.kinds if k.label.lower() not in labels][: MOST_FACTS - len(own) - len(times)]
    if len(numbers) + len(own) + len(times) + len(kinds) < LEAST_TOLD:
        return ""
    first = [", ".join(numbers)] if numbers else []
    parts = [*first, *own] if begins or not own else [*own, *first]
    parts += [f"{'more' if t.share > t.others else 'less'} often {_beside(t)}" for t in times]
    parts += [f"more {listed([_beside(k) for k in kinds])}"] if kinds else []
    return f"{capital('; '.join(parts))}."


def _numbers(visit: Visit, told_already: Collection[str], *, clocked: bool) -> list[str]:
    """How much visits usually hold, what they come to and, unless another part says it, when they are."""
    # One line is what is usual wherever no real visit could be shown, and beside a name of large visits it reads as its denial.
    told = [plural(round(visit.size), visit.holds.removesuffix("s") or "line")] if round(visit.size) > 1 else []
    if visit.value and "total value" not in told_already:
        told.append(f"worth {money(sum_of_money(visit.value), visit.currency)}")
    if visit.hour is not None and not visit.times and not clocked:
        told.append(f"around {clock(visit.hour)}")
    return told


def _of_a_visit(measure: Measure, *, first: bool) -> bool:
    """Can a visit have what the bar counts? Of some visits or lines alone only where the card begins with it."""
    every = first or all(c.field == "action" for c in measure.where)
    return measure.unit in ("sessions", "events", "things") and measure.of != "gap" and every


def _more_often(bar: BarOfCard) -> str:
    """What a bar of shares says of visits, without its figures; empty of a number, and of how much visits hold, which is told."""
    fields = {c.field for step in bar.measure.steps for c in step}
    if bar.measure.statistic != "share" or fields <= {"opens_visit"}:
        return ""
    timed = "" if bar.measure.where or fields - {"opens_visit", "hour", "weekday"} else when(bar.measure.steps[0])
    label = bar.label[:1].lower() + bar.label[1:] if bar.label[1:2].islower() else bar.label
    return f"{'more' if bar.more else 'less'} often {timed or label}"


def _beside(fact: VisitFact) -> str:
    """What visits are more often, or less, with its figures."""
    return f"{fact.what} ({percent(fact.share)} {fact.unit}, others {percent(fact.others)})"


def visit_usually(visit: Visit, told_already: Collection[str] = ()) -> str:
    """“Usually 14 actions on 9 things, worth £287, 8 minutes, around 11 am.” It is of all of their
    visits, and the visit that is told before is one. What bars tell of visits (as a measure's `of`) is told once, and
    there; empty where nothing is left.
    """
    told: list[str] = []
    if not {"matches", "things"} & {*told_already}:
        on = f" on {plural(round(visit.things), 'thing')}" if 0 < round(visit.things) <= FEWER * visit.size else ""
        acts = {step.act for step in visit.steps}
        noun = noun_of_lines(acts.pop() if len(acts) == 1 else None).removesuffix("s")
        told.append(f"{plural(round(visit.size), noun)}{on}")
    if visit.value and "total value" not in told_already:
        told.append(f"worth {money(sum_of_money(visit.value), visit.currency)}")
    if visit.minutes and "minutes" not in told_already:
        told.append(f"{plural(max(1, round(visit.minutes)), 'minute')}")
    if visit.hour is not None and told:  # that they begin around noon is no sentence by itself
        told.append(f"around {clock(visit.hour)}")
    return f"Usually {', '.join(told)}." if told else ""


def few_carry(share: float) -> str:
    """The flag of a figure that hangs on a few."""
    return f"Five of them bring in {percent(share)} of their value."


def _acted(act: str, steps: list[VisitStep], *, ends: bool) -> str:
    """One act on things; `ends` unless more things are said to follow."""
    named = [f"{short_number(s.quantity) + ' ' if s.quantity else ''}“{thing(s.thing)}”" for s in steps if s.thing]
    return f"{doing(act)} {listed(named) if ends else ', '.join(named)}" if named else doing(act)
