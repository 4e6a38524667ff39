"""Figures as they may leave the private files: of users in fives, of shares in whole per cent, and of a few nothing.

In: exact figures of a claim. Out: the same as a card shows them. Promises: two runs that differ by up to four users differ in a
count of users by nothing or by five; a share says no exact figure where fewer than five do, or do not; what is published
is published again as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Literal, TypeVar

from ..schema import Measure, Replication, Replications, Size, Standardised, Truthfulness
from .wording import share_of_users

FEW = 5  # users: fewer could be recognised; as the floor of a claim (options.DEFAULT_MIN_CLAIM_USERS)
FEWER = "fewer than five"
DECIMALS = re.compile(r"-?\b\d\.\d{3,}\b")  # of a share: three digits of few users give their number away
DECIMAL = re.compile(r"(?<![\w.,])-?\d+\.(\d+)\b")
NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
COUNTED = re.compile(rf"(?<![\d.,])(?<!than )(?:{NUMBER} (of(?: the)?) )?{NUMBER} (users?|others|members)\b")
SO_MANY = re.compile(r"\b(\d[\d,]*) of (\d[\d,]*)\b")
SAME = 6  # decimals: a sum of weights that is all of them ends in 1.0000000000000002, which told that it was weighed
POINT = 0.01  # of a share: what changes of it are told in
T = TypeVar("T")
NO_FIGURES = dict.fromkeys(("value", "bound", "ci", "pooled", "matched", "raw", "unmatched", "whole"))
WIDE = 20  # steps of an interval beside a share that is not told: twentieths, outwards


def of_users(n: int) -> int:
    """A number of users to the nearest five."""
    return FEW * round(n / FEW)


def step_of(each: float) -> int:
    """1, 2 or 5 times a power of ten, no smaller than what five users leave who leave so much each on average."""
    needed = FEW * max(each, 0.2)
    power: int = 10 ** (len(str(int(needed))) - 1)
    return next(k * power for k in (1, 2, 5, 10) if k * power >= needed)


def nearest(n: int, each: float) -> int:
    """A number to such a step."""
    return to_step(n, step_of(each))


def in_steady_steps(first: int, told: Callable[[int], T], again: Callable[[T], int]) -> tuple[int, T]:
    """The first step, and what is `told` in it, that the step by which the told would be told `again` goes into: else what is
    published would be rounded anew when it is published once more.
    """
    step = first
    while step % again(found := told(step)):
        step = step * 5 // 2 if str(step)[0] == "2" else step * 2
    return step, found


def steady_step(many: int, users: int) -> int:
    """The step for what so many users left."""
    first = step_of(many / max(users, 1))
    return in_steady_steps(first, lambda s: to_step(many, s), lambda m: step_of(m / max(of_users(users), 1)))[0]


def to_step(n: int, step: int) -> int:
    return step * round(n / step)


def records_said(n: int, each: float) -> str:
    """The same in words, where there are some."""
    return said_in_step(n, step_of(each))


def said_in_step(n: int, step: int) -> str:
    told = to_step(n, step)
    return f"{told:,}" if told else f"fewer than {step:,}"


def share(value: float | None) -> float | None:
    """In whole per cent; what is not quite none or all stays so."""
    if value is None or not 0 < value < 1:
        return None if value is None else round(value, SAME)
    return min(max(round(value, 2), 0.004), 0.996)


def share_in_fives(value: float, n: int) -> float:
    """A share of n users, those who do it and all of them to the nearest five: in whole per cent."""
    return round(of_users(round(value * n)) / max(of_users(n), FEW), 2)


def rounded_up(value: float) -> float:
    """To two significant digits, never less than it is."""
    if value <= 0:
        return value
    step = float(10 ** (math.floor(math.log10(value)) - 1))
    return float(f"{math.ceil(value / step - 1e-9) * step:.2g}")


def with_rounded_counts(text: str) -> str:
    """A text of code's with its counts of users rounded."""

    def told(match: re.Match[str]) -> str:
        some, of, many, whom = match.groups()
        n = whole_number(many)
        if n < FEW:
            return f"{FEWER} {'users' if whom == 'user' else whom}"
        whole = f"{of_users(n):,} {whom}"
        if some is None:
            return whole
        return f"{FEWER if whole_number(some) < FEW else format(of_users(whole_number(some)), ',')} {of} {whole}"

    return COUNTED.sub(told, text).replace(f"only {FEWER}", FEWER)


def whole_number(text: str) -> int:
    return int(text.replace(",", ""))


def in_fives(text: str) -> str:
    """The same of a text that says how many of how many: whoever wrote the question could take the difference of two answers."""

    def told(so_many: re.Match[str]) -> str:
        few, many = (of_users(int(x.replace(",", ""))) for x in so_many.groups())
        return f"{few:,} of {many:,}" if few else f"{FEWER} of {many:,}"

    return SO_MANY.sub(told, with_rounded_counts(text))


def so_few(n: int, whom: str) -> str:
    """How many there are, where more are needed: nobody like four, or the reason would tell whether there is somebody."""
    return f"{FEWER} {whom}" if n < FEW else f"only {n} {whom}"


def published_size(size: Size) -> Size:
    return size.model_copy(
        update={
            "users": of_users(size.users),
            "persons": None if size.persons is None else of_users(size.persons),
            "leaning": of_users(size.leaning),
            **{name: share(getattr(size, name)) for name in ("share_users", "share_activity", "share_value")},
        }
    )


def published_truth(truth: Truthfulness, measure: Measure | None) -> Truthfulness:
    """The figures of a claim, as a card tells them; of fewer than five users none."""
    if truth.n < FEW:
        return truth.model_copy(update={**NO_FIGURES, "few": None, "n": 0, "reason": with_rounded_counts(truth.reason)})
    rounded = rounding(measure, truth.n)
    own = _own_figures(truth, measure, rounded, _bound(truth, measure))
    others = {name: rounded(getattr(truth, name)) for name in ("matched", "raw")}
    return truth.model_copy(
        update={**own, **others, "few": None, "n": of_users(truth.n), "unmatched": share(truth.unmatched)}
    )


def _own_figures(
    truth: Truthfulness,
    measure: Measure | None,
    rounded: Callable[[float | None], float | None],
    bound: Literal["over", "under"] | None,
) -> dict[str, object]:
    """The figures that users of the group themselves make; of a bound the bound alone, whoever of few is behind it."""
    if bound is not None:
        edge = truth.value if truth.bound is not None else bound_edge(truth.n, bound)
        reason = f"{bound} {edge:.2f}" if truth.bound is None else with_rounded_counts(truth.reason)
        nothing: dict[str, object] = dict.fromkeys(("ci", "pooled", "whole"))
        return {**nothing, "value": edge, "bound": bound, "reason": reason}
    of_trend = measure is not None and measure.statistic == "trend"
    ends = _outwards(truth.ci) if of_trend else tuple(rounded(end) or 0.0 for end in truth.ci or ())
    return {
        "value": rounded(truth.value),
        "bound": None,
        "ci": (ends[0], ends[1]) if ends else None,
        "pooled": share(truth.pooled),
        "whole": None if _whole_is_of_few(truth, measure) else rounded(truth.whole),
        "reason": _reason(truth, measure, rounded),
    }


def told_by_bound(truth: Truthfulness, bound: Literal["over", "under"]) -> Truthfulness:
    """A share of which fewer than five users do, or do not, as above or below a number alone: whole per cent, or an end of an
    interval, would tell whether anybody does.
    """
    nothing: dict[str, object] = dict.fromkeys(("ci", "pooled", "few"))
    return truth.model_copy(update={**nothing, "bound": bound, "value": bound_edge(truth.n, bound)})


def _reason(truth: Truthfulness, measure: Measure | None, rounded: Callable[[float | None], float | None]) -> str:
    """Why a verdict is what it is, with no more digits than the figures beside it: its own figures as these are told, whatever
    digits it has of them, and differences of such figures in the same steps.
    """
    text = with_rounded_counts(truth.reason)
    if measure is None:
        return text
    for exact in (truth.value, truth.matched, truth.raw, truth.whole):
        text = _as_told(text, exact, rounded(exact))
    if measure.statistic == "share":
        return DECIMALS.sub(lambda m: f"{float(m[0]):.2f}", text)
    if measure.statistic == "trend":
        return DECIMALS.sub(lambda m: f"{rounded(float(m[0])) or 0.0:.2f}", text)
    of_users_alone = measure.unit == "users" and measure.statistic in ("sum", "distinct")
    return DECIMALS.sub(lambda m: f"{rounded(float(m[0])) or 0.0:g}", text) if of_users_alone else text


def _as_told(text: str, exact: float | None, told: float | None) -> str:
    """The text with the first number that is `exact`, to the digits that it has there, as it is told. Reasons print two
    decimals or more where there are some: one is a threshold's ("about 0.4" beside 0.423), and stays.
    """
    if exact is None or told is None:
        return text
    printed = min(len(f"{exact:.3g}".partition(".")[2]), 2)
    for found in (d for d in DECIMAL.finditer(text) if len(d[1]) >= printed):
        if f"{exact:.{len(found[1])}f}" in (found[0], f"-{found[0]}"):
            return f"{text[: found.start()]}{told + 0.0:g}{text[found.end() :]}"
    return text


def published_mix(found: Standardised | None, truth: Truthfulness | None) -> Standardised | None:
    """What a bar's difference may just be, in whole per cent; nothing beside a figure of which fewer than five are told."""
    if found is None or truth is None or truth.bound is not None or truth.value is None:
        return None
    parts = {name: round(getattr(found, name), 2) for name in ("explained", "low", "high")}
    return found.model_copy(update={"expected": share(found.expected), **parts})


def published_replications(found: Replications, measure: Measure | None, *, bounded: bool = False) -> Replications:
    """What other users and times say, as told; where the claim's own figure is `bounded`, of the same users nothing finer."""

    def one(again: Replication | None) -> Replication | None:
        if again is None:
            return None
        rounded = rounding(measure, again.n)
        few = share_of_users(measure) and again.value is not None and _few(again.value, again.n)
        return again.model_copy(
            update={
                "n": of_users(again.n),
                "value": None if few or bounded else rounded(again.value),
                "matched": rounded(again.matched),
            }
        )

    return Replications(held_out=one(found.held_out), last_quarter=one(found.last_quarter))


def _bound(truth: Truthfulness, measure: Measure | None) -> Literal["over", "under"] | None:
    """Where fewer than five of the users do, or do not, a share is told as above or below a number alone."""
    if truth.bound is not None:
        return truth.bound
    everybody = measure is not None and measure.says.quantifier in ("all", "none")  # said in words, and true of each
    if measure is None or everybody or truth.value is None:
        return None
    if truth.few is not None and measure.statistic == "share":
        return truth.few
    if not share_of_users(measure) or not _few(truth.value, truth.n):
        return None
    return "over" if truth.value >= 1 / 2 else "under"


def _whole_is_of_few(truth: Truthfulness, measure: Measure | None) -> bool:
    """Do fewer than five, or all but fewer, stand behind the share over the whole log? It is of no fewer users than `n`."""
    return truth.whole is not None and share_of_users(measure) and _few(truth.whole, truth.n)


def _few(value: float, n: int) -> bool:
    """Do fewer than five of n users, or all but fewer than five, by the exact figures or by those that would be shown? All and
    none count as well: with one user more or less they would not be.
    """
    sides = ((round(v * m), m) for v, m in ((value, n), (share(value) or 0.0, of_users(n))))
    return any(doing < FEW or m - doing < FEW for doing, m in sides)


def bound_edge(n: int, bound: str) -> float:
    """The share of the rounded number that five users fewer, or five alone, would be: in whole per cent."""
    whole = max(of_users(n), 2 * FEW)
    return round((whole - FEW) / whole if bound == "over" else FEW / whole, 2)


def rounding(measure: Measure | None, n: int) -> Callable[[float | None], float | None]:
    """How the values of a measure of n users are printed: shares in whole per cent, changes of a share in whole points and, of
    users, in steps of five of them, else three digits.
    """
    told = max(of_users(n), FEW)  # so that it is rounded alike when it is published again
    if measure is not None and measure.unit == "users" and measure.statistic in ("sum", "distinct"):
        # Of who did a thing at all, the mean is how many they are.
        return lambda value: None if value is None else _digits(_to_step(value, FEW / told * _size_of(value)))
    if measure is None or measure.statistic not in ("share", "trend"):
        return _digits
    if measure.statistic == "share":
        return share
    step = max(FEW / told if measure.unit == "users" else 0.0, POINT)
    return lambda value: None if value is None else round(_to_step(value, step), 2)


def _size_of(value: float) -> float:
    """1, 2, 4 and so on, the largest that is in a value, for what a user adds to a mean is about as large as it is. A step by the
    value itself would round nothing.
    """
    return 2.0 ** max(math.floor(math.log2(abs(value))), 0) if value else 1.0


def _to_step(value: float, step: float) -> float:
    return round(value / step) * step


def _outwards(ci: tuple[float, float] | None) -> tuple[float, float] | None:
    """An interval in steps of five points: by a finer one and the number of users, those on either side could be reckoned."""
    return (math.floor(ci[0] * WIDE) / WIDE, math.ceil(ci[1] * WIDE) / WIDE) if ci else None


def _digits(value: float | None) -> float | None:
    """Three significant digits, as they are printed."""
    return None if value is None else float(f"{value:.3g}")
