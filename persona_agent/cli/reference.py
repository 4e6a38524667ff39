"""`docs/options.md`: every option by group, with its default, its bounds and the commands that take it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..options import Options, about_option
from .app import app
from .command import Command
from .parameters import FILE, TITLES, bounds_of, default_of, fields_of, metavar_of

HEAD = f"""# Options

Made from `persona_agent.options.Options` by `make options`. The same names, with `_` for `-`, are the keywords of `Options` in
Python. What is typed comes first, then the environment, then the file `{FILE}` of the current folder:

```sh
persona-agent inspect fixtures/logs/library.jsonl.gz --timezone Europe/Berlin
PERSONA_AGENT_TIMEZONE=Europe/Berlin persona-agent inspect fixtures/logs/library.jsonl.gz
echo 'timezone = "Europe/Berlin"' >> {FILE}
```

In the environment several values of one option stand with blanks between, in the file as a list. What is marked with * is of
one call and can only be typed."""


def write_page(path: Path) -> None:
    path.write_text(options_page(), encoding="utf-8")


def options_page() -> str:
    """The page as Markdown."""
    return "\n\n".join([HEAD, *_tables()]) + "\n"


def _tables() -> Iterator[str]:
    for group, title in TITLES.items():
        rows = [_row(name) for name in Options.model_fields if about_option(name)["group"] == group]
        yield "\n".join([f"## {title}\n", "| option | | default | commands |", "|---|---|---|---|", *rows])


def _row(name: str) -> str:
    field, known = Options.model_fields[name], about_option(name)
    word = "" if field.annotation is bool or "=" in known["flag"] else f" {metavar_of(name)}"
    option = f"`{metavar_of(name)}...`" if name == "inputs" else f"`{known['flag']}{word}`"
    help = " ".join(filter(None, [field.description, f"({bounds_of(name)})" if bounds_of(name) else ""]))
    cells = [option + ("" if known["stored"] else " *"), help, default_of(name), ", ".join(_commands(name))]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _commands(name: str) -> Iterator[str]:
    through = "mapping" if "=" in about_option(name)["flag"] else name
    for command in app.commands.values():
        if isinstance(command, Command) and through in fields_of(command.takes):
            yield f"`{command.name}`"
