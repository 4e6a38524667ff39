"""`egress` and `forget`: what left this machine, and one person out of a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated

import typer

from . import options, output

User = Annotated[str, typer.Argument(metavar="USER", help="The id as it stands in the log.", show_default=False)]


def egress(out: options.Out, json: options.Json = False) -> None:
    """List every call that left the program for a model.

    Host, model, prompt, bytes of text, identifiers masked in it; answered or not. --json lists each call with its time and the
    digest of its text.
    """
    from .. import commands

    calls = commands.egress(out)
    if json:
        output.write_json(calls)
        return
    if not calls:
        output.write("Nothing left this machine for a model.")
        return
    seen: dict[tuple[str, ...], Counter[str]] = {}
    for call in calls:
        key = (call["host"], call["model"], call["stage"])
        seen.setdefault(key, Counter()).update(calls=1, bytes=call["bytes"], masked=call["masked"])
    rows = [{"host": h, "model": m, "prompt": s, **counts} for (h, m, s), counts in seen.items()]
    for line in output.sections({"sent": rows, "calls": len(calls), "bytes": sum(c["bytes"] for c in calls)}):
        output.write(line)


def forget(out: options.Out, user: User, json: options.Json = False) -> None:
    """Take one person out of a finished run.

    Lines, memories and citations go; claims are counted again without them, and what no longer stands is withdrawn. Prompts
    and answers of the run are deleted. The log itself is yours to mend.
    """
    from .. import commands

    with output.progress() as progress:
        gone = commands.forget(out, user, progress)
    if json:
        output.write_json(asdict(gone))
        return
    output.write(
        f"{gone.lines:,} lines, {gone.memories:,} memories, {gone.citations:,} citations and {gone.calls:,} recorded "
        "calls are gone."
    )
    for what, names in (("withdrawn", gone.withdrawn), ("no longer shown", gone.withheld)):
        if names:
            output.write(f"{what}: {', '.join(names)}")
    output.write("The log and copies of the report elsewhere are not touched.")
