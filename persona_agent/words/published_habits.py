"""Habits beside the personas as they may be forwarded, and shown to whoever words them.

In: exact figures. Out: the same in the figures that are printed. Promises: a figure that is told is told so again.
"""

from __future__ import annotations

from ..schema import HabitBeside
from ..schema.faces import HabitFact
from .floors import of_users, share

WHOLE = 10  # from which on a usual number is said without decimals


def published_habit(habit: HabitBeside) -> HabitBeside:
    """Users in fives, shares in whole per cent, numbers in the digits in which people say them."""
    value = None if habit.share_value is None else share(habit.share_value)
    shares = {name: share(getattr(habit, name)) for name in ("back", "chance", "share_users")}
    also = [fact.model_copy(update=_sides(fact)) for fact in habit.also]
    five = None if habit.top_five is None else share(habit.top_five)
    counted = {"users": of_users(habit.users), "share_value": value, "top_five": five, "also": also}
    return habit.model_copy(update={**counted, **shares, **_sides(habit)})


def _sides(told: HabitFact) -> dict[str, float | None]:
    """Both figures as they are printed."""
    if told.form == "share":
        return {"here": share(told.here), "others": share(told.others)}
    return {"here": _as_said(told.here), "others": _as_said(told.others)}


def _as_said(x: float) -> float:
    """Three digits, whole numbers from ten on."""
    return float(f"{round(x) if x >= WHOLE else x:.3g}")
