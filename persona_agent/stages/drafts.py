"""A draft to a persona: claims decided by code, lines attached, sentences kept only where their claims stand.

In: a dossier, a draft of it, and the corpus. Out: a `Persona` with accepted and withdrawn claims, scores and a status.
Promises: every accepted claim is true of the whole log, is cited in full, and its numbers were filled in by code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..evidence import Corpus, Measured, Population, against, citations, distinguishing, evaluate, gate, judge_measured
from ..evidence.wording import SLOT, claim_values, fill, size_values
from ..schema import (
    Candidate,
    Citation,
    Claim,
    Dossier,
    Draft,
    DraftedPublished,
    DraftSentence,
    Facet,
    Journey,
    NotKnown,
    Period,
    Persona,
    Replications,
    Round,
    Scores,
    Sentence,
)

EXEMPLARS = 3


@dataclass(frozen=True)
class Place:
    """Where a group stands among the others: its id, how solid it is, and what the step knows of it beyond the dossier."""

    id: str
    stability: float | None
    cohesion: float | None
    min_users: int
    floor: int
    contrasting: list[Citation]
    sizes_over_time: list[Period]


def persona(corpus: Corpus, dossier: Dossier, draft: Draft, place: Place) -> Persona:
    """The persona of one group."""
    population = Population(dossier.group)
    ids = {c: f"{place.id}.c{i}" for i, c in enumerate(draft.claims, start=1)}
    candidates = {c.id: c for c in dossier.candidates}
    made = [claim(corpus, candidates[c], ids[c], population, place.floor) for c in draft.claims]
    accepted = [c for c in made if c.status == "accepted"]
    withdrawn = [c for c in made if c.status == "withdrawn"]
    status, reasons = gate(
        accepted,
        state=dossier.state,
        stability=place.stability,
        users=dossier.size.users,
        facet_recall=_facet_recall(accepted, dossier.facets),
        min_users=place.min_users,
    )
    standing = {c.id for c in accepted}
    values = size_values(dossier.size) | {k: v for c in accepted for k, v in claim_values(c).items()}
    one_liner = _sentence(draft.one_liner, ids, standing, values)
    return Persona(
        id=place.id,
        status=status,
        reasons=reasons,
        label=draft.label,
        one_liner=one_liner or _sentence(SIZE_ALONE, {}, set(), values) or Sentence(template="", text="", claim_ids=[]),
        narrative=[s for d in draft.narrative if (s := _sentence(d, ids, standing, values))],
        size=dossier.size,
        stability=place.stability,
        cohesion=place.cohesion,
        intents=dossier.intents,
        face=[ids[c] for c in draft.face if ids[c] in standing],
        tension=ids[draft.tension] if draft.tension and ids[draft.tension] in standing else None,
        contrasting=place.contrasting,
        sizes_over_time=place.sizes_over_time,
        claims=accepted,
        hypotheses=[],
        withdrawn=withdrawn,
        journeys=_journeys(accepted),
        quotes=[],
        not_known=_not_known(dossier, draft, accepted),
        scores=DraftedPublished(drafted=scores(made, dossier.facets), published=scores(accepted, dossier.facets)),
    )


SIZE_ALONE = DraftSentence(template="{size.users} users, {size.share_users} of all.", claim_ids=[])


def claim(corpus: Corpus, candidate: Candidate, name: str, population: Population, floor: int) -> Claim:
    """A candidate run again over the whole log, with its lines, the case against, and what was decided."""
    measured = evaluate(corpus, candidate.measure, population)
    cited = citations(corpus, candidate.measure, measured, population)
    judged = judge_measured(corpus, candidate.measure, population, cited, floor)
    reason = _objection(judged.truthfulness.label, judged.truthfulness.reason, judged.alignment.label, measured, floor)
    made = Claim(
        id=name,
        kind=candidate.kind,
        template=candidate.template,
        text="",
        measure=candidate.measure,
        by_construction=candidate.by_construction,
        citations=cited,
        counter=against(corpus, candidate.measure, measured, population),
        alignment=judged.alignment,
        truthfulness=judged.truthfulness,
        information_bits=judged.information_bits,
        replication=Replications(),
        status="withdrawn" if reason else "accepted",
        reason=reason,
        rounds=[],
        judged_by="code",
    )
    text = fill(candidate.template, claim_values(made))
    return made.model_copy(update={"text": text, "rounds": [Round(text=text, findings=[reason] if reason else [])]})


def scores(claims: Sequence[Claim], facets: Sequence[Facet]) -> Scores:
    """METRICS 2, 3 and 5 as plain means; None where there is nothing to average."""
    bits = [c.information_bits for c in claims if c.information_bits is not None]
    return Scores(
        claims=len(claims),
        alignment=_mean([c.alignment.score or 0.0 for c in claims]),
        truthfulness=_mean([c.truthfulness.score or 0.0 for c in claims]),
        information=_mean(bits),
        distinguishing=sum(distinguishing(c.information_bits, by_construction=c.by_construction) for c in claims),
        facet_recall=_facet_recall(claims, facets),
    )


def _objection(truth: str, why: str, alignment: str, measured: Measured, floor: int) -> str:
    """Why a claim cannot stand; empty if it can."""
    if truth != "true":
        return f"{truth}: {why}"
    if alignment != "full":
        return f"its lines support it only in part ({alignment})"
    return f"it rests on {measured.n} users, {floor} are needed" if measured.n < floor else ""


def _sentence(draft: DraftSentence, ids: dict[str, str], standing: set[str], values: dict[str, str]) -> Sentence | None:
    """The sentence with its numbers; None if one of its claims does not stand."""
    rests_on = [ids[c] for c in draft.claim_ids]
    if not set(rests_on) <= standing:
        return None
    template = SLOT.sub(lambda m: "{" + _renamed(m.group(1), ids) + "}", draft.template)
    return Sentence(template=template, text=fill(template, values), claim_ids=rests_on)


def _renamed(slot: str, ids: dict[str, str]) -> str:
    head, _, tail = slot.partition(".")
    return f"{ids[head]}.{tail}" if head in ids else slot


def _journeys(claims: Sequence[Claim]) -> list[Journey]:
    return [
        Journey(
            steps=[str(step[0].value[0]) for step in c.measure.steps],
            support=c.counter.n_support if c.counter else 0,
            exemplar=c.citations[: len(c.measure.steps)],
        )
        for c in claims
        if c.kind == "journey" and c.measure is not None
    ]


def _not_known(dossier: Dossier, draft: Draft, accepted: Sequence[Claim]) -> list[NotKnown]:
    said = {c.kind for c in accepted}
    gaps = [NotKnown(facet=f, text=f"Their {f}: nothing that holds.") for f in dossier.facets if f not in said]
    gaps += [NotKnown(facet=None, text=text) for text in draft.not_known]
    if dossier.outside_intents >= 0.05:
        share = f"{100 * dossier.outside_intents:.0f} %"
        gaps.append(NotKnown(facet=None, text=f"What they come for in {share} of their actions, which fit no intent."))
    return gaps or [
        NotKnown(facet=None, text="Whether any of this would hold outside of the time that the log covers.")
    ]


def _facet_recall(claims: Sequence[Claim], facets: Sequence[Facet]) -> float | None:
    said = {c.kind for c in claims if c.truthfulness.label == "true"}
    return sum(f in said for f in facets) / len(facets) if facets else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
