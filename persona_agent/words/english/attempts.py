"""A suggestion as a reader is told it: what to try, with whom, what to watch and what a test would see, when to stop.

In: a suggestion with its figures. Out: texts. The words of the act, the people and the stop are a writer's; all others are made
here.
"""

from __future__ import annotations

from ...schema import ToWatch, Try
from ..money import money
from .cards import here, lowered, short_number
from .trial_sizes import trial_in_a_table, trial_in_brief, trial_shows

TITLE = "Try"
NO_FINDING = "What to try is a suggestion, no finding."
SMALLEST = "smallest change a trial shows"  # of the figure that is watched: the head of a column
ON_FIRST_PAGE = "With whom, what to watch and when to stop: on the first page."
LONGEST_WATCHED = 20  # words of a measure on a card: what takes more is read where its claim is


def sentences_of_try(suggestion: Try, *, in_full: bool = True) -> list[str]:
    """The act, then with whom and when to stop, and what to watch: `in_full` with all that a trial shows, as an editor reads it;
    else with that in brief, as a card has it.
    """
    act, whom = f"{suggestion.text.strip().rstrip('.')}.", whom_told(suggestion).rstrip(".")
    stop, watched = lowered(stop_told(suggestion)), _watched(suggestion)
    if watched is None:
        return [act, f"{whom}; {stop}"]
    what, today = watched
    if in_full:
        return [act, f"{whom}; watch {what} ({today}), and {stop}", *trial_shows(suggestion)]
    return [act, f"{whom}; {stop}", f"Watch: {what}, {_figure(suggestion)} today; {trial_in_brief(suggestion)}."]


def on_first_page(suggestion: Try) -> list[str]:
    """The act alone, on the card of the one to try first: the rest of it is what the page begins with."""
    return [f"{suggestion.text.strip().rstrip('.')}.", ON_FIRST_PAGE]


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
    """For a table: the act in a phrase, and the smallest change that a trial would show (SMALLEST); the rest is on the card."""
    phrase = (suggestion.phrase or suggestion.text).strip().rstrip(".")
    known = suggestion.watched is not None and suggestion.watched.truth is not None
    return phrase, trial_in_a_table(suggestion) if known else ""


def _watched(suggestion: Try) -> tuple[str, str] | None:
    """“worth of a visit”, “£299 today”."""
    bar = suggestion.watched
    if bar is None or bar.truth is None:
        return None
    what = lowered(bar.label) if len(bar.label.split()) <= LONGEST_WATCHED else f"the figure of {bar.claim}"
    return what, f"{here(bar.form, bar.unit, bar.truth, bar.measure)} today"


def _figure(suggestion: Try) -> str:
    """Today's figure; what it is of is left out where the label has it: “57 %” of “visits of 29 lines or more”."""
    bar = suggestion.watched
    if bar is None or bar.truth is None:
        return ""
    of = bar.unit.rpartition(" ")[2]
    unit = "" if bar.form == "share" and of and of in bar.label.lower().split() else bar.unit
    return here(bar.form, unit, bar.truth, bar.measure)


def prize_told(suggestion: ToWatch) -> str:
    """What is at stake, where a value is given: “£1,700,000”."""
    brings = suggestion.brings
    if brings is None or brings <= 0:
        return ""
    return money(short_number(brings), suggestion.currency) if suggestion.currency else short_number(brings)
