"""What `persona-agent eval` calls: one function from what was asked to a report, its table and what became worse."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from persona_agent.errors import InputError
from persona_agent.progress import Progress

from . import running
from .page import page_of
from .suite import Live
from .table import table_of

STORED = "stored"


@dataclass(frozen=True)
class Made:
    report: dict[str, Any]
    table: str
    worse: list[str]


def evaluate(
    names: Sequence[str],
    *,
    fixtures: Path | None,
    recordings: Path | None,
    live: Mapping[str, Any] | None,
    baseline: Path | None,
    page: Path | None,
    progress: Progress,
) -> Made:
    """Run these suites; the baseline is read before anything is run."""
    suites = running.chosen(names)
    before = _baseline(baseline) if baseline else None
    found = replace(running.fixtures_in(fixtures), recordings=recordings, live=Live(**live) if live else None)
    report = running.run(suites, found, progress)
    worse = running.regressions(report, before) if before else []
    if page:
        page.write_text(page_of(report, before), encoding="utf-8")
    return Made(report, table_of(report), [f"{r.suite}.{r.name}: {r.how}" for r in worse])


def _baseline(path: Path) -> dict[str, Any]:
    """A stored report; `stored` is the one that comes with the suite."""
    path = running.BASELINE if str(path) == STORED else path
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found["suites"], dict):
            raise TypeError
    except OSError as error:
        raise InputError(f"The baseline {str(path)!r} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{str(path)!r} is no report of `persona-agent eval --json`.",
            hint="Make one with: persona-agent eval --json",
        ) from None
    return found
