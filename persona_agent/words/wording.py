"""Numbers and names as they are printed, and slots filled with them. One place, so that text, report and check agree."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from ..schema import NO_NAMES, Claim, Measure, Names, Persona, Size
from .money import is_money

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
OF_VISITS = {"gap": "day", "minutes": "minute"}  # units of a visit's own numbers
COUNTED = frozenset(
    [*OF_VISITS, "matches", "things"]
)  # what is counted in whole ones, though a middle lies between two
WHOLE_FROM, THREE_DIGITS = 10, 1_000  # nobody says “34.5 lines”, nor “6.25 days”; below ten, 2.5 and 3 are far apart
# From twice the usual on it is told in times: nobody says “400 % of the usual quantity”.
FROM_TIMES, TIMES = 2, " times"
TIMES_USUAL = "times the usual"  # the unit of a bar
_ONE_STRING = re.compile(r"[^\W_]+(?:\.[^\W_]+)*").fullmatch
_CAPITAL = re.compile(r"(?<=[^\W\d_A-Z][a-z0-9])(?=[A-Z])")  # behind two small letters: an iPhone is no i Phone
QUOTED = re.compile(r"“([^”]*)”")
LEAST_SUM = 0.1  # below, two decimals would leave one digit of a price by the thousand, or none
CENTS_MATTER = 100  # from here on a sum is told as any number: nobody reads the pence of £287.35


def readable(name: str) -> str:
    """A name of the log as a reader would spell it: no underscores, no shouting, one space."""
    words = re.sub(r"[_\s]+", " ", name).strip(" .")
    return words.lower() if words.isupper() else words


def name_in_words(name: str) -> str:
    """A name of a column or an act as a reader would spell it, where capitals part its words too: `itemInSession`, `NextSong`."""
    if not _ONE_STRING(name) or name.isupper():
        return readable(name)
    words = _CAPITAL.sub(" ", name).split(" ")
    return " ".join(word if word.isupper() else word.lower() for word in words) if len(words) > 1 else readable(name)


def act_words(action: str, names: Names = NO_NAMES) -> str:
    """An act as a person called it in the codebook, else as the log spells it."""
    return names.acts.get(action.lower()) or readable(action)


def field_words(field: str, names: Names = NO_NAMES) -> str:
    """A field or amount as a person called it, with its unit; else as the log spells it."""
    return names.fields.get(field) or readable(field)


def spelled_worth(expression: str) -> str:
    """What a line is worth, in words: “quantity × unit price gbp”."""
    return " × ".join(readable(part.removeprefix("properties.")) for part in expression.split("*"))


def theme_words(theme: str, names: Names = NO_NAMES) -> str:
    """A theme as a person called it, else by the words that tell it."""
    return names.themes.get(theme.lower()) or readable(theme)


def quoted(action: str, obj: str | None = None, names: Names = NO_NAMES) -> str:
    """An act, alone or on a thing, as texts name it: “add to cart: rye loaf”."""
    act = act_words(action, names)
    return f"“{act}”" if obj is None else f"“{act}: {readable(obj)}”"


def renamed(text: str, names: Names) -> str:
    """A text in which acts that are quoted by the log's spelling are called as a person called them. What is some act's new name
    stays: nobody can tell which one is meant.
    """
    new = {name.lower() for name in names.acts.values()}
    known = {w: name for action, name in names.acts.items() if (w := readable(action).lower()) not in new}

    def name(quote: re.Match[str]) -> str:
        act, colon, thing = quote.group(1).partition(": ")
        return f"“{known[act.lower()]}{colon}{thing}”" if act.lower() in known else quote.group(0)

    return QUOTED.sub(name, text) if known else text


def clock(hour: int) -> str:
    """An hour of the day as it is said: 9 am, noon, midnight."""
    if hour % 12 == 0:
        return "noon" if hour == 12 else "midnight"
    return f"{hour % 12} {'am' if hour < 12 else 'pm'}"


def percent(share: float) -> str:
    """A share in whole per cent; what is not quite none or all says so."""
    if 0 < share < 0.005:
        return "under 1 %"
    if 0.995 < share < 1:
        return "over 99 %"
    return f"{round(100 * share) or 0} %"


def number(value: float) -> str:
    """Three significant digits, thousands apart, no exponent from a ten-thousandth up."""
    if abs(value) < 1:
        return f"{value:.3g}"
    digits = max(0, 3 - len(f"{abs(value):.0f}"))
    text = f"{float(f'{value:.3g}'):,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sum_of_money(value: float) -> str:
    """“3.98”, “22.50”, “287”: of the three digits that any number has, below CENTS_MATTER with its pence."""
    told = float(f"{value:.3g}")
    return f"{told:.2f}" if LEAST_SUM <= abs(told) < CENTS_MATTER or told == 0 else number(told)


def bound_of_money(value: float) -> str:
    """A sum that somebody asks about: “300”, “20”, “2.50”; whole sums are said whole."""
    return number(value) if float(value).is_integer() else sum_of_money(value)


def amount_said(field: str, value: float, names: Names) -> str:
    """A number of a property that somebody asks about: “12”, “£20” without its sign, “20 %” of one that holds parts of one."""
    if field in names.in_parts:
        return percent(value)
    return bound_of_money(value) if is_money(field) else number(value)


def amount_of(measure: Measure | None, value: float) -> str:
    """A number that is no share as it is printed everywhere, without its unit; of a field of parts of one in per cent."""
    if measure is not None and measure.in_parts:
        return percent(value)
    if measure is not None and tells_money(measure):
        return sum_of_money(value)
    if measure is None or measure.of not in COUNTED or not 1 <= value < THREE_DIGITS:
        return number(value)
    return number(math.floor(value + 0.5) if value >= WHOLE_FROM else math.floor(10 * value + 0.5) / 10)


def tells_money(measure: Measure) -> bool:
    """Is its figure a sum of money: of values, which tell what lines are worth, or of a field that is money by its name?"""
    if (
        measure.in_parts
        or measure.statistic not in ("median", "sum")
        or measure.of.startswith(("relative ", "biggest "))
    ):
        return False
    return measure.field == "value" or (
        measure.field.startswith("properties.") and is_money(measure.field.removeprefix("properties."))
    )


def printed(measure: Measure | None, value: float | None) -> str:
    """A claim's value as its text shows it."""
    if value is None:
        return "unknown"
    if measure is None:
        return number(value)
    if measure.of.startswith("relative ") and value >= FROM_TIMES:
        return f"{number(value)}{TIMES}"
    if measure.statistic == "share" or measure.of.startswith(("relative ", "biggest ")):
        return percent(value)
    if measure.of in OF_VISITS:
        told = amount_of(measure, value)
        return f"{told} {OF_VISITS[measure.of]}{'' if told == '1' else 's'}"
    return amount_of(measure, value)


def share_of_users(measure: Measure | None) -> bool:
    return measure is not None and measure.statistic == "share" and measure.unit == "users"


def printed_value(claim: Claim) -> str:
    """A claim's own value as it is printed; one that may not be told exactly says above or below what it is."""
    t = claim.truthfulness
    return f"{t.bound} {percent(t.value)}" if t.bound and t.value is not None else printed(claim.measure, t.value)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its slots filled; KeyError names a slot without a value. “{v} of the usual” of four times is “4 times the
    usual”.
    """
    return SLOT.sub(lambda m: values[m.group(1)], template).replace(f"{TIMES} of ", f"{TIMES} ")


def unit_of_slot(unit: str) -> str:
    """The unit of a bar as it stands behind a slot, which prints “4 times” and “95 %” of what is told in times the usual."""
    return "of the usual" if unit == TIMES_USUAL else unit


def claim_values(claim: Claim) -> dict[str, str]:
    """The slots that a claim offers, under its id and without."""
    t = claim.truthfulness
    own = {
        "value": printed_value(claim),
        "matched": printed(claim.measure, t.matched),
        "raw": printed(claim.measure, t.raw),
        "n": f"{t.n:,}",
    }
    return {**own, **{f"{claim.id}.{k}": v for k, v in own.items()}}


def size_values(size: Size) -> dict[str, str]:
    return {
        "size.users": f"{size.users:,}",
        "size.share_users": percent(size.share_users),
        "size.share_activity": percent(size.share_activity),
        "size.share_value": "unknown" if size.share_value is None else percent(size.share_value),
    }


def persona_values(persona: Persona) -> dict[str, str]:
    """The slots that a card offers to a text over all cards: {p2.c4.value}, {p2.size.users}, {p2.firm}."""
    claims = {k: v for c in persona.claims for k, v in claim_values(c).items() if "." in k}
    sizes = {f"{persona.id}.{k}": v for k, v in size_values(persona.size).items() if v != "unknown"}
    firm = persona.firmness
    told = {"firm": firm.same, "chance": firm.chance} if firm else {}
    return {**claims, **sizes, **{f"{persona.id}.{k}": percent(v) for k, v in told.items() if v is not None}}
