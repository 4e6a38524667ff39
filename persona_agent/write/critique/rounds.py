"""One critique of one draft: code first, then a critic for what is left (docs/contract.md, The critic loop).

In: a draft, a context, a critic or none. Out: a `Critique`: every claim decided, every sentence filled or with what is wrong
with it. Promises: a verdict is given once (the same words on the same measure are never judged again, so nothing improves
by being asked often); what a critic did not answer is an error and never a pass; a critic that misses a known-false item
decides nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ...errors import OutputError, ProviderError
from ...evidence import memory_coverage
from ...evidence.retrieval import Embed
from ...ids import content_hash
from ...models.ask import Asker
from ...models.base import Provider
from ...schema import Claim, Draft, DraftClaim, DraftSentence, Restatement, Round, Sentence, Verdicts
from . import judging, restating
from .deciding import CritiqueContext, Decided, decide, find_redundant, mark_false, objection
from .judging import SentenceToJudge
from .slots import fill_sentence, rename_slots, sentences_of, supporting_texts

TRIES = 2  # a call whose canary is missed, and ids that are missing, are asked for once more


@dataclass(frozen=True)
class Critic:
    """Who judges, and how texts are compared when lines are looked up."""

    provider: Provider
    asker: Asker
    embed: Embed


@dataclass
class Notebook:
    """What is settled about one persona over its rounds: claim ids by draft id, verdicts by content, histories."""

    names: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Decided] = field(default_factory=dict)
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
    decided = {c.id: _decided(context, c, notebook) for c in draft.claims}
    settled = {i: d for i, d in decided.items() if not d.open}
    for later, earlier in find_redundant(context, decided).items():
        decided[later] = decided[later].failed("redundant", f"it says what {notebook.names[earlier]} says")
    places = sentences_of(draft)
    notebook.rendered |= {s.template for s in sentences_of(by_code).values()}
    two_groups = ""
    if critic is not None:
        open_claims = {i: d for i, d in decided.items() if d.open}
        sentences = _readable(context, places, decided, notebook)
        answers = await _ask_critic(context, critic, draft, open_claims, sentences, decided, notebook)
        decided |= answers.claims
        settled |= answers.claims
        notebook.sentences |= answers.sentences
        two_groups = answers.two_groups
    notebook.claims |= {_key(c): settled[c.id] for c in draft.claims if c.id in settled}
    _write_history(draft, decided, notebook)
    claims = {i: d.claim for i, d in decided.items()}
    said, standing = {}, {}
    for place, sentence in places.items():
        text, wrong = _checked(context, sentence, claims, notebook)
        if wrong:
            said[place] = wrong
        else:
            standing[place] = Sentence(
                template=rename_slots(sentence.template, notebook.names),
                text=text,
                claim_ids=[notebook.names[c] for c in sentence.claim_ids],
            )
    return Critique(draft, claims, standing, said, two_groups)


def coverage_of(context: CritiqueContext, critique: Critique) -> float:
    """How much of what the group came for its standing claims speak of."""
    standing = [c.measure for c in critique.claims.values() if c.status == "accepted" and c.measure]
    return memory_coverage(context.corpus, standing, context.population) or 0.0


def is_better(new: Critique, old: Critique, coverage: Callable[[Critique], float]) -> bool:
    """Is a round worth keeping: fewer things fail, or as many and more is covered, and nothing that stood has fallen?

    A claim that was merely dropped still counts as failing: leaving out is no mending.
    """
    dropped = set(old.claims) - set(new.claims)
    gone = [place for place in old.faults if place not in new.faults and place not in new.sentences]
    failing = len(new.failing) + len(dropped) + len(gone)
    if not old.standing <= new.standing:
        return False
    if failing != len(old.failing):
        return failing < len(old.failing)
    return coverage(new) > coverage(old)


def fingerprint(draft: Draft) -> str:
    """The same claims and sentences, whatever their order."""
    return content_hash(
        [sorted(_key(c) for c in draft.claims), {k: s.model_dump() for k, s in sentences_of(draft).items()}]
    )


@dataclass
class _Answers:
    claims: dict[str, Decided] = field(default_factory=dict)
    sentences: dict[str, str] = field(default_factory=dict)
    two_groups: str = ""


async def _ask_critic(
    context: CritiqueContext,
    critic: Critic,
    draft: Draft,
    open_claims: Mapping[str, Decided],
    sentences: Mapping[str, SentenceToJudge],
    decided: Mapping[str, Decided],
    notebook: Notebook,
) -> _Answers:
    """Both calls of a round, at once where the second needs nothing of the first."""
    group = [d.claim.text for d in decided.values() if d.claim.status == "accepted"]
    unmeasured = {i: d for i, d in open_claims.items() if d.open == "judge"}
    if unmeasured:
        restated, denials = await _restate(context, critic, open_claims, notebook)
        cited = {c.id: [context.lines[e] for e in dict.fromkeys(c.lines)] for c in draft.claims if c.id in unmeasured}
        lines = {
            i: (d.claim, judging.evidence_for(context, d.claim, cited[i], denials.get(i, ""), critic.embed))
            for i, d in unmeasured.items()
        }
        judged = await _judge(context, critic, unmeasured, lines, sentences, group, notebook)
    else:
        (restated, _), judged = await asyncio.gather(
            _restate(context, critic, open_claims, notebook),
            _judge(context, critic, {}, {}, sentences, group, notebook),
        )
    judged.claims |= restated
    return judged


async def _restate(
    context: CritiqueContext, critic: Critic, asked: Mapping[str, Decided], notebook: Notebook
) -> tuple[dict[str, Decided], dict[str, str]]:
    """Double entry for every open claim; claims without a measure are asked for their denials alone."""
    left = {i: d.claim for i, d in asked.items()}
    found: dict[str, str | None] = {}
    denials: dict[str, str] = {}
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
            continue
        found |= restating.disagreements(context, call, answer, left)
        denials |= restating.denials(call, answer)
        left = {i: c for i, c in left.items() if i not in found}
    result = {
        i: _restated(asked[i], verdict, critic.provider.name)
        for i, verdict in found.items()
        if asked[i].open == "restate"
    }
    result |= {i: _error(asked[i], why, notebook) for i in left if asked[i].open == "restate"}
    return result, denials


def _restated(decided: Decided, differs: str | None, by: str) -> Decided:
    claim = decided.claim.model_copy(update={"judged_by": f"code and {by}"})
    if differs is None:
        return Decided(claim)
    reason = f"text and measure disagree: {differs}"
    wrong = claim.alignment.model_copy(update={"label": "none", "score": 0.0, "reason": reason})
    return Decided(claim).failed("false", reason, truthfulness=mark_false(claim, reason), alignment=wrong)


async def _judge(
    context: CritiqueContext,
    critic: Critic,
    asked: Mapping[str, Decided],
    lines: Mapping[str, tuple[Claim, Sequence[judging.LineToJudge]]],
    sentences: Mapping[str, SentenceToJudge],
    group: Sequence[str],
    notebook: Notebook,
) -> _Answers:
    """Verdicts on lines and sentences."""
    answers = _Answers()
    claims, left = dict(lines), dict(sentences)
    why = "the critic gave no usable answer"
    for attempt in range(TRIES):
        if not claims and not left:
            break
        call = judging.judging(context, claims, list(left.values()), group, attempt)
        try:
            answer: Verdicts = await critic.asker.ask(critic.provider, call.request)
        except ProviderError as error:
            why = _unless_fatal(error)
            break
        if judging.missed_canary(call, answer):
            why = "the critic let something pass that is known to be false, twice"
            continue
        for i, verdicts in judging.line_verdicts(call, answer).items():
            answers.claims[i] = _judged(context, asked[i], verdicts, critic.provider.name)
            claims.pop(i)
        for place, more in judging.says_more(call, answer).items():
            answers.sentences[_said_key(left.pop(place))] = more
        answers.two_groups = answer.why_two_groups.strip() if answer.two_groups_in_one else ""
    answers.claims |= {i: _error(asked[i], why, notebook) for i in claims}
    answers.sentences |= {_said_key(s): f"error: {why}" for s in left.values()}
    if left:
        notebook.errors.append(why)
    return answers


def _judged(
    context: CritiqueContext, decided: Decided, lines: Sequence[tuple[judging.LineToJudge, str]], by: str
) -> Decided:
    alignment, truth, counter = judging.labels(context, lines)
    claim = decided.claim.model_copy(
        update={
            "alignment": alignment,
            "truthfulness": truth,
            "counter": counter,
            "citations": judging.citations(context, lines) or decided.claim.citations,
            "judged_by": by,
        }
    )
    wrong = objection(truth, alignment, context.floor)
    return Decided(claim).failed(wrong.label, wrong.why) if wrong else Decided(claim)


def _error(decided: Decided, why: str, notebook: Notebook) -> Decided:
    notebook.errors.append(why)
    claim = decided.claim
    truth = claim.truthfulness.model_copy(update={"label": "error", "score": None, "reason": why})
    aligned = claim.alignment.model_copy(update={"label": "error", "score": None, "reason": why})
    return Decided(claim).failed("error", why, truthfulness=truth, alignment=aligned)


def _unless_fatal(error: ProviderError) -> str:
    """One refused request costs what it asked about; a wrong key costs the run."""
    if error.fatal or error.code == "recording":
        raise error
    cut = error.message if isinstance(error, OutputError) else f"the critic could not be asked: {error.message}"
    return cut.rstrip(".")


def _decided(context: CritiqueContext, draft: DraftClaim, notebook: Notebook) -> Decided:
    name = notebook.name(context, draft.id)
    return notebook.claims.get(_key(draft)) or decide(context, draft, name)


def _readable(
    context: CritiqueContext,
    places: Mapping[str, DraftSentence],
    decided: Mapping[str, Decided],
    notebook: Notebook,
) -> dict[str, SentenceToJudge]:
    """Sentences that code has nothing against, that no code wrote, and that nobody has read yet."""
    claims = {i: d.claim for i, d in decided.items()}
    found = {}
    for place, sentence in places.items():
        text, wrong = fill_sentence(context, sentence, claims, notebook.names)
        said = SentenceToJudge(place, text, supporting_texts(sentence, claims))
        if sentence.template not in notebook.rendered and not wrong and _said_key(said) not in notebook.sentences:
            found[place] = said
    return found


def _checked(
    context: CritiqueContext, sentence: DraftSentence, claims: Mapping[str, Claim], notebook: Notebook
) -> tuple[str, list[str]]:
    """The sentence with its numbers, and what is wrong with it, by code or by a critic."""
    text, wrong = fill_sentence(context, sentence, claims, notebook.names)
    if wrong or sentence.template in notebook.rendered or not context.words_checked:
        return text, wrong
    read = notebook.sentences.get(_said_key(SentenceToJudge("", text, supporting_texts(sentence, claims))))
    if read is None:
        return text, ["nobody has read it"]
    return text, [f"it says more than its claims: {read}"] if read else []


def _write_history(draft: Draft, decided: dict[str, Decided], notebook: Notebook) -> None:
    """Adds this round to every claim's history; a claim that did not change has no new round."""
    for c in draft.claims:
        claim = decided[c.id].claim
        past = notebook.history.setdefault(c.id, [])
        round_ = Round(text=claim.text, findings=[str(claim.withdrawal)] if claim.withdrawal else [])
        if not past or past[-1] != round_:
            past.append(round_)
        decided[c.id] = Decided(claim.model_copy(update={"rounds": list(past)}), decided[c.id].open)


def _key(draft: DraftClaim) -> str:
    return content_hash(draft.model_dump(mode="json"))


def _said_key(said: SentenceToJudge) -> str:
    return content_hash([said.text, list(said.claims)])
