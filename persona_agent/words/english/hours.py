"""Hours and days as English says them, in a sentence and at the end of a name."""

from __future__ import annotations

from collections.abc import Sequence

from ...schema import Condition, Names
from ..wording import clock

# Hours as a name says them; the first band that holds the middle of the hours.
DAY_PARTS = (
    (6, "at night"),
    (10, "early in the day"),
    (14, "around midday"),
    (18, "in the afternoon"),
    (24, "in the evening"),
)
NIGHT_ENDS = 4  # as in write/dossiers/habits.py: a visit before belongs to the evening
COUNT = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
OPPOSITE = {"before": "after", "after": "before"}
HAS_HOUR = Condition(field="hour", op="between", value=[0, 23])


def made_by_users(names: Names) -> list[Condition]:
    """What a visit holds that its user made: an act that is not done to users."""
    return [Condition(field="action", op="not_in", value=names.done_to)] if names.done_to else []


def of_visits(where: Sequence[Condition], names: Names) -> str | None:
    """What a share of visits is of, that hold this; empty for all visits, None where there are no words for it."""
    made = made_by_users(names)
    words = [
        ([], ""),
        ([HAS_HOUR], "their visits at a known hour"),
        (made, "the visits that they make themselves"),
        ([*made, HAS_HOUR], "the visits that they make themselves, at a known hour,"),
    ]
    return next((said for held, said in words if list(where) == held), None)


def when(step: Sequence[Condition]) -> str:
    """The hours and days that a step must fall on, as a phrase; empty where it may fall on any."""
    told = [_days(c) if c.field == "weekday" else _hours(c) for c in step if c.field in ("hour", "weekday")]
    return " ".join(told)


def part(step: Sequence[Condition]) -> str:
    """The hours or days as a name ends with them."""
    timed = next(c for c in step if c.field in ("hour", "weekday"))
    if timed.field == "weekday" or len([c for c in step if c.field in ("hour", "weekday")]) > 1:
        return when(step)
    start, end = int(float(timed.value[0])), (int(float(timed.value[-1])) + 1) % 24
    if start in (0, NIGHT_ENDS) and end > NIGHT_ENDS:
        return f"before {COUNT[(end - 1) % 12]}"
    if end in (0, NIGHT_ENDS):
        return f"after {COUNT[(start - 1) % 12]}"
    middle = ((start + (end + 24 if end < start else end)) / 2) % 24
    return next(words for last, words in DAY_PARTS if middle < last)


def other_part(step: Sequence[Condition]) -> str:
    """The rest of the day or week, where a name has words for it: who seldom begins before one begins after one."""
    told = part(step)
    first, _, rest = told.partition(" ")
    return {"at weekends": "on weekdays", "on weekdays": "at weekends"}.get(
        told, f"{OPPOSITE[first]} {rest}" if first in OPPOSITE else ""
    )


def _hours(c: Condition) -> str:
    start, end = int(float(c.value[0])), (int(float(c.value[-1])) + 1) % 24
    if c.op == "at_least":
        return f"after {clock(start)}"
    if c.op == "at_most":
        return f"before {clock((start + 1) % 24)}"
    if start in (0, NIGHT_ENDS) and end > NIGHT_ENDS:
        return f"before {clock(end)}"
    if end in (0, NIGHT_ENDS):
        return f"after {clock(start)}"
    first, last = clock(start), clock(end)
    same_half = first[-3:] == last[-3:] and first[-3:] in (" am", " pm")
    return f"between {first[:-3] if same_half else first} and {last}"


def _days(c: Condition) -> str:
    days = [int(float(v)) for v in c.value]
    if c.op == "is":
        return f"on {DAYS[days[0] - 1]}"
    if c.op == "between" and days == [6, 7]:
        return "at weekends"
    if c.op == "between" and days == [1, 5]:
        return "on weekdays"
    told = [DAYS[d - 1] for d in days]
    if c.op == "between":  # from one to another
        return f"on {told[0]} to {told[-1]}"
    return f"on {', '.join(told[:-1])} or {told[-1]}" if len(told) > 1 else f"on {told[0]}"
