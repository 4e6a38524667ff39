"""`run` and `demo`: logs in, a folder with a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import ProviderError
from ..options import (
    DEFAULT_MIN_USERS,
    DEFAULT_TIMEOUT,
    OFFLINE,
    Options,
)
from . import options, output

if TYPE_CHECKING:
    from ..commands.running import RunResult

REPORT = "report.html"


def run(
    logs: options.Logs,
    out: options.OutOption,
    personas: options.Personas = None,
    by: options.By = "users",
    within: options.Within = None,
    value: options.Value = None,
    question: options.Question = None,
    seed: options.Seed = options.DEFAULT_SEED,
    min_users: options.MinUsers = DEFAULT_MIN_USERS,
    timezone: options.Timezone = "UTC",
    times_are: options.TimesAre = None,
    time_format: options.TimeFormat = None,
    map: options.Map = [],  # noqa: B006 - typer copies it
    format: options.Format = None,
    query: options.Query = None,
    each: options.Each = None,
    act: options.Act = None,
    keep: options.Keep = [],  # noqa: B006
    allow_rejects: options.AllowRejects = False,
    opt_out: options.OptOut = None,
    names: options.Names = None,
    model: options.Model = OFFLINE,
    critic_model: options.CriticModel = None,
    base_url: options.BaseUrl = None,
    critic_base_url: options.CriticBaseUrl = None,
    timeout: options.Timeout = DEFAULT_TIMEOUT,
    price: options.PriceOption = None,
    max_cost: options.MaxCost = None,
    max_rounds: options.MaxRounds = options.DEFAULT_MAX_ROUNDS,
    concurrency: options.Concurrency = options.DEFAULT_CONCURRENCY,
    record: options.Record = None,
    record_source: options.RecordSource = None,
    replay: options.Replay = None,
    embedding: options.Embedding = "wordllama",
    local: options.Local = False,
    engine: options.EngineName = "local",
    fresh: options.Fresh = False,
    json: options.Json = False,
) -> None:
    """Write personas from logs.

    OUT then holds report.html, personas.md, personas.json and what they were made from.

    An unchanged run does nothing; an interrupted one goes on where it stopped.
    """
    _run(options.made(locals()), as_json=json)


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", metavar="OUT", help="Folder for the run.")] = Path("demo-out"),
    json: options.Json = False,
) -> None:
    """Run on the bundled log with recorded model responses: no key, no network."""
    from .. import commands

    _run(commands.demo_options(out), as_json=json)


def _run(settings: Options, *, as_json: bool) -> None:
    from .. import commands
    from ..report import shown

    with output.progress() as progress:
        result = commands.run(settings, progress)
    _print(result, as_json=as_json)
    for failure in result.run.get("failures", []):
        output.complain(f"partial: {failure}")
    if result.run.get("status") == "partial":
        raise typer.Exit(ProviderError.exit_status)
    if not shown(result.personas):
        raise typer.Exit(1)


def _print(result: RunResult, *, as_json: bool) -> None:
    from ..report import first_screen

    report = str(result.out / REPORT)
    if as_json:
        output.write_json({**result.run, "report": report, "reused": result.reused})
        return
    output.write(first_screen(result.personas, output.WIDTH))
    if result.reused:
        output.write("\nNothing has changed since this run: it was left as it is. --fresh does it again.")
    output.write(f"\n{report}")
