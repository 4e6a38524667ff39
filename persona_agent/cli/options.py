"""The options that commands share, and settings made from them.

Each option of reading and running can also be given as an environment variable, `PERSONA_AGENT_` and its name; the
command line comes first. A value that cannot be used is a `UsageError` that says which.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import typer

from .. import config
from ..errors import UsageError
from ..providers.prices import parse_price
from ..stages.redaction.attributes import says_who

TOLD = ("action", "object", "text")
READING = ("map", "format", "query", "keep", "allow_rejects", "opt_out", "names", "timezone")


def option(*names: str, help: str, **more: Any) -> Any:
    """An option that an environment variable can also give."""
    variable = "PERSONA_AGENT_" + names[-1].lstrip("-").replace("-", "_").upper()
    return typer.Option(*names, help=help, envvar=variable, show_envvar=False, **more)


Logs = Annotated[list[str], typer.Argument(metavar="LOG", help="Log files, folders or globs.", show_default=False)]
Out = Annotated[Path, typer.Argument(metavar="OUT", help="The folder of a run.", show_default=False)]
OutOption = Annotated[
    Path, option("-o", "--out", help="Folder for the run; created private.", metavar="OUT", show_default=False)
]
Map = Annotated[
    list[str],
    option(
        "--map",
        metavar="FIELD=COLUMN",
        help="Which column is what, e.g. user=uid,timestamp=at; allow=COLUMN lets its values into texts, declared=COLUMN "
        "has them counted on cards alone. Repeatable.",
        show_default=False,
    ),
]
Format = Annotated[str | None, option("--format", help="The file's or the vendor's format, where it cannot be told.")]
Query = Annotated[
    str | None,
    option("--query", metavar="SQL", help="Which rows of a duckdb or SQLite file are events, in which order."),
]
Keep = Annotated[
    list[str],
    option(
        "--keep",
        metavar="REASON",
        help=f"Do not set aside for this reason: {', '.join(config.KEEPABLE)}. Repeatable.",
        show_default=False,
    ),
]
AllowRejects = Annotated[bool, option("--allow-rejects", help="Go on although most records cannot be read.")]
OptOut = Annotated[Path | None, option("--opt-out", metavar="FILE", help="User ids to leave out, one a line.")]
Names = Annotated[
    str | None, option("--names", metavar="MODEL", help="Mask names of people, found by this model of spaCy's.")
]
Timezone = Annotated[str, option("--timezone", metavar="ZONE", help="For hours and weekdays, e.g. Europe/Berlin.")]
By = Annotated[
    Literal["users", "intents"], option("--by", help="Group users, or make each intent an occasion of its own.")
]
Personas = Annotated[int | None, option("--personas", metavar="N", min=2, help="So many groups, instead of the best.")]
Within = Annotated[str | None, option("--within", metavar="FIELD", help="Find groups that run across this field.")]
Value = Annotated[
    str | None, option("--value", metavar="EXPR", help="An event's value, e.g. properties.quantity*properties.price.")
]
Question = Annotated[
    str | None,
    option("--question", metavar="TEXT", help="What you want to know: steers what is examined and told first."),
]
Seed = Annotated[int, option("--seed", metavar="N", min=0, help="For everything random.")]
MinUsers = Annotated[int, option("--min-users", metavar="N", min=2, help="The smallest group that is shown.")]
Model = Annotated[str, option("--model", metavar="M", help="Who writes: offline, openai/NAME, anthropic/NAME, …")]
CriticModel = Annotated[
    str | None,
    option(
        "--critic-model",
        metavar="M",
        help="Who judges, the writer unless named; offline: code alone.",
        show_default=False,
    ),
]
BaseUrl = Annotated[
    str | None,
    option("--base-url", metavar="URL", help="An OpenAI-compatible server for the models.", show_default=False),
]
CriticBaseUrl = Annotated[
    str | None, option("--critic-base-url", metavar="URL", help="The same for the critic, where it is another.")
]
Timeout = Annotated[float, option("--timeout", metavar="S", min=0.1, help="Seconds that one answer may take.")]
PriceOption = Annotated[
    str | None, option("--price", metavar="IN,OUT", help="USD per million tokens, where a model's price is not known.")
]
MaxCost = Annotated[
    float | None, option("--max-cost", metavar="USD", min=0.0, help="Stop before this could be exceeded.")
]
MaxRounds = Annotated[
    int, option("--max-rounds", metavar="N", min=1, max=10, help="Drafts and revisions of one persona at most.")
]
Concurrency = Annotated[int, option("--concurrency", metavar="N", min=1, help="Calls at once.")]
Record = Annotated[Path | None, typer.Option("--record", metavar="DIR", help="Keep every answer in DIR, to replay it.")]
RecordSource = Annotated[
    str | None, typer.Option("--record-source", metavar="TEXT", help="Where the recorded answers come from.")
]
Replay = Annotated[
    Path | None, typer.Option("--replay", metavar="DIR", help="Answer from a recording: no key, no network.")
]
Embedding = Annotated[str, option("--embedding", metavar="NAME", help="How texts are compared.")]
Local = Annotated[bool, typer.Option("--local", help="Refuse any model or engine that is not on this machine.")]
EngineName = Annotated[
    str, option("--engine", metavar="E", help="Where parts of a large log are done: local, ray or ray:ADDRESS.")
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Do everything again, reuse nothing.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def reading(
    logs: list[str],
    *,
    map: list[str],
    format: str | None,
    query: str | None,
    keep: list[str],
    allow_rejects: bool,
    opt_out: Path | None,
    names: str | None,
    timezone: str,
) -> dict[str, Any]:
    """The part of `Settings` that says how logs are read."""
    mapping, allow, declared = mapped(map)
    return {
        "inputs": tuple(logs),
        "mapping": mapping,
        "allow": allow,
        "declared": declared,
        "format": format,
        "query": query,
        "keep": known_reasons(keep),
        "allow_rejects": allow_rejects,
        "opt_out": opt_out,
        "names": names,
        "timezone": known_zone(timezone),
    }


def mapped(values: list[str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...]]:
    """`--map` values as pairs of field and column, and the columns that `allow=` and `declared=` name."""
    mapping: dict[str, str] = {}
    columns: dict[str, list[str]] = {"allow": [], "declared": []}
    known = ", ".join((*config.MAPPED_FIELDS, *columns))
    for part in (part for value in values for part in value.split(",") if part.strip()):
        field, _, column = (text.strip() for text in part.partition("="))
        if not column:
            raise UsageError(f"--map {part.strip()!r} is not of the form FIELD=COLUMN.", hint=f"Fields: {known}.")
        if field in (*TOLD, "allow") and says_who(column):
            raise UsageError(
                f"--map {part.strip()!r}: such a column says who somebody is, and none of it is told of a group.",
                hint=f"--map declared={column} counts it on cards.",
            )
        if field in columns:
            columns[field].append(column)
        elif field not in config.MAPPED_FIELDS:
            raise UsageError(f"--map does not know the field {field!r}.", hint=f"Fields: {known}.")
        elif mapping.setdefault(field, column) != column:
            raise UsageError(f"--map gives {field!r} two columns, {mapping[field]!r} and {column!r}.")
    return tuple(mapping.items()), tuple(columns["allow"]), tuple(columns["declared"])


def known_reasons(names: list[str]) -> tuple[str, ...]:
    for name in names:
        if name not in config.KEEPABLE:
            raise UsageError(
                f"--keep {name!r} is no reason to set aside.", hint=f"Reasons: {', '.join(config.KEEPABLE)}."
            )
    return tuple(names)


def known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = "Name one of the time zone database, e.g. Europe/Berlin."
        raise UsageError(f"--timezone {name!r} is unknown.", hint=hint) from None
    return name


def known_form(model: str | None, name: str) -> None:
    if model not in (None, config.OFFLINE) and not (model or "").partition("/")[2]:
        option = "--" + name.replace("_", "-")
        raise UsageError(
            f"{option} {model!r} names no provider.", hint=f"Write openai/{model}, anthropic/{model} or so on."
        )


def one_of(record: Path | None, replay: Path | None) -> None:
    if record is not None and replay is not None:
        raise UsageError("--record and --replay exclude each other: a replay asks nobody.")


def made(given: dict[str, Any]) -> config.Settings:
    """Settings from the parameters of a command, which are called like what they set; `logs` are the inputs."""
    one_of(given.get("record"), given.get("replay"))
    for name in ("model", "critic_model"):
        known_form(given.get(name), name)
    if given.get("price"):
        parse_price(given["price"])
    read = reading(given["logs"], **{name: given[name] for name in READING})
    known = {f.name for f in fields(config.Settings)} - set(read)
    return config.Settings(**read, **{name: value for name, value in given.items() if name in known})
