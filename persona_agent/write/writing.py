"""Briefs to personas: the calls of the writer, what happens when one fails, and what all of them made.

In: briefs and open models. Out: drafts and revisions for the loop, then `Written`. Promises: one request
that fails costs at most one persona, which is withheld with the reason; a key or host that fails costs the run, before
anything else is asked.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..codebook import Suggested
from ..errors import ProviderError
from ..evidence import UNWRITTEN, without_everybody
from ..ids import content_hash
from ..models.ask import Asker
from ..models.base import Request
from ..models.ledger import Totals
from ..models.opening import Models, open_models
from ..options import Options
from ..progress import Progress
from ..schema import (
    EVERYONE,
    AccountedFor,
    AllAtOnce,
    Claim,
    Compared,
    Dossier,
    Draft,
    Edited,
    Findings,
    HabitBeside,
    Persona,
    Revision,
    TenthCard,
    TopTenth,
    Unplaced,
)
from ..schema.told_fields import HeldValue
from ..store import Store
from .briefing import NOTHING_FOUND
from .briefs import Brief, Briefed, dump_dossiers
from .cards import ByCode, Cards, make_cards
from .critique import Critic, Critique, Notebook, critique, settle, texts_of, without_unsaid
from .dossiers import with_visit
from .drafts import (
    MAX_CLAIMS,
    Finding,
    Outcome,
    apply_revision,
    check_draft,
    check_revision,
    draft_request,
    make_persona,
    revise_request,
    suggestions_of,
)
from .editing import EditedCards
from .investigating import told_on_cards
from .overview import Overview, told_group
from .question import QuestionReading

OWN = re.compile(r"\{(p\d+|t)\.")  # a slot of a persona's claim, where a draft has its own


@dataclass(frozen=True)
class Written:
    """What writing left: personas by size, the dossiers they were written from, and the page about everyone.

    `of_group` is the persona of each group, None for groups below the floor, whose users are counted as `suppressed`.
    `told` is what writers were shown; `failures` say which persona or verdict could not be had, and why; `usage` are the ledger's
    totals, `by_stage` the same for each prompt; `unused` counts answers of a replayed recording that nobody asked for; `edited`
    are the first page's own texts; `tenth` is the card about those who bring in most; `habits` are kept beside personas.
    """

    personas: list[Persona]
    everyone: Persona | None
    dossiers: list[Dossier]
    of_group: list[str | None]
    intent_labels: dict[int, str]
    suppressed: int
    shares: dict[str, Any]
    usage: Totals
    by_stage: dict[str, Totals] = field(default_factory=dict)
    paid: int = 0
    retried: int = 0
    unused: int = 0
    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    asked: QuestionReading | None = None
    findings: Findings = NOTHING_FOUND
    compared: list[Compared] = field(default_factory=list)
    edited: Edited | None = None
    top_tenth: TopTenth | None = None
    unplaced: Unplaced | None = None
    accounted: AccountedFor | None = None
    all_at_once: AllAtOnce | None = None
    tenth: TenthCard | None = None
    habits: list[HabitBeside] = field(default_factory=list)
    held: Sequence[HeldValue] = ()


@asynccontextmanager
async def open_with_progress(store: Store, options: Options, progress: Progress) -> AsyncIterator[Models]:
    """The run's models, with progress counted in answered calls."""
    answers = 0

    def answered(_: Request) -> None:
        nonlocal answers
        answers += 1
        progress.update(answers, None, "answers")

    async with open_models(store, options, answered, progress.note) as models:
        yield models


def critic_for(models: Models, brief: Brief) -> Critic | None:
    """The critic of a persona; None where code decides alone."""
    if models.critic is None:
        return None
    return Critic(models.critic, models.asker, brief.embed)


async def ask_draft(models: Models, brief: Brief, overview: Overview) -> Draft:
    """The writer's draft; code's own where no model writes."""
    if models.writer is None:
        return brief.by_code
    draft = await models.asker.ask(
        models.writer, draft_request(told_group(brief, overview, models.asker.context)), check_draft
    )
    return _with_all(draft, brief.by_code) if brief.dossier.group == EVERYONE else draft


def _with_all(draft: Draft, by_code: Draft) -> Draft:
    """A draft about everyone with the claims that its writer left out: the page holds what code counted, whoever words it."""
    chosen = {c.id for c in draft.claims}
    rest = [c for c in by_code.claims if c.id not in chosen]
    return draft.model_copy(update={"claims": [*draft.claims, *rest][:MAX_CLAIMS]})


async def ask_revision(
    models: Models,
    brief: Brief,
    overview: Overview,
    best: Critique,
    notebook: Notebook,
) -> Draft:
    """The draft with what the writer mended; the same draft where it could not be asked, or code has said all it could."""
    if models.writer is None:
        return best.draft
    standing = {i: best.claims[i].text for i in best.claims if i in best.standing}
    request = revise_request(told_group(brief, overview, models.asker.context), best.draft, _findings(best), standing)
    try:
        revision: Revision = await models.asker.ask(models.writer, request, check_revision)
    except ProviderError as error:
        if error.fatal or error.code == "recording":
            raise
        notebook.errors.append(f"it was not revised again: {error.message}")
        return best.draft
    return apply_revision(best.draft, revision, best.standing)


def _findings(best: Critique) -> list[Finding]:
    """What failed, for a revision: claims, then texts."""
    texts = texts_of(best.draft)
    fallen = [Finding(i, text, why) for i, (text, why) in best.fallen.items()]
    return fallen + [Finding(place, texts[place].template, "; ".join(wrong)) for place, wrong in best.faults.items()]


async def code_alone(brief: Brief, error: ProviderError) -> Outcome:
    """What code would have written, in place of a persona that the writer could not write; it is withheld."""
    if error.fatal or error.code == "recording":
        raise error
    return replace(await said_by_code(brief), unwritten=f"{UNWRITTEN}: {error.message}")


async def said_by_code(brief: Brief) -> Outcome:
    """What code says of a group, which no model is asked about."""
    context = replace(brief.context, words_checked=False)
    best = await critique(context, brief.by_code, Notebook(), None, brief.by_code)
    return Outcome(best.draft, best.claims, best.sentences, list(best.claims.values()), [], [])


def cards_of(briefed: Briefed, outcomes: Sequence[Outcome]) -> tuple[list[Outcome], Cards]:
    """The outcomes with their lines looked up, and the cards that they make; ProviderError if none could be written at all."""
    briefs = briefed.all
    unwritten = [o.unwritten for o in outcomes if o.unwritten]
    if unwritten and len(unwritten) == len(outcomes):
        raise ProviderError(f"No persona could be written: {unwritten[0].removeprefix(f'{UNWRITTEN}: ')}")
    outcomes = [settle_outcome(b, o) for b, o in zip(briefs, outcomes, strict=True)]
    made = [make_persona(briefed.corpus, b.dossier, o, b.placement) for b, o in zip(briefs, outcomes, strict=True)]
    n = len(briefed.groups)
    # Of given groups people know that others are there beside those that can be shown.
    told = made[:n] if briefed.corpus.given else without_everybody(made[:n])
    groups = {b.context.id: b.dossier.group for b in briefs}
    cards = make_cards(
        briefed.corpus,
        _distinct(told),
        made[n] if briefed.everyone else None,
        groups,
        {b.context.id: worded_by_code(b, o) for b, o in zip(briefs, outcomes, strict=True)},
        spare={b.context.id: t for b, o in zip(briefs, outcomes, strict=True) for t in suggestions_of(o)[1:]},
    )
    by = briefed.briefing.drawn_by
    seen = [with_visit(briefed.corpus, p, groups[p.id], by) for p in cards.personas]
    return outcomes, replace(cards, personas=seen)


def assemble(briefed: Briefed, outcomes: Sequence[Outcome], edited: EditedCards, asker: Asker) -> Written:
    """All that writing left, from settled outcomes and the cards that an editor went over."""
    briefs, briefing = briefed.all, briefed.briefing
    failures = [
        f"{b.context.id}: {e}" for b, o in zip(briefs, outcomes, strict=True) for e in [o.unwritten, *o.errors] if e
    ]
    failures += [briefed.unasked] if briefed.unasked else []
    failures += [f"{edited.tenth.persona.id}: {why}" for why in edited.tenth.persona.reasons] if edited.tenth else []
    told = [*edited.cards.personas, *([edited.cards.everyone] if edited.cards.everyone else [])]
    return Written(
        edited.cards.personas,
        edited.cards.everyone,
        [b.dossier for b in briefed.groups],
        briefing.of_group,
        briefing.intent_labels,
        briefing.suppressed,
        briefing.shares,
        asker.totals,
        asker.by_stage,
        asker.paid,
        asker.retried,
        asker.unused,
        sorted(asker.notes),
        [*failures, *edited.errors],
        dump_dossiers(briefed),
        briefing.asked,
        briefing.findings.model_copy(update={"asked": told_on_cards(briefed, told)}),
        edited.cards.compared,
        edited.page,
        briefing.top_tenth,
        briefing.unplaced,
        edited.cards.accounted,
        edited.cards.all_at_once,
        edited.tenth,
        edited.habits,
        briefing.held,
    )


def worded_by_code(brief: Brief, outcome: Outcome) -> ByCode:
    """Which words of a persona no model wrote, or none that stand."""
    told = {"label": brief.by_code.label.template, "one_liner": brief.by_code.one_liner.template}
    standing = {p: OWN.sub("{", outcome.sentences[p].template) for p in told if p in outcome.sentences}
    mine = {place: standing.get(place, text) == text for place, text in told.items()}
    bars = [outcome.claims[c].id for c in outcome.draft.bars if c in outcome.claims] if outcome.by_model else None
    return ByCode(mine["label"], mine["one_liner"], brief.dossier.formed_by, bars)


def settle_outcome(brief: Brief, outcome: Outcome) -> Outcome:
    """The outcome with the lines of its claims; a sentence goes with a claim that none shows."""
    known: dict[str, Claim] = {}

    def once(claim: Claim) -> Claim:
        key = content_hash(claim.model_dump(mode="json"))
        if key not in known:
            known[key] = without_unsaid(brief.context, settle(brief.context, claim))
        return known[key]

    claims = {i: once(c) for i, c in outcome.claims.items()}
    fallen = {c.id for c in claims.values() if c.status == "withdrawn"}
    standing = {place: s for place, s in outcome.sentences.items() if not fallen & set(s.claim_ids)}
    first, dropped = [once(c) for c in outcome.first], [once(c) for c in outcome.dropped]
    return replace(outcome, claims=claims, sentences=standing, first=first, dropped=dropped)


def counted_with(written: Written, by_model: Suggested | None) -> Written:
    """What was written, with the calls that named the log among those that were made."""
    if by_model is None:
        return written
    call, named, total = Totals(**by_model.usage), "codebook", written.usage
    unused = max(
        written.unused - call.calls, 0
    )  # a replayed recording counts what the writer's part of a run asked for
    return replace(written, usage=total + call, by_stage={named: call, **written.by_stage}, unused=unused)


def usage(written: Written) -> dict[str, Any]:
    """The counts of run.json."""
    stages = {stage: asdict(t) for stage, t in sorted(written.by_stage.items())}
    return {
        **asdict(written.usage),
        "paid_now": written.paid,
        "retried": written.retried,
        "unused": written.unused,
        "by_stage": stages,
    }


def _distinct(personas: list[Persona]) -> list[Persona]:
    """No two cards of a run share a label: a later one says which it is."""
    seen: dict[str, int] = {}
    named = []
    for p in personas:
        seen[p.label] = seen.get(p.label, 0) + 1
        same = seen[p.label] > 1
        named.append(p.model_copy(update={"label": f"{p.label} ({p.id})"}) if same else p)
    return named
