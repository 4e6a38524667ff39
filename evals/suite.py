"""What a suite is: jobs that may run beside each other, and a function that makes numbers of what they return.

A suite is a module of `evals.suites` with `NAME`, `TITLE`, `jobs(fixtures, data)` and `numbers(results, data)`; its data
file is `evals/cases/NAME.yaml`. Promises asked of it: a job is a top-level function of plain values, so that it runs in
another process; it returns plain values; the same inputs give the same result, whatever runs beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from persona_agent.models.recording import INTERACTIONS
from persona_agent.options import Options

from .results import Number

CASES = Path(__file__).resolve().parent / "cases"


@dataclass(frozen=True)
class Job:
    """`of(*arguments)` in some process. `seconds` is a guess, so that long ones begin first; `needs` names the recordings
    without which there is nothing to measure.
    """

    name: str
    of: Callable[..., Any]
    arguments: Sequence[Any] = ()
    seconds: float = 10.0
    needs: Sequence[str] = ()


@dataclass(frozen=True)
class Failed:
    """A job that could not be done: every number that rests on it is errored, none is 0."""

    why: str


@dataclass(frozen=True)
class Live:
    """A model that is asked now, in place of recordings; with `record` its answers are kept there, by recording."""

    model: str
    base_url: str | None = None
    timeout: float = 600.0
    price: str | None = None
    record: Path | None = None
    source: str | None = None


@dataclass(frozen=True)
class Fixtures:
    """Where logs and recordings are: the repository's `fixtures/`, and before it a folder of other recordings."""

    folder: Path
    recordings: Path | None = None
    live: Live | None = None

    def log(self, name: str) -> str:
        """`demo` is the bundled log; others are files of `fixtures/logs`."""
        return str(self.folder / "demo" / "events.jsonl.gz" if name == "demo" else self.folder / "logs" / name)

    def recording(self, name: str) -> Path:
        """The folder of a recording by its name below `fixtures/`."""
        other = self.recordings / name if self.recordings else None
        return other if other is not None and other.is_dir() else self.folder / name

    def lacks(self, job: Job) -> list[str]:
        """The recordings that a job needs and that are not there."""
        return [name for name in job.needs if not (self.recording(name) / INTERACTIONS).is_file()]

    def unless_live(self, *recordings: str) -> tuple[str, ...]:
        """The recordings that are needed: none where a model is asked now."""
        return () if self.live else recordings

    def options(self, recording: str, **more: Any) -> Options:
        """Options whose answers come from a recording, or from the live model."""
        if self.live is None:
            return Options(replay=self.recording(recording), **more)
        live = self.live
        record = live.record / recording if live.record else None
        return Options(
            model=live.model, base_url=live.base_url, timeout=live.timeout, price=live.price, record=record,
            record_source=live.source, **more,
        )  # fmt: skip


@dataclass(frozen=True)
class Suite:
    name: str
    title: str
    jobs: Callable[[Fixtures, Mapping[str, Any]], list[Job]]
    numbers: Callable[[Mapping[str, Any], Mapping[str, Any]], list[Number]]
    data: Mapping[str, Any] = field(default_factory=dict)


def suite_of(module: ModuleType) -> Suite:
    """The suite that a module of `evals.suites` is, with its data file."""
    path = CASES / f"{module.NAME}.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Suite(module.NAME, module.TITLE, module.jobs, module.numbers, data)
