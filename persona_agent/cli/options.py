"""The options that commands share, and settings made from them.

Each option of reading and running can also be given as an environment variable, `PERSONA_AGENT_` and its name; the
command line comes first. A value that cannot be used is a `UsageError` that says which.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from .. import options as config

DEFAULT_CONCURRENCY, DEFAULT_MAX_ROUNDS, DEFAULT_SEED = 8, 3, 0


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
Each = Annotated[
    str | None,
    option(
        "--each", metavar="COLUMN", help="Read each member of the list in this column as a record.", show_default=False
    ),
]
Act = Annotated[
    str | None,
    option("--act", metavar="TEXT", help="What all records tell, where no column says it: order.", show_default=False),
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
TimesAre = Annotated[
    Literal["utc", "local"] | None,
    option(
        "--times-are",
        help="What times without an offset are: utc (unless told otherwise), or local, what clocks in --timezone showed.",
        show_default=False,
    ),
]
TimeFormat = Annotated[
    str | None,
    option(
        "--time-format",
        metavar="FORM",
        help="How times are spelled, where it cannot be told: day-first, month-first, year-first, spreadsheet, or a pattern "
        "like '%d/%m/%Y %H:%M'.",
        show_default=False,
    ),
]
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


def made(given: dict[str, Any]) -> config.Options:
    """Options from the parameters of a command, which are called like what they set; `logs` are the inputs."""
    named = {"logs": "inputs", "map": "mapping"}
    values = {named.get(name, name): value for name, value in given.items()}
    return config.Options(**{name: value for name, value in values.items() if name in config.Options.model_fields})
