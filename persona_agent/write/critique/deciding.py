"""What code can decide of a drafted claim, before any critic is asked (docs/contract.md, The critic loop).

In: a `DraftClaim`, the dossier and the log behind it. Out: a `Claim` with its figures, lines, case against and findings,
and what is still open. Promises: a claim whose words were rendered from its measure needs nobody; a claim in somebody's
own words is never accepted here, and without a critic it is put in code's; an unknown line, thing or field is a finding, never
evidence. Why a claim fell is said without a word of the model's; what the model is told of it stands in `told`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...evidence import (
    Corpus,
    Facts,
    Formed,
    Population,
    Shown,
    Unwritable,
    against,
    best_quantifier,
    by_construction,
    cannot_fail,
    judge_measured,
    kind_of,
    measure_from,
    question,
    replicate,
    result_of,
)
from ...schema import (
    EVERYONE,
    Alignment,
    Claim,
    Dossier,
    DraftClaim,
    Measure,
    ProposedClaim,
    Replications,
    Round,
    Says,
    Topic,
    Truthfulness,
    TruthLabel,
    Vocabulary,
    Withdrawal,
)
from ...words.english.claim_words import claim_template
from ...words.sentences import Examined, examine
from ...words.wording import SLOT, claim_values, fill, renamed
from ..states import leave_to_critic, mark_settled, withdraw

OWN_SLOTS = {"value", "matched", "raw", "n"}
MOST_CITED = 5  # lines that a writer may cite for a claim without a measure
ONLY_JUST = 2 / 3  # “at least” a number below this part of what holds says too little
EVERYBODY = 0.9  # a share that the group and the others reach tells nothing of either
WEAKER = {"most": ("almost_all", "all"), "few": ("hardly_any", "none"), "almost_all": ("all",), "hardly_any": ("none",)}


@dataclass(frozen=True)
class CritiqueContext:
    """What deciding about one persona rests on. `lines` are those that its dossier shows, by id, with their numbers in the
    corpus; `words_checked` says whether a critic will read what code did not render.
    """

    id: str
    corpus: Corpus
    dossier: Dossier
    vocabulary: Vocabulary
    formed: Formed
    floor: int
    lines: Mapping[str, int] = field(default_factory=dict)
    showable: Sequence[Shown] = ()
    words_checked: bool = False

    @property
    def population(self) -> Population:
        return Population(self.dossier.group)

    def candidate(self, name: str) -> ProposedClaim | None:
        return next((c for c in self.dossier.candidates if c.id == name), None)


def decide(context: CritiqueContext, draft: DraftClaim, name: str) -> Claim:
    """The claim `name` (`p1.c2`) as far as code can decide it: `drafted` if a critic must read it, else `judged`."""
    proposed = context.candidate(draft.id)
    text = draft.text if context.words_checked else None
    if proposed is not None and draft.measure is None:
        return _as_proposed(context, proposed, text or proposed.template, name)
    if draft.measure is None:
        return _unmeasured(context, draft, name)
    try:
        measure = measure_from(draft.measure, context.vocabulary)
    except Unwritable as error:
        return _nothing(draft, name, "not_checkable", "its measure cannot be used", told=str(error))
    empty = cannot_fail(context.corpus, measure)
    if empty:
        return _nothing(draft, name, "not_checkable", "its measure cannot fail, or cannot hold", told=empty)
    formed, plain = by_construction(measure, context.formed), claim_template(measure, context.corpus.names)
    claim = _measured(context, name, (text or "").strip() or plain, measure, by=formed, lines=True)
    claim = _telling(context, claim)
    return claim if claim.template == plain else _in_own_words(context, claim)


def find_redundant(context: CritiqueContext, claims: Mapping[str, Claim]) -> dict[str, str]:
    """Claims that tell the fact of an earlier one: by id, the id of that one. The dossier's candidates are apart already."""
    facts = Facts(context.corpus, context.population)
    told: list[tuple[str, Measure]] = []
    found: dict[str, str] = {}
    for name, claim in sorted(claims.items(), key=lambda x: x[1].topic is None):
        measure, own = claim.measure, claim.topic is None
        if measure is None or claim.status == "withdrawn":
            continue
        alike = facts.same if own else _same_question
        twin = next((other for other, m in told if alike(m, measure)), None)
        if twin is not None:
            found[name] = twin
        told.append((twin or name, measure))
    return found


def _same_question(one: Measure, other: Measure) -> bool:
    return question(one) == question(other)


def settle(context: CritiqueContext, claim: Claim) -> Claim:
    """The claim with its lines, the case against it, and whether it holds on other users; withdrawn if no line shows it.

    Lines cost a hundred times what a verdict does and decide next to nothing, so they are looked up once, at the end.
    """
    if claim.measure is None:
        return mark_settled(claim)
    judged = judge_measured(context.corpus, claim.measure, context.population, floor=context.floor)
    cited, alone = judged.citations, context.dossier.group == EVERYONE
    settled = mark_settled(
        claim,
        citations=cited,
        counter=against(context.corpus, claim.measure, judged.measured, context.population) if cited else None,
        alignment=judged.alignment if claim.alignment.label == "full" else claim.alignment,
        replication=Replications()
        if alone
        else replicate(context.corpus, claim.measure, context.population, context.floor),
    )
    withdrawal = objection(settled.truthfulness, settled.alignment, context.floor)
    if claim.status == "withdrawn" or withdrawal is None:
        return settled
    return withdraw(settled, withdrawal, earlier=claim.rounds[:-1])


def _as_proposed(context: CritiqueContext, proposed: ProposedClaim, template: str, name: str) -> Claim:
    """A claim of the dossier over all users, in code's words or in the writer's."""
    formed = proposed.by_construction
    claim = _measured(context, name, template, proposed.measure, by=formed, lines=False, topic=proposed.topic)
    if proposed.withdrawal and claim.status != "withdrawn":
        why = f"on the users that groups were made from, {proposed.withdrawal.why}"
        return withdraw(claim, Withdrawal(label=proposed.withdrawal.label, why=why))
    return claim if template == proposed.template else _in_own_words(context, claim)


def _measured(
    context: CritiqueContext,
    name: str,
    template: str,
    measure: Measure,
    *,
    by: bool,
    lines: bool,
    topic: Topic | None = None,
) -> Claim:
    """A claim run over the whole log. `lines`: whether its witnesses count already; a candidate of the dossier has some."""
    truth, bits = result_of(context.corpus, measure, context.population, context.floor)
    if measure.says.comparator == "about" and truth.value is not None:
        # Chosen on the users that groups were made from, printed over all: what is said is what is printed.
        measure = measure.model_copy(update={"says": Says(comparator="about", value=float(f"{truth.value:.3g}"))})
        truth, bits = result_of(context.corpus, measure, context.population, context.floor)
    aligned = Alignment(label="full", score=1.0, reason="its lines are its measure's own")
    if lines:
        aligned = judge_measured(context.corpus, measure, context.population, floor=context.floor).alignment
    withdrawal = objection(truth, aligned, context.floor)
    made = Claim(
        id=name,
        kind=kind_of(measure),
        template=template,
        text="",
        measure=measure,
        by_construction=by,
        citations=[],
        counter=None,
        alignment=aligned,
        truthfulness=truth,
        information_bits=bits,
        replication=Replications(),
        status="withdrawn" if withdrawal else "accepted",
        withdrawal=withdrawal,
        rounds=[],
        judged_by="code",
        state="judged",
        topic=topic,
    )
    template = renamed(template, context.corpus.names)
    odd = sorted(set(SLOT.findall(template)) - OWN_SLOTS)
    text = template if odd else fill(template, claim_values(made))
    said = Round(text=text, findings=[str(withdrawal)] if withdrawal else [])
    done = made.model_copy(update={"text": text, "rounds": [said]})
    if odd:
        why = Withdrawal(label="not_checkable", why="its words have slots that are none of a claim's")
        return withdraw(
            done, why, told=f"the slots {', '.join(odd)} are none of a claim's: use {{value}}, {{matched}}, {{n}}"
        )
    return done


def _in_own_words(context: CritiqueContext, claim: Claim) -> Claim:
    """A claim whose words nobody rendered: code holds its figures against its measure, then a critic writes a measure from them,
    and reads them.
    """
    if claim.status == "withdrawn":
        return claim
    wrong = examine_claim(context, claim).wrong
    if wrong:
        why = Withdrawal(label="false", why="its words do not fit its measure")
        return withdraw(claim, why, told="; ".join(wrong), truthfulness=mark_false(claim, why.why))
    return leave_to_critic(claim)


def examine_claim(context: CritiqueContext, claim: Claim) -> Examined:
    """What code has against a claim's own words, and what a reader should look at; without a measure they have no figure."""
    names, called = context.dossier.acts, context.corpus.names
    if claim.measure is None:
        return examine(claim.text, [], None, called=called)
    return examine(claim.text, [claim], context.dossier.size, names=names, called=called)


def _telling(context: CritiqueContext, claim: Claim) -> Claim:
    """A measure that was made to hold by saying little is sent back: true of everybody, or weaker than what holds."""
    measure = claim.measure
    if claim.status == "withdrawn" or measure is None or measure.statistic != "share":
        return claim
    t, says = claim.truthfulness, measure.says
    value, other = t.value or 0.0, t.matched if t.matched is not None else t.raw
    if value >= EVERYBODY and other is not None and other >= EVERYBODY:
        return withdraw(claim, _too_little("it is true of everybody, here as elsewhere, and tells nothing"))
    if says.quantifier in WEAKER:
        measured = judge_measured(context.corpus, measure, context.population, floor=context.floor).measured
        best = best_quantifier(measured, context.floor)
        if best in WEAKER[says.quantifier]:
            return withdraw(claim, _too_little(f"it says less than holds: it is {best.replace('_', ' ')}, say that"))
    low = t.ci[0] if t.ci else value
    if says.comparator == "at_least" and (says.value or 0.0) < ONLY_JUST * low:
        why = f"it says less than holds: at least {says.value:g}, where it is {value:.2f}"
        return withdraw(claim, _too_little(why))
    return claim


def _too_little(why: str) -> Withdrawal:
    return Withdrawal(label="not_enough", why=why)


def _unmeasured(context: CritiqueContext, draft: DraftClaim, name: str) -> Claim:
    """A claim without a measure rests on lines of the dossier, and on what a critic finds in others."""
    text, cited = draft.text or "", list(dict.fromkeys(draft.lines))
    unknown = [e for e in cited if e not in context.lines]
    if unknown:
        told = f"it cites {', '.join(unknown[:3])}, which it was not shown"
        return _nothing(draft, name, "invalid_citation", "it cites lines that it was not shown", told=told)
    if not cited:
        return _nothing(draft, name, "none", "it has neither a measure nor lines")
    if len(cited) > MOST_CITED:
        return _nothing(draft, name, "none", f"it cites {len(cited)} lines; cite the {MOST_CITED} that show it best")
    if not text.strip() or SLOT.search(text):
        return _nothing(draft, name, "none", "it has slots, but no measure to fill them" if text else "it has no words")
    unread = _nothing(draft, name, "none", "nobody has read its lines: there is no critic")
    wrong = examine_claim(context, unread).wrong
    if wrong:
        return _nothing(draft, name, "none", "its words need a measure", told="; ".join(wrong))
    if not context.words_checked:
        return unread
    shown = context.corpus.cite([context.lines[e] for e in cited], "supports")
    now = Round(text=text, findings=[])
    return leave_to_critic(unread, citations=shown, status="accepted", withdrawal=None, rounds=[now])


def _nothing(draft: DraftClaim, name: str, label: str, why: str, told: str = "") -> Claim:
    """A claim that does not get as far as a figure."""
    text = draft.text or ""
    truth: TruthLabel = "not_checkable" if label in ("not_checkable", "invalid_citation") else "not_enough"
    withdrawal = Withdrawal(label="invalid_citation" if label == "invalid_citation" else truth, why=why)
    return Claim(
        id=name,
        kind=draft.kind or "behaviour",
        template=text,
        text=text,
        measure=None,
        by_construction=False,
        citations=[],
        counter=None,
        alignment=Alignment(label="invalid_citation" if label == "invalid_citation" else "none", score=0.0, reason=why),
        truthfulness=Truthfulness(label=truth, score=0.0, value=None, n=0, ci=None, reason=why),
        information_bits=None,
        replication=Replications(),
        status="withdrawn",
        withdrawal=withdrawal,
        rounds=[Round(text=text, findings=[str(withdrawal)])],
        judged_by="code",
        state="judged",
        told=told,
    )


def mark_false(claim: Claim, why: str) -> Truthfulness:
    """The claim's figures, with the verdict that its words do not say what they show."""
    return claim.truthfulness.model_copy(update={"label": "false", "score": 0.0, "reason": why})


def objection(truth: Truthfulness, alignment: Alignment, floor: int) -> Withdrawal | None:
    """Why a claim cannot stand; None if it can."""
    if truth.label != "true":
        return Withdrawal(label=truth.label, why=truth.reason)
    if alignment.label != "full":
        return Withdrawal(label=alignment.label, why=alignment.reason)
    if truth.n < floor:
        return Withdrawal(label="not_enough", why=f"it rests on {truth.n} users, {floor} are needed")
    return None
