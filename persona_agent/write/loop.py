"""The personas of groups: each drafted, criticised and revised on its own, all at once; then all of them edited.

    briefed ─ investigate (ask ⇄ answer, all groups) ─▶ of each: draft ⇄ critique ─▶ cards ─ edit ─▶ written

In: groups that are briefed. Out: what writing left. Promises: a round is kept text by text, so that what improved stays and what
fell goes back to its best version; what still fails after the last one is withdrawn; where one persona cannot go on for a
reason that concerns all (a wrong key), no other asks on.
"""

from __future__ import annotations

import asyncio

from ..errors import ProviderError
from ..loops import run_coroutine
from ..models.ask import Asker
from ..models.opening import Models, kept_models, recorded_dossiers
from ..options import Options
from ..progress import Progress
from ..store import Store
from .briefs import Brief, Briefed
from .critique import Critic, Critique, Notebook, critique, fingerprint
from .drafts import DraftStanding, Outcome, best_of, with_fallbacks
from .editing import EditedCards, edit_cards
from .investigating import investigate
from .none_shown import tell_of_everyone
from .overview import Overview, overview_of
from .recorded_dossiers import told_differences
from .tenth_card import card_of_tenth
from .writing import (
    Written,
    ask_draft,
    ask_revision,
    assemble,
    cards_of,
    code_alone,
    critic_for,
    open_with_progress,
)


def write_personas(store: Store, options: Options, briefed: Briefed, progress: Progress) -> Written:
    """The personas of all groups, each drafted, criticised and revised on its own, and edited as a set."""
    told, outcomes, edited, asker = run_coroutine(ask_models(store, options, briefed, progress))
    written, recorded = assemble(told, outcomes, edited, asker), recorded_dossiers(options)
    for note in told_differences(recorded, written.told, asked=True) if recorded else ():
        progress.note(note)
    return written


async def ask_models(
    store: Store, options: Options, briefed: Briefed, progress: Progress
) -> tuple[Briefed, list[Outcome], EditedCards, Asker]:
    """The model stage: all that waits for somebody else, for all groups at once."""
    async with open_with_progress(store, options, progress) as models:
        return *await _write_all(models, options, briefed), models.asker


def write_again(store: Store, options: Options, briefed: Briefed) -> Written:
    """What a finished run wrote, from code and the answers in its ledger; ProviderError where one of them is not there."""
    models = kept_models(store, options)
    told, outcomes, edited = run_coroutine(_write_all(models, options, briefed))
    return assemble(told, outcomes, edited, models.asker)


async def _write_all(models: Models, options: Options, briefed: Briefed) -> tuple[Briefed, list[Outcome], EditedCards]:
    """The briefing with what was asked, what became of each draft, and the cards as they were edited."""
    told = await investigate(models, options, briefed)
    overview = overview_of(told, options.about) if models.writer else Overview({}, {})
    refined = await _refine_all(models, options, told, overview)
    outcomes, cards = cards_of(told, refined)
    cards = await tell_of_everyone(told, cards)
    tenth = await card_of_tenth(told, lambda brief: refine(models, brief, options.max_rounds, overview))
    return told, outcomes, await edit_cards(models, options.about, told, cards, tenth)


async def _refine_all(models: Models, options: Options, briefed: Briefed, overview: Overview) -> list[Outcome]:
    tasks = [asyncio.create_task(refine(models, brief, options.max_rounds, overview)) for brief in briefed.all]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:  # where one cannot go on, no other may ask on
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def refine(models: Models, brief: Brief, max_rounds: int, overview: Overview) -> Outcome:
    """Draft ⇄ critique: of each round what improved is kept; what fails after the last one is withdrawn."""
    notebook, critic = Notebook(), critic_for(models, brief)
    try:
        draft = await ask_draft(models, brief, overview)
        best = first = await critique(brief.context, draft, notebook, critic, brief.by_code)
        kept = dict(best.claims)
        for _ in range(1, max_rounds):
            notebook.seen.add(fingerprint(best.draft))
            if not best.failing:
                break
            draft = await ask_revision(models, brief, overview, best, notebook)
            if fingerprint(draft) in notebook.seen:
                break
            now = await critique(brief.context, draft, notebook, critic, brief.by_code)
            kept |= now.claims
            best = await _best(brief, best, now, notebook, critic)
            if fingerprint(best.draft) in notebook.seen:  # nothing of the round was worth keeping
                break
    except ProviderError as error:
        return await code_alone(brief, error)
    fallen = with_fallbacks(best.draft, brief.by_code, best.faults)
    if fallen != best.draft:
        best = await critique(brief.context, fallen, notebook, None, brief.by_code)
    dropped = [c for i, c in kept.items() if i not in best.claims]
    drafted = list(first.claims.values())
    by_model = models.writer is not None
    return Outcome(best.draft, best.claims, best.sentences, drafted, dropped, notebook.errors, by_model=by_model)


async def _best(brief: Brief, before: Critique, now: Critique, notebook: Notebook, critic: Critic | None) -> Critique:
    """The later round, with the texts that fell in it as they were before."""
    merged = best_of(before.draft, now.draft, DraftStanding(before.sentences, now.sentences, now.standing))
    if merged == now.draft:
        return now
    return await critique(brief.context, merged, notebook, critic, brief.by_code)
