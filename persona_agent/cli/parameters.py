"""Click's parameters, made from the fields of `Options`, and an `Options` from what was given for them.

What is typed comes first, then the environment (`PERSONA_AGENT_…`), then `persona-agent.toml` in the current folder. Promised:
click takes words apart and judges none of them; what cannot be used is refused by `Options`, wherever it came from.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import click

from ..addresses import without_password
from ..errors import UsageError
from ..options import Options, about_option

FILE = Path("persona-agent.toml")
# Options by which something leaves this machine, by which more of a log does, or by which people are protected less.
SENDING = (
    "model", "critic_model", "base_url", "critic_base_url", "embedding", "engine", "allow", "mapping", "declared", "codebook",
    "query", "keep", "opt_out", "min_users", "names", "key",
)  # fmt: skip
TITLES = {"log": "The log", "groups": "Groups", "models": "Models", "run": "The run"}


def fields_of(takes: Sequence[str]) -> list[str]:
    """The fields that these names, or names of groups, stand for; what is given through another's option has no own one."""
    own = [name for name in Options.model_fields if "=" not in about_option(name)["flag"]]
    return [name for name in own if name in takes or about_option(name)["group"] in takes]


def parameter(name: str, folder: str | None) -> click.Parameter:
    """The option for a field, the argument for the inputs; `folder` is what `out` is unless it is given."""
    field, known = Options.model_fields[name], about_option(name)
    if name == "inputs":
        return click.Argument([name], nargs=-1, required=True, metavar="LOG...", help=field.description)
    flags = [name, *known["flag"].split(", ")]
    if field.annotation is bool:
        return click.Option(flags, is_flag=True, help=help_of(name))
    more: dict[str, Any] = {}
    if name == "out":
        more = {"default": folder, "show_default": True} if folder else {"required": True}
    return click.Option(flags, metavar=metavar_of(name), multiple=is_repeatable(name), help=help_of(name), **more)


def title_of(name: str | None) -> str:
    """The heading above an option in the help of a command."""
    return TITLES[about_option(name)["group"]] if name in Options.model_fields else "Other"


def metavar_of(name: str) -> str:
    """`N`, `DIR` and the like, or the values that there are."""
    return about_option(name).get("metavar") or "|".join(get_args(Options.model_fields[name].annotation))


def is_repeatable(name: str) -> bool:
    default: Any = Options.model_fields[name].default
    return isinstance(default, tuple)


def help_of(name: str) -> str:
    """The help of an option with its default and bounds."""
    default = f"default: {default_of(name)}" if default_of(name) else ""
    notes = "; ".join(note for note in (default, bounds_of(name)) if note)
    return f"{Options.model_fields[name].description}{f'  [{notes}]' if notes else ''}"


def default_of(name: str) -> str:
    """The default in words; nothing where it does nothing. Each command has a folder of its own."""
    default = Options.model_fields[name].default
    if name == "out" or default is None or default is False or default == ():
        return ""
    return f"{default:g}" if isinstance(default, float) else str(default)


def bounds_of(name: str) -> str:
    found = Options.model_fields[name].metadata
    least, most = (next((getattr(b, key) for b in found if hasattr(b, key)), None) for key in ("ge", "le"))
    if least is None:
        return ""
    return f"at least {least:g}" if most is None else f"{least:g} to {most:g}"


def options_from(typed: Mapping[str, Any]) -> Options:
    """Options from what was typed and, where nothing was, from the environment and the file."""
    given = {name: value for name, value in typed.items() if value not in (None, (), False)}
    stored = [name for name in typed if name not in given and about_option(name)["stored"]]
    environment = from_environment(stored)
    file = {name: value for name, value in from_file().items() if name in stored and name not in environment}
    _check(environment, variable_of)
    _check(file, lambda _: str(FILE))
    _tell_where_to(file)
    return Options(**file, **environment, **given)


def _check(values: Mapping[str, Any], where: Callable[[str], str]) -> None:
    """Refuses a value that nobody typed with the place where it stands."""
    for name, value in values.items():
        try:
            Options(**{name: value})
        except UsageError as error:
            raise UsageError(f"{where(name)}: {error.message}", hint=error.hint) from None


def _tell_where_to(file: Mapping[str, Any]) -> None:
    """Says, before a log is read, what the file decides of where data go and what of them: it may have come with the log."""
    decided = [f"{word_of(name)} = {without_password(str(file[name]))!r}" for name in SENDING if name in file]
    if decided:
        click.echo(f"{FILE} in this folder says: {', '.join(decided)}", err=True)


def from_environment(names: Sequence[str]) -> dict[str, Any]:
    """What the environment sets of these fields; several values of a repeatable option stand with blanks between."""
    found = {name: os.environ.get(variable_of(name)) for name in names}
    return {name: value.split() if is_repeatable(name) else value for name, value in found.items() if value}


def variable_of(name: str) -> str:
    return f"PERSONA_AGENT_{word_of(name).replace('-', '_').upper()}"


def word_of(name: str) -> str:
    """The option as the file spells it: without the dashes in front."""
    flag: str = about_option(name)["flag"]
    return flag.rpartition("--")[2]


def from_file() -> dict[str, Any]:
    """What the file sets, by field. UsageError if it cannot be read, or names what is no option, or none for a file."""
    if not FILE.is_file():
        return {}
    try:
        values = tomllib.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{FILE} cannot be read: {error}.") from None
    names = {word_of(name): name for name in fields_of(tuple(TITLES))}
    found = {}
    for key, value in values.items():
        name = names.get(key.replace("_", "-"))
        if name is None:
            raise UsageError(f"{FILE}: there is no option {key!r}.", hint="`run --help` lists them.")
        if not about_option(name)["stored"]:
            raise UsageError(f"{FILE}: {key!r} is of one call, not of a project, and can only be typed.")
        found[name] = value
    return found
