"""The number of personas: what was tried, what was taken, what somebody asked for."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .measures import Value

_given: Any = Field(default=None, exclude_if=lambda value: value is None)


class KOption(Value):
    """One number of personas: how users keep to theirs over halves of their visits (`kappa` by time), nats that the persona of
    one half foretells of a user's other half beyond everybody's mix (`gain`), and in words what merges or is split against the
    chosen number.
    """

    k: int
    kappa: float | None
    gain: float | None
    merges: str


class KChoice(Value):
    """The numbers that were tried, and which was taken: the one that somebody `asked` for, where they did."""

    options: list[KOption]
    chosen: int
    asked: int | None = _given
