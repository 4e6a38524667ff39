"""What a trial of some users would show, in words: how long it is, how many come in that time, and which change they would show.

In: the figures of a trial. Out: sentences for the first page, and the smallest change in brief for a card and a table.
"""

from __future__ import annotations

from datetime import date

from ...schema import Bar, ToWatch, Window
from ..money import SIGNS, with_unit
from ..wording import amount_of, percent
from .cards import here, short_number
from .grammar import plural

# Of the figure: the largest change that is worth a trial. One page or message changes a third of a habit at the very most, so
# a trial that needs more would show nothing; readers called one that needed 45 % doomed.
MOST_CHANGE = 1 / 3
# Of what a share lacks of all: nothing that is shown to people wins over more than half of the visits that go without so far.
MOST_OF_ROOM = 1 / 2
# Days, from which a time is told in weeks: “20 days” is said, “53 weeks” too.
WEEKS, DAYS_OF_WEEK = 21, 7
IN_PENCE = 10  # of money: a change below it is told in pence
TENTH = 0.1  # of the figure: the change that readers expect of one page or message; that it would not show is said
TOO_FEW = "too few for a trial of their own"
NONE = "none: too few"  # of a table: the smallest change that so few would show
INSTEAD = "Try it with all users who do this, or watch a steadier figure"


def trial_shows(watch: ToWatch) -> list[str]:
    """“12 weeks bring about 210 to each side: enough to see a change of £50 or more (17 %), not one of a tenth.” Where only
    a large change would show, what to do instead.
    """
    bar, part = watch.watched, part_seen(watch)
    if bar is None or part is None or watch.smallest is None:
        return [f"These users are {TOO_FEW}.", f"{INSTEAD}."]
    each = f"about {_half(watch.tested)} to each side"
    counted = f"{length_told(watch.days)} bring {each}" if watch.days else f"A trial brings {each}"
    change = change_told(bar, watch.smallest)
    if not worth_a_trial(watch):
        large = f"any but a large change, of {change} or more ({percent(part)})"
        full = f"a rise: that takes {change}, and a share of {percent(whole_of(watch))} has too little room for it"
        return [f"{counted}: too few to see {large if part > MOST_CHANGE else full}.", f"{INSTEAD}."]
    least = ", not one of a tenth" if round(part, 2) > TENTH else ""
    return [
        f"{counted}: enough to see a change of {change} or more ({percent(part)}){least}.",
        *_in_that_time(watch, bar),
    ]


def trial_in_brief(watch: ToWatch) -> str:
    """“a 12-week trial would show a change of £50 or more”. As a card has it; the first page has all of it."""
    if not worth_a_trial(watch) or watch.watched is None or watch.smallest is None:
        return f"these users are {TOO_FEW}"
    change = f"would show a change of {change_told(watch.watched, watch.smallest)} or more"
    return (
        f"a {length_told(watch.days).replace(' ', '-').removesuffix('s')} trial {change}"
        if watch.days
        else f"a trial {change}"
    )


def trial_in_a_table(watch: ToWatch) -> str:
    """“17 %”: the smallest change that shows, in parts of the figure, under a head that says so."""
    part = part_seen(watch)
    return percent(part) if worth_a_trial(watch) and part else NONE


def part_seen(watch: ToWatch) -> float | None:
    """The smallest change that would show, in parts of the figure; None where none can be told."""
    whole = whole_of(watch)
    return watch.smallest / whole if watch.smallest and whole else None


def whole_of(watch: ToWatch) -> float:
    """The figure that changes are parts of: in the time of the trial, where it grows with the time."""
    today = watch.watched.truth.value if watch.watched and watch.watched.truth else None
    return watch.figure or today or 0.0


def worth_a_trial(watch: ToWatch | None) -> bool:
    """Would a trial show a change that something could bring about? A share that is nearly all has no room to rise."""
    if watch is None or watch.watched is None:
        return False
    return could_be_brought_about(watch.smallest, whole_of(watch), is_share=watch.watched.form == "share")


def could_be_brought_about(change: float | None, figure: float, *, is_share: bool) -> bool:
    """Could an act bring about such a change of the figure? None is too large to be told."""
    if not change or not figure or change > MOST_CHANGE * figure:
        return False
    return not is_share or change <= MOST_OF_ROOM * (1 - figure)


def change_told(bar: Bar, smallest: float) -> str:
    """“6 points”, “4.3 lines”."""
    if bar.form == "share" or (bar.measure is not None and bar.measure.in_parts):
        points = max(1, round(100 * smallest))
        return "1 point" if points == 1 else f"{points} points"
    # “£1.30” and “£56”: pence of what is told to the pound are no part of a change.
    pence = bar.unit.split(" ", 1)[0] in SIGNS.values() and smallest < IN_PENCE
    return with_unit(amount_of(bar.measure, smallest) if pence else short_number(smallest), bar.unit)


def length_told(days: int) -> str:
    """“12 weeks”, “12 days”."""
    return plural(days, "day") if days < WEEKS else plural(round(days / DAYS_OF_WEEK), "week")


def _half(n: int) -> str:
    """A half of about so many, in two digits."""
    return f"{float(f'{n / 2:.2g}'):,.0f}"


def _in_that_time(watch: ToWatch, bar: Bar) -> list[str]:
    """What the figure is in so short a time, where it grows with the time."""
    if watch.figure is None or bar.truth is None:
        return []
    shorter = bar.truth.model_copy(update={"value": watch.figure, "bound": None})
    return [f"In such a time the figure is {here(bar.form, bar.unit, shorter, bar.measure)}."]


def length_of(window: Window, halves: int = 1) -> str:
    """“ (53 weeks)”, “ (12 days)”; of a part of it, where it is cut in so many."""
    if window.start is None or window.end is None:
        return ""
    days = ((date.fromisoformat(window.end) - date.fromisoformat(window.start)).days + 1) // halves
    return f" ({length_told(days)})"
