"""`Options`: everything that a run depends on, once, with its help, its bounds and the error that mends it.

A frozen value, made from keywords, the command line, the environment (`PERSONA_AGENT_…`) or `persona-agent.toml`, and passed
down; there are no globals. What changes results is in `Options.hashed()`, which goes into the run id; what does not is not.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from .errors import UsageError
from .fields import known_fields
from .option_fields import (
    NO_LISTS,
    OfGroups,
    Texts,
    all_allowed,
    first_error,
    known_encoding,
    known_lists,
    known_time_form,
    known_zone,
    metadata_of,
    names_a_provider,
    names_its_unit,
    option,
    plain_value,
    several,
    states_a_purpose,
    two_prices,
    with_columns,
)
from .redaction import mask

DEFAULT_MIN_USERS = 20  # fewer users than this could be recognised by who knows them
# Of people at work colleagues know shifts, desks and cases: a group may be no smaller than of strangers, whoever asks.
TEAM_FLOOR = DEFAULT_MIN_USERS
DEFAULT_MIN_CLAIM_USERS = 5  # the same for a single claim, which tells less than a card
DEFAULT_TIMEOUT = 600.0  # seconds; a model that thinks takes minutes for a draft
LEAST_CONTEXT = 8_000  # tokens: the rules of the longest prompt, a few candidates and an answer
OFFLINE = "offline"
NO_VALUE = "none"  # of --value: what columns tell of a worth is not used
# What a claim must tell against comparable others to set a group apart. Bits grow with the square of a difference, and a
# difference that is cross-placed is κ of the whole log's: at the κ of .35 to .6 that personas have, this is .05 to .15 there.
DISTINGUISHING_BITS = 0.02
# Why records are set aside unless `keep` says otherwise; the last is what vendors themselves call no behaviour.
Reason = Literal["fees", "sensitive", "automation", "flood", "repeat", "not_behaviour"]
KEEPABLE: tuple[Reason, ...] = get_args(Reason)

_log, _groups, _models, _run = (partial(option, group=group) for group in ("log", "groups", "models", "run"))


class Options(OfGroups):
    """Every option of a run. Whatever cannot be used is a UsageError that names the option and what mends it."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False, arbitrary_types_allowed=True)

    inputs: Texts = _log(
        (), "Log files, folders or globs, or postgresql://… of a database.", hashed=False, stored=False, metavar="LOG"
    )
    mapping: Annotated[tuple[tuple[str, str], ...], AfterValidator(known_fields)] = _log(
        (),
        "Which column is what, e.g. user=uid,timestamp=at, session=none for no column; allow=COLUMN lets its values into texts, "
        "declared=COLUMN has them counted on cards alone. Repeatable.",
        flag="--map",
        metavar="FIELD=COLUMN",
    )
    allow: Annotated[Texts, AfterValidator(all_allowed)] = _log(
        (), "Further columns whose values may stand in texts.", flag="--map allow=COLUMN"
    )
    declared: Texts = _log(
        (),
        "Columns that say who somebody is: counted on cards above the floor and used for nothing else.",
        flag="--map declared=COLUMN",
    )
    format: str | None = _log(
        None, "jsonl, json, csv, tsv, parquet, access or a vendor's name, where it cannot be told.", metavar="F"
    )
    query: str | None = _log(
        None, "Which rows of a duckdb or SQLite file or of a database server are events, in which order.", metavar="SQL"
    )
    encoding: Annotated[str | None, AfterValidator(known_encoding)] = _log(
        None, "Of texts that are not UTF-8, where it cannot be told: windows-1252, gbk.", metavar="NAME", hashed="given"
    )
    stitch: bool = _log(
        False, "Join records without a user to the user that their anonymous id was seen with.", hashed="given"
    )
    consent: str | None = _log(
        None,
        "Read only records that say yes in this column, or hold VALUE there; the others are counted and left out.",
        metavar="COLUMN[=VALUE]",
        hashed="given",
    )
    each: str | None = _log(
        None, "Read each member of the list in this column as a record.", metavar="COLUMN", hashed="given"
    )
    act: str | None = _log(
        None, "What all records tell, where no column says it: order, rating.", metavar="TEXT", hashed="given"
    )
    lists: Annotated[Texts, AfterValidator(known_lists)] = _log(
        (),
        "Columns of several values in a cell, and what parts them; found unless told; none: no column is.",
        metavar="COLUMN=SIGN",
        hashed="given",
    )
    keep: Annotated[tuple[Reason, ...], BeforeValidator(several)] = _log(
        (), f"Do not set aside for this reason: {', '.join(KEEPABLE)}. Repeatable.", metavar="REASON"
    )
    allow_rejects: bool = _log(False, "Go on although most records cannot be read.")
    opt_out: Path | None = _log(None, "User ids to leave out: one a line, CSV or JSON.", metavar="FILE")
    names: str | None = _log(
        None, "Mask people's names by this model of spaCy's (extra `presidio`): slow, not only names.", metavar="MODEL"
    )
    time_format: Annotated[str | None, AfterValidator(known_time_form)] = _log(
        None,
        "How times are spelled, where it cannot be told: a pattern like '%d/%m/%Y %H:%M', or the word that an error names.",
        metavar="FORM",
        hashed="given",
    )
    times_are: Literal["utc", "local"] | None = _log(
        None,
        "What times without an offset are: utc (unless told otherwise), or local, what clocks in --timezone showed.",
        metavar="utc|local",
        hashed="given",
    )
    timezone: Annotated[str, AfterValidator(known_zone)] = _log(
        "UTC", "For hours and weekdays, e.g. Europe/Berlin.", metavar="ZONE"
    )
    about: str | None = _log(
        None, "What the product is, in a sentence; kept in the codebook.", metavar="TEXT", hashed="given"
    )
    codebook: Path | None = _log(
        None,
        "A codebook.yaml that you corrected: its names stand in every text, its zone and words on the product hold.",
        metavar="FILE",
        hashed=False,
    )
    value: str | None = _log(
        None,
        "An event's value, e.g. properties.quantity*properties.price; unless told otherwise, what columns named so tell; "
        "none: no value.",
        metavar="EXPR",
    )
    unit: Literal["user", "account"] = _log(
        "user",
        "Whose habits are told: a user's, or those of an account with all persons in it (with --map account=COLUMN).",
        metavar="user|account",
        hashed="given",
    )
    staff: bool = _log(
        False,
        "The log is of people at work: nobody's hours, path or group is told. On by itself where the user column says so.",
        hashed="given",
    )
    no_staff: str | None = _log(
        None,
        "Tell of people at work as of anybody, for this purpose, which the page names.",
        metavar="PURPOSE",
        hashed="given",
        stored=False,
    )

    cross: Texts = _groups(
        (),
        "Personas by a declared column, act, field or amount, in shares. Repeatable.",
        metavar="FIELD",
        hashed="given",
    )
    seed: int = _groups(0, "For everything random: same log, options and seed, same personas.", metavar="N", ge=0)
    min_users: int = _groups(DEFAULT_MIN_USERS, "The smallest group that is shown.", metavar="N", ge=2)
    embedding: str = _groups(
        "wordllama", "How texts are compared: wordllama, openai/NAME and the like, or a plug-in.", metavar="NAME"
    )
    question: str | None = _groups(
        None,
        "What you want to know: acts that it names are examined however rare, claims that speak to it come first.",
        metavar="TEXT",
    )

    model: str = _models(
        OFFLINE,
        "Who writes, or reads for `referee`: offline, openai/NAME, anthropic/NAME, …, or a plug-in.",
        metavar="M",
    )
    critic_model: str | None = _models(None, "Who judges, the writer unless named; offline: code alone.", metavar="M")
    base_url: str | None = _models(
        None,
        "An OpenAI-compatible server for openai/NAME; one on this machine needs no key.",
        metavar="URL",
        hashed=False,
    )
    critic_base_url: str | None = _models(
        None, "The same for the critic, where it is another.", metavar="URL", hashed=False
    )
    timeout: float = _models(DEFAULT_TIMEOUT, "Seconds that one answer may take.", metavar="S", hashed=False, ge=0.1)
    price: Annotated[str | None, AfterValidator(two_prices)] = _models(
        None, "USD per million tokens, where a model's price is not known.", metavar="IN,OUT"
    )
    max_cost: float | None = _models(
        None,
        "Stop before this could be exceeded; started again, nothing is paid twice.",
        metavar="USD",
        hashed=False,
        ge=0,
    )
    context: int | None = _models(
        None,
        "Tokens that a model holds, question and answer together: dossiers and answers are cut to it.",
        metavar="TOKENS",
        hashed="given",
        ge=LEAST_CONTEXT,
    )
    investigate: int = _models(3, "Rounds of questions before any card.", metavar="N", hashed="given", ge=0, le=10)
    max_rounds: int = _models(3, "Drafts and revisions of one persona at most.", metavar="N", ge=1, le=10)
    concurrency: int = _models(8, "Calls at once.", metavar="N", hashed=False, ge=1)
    record: Path | None = _models(
        None, "Keep every answer in DIR, to replay it.", metavar="DIR", hashed=False, stored=False
    )
    record_source: str | None = _models(
        None, "Where the recorded answers come from.", metavar="TEXT", hashed=False, stored=False
    )
    replay: Path | None = _models(
        None, "Answer from a recording: no key, no network.", metavar="DIR", hashed=False, stored=False
    )
    local: bool = _models(
        False, "Refuse any model, embedding, engine or database that is not on this machine.", hashed=False
    )

    out: Path = _run(
        Path("out"),
        "Folder for what is made; readable by you alone.",
        flag="-o, --out",
        metavar="OUT",
        hashed=False,
        stored=False,
    )
    since: Path | None = _run(
        None,
        "An earlier run of the same product: personas keep its ids and names, and the first page says what changed.",
        metavar="RUN",
        hashed=False,
        stored=False,
    )
    engine: str = _run(
        "local", "Where parts of a large log are done: local, ray or ray:ADDRESS.", metavar="E", hashed=False
    )
    workers: int | None = _run(
        None, "Processes for the parts of a large log, one a processor unless told.", metavar="N", hashed=False, ge=1
    )
    seal_key: Path | None = _run(
        None,
        "Where the secret is that seals what a run leaves; made if it is not there. Else $PERSONA_AGENT_SEAL_KEY, else a file "
        "in your configuration folder.",
        metavar="FILE",
        hashed=False,
        stored=False,
    )
    key: Path | None = _run(
        None,
        "Where the secret of the user hashes lies, made if it is not there; else in OUT, whose copies then tell who is who.",
        metavar="FILE",
        hashed=False,
    )
    edits: Path | None = _run(None, "Edits of a run to merge.", metavar="FILE", hashed=False, stored=False)
    purpose: str | None = _run(None, "What the run is for, as `facts` tells it.", metavar="TEXT", hashed=False)
    max_disk: float | None = _run(
        None,
        "Gigabytes that temporary files may take, what is free unless told otherwise.",
        metavar="GB",
        hashed=False,
        gt=0,
    )
    fresh: bool = _run(False, "Do everything again, reuse nothing.", hashed=False, stored=False)

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise first_error(error, type(self).model_fields) from None

    @model_validator(mode="before")
    @classmethod
    def _mapped(cls, values: Any) -> Any:
        return with_columns(values) if isinstance(values, dict) and "mapping" in values else values

    @field_validator("about", "question", "purpose", "no_staff")
    @classmethod
    def _without_identifiers(cls, text: str | None) -> str | None:
        return None if text is None else mask(text)[0]  # kept in the run, on its pages, and in prompts

    @field_validator("model", "critic_model")
    @classmethod
    def _names_a_provider(cls, name: str | None, info: ValidationInfo) -> str | None:
        return name if name == OFFLINE else names_a_provider(name, about_option(info.field_name or "")["flag"])

    @model_validator(mode="after")
    def _go_together(self) -> Self:
        states_a_purpose(self.no_staff, staff=self.staff)
        names_its_unit(self.unit, dict(self.mapping).get("account"))
        self.check_groups()
        if self.record is not None and self.replay is not None:
            raise UsageError("--record and --replay exclude each other: a replay asks nobody.")
        return self

    @property
    def zone_is_told(self) -> bool:
        """Whether a person said in which zone hours are told; else it is the default."""
        return "timezone" in self.model_fields_set

    @property
    def judges(self) -> str:
        """Who judges: the model that was named, else the writer's own; `offline` means that code alone decides."""
        return self.critic_model or self.model

    @property
    def floor(self) -> int:
        """The smallest group that is shown."""
        return max(self.min_users, TEAM_FLOOR) if self.staff else self.min_users

    def but(self, **changes: Any) -> Self:
        """The same options with some changed, validated like new ones."""
        return type(self)(**{**{name: getattr(self, name) for name in self.model_fields_set}, **changes})

    def hashed(self) -> dict[str, Any]:
        """What can change a result, as JSON values."""
        plain = {name: plain_value(getattr(self, name)) for name in type(self).model_fields if self._counts(name)}
        return {**plain, "critic_model": self.judges}

    def _counts(self, name: str) -> bool:
        hashed = about_option(name)["hashed"]
        default = type(self).model_fields[name].default
        return getattr(self, name) not in (default, NO_LISTS) if hashed == "given" else bool(hashed)


def about_option(name: str) -> dict[str, Any]:
    """What the command line knows of an option: group, flag, metavar, hashed, stored."""
    return metadata_of(name, Options.model_fields)
