"""The story of the program: log files in, checked personas out.

    read ─▶ gather ─▶ group ─▶ brief ─▶ (draft ⇄ critique) ─▶ report

Every stage leaves its files in the run directory and the hash of what it was made from in run.json; a stage whose hash
is unchanged is not run again, and no answered call is asked again. `check` asks every published claim again, without a
model.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from . import resources
from .config import Settings
from .engines import Engine, open_engine
from .errors import ProviderError, StoreError
from .llm.ask import Asker
from .llm.ledger import Ledger
from .progress import Progress
from .schema import Audit, PersonaSet
from .stages.critique import Notebook, better, covered, critique, fingerprint
from .stages.drafts import Outcome, with_fallbacks
from .stages.report import Lines
from .steps.auditing import audit_personas
from .steps.briefing import Brief, Briefed, brief_groups
from .steps.checking import CheckResult, LaterResult, check_later, check_run
from .steps.estimating import Estimate, estimate_calls
from .steps.finishing import cited_lines, finish
from .steps.forgetting import Forgotten, forget_user
from .steps.gathering import find_memories
from .steps.grouping import Users, find_users, split_groups
from .steps.inspecting import inspect_log
from .steps.models import Models, check_models, with_recording
from .steps.reading import Log, find_log, read_log
from .steps.runs import Run
from .steps.writing import Written, ask_draft, ask_revision, code_alone, critic_for, opened, written
from .store import Store

__all__ = [
    "CheckResult", "Estimate", "Forgotten", "LaterResult", "RunResult", "audit", "check", "check_on", "demo_settings", "egress",
    "estimate", "forget", "inspect", "run", "show",
]  # fmt: skip


@dataclass(frozen=True)
class RunResult:
    """A finished run: where it is, its personas, the cited lines, run.json, and whether nothing had to be done."""

    out: Path
    personas: PersonaSet
    lines: Lines
    run: dict[str, Any]
    reused: bool


def run(settings: Settings, progress: Progress) -> RunResult:
    """Everything from log files to a report in `settings.out`."""
    settings = with_recording(settings, progress)
    check_models(settings)
    log = find_log(settings)
    with Store.create(settings.out).alone() as store:
        return run_in(store, settings, log, progress)


def run_in(store: Store, settings: Settings, log: Log, progress: Progress) -> RunResult:
    """The stages of a run, in a directory that nobody else works in."""
    this = Run.begin(store, settings, log.fingerprints())
    if this.is_complete():
        return RunResult(store.out, *show(store.out), this.state, reused=True)
    with open_engine(settings.engine) as engine:
        with this.stage("read", progress) as todo:
            if todo:
                this.record("read", read_log(log, settings, store, progress, engine))
        with this.stage("gather", progress) as todo:
            if todo:
                this.record("gather", find_memories(store, settings, progress, engine))
        with this.stage("group", progress):
            users = find_users(store, settings)
        with this.stage("write", progress):
            made = write(store, settings, users, progress, engine)
            if split := split_groups(store, settings, users, made.two_groups, progress):
                users, made = split, write(store, settings, split, progress, engine)
        with this.stage("report", progress):
            personas, lines = finish(store, settings, this, users, made)
    return RunResult(store.out, personas, lines, this.state, reused=False)


def write(store: Store, settings: Settings, users: Users, progress: Progress, engine: Engine) -> Written:
    """The personas of all groups, each drafted, criticised and revised on its own."""
    with brief_groups(store, settings, users, progress, engine) as briefed:
        return write_briefed(store, settings, briefed, progress)


def write_briefed(store: Store, settings: Settings, briefed: Briefed, progress: Progress) -> Written:
    """The personas of groups that are briefed."""
    outcomes, asker = asyncio.run(ask_models(store, settings, briefed, progress))
    return written(briefed, outcomes, asker)


async def ask_models(
    store: Store, settings: Settings, briefed: Briefed, progress: Progress
) -> tuple[list[Outcome], Asker]:
    """The model stage: all that waits for somebody else, for all groups at once."""
    async with opened(store, settings, progress) as models:
        tasks = [asyncio.create_task(refine(models, brief, settings.max_rounds)) for brief in briefed.all]
        try:
            return await asyncio.gather(*tasks), models.asker
        finally:
            for task in tasks:  # where one cannot go on, no other may ask on
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def refine(models: Models, brief: Brief, max_rounds: int) -> Outcome:
    """Draft ⇄ critique: a round is kept only if it is better; what fails after the last one is withdrawn."""
    notebook, critic = Notebook(), critic_for(models, brief)
    try:
        best = first = await critique(brief.desk, await ask_draft(models, brief), notebook, critic, brief.by_code)
        kept = dict(best.claims)
        for _ in range(1, max_rounds):
            notebook.seen.add(fingerprint(best.draft))
            if not best.failing:
                break
            draft = await ask_revision(models, brief, best, notebook)
            if fingerprint(draft) in notebook.seen:
                break
            now = await critique(brief.desk, draft, notebook, critic, brief.by_code)
            if not better(now, best, partial(covered, brief.desk)):
                break
            best, kept = now, kept | dict(now.claims)
    except ProviderError as error:
        return await code_alone(brief, error)
    two_groups = best.two_groups
    fallen = with_fallbacks(best.draft, brief.by_code, best.said)
    if fallen != best.draft:
        best = await critique(brief.desk, fallen, notebook, None, brief.by_code)
    dropped = [c for i, c in kept.items() if i not in best.claims]
    drafted = list(first.claims.values())
    return Outcome(best.draft, best.claims, best.sentences, drafted, dropped, notebook.errors, two_groups)


def estimate(settings: Settings, progress: Progress) -> Estimate:
    """Calls, tokens and cost of a run, before anything is spent."""
    return estimate_calls(settings, progress)


def show(out: Path) -> tuple[PersonaSet, Lines]:
    """The personas of a finished run, with the lines that they cite."""
    store = Store.open(out)
    if not store.path("personas.json").is_file():
        raise StoreError(f"The run in {str(out)!r} did not finish.", hint="Run the same command again: it goes on.")
    personas = PersonaSet.model_validate(store.read_json("personas.json"))
    return personas, cited_lines(store, personas)


def check(out: Path, claim: str | None, at: tuple[str, ...], progress: Progress) -> CheckResult:
    """Every accepted claim of a run (or one) again, against the log as it is now (`at`: where it is, if it moved)."""
    return check_run(Store.open(out), claim, at, progress)


def check_on(out: Path, claim: str | None, log: tuple[str, ...], progress: Progress) -> LaterResult:
    """Every accepted claim of a run (or one) on a later log of the same users."""
    return check_later(Store.open(out), claim, log, progress)


def audit(personas: Path, settings: Settings, progress: Progress) -> Audit:
    """Anyone's personas against a log, statement by statement."""
    settings = with_recording(settings, progress)
    check_models(settings)
    return audit_personas(personas, settings, progress)


def forget(out: Path, user: str, progress: Progress) -> Forgotten:
    """One person out of a finished run."""
    with Store.open(out).alone() as store:
        return forget_user(store, user, progress)


def egress(out: Path) -> list[dict[str, Any]]:
    """Everything that a run sent to a model or an embedding outside of its own process, in order."""
    path = Store.open(out).path("ledger.sqlite")
    return Ledger(path).all_sent() if path.is_file() else []


def inspect(settings: Settings, progress: Progress) -> dict[str, Any]:
    """What a run would read: columns, mapping, users, window, identifiers, what is set aside or rejected."""
    return inspect_log(settings, progress)


def demo_settings(out: Path) -> Settings:
    """The bundled, synthetic log with the recorded model responses that come with it."""
    folder = resources.demo()
    return Settings(
        inputs=(str(folder / "events.jsonl.gz"),), out=out, value="properties.spent", replay=folder / "recording"
    )
