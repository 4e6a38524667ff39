"""The story of the program: log files in, checked personas out.

    read ─▶ gather ─▶ group ─▶ write ─▶ report

Every stage leaves its files in the run directory and the hash of what it was made from in run.json; a stage whose hash
is unchanged is not run again. `check` asks every published claim again, without a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import resources
from .config import Settings
from .errors import StoreError, UsageError
from .progress import Progress
from .providers.offline import Offline
from .schema import PersonaSet
from .stages.report import Lines
from .steps.checking import CheckResult, LaterResult, check_later, check_run
from .steps.finishing import cited_lines, finish
from .steps.grouping import find_memories, find_users
from .steps.inspecting import inspect_log
from .steps.reading import find_log, read_log
from .steps.runs import Run
from .steps.writing import write_personas
from .store import Store

__all__ = ["CheckResult", "LaterResult", "RunResult", "check", "check_on", "demo_settings", "inspect", "run", "show"]


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
    if settings.model != "offline":
        raise UsageError(f"--model {settings.model!r}: this version writes with 'offline' only.")
    log = find_log(settings)
    store = Store.create(settings.out)
    this = Run.begin(store, settings, log.fingerprints())
    if this.is_complete():
        return RunResult(store.out, *show(store.out), this.state, reused=True)
    with this.stage("read", progress) as todo:
        if todo:
            this.record("read", read_log(log, settings, store, progress))
    with this.stage("gather", progress) as todo:
        if todo:
            this.record("gather", find_memories(store, settings))
    with this.stage("write", progress):
        users = find_users(store, settings)
        written = write_personas(store, settings, users, Offline(), progress)
    with this.stage("report", progress):
        personas, lines = finish(store, settings, this, users, written)
    return RunResult(store.out, personas, lines, this.state, reused=False)


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


def inspect(settings: Settings, progress: Progress) -> dict[str, Any]:
    """What a run would read: columns, mapping, users, window, identifiers, what is set aside or rejected."""
    return inspect_log(settings, progress)


def demo_settings(out: Path) -> Settings:
    """The bundled, synthetic log."""
    return Settings(inputs=(str(resources.demo() / "events.jsonl.gz"),), out=out, value="properties.spent")
