"""Is it just what they buy, where, when? How far a bar's difference is just a mix, as a card says it and as its evidence does.

In: what comparable others would come to with the group's mix over a field, and the bar. Out: texts. Promises: a card's sentence
holds the others' figure with that mix, and no part of a difference; that stands with the evidence.
"""

from __future__ import annotations

from ...schema import Bar, Names, Truthfulness
from ..wording import field_words, percent, readable
from .grammar import listed, plural_name, turned_to

TITLE = "Is it just …?"
SAID = {"mostly": "mostly", "partly": "partly", "not": "not just"}
OF_TIME = {
    "hour": ("when in the day they come", "the same hours"),
    "weekday": ("on which days they come", "the same days of the week"),
}
# Of a difference, and of a share: by how much a mix must move the others' figure for anybody to notice. Round.
MOVED, MOVED_POINTS = 0.1, 0.02
NUMBERED = (" id", " code", " no", " number")  # of a shop: its number is the shop to a reader


def said_mix(field: str, kind: str, names: Names) -> tuple[str, str]:
    """What a difference may just be, and the mix that others would have: “what they buy”, “the same departments”."""
    if kind in OF_TIME:
        return OF_TIME[kind]
    doing = f"what they {turned_to(names.main_act)}"
    if kind == "theme":
        return doing, "the same kinds of things"
    called = field_words(field, names).partition(" (")[0].lower()
    called = plural_name(next((called.removesuffix(end) for end in NUMBERED if called.endswith(end)), called))
    return (doing if kind == "category" else f"a matter of {called}"), f"the same {called}"


def is_mostly(bar: Bar) -> bool:
    """Is at least half of a bar's difference a mix? Then its card says so."""
    return bar.standardised is not None and bar.standardised.verdict == "mostly"


def on_card(bar: Bar, truth: Truthfulness) -> bool:
    """Is the answer worth a line of a card? That it is not just the hours or the days at which they come is nobody's suspicion of
    what they take, and a mix that moves the others' figure by nothing is nobody's suspicion at all; that it is, would be news.
    """
    found = bar.standardised
    if found is None or truth.value is None or truth.matched is None:
        return found is not None
    if percent(found.expected) == percent(truth.matched):
        return False
    if found.verdict != "not":
        return True
    moved = abs(found.expected - truth.matched)
    return found.kind not in OF_TIME and moved >= max(MOVED * abs(truth.value - truth.matched), MOVED_POINTS)


def just_sentence(bar: Bar, truth: Truthfulness) -> str:
    """“Private brand: not just what they buy; others with the same departments would be at 30 %.” The bar has their figure."""
    found = bar.standardised
    if found is None or truth.value is None:
        return ""
    have = f"others with {found.mix} would be at {percent(found.expected)}"
    return f"{bar.label}: {SAID[found.verdict]} {found.about}; {have}."


def just_in_full(bar: Bar, truth: Truthfulness) -> str:
    """The same for its evidence, with the part of the difference that it is, and what else was looked at."""
    found = bar.standardised
    if found is None or truth.value is None or truth.matched is None:
        return ""
    others = [readable(name) for name in found.looked if name != found.field]
    looked = f"; also looked at: {listed(others)}" if others else ""
    now = f"where they have {percent(truth.matched)} and the group {percent(truth.value)}"
    figures = f"{percent(found.expected)}{f' {bar.unit}' if bar.unit else ''}, {now}"
    part = f"{found.explained:.2f} of the difference (95 % interval {found.low:.2f} to {found.high:.2f}){looked}"
    return f"{SAID[found.verdict]} {found.about}: with {found.mix} others would have {figures}. That is {part}"
