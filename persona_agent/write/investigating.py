"""The investigation: before any card is written, the writer asks the log about all groups at once.

In: a briefing on its corpus, open models. Out: the briefing with every question and its answers, and with the claims that answers
make in the dossiers. Promises: a question is answered for all groups or says why it cannot be asked; users who were set aside
answer nothing; a claim's words are code's; what tells the fact of an earlier claim is no second one; the same ledger gives the
same questions and answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ProviderError, UsageError
from ..evidence import (
    Corpus,
    Facts,
    Population,
    Unwritable,
    by_construction,
    cannot_fail,
    measure_from,
    question,
)
from ..evidence.few import five_meet, why_few_meet
from ..log.sensitive import topics
from ..models.base import Request
from ..models.opening import Models
from ..models.prompts import enclose, load_prompt
from ..models.tokens import FEWEST_ANSWERED, room_in
from ..options import Options
from ..redaction import looks_like_instruction
from ..schema import (
    EVERYONE,
    Answered,
    AskedMeasure,
    Inquiries,
    Measure,
    Persona,
    ProposedClaim,
    Says,
    Topic,
    WrittenInquiry,
)
from ..words.english.said_measures import said_measure
from ..words.sentences import identities
from ..words.told_results import TOO_FEW, told_interval, told_result
from ..words.wording import printed
from .briefs import Brief, Briefed
from .contrast import result_in, shown_set
from .dossiers import Inquiry, propose_claim

MOST_QUESTIONS = 24  # a round: more are not thought of one by one, and each is a look at the log
MAX_TOKENS = 14_000  # of an answer: 24 measures take about 6,000, and a model that thinks needs room
SUBJECT = "all groups"
NAMING = {"object", "text"}  # of which the vocabulary lists the commonest alone
OPEN = Says(comparator="about", value=0.0)  # what is said of a figure is decided when it is known
NOT_THERE = "it names what this log does not have, or its parts do not make a question"
BEFORE = "it was asked before"
EMPTY = "it would come out the same whatever anybody did"
UNSAID = "it names what no card may say"
NOBODY = "too few users have an answer to it"


@dataclass
class _ClaimedSoFar:
    """What is claimed of one group so far: the measures of its dossier by candidate, and the claims that answers added. Measures
    are kept as they are: facts know them by identity.
    """

    brief: Brief
    facts: Facts
    known: list[tuple[str, Measure]]
    added: list[ProposedClaim] = field(default_factory=list)

    @classmethod
    def of(cls, brief: Brief) -> _ClaimedSoFar:
        known = [(c.id, c.measure) for c in brief.dossier.candidates if c.withdrawal is None]
        return cls(brief, Facts(brief.context.corpus, _population(brief)), known)


async def investigate(models: Models, options: Options, briefed: Briefed) -> Briefed:
    """The briefing with what the writer asked; as it was where no model writes, or it is to ask nothing."""
    if models.writer is None or not options.investigate or not briefed.all:
        return briefed
    told, asked = [_ClaimedSoFar.of(brief) for brief in briefed.all], list[AskedMeasure]()
    request, unasked = first_request(briefed, options, models.asker.context), ""
    for turn in range(1, options.investigate + 1):
        room = models.asker.context
        if room is not None and room_in(room, request) < FEWEST_ANSWERED:
            models.asker.notes.add(f"the model holds too little for round {turn} of the investigation")
            break
        try:
            inquiries: Inquiries = await models.asker.ask(models.writer, request)
        except ProviderError as error:
            if error.fatal or error.code == "recording":
                raise
            unasked = f"the investigation ended after {turn - 1} rounds: {error.message}"
            break
        new = _answer(briefed, told, inquiries.questions[:MOST_QUESTIONS], asked, turn)
        asked += new
        if inquiries.done or not inquiries.questions or turn == options.investigate:
            break
        said = {"answers": [told_answer(a) for a in new], "rounds_left": options.investigate - turn}
        more = (("assistant", inquiries.model_dump_json()), ("user", enclose(said)))
        request = replace(request, messages=(*request.messages, *more))
    return _with_claims(replace(briefed, asked=asked, unasked=unasked), told)


def told_answer(asked: AskedMeasure) -> dict[str, Any]:
    """A question with its answers by group, as a writer is shown it: figures with comparable others', intervals, users."""
    row: dict[str, Any] = {"id": asked.id, "asked": asked.words or asked.why}
    if asked.because or asked.measure is None:
        return {**row, "cannot_be_asked": asked.detail or asked.because}
    measure = asked.measure
    figures = {a.persona: told_result(measure, a.result) for a in asked.answers}
    between = {a.persona: told_interval(measure, a.result) for a in asked.answers}
    row |= {
        "here_and_others": figures,
        "interval": {p: text for p, text in between.items() if text},
        "users": {a.persona: a.result.n for a in asked.answers if figures[a.persona] != TOO_FEW},
        "worth_a_sentence": [a.persona for a in asked.answers if a.candidate == asked.id],
        "known_already": [a.persona for a in asked.answers if a.candidate not in (None, asked.id)],
    }
    return {name: value for name, value in row.items() if value}


def told_on_cards(briefed: Briefed, personas: Sequence[Persona]) -> list[AskedMeasure]:
    """The questions, each with the claims of shown cards that tell it or the same fact."""
    measures = {b.context.id: {c.id: c.measure for c in b.dossier.candidates} for b in briefed.all}
    shown = [p for p in personas if p.status != "withheld" or p.id == "p0"]

    def ids(one: AskedMeasure) -> list[str]:
        found = []
        for p in shown:
            told = [
                measures[p.id][a.candidate] for a in one.answers if a.persona == p.id and a.candidate in measures[p.id]
            ]
            keys = {question(m) for m in [*told, *([one.measure] if one.measure else [])]}
            found += [c.id for c in p.claims if c.measure and question(c.measure) in keys]
        return found

    return [one.model_copy(update={"told": ids(one)}) for one in briefed.asked]


def first_request(briefed: Briefed, options: Options, context: int | None = None) -> Request:
    """The call that begins the investigation; `context`: tokens that the model holds, None for enough."""
    rules = load_prompt("investigate").render(most=str(MOST_QUESTIONS), measures=load_prompt("measures").text)
    shown, left_out = shown_set(briefed, options, context)
    messages = (("system", rules), ("user", enclose({**shown, "rounds": options.investigate})))
    cut = (f"the table of the investigation was shown without {left_out} of its facts",) if left_out and context else ()
    return Request("investigate", SUBJECT, messages, Inquiries, MAX_TOKENS, cut=cut)


def _answer(
    briefed: Briefed,
    told: Sequence[_ClaimedSoFar],
    questions: Sequence[WrittenInquiry],
    before: Sequence[AskedMeasure],
    turn: int,
) -> list[AskedMeasure]:
    """The questions of a round with their answers, numbered on from those before."""
    known = {_key(a.measure): a.id for a in before if a.measure}
    found = []
    for i, inquiry in enumerate(questions, start=len(before) + 1):
        one = _one(briefed, told, inquiry, known, f"q{i}", turn)
        if one.measure is not None:
            known.setdefault(_key(one.measure), one.id)
        found.append(one)
    return found


def _one(
    briefed: Briefed,
    told: Sequence[_ClaimedSoFar],
    inquiry: WrittenInquiry,
    known: dict[str, str],
    name: str,
    turn: int,
) -> AskedMeasure:
    refused = AskedMeasure(id=name, round=turn, words="", why=inquiry.why, measure=None)
    corpus = briefed.corpus
    try:
        measure = _fair(measure_from(inquiry.measure, briefed.briefing.vocabulary), told)
        because, detail = _objection(corpus, measure, known)
        if because:
            return refused.model_copy(update={"because": because, "detail": detail})
        results = [result_in(t.brief, measure) for t in told]
    except (Unwritable, UsageError) as error:
        return refused.model_copy(update={"because": NOT_THERE, "detail": str(error)})
    if not any(truth.label == "true" for truth, _ in results):
        return refused.model_copy(update={"because": NOBODY})
    words, said = said_measure(measure, corpus.names).whole, _claims(told, measure, name)
    answers = [
        Answered(
            persona=t.brief.context.id, result=truth, information_bits=bits, candidate=said.get(t.brief.context.id)
        )
        for t, (truth, bits) in zip(told, results, strict=True)
    ]
    return refused.model_copy(update={"words": words, "measure": measure, "answers": answers})


def _objection(corpus: Corpus, measure: Measure, known: Mapping[str, str]) -> tuple[str, str]:
    """Why a question is not put, in words of code's, and with what it is about; empty where it may be."""
    if before := known.get(_key(measure)):
        return BEFORE, f"{before} asked it"
    if empty := cannot_fail(corpus, measure):
        return EMPTY, empty
    return unaskable(corpus, measure)


def unaskable(corpus: Corpus, measure: Measure) -> tuple[str, str]:
    """Why no one may be asked it: it names what no card may say, or what fewer than five users meet; empty where they may."""
    for step in measure.event_tests:
        named = [str(v) for c in step if c.field in NAMING for v in c.value]
        if any(identities(n) or topics().of(n) or looks_like_instruction(n) for n in named):
            return UNSAID, f"no card may speak of {', '.join(named)}"
        # A word in a name may be of one user alone, and so may be a thing.
        if named and not five_meet(corpus, step):
            return NOBODY, f"fewer than five users have {', '.join(named)}"
    why = why_few_meet(corpus, measure)
    return (NOBODY, why) if why else ("", "")


def _key(measure: Measure) -> str:
    """What is asked, and of which others: within one value of a field the same is another question."""
    return f"{question(measure)} {measure.versus}"


def _fair(measure: Measure, told: Sequence[_ClaimedSoFar]) -> Measure:
    """The question held against comparable others, of the same value of a field where users were told apart within it or the
    question asks for that; what it says is open.
    """
    given = [m.versus for t in told for _, m in t.known if m.within_field]
    versus = measure.versus if measure.within_field else given[0] if given else "matched"
    return measure.model_copy(update={"versus": versus, "says": OPEN})


def _claims(told: Sequence[_ClaimedSoFar], measure: Measure, name: str) -> dict[str, str]:
    """By group, the candidate that says what a question came to: a new one, or an earlier one of the same fact."""
    found = {}
    for t in told:
        claim = _proposed(t, measure, name)
        if claim is None or _like_others(claim):
            continue
        same = next((other for other, m in t.known if t.facts.same(m, claim.measure)), None)
        found[t.brief.context.id] = same or name
        if same is None:
            t.known.append((name, claim.measure))
            t.added.append(claim)
    return found


def _like_others(claim: ProposedClaim) -> bool:
    """Is its figure printed just as that of comparable others, without its being the claim that they are alike?"""
    truth = claim.truthfulness
    if claim.measure.says.alike:
        return False
    return truth.matched is not None and printed(claim.measure, truth.value) == printed(claim.measure, truth.matched)


def _proposed(told: _ClaimedSoFar, measure: Measure, name: str) -> ProposedClaim | None:
    """What may be said of the group, in code's words; None where nothing worth a sentence holds."""
    context = told.brief.context
    words = said_measure(measure, context.corpus.names)
    inquiry = Inquiry(Topic(kind="asked", about=name), "", words.said, measure, words.form, words.of)
    formed = by_construction(measure, context.formed)
    claim, _ = propose_claim(context.corpus, inquiry, _population(told.brief), formed=formed)
    return claim.model_copy(update={"id": name}) if claim else None


def _population(brief: Brief) -> Population:
    """Whom the claims of a dossier are measured on."""
    group = brief.dossier.group
    return Population(group, fold=None if group == EVERYONE else "fit")


def _with_claims(briefed: Briefed, told: Sequence[_ClaimedSoFar]) -> Briefed:
    """The briefing with the claims that answers made."""

    def grown(t: _ClaimedSoFar) -> Brief:
        dossier = t.brief.dossier
        candidates = [*dossier.candidates, *t.added]
        context = replace(t.brief.context, dossier=dossier.model_copy(update={"candidates": candidates}))
        return replace(t.brief, context=context)

    briefs = [grown(t) for t in told]
    n = len(briefed.groups)
    return replace(briefed, groups=briefs[:n], everyone=briefs[n] if briefed.everyone else None)
