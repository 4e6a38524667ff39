"""How a field of `Options` is told of, and which values it takes: its help, what the command line, the environment and files need
to know of it, and the errors of values that cannot be used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, Field, ValidationError
from pydantic.fields import FieldInfo

from .errors import UsageError
from .fields import check_tellable, pairs
from .redaction.attributes import says_who

TOLD = ("about", "question", "purpose", "no_staff")  # what somebody says of a run in words of their own
NO_LISTS = ("none",)  # of --lists: every cell is one value
LIST_SIGNS = ("|", ";", ",", "[")  # the last stands for a list in brackets, with quotes or without
TIME_FORMS = ("day-first", "month-first", "year-first", "spreadsheet")


def several(value: Any) -> Any:
    """One text is a list of one: read letter by letter, it would mean `/`, `l`, `o`, `g`."""
    return (value,) if isinstance(value, str | Path) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(several)]


def option(default: Any, help: str, *, group: str, **extra: Any) -> Any:
    """A field with what the command line needs of it: `flag` (else `--name`), `metavar`, `hashed` (can it change a result?
    `given`: where it is not the default), `stored` (may the environment or a file give it?), and bounds.
    """
    told = {"group": group, "hashed": extra.pop("hashed", True), "stored": extra.pop("stored", True)}
    for name in ("flag", "metavar"):
        if name in extra:
            told[name] = extra.pop(name)
    return Field(default, description=help, json_schema_extra=told, **extra)


class OfGroups(BaseModel):
    """Which groups are told of: those that are found, or those that somebody gives."""

    by: Literal["users", "intents"] = option(
        "users", "Group users, or make each intent an occasion of its own.", group="groups"
    )
    personas: int | None = option(
        None, "So many groups, instead of the number that predicts best.", group="groups", metavar="N", ge=2
    )
    within: str | None = option(
        None,
        "Find groups that run across this field, where groups are mostly that field.",
        group="groups",
        metavar="FIELD",
    )

    groups: Path | None = option(
        None,
        "Your own groups instead of found ones: a table of user, group and perhaps certainty and at (a date each).",
        group="groups",
        metavar="FILE",
        hashed=False,
        stored=False,
    )
    groups_by: str | None = option(
        None,
        "A group for each value of this field of the log.",
        group="groups",
        metavar="FIELD",
        hashed="given",
        stored=False,
    )
    against: str | None = option(
        None,
        "Hold given groups against this one, not against all others.",
        group="groups",
        metavar="GROUP",
        hashed="given",
        stored=False,
    )
    outcome: str | None = option(
        None,
        "Who did this after --at, and who did not, by what they did before: stopped, active, or FIELD=VALUE, each perhaps "
        "with 'within N days'.",
        group="groups",
        metavar="EXPR",
        hashed="given",
        stored=False,
    )
    at: str | None = option(
        None,
        "The date of an outcome, 2024-03-31: what stands before it is measured, nothing else.",
        group="groups",
        metavar="DATE",
        hashed="given",
        stored=False,
    )

    @property
    def gives_groups(self) -> bool:
        """Whether groups are given, and not to be found."""
        return any((self.groups, self.groups_by, self.outcome))

    def check_groups(self) -> None:
        """UsageError unless groups are given in one way, with what goes with them."""
        finding = {"personas": self.personas, "within": self.within, "by": self.by == "intents"}
        given = {"--groups": self.groups, "--groups-by": self.groups_by, "--outcome": self.outcome}
        named = [flag for flag, value in given.items() if value is not None]
        if len(named) > 1:
            raise UsageError(f"{' and '.join(named)} exclude each other: groups are given once.", hint="Leave one out.")
        if self.outcome is not None and self.at is None:
            raise UsageError(
                "--outcome needs a date: what came after it is the outcome, what came before may explain it.",
                hint="Add --at DATE, 2024-03-31 or so.",
            )
        if named and (other := [f"--{name}" for name, value in finding.items() if value]):
            raise UsageError(f"{named[0]} gives groups, and {other[0]} is for finding them.", hint="Leave one out.")
        if self.at is not None:
            known_date(self.at)
        if self.groups_by is not None and says_who(self.groups_by):
            raise UsageError(
                f"--groups-by {self.groups_by!r}: such a column says who somebody is, and groups are made of what is done.",
                hint=f"--map declared={self.groups_by} counts it on the cards of other groups.",
            )


def refuse_no_groups(asked: OfGroups) -> None:
    """UsageError for what goes with given groups, where none are given."""
    alone = [f"--{name}" for name in ("against", "at") if getattr(asked, name) is not None]
    if alone and not asked.gives_groups:
        raise UsageError(f"{alone[0]} is for groups that are given.", hint="Add --groups, --groups-by or --outcome.")


def known_date(text: str) -> date:
    """A day as 2024-03-31; UsageError for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text!r} is no day.", hint="Write it like 2024-03-31.") from None


def parse_price(text: str) -> tuple[float, float]:
    """`IN,OUT` in USD per million tokens; UsageError if it is not that."""
    try:
        sent, received = (float(part) for part in text.split(","))
    except ValueError:
        sent = received = math.nan
    if not all(math.isfinite(value) and value >= 0 for value in (sent, received)):
        hint = "Two numbers, USD per million tokens sent and received, e.g. 0.25,2."
        raise UsageError(f"--price {text!r} is not of the form IN,OUT.", hint=hint)
    return sent, received


def with_columns(values: dict[str, Any]) -> dict[str, Any]:
    """Options with their `mapping`, which is a dict, pairs, or texts of the command line, as pairs; `allow=` and `declared=` in
    it name columns.
    """
    given = values["mapping"] or ()
    named = given.items() if isinstance(given, Mapping) else pairs(several(given))
    columns = {name: list(several(values.get(name) or ())) for name in ("allow", "declared")}
    mapping: list[tuple[str, str]] = []
    for field, column in named:
        if field in columns:
            columns[field].append(column)
        else:
            mapping.append((field, column))
    return {**values, **columns, "mapping": mapping}


def two_prices(text: str | None) -> str | None:
    """`IN,OUT`, if anything."""
    if text is not None:
        parse_price(text)
    return text


def all_allowed(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of which something may be told."""
    for column in columns:
        check_tellable(column)
    return columns


def known_time_form(form: str | None) -> str | None:
    """A pattern of times, or one of TIME_FORMS."""
    if form is not None and form not in TIME_FORMS and "%" not in form:
        raise UsageError(
            f"--time-format {form!r} is neither a pattern nor one of {', '.join(TIME_FORMS)}.",
            hint="A pattern is like '%d/%m/%Y %H:%M:%S'.",
        )
    return form


def known_lists(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns of several values in a cell, each with the sign that parts them; or `none` alone."""
    for one in columns if columns != NO_LISTS else ():
        name, _, sign = one.rpartition("=")
        if not name or sign not in LIST_SIGNS:
            hint = f"Write --lists 'genres=|'; signs: {' '.join(LIST_SIGNS)}, the last for lists in brackets; or --lists none."
            raise UsageError(f"--lists {one!r} is not of the form COLUMN=SIGN.", hint=hint)
    return columns


def names_a_provider(name: str | None, flag: str) -> str | None:
    """A model as PROVIDER/NAME, if any."""
    if name is not None and not name.partition("/")[2]:
        raise UsageError(f"{flag} {name!r} names no provider.", hint=f"Write openai/{name}, anthropic/{name} or so on.")
    return name


def known_encoding(name: str | None) -> str | None:
    """An encoding that Python knows."""
    try:
        return name if name is None or "".encode(name) is not None else None
    except LookupError:
        hint = "Name one that Python knows: utf-16, windows-1252, iso-8859-2, windows-1251, gbk, shift_jis."
        raise UsageError(f"--encoding {name!r} is unknown.", hint=hint) from None


def known_zone(name: str) -> str:
    """A zone of the time zone database."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        hint = "Name one of the time zone database, e.g. Europe/Berlin."
        raise UsageError(f"--timezone {name!r} is unknown.", hint=hint) from None
    return name


def states_a_purpose(no_staff: str | None, *, staff: bool) -> None:
    """UsageError for `no_staff` without a purpose, or beside `staff`."""
    if no_staff is not None and (staff or not no_staff.strip()):
        raise UsageError(
            "--no-staff needs a purpose, and excludes --staff.",
            hint='For example --no-staff "the works council agreed to team profiles".',
        )


def names_its_unit(unit: str, column: str | None) -> None:
    """UsageError unless the column of accounts is named where they are the unit, and there alone."""
    if unit == "account" and column is None:
        raise UsageError("--unit account needs the column of accounts.", hint="Add --map account=COLUMN.")
    if column is not None and unit != "account":
        raise UsageError(
            f"--map account={column} is for a log of accounts.",
            hint="Add --unit account, or leave it out: groups of users need no account.",
        )


def plain_value(value: Any) -> Any:
    """A value of an option as a JSON value."""
    if isinstance(value, tuple):
        return [plain_value(v) for v in value]
    return str(value) if isinstance(value, Path) else value


def metadata_of(name: str, fields: Mapping[str, FieldInfo]) -> dict[str, Any]:
    """What the command line knows of a field: group, flag, metavar, hashed, stored."""
    extra = fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return {"flag": "--" + name.replace("_", "-"), **extra}


def first_error(error: ValidationError, fields: Mapping[str, FieldInfo]) -> UsageError:
    """The first thing that is wrong, as the error of the program."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "extra_forbidden":
        near = get_close_matches(name, fields, 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Options: {', '.join(fields)}."
        return UsageError(f"There is no option {name!r}.", hint=hint)
    flag = metadata_of(name, fields)["flag"].rpartition(", ")[2] if name in fields else name
    return UsageError(f"{flag} {first['input']!r}: {first['msg'][:1].lower()}{first['msg'][1:]}.")
