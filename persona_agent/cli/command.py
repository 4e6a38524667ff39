"""What every command of the command line has: options made from `Options`, `--json`, a `Result` that is printed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from ..errors import PersonaAgentError
from .output import complain, write_json, write_output


class Commands(click.Group):
    """Commands in the order in which a person needs them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


class Command(click.Command):
    """`takes` are fields or groups of `Options`; the callback then gets an `Options`. They are made into parameters when
    somebody asks for these, because a list of commands needs none. `--out` is required unless there is a `folder`.
    """

    def __init__(self, *args: Any, takes: Sequence[str] = (), folder: str | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.takes, self.folder = takes, folder
        self.params.append(click.Option(["as_json", "--json"], is_flag=True, help="Print JSON only."))

    @cached_property
    def made(self) -> list[click.Parameter]:
        """The parameters of the fields that it takes."""
        if not self.takes:
            return []
        from .parameters import fields_of, parameter  # with pydantic, here and below: a quarter of a second

        return [parameter(name, self.folder) for name in fields_of(self.takes)]

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        own = super().get_params(ctx)
        arguments = [p for p in own if isinstance(p, click.Argument)]
        return [*arguments, *self.made, *(p for p in own if p not in arguments)]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Many options stand under headings."""
        if not self.takes:
            super().format_options(ctx, formatter)
            return
        from .parameters import title_of

        sections: dict[str, list[tuple[str, str]]] = {}
        for p in self.get_params(ctx):
            if isinstance(p, click.Option) and (record := p.get_help_record(ctx)):
                sections.setdefault(title_of(p.name), []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def invoke(self, ctx: click.Context) -> int:
        """Calls the command and prints what it gives; returns the exit status."""
        as_json = ctx.params.pop("as_json")
        if self.takes:
            from .parameters import options_from

            typed = {p.name or "": ctx.params.pop(p.name) for p in self.made}
            ctx.params["options"] = options_from(typed)
        result = super().invoke(ctx)
        if as_json:
            write_json(result.as_json())
        elif text := result.text():  # what speaks a protocol on stdout has nothing more to say there
            write_output(text)
        for line in result.remarks:
            complain(line)
        status: int = result.exit_status
        return status


def edited(arguments: list[str], said: str = "") -> str:
    """What of the runs that were named is not as it was sealed: an edited file may be no longer as any run writes it, and what
    reads it fails in ways that nobody foresaw. Empty where that is not why, or was `said`.
    """
    from ..commands.showing import seal_of
    from ..manifest import FORGED, NOT_SEALED, RUN
    from ..store import Store

    if FORGED in said:
        return ""
    for folder in (Path(word) for word in arguments if (Path(word) / "run.json").is_file()):
        try:
            seal = seal_of(folder)
        except (PersonaAgentError, OSError, ValueError, TypeError, AttributeError):
            return f"{str(folder)!r} is not as a run leaves it. Run it again with --fresh."
        # A run that breaks off has written files that are not sealed yet: its fault is no edit.
        breaks_off = Store(folder).read_json(RUN).get("status") == "running"
        if any(not (breaks_off and problem.endswith(NOT_SEALED)) for problem in seal.problems):
            return f"{str(folder)!r} cannot be read. {seal.says}"
    return ""
