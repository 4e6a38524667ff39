"""A suggestion as a reader is told it: what to try, with whom, what to watch and what a test would see, when to stop.

In: a suggestion with its figures. Out: texts. The words of the act, the people and the stop are a writer's; all others are made
here.
"""

from __future__ import annotations

from ...schema import Bar, ToWatch, Try
from ..money import money, with_unit
from .cards import here, lowered, short_number

TITLE = "Try (a suggestion, and no finding)"
IN_A_TABLE = 8  # words of a measure, beside an act of twelve: a row of more is not read
LONGEST_WATCHED = 20  # words of a measure on a card: what takes more is read where its claim is
BETTER_TOGETHER = "they are too few for a test of their own: one test over all is better"


def sentences_of_try(suggestion: Try) -> list[str]:
    """The sentences of a card, the act first."""
    parts = [f"{suggestion.text.strip().rstrip('.')}.", whom_told(suggestion), _watched(suggestion)]
    return [part for part in [*parts, stop_told(suggestion)] if part]


def whom_told(suggestion: Try) -> str:
    """“With those who come after eight.”"""
    whom = suggestion.whom.strip().rstrip(".").removeprefix("With ").removeprefix("with ")
    return f"With {lowered(whom)}."


def stop_told(suggestion: Try) -> str:
    """“Stop if fewer quizzes are handed in.”"""
    stop = suggestion.stop.strip().rstrip(".")
    if stop.lower().startswith("stop"):
        return f"{stop}."
    return f"Stop if {lowered(stop.removeprefix('If ').removeprefix('if '))}."


def in_short(suggestion: Try) -> tuple[str, str]:
    """For a table: the act in a phrase, and what is watched, where few words say it; the rest is on the card."""
    phrase = (suggestion.phrase or suggestion.text).strip().rstrip(".")
    bar = suggestion.watched
    if bar is None or bar.truth is None or len(bar.label.split()) > IN_A_TABLE:
        return phrase, ""
    return phrase, f"{lowered(bar.label)}, {here(bar.form, bar.unit, bar.truth, bar.measure)} today"


def shows(suggestion: Try) -> str:
    """“half of them against the other half would show a change of 6 points”."""
    bar = suggestion.watched
    if bar is None or suggestion.smallest is None:
        return BETTER_TOGETHER
    return f"half of them against the other half would show a change of {change_told(bar, suggestion.smallest)}"


def change_told(bar: Bar, smallest: float) -> str:
    """“6 points”, “4.3 lines”."""
    if bar.form == "share":
        points = max(1, round(100 * smallest))
        return "1 point" if points == 1 else f"{points} points"
    return with_unit(short_number(smallest), bar.unit)


def _watched(suggestion: Try) -> str:
    bar = suggestion.watched
    if bar is None or bar.truth is None:
        return ""
    what = lowered(bar.label) if len(bar.label.split()) <= LONGEST_WATCHED else f"the figure of {bar.claim}"
    return f"Measure: {what} ({here(bar.form, bar.unit, bar.truth, bar.measure)} today); {shows(suggestion)}."


def prize_told(suggestion: ToWatch) -> str:
    """What is at stake, where a value is given."""
    brings = suggestion.brings
    if brings is None or brings <= 0:
        return ""
    whole = money(short_number(brings), suggestion.currency) if suggestion.currency else short_number(brings)
    return f"They bring {whole} of the value in this log."
