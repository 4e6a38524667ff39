"""`run`: the story of the program, log files in, checked personas out.

    read ─▶ gather ─▶ group ─▶ brief ─▶ (draft ⇄ critique) ─▶ report

Every stage leaves its files in the run directory and the hash of what it was made from in run.json; a stage whose hash
is unchanged is not run again, and no answered call is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import resources
from ..engines import open_engine
from ..errors import ProviderError
from ..groups.gathering import find_memories
from ..groups.grouping import find_users, split_groups
from ..log.reading import Log, find_log, read_log
from ..models.opening import check_models, with_recording
from ..options import Options
from ..progress import Progress
from ..report import Lines, first_screen, shown
from ..report.finishing import finish
from ..runs import Run
from ..schema import PersonaSet
from ..store import Store
from ..write.loop import write
from .results import Result
from .showing import finished

REPORT = "report.html"


@dataclass(frozen=True)
class RunResult(Result):
    """A finished run: where it is, its personas, the cited lines, run.json, and whether nothing had to be done."""

    out: Path
    personas: PersonaSet
    lines: Lines
    run: dict[str, Any]
    reused: bool

    def text(self) -> str:
        unchanged = "Nothing has changed since this run: it was left as it is. --fresh does it again."
        return "\n\n".join([first_screen(self.personas), *([unchanged] if self.reused else []), self.report])

    def as_json(self) -> dict[str, Any]:
        return {**self.run, "report": self.report, "reused": self.reused}

    @property
    def report(self) -> str:
        """The page to open."""
        return str(self.out / REPORT)

    @property
    def remarks(self) -> Sequence[str]:
        return [f"partial: {failure}" for failure in self.run.get("failures", [])]

    @property
    def exit_status(self) -> int:
        if self.run.get("status") == "partial":
            return ProviderError.exit_status
        return 0 if shown(self.personas) else 1


def run(options: Options, progress: Progress) -> RunResult:
    """Everything from log files to a report in `options.out`."""
    options = with_recording(options, progress)
    check_models(options)
    log = find_log(options)
    with Store.create(options.out).alone() as store:
        return run_in(store, options, log, progress)


def run_in(store: Store, options: Options, log: Log, progress: Progress) -> RunResult:
    """The stages of a run, in a directory that nobody else works in."""
    this = Run.begin(store, options, log.fingerprints())
    if this.is_complete():
        return RunResult(store.out, *finished(store.out), this.state, reused=True)
    with open_engine(options.engine) as engine:
        with this.stage("read", progress) as todo:
            if todo:
                this.record("read", read_log(log, options, store, progress, engine))
        with this.stage("gather", progress) as todo:
            if todo:
                this.record("gather", find_memories(store, options, progress, engine))
        with this.stage("group", progress):
            users = find_users(store, options)
        with this.stage("write", progress):
            made = write(store, options, users, progress, engine)
            if split := split_groups(store, options, users, made.two_groups, progress):
                users, made = split, write(store, options, split, progress, engine)
        with this.stage("report", progress):
            personas, lines = finish(store, options, this, users, made)
    return RunResult(store.out, personas, lines, this.state, reused=False)


def demo_options(out: Path) -> Options:
    """The bundled, synthetic log with the recorded model responses that come with it."""
    folder = resources.demo()
    return Options(
        inputs=(str(folder / "events.jsonl.gz"),), out=out, value="properties.spent", replay=folder / "recording"
    )
