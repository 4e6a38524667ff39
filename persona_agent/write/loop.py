"""The personas of groups: each drafted, criticised and revised on its own, all at once.

    briefed ─ investigate (ask ⇄ answer, all groups) ─▶ of each: draft ⇄ critique ─▶ written

In: groups that are briefed. Out: what writing left. Promises: a round is kept only if it
is better; what still fails after the last one is withdrawn; where one persona cannot go on for a reason that concerns all
(a wrong key), no other asks on.
"""

from __future__ import annotations

import asyncio
from functools import partial

from ..errors import ProviderError
from ..loops import result_of
from ..models.ask import Asker
from ..models.opening import Models, kept_models
from ..options import Options
from ..progress import Progress
from ..store import Store
from .briefs import Brief, Briefed
from .critique import Notebook, coverage_of, critique, fingerprint, is_better
from .drafts import Outcome, with_fallbacks
from .investigating import investigate
from .writing import Written, ask_draft, ask_revision, assemble, code_alone, critic_for, open_with_progress


def write(store: Store, options: Options, briefed: Briefed, progress: Progress) -> Written:
    """The personas of all groups, each drafted, criticised and revised on its own."""
    told, outcomes, asker = result_of(ask_models(store, options, briefed, progress))
    return assemble(told, outcomes, asker)


async def ask_models(
    store: Store, options: Options, briefed: Briefed, progress: Progress
) -> tuple[Briefed, list[Outcome], Asker]:
    """The model stage: all that waits for somebody else, for all groups at once; with what the investigation added to briefs."""
    async with open_with_progress(store, options, progress) as models:
        told = await investigate(models, options, briefed)
        return told, await _refine_all(models, options, told), models.asker


def write_again(store: Store, options: Options, briefed: Briefed) -> Written:
    """What a finished run wrote, from code and the answers in its ledger; ProviderError where one of them is not there."""
    models = kept_models(store, options)
    told = result_of(investigate(models, options, briefed))
    return assemble(told, result_of(_refine_all(models, options, told)), models.asker)


async def _refine_all(models: Models, options: Options, briefed: Briefed) -> list[Outcome]:
    tasks = [asyncio.create_task(refine(models, brief, options.max_rounds)) for brief in briefed.all]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:  # where one cannot go on, no other may ask on
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def refine(models: Models, brief: Brief, max_rounds: int) -> Outcome:
    """Draft ⇄ critique: a round is kept only if it is better; what fails after the last one is withdrawn."""
    notebook, critic = Notebook(), critic_for(models, brief)
    try:
        best = first = await critique(brief.context, await ask_draft(models, brief), notebook, critic, brief.by_code)
        kept = dict(best.claims)
        for _ in range(1, max_rounds):
            notebook.seen.add(fingerprint(best.draft))
            if not best.failing:
                break
            draft = await ask_revision(models, brief, best, notebook)
            if fingerprint(draft) in notebook.seen:
                break
            now = await critique(brief.context, draft, notebook, critic, brief.by_code)
            if not is_better(now, best, partial(coverage_of, brief.context)):
                break
            best, kept = now, kept | dict(now.claims)
    except ProviderError as error:
        return await code_alone(brief, error)
    two_groups = best.two_groups
    fallen = with_fallbacks(best.draft, brief.by_code, best.faults)
    if fallen != best.draft:
        best = await critique(brief.context, fallen, notebook, None, brief.by_code)
    dropped = [c for i, c in kept.items() if i not in best.claims]
    drafted = list(first.claims.values())
    return Outcome(best.draft, best.claims, best.sentences, drafted, dropped, notebook.errors, two_groups)
