"""`check`: every published claim again, against the log, without a model."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from . import options, output

ClaimId = Annotated[str | None, typer.Argument(metavar="[CLAIM]", help="Only this claim.", show_default=False)]
Moved = Annotated[
    list[str],
    typer.Option("--log", metavar="LOG", help="Where the log is now, if it moved. Repeatable.", show_default=False),
]


def check(
    out: options.Out,
    claim: ClaimId = None,
    log: Moved = [],  # noqa: B006 - typer copies it
    json: options.Json = False,
) -> None:
    """Count every claim of a run again.

    Its cited lines are compared with the log as it is now; no model is called.
    """
    from .. import pipeline
    from ..stages.report import plain

    with output.progress() as progress:
        result = pipeline.check(out, claim, tuple(log), progress)
    if json:
        output.write_json(asdict(result))
    else:
        for warning in result.warnings:
            output.write(f"warning: {plain(warning)}")
        for failure in result.failures:
            output.write(f"{plain(failure['claim'])}: {plain(failure['problem'])}")
        failed = len({failure["claim"] for failure in result.failures})
        output.write(f"{result.checked:,} checked, {result.checked - failed:,} hold, {failed:,} do not.")
    if result.failures:
        raise typer.Exit(1)
