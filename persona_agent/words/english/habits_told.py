"""Habits beside the personas in words: what each is called, whom it is about, and how it comes back.

In: habits with their figures, as they may be shown. Out: texts for a table. Promises: a label holds no figure, and is that of a
bar of a card wherever a bar has one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ...schema import HabitBeside, Measure, Names
from ..money import SIGNS, with_unit
from ..wording import percent
from .cards import figure
from .grammar import capital
from .orders_told import kept_in
from .readings import reading
from .spoken import Reading

LEAST = 0.005  # below it a share prints as 0 %
TITLE = "Habits beside the personas"
HEAD = ("habit", "users", "theirs", "all others", "found again by the other half")
WHAT_THEY_ARE = (
    "Whoever is here may be in any persona, or in none; picked by one half of their visits and measured on the other."
)


def habit_words(measure: Measure, names: Names) -> Reading | None:
    """The measure in the words of a bar; a changed place is told as the change, which no bar has a measure for."""
    steps = [[c.model_copy(update={"value": ["yes"]}) for c in step] for step in measure.steps]
    kept = measure.model_copy(update={"steps": steps})
    if measure.kept_fields and kept != measure and (place := kept_in(kept, names)):
        told = reading(kept, names)
        return told and replace(told, label=capital(f"another {place} than the visit before"))
    return reading(measure, names)


def habit_rows(habits: Iterable[HabitBeside]) -> list[tuple[str, str, str, str, str]]:
    """(habit, users, their figure, that of all others, how it comes back), those first whose figures are furthest apart."""
    return [
        (
            habit.label,
            f"{habit.users:,}",
            with_unit(_figure(habit, habit.here), habit.unit),
            _with_sign(_figure(habit, habit.others), habit.unit),
            f"{percent(habit.back)}, by chance {percent(habit.chance)}",
        )
        for habit in sorted(habits, key=_times, reverse=True)
    ]


def _times(habit: HabitBeside) -> float:
    """How many times the one figure is the other; what prints as 0 % counts as a half of one."""
    least, most = sorted(max(figure, LEAST) for figure in (habit.here, habit.others))
    return most / least


def _figure(habit: HabitBeside, value: float) -> str:
    return figure(habit.form, value, of=habit.measure)


def _with_sign(told: str, unit: str) -> str:
    """A unit is said once, a sign of money each time."""
    sign = unit.partition(" ")[0]
    return with_unit(told, sign) if sign in SIGNS.values() else told
