"""A column that was taken for the time, and holds none: said before all of its lines are rejected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InputError
from .plan import dig
from .shapes import dates_beside
from .times import TOO_OLD, Clock, TimeForm
from .values import Rejected


def check_moment(records: Sequence[dict[str, Any]], path: str, form: TimeForm) -> None:
    """InputError where what was taken for times is no time at all, and another column has the dates: it may be a time of day in a
    form that nobody can be sure of.
    """
    clock, said = Clock(form), ""
    for value in (dig(record, path) for record in records):
        try:
            if value not in (None, ""):
                clock.read(value)
                return
        except Rejected as why:
            if why.reason.endswith(TOO_OLD):
                return  # a date all the same: what is wrong with it is said of its line
            said = said or why.reason.partition(" is ")[0]
    day = dates_beside(records, path) if said else None
    if day:
        raise InputError(
            f"{path!r} was taken for the time and holds no date (it holds {said}); {day!r} holds the dates.",
            hint=f"If {path!r} is a time of day, write it as 10:04 or 10:04:30: both columns are then read as one. Or go without "
            f"it: --map timestamp={day}.",
        )
