"""A measured figure as somebody outside the private files is told it: who asks of all groups, and who writes of one.

In: a measure and what it came to. Out: texts. Promises: a figure of fewer than five users is bounded, and none is finer than a
card shows it.
"""

from __future__ import annotations

from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..schema import Measure, Truthfulness
from .floors import published_truth
from .wording import percent, printed

TOO_FEW = "too few users"


def _told(truth: Truthfulness, measure: Measure | None) -> Truthfulness:
    """By the figure alone: a prompt is no page, and says what the writer's claim is judged by."""
    return published_truth(truth.model_copy(update={"few": None}), measure)


def told_figure(measure: Measure | None, truth: Truthfulness) -> str:
    """“41 %”: a figure as it may be told."""
    shown = _told(truth, measure)
    if truth.n < FLOOR or shown.value is None:
        return TOO_FEW
    return f"{shown.bound} {percent(shown.value)}" if shown.bound else printed(measure, shown.value)


def told_others(measure: Measure | None, truth: Truthfulness) -> str | None:
    """“20 %”: that of comparable others, None where there is none."""
    others = _told(truth, measure).matched
    return None if others is None else printed(measure, others)


def told_result(measure: Measure, truth: Truthfulness) -> str:
    """“41 % (20 %)”: the figure, and that of comparable others."""
    here, others = told_figure(measure, truth), told_others(measure, truth)
    return here if others is None or here == TOO_FEW else f"{here} ({others})"


def told_interval(measure: Measure, truth: Truthfulness) -> str:
    """“38 % to 44 %”; empty where there is none, or it is not told."""
    shown = _told(truth, measure)
    if shown.ci is None or shown.bound or truth.n < FLOOR:
        return ""
    return " to ".join(printed(measure, x) for x in shown.ci)
