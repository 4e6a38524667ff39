"""`audit`: anyone's personas against a log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import ProviderError
from ..options import DEFAULT_MIN_USERS, DEFAULT_TIMEOUT, OFFLINE
from . import options, output

Personas = Annotated[
    Path,
    typer.Argument(
        metavar="PERSONAS", help="Personas in Markdown or JSON, or the folder of a run.", show_default=False
    ),
]
OutOption = Annotated[
    Path, typer.Option("-o", "--out", metavar="OUT", help="Folder for audit.md and audit.json; created private.")
]
Judge = Annotated[
    str, options.option("--model", metavar="M", help="Who turns words into measures: openai/NAME, anthropic/NAME, …")
]


def audit(
    personas: Personas,
    logs: options.Logs,
    out: OutOption = Path("audit-out"),
    model: Judge = OFFLINE,
    base_url: options.BaseUrl = None,
    timeout: options.Timeout = DEFAULT_TIMEOUT,
    price: options.PriceOption = None,
    max_cost: options.MaxCost = None,
    concurrency: options.Concurrency = options.DEFAULT_CONCURRENCY,
    value: options.Value = None,
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
    record: options.Record = None,
    record_source: options.RecordSource = None,
    replay: options.Replay = None,
    embedding: options.Embedding = "wordllama",
    json: options.Json = False,
) -> None:
    """Hold anyone's personas against a log: each statement supported, contradicted, an artefact, or not testable.

    PERSONAS are a team's own assumptions, another tool's output, or a run of this one. A model turns the words of each
    statement into measures, without seeing a line; code counts. Ends with 1 if a statement is contradicted or an artefact.
    """
    from .. import commands
    from ..commands.auditing.page import audit_screen

    given = {k: v for k, v in locals().items() if k not in ("personas", "commands", "audit_screen")}
    settings = options.made(given)
    with output.progress() as progress:
        result = commands.audit(personas, settings, progress)
    if json:
        output.write_json(result.model_dump(mode="json"))
    else:
        output.write(audit_screen(result, output.WIDTH))
        output.write(f"\n{out / 'audit.md'}")
    for why in result.unasked:
        output.complain(f"partial: {why}")
    if result.outcomes["error"]:
        raise typer.Exit(ProviderError.exit_status)
    if result.outcomes["contradicted"] or result.outcomes["artefact"]:
        raise typer.Exit(1)
