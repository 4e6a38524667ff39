"""What is counted of the tenth of users who bring in most, beside the claims of their card."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .measures import Value

_given: Any = Field(default=None, exclude_if=lambda value: value is None)


class TenthAgain(Value):
    """How firm it is to be of the tenth: of those who are by what they brought in before `day`, the middle of the log, the share
    `same` who are it again by what they brought in from that day on, where by `chance` it would be a tenth; the share who `came`
    again at all, and their part of the later half's `value`.
    """

    day: str
    users: int
    same: float
    chance: float
    came: float
    value: float


class PartOf(Value):
    """A persona that some of them are in: its share of `them` and of `all` users."""

    persona: str
    them: float
    all: float


class Quiet(Value):
    """Whom to look after: how many were not seen from the day `since` on, with which the last quarter of the log begins, and the
    share of all value that these had brought in (`unseen_value`); and of the `tested`, who came three times or more, how many
    have been away `longer` than they ever were between two visits.
    """

    since: str
    unseen: int
    unseen_value: float
    longer: int
    tested: int


class TenthFigures(Value):
    """`to_lose` are the fewest of them who bring in a tenth of all value, None where they are fewer than five."""

    again: TenthAgain
    parts: list[PartOf]
    to_lose: int | None = _given
    quiet: Quiet
