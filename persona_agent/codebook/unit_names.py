"""The unit of an amount, where the column's name tells it.

A name comes in; out come the name without its unit, as a reader would spell it, and the unit. `MONEY` and `NUMBER` say what
kind of amount it is where the name does not say in what it is counted; `SHARE` that it is a part of one, which the values say.
"""

from __future__ import annotations

import re

from ..log.vendors.common import words
from ..words.english.orders_told import PIECES
from ..words.money import CURRENCIES, PRICES, SUMS
from ..words.wording import name_in_words

MONEY, NUMBER, SHARE = "money", "number", "share"  # kinds, not units: no text shows them
OF_ONE = frozenset(["discount", "rate", "share"])  # what a name that says so may be of, the values all from none to one
FRACTIONS = 4  # different values between none and one: fewer are a flag, or a code
SPELLED = {
    "ms": "ms", "msec": "ms", "millis": "ms", "milliseconds": "ms", "sec": "seconds", "secs": "seconds",
    "seconds": "seconds", "mins": "minutes", "minutes": "minutes", "hrs": "hours", "hours": "hours", "days": "days",
    "bytes": "bytes", "kb": "kB", "mb": "MB", "gb": "GB", "px": "pixels", "pixels": "pixels", "km": "km", "miles": "miles",
    "kg": "kg", "kwh": "kWh", "grams": "g", "pct": "%", "percent": "%", "cents": "cents", "euro": "EUR", "euros": "EUR",
    "dollars": "USD", "pounds": "GBP",
}  # fmt: skip
KINDS = {
    **dict.fromkeys((PRICES - {"rate"}) | SUMS, MONEY),  # a rate is mostly one of growth or of clicks
    **dict.fromkeys(PIECES, NUMBER),
}
COUNTS = frozenset(["num", "nb"])  # before what is counted: “num comments” are comments
# Counts of what others do to what somebody wrote: as an amount of theirs they read like acts of their own.
RECEIVED = frozenset(
    words(
        "likes dislikes upvotes downvotes ups downs favorites favourites retweets reposts replies comments reactions claps"
    )
)
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def unit_of(column: str) -> tuple[str, str | None]:
    """A column's plain name and its unit: `sales_value_usd` is “sales value” in USD, `quantity` a number."""
    whole = name_in_words(column)
    parts = re.split(r"[\s.-]+", whole)
    if len(parts) > 1 and parts[0].lower() in COUNTS:
        return " ".join(parts[1:]), NUMBER
    told = [_unit(word.lower()) for word in parts]
    for place in (len(parts) - 1, 0):
        unit = told[place]
        if unit and len(parts) > 1:
            return " ".join(parts[:place] + parts[place + 1 :]), unit
    if told[-1]:
        return whole, told[-1]
    return whole, next((KINDS[w.lower()] for w in reversed(parts) if w.lower() in KINDS), None)


def as_received(name: str) -> str:
    """The plain name of a count, as what it counts came about: “comments” of a post are comments received."""
    return f"{name} received" if name.split(" ")[-1].lower() in RECEIVED else name


def is_of_one(column: str, least: float, most: float, fractions: int) -> bool:
    """Does a column hold parts of one (a discount of 0.2), by its name, its `least` and `most` value and how many different ones
    lie between none and one? Beside sums of money it does; a shop whose discounts are amounts has some above one.
    """
    parts = re.split(r"[\s._-]+", CAPITAL.sub("_", column).lower())
    return bool(OF_ONE & set(parts)) and least >= 0 and most <= 1 and fractions >= FRACTIONS


def _unit(word: str) -> str | None:
    return word.upper() if word in CURRENCIES else SPELLED.get(word)
