"""`inspect`: what a run would read, before anything is written."""

from __future__ import annotations

from ..config import Settings
from . import options, output


def inspect(
    logs: options.Logs,
    timezone: options.Timezone = "UTC",
    map: options.Map = [],  # noqa: B006 - typer copies it
    format: options.Format = None,
    keep: options.Keep = [],  # noqa: B006
    allow_rejects: options.AllowRejects = False,
    opt_out: options.OptOut = None,
    json: options.Json = False,
) -> None:
    """Show what a run would read.

    Columns and their mapping, users, window, identifiers, what is set aside or rejected.
    """
    from .. import pipeline

    read = options.reading(
        logs, map=map, format=format, keep=keep, allow_rejects=allow_rejects, opt_out=opt_out, timezone=timezone
    )
    with output.progress() as progress:
        found = pipeline.inspect(Settings(**read), progress)
    if json:
        output.write_json(found)
    else:
        output.write("\n".join(output.sections(found)).strip())
