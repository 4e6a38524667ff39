"""Figures as they may leave the private files: of users in fives, of shares in whole per cent, and of a few nothing.

In: exact figures of a claim. Out: the same as a card shows them. Promises: two runs that differ by up to four users differ in a
count of users by nothing or by five; a share says no exact figure where fewer than five do, or do not; what is published
is published again as it is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Literal

from ..schema import Claim, Counter, Measure, Replication, Replications, Round, Size, Standardised, Truthfulness
from .wording import SLOT, claim_values, fill, share_of_users

FEW = 5  # users: fewer could be recognised; as the floor of a claim (options.DEFAULT_MIN_CLAIM_USERS)
FEWER = "fewer than five"
DECIMALS = re.compile(r"-?\b\d\.\d{3,}\b")  # of a share: three digits of few users give their number away
DECIMAL = re.compile(r"(?<![\w.,])-?\d+\.(\d+)\b")
NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)"
COUNTED = re.compile(rf"(?<![\d.,])(?<!than )(?:{NUMBER} (of(?: the)?) )?{NUMBER} (users?|others|members)\b")
OF = re.compile(r"^(?:none|([\d,]+)) of ([\d,]+) (.*)$")
SO_MANY = re.compile(r"\b(\d[\d,]*) of (\d[\d,]*)\b")
WITH = re.compile(r"with ([\d,]+) (\w+)$")
SAME = 6  # decimals: a sum of weights that is all of them ends in 1.0000000000000002, which told that it was weighed
POINT = 0.01  # of a share: what changes of it are told in
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
    step = step_of(each)
    return int(step * round(n / step))


def records_said(n: int, each: float) -> str:
    """The same in words, where there are some."""
    told = nearest(n, each)
    return f"{told:,}" if told else f"fewer than {step_of(each):,}"


def share(value: float | None) -> float | None:
    """In whole per cent; what is not quite none or all stays so."""
    if value is None or not 0 < value < 1:
        return None if value is None else round(value, SAME)
    return min(max(round(value, 2), 0.004), 0.996)


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
        n = _number(many)
        if n < FEW:
            return f"{FEWER} {'users' if whom == 'user' else whom}"
        whole = f"{of_users(n):,} {whom}"
        if some is None:
            return whole
        return f"{FEWER if _number(some) < FEW else format(of_users(_number(some)), ',')} {of} {whole}"

    return COUNTED.sub(told, text).replace(f"only {FEWER}", FEWER)


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def in_fives(text: str) -> str:
    """The same of a text that says how many of how many: whoever wrote the question could take the difference of two answers."""

    def told(so_many: re.Match[str]) -> str:
        few, many = (of_users(int(x.replace(",", ""))) for x in so_many.groups())
        return f"{few:,} of {many:,}" if few else f"{FEWER} of {many:,}"

    return SO_MANY.sub(told, with_rounded_counts(text))


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
    """The figures of a claim, as a card tells them."""
    rounded = rounding(measure, truth.n)
    bound = _bound(truth, measure)
    value, ci = truth.value, truth.ci
    if bound is None:
        of_trend = measure is not None and measure.statistic == "trend"
        ends = _outwards(ci) if of_trend else tuple(rounded(end) or 0.0 for end in ci or ())
        value, ci = rounded(value), (ends[0], ends[1]) if ends else None
    elif truth.bound is None:
        value, ci = _edge(truth.n, bound), _outwards(ci)
    return truth.model_copy(
        update={
            "value": value,
            "bound": bound,
            "n": of_users(truth.n),
            "ci": ci,
            "pooled": share(truth.pooled),
            "matched": rounded(truth.matched),
            "raw": rounded(truth.raw),
            "unmatched": share(truth.unmatched),
            "whole": None if _whole_is_of_few(truth, measure) else rounded(truth.whole),
            "reason": _reason(truth, measure, rounded) if bound is None else f"{bound} {value:.2f}",
        }
    )


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
    """The text with the first number that is `exact`, to the digits that it has there, as it is told."""
    if exact is None or told is None:
        return text
    for found in DECIMAL.finditer(text):
        if f"{exact:.{len(found[1])}f}" in (found[0], f"-{found[0]}"):
            return f"{text[: found.start()]}{told + 0.0:g}{text[found.end() :]}"
    return text


def published_mix(found: Standardised | None, truth: Truthfulness | None) -> Standardised | None:
    """What a bar's difference may just be, in whole per cent; nothing beside a figure of which fewer than five are told."""
    if found is None or truth is None or truth.bound is not None or truth.value is None:
        return None
    parts = {name: round(getattr(found, name), 2) for name in ("explained", "low", "high")}
    return found.model_copy(update={"expected": share(found.expected), **parts})


def published_replications(found: Replications, measure: Measure | None) -> Replications:
    def one(again: Replication | None) -> Replication | None:
        if again is None:
            return None
        rounded = rounding(measure, again.n)
        few = share_of_users(measure) and again.value is not None and _few(again.value, again.n)
        return again.model_copy(
            update={
                "n": of_users(again.n),
                "value": None if few else rounded(again.value),
                "matched": rounded(again.matched),
            }
        )

    return Replications(held_out=one(found.held_out), last_quarter=one(found.last_quarter))


def published_counter(counter: Counter | None, measure: Measure | None, users: int) -> Counter | None:
    """The case against without what tells of a few of the `users` behind it: users are told in fives, from five on, what they
    left in steps of about what five of them leave.
    """
    if counter is None or measure is None:
        return counter
    says = counter.says
    found, among = OF.match(says), WITH.search(says)
    told = [n for n in (counter.n_support, counter.n_contra) if n is not None]
    every = max(sum(told), *(_number(m[i]) for m, i in ((found, 2), (among, 1)) if m), 0)
    # Two counts, with a user and without, must not tell what that user left.
    each = 1.0 if measure.unit == "users" else every / max(users, 1)
    if found:
        few = found[1] is None or _number(found[1]) < FEW
        says = f"{FEWER if few else records_said(_number(found[1]), each)} of {nearest(_number(found[2]), each):,} {found[3]}"
    says = WITH.sub(lambda m: f"with {_units(_number(m[1]), each)} {m[2]}", says)
    few = counter.n_contra is None or counter.n_contra < FEW
    return counter.model_copy(
        update={
            "says": says,
            "n_support": _counted(counter.n_support, each),
            "n_contra": _counted(counter.n_contra, each),
            "lines": [] if few else counter.lines,
        }
    )


def published_claim(claim: Claim) -> Claim:
    """The claim as a card shows it; its text holds the figures that are shown."""
    bits = claim.information_bits
    made = claim.model_copy(
        update={
            "truthfulness": published_truth(claim.truthfulness, claim.measure),
            "replication": published_replications(claim.replication, claim.measure),
            "counter": published_counter(claim.counter, claim.measure, claim.truthfulness.n),
            "information_bits": None if bits is None else round(bits, 1 if bits >= 1 else 2),
            "alignment": claim.alignment.model_copy(update={"reason": with_rounded_counts(claim.alignment.reason)}),
        }
    )
    values = claim_values(made)
    fills = claim.measure is not None and set(SLOT.findall(claim.template)) <= set(values)
    text = fill(claim.template, values) if fills else claim.text
    why = claim.withdrawal
    return made.model_copy(
        update={
            "text": text,
            "withdrawal": why.model_copy(update={"why": with_rounded_counts(why.why)}) if why else None,
            "rounds": [
                Round(
                    text=text if r.text == claim.text else r.text, findings=[with_rounded_counts(f) for f in r.findings]
                )
                for r in claim.rounds
            ],
        }
    )


def _bound(truth: Truthfulness, measure: Measure | None) -> Literal["over", "under"] | None:
    """Where fewer than five of the users do, or do not, a share is told as above or below a number alone."""
    if truth.bound is not None:
        return truth.bound
    everybody = measure is not None and measure.says.quantifier in ("all", "none")  # said in words, and true of each
    if not share_of_users(measure) or everybody or truth.value is None or not _few(truth.value, truth.n):
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


def _edge(n: int, bound: str) -> float:
    """The share of the rounded number that five users fewer, or five alone, would be: in whole per cent."""
    whole = max(of_users(n), 2 * FEW)
    return round((whole - FEW) / whole if bound == "over" else FEW / whole, 2)


def _counted(n: int | None, each: float) -> int | None:
    """None stands for few: fewer than five, or than half of a step."""
    return None if n is None or n < FEW else nearest(n, each) or None


def _units(n: int, each: float) -> str:
    return FEWER if n < FEW else records_said(n, each)


def rounding(measure: Measure | None, n: int) -> Callable[[float | None], float | None]:
    """How the values of a measure of n users are printed: shares in whole per cent, changes of a share in whole points and, of
    users, in steps of five of them, else three digits.
    """
    if measure is not None and measure.unit == "users" and measure.statistic in ("sum", "distinct"):
        # Of who did a thing at all, the mean is how many they are.
        return lambda value: None if value is None else _digits(_to_step(value, FEW / max(n, FEW) * max(abs(value), 1)))
    if measure is None or measure.statistic not in ("share", "trend"):
        return _digits
    if measure.statistic == "share":
        return share
    step = max(FEW / max(n, FEW) if measure.unit == "users" else 0.0, POINT)
    return lambda value: None if value is None else round(_to_step(value, step), 2)


def _to_step(value: float, step: float) -> float:
    return round(value / step) * step


def _outwards(ci: tuple[float, float] | None) -> tuple[float, float] | None:
    """An interval in steps of five points: by a finer one and the number of users, those on either side could be reckoned."""
    return (math.floor(ci[0] * WIDE) / WIDE, math.ceil(ci[1] * WIDE) / WIDE) if ci else None


def _digits(value: float | None) -> float | None:
    """Three significant digits, as they are printed."""
    return None if value is None else float(f"{value:.3g}")
