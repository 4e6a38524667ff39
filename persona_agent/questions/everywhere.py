"""A measure asked of every persona that is shown, or of all users, with what may be told of it.

In: a measure, a run's personas and its log. Out: facts, the highest figure first. Promises: figures are rounded and bounded as on
cards, comparisons are with comparable others, and what fewer than five users answer, or is named by fewer than five, has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..edits.counting import Counting
from ..edits.digests import digest_of
from ..errors import UsageError
from ..evidence import Population, against_all, cannot_fail, result_of
from ..evidence.few import is_count_of_users, others_behind, without_few
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..schema import EVERYONE, TENTH_ID, Claim, Condition, Measure, Persona, PersonaSet, ReplyFigure, Says, Truthfulness
from ..words.english.claim_words import whose_others
from ..words.english.said_measures import said_measure
from ..words.floors import FEW, of_users, published_truth
from ..words.published_claims import published_claim
from ..words.wording import percent, printed
from ..write.investigating import unaskable
from .shares_told import others_in_fives, share_told

OF_VISITS = "A question about visits: in how many of theirs it is."
OPEN = Says(comparator="about", value=0.0)
EVERYBODY = "p0"  # as what they are counted on knows them
OPENS = Condition(field="opens_visit", op="is", value=["yes"])


@dataclass(frozen=True)
class Unasked:
    """Why a measure has no answer, and what to ask in its place, where that is known."""

    why: str
    instead: str = ""


def answering_cards(personas: PersonaSet) -> list[Persona]:
    """The cards that a question is answered from: of personas or, where there is none, of everyone; and of the tenth that brings
    in most.
    """
    cards = [p for p in personas.personas if p.status != "withheld"]
    return [*(cards or ([personas.everyone] if personas.everyone else [])), *personas.tenths]


def figures_of(counting: Counting, cards: Sequence[Persona], measure: Measure) -> list[ReplyFigure] | Unasked:
    """What the measure comes to in each card."""
    if not cards:
        return Unasked("this run shows no persona, in which it could be counted")
    corpus = counting.corpus
    asked = measure.model_copy(update={"says": OPEN})
    try:
        because, detail = unaskable(corpus, asked)
        if why := detail or because or cannot_fail(corpus, asked):
            return Unasked(why)
        not_asked = {p.id: why for p in cards if (why := counting.why_unasked(p.id, asked))}
        facts = [f for p in cards if p.id not in not_asked and (f := _fact(counting, p, asked))]
    except UsageError as error:
        return Unasked(error.message)
    if not facts and len(not_asked) == len(cards):
        return Unasked(next(iter(not_asked.values())), OF_VISITS)
    if not facts:
        return Unasked("fewer than five users of any persona have an answer to it")
    return sorted(facts, key=lambda f: (-((f.truth.value if f.truth else None) or 0.0), f.persona or ""))


def of_all_users(counting: Counting, cards: Sequence[Persona], measure: Measure) -> ReplyFigure | None:
    """What a measure that could be asked comes to over all users, of a share of them also about how many that is: whoever asks
    how many there are asks of no persona. None where fewer than five answer it, or are in none of the `cards` that it is told
    beside: what all do less what those do would be theirs.
    """
    try:
        if _few_in_none(counting, cards):
            return None
        told = _told(counting, EVERYBODY, [], measure.model_copy(update={"says": OPEN}))
    except UsageError:
        return None
    if told is None:
        return None
    asked, truth, _ = told
    many = asked.unit == "users" and asked.statistic == "share" and truth.bound is None and not asked.where
    n = of_users(round((truth.value or 0.0) * truth.n)) if many else 0
    more = f" That is about {n:,} users." if many else ""
    text = f"All users: {_words(counting, asked, truth)}{more}"
    return ReplyFigure(persona=None, claim=None, text=text, measure=asked, truth=truth)


def _few_in_none(counting: Counting, cards: Sequence[Persona]) -> bool:
    """Are there users in none of these personas, and fewer than five? The tenth is beside them."""
    people = counting.corpus.people
    left = people.mask(Population(EVERYONE)).copy()
    for card in cards:
        if card.id != TENTH_ID:
            left &= ~people.mask(counting.counted_on(card.id)[1])
    return bool(left.any()) and people.heads(np.flatnonzero(left)) < FEW


def _fact(counting: Counting, persona: Persona, measure: Measure) -> ReplyFigure | None:
    told = _told(counting, persona.id, persona.claims, measure)
    if told is None:
        return None
    asked, truth, claim = told
    return ReplyFigure(
        persona=persona.id,
        claim=claim.id if claim else None,
        text=f"“{persona.label}” ({persona.id}): {_words(counting, asked, truth)}",
        measure=asked,
        truth=truth,
    )


def _told(
    counting: Counting, of: str, claims: Sequence[Claim], measure: Measure
) -> tuple[Measure, Truthfulness, Claim | None] | None:
    """The measure as it is asked of a card or of everybody, what may be told of it, and the claim that says it already."""
    corpus, population = counting.counted_on(of)
    alone = population.group == EVERYONE
    # What compares is cross-placed, as a claim of a card is: members are placed by one half of their visits.
    more = {"versus": measure.versus or "matched", "says": Says(comparator="more_than_others")}
    asked = measure.model_copy(update={"versus": None} if alone else more)
    asked = against_all(asked) if of == TENTH_ID else asked
    exact = without_few(corpus, asked, population, result_of(corpus, asked, population)[0])
    if exact.n < FLOOR or exact.value is None or exact.label == "not_checkable":
        return None
    truth = published_truth(exact, asked)
    claim = next((c for c in claims if c.measure and _same(c.measure, asked)), None)
    counts = is_count_of_users(corpus, asked, population)
    if claim:
        truth = published_claim(claim).truthfulness  # as its card tells it: one figure of one thing
        truth = others_in_fives(truth, others_behind(corpus, asked, population)) if counts else truth
    elif counts:
        told = share_told(truth, exact, others_behind(corpus, asked, population))
        if told is None:
            return None
        truth = told
    return asked, truth, claim


def _same(one: Measure, other: Measure) -> bool:
    """Are they one question? Texts are compared without regard to case."""
    return digest_of(_folded(one)) == digest_of(_folded(other))


def _folded(measure: Measure) -> Measure:
    def folded(step: Sequence[Condition]) -> list[Condition]:
        return [c.model_copy(update={"value": [v.lower() if isinstance(v, str) else v for v in c.value]}) for c in step]

    return measure.model_copy(update={"where": folded(measure.where), "steps": [folded(s) for s in measure.steps]})


def _words(counting: Counting, measure: Measure, truth: Truthfulness) -> str:
    """“57 % of their visits include “print”, against 7 % for comparable others” with its interval and users."""
    value = f"{truth.bound} {percent(truth.value or 0.0)}" if truth.bound else printed(measure, truth.value)
    others = "" if truth.matched is None else f", against {printed(measure, truth.matched)} for {whose_others(measure)}"
    said = said_measure(measure, counting.corpus.names)
    if measure.steps == [[OPENS]] and (measure.statistic, measure.at_least) == ("share", 2):
        said = replace(said, said="came for a second visit")
    if measure.steps == [[OPENS]] and measure.statistic == "median":
        of_all = said_measure(measure.model_copy(update={"where": []}), counting.corpus.names).said
        said = replace(said, said=f"the usual number of visits of a user{said.said.removeprefix(of_all)}")
    if measure.field == "value" and counting.corpus.names.value:  # as cards call it
        said = replace(said, said=said.said.replace(" value", f" {counting.corpus.names.value}", 1))
    text = f"{said.said}: {value}" if said.form == "number" else f"{value} of {said.of} {said.said}"
    between = (
        "" if truth.ci is None or truth.bound else f"95 % from {' to '.join(printed(measure, x) for x in truth.ci)}, "
    )
    return f"{text}{others} ({between}{truth.n:,} users)."
