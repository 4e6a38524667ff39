"""A claim's own words: what an inquiry is about, with what came out of it, its numbers as slots."""

from __future__ import annotations

from ...evidence import say
from ...schema import Measure, Quantifier, Says
from ...words.english.claim_words import beside_others
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

# Of what a share is, and whose are the others', by form.
WHOSE = {
    "users": ("them", "of"),
    "sessions": ("their visits", "for"),
    "lines": ("what they do", "for"),
    "things": ("the things in their later visits", "for"),
}


def parting_words(inquiry: Inquiry) -> str:
    """What a group was sorted by, where that is what an inquiry asks."""
    if inquiry.form == "number":
        return inquiry.said
    if inquiry.form == "users":
        return f"whether they {inquiry.said}"
    of, _ = WHOSE.get(inquiry.form, ("their visits", ""))
    return f"how much of {inquiry.of or of} {inquiry.said}"


def template(inquiry: Inquiry, measure: Measure) -> str:
    """The claim's own words, its numbers as slots."""
    says, (of, whose) = measure.says, WHOSE.get(inquiry.form, ("", "for"))
    others = beside_others(measure, whose)
    if inquiry.form == "number":
        return f"{_capital(inquiry.said)} is {{value}}{others}."
    if inquiry.form == "times":
        return f"In {{value}} of their visits that {inquiry.said}{others}."
    of = inquiry.of or of
    if says.compares:
        return f"{{value}} of {of} {inquiry.said}{others}."
    if says.comparator == "about":
        return f"{{value}} of {of} {inquiry.said}."
    if says.comparator in ("at_least", "at_most"):
        side = "More than" if says.comparator == "at_least" else "Less than"
        return f"{side} {FRACTIONS[says.value or 0.0]} of {of} {inquiry.said} ({{value}})."
    return f"{_capital(_word(says))} of {of} {inquiry.said} ({{value}})."


def _word(says: Says) -> str:
    assert says.quantifier is not None
    quantifier: Quantifier = says.quantifier
    return say(quantifier, says.value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
