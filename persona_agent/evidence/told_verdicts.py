"""A verdict on a threshold of a stranger's own, by the figure as it is told.

In: what a measure came to, the measure. Out: the same, its verdict by the told figure. Promises: whoever asks again with other
thresholds finds no more than the figure that is told, and below the floor of five no more than its bound.
"""

from __future__ import annotations

from ..schema import Measure, Truthfulness
from ..words.floors import published_truth, rounding
from .quantifiers import ABOUT_POINTS, ABOUT_RELATIVE

EDGE = 1e-9  # a bound that is met exactly must not fail by rounding
TOO_FEW = "that near to it fewer than five users decide"


def judged_as_told(truth: Truthfulness, measure: Measure) -> Truthfulness:
    """`truth` with `true` and `false` of a threshold as the told figure bears them, and `not_enough` where only its bound is told
    and the threshold lies beyond it.
    """
    says, told = measure.says, published_truth(truth, measure)
    if says.value is None or says.quantifier is not None or truth.label not in ("true", "false") or told.value is None:
        return truth
    low = 0.0 if told.bound == "under" else told.value
    high = 1.0 if told.bound == "over" else told.value
    holds = {_holds(str(says.comparator), end, says.value, measure, truth.n) for end in (low, high)}
    if len(holds) > 1 or (told.bound is not None and says.comparator in ("about", "equals")):
        return truth.model_copy(update={"label": "not_enough", "score": None, "reason": TOO_FEW})
    label = "true" if holds.pop() else "false"
    if label == truth.label:
        return truth
    word = "is" if label == "true" else "is not"
    reason = f"{told.value:g} {word} {str(says.comparator).replace('_', ' ')} {says.value:g}"
    return truth.model_copy(update={"label": label, "score": float(label == "true"), "reason": reason})


def _holds(comparator: str, found: float, value: float, measure: Measure, n: int) -> bool:
    if comparator == "at_least":
        return found >= value - EDGE
    if comparator == "at_most":
        return found <= value + EDGE
    if comparator == "about":
        return (
            abs(found - value) <= (ABOUT_POINTS if measure.statistic == "share" else ABOUT_RELATIVE * abs(value)) + EDGE
        )
    return found == rounding(measure, n)(value)
