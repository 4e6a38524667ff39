"""`eval`: the measuring suite, on recorded answers unless told otherwise.

The suite is installed beside the package and found by its entry point: the program does not depend on what judges it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..options import Options
from ..progress import Progress
from .results import Result

GROUP = "persona_agent.evals"


@dataclass(frozen=True)
class Evaluation(Result):
    """The suite's report, its table, and which numbers are worse than in the baseline."""

    report: dict[str, Any]
    table: str
    worse: Sequence[str]

    def text(self) -> str:
        return self.table

    def as_json(self) -> dict[str, Any]:
        return self.report

    @property
    def remarks(self) -> Sequence[str]:
        return [f"worse than the baseline: {line}" for line in self.worse]

    @property
    def exit_status(self) -> int:
        """1 too where nothing at all was measured: that is no success."""
        measured = any(suite["numbers"] for suite in self.report["suites"].values())
        return 1 if self.worse or not measured else 0


def run_suites(
    options: Options,
    *,
    suites: Sequence[str],
    live: str | None,
    baseline: Path | None,
    page: Path | None,
    fixtures: Path | None,
    recordings: Path | None,
    progress: Progress,
) -> Evaluation:
    """These suites, or all; `live` is a model that is asked now, as the options say."""
    suite = _suite()
    if live is None and options.record is not None:
        raise UsageError("--record keeps the answers of a live model.", hint="Name it with --live.")
    asked = {
        "model": live,
        "base_url": options.base_url,
        "timeout": options.timeout,
        "price": options.price,
        "record": options.record,
        "source": options.record_source,
    }
    made = suite(
        suites, fixtures=fixtures, recordings=recordings, live=asked if live else None, baseline=baseline, page=page,
        progress=progress,
    )  # fmt: skip
    return Evaluation(made.report, made.table, made.worse)


def _suite() -> Any:
    found = list(entry_points(group=GROUP))
    if not found:
        raise UsageError("The evaluation suite is not installed.", hint="Install the package again.")
    return found[0].load()
