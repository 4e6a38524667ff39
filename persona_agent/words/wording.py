"""Numbers and names as they are printed, and slots filled with them. One place, so that text, report and check agree."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..schema import NO_NAMES, Claim, Measure, Names, Persona, Size

SLOT = re.compile(r"\{([a-z0-9_.]+)\}")
OF_VISITS = {"gap": "day", "minutes": "minute"}  # units of a visit's own numbers
QUOTED = re.compile(r"“([^”]*)”")


def readable(name: str) -> str:
    """A name of the log as a reader would spell it: no underscores, no shouting, one space."""
    words = re.sub(r"[_\s]+", " ", name).strip(" .")
    return words.lower() if words.isupper() else words


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


def printed(measure: Measure | None, value: float | None) -> str:
    """A claim's value as its text shows it."""
    if value is None:
        return "unknown"
    if measure is None:
        return number(value)
    if measure.statistic == "share" or measure.of.startswith(("relative ", "biggest ")):
        return percent(value)
    return f"{number(value)} {_counted(OF_VISITS[measure.of], value)}" if measure.of in OF_VISITS else number(value)


def _counted(unit: str, value: float) -> str:
    """The word for so many."""
    return unit if value == 1 else f"{unit}s"


def share_of_users(measure: Measure | None) -> bool:
    return measure is not None and measure.statistic == "share" and measure.unit == "users"


def printed_value(claim: Claim) -> str:
    """A claim's own value as it is printed; one that may not be told exactly says above or below what it is."""
    t = claim.truthfulness
    return f"{t.bound} {percent(t.value)}" if t.bound and t.value is not None else printed(claim.measure, t.value)


def fill(template: str, values: Mapping[str, str]) -> str:
    """The template with its slots filled; KeyError names a slot without a value."""
    return SLOT.sub(lambda m: values[m.group(1)], template)


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
