"""What a word or a comparator asserts, and whether a result bears it (docs/contract.md, Words).

In: `Says` and a `Measured`. Out: a truth label with its reason in plain words, or the strongest word that holds.
Promises: without data the answer is `not_enough`; what is undefined is never true; words of how many are for shares of
users, words of how often for the rate of the median user over at least 3 sessions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..options import DEFAULT_MIN_CLAIM_USERS
from ..schema import Measure, Quantifier, TruthLabel
from ..words.floors import so_few
from ..words.wording import number, percent
from .answers import Measured, known
from .intervals import Z_ONE_SIDED, Z_TWO_SIDED, Interval, difference_by_ends, welch, wilson
from .redrawing import as_drawn

Verdict = tuple[TruthLabel, str]
Gap = tuple[float, Interval]

ABOUT_RELATIVE = 0.10  # “about 20” is said of 18 to 22
ABOUT_POINTS = 0.05  # of a share: “about 40 %” is said of 35 to 45 %
DIGITS = 3  # significant digits that are printed; what is not printed is not compared
MAX_UNMATCHED = 0.5  # beyond half, the comparison would speak of the smaller part of the group
# How far from others' figure is still as with others. Of shares, what a card's bar must differ by to be drawn at all
# (WORTH_POINTS), and of a small share a third of it, as of the rest of a large one: 2 % is not as 6 %, and 98 % not as 94 %. Of
# numbers a sixth: others then have less than 1.2 times as much, from where on a card would draw it as a difference (WORTH_RATIO).
ALIKE_POINTS = 0.05
ALIKE_PART = 1 / 3
ALIKE_RELATIVE = 1 / 6
OF_90 = Z_ONE_SIDED / Z_TWO_SIDED  # of an interval of 95 %, that of 90 %; wide rather than narrow where users are few
NUMBER_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_EDGE = 1e-9  # a bound that is met exactly must not fail by rounding


@dataclass(frozen=True)
class Range:
    """What a word means: a value from `low` to `high`, both included unless open. Narrow words are strong words."""

    low: float
    high: float
    low_open: bool = False
    high_open: bool = False

    def holds(self, value: float) -> bool:
        above = value > self.low + _EDGE if self.low_open else value >= self.low - _EDGE
        below = value < self.high - _EDGE if self.high_open else value <= self.high + _EDGE
        return above and below


# Of these the one-sided Wilson bound must stand in the range too, not the value alone.
BOUNDED: dict[Quantifier, Range] = {
    "almost_all": Range(0.90, 1),
    "most": Range(0.50, 1, low_open=True),
    "few": Range(0, 0.20),
    "hardly_any": Range(0, 0.05),
}
POINTS: dict[Quantifier, Range] = {
    "all": Range(1, 1),
    "none": Range(0, 0),
    "half": Range(0.45, 0.55),
    "a_third": Range(0.28, 0.38),
}
HOW_OFTEN: dict[Quantifier, Range] = {
    "usually": Range(0.50, 1, low_open=True),
    "often": Range(0.30, 1),
    "sometimes": Range(0.10, 0.30),
    "rarely": Range(0, 0.10, high_open=True),
}
_STRONGEST_FIRST: tuple[Quantifier, ...] = (
    "all", "none", "hardly_any", "almost_all", "half", "a_third", "n_in_ten", "few", "most",
)  # fmt: skip
_OFTEN_FIRST: tuple[Quantifier, ...] = ("usually", "rarely", "often", "sometimes")
_SAID: dict[Quantifier, str] = {
    "almost_all": "almost all",
    "half": "about half",
    "a_third": "a third",
    "hardly_any": "hardly any",
}


def verdict(measure: Measure, measured: Measured, floor: int = DEFAULT_MIN_CLAIM_USERS) -> Verdict:
    """Does the result bear what is said? `floor`: the fewest users that a claim may rest on."""
    if measured.behind < floor:
        return "not_enough", f"{so_few(measured.behind, 'users')} are behind it, {floor} are needed"
    if not known(measured.value):
        return "not_enough", "there is nothing to measure"
    says = measure.says
    if says.quantifier is not None:
        return quantified(says.quantifier, says.value, measured, floor)
    if says.alike:
        return as_others(measured, floor=floor)
    if says.sets_apart:
        return compared(measured, more=says.comparator == "more_than_others", floor=floor)
    if says.value is None or not math.isfinite(says.value):
        return "not_enough", "no number to compare with"
    return valued(str(says.comparator), says.value, measured)


def quantified(word: Quantifier, tenth: float | None, measured: Measured, floor: int = 1) -> Verdict:
    """A word held against a share; `tenth` goes with n_in_ten."""
    if measured.statistic != "share":
        return "not_checkable", f"{say(word, tenth)!r} is said of shares, not of a {measured.statistic}"
    if word in HOW_OFTEN:
        return _how_often(word, measured, floor)
    if measured.unit != "users":
        return "not_checkable", f"{say(word, tenth)!r} is said of users, not of {measured.unit}"
    return _how_many(word, tenth, measured)


def compared(measured: Measured, *, more: bool, floor: int = 1) -> Verdict:
    """More or less than others: the interval of the difference must lie on the side that is claimed.

    What holds against everyone else must hold against comparable others as well, and at least by half as much; what
    loses more is an artefact of who was there, and for how long. What keeps half, but whose interval among comparable
    others holds no difference, is `not_enough`: a log with few comparable users cannot refute it.
    """
    other, everyone = measured.other, measured.everyone
    if other is not None and other.behind < floor:
        return "not_enough", f"{so_few(other.behind, 'others')}, {floor} are needed"
    if other is None or everyone is None or not known(other.value) or not known(measured.value):
        return "not_enough", "there are no others to compare with"
    raw = _apart(measured, everyone, more=more)
    fair = _fairly_apart(measured, more=more, floor=floor)
    if raw[0] == "true" and fair[0] != "true":
        return fair
    told = fair if other is measured.matched and not (raw[0] == "true" and other is everyone) else raw
    return as_drawn(measured) or told if told[0] == "true" else told


def _fairly_apart(measured: Measured, *, more: bool, floor: int) -> Verdict:
    """The same against comparable others."""
    matched, paired, everyone = measured.matched, measured.paired, measured.everyone
    if matched is None or paired is None or everyone is None or not known(matched.value) or matched.behind < floor:
        return "not_enough", "there are no comparable others"
    if (measured.unmatched or 0.0) > MAX_UNMATCHED:
        return "not_enough", f"{percent(measured.unmatched or 0.0)} of them have no comparable others"
    label, reason = _apart(paired, matched, more=more)
    gap, rest = _gap(measured, everyone), _gap(paired, matched)
    if gap is None or rest is None:
        return label, reason
    if _on_side(gap, more) and label != "false" and abs(rest[0]) >= abs(gap[0]) / 2:
        return label, reason + _without(measured)
    if _on_side(gap, more):
        seen = [printed_result(m) for m in (measured, everyone, matched)]
        return (
            "artefact",
            f"{seen[0]} here, {seen[1]} among all others, {seen[2]} among comparable ones: {_left(gap, rest)}",
        )
    return label, reason + _without(measured)


def as_others(measured: Measured, *, floor: int = 1) -> Verdict:
    """No more and no less than others: equivalence, by two one-sided tests at 5 % (Schuirmann 1987), which is to say that the
    90 % interval of the difference lies within the margin; `false` where it lies outside, or where they are surely more or less
    than others, however little. Of who differs by the margin one in twenty is called alike, as of who does not differ one in
    twenty is called apart. Comparable others decide, also where all others differ.
    """
    apart = next((v for more in (True, False) if (v := compared(measured, more=more, floor=floor))[0] == "true"), None)
    if apart is not None:
        return "false", apart[1]
    other, matched = measured.other, measured.matched
    if other is not None and matched is not None and (n := min(other.behind, matched.behind)) < floor:
        return "not_enough", f"{so_few(n, 'others')}, {floor} are needed"
    if other is None or matched is None or measured.paired is None or not known(matched.value):
        return "not_enough", "there are no comparable others"
    if (measured.unmatched or 0.0) > MAX_UNMATCHED:
        return "not_enough", f"{percent(measured.unmatched or 0.0)} of them have no comparable others"
    held = [_held_alike(measured.paired, matched)] + ([] if other is matched else [_held_alike(measured, other)])
    label, reason = next((v for v in held if v[0] != "true"), held[0])
    return label, reason + _without(measured)


def _held_alike(here: Measured, other: Measured) -> Verdict:
    """Does all of the interval of the difference lie within what is still as with others?"""
    gap = _gap(here, other)
    if gap is None or other.value is None:
        return "not_enough", "too few users for an interval of the difference"
    margin, (low, high) = alike_margin(other), (gap[0] + OF_90 * (end - gap[0]) for end in gap[1])
    seen = f"(90 %: {_number(low)} to {_number(high)}, where {_number(margin)} either way is as with others)"
    if low > margin + _EDGE or high < -margin - _EDGE:
        return "false", f"{printed_result(here)} here is not as others' {printed_result(other)} {seen}"
    if low < -margin - _EDGE or high > margin + _EDGE:
        return "not_enough", f"the interval of the difference goes beyond what is as with others {seen}"
    return "true", f"as with others, within {_number(max(abs(low), abs(high)))} {seen}"


def alike_margin(other: Measured) -> float:
    """How far from the figure of others is still as with them."""
    there = other.value or 0.0
    if other.statistic == "trend":  # a change of a share, which may be none
        return ALIKE_POINTS
    if other.statistic != "share":
        return ALIKE_RELATIVE * abs(there)
    return min(ALIKE_POINTS, ALIKE_PART * max(min(there, 1 - there), 0.0))


def _without(measured: Measured) -> str:
    share = measured.unmatched or 0.0  # what would print as 0 % is not said
    return f"; {percent(share)} of them have no comparable others" if share >= 0.01 else ""


def _left(gap: Gap, rest: Gap) -> str:
    """How much of a difference matching leaves."""
    share = rest[0] / gap[0]
    if share <= 0:
        return "matching leaves nothing of the difference"
    chance = ", which may be chance" if rest[1][0] <= 0 <= rest[1][1] else ""
    return f"matching leaves {percent(share)} of the difference{chance}"


def printed_result(measured: Measured) -> str:
    """A result as it is printed: shares in per cent."""
    value = measured.value
    return "unknown" if value is None else percent(value) if measured.statistic == "share" else number(value)


def _on_side(gap: Gap, more: bool) -> bool:
    low, high = gap[1]
    return (low > 0) if more else (high < 0)


def _apart(here: Measured, other: Measured, *, more: bool) -> Verdict:
    """Is one population's value surely beyond the other's, on the side that is claimed?"""
    gap = _gap(here, other)
    if gap is None:
        return "not_enough", "too few users for an interval of the difference"
    (size, (low, high)), said = gap, "more" if more else "less"
    if not (size > 0 if more else size < 0):
        return "false", f"{printed_result(here)} here is not {said} than others' {printed_result(other)}"
    if low <= 0 <= high:
        return "not_enough", f"the interval of the difference, {_number(low)} to {_number(high)}, holds no difference"
    return "true", f"{said} than others by {_number(abs(size))} (95 %: {_number(low)} to {_number(high)})"


def _gap(here: Measured, other: Measured) -> Gap | None:
    """The difference of two values with its 95 % interval. None: cannot be told."""
    if here.value is None or other.value is None:
        return None
    gap = here.value - other.value
    if here.se is not None and other.se is not None:
        return gap, welch(here.value, here.se, here.n, other.value, other.se, other.n_effective or other.n)
    if here.ci is None or other.ci is None:
        return None
    return gap, difference_by_ends(here.value, here.ci, other.value, other.ci)


def difference(measured: Measured) -> Gap | None:
    """The value less that of `versus`, with its 95 % interval; against comparable others, that of the members who have
    any. None: cannot be told.
    """
    other = measured.other
    if other is None:
        return None
    matched = other is measured.matched and measured.paired is not None
    return _gap(measured.paired if matched and measured.paired else measured, other)


def valued(comparator: str, value: float, measured: Measured) -> Verdict:
    """A number held against a number.

    Exact for at_least and at_most; within 10 % (5 points of a share) for about; to 3 digits for equals.
    """
    found = measured.value
    if found is None:
        return "not_enough", "there is nothing to measure"
    holds: dict[str, Callable[[], bool]] = {
        "at_least": lambda: found >= value - _EDGE * max(1.0, abs(value)),
        "at_most": lambda: found <= value + _EDGE * max(1.0, abs(value)),
        "about": lambda: abs(found - value) <= tolerance(measured, value) + _EDGE,
        "equals": lambda: rounded(found) == rounded(value),
    }
    said = f"{comparator.replace('_', ' ')} {_number(value)}"
    return (
        ("true", f"{_number(found)} is {said}") if holds[comparator]() else ("false", f"{_number(found)} is not {said}")
    )


def best_quantifier(measured: Measured, floor: int = DEFAULT_MIN_CLAIM_USERS) -> Quantifier | None:
    """The strongest (narrowest) word that holds of a share, or None; the number that goes with n_in_ten is `tenths`."""
    if not known(measured.value) or measured.behind < floor:
        return None
    words = _STRONGEST_FIRST if measured.unit == "users" else _OFTEN_FIRST
    for word in words:
        if quantified(word, float(tenths(measured)), measured, floor)[0] == "true":
            return word
    return None


def tenths(measured: Measured) -> int:
    """The share of users to the nearest tenth, halves up, counted in whole numbers."""
    return (20 * measured.satisfying + measured.units) // (2 * measured.units) if measured.units else 0


def tolerance(measured: Measured, value: float) -> float:
    """How far from `value` is still about it."""
    return ABOUT_POINTS if measured.statistic == "share" else ABOUT_RELATIVE * abs(value)


def say(word: Quantifier, value: float | None = None) -> str:
    """The word in English; n_in_ten needs the number of tenths."""
    if word != "n_in_ten":
        return _SAID.get(word, word)
    tenth = int(value) if value is not None and math.isfinite(value) else -1
    return f"{NUMBER_WORDS[tenth] if 0 <= tenth <= 10 else '?'} in ten"


def rounded(value: float | None) -> str | None:
    """A number at its printed rounding, 3 significant digits; None and NaN have none."""
    return f"{value + 0.0:.{DIGITS}g}" if value is not None and not math.isnan(value) else None


def _how_many(word: Quantifier, tenth: float | None, measured: Measured) -> Verdict:
    share = measured.satisfying / measured.units
    seen = f"{measured.satisfying:,} of {measured.units:,}"
    said = say(word, tenth)
    if word == "n_in_ten":
        fits = tenth is not None and 1 <= tenth <= 9 and tenth == tenths(measured)
        return ("true", f"{seen} is {said}") if fits else ("false", f"{seen} is not {said}")
    if word in POINTS:
        exact = {"all": measured.satisfying == measured.units, "none": measured.satisfying == 0}
        fits = exact.get(word, POINTS[word].holds(share))
        return ("true", f"{seen} is {said}") if fits else ("false", f"{seen} is not {said}")
    wanted = BOUNDED[word]
    if not wanted.holds(share):
        return "false", f"{seen} is not {said}"
    bounds = wilson(measured.satisfying, measured.units, Z_ONE_SIDED) or (0.0, 1.0)
    bound = bounds[0] if wanted.high == 1 else bounds[1]
    if not wanted.holds(bound):
        return "not_enough", f"{seen} could be {_number(bound)} by chance, too near the edge for {said!r}"
    return "true", f"{seen}, with the bound at {_number(bound)}, is {said}"


def _how_often(word: Quantifier, measured: Measured, floor: int) -> Verdict:
    if measured.unit != "sessions":
        return "not_checkable", f"{word!r} is said of sessions, not of {measured.unit}"
    rate = measured.median_user_rate
    if rate is None or not known(rate) or measured.n_users_with_3 < floor:
        return "not_enough", f"{so_few(measured.n_users_with_3, 'users')} have 3 sessions, {floor} are needed"
    seen = f"the median user's rate, {_number(rate)}"
    return ("true", f"{seen}, is {word}") if HOW_OFTEN[word].holds(rate) else ("false", f"{seen}, is not {word}")


def _number(value: float) -> str:
    return rounded(value) or "nothing"
