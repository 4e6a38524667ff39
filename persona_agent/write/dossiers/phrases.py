"""A claim's own words: what an inquiry is about, with what came out of it, its numbers as slots."""

from __future__ import annotations

from ...evidence import say
from ...schema import Measure, Quantifier, Says
from .inquiries import Inquiry

# “More than a third” is for good; the number beside it is of this log.
FRACTIONS = {
    0.1: "a tenth",
    0.2: "a fifth",
    0.25: "a quarter",
    1 / 3: "a third",
    0.5: "half",
    2 / 3: "two thirds",
    0.75: "three quarters",
    0.9: "nine tenths",
}


def template(inquiry: Inquiry, measure: Measure) -> str:
    """The claim's own words, its numbers as slots."""
    says, compares = measure.says, measure.says.comparator in ("more_than_others", "less_than_others")
    others = "{matched} {} comparable others" if measure.versus == "matched" else "{raw} {} all others"
    if inquiry.form == "number":
        against = f", against {others.replace('{}', 'for')}" if compares else ""
        return f"{_capital(inquiry.said)} is {{value}}{against}."
    if inquiry.form == "times":
        return _times(inquiry.said, says, others if compares else "")
    of, whose = ("them", "of") if inquiry.form == "users" else ("their sessions", "for")
    if compares:
        return f"{{value}} of {of} {inquiry.said}, against {others.replace('{}', whose)}."
    if says.comparator in ("at_least", "at_most"):
        side = "More than" if says.comparator == "at_least" else "Less than"
        return f"{side} {FRACTIONS[says.value or 0.0]} of {of} {inquiry.said} ({{value}})."
    if inquiry.form == "users":
        return f"{_capital(_word(says))} of them {inquiry.said} ({{value}})."
    return f"Their sessions {_word(says)} {inquiry.said} ({{value}} of them on average)."


def _times(said: str, says: Says, others: str) -> str:
    if others:
        return f"In {{value}} of the times that {said}, against {others.replace('{}', 'for')}."
    side = "more than" if says.comparator == "at_least" else "less than"
    return f"In {side} {FRACTIONS[says.value or 0.0]} of the times that {said} ({{value}})."


def _word(says: Says) -> str:
    assert says.quantifier is not None
    quantifier: Quantifier = says.quantifier
    return say(quantifier, says.value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
