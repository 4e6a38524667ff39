"""Shares of users as questions are answered: in steps of five users, beside others as among members.

In: a share of users as a card would tell it, the exact one, how many others stand beside it. Out: the share that an answer tells.
Promises: what it tells is the same for five counts of users in a row or more, interval, comparison and reason included; so who
asks how many do this, how many do that, and how many do either, does not learn that one to four do both. A whole per cent of
fewer than a hundred users would be a count of one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

from ..evidence import wilson
from ..schema import Truthfulness
from ..words.floors import FEW, of_users, share_in_fives

# Counts to the nearest five, but that 0 and 5 are one step, in which nothing but that it is below this is told. With a step for
# 0 to 4 beside steps to the nearest five, two conditions of 13 users each (told as 15), either of 22 (told as 20) and both of
# fewer than five leave just four: 13 and 13 less 22. Of 0 to 7 they leave 4 to 7.
FIRST_TOLD = 8
# Of what is left of all users the same, and to the end of a step, so that none is of fewer than five counts.
LAST_TOLD = FIRST_TOLD + FEW - 1
LEAST_TOLD_OF = FIRST_TOLD + LAST_TOLD  # users: of fewer nothing but a bound could be told


def share_told(truth: Truthfulness, exact: Truthfulness, others: Mapping[str, int]) -> Truthfulness | None:
    """The published `truth` of a share of users in such steps, none of too few users; `others` are how many users `matched` and
    `raw` are of.
    """
    if exact.value is None or exact.n < LEAST_TOLD_OF:
        return None
    n = of_users(exact.n)
    bound = truth.bound or _bound(round(exact.value * exact.n), exact.n)
    value = share_in_fives(exact.value, exact.n) if bound is None else _edge(n, bound)
    ci = wilson(value * n, n) if bound is None else None
    no_figures = dict.fromkeys(("pooled", "unmatched", "whole"))  # the same people once more
    beside = others_in_fives(truth, others)
    reason = f"{bound} {value:.2f}" if bound else _reason(truth)
    ends = ci and (round(ci[0], 2), round(ci[1], 2))
    return beside.model_copy(update={"value": value, "bound": bound, "ci": ends, "reason": reason, **no_figures})


def others_in_fives(truth: Truthfulness, others: Mapping[str, int]) -> Truthfulness:
    """The same with its figures of others in steps of five users, by how many `matched` and `raw` are of: beside a card's own
    figure as well, for whole per cent of a hundred others tell each of them.
    """
    return truth.model_copy(
        update={name: _of_others(getattr(truth, name), others.get(name, 0)) for name in ("matched", "raw")}
    )


def _bound(k: int, n: int) -> Literal["under", "over"] | None:
    """The side on which no more is told of k of n users."""
    if of_users(k) <= FEW:
        return "under"
    return "over" if n - of_users(k) - FEW // 2 < FIRST_TOLD else None


def _edge(n: int, bound: str) -> float:
    """What all counts on that side are below, or above, as a share of n users, n in fives: in whole per cent, outwards."""
    return math.ceil(100 * FIRST_TOLD / n) / 100 if bound == "under" else math.floor(100 * (n - LAST_TOLD) / n) / 100


def _of_others(value: float | None, n: int) -> float | None:
    """The share among so many others; nothing where it is of too few for a figure."""
    told = value is not None and n >= LEAST_TOLD_OF and _bound(round(value * n), n) is None
    return share_in_fives(value, n) if told and value is not None else None


def _reason(truth: Truthfulness) -> str:
    """What the comparison came to, without the difference and its interval."""
    more = {"true": "more than others", "false": "not more than others"}
    return more.get(truth.label, "not surely more than others") if truth.matched is not None else ""
