"""`eval`: the measuring suite, on recorded answers unless told otherwise."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import UsageError
from ..options import DEFAULT_TIMEOUT
from . import options, output

GROUP = "persona_agent.evals"

Suites = Annotated[
    list[str],
    typer.Argument(
        metavar="[SUITE]…",
        help="groups, personas, critic, reader, prediction, narrative; all unless named.",
        show_default=False,
    ),
]
LiveModel = Annotated[
    str | None, typer.Option("--live", metavar="MODEL", help="Ask this model now, in place of the recordings.")
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        "--baseline", metavar="FILE", help="Hold the numbers against this report; `stored` is the project's own."
    ),
]
Page = Annotated[
    Path | None, typer.Option("--page", metavar="FILE", help="Also write the whole table as a page with plots.")
]
FixturesFolder = Annotated[
    Path | None, typer.Option("--fixtures", metavar="DIR", help="The fixtures/ of a clone of the repository.")
]
Recordings = Annotated[
    Path | None, typer.Option("--recordings", metavar="DIR", help="Answers of another model, as --record left them.")
]


def evaluate(
    suites: Suites = [],  # noqa: B006 - typer copies it
    live: LiveModel = None,
    baseline: Baseline = None,
    page: Page = None,
    fixtures: FixturesFolder = None,
    recordings: Recordings = None,
    base_url: options.BaseUrl = None,
    timeout: options.Timeout = DEFAULT_TIMEOUT,
    price: options.PriceOption = None,
    record: options.Record = None,
    record_source: options.RecordSource = None,
    json: options.Json = False,
) -> None:
    """Measure the program: the same numbers every time, without a key or a network.

    Ends with 1 if a number is worse than in the baseline, beyond its interval.
    """
    run = _suite()
    asked = {
        "model": live,
        "base_url": base_url,
        "timeout": timeout,
        "price": price,
        "record": record,
        "source": record_source,
    }
    if live is None and record is not None:
        raise UsageError("--record keeps the answers of a live model.", hint="Name it with --live.")
    with output.progress() as progress:
        made = run(
            suites, fixtures=fixtures, recordings=recordings, live=asked if live else None, baseline=baseline, page=page,
            progress=progress,
        )  # fmt: skip
    if json:
        output.write_json(made.report)
    else:
        output.write(made.table)
    for line in made.worse:
        output.complain(f"worse than the baseline: {line}")
    if made.worse:
        raise typer.Exit(1)


def _suite() -> Any:
    """The suite that is installed beside the package."""
    found = list(entry_points(group=GROUP))
    if not found:
        raise UsageError("The evaluation suite is not installed.", hint="Install the package again.")
    return found[0].load()
