"""A draft to a persona: claims decided by code, lines attached, sentences kept only where their claims stand.

In: a dossier, a draft of it, and the corpus. Out: a `Persona` with accepted and withdrawn claims, scores and a status.
Promises: every accepted claim is true of the whole log, is cited in full, and its numbers were filled in by code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..evidence import (
    Bools,
    Corpus,
    Population,
    against,
    distinguishing,
    gate,
    judge_measured,
    problems,
    question,
    replicate,
    same_users,
    satisfying_users,
)
from ..evidence.wording import SLOT, claim_values, fill, size_values
from ..schema import (
    EVERYONE,
    FACETS,
    Alignment,
    Candidate,
    Citation,
    Claim,
    Dossier,
    Draft,
    DraftedPublished,
    DraftHypothesis,
    DraftSentence,
    Facet,
    Journey,
    NotKnown,
    Period,
    Persona,
    Replications,
    Round,
    Says,
    Scores,
    Sentence,
    Session,
    Size,
    Told,
    Truthfulness,
)

OUTSIDE = 0.25  # less of what they do outside of all intents is not worth a line


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
    told_lines: list[Citation]


def persona(corpus: Corpus, dossier: Dossier, draft: Draft, place: Place) -> Persona:
    """The persona of one group, measured over all of its members, held-out ones included."""
    population = Population(dossier.group)
    ids = {c: f"{place.id}.c{i}" for i, c in enumerate(draft.claims, start=1)}
    candidates = {c.id: c for c in dossier.candidates}
    made = [claim(corpus, candidates[c], ids[c], population, place.floor) for c in draft.claims]
    accepted = [c for c in made if c.status == "accepted"]
    status, reasons = gate(
        accepted,
        state=dossier.state,
        stability=place.stability,
        users=dossier.size.users,
        facet_recall=_facet_recall(accepted, dossier.facets),
        distinguishing_claims=len(_telling_apart(corpus, accepted, population)),
        min_users=place.min_users,
    )
    apart = {c.id for c in accepted if _tells_apart(c)}
    values = size_values(dossier.size) | {k: v for c in accepted for k, v in claim_values(c).items()}
    said = _Said(ids, {c.id: c for c in accepted}, values, dossier.size)
    # A guess that rests on a withdrawn claim goes with it.
    goals = [h for h in draft.hypotheses if {ids[c] for c in h.rests_on} <= set(said.standing)]
    return Persona(
        id=place.id,
        status=status,
        reasons=reasons,
        label=_label(draft, dossier, said),
        one_liner=said.sentence(draft.one_liner) or said.sentence(SIZE_ALONE) or NOTHING,
        narrative=[s for d in draft.narrative if (s := said.sentence(d))],
        size=dossier.size,
        stability=place.stability,
        cohesion=place.cohesion,
        intents=dossier.intents,
        face=[ids[c] for c in draft.face if ids[c] in apart],
        tension=ids[draft.tension] if draft.tension and ids[draft.tension] in said.standing else None,
        contrasting=place.contrasting,
        sizes_over_time=place.sizes_over_time,
        claims=accepted,
        hypotheses=[_hypothesis(h, f"{place.id}.h{i}", ids) for i, h in enumerate(goals, start=1)],
        withdrawn=[c for c in made if c.status == "withdrawn"],
        journeys=_journeys(accepted),
        session=_session(dossier.told, place.told_lines),
        quotes=[],
        not_known=_not_known(dossier, draft, accepted),
        scores=DraftedPublished(drafted=scores(made, dossier.facets), published=scores(accepted, dossier.facets)),
    )


SIZE_ALONE = DraftSentence(template="{size.users} users, {size.share_users} of all.", claim_ids=[])
NOTHING = Sentence(template="", text="", claim_ids=[])


@dataclass(frozen=True)
class _Said:
    """What a card may say: the claims' ids by candidate, those that stand, the text of every slot, and the size."""

    ids: dict[str, str]
    standing: dict[str, Claim]
    values: dict[str, str]
    size: Size

    def sentence(self, draft: DraftSentence, names: Sequence[str] = ()) -> Sentence | None:
        """The sentence with its numbers; None if one of its claims does not stand, or if it says more than they do.

        `names` may be quoted beside those of the claims.
        """
        rests_on = [self.ids[c] for c in draft.claim_ids]
        if not set(rests_on) <= set(self.standing):
            return None
        template = SLOT.sub(lambda m: "{" + self._renamed(m.group(1)) + "}", draft.template)
        text = fill(template, self.values)
        if problems(text, [self.standing[c] for c in rests_on], self.size, names=names):
            return None
        return Sentence(template=template, text=text, claim_ids=rests_on)

    def _renamed(self, slot: str) -> str:
        head, _, tail = slot.partition(".")
        return f"{self.ids[head]}.{tail}" if head in self.ids else slot


def _label(draft: Draft, dossier: Dossier, said: _Said) -> str:
    """The drafted label; what they come for, where one of its claims does not stand."""
    if dossier.group == EVERYONE:
        return draft.label.template
    found = said.sentence(draft.label, dossier.acts)
    main = dossier.intents[0].intent if dossier.intents else -1
    return found.text if found else dossier.intent_labels.get(main, "like everybody else")


def claim(corpus: Corpus, candidate: Candidate, name: str, population: Population, floor: int) -> Claim:
    """A candidate run again over the whole log, with its lines, the case against, what was decided, and whether it holds
    on users and in a quarter that it was not made from.
    """
    measure = candidate.measure
    judged = judge_measured(corpus, measure, population, floor=floor)
    if measure.says.comparator == "about" and judged.truthfulness.label == "true":
        # Chosen on the users that groups were made from, printed over all: what is said is what is printed.
        measure = measure.model_copy(
            update={"says": Says(comparator="about", value=_printed(judged.truthfulness.value))}
        )
    reason = _objection(judged.truthfulness, judged.alignment, floor)
    if candidate.fallen and not reason:
        reason = f"artefact: on the users that groups were made from, {candidate.result.reason}"
    alone = population.others() is None or population.group == EVERYONE
    made = Claim(
        id=name,
        kind=candidate.kind,
        template=candidate.template,
        text="",
        measure=measure,
        by_construction=candidate.by_construction,
        citations=judged.citations,
        counter=against(corpus, measure, judged.measured, population),
        alignment=judged.alignment,
        truthfulness=judged.truthfulness,
        information_bits=judged.information_bits,
        replication=Replications() if alone else replicate(corpus, measure, population, floor),
        status="withdrawn" if reason else "accepted",
        reason=reason,
        rounds=[],
        judged_by="code",
    )
    text = fill(candidate.template, claim_values(made))
    return made.model_copy(update={"text": text, "rounds": [Round(text=text, findings=[reason] if reason else [])]})


def _printed(value: float | None) -> float:
    return float(f"{value or 0.0:.3g}")


def _telling_apart(corpus: Corpus, claims: Sequence[Claim], population: Population) -> list[Claim]:
    """The distinguishing claims without those that are the same claim: the same question, or the same members."""
    kept: list[Claim] = []
    asked: set[str] = set()
    sets: list[Bools] = []
    for c in sorted(claims, key=lambda c: -(c.information_bits or 0.0)):
        if c.measure is None or not _tells_apart(c):
            continue
        these = None
        if c.measure.unit == "users" and c.measure.statistic == "share":
            these = satisfying_users(corpus, c.measure, population)
        if question(c.measure) in asked or (these is not None and any(same_users(these, s) for s in sets)):
            continue
        asked.add(question(c.measure))
        sets += [these] if these is not None else []
        kept.append(c)
    return kept


def _tells_apart(claim: Claim) -> bool:
    return distinguishing(claim.information_bits, by_construction=claim.by_construction)


def _hypothesis(draft: DraftHypothesis, name: str, ids: dict[str, str]) -> Claim:
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


def _session(told: Told | None, lines: list[Citation]) -> Session | None:
    """“Tuesday in the evening: search: rye loaf → start timer (after 4 min)”."""
    if told is None:
        return None
    parts = [told.steps[0].text]
    for before, step in zip(told.steps, told.steps[1:], strict=False):
        waited = step.minutes - before.minutes
        parts.append(f"{step.text} (after {waited} min)" if waited else step.text)
    return Session(text=f"{told.when}: {' → '.join(parts)}", lines=lines)


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


def _objection(truth: Truthfulness, alignment: Alignment, floor: int) -> str:
    """Why a claim cannot stand, its class before the colon; empty if it can."""
    if truth.label != "true":
        return f"{truth.label}: {truth.reason}"
    if alignment.label != "full":
        return f"{alignment.label}: {alignment.reason}"
    return f"not_enough: it rests on {truth.n} users, {floor} are needed" if truth.n < floor else ""


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
    gaps += [NotKnown(facet=f, text=NOT_SHOWN[f]) for f in FACETS if f not in dossier.facets]
    gaps += [NotKnown(facet=None, text=text) for text in draft.not_known]
    if dossier.outside_intents >= OUTSIDE:
        share = f"{100 * dossier.outside_intents:.0f} %"
        gaps.append(NotKnown(facet=None, text=f"What they come for in {share} of their actions, which fit no intent."))
    return gaps or [NotKnown(facet=None, text="Whether all of this is one habit, or several that go together.")]


# Code decides what a log can show; a card says so in these words.
NOT_SHOWN: dict[Facet, str] = {
    "behaviour": "What they do: the log names no acts.",
    "preference": "What they choose: the log names no things.",
    "rhythm": "When they come: too few users were active on three days.",
    "friction": "Where it hurts: the log shows no errors, repetitions or absences.",
    "journey": "In which order they act: sessions have too few different steps.",
}


def _facet_recall(claims: Sequence[Claim], facets: Sequence[Facet]) -> float | None:
    said = {c.kind for c in claims if c.truthfulness.label == "true"}
    return sum(f in said for f in facets) / len(facets) if facets else None


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
