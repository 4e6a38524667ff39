"""One critique of one draft: code first, then a critic for what is left (docs/contract.md, The critic loop).

In: a draft, a context, a critic or none. Out: a `Critique`: every claim decided, every sentence filled or with what is wrong
with it. Promises: a verdict is given once (the same words on the same measure are never judged again, so nothing improves
by being asked often); what a critic did not answer is an error and never a pass; a critic that misses a known-false item
decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import OutputError, ProviderError
from ...evidence.retrieval import Embed
from ...ids import content_hash
from ...models.ask import Asker
from ...models.base import Provider, Request
from ...schema import Claim, Draft, DraftClaim, Restatement, Round, Sentence, Verdicts, Withdrawal
from ..states import mark_judged, withdraw
from . import judging, restating
from .deciding import CritiqueContext, decide, find_redundant, mark_false, objection
from .judging import SentenceToJudge
from .slots import Text, fill_sentence, rename_slots, supporting_texts, texts_of

TRIES = 2  # a call whose canary is missed, and ids that are missing, are asked for once more


@dataclass(frozen=True)
class Critic:
    """Who judges, and how texts are compared when lines are looked up."""

    provider: Provider
    asker: Asker
    embed: Embed


@dataclass
class Notebook:
    """What is known of one persona over its rounds: claim ids by draft id, verdicts by content, histories."""

    names: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    rendered: set[str] = field(default_factory=set)
    history: dict[str, list[Round]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def name(self, context: CritiqueContext, draft_id: str) -> str:
        return self.names.setdefault(draft_id, f"{context.id}.c{len(self.names) + 1}")


@dataclass(frozen=True)
class Critique:
    """A draft as it stands after one round. `faults` holds what is wrong with each sentence by place, `sentences` those that
    may stand; `two_groups` says why the group looks like two, empty if it does not.
    """

    draft: Draft
    claims: Mapping[str, Claim]
    sentences: Mapping[str, Sentence]
    faults: Mapping[str, Sequence[str]]
    two_groups: str

    @property
    def failing(self) -> list[str]:
        """Claims (draft ids) and sentences (places) that do not stand."""
        return [*(i for i, c in self.claims.items() if c.status == "withdrawn"), *self.faults]

    @property
    def standing(self) -> set[str]:
        return {i for i, c in self.claims.items() if c.status == "accepted"}


async def critique(
    context: CritiqueContext, draft: Draft, notebook: Notebook, critic: Critic | None, by_code: Draft
) -> Critique:
    """Decide every claim and sentence of a draft. `by_code` is what code would have written: its sentences need no reader."""
    claims = {c.id: _decide(context, c, notebook) for c in draft.claims}
    judged = {i: c for i, c in claims.items() if c.state == "judged"}
    for later, earlier in find_redundant(context, claims).items():
        why = f"it says what {notebook.names[earlier]} says"
        claims[later] = withdraw(claims[later], Withdrawal(label="redundant", why=why))
    places = texts_of(draft)
    notebook.rendered |= {s.template for s in texts_of(by_code).values()}
    two_groups = ""
    if critic is not None:
        sentences = _readable(context, places, claims, notebook)
        answers = await _ask_critic(context, critic, draft, claims, sentences, notebook)
        claims |= answers.claims
        judged |= answers.claims
        notebook.sentences |= answers.sentences
        two_groups = answers.two_groups
    notebook.claims |= {_key(c): judged[c.id] for c in draft.claims if c.id in judged}
    claims = {i: _with_history(i, c, notebook) for i, c in claims.items()}
    faults, standing = {}, {}
    for place, sentence in places.items():
        text, wrong = _checked(context, sentence, claims, notebook)
        if wrong:
            faults[place] = wrong
        else:
            standing[place] = Sentence(
                template=rename_slots(sentence.template, notebook.names),
                text=text,
                claim_ids=[notebook.names[c] for c in sentence.claim_ids],
            )
    return Critique(draft, claims, standing, faults, two_groups)


def fingerprint(draft: Draft) -> str:
    """The same claims and sentences, whatever their order."""
    return content_hash(
        [sorted(_key(c) for c in draft.claims), {k: [s.template, *s.claim_ids] for k, s in texts_of(draft).items()}]
    )


@dataclass
class _Answers:
    claims: dict[str, Claim] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    two_groups: str = ""


async def _ask_critic(
    context: CritiqueContext,
    critic: Critic,
    draft: Draft,
    claims: Mapping[str, Claim],
    sentences: Mapping[str, SentenceToJudge],
    notebook: Notebook,
) -> _Answers:
    """Both calls of a round, at once where the second needs nothing of the first."""
    group = [c.text for c in claims.values() if c.status == "accepted"]
    drafted = {i: c for i, c in claims.items() if c.state == "drafted"}
    unmeasured = {i: c for i, c in drafted.items() if c.measure is None}
    if unmeasured:
        restated, denials = await _restate(context, critic, drafted, notebook)
        cited = {c.id: [context.lines[e] for e in dict.fromkeys(c.lines)] for c in draft.claims if c.id in unmeasured}
        lines = {
            i: (claim, judging.evidence_for(context, claim, cited[i], denials.get(i, ""), critic.embed))
            for i, claim in unmeasured.items()
        }
        judged = await _judge(context, critic, lines, sentences, group, notebook)
    else:
        (restated, _), judged = await asyncio.gather(
            _restate(context, critic, drafted, notebook),
            _judge(context, critic, {}, sentences, group, notebook),
        )
    judged.claims |= restated
    return judged


async def _restate(
    context: CritiqueContext, critic: Critic, drafted: Mapping[str, Claim], notebook: Notebook
) -> tuple[dict[str, Claim], dict[str, str]]:
    """Double entry for every drafted claim; claims without a measure are asked for their denials alone."""
    left = dict(drafted)
    found: dict[str, str | None] = {}
    denials: dict[str, str] = {}
    missed: list[Request] = []
    why = "the critic gave no usable answer"
    for attempt in range(TRIES):
        if not left:
            break
        call = restating.restating(context, left, attempt)
        try:
            answer: Restatement = await critic.asker.ask(critic.provider, call.request)
        except ProviderError as error:
            why = _unless_fatal(error)
            break
        if restating.missed_canary(context, call, answer):
            why = "the critic misread a text whose measure is known, twice"
            missed.append(call.request)
            continue
        found |= restating.disagreements(context, call, answer, left)
        denials |= restating.denials(call, answer)
        left = {i: c for i, c in left.items() if i not in found}
    if left:  # the run is partial: another will ask, not read the same again
        critic.asker.refuse(critic.provider, *missed)
    result = {
        i: _restated(drafted[i], differs, critic.provider.name)
        for i, differs in found.items()
        if drafted[i].measure is not None
    }
    result |= {i: _error(claim, why, notebook) for i, claim in left.items() if claim.measure is not None}
    return result, denials


def _restated(claim: Claim, differs: str | None, by: str) -> Claim:
    claim = mark_judged(claim, f"code and {by}")
    if differs is None:
        return claim
    why = f"text and measure disagree: {differs}"
    aligned = claim.alignment.model_copy(update={"label": "none", "score": 0.0, "reason": why})
    wrong = Withdrawal(label="false", why=why)
    return withdraw(claim, wrong, truthfulness=mark_false(claim, why), alignment=aligned)


async def _judge(
    context: CritiqueContext,
    critic: Critic,
    lines: Mapping[str, tuple[Claim, Sequence[judging.LineToJudge]]],
    sentences: Mapping[str, SentenceToJudge],
    group: Sequence[str],
    notebook: Notebook,
) -> _Answers:
    """Verdicts on lines and sentences."""
    answers = _Answers()
    unread, left = dict(lines), dict(sentences)
    missed: list[Request] = []
    why = "the critic gave no usable answer"
    for attempt in range(TRIES):
        if not unread and not left:
            break
        call = judging.judging(context, unread, list(left.values()), group, attempt)
        try:
            answer: Verdicts = await critic.asker.ask(critic.provider, call.request)
        except ProviderError as error:
            why = _unless_fatal(error)
            break
        if judging.missed_canary(call, answer):
            why = "the critic let something pass that is known to be false, twice"
            missed.append(call.request)
            continue
        for i, verdicts in judging.line_verdicts(call, answer).items():
            claim, _ = unread.pop(i)
            answers.claims[i] = _judged(context, claim, verdicts, critic.provider.name)
        for place, more in judging.says_more(call, answer).items():
            answers.sentences[_said_key(left.pop(place))] = more
        answers.two_groups = answer.why_two_groups.strip() if answer.two_groups_in_one else ""
    answers.claims |= {i: _error(claim, why, notebook) for i, (claim, _) in unread.items()}
    answers.sentences |= {_said_key(s): f"error: {why}" for s in left.values()}
    if left:
        notebook.errors.append(why)
    if unread or left:
        critic.asker.refuse(critic.provider, *missed)
    return answers


def _judged(context: CritiqueContext, claim: Claim, lines: Sequence[tuple[judging.LineToJudge, str]], by: str) -> Claim:
    alignment, truth, counter = judging.labels(context, lines)
    cited = judging.citations(context, lines) or claim.citations
    claim = mark_judged(claim, by, alignment=alignment, truthfulness=truth, counter=counter, citations=cited)
    wrong = objection(truth, alignment, context.floor)
    return withdraw(claim, wrong) if wrong else claim


def _error(claim: Claim, why: str, notebook: Notebook) -> Claim:
    notebook.errors.append(why)
    truth = claim.truthfulness.model_copy(update={"label": "error", "score": None, "reason": why})
    aligned = claim.alignment.model_copy(update={"label": "error", "score": None, "reason": why})
    return withdraw(claim, Withdrawal(label="error", why=why), truthfulness=truth, alignment=aligned)


def _unless_fatal(error: ProviderError) -> str:
    """One refused request costs what it asked about; a wrong key costs the run."""
    if error.fatal or error.code == "recording":
        raise error
    cut = error.message if isinstance(error, OutputError) else f"the critic could not be asked: {error.message}"
    return cut.rstrip(".")


def _decide(context: CritiqueContext, draft: DraftClaim, notebook: Notebook) -> Claim:
    name = notebook.name(context, draft.id)
    return notebook.claims.get(_key(draft)) or decide(context, draft, name)


def _readable(
    context: CritiqueContext,
    places: Mapping[str, Text],
    claims: Mapping[str, Claim],
    notebook: Notebook,
) -> dict[str, SentenceToJudge]:
    """Sentences that code has nothing against, that no code wrote, and that nobody has read yet."""
    found = {}
    for place, sentence in places.items():
        text, wrong = fill_sentence(context, sentence, claims, notebook.names)
        said = SentenceToJudge(place, text, supporting_texts(sentence, claims))
        if sentence.template not in notebook.rendered and not wrong and _said_key(said) not in notebook.sentences:
            found[place] = said
    return found


def _checked(
    context: CritiqueContext, sentence: Text, claims: Mapping[str, Claim], notebook: Notebook
) -> tuple[str, list[str]]:
    """The sentence with its numbers, and what is wrong with it, by code or by a critic."""
    text, wrong = fill_sentence(context, sentence, claims, notebook.names)
    if wrong or sentence.template in notebook.rendered or not context.words_checked:
        return text, wrong
    read = notebook.sentences.get(_said_key(SentenceToJudge("", text, supporting_texts(sentence, claims))))
    if read is None:
        return text, ["nobody has read it"]
    return text, [f"it says more than its claims: {read}"] if read else []


def _with_history(draft_id: str, claim: Claim, notebook: Notebook) -> Claim:
    """The claim with this round added to its history; one that did not change has no new round."""
    past = notebook.history.setdefault(draft_id, [])
    now = Round(text=claim.text, findings=[str(claim.withdrawal)] if claim.withdrawal else [])
    if not past or past[-1] != now:
        past.append(now)
    return claim.model_copy(update={"rounds": list(past)})


def _key(draft: DraftClaim) -> str:
    return content_hash(draft.model_dump(mode="json"))


def _said_key(said: SentenceToJudge) -> str:
    return content_hash([said.text, list(said.claims)])
