"""How much there is of the members of a given group, beside its others."""

from __future__ import annotations

from typing import Literal

from .measures import Value


class HowMuch(Value):
    """The `unit` in which members and others are furthest apart, and how many the middle one of either has (`here`, `others`)."""

    unit: Literal["visits", "lines"]
    here: float
    others: float
