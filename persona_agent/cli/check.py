"""`check`: every published claim again, against the log or on a later one, without a model."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from . import options, output

ClaimId = Annotated[str | None, typer.Argument(metavar="[CLAIM]", help="Only this claim.", show_default=False)]
Later = Annotated[
    list[str],
    typer.Option("--log", metavar="LOG", help="A later log: which claims hold in it? Repeatable.", show_default=False),
]
Moved = Annotated[
    list[str],
    typer.Option("--at", metavar="LOG", help="Where the log is now, if it moved. Repeatable.", show_default=False),
]


def check(
    out: options.Out,
    claim: ClaimId = None,
    log: Later = [],  # noqa: B006 - typer copies it
    at: Moved = [],  # noqa: B006 - typer copies it
    json: options.Json = False,
) -> None:
    """Count every claim of a run again.

    Its cited lines are compared with the log as it is now; with --log the claims are asked of a later log of the same
    users. No model is called.
    """
    held = _on_later(out, claim, log, json) if log else _as_it_is(out, claim, at, json)
    if not held:
        raise typer.Exit(1)


def _as_it_is(out: Path, claim: str | None, at: list[str], json: bool) -> bool:
    from .. import commands
    from ..report import plain

    with output.progress() as progress:
        result = commands.check(out, claim, tuple(at), progress)
    if json:
        output.write_json(asdict(result))
    else:
        for warning in result.warnings:
            output.write(f"warning: {plain(warning)}")
        for failure in result.failures:
            output.write(f"{plain(failure['claim'])}: {plain(failure['problem'])}")
        failed = len({failure["claim"] for failure in result.failures})
        output.write(f"{result.checked:,} checked, {result.checked - failed:,} hold, {failed:,} do not.")
    return not result.failures


def _on_later(out: Path, claim: str | None, log: list[str], json: bool) -> bool:
    from .. import commands
    from ..report import plain

    with output.progress() as progress:
        result = commands.check_on(out, claim, tuple(log), progress)
    if json:
        output.write_json({**asdict(result), "share": result.share})
        return result.enough
    for found in result.claims:
        again = found["again"]
        held = "cannot be asked" if again is None else "holds" if again["holds"] else "does not hold"
        output.write(f"{plain(found['claim'])}: {held}. {plain(found['text'])}")
    share = f" ({100 * result.share:.0f} %)" if result.share is not None else ""
    output.write(
        f"{result.hold:,} of {result.asked:,} claims that this log can test hold{share}; "
        f"{result.users:,} users of the run are in it, {result.unknown:,} others were left out."
    )
    return result.enough
