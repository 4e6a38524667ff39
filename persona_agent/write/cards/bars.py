"""Which facts a card draws, and in which measure.

In: a persona's accepted claims on an open corpus. Out: `CardFact`s, the biggest and most nameable first, one for each thing told.
Promises: every fact is borne by a claim of the persona; where people would not say the claim's own figure, it is asked again in
a plainer measure, and told only if that holds as well.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...evidence import Corpus, Population, answers, evaluate, is_about_themes, question, truthfulness, verdict
from ...schema import Bar, Claim, Measure, Names, Persona, Says, Truthfulness, Unfit
from ...words.english.asked_labels import any_reading, clause_of_part
from ...words.english.cards import IN_THIS, said_otherwise
from ...words.english.readings import OF_THEM, reading
from ...words.english.said_measures import any_otherwise
from ...words.english.spoken import Reading
from ...words.floors import FEW
from ..dossiers.kinds import effect, far_apart

MOST_BARS = 5  # more are not taken in at a look
FEWEST_BARS = 3
PLAIN = 0.5  # of a reading's weight: below, a reader has to think what is meant
WORTH_POINTS = 0.05  # of a share; smaller differences cannot be seen in a bar of a card's width
WORTH_A_PATH = 0.1  # of a share, for an order of acts: it takes longer to read than a bar
WORTH_RATIO = 1.2  # of numbers, likewise
LESS = 0.7  # what they do less tells less of them: it needs a second look
AND_MORE = " or one of "  # names that are left out: a list of a till's codes is read by nobody
LONGEST_SAID = 16  # words of what a member does otherwise: more are not read to their end
HALF = 0.5  # of the members: a name is of most of them
TENFOLD = 10.0  # a number ten times another's is as far apart as shares of all and of none


@dataclass(frozen=True)
class CardFact:
    """A fact of a card: its claim, the measure and figures that it is told in, and its words. `more`: do they more than others;
    `own`: are the figures the claim's.
    """

    claim: Claim
    measure: Measure
    truth: Truthfulness
    reading: Reading
    own: bool

    @property
    def more(self) -> bool:
        there = self.truth.matched
        return there is None or (self.truth.value or 0.0) > there

    @property
    def strength(self) -> float:
        return _effect(self.reading.form, self.measure, self.truth) * self.reading.weight * (1.0 if self.more else LESS)

    def bar(self) -> Bar:
        return Bar(
            claim=self.claim.id,
            label=self.reading.label,
            unit=self.reading.unit,
            form=self.reading.form,
            measure=None if self.own else self.measure,
            truth=None if self.own else self.truth,
        )


def facts_of_card(
    corpus: Corpus, persona: Persona, population: Population, chosen: Sequence[str] | None = None
) -> list[CardFact]:
    """The facts of a card, strongest first, or those of the claims that a writer has `chosen`, in its order; no two about the
    same thing. What is hard to take in only fills a short card.
    """
    # Of a given group the comparison itself must be claimed: what does not claim it did not hold against others.
    borne = [c for c in persona.claims if c.measure is not None and _may_be_drawn(c.measure, given=corpus.given)]
    told = [f for c in borne for f in _fact(corpus, c, population)]
    found = [f for f in told if not f.reading.steps]
    asked = {question(f.measure) for f in found}
    if chosen is None:
        found += [
            plain for f in told for plain in _of_its_end(corpus, f, population) if question(plain.measure) not in asked
        ]
    worth = sorted((f for f in found if _worth(f)), key=_order)
    if chosen is not None:
        known = {f.claim.id for f in found}
        found += [f for c in borne if c.id in chosen and c.id not in known for f in _asked(corpus, c)]
        first = [f for name in chosen for f in found if f.claim.id == name][:MOST_BARS]
        told = _without_same([*first, *worth])
        own = [f for f in told if f in first]
        return told[: max(len(own), FEWEST_BARS)]
    ranked = _without_same(worth)
    plain = [f for f in ranked if f.reading.weight >= PLAIN]
    return plain[:MOST_BARS] if len(plain) >= FEWEST_BARS else ranked[:FEWEST_BARS]


def _may_be_drawn(measure: Measure, *, given: bool) -> bool:
    """A bar shows a difference: what is as with others has none."""
    return measure.says.sets_apart if given else not measure.says.alike


def fact_of(corpus: Corpus, claim: Claim, population: Population) -> CardFact | None:
    """The claim as a fact of a card, where it compares and people have words for it."""
    return next(_fact(corpus, claim, population), None)


def paths(corpus: Corpus, persona: Persona, population: Population, drawn: Collection[str] = ()) -> list[CardFact]:
    """Facts about an order of acts that they take more often than others do, of claims that no bar has `drawn`."""
    asked = (c for c in persona.claims if c.id not in drawn)
    found = [f for c in asked for f in _fact(corpus, c, population) if f.reading.steps and f.more]
    worth = (f for f in found if (f.truth.value or 0.0) - (f.truth.matched or 0.0) >= WORTH_A_PATH)
    return sorted(worth, key=_order)


def find_unfit(corpus: Corpus, found: Sequence[CardFact], population: Population) -> Unfit | None:
    """The members of whom a fact is not true: of the first fact for which enough are to be told, and enough not, and people have
    words for it: the label of a bar with “no more than others in this” before it is read as its denial. What they ever did is
    told of halves of their time, so who never did it is no such share.
    """
    for fact in (f for f in found if f.reading.unit != OF_THEM):
        sides = _sides(corpus, fact, population)
        says = _otherwise(fact, corpus.names)
        if sides is not None and FEW <= sides[1] <= sides[0] / 2 and not says.endswith(IN_THIS):
            return Unfit(claim=fact.claim.id, share=round(sides[1] / sides[0], 4), n=sides[0], says=says)
    return None


def _otherwise(fact: CardFact, names: Names) -> str:
    """What members do of whom a fact is not true, in the words of its reading or, where it has none, of its measure."""
    own = fact.reading.otherwise[0 if fact.more else 1]
    said = own or any_otherwise(fact.measure, names, more=fact.more)
    return said_otherwise(said, LONGEST_SAID, more=fact.more)


def of_most(corpus: Corpus, fact: CardFact, population: Population) -> bool:
    """Is a fact true of most members: what a name says of all? Of what they ever did, its figure says it."""
    if fact.reading.unit == OF_THEM:
        value = fact.truth.value or 0.0
        return value > HALF if fact.more else value < HALF
    sides = _sides(corpus, fact, population)
    return sides is None or sides[1] < HALF * sides[0]


def _sides(corpus: Corpus, fact: CardFact, population: Population) -> tuple[int, int] | None:
    """How many members have an answer, and how many of them are no further than comparable others are on average."""
    there = fact.truth.matched
    own = answers(corpus, fact.measure).samples()[corpus.people.mask(population)]
    own = own[~np.isnan(own)]
    if there is None or not len(own):
        return None
    return len(own), int((own <= there if fact.more else own >= there).sum())


def find_tension(persona: Persona, names: Names, found: Sequence[CardFact]) -> Bar | None:
    """The claim that does not fit the picture, where people have words for it: some of them, or some of their visits, do it all
    the same, or they are as others in it. One about a thing of an act that they do more than others is no misfit, but where it is
    as with others, or where a writer says what it corrects.
    """
    claim = next((c for c in persona.claims if c.id == persona.tension), None)
    measure = claim.measure if claim else None
    if claim is None or measure is None or plainer(measure):
        return None
    if not (persona.misreading or measure.says.alike or _some_do(measure, found)):
        return None
    # What was asked just to correct a belief is mostly a part of a part, which has a label and no clause of its own.
    told = reading(measure, names) or (any_reading(measure, names) if persona.misreading else None)
    if told is None or AND_MORE in told.label:
        return None
    clause = told.clause or (clause_of_part(told.label) if told.form == "share" else "")
    return Bar(claim=claim.id, label=told.label, unit=told.unit, form=told.form, clause=clause or None)


def _some_do(measure: Measure, found: Sequence[CardFact]) -> bool:
    """Is it something that some do all the same, of no act that they do more than others?"""
    more = {act for f in found if f.more for act in _acts_of(f.measure)}
    return measure.unit in ("users", "sessions") and measure.of == "matches" and not _acts_of(measure) & more


def _acts_of(measure: Measure) -> set[str]:
    return {str(v) for step in measure.steps for c in step if c.field == "action" for v in c.value}


def plainer(measure: Measure) -> Measure | None:
    """The same question without a share of a share: of what they do, the part that is so."""
    f = measure.feature
    if f is None or f.name != "share_of_events" or not f.where or measure.steps or measure.absent or measure.where:
        return None
    return Measure(
        unit="events",
        steps=[f.where],
        statistic="share",
        versus=measure.versus,
        window=measure.window,
        says=measure.says,
    )


def _fact(corpus: Corpus, claim: Claim, population: Population) -> Iterator[CardFact]:
    measure, truth = claim.measure, claim.truthfulness
    if measure is None or claim.status != "accepted" or truth.value is None or truth.matched is None:
        return
    plain = plainer(measure)
    if plain is not None:
        found = [*_told_plainly(corpus, claim, plain, population, more=truth.value > truth.matched)]
        if found:
            yield from found
            return
    told = reading(measure, corpus.names)
    if told:
        yield CardFact(claim, measure, truth, told, own=True)


def _told_plainly(
    corpus: Corpus, claim: Claim, plain: Measure, population: Population, *, more: bool
) -> Iterator[CardFact]:
    """A claim in a plainer measure, where that holds as well and people have words for it."""
    plain = plain.model_copy(update={"says": Says(comparator="more_than_others" if more else "less_than_others")})
    measured, told = evaluate(corpus, plain, population), reading(plain, corpus.names)
    label, reason = verdict(plain, measured)
    if told and label == "true":
        yield CardFact(claim, plain, truthfulness(measured, label, reason), told, own=False)


def end_of_order(measure: Measure) -> Measure | None:
    """Of “A, then B” in visits: that they include B."""
    m = measure
    in_turn = m.unit == "sessions" and m.statistic == "share" and m.ordered and len(m.steps) == 2 and not m.absent
    if not in_turn or m.where != m.steps[0]:
        return None
    return m.model_copy(update={"steps": m.steps[1:], "where": [], "ordered": False})


def _of_its_end(corpus: Corpus, fact: CardFact, population: Population) -> Iterator[CardFact]:
    """What an order of acts ends with: where nearly every visit begins that order, “then B” tells nobody more than “B”, and a
    card without it would leave out what sets them apart. A sentence has no figure for it, since the claim's is of the order.
    """
    end = end_of_order(fact.measure)
    if end is None or not (fact.reading.steps and fact.more):
        return
    for found in _told_plainly(corpus, fact.claim, end, population, more=True):
        said = f"their visits include {fact.reading.steps[-1]} more often than those of others"
        yield replace(found, reading=replace(found.reading, clause=said))


def _asked(corpus: Corpus, claim: Claim) -> Iterator[CardFact]:
    """A claim that people have no plain words for, in those in which any measure can be said: somebody asked for it."""
    measure, truth = claim.measure, claim.truthfulness
    told = truth.value is not None and truth.matched is not None and claim.status == "accepted"
    if measure is not None and told and reading(measure, corpus.names) is None:
        yield CardFact(claim, measure, truth, any_reading(measure, corpus.names), own=True)


def in_group(corpus: Corpus, measure: Measure, population: Population) -> Truthfulness:
    """What a fact's measure comes to in any group, as a claim of that group would have it."""
    found = truthfulness(evaluate(corpus, measure, population), "true", "")
    return found.model_copy(update={"matched": None, "raw": None, "unmatched": None, "whole": None})


def _without_same(ranked: Sequence[CardFact]) -> list[CardFact]:
    kept: list[CardFact] = []
    for f in ranked:
        if all(not f.reading.facts & k.reading.facts for k in kept):
            kept.append(f)
    return kept


def _order(fact: CardFact) -> tuple[float, int]:
    return -round(fact.strength, 6), int(fact.claim.id.rpartition("c")[2])


def _worth(fact: CardFact) -> bool:
    here, there = fact.truth.value or 0.0, fact.truth.matched or 0.0
    if fact.reading.form == "share":
        if is_about_themes(fact.measure):
            return far_apart(here, there)
        return abs(here - there) >= WORTH_POINTS
    return max(here, there) >= WORTH_RATIO * max(min(here, there), 1e-9)


def _effect(form: str, measure: Measure, truth: Truthfulness) -> float:
    here, there = truth.value or 0.0, truth.matched or 0.0
    if form == "share":
        return effect(here, there) if is_about_themes(measure) else abs(here - there)
    low, high = sorted((max(here, 1e-9), max(there, 1e-9)))
    return min(math.log(high / low) / math.log(TENFOLD), 1.0)
