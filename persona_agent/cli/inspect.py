"""`inspect`: what a run would read, before anything is written."""

from __future__ import annotations

from . import options, output


def inspect(
    logs: options.Logs,
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
    json: options.Json = False,
) -> None:
    """Show what a run would read.

    Columns and their mapping, users, window, identifiers, what is set aside or rejected.
    """
    settings = options.made(locals())
    from .. import commands

    with output.progress() as progress:
        found = commands.inspect(settings, progress)
    if json:
        output.write_json(found)
    else:
        output.write("\n".join(output.sections(found)).strip())
