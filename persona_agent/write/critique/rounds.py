"""One critique of one draft: code first, then a critic for what is left (docs/contract.md, The critic loop).

In: a draft, a context, a critic or none. Out: a `Critique`: every claim decided, every text filled or with what is wrong with it.
Promises: a text that no code wrote stands only if code has nothing against it and a critic let it stand; a verdict is given once
(the same words on the same measure are never judged again, so nothing improves by being asked often); what a critic did not
answer is an error and never a pass.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ...ids import content_hash
from ...schema import Claim, Draft, DraftClaim, Round, Sentence, Withdrawal
from ...words.english.claim_words import claim_template
from ...words.wording import SLOT, claim_values, fill
from ..states import mark_judged, withdraw
from . import canaries, judging
from .calls import UNREAD, Critic, RestatementChecks, judge, restate
from .deciding import CritiqueContext, decide, examine_claim, find_redundant, mark_false, objection
from .judging import CriticsMaterial, LineToJudge
from .slots import FilledText, Text, fill_text, rename_slots, size_text, supporting_texts, texts_of
from .texts import TextToRead

NO_CRITIC = "there is no critic: only code's words are shown"
FOUND = {
    "it says who": "its words say who somebody is",
    "it says why": "its words say why",
    "it says more": "its words say more than its measure",
    "it follows": "its words say something else than its measure",
}  # what a claim's readers are told of an objection, without a word of it
OWN = "claim "  # the place of a claim's own words among the texts of a call


@dataclass
class Notebook:
    """What is known of one persona over its rounds: claim ids by draft id, verdicts by content, histories."""

    names: dict[str, str] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    read: dict[str, list[str]] = field(default_factory=dict)
    restated: dict[str, str | None] = field(default_factory=dict)
    rendered: set[str] = field(default_factory=set)
    history: dict[str, list[Round]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)

    def name(self, context: CritiqueContext, draft_id: str) -> str:
        return self.names.setdefault(draft_id, f"{context.id}.c{len(self.names) + 1}")


@dataclass(frozen=True)
class Critique:
    """A draft as it stands after one round. `faults` holds what is wrong with each text by place, `sentences` those that may
    stand.
    """

    draft: Draft
    claims: Mapping[str, Claim]
    sentences: Mapping[str, Sentence]
    faults: Mapping[str, Sequence[str]]

    @property
    def failing(self) -> list[str]:
        """Claims (draft ids) and texts (places) that do not stand and could be mended."""
        mendable = [place for place, wrong in self.faults.items() if list(wrong) != [NO_CRITIC]]
        return [*self.fallen, *mendable]

    @property
    def fallen(self) -> dict[str, tuple[str, str]]:
        """By draft id the words of each claim that does not stand, and what its writer is told of it."""
        gone = {i: c for i, c in self.claims.items() if c.status == "withdrawn"}
        return {i: (c.template, f"{c.withdrawal}: {c.told}" if c.told else str(c.withdrawal)) for i, c in gone.items()}

    @property
    def standing(self) -> set[str]:
        return {i for i, c in self.claims.items() if c.status == "accepted"}


async def critique(
    context: CritiqueContext, draft: Draft, notebook: Notebook, critic: Critic | None, by_code: Draft
) -> Critique:
    """Decide every claim and text of a draft. `by_code` is what code would have written: its texts need no reader."""
    claims = {c.id: _decide(context, c, notebook) for c in draft.claims}
    judged = {i: c for i, c in claims.items() if c.state == "judged"}
    for later, earlier in find_redundant(context, claims).items():
        why = f"it says what {notebook.names[earlier]} says"
        claims[later] = withdraw(claims[later], Withdrawal(label="redundant", why=why))
    texts = texts_of(draft)
    notebook.rendered |= {t.template for t in texts_of(by_code).values()}
    if critic is not None:
        found = await _ask(context, critic, draft, claims, texts, notebook)
        claims |= found
        judged |= found
    notebook.claims |= {_key(c): judged[c.id] for c in draft.claims if c.id in judged}
    claims = {i: _with_history(i, c, notebook) for i, c in claims.items()}
    faults, standing = {}, {}
    for place, text in texts.items():
        filled, wrong = _checked(context, text, claims, notebook)
        if wrong:
            faults[place] = wrong
        else:
            standing[place] = Sentence(
                template=rename_slots(text.template, notebook.names),
                text=filled.text,
                claim_ids=[notebook.names[c] for c in text.claim_ids],
            )
    return Critique(draft, claims, standing, faults)


def fingerprint(draft: Draft) -> str:
    """The same claims and texts, whatever their order."""
    texts = {place: [t.template, *t.claim_ids] for place, t in texts_of(draft).items()}
    return content_hash([sorted(_key(c) for c in draft.claims), texts])


def bench_of(context: CritiqueContext, claims: Mapping[str, Claim]) -> CriticsMaterial:
    """What a critic's calls about one card rest on."""
    known = canaries.known_facts(context, claims)
    return CriticsMaterial(context.id, known, (size_text(context),), partial(canaries.unshown_claim, context))


async def _ask(
    context: CritiqueContext,
    critic: Critic,
    draft: Draft,
    claims: Mapping[str, Claim],
    texts: Mapping[str, Text],
    notebook: Notebook,
) -> dict[str, Claim]:
    """Both calls of a round, at once where the second needs nothing of the first; the claims that they decide."""
    drafted = {i: c for i, c in claims.items() if c.state == "drafted"}
    measured = {i: c for i, c in drafted.items() if c.measure is not None}
    unmeasured = {i: c for i, c in drafted.items() if c.measure is None}
    bench, unread = bench_of(context, claims), _unread(context, texts, claims, drafted, notebook)
    fresh = {i: c for i, c in measured.items() if _said(c) not in notebook.restated} | unmeasured
    if unmeasured:
        again = await restate(context, critic, fresh)
        cited = {c.id: [context.lines[e] for e in dict.fromkeys(c.lines)] for c in draft.claims if c.id in unmeasured}
        lines = {
            i: (c, judging.evidence_for(context, c, cited[i], again.denials.get(i, ""), critic.embed))
            for i, c in unmeasured.items()
        }
        found = await judge(critic, bench, lines, unread)
    else:
        again, found = await asyncio.gather(restate(context, critic, fresh), judge(critic, bench, {}, unread))
    notebook.restated |= {_said(c): again.differs[i] for i, c in measured.items() if i in again.differs}
    notebook.read |= {unread[place].key: wrong for place, wrong in found.texts.items()}
    notebook.errors += [e for e in (again.error, found.error) if e]
    by = critic.provider.name
    done = {i: _restated(c, again, f"code and {by}", notebook) for i, c in measured.items()}
    done |= {i: _judged(context, c, found.lines.get(i), found.error, by) for i, c in unmeasured.items()}
    return {i: _as_read(context, c, found.error, notebook) for i, c in done.items()}


def _unread(
    context: CritiqueContext,
    texts: Mapping[str, Text],
    claims: Mapping[str, Claim],
    drafted: Mapping[str, Claim],
    notebook: Notebook,
) -> dict[str, TextToRead]:
    """Texts and claims' own words that code has nothing against, that no code wrote, and that nobody has read yet."""
    found = {f"{OWN}{i}": _own_words(context, c) for i, c in drafted.items()}
    for place, text in texts.items():
        filled = fill_text(context, text, claims, notebook.names)
        if not filled.wrong and not _is_code(context, text, notebook):
            found[place] = _to_read(context, text, filled, claims)
    return {place: t for place, t in found.items() if t.key not in notebook.read}


def _to_read(context: CritiqueContext, text: Text, filled: FilledText, claims: Mapping[str, Claim]) -> TextToRead:
    facts = (*supporting_texts(text, claims), size_text(context))
    return TextToRead(text.kind, filled.text, facts, tuple(filled.look_at))


def _own_words(context: CritiqueContext, claim: Claim) -> TextToRead:
    """A claim's own words, on what code says of its measure; on nothing where only lines can show it."""
    look_at = tuple(examine_claim(context, claim).look_at)
    if claim.measure is None:
        return TextToRead("claim", claim.text, (), look_at)
    known = [c for c in context.dossier.candidates if c.measure == claim.measure]
    template = known[0].template if known else claim_template(claim.measure, context.corpus.names)
    return TextToRead("claim", claim.text, (fill(template, claim_values(claim)), size_text(context)), look_at)


def _restated(claim: Claim, again: RestatementChecks, by: str, notebook: Notebook) -> Claim:
    """A claim in own words after double entry."""
    if _said(claim) not in notebook.restated:
        return _error(claim, again.error)
    differs = notebook.restated[_said(claim)]
    claim = mark_judged(claim, by)
    if differs is None:
        return claim
    why = f"text and measure disagree: {differs}"
    aligned = claim.alignment.model_copy(update={"label": "none", "score": 0.0, "reason": why})
    wrong = Withdrawal(label="false", why=why)
    return withdraw(claim, wrong, truthfulness=mark_false(claim, why), alignment=aligned)


def _judged(
    context: CritiqueContext, claim: Claim, lines: Sequence[tuple[LineToJudge, str]] | None, error: str, by: str
) -> Claim:
    """A claim without a measure after its lines were read."""
    if lines is None:
        return _error(claim, error)
    alignment, truth, counter = judging.labels(context, lines)
    cited = judging.supporting_citations(context, lines) or claim.citations
    claim = mark_judged(claim, by, alignment=alignment, truthfulness=truth, counter=counter, citations=cited)
    wrong = objection(truth, alignment, context.floor)
    return withdraw(claim, wrong) if wrong else claim


def _as_read(context: CritiqueContext, claim: Claim, error: str, notebook: Notebook) -> Claim:
    """The claim after its own words were read as any other text: who somebody is and why is in no measure."""
    if claim.status == "withdrawn":
        return claim
    wrong = notebook.read.get(_own_words(context, claim).key)
    if wrong is None:
        return _error(claim, error)
    if not wrong:
        return claim
    said = [told for start, told in FOUND.items() if wrong[0].startswith(start)]
    why = Withdrawal(label="false", why=said[0])
    return withdraw(claim, why, told="; ".join(wrong), truthfulness=mark_false(claim, why.why))


def _error(claim: Claim, why: str) -> Claim:
    truth = claim.truthfulness.model_copy(update={"label": "error", "score": None, "reason": why})
    aligned = claim.alignment.model_copy(update={"label": "error", "score": None, "reason": why})
    return withdraw(claim, Withdrawal(label="error", why=why), truthfulness=truth, alignment=aligned)


def _decide(context: CritiqueContext, draft: DraftClaim, notebook: Notebook) -> Claim:
    name = notebook.name(context, draft.id)
    return notebook.claims.get(_key(draft)) or decide(context, draft, name)


def _checked(
    context: CritiqueContext, text: Text, claims: Mapping[str, Claim], notebook: Notebook
) -> tuple[FilledText, list[str]]:
    """The text with its numbers, and what is wrong with it, by code or by a critic."""
    by_code = _is_code(context, text, notebook)
    filled = fill_text(context, text, claims, notebook.names, by_code=by_code)
    if filled.wrong or by_code:
        return filled, filled.wrong
    if not context.words_checked:
        return filled, [NO_CRITIC]
    return filled, notebook.read.get(_to_read(context, text, filled, claims).key, [UNREAD])


def _is_code(context: CritiqueContext, text: Text, notebook: Notebook) -> bool:
    """Are these code's words: a text of its own draft, or what it says of a claim that the text rests on?"""
    if text.template in notebook.rendered:
        return True
    own = [c for c in (context.candidate(name) for name in text.claim_ids) if c is not None]
    return text.kind in ("name", "motto", "sentence") and text.template in {
        with_claim_slots(c.template, c.id) for c in own
    }


def with_claim_slots(template: str, claim: str) -> str:
    """A claim's words as a sentence has them: {value} as {c3.value}."""
    return SLOT.sub(lambda m: f"{{{claim}.{m.group(1)}}}", template)


def _with_history(draft_id: str, claim: Claim, notebook: Notebook) -> Claim:
    """The claim with this round added to its history; one that did not change has no new round."""
    past = notebook.history.setdefault(draft_id, [])
    now = Round(text=claim.text, findings=[str(claim.withdrawal)] if claim.withdrawal else [])
    if not past or past[-1] != now:
        past.append(now)
    return claim.model_copy(update={"rounds": list(past)})


def _key(draft: DraftClaim) -> str:
    return content_hash(draft.model_dump(mode="json"))


def _said(claim: Claim) -> str:
    """The same words on the same measure, under whatever id."""
    said = re.sub(r"\s+", " ", claim.template).strip(" .").casefold()
    return content_hash([said, claim.measure.model_dump(mode="json") if claim.measure else None])
