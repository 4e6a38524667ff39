"""The fields of an event that a column can be mapped to, and `FIELD=COLUMN` as a person writes it.

What of a record may be told of a group never comes from a column that says who somebody is: `mapped` and `check_tellable` are
where that is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .errors import UsageError
from .redaction.attributes import says_who

MAPPED_FIELDS = ("user", "timestamp", "action", "object", "text", "session", "event_id", "account")
NOTHING = "none"  # in the place of a column: the field has none, whatever columns are called or hold
NEEDED_FIELDS = ("user", "timestamp", "action")
TOLD_FIELDS = ("action", "object", "text")  # what of a record may be told of a group


def pairs(texts: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Pairs as they are; texts of the form FIELD=COLUMN, several with commas."""
    for given in texts:
        if not isinstance(given, str):
            yield tuple(given)
            continue
        for part in (part for part in given.split(",") if part.strip()):
            field, _, column = (text.strip() for text in part.partition("="))
            if not column:
                raise UsageError(
                    f"--map {part.strip()!r} is not of the form FIELD=COLUMN.", hint=f"Fields: {_fields()}."
                )
            yield field, column


def known_fields(mapping: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The pairs, each field with one column that it may have."""
    found: dict[str, str] = {}
    for field, column in mapping:
        if field not in MAPPED_FIELDS:
            raise UsageError(f"--map does not know the field {field!r}.", hint=f"Fields: {_fields()}.")
        if column == NOTHING and field in NEEDED_FIELDS:
            raise UsageError(
                f"--map {field}={NOTHING}: a log without any is none.", hint="Name the column that has it."
            )
        if field in TOLD_FIELDS and says_who(column):
            raise _who(field, column)
        if found.setdefault(field, column) != column:
            raise UsageError(f"--map gives {field!r} two columns, {found[field]!r} and {column!r}.")
    return tuple(found.items())


def check_tellable(column: str) -> None:
    """UsageError for a column of which nothing may be told."""
    if says_who(column):
        raise _who("allow", column)


def _fields() -> str:
    return ", ".join((*MAPPED_FIELDS, "allow", "declared"))


def _who(field: str, column: str) -> UsageError:
    return UsageError(
        f"--map {f'{field}={column}'!r}: such a column says who somebody is, and none of it is told of a group.",
        hint=f"--map declared={column} counts it on cards.",
    )
