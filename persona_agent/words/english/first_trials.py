"""What to try first, as the first page tells it: with whom, how, what is watched, what halves would show, when to go on, why.

In: the figures of a trial. Out: texts of one or two sentences. The act, the people and the stop are a writer's; all other words
are made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ...schema import Bar, FirstTrial, Persona, ToWatch, Window
from ..wording import percent
from .attempts import BETTER_TOGETHER, LONGEST_WATCHED, change_told, prize_told, stop_told, whom_told
from .cards import here
from .grammar import capital, listed, plural

TITLE, WATCH_TITLE = "The one to try first", "The one to try something with first"
# Of today's figure: the larger of the two changes that a trial is sized for (smallest_change.WORTH_SEEING).
WORTH_SEEING = 0.2
# Days, from which a time is told in weeks: “20 days” is said, “53 weeks” too.
WEEKS, DAYS_OF_WEEK = 21, 7
ONLY = "It is the only one with something to watch."
PLANNED = "Of the groups that are fair or firm, "
LOOSE = "None of those with something to watch is fair or firm; "


def trial_title(first: FirstTrial) -> str:
    """Before the name of the persona."""
    return TITLE if first.text else WATCH_TITLE


def rows(first: FirstTrial) -> list[tuple[str, str]]:
    """Each line of the block with what it is."""
    told = [
        ("What", first.text),
        ("How", first.how),
        ("To watch", first.says),
        ("At stake", first.prize),
        ("Go on, or stop", first.rule),
        ("Why this one", first.why),
    ]
    return [(what, text) for what, text in told if text]


def act(persona: Persona) -> str:
    """What the suggestion says, as a sentence; empty where nobody suggests anything."""
    told = persona.suggestion
    return f"{told.text.strip().rstrip('.')}." if told else ""


def how(persona: Persona) -> str:
    """Who gets it and who does not."""
    told = persona.suggestion
    if told is None:
        return (
            f"Half of the {persona.size.users:,} members, by chance, get what is tried; the other half go on as today."
        )
    return f"{whom_told(told).rstrip('.')}: half of them, by chance, get it, and the other half go on as today."


def says(watch: ToWatch, window: Window) -> str:
    """What is watched with today's figure, and the change that these members would show, or how many users it takes."""
    bar = watch.watched
    if bar is None or bar.truth is None:
        return ""
    short = len(bar.label.split()) <= LONGEST_WATCHED
    what = capital(bar.label) if short else f"The figure of {bar.claim}"
    return f"{what}, {here(bar.form, bar.unit, bar.truth, bar.measure)} today. {_shown(watch, bar, window)}"


def _shown(watch: ToWatch, bar: Bar, window: Window) -> str:
    today = bar.truth.value or 0.0 if bar.truth else 0.0
    length = f"in a time as long as this log{length_of(window)}"
    least = watch.smallest
    shows = "" if least is None else f"The two halves would show a change of {change_told(bar, least)} or more {length}"
    if least is not None and least <= WORTH_SEEING * today:
        return f"{shows}; a shorter trial shows less."
    if watch.needed is None:
        return f"{shows}." if shows else f"{capital(BETTER_TOGETHER)}."
    tenth, fifth = (f"{n:,}" for n in watch.needed)
    takes = f"A change of a fifth of that figure takes about {fifth} users a side, of a tenth {tenth}"
    few = f"{takes}; here are {watch.tested // 2:,} a side"
    return f"{shows}. {few}." if shows else f"{few}, too few: try it with more than these {length.removeprefix('in ')}."


def length_of(window: Window, halves: int = 1) -> str:
    """“ (53 weeks)”, “ (12 days)”; of a part of it, where it is cut in so many."""
    if window.start is None or window.end is None:
        return ""
    days = ((date.fromisoformat(window.end) - date.fromisoformat(window.start)).days + 1) // halves
    return f" ({plural(days, 'day') if days < WEEKS else plural(round(days / DAYS_OF_WEEK), 'week')})"


def prize(persona: Persona, watch: ToWatch) -> str:
    """What the group brings in, where a value is given."""
    told, part = prize_told(watch), persona.size.share_value
    return f"{told.rstrip('.')}, {percent(part)} of it." if told and part is not None else told


def rule(persona: Persona) -> str:
    """When to go on and when to stop, in one line."""
    chance = "by more than chance would give"
    if persona.suggestion is None:
        return f"Go on if the half that got it does better {chance}; stop if it does not."
    stop = stop_told(persona.suggestion).removeprefix("Stop ").removeprefix("stop ").rstrip(".")
    return f"Go on if the half that got it does better {chance}; stop if it does not, or {stop}."


def why(reasons: Sequence[str], *, firm: bool, alone: bool) -> str:
    """Code's reasons in one sentence: what is so of this one, among those that are firm enough where it is."""
    if alone:
        return ONLY
    told = listed(list(reasons)) if reasons else "nothing speaks more for another"
    return f"{PLANNED if firm else LOOSE}{told}."


def seen_best(part: float) -> str:
    """A test of its members sees the smallest difference."""
    return f"a test here sees the smallest difference ({percent(part)} of today’s figure)"


FIRMEST = "it is the firmest"
FURTHEST = "its figure is furthest from that of others"


def weighs_most(share: float, of: str) -> str:
    """Its share of the value, or of users, is the largest."""
    return (
        f"it brings in most ({percent(share)} of the {of})"
        if of == "value"
        else f"it has most users ({percent(share)})"
    )
