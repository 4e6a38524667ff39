"""A draft and its critique to a persona: what stands, what was withdrawn and why, what nobody knows.

In: a dossier, the draft that was kept, its claims and sentences as decided. Out: a `Persona` with accepted and withdrawn
claims, scores and a status. Promises: nothing is decided here but the gate; a claim that any round made is on the card, in
the log of withdrawn claims, or both texts of it are in its history.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...evidence import Corpus, Facts, Population, distinguishes, gate, sets_given_apart
from ...schema import (
    EVERYONE,
    FACETS,
    Alignment,
    Citation,
    Claim,
    Dossier,
    Draft,
    DraftedPublished,
    DraftGuess,
    Facet,
    Firmness,
    Journey,
    NotKnown,
    Period,
    Persona,
    Replications,
    Round,
    Scores,
    Sentence,
    Size,
    Truthfulness,
    Try,
    Visit,
)
from ...schema.how_much import HowMuch
from ...words.wording import fill, size_values
from ..critique.slots import all_texts_stand

OUTSIDE = 0.25  # less of what they do outside of all intents is not worth a line
MAX_GOALS = 2  # guesses on a card: it is about what was seen
MAX_GAPS = (
    1  # of a card that a model wrote: the question that a reader asks next; a second one was a filler on most cards
)
SIZE_ALONE = "{size.users} users, {size.share_users} of all."


@dataclass(frozen=True)
class Placement:
    """Where a group stands among the others: its id, how solid it is, and what the step knows of it beyond the dossier."""

    id: str
    stability: float | None
    min_users: int
    floor: int
    contrasting: list[Citation]
    sizes_over_time: list[Period]
    visit: Visit | None
    firmness: Firmness | None = None
    top_five: float | None = None
    given: bool = False
    how_much: HowMuch | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a draft: its claims by draft id, its texts that stand by place (label, one_liner, s1, h1.text, try1.text,
    gap1…), the claims of the first round (for the drafted scores), claims that a revision left out, and what could not be
    decided.

    `by_model` says whether a model wrote it, `unwritten` why the writer could not write it at all.
    """

    draft: Draft
    claims: Mapping[str, Claim]
    sentences: Mapping[str, Sentence]
    first: Sequence[Claim]
    dropped: Sequence[Claim]
    errors: Sequence[str]
    unwritten: str = ""
    by_model: bool = False


def make_persona(corpus: Corpus, dossier: Dossier, outcome: Outcome, placement: Placement) -> Persona:
    """The persona of one group, measured over all of its members, held-out ones included."""
    population = Population(dossier.group)
    draft, claims = outcome.draft, outcome.claims
    accepted = [c for c in claims.values() if c.status == "accepted"]
    withdrawn = [*(c for c in claims.values() if c.status == "withdrawn"), *outcome.dropped]
    status, reasons = gate(
        _facts(corpus, accepted, population),
        state=dossier.state,
        firmness=placement.firmness,
        stability=placement.stability,
        users=dossier.size.users,
        min_users=placement.min_users,
        given=placement.given,
    )
    if outcome.unwritten:
        status, reasons = "withheld", [outcome.unwritten, *reasons]
    sets_apart = sets_given_apart if placement.given else distinguishes
    apart = {c.id for c in accepted if sets_apart(c)}
    names = _names(outcome)
    goals = [h for i, h in enumerate(draft.hypotheses[:MAX_GOALS], start=1) if _stands(outcome, f"h{i}", h.rests_on)]
    one_liner = outcome.sentences.get("one_liner") or size_alone(dossier.size)
    return Persona(
        id=placement.id,
        status=status,
        reasons=[*reasons, *outcome.errors],
        label=_label(outcome, dossier),
        one_liner=one_liner,
        narrative=[s for place, s in outcome.sentences.items() if NARRATIVE.fullmatch(place)],
        size=dossier.size,
        stability=placement.stability,
        firmness=placement.firmness,
        how_much=placement.how_much,
        intents=dossier.intents,
        face=[names[c] for c in draft.bars if names.get(c) in apart],
        tension=_tension(outcome),
        misreading=told.text if (told := outcome.sentences.get("unfit")) else None,
        contrasting=placement.contrasting,
        sizes_over_time=placement.sizes_over_time,
        claims=sorted(accepted, key=_number),
        hypotheses=[_hypothesis(h, f"{placement.id}.h{i}", names) for i, h in enumerate(goals, start=1)],
        withdrawn=sorted(withdrawn, key=_number),
        journeys=_journeys(accepted),
        visit=placement.visit,
        top_five=placement.top_five,
        not_known=_not_known(dossier, outcome, accepted),
        suggestion=next(iter(suggestions_of(outcome)), None),
        scores=DraftedPublished(
            drafted=score_claims(outcome.first, dossier.facets), published=score_claims(accepted, dossier.facets)
        ),
    )


def size_alone(size: Size) -> Sentence:
    """What can be said when nothing else stands."""
    return Sentence(template=SIZE_ALONE, text=fill(SIZE_ALONE, size_values(size)), claim_ids=[])


def _label(outcome: Outcome, dossier: Dossier) -> str:
    """The drafted label; what they come for, where one of its claims does not stand."""
    if dossier.group == EVERYONE:
        return "Everyone"
    main = dossier.intents[0].intent if dossier.intents else -1
    found = outcome.sentences.get("label")
    return found.text if found else dossier.intent_labels.get(main, "like everybody else")


def _stands(outcome: Outcome, part: str, claim_ids: Sequence[str]) -> bool:
    """May a guess or a suggestion be shown: do all its texts stand, and all claims that it names?"""
    accepted = {i for i, c in outcome.claims.items() if c.status == "accepted"}
    return bool(claim_ids) and set(claim_ids) <= accepted and all_texts_stand(outcome.sentences, part)


def suggestions_of(outcome: Outcome) -> list[Try]:
    """What to try, as it was drafted, as far as it stands; figures are counted with the card."""
    names = _names(outcome)
    found = []
    for i, told in enumerate(outcome.draft.suggestions, start=1):
        if _stands(outcome, f"try{i}", [told.measure, *told.claim_ids]):
            text, whom, stop = (outcome.sentences[f"try{i}.{part}"].text for part in ("text", "whom", "stop"))
            ids = [names[c] for c in told.claim_ids]
            found.append(Try(text=text, whom=whom, stop=stop, measure=names[told.measure], claim_ids=ids))
    return found


def _tension(outcome: Outcome) -> str | None:
    """The claim under what does not fit; of a model's choice only with the words that say what it corrects, since alone it is a
    figure of which nobody sees why it is told.
    """
    told = "unfit" in outcome.sentences or not outcome.by_model
    return next((name for c in outcome.draft.unfit.claim_ids if told and (name := _names(outcome).get(c))), None)


def _names(outcome: Outcome) -> dict[str, str]:
    """The persona's ids of the draft's claims that stand."""
    return {i: c.id for i, c in outcome.claims.items() if c.status == "accepted"}


def _number(claim: Claim) -> int:
    return int(claim.id.rpartition("c")[2])


def _facts(corpus: Corpus, claims: Sequence[Claim], population: Population) -> list[Claim]:
    """One claim of each fact: one that sets the group apart where there is one, else the most telling."""
    ranked = sorted(claims, key=lambda c: (not distinguishes(c), -(c.information_bits or 0.0)))
    return Facts(corpus, population).different(ranked, lambda c: c.measure)


def _hypothesis(draft: DraftGuess, name: str, ids: Mapping[str, str]) -> Claim:
    """What they may be after: no measure, no verdict, a rival and a test."""
    rests_on = ", ".join(ids[c] for c in draft.rests_on)
    return Claim(
        id=name,
        kind="goal_hypothesis",
        template=draft.text,
        text=draft.text,
        measure=None,
        by_construction=False,
        citations=[],
        counter=None,
        alignment=Alignment(label="none", score=None, reason=f"a hypothesis, suggested by {rests_on}"),
        truthfulness=Truthfulness(
            label="not_checkable", score=None, value=None, n=0, ci=None, reason="goals do not show in a log"
        ),
        information_bits=None,
        replication=Replications(),
        status="hypothesis",
        rounds=[Round(text=draft.text, findings=[])],
        judged_by="code",
        hypothesis=draft.test,
    )


def score_claims(claims: Sequence[Claim], facets: Sequence[Facet]) -> Scores:
    """Plain means over the claims; None where there is nothing to average."""
    bits = [c.information_bits for c in claims if c.information_bits is not None]
    return Scores(
        claims=len(claims),
        alignment=_mean([c.alignment.score or 0.0 for c in claims]),
        truthfulness=_mean([c.truthfulness.score or 0.0 for c in claims]),
        information=_mean(bits),
        distinguishing=sum(distinguishes(c) for c in claims),
        facet_recall=_facet_recall(claims, facets),
    )


def _journeys(claims: Sequence[Claim]) -> list[Journey]:
    return [
        Journey(
            steps=[str(step[0].value[0]) for step in c.measure.steps],
            support=(c.counter.n_support or 0) if c.counter else 0,
            exemplar=c.citations[: len(c.measure.steps)],
        )
        for c in claims
        if c.kind == "journey" and c.measure is not None
    ]


def _not_known(dossier: Dossier, outcome: Outcome, accepted: Sequence[Claim]) -> list[NotKnown]:
    """What a model says is not known, where it says anything that stands; else what code knows to be missing."""
    told = [NotKnown(facet=None, text=s.text) for place, s in outcome.sentences.items() if place.startswith("gap")]
    if outcome.by_model:
        return told[:MAX_GAPS] or _filler(dossier, accepted)
    gaps = [*_filler(dossier, accepted), *(NotKnown(facet=None, text=g.text) for g in outcome.draft.not_known)]
    if dossier.outside_intents >= OUTSIDE:
        share = f"{100 * dossier.outside_intents:.0f} %"
        gaps.append(NotKnown(facet=None, text=f"What they come for in {share} of their actions, which fit no intent."))
    return gaps or [HABIT_OR_SEVERAL]


def _filler(dossier: Dossier, accepted: Sequence[Claim]) -> list[NotKnown]:
    """Sides of behaviour of which no claim speaks: those that the log could show, then those that it cannot."""
    said = {c.kind for c in accepted}
    gaps = [NotKnown(facet=f, text=NOT_HELD[f]) for f in dossier.facets if f not in said]
    return gaps + [NotKnown(facet=f, text=NOT_SHOWN[f]) for f in FACETS if f not in dossier.facets]


NARRATIVE = re.compile(r"s\d+")
HABIT_OR_SEVERAL = NotKnown(facet=None, text="Whether all of this is one habit, or several that go together.")
# What the log could show, and nothing of it held.
NOT_HELD: dict[Facet, str] = {
    "behaviour": "What they do more than others, or less.",
    "preference": "What they choose, if they choose otherwise than others.",
    "rhythm": "When they come, if it is at other times than others.",
    "friction": "Where it goes wrong for them.",
    "journey": "In which order they act, if they have one of their own.",
}
# Code decides what a log can show; a card says so in these words.
NOT_SHOWN: dict[Facet, str] = {
    "behaviour": "What they do: the log names no acts.",
    "preference": "What they choose: the log names no things.",
    "rhythm": "When they come: too few users were active on three days.",
    "friction": "What goes wrong for them: the log shows no errors, repetitions or absences.",
    "journey": "In which order they act: visits have too few different steps.",
}


def _facet_recall(claims: Sequence[Claim], facets: Sequence[Facet]) -> float | None:
    said = {c.kind for c in claims if c.truthfulness.label == "true"}
    return sum(f in said for f in facets) / len(facets) if facets else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
