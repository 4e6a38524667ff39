"""What is told of a field of which each user holds one value: a country, a plan, a device."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .claims import Truthfulness
from .measures import Measure, Value

_given: Any = Field(default=None, exclude_if=lambda value: value is None)


class HeldBy(Value):
    """A persona whose users hold a value surely more often, or less, than comparable others: its `truth`, as a claim's."""

    persona: str
    truth: Truthfulness


class HeldValue(Value):
    """How many users hold a value of a field, or another one than most (`measure`), in words: `title` is what the field is
    called, `said` what of them (“are outside France”, “have the plan “pro””).

    `users`, their `share` of all and of the `value`, of which their five largest bring `five` where figures hang on these; it
    `weighs` where that is surely more than their part, or less. `apart` are personas, those that differ most first.
    """

    field: str
    title: str
    said: str
    measure: Measure
    users: int
    share: float
    value: float | None = _given
    five: float | None = _given
    weighs: bool = False
    apart: list[HeldBy] = []
