"""Where what is brought in comes from, in a sentence: how much a tenth of users bring in, and whether by coming more often, by
more in a visit, or both.

In: a `TopTenth`. Out: a text. Promises: a difference is said as large as the figures beside it are.
"""

from __future__ import annotations

import math

from ...schema import TopTenth
from ..money import money
from ..wording import number, percent, sum_of_money

WEIGHS = 1.3  # times its part of users, below which the tenth that bring in most is no news (as first_pages.WEIGHS)
TENTH = 0.1  # of users, whom a `TopTenth` is of
MORE = 1.25  # times the others' figure: a quarter more is what people call more
BETWEEN = 0.2  # of a half, in which a median of users' own medians is neither of two whole numbers
MANY = 10  # things, from which a half of one is nothing: people round there
NO_MORE = 1.05  # times, up to which two figures are told as alike
TITLES = {"value": "Where the value is", "activity": "Where the activity is"}

Both = tuple[float, float]


def where_it_is(told: TopTenth) -> str:
    """“A tenth of users (240) bring in 38 % of the value: they come more often (29 visits, all others 8), and …”"""
    does = f"bring in {percent(told.share)} of the value"
    if told.of == "activity":
        does = f"do {percent(told.share)} of all that is logged"
    if told.share < WEIGHS * TENTH:
        return f"No tenth of users weighs much more than its part: the {told.users:,} who weigh most {does}."
    parts = [part for part in (_often(told), _much(told)) if part]
    parts.sort(key=lambda part: -part[0])
    if not parts or parts[0][0] < MORE:
        return f"A tenth of users ({told.users:,}) {does}."
    clauses = [clause for _, clause in parts]
    return f"A tenth of users ({told.users:,}) {does}: {', and '.join(clauses)}."


def whole_things(usual: float) -> str:
    """A usual number of things of which there are no halves: “1 or 2” where it lies between two few, as a median may; nobody says
    “89 or 90”.
    """
    below = math.floor(usual)
    between = abs(usual - below - 0.5) < BETWEEN and usual < MANY
    return f"{below} or {below + 1}" if between else number(math.floor(usual + 0.5))


def sources_title(told: TopTenth) -> str:
    """What stands before it."""
    return TITLES[told.of]


def _often(told: TopTenth) -> tuple[float, str] | None:
    """How often they come, where it is more than once."""
    if told.visits is None or max(told.visits) <= 1:
        return None
    what = "visits that bring in something" if told.bringing else "visits"
    top, rest = map(whole_things, told.visits)
    what = what.replace("visits", "visit", 1) if top == "1" else what
    half = " in half of the time" if told.by_halves else ""
    return _times(told.visits), f"they come {_than(told.visits)} often ({top} {what}{half}, all others {rest})"


def _much(told: TopTenth) -> tuple[float, str] | None:
    """What a visit of theirs is worth and how much it holds; of activity, how much it holds."""
    holds = told.lines if told.lines and max(told.lines) > 1 else None
    if told.of == "activity":
        held = f"({whole_things(holds[0])} lines, all others {whole_things(holds[1])})" if holds else ""
        return (_times(holds), f"a visit of theirs holds {_than(holds)} {held}") if holds else None
    if told.worth is None or min(told.worth) <= 0:
        return None
    top, rest = (money(sum_of_money(x), told.currency) for x in told.worth)
    worth = f"a visit of theirs is worth {_than(told.worth)} ({top}, all others {rest})"
    if holds and _times(told.worth) >= MORE:
        worth += ", since it holds more" if _times(holds) >= MORE else f", though it holds {_than(holds)}"
    return _times(told.worth), worth


def _times(pair: Both) -> float:
    return pair[0] / pair[1] if pair[1] > 0 else float("inf")


def _than(pair: Both) -> str:
    times = _times(pair)
    if times >= MORE:
        return "more"
    if times > NO_MORE:
        return "hardly more"
    return "no more" if times * MORE >= 1 else "less"
