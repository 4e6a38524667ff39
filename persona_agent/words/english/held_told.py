"""Where personas differ in what users hold alike on all of their lines (a country, a plan, a device).

In: what was counted of a field. Out: a text a field. Promises: every figure is one that the set holds, and only personas that
surely differ are named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...schema.told_fields import HeldBy, HeldValue
from ..wording import percent
from .cards import figure
from .grammar import capital, listed

MOST_FIELDS, MOST_VALUES, MOST_PERSONAS = 2, 2, 3  # of a page, of a field, and on either side: more are not read


def by_fields(held: Sequence[HeldValue], labels: Mapping[str, str]) -> dict[str, str]:
    """A text of each field that tells something, by what it is called; `labels` are the names of personas that have a card."""
    found: dict[str, list[str]] = {}
    for value in held:
        text = _of_value(value, labels)
        texts = found.setdefault(value.title, []) if text and (value.title in found or len(found) < MOST_FIELDS) else []
        if text and len(texts) < MOST_VALUES:
            texts.append(text)
    return {title: " ".join(texts) for title, texts in found.items()}


def _of_value(told: HeldValue, labels: Mapping[str, str]) -> str:
    """“10 % of users are outside France; they bring in 17 % of the value. More of “Bags” (20 %), fewer of “Ones” (2 %).”"""
    shown = [by for by in told.apart if by.persona in labels and by.truth.value is not None]
    if not shown and not told.weighs:
        return ""
    five = "" if told.five is None else f", five of them {percent(told.five)} of that"
    worth = "" if told.value is None else f"; they bring in {percent(told.value)} of the value{five}"
    sides = [("more", True), ("fewer", False)]
    parts = [f"{word} of {listed(of)}" for word, more in sides if (of := _those(shown, labels, more=more))]
    apart = f" {capital(', '.join(parts))}." if parts else ""
    return f"{percent(told.share)} of users {told.said}{worth}.{apart}"


def _those(shown: Sequence[HeldBy], labels: Mapping[str, str], *, more: bool) -> list[str]:
    side = [by for by in shown if ((by.truth.value or 0.0) > (by.truth.matched or 0.0)) == more]
    return [f"“{labels[b.persona]}” ({figure('share', b.truth.value, b.truth.bound)})" for b in side[:MOST_PERSONAS]]
