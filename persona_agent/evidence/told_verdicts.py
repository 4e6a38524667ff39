"""A verdict on a threshold of a stranger's own, by the figure as it is told.

In: what a measure came to, the measure. Out: the same, its verdict by the told figure. Promises: whoever asks again with other
thresholds finds no more than the figure that is told, and below the floor of five no more than its bound.
"""

from __future__ import annotations

from ..schema import Measure, Truthfulness, TruthLabel
from ..words.floors import FEW, published_truth, rounding
from ..words.wording import share_of_users
from .answers import Measured
from .corpus import Corpus, Population
from .few import without_few
from .quantifiers import ABOUT_POINTS, ABOUT_RELATIVE, quantified

EDGE = 1e-9  # a bound that is met exactly must not fail by rounding
TOO_FEW = "that near to it fewer than five users decide"
INSIDE = 1e-6  # what is told as under a bound is not at it; less than any share of users differs by
DECIDED = ("true", "false")


def told_to_stranger(corpus: Corpus, measure: Measure, population: Population, truth: Truthfulness) -> Truthfulness:
    """What a measure of a stranger's came to, without what fewer than five users decide, and judged by what is left."""
    return judged_as_told(without_few(corpus, measure, population, truth), measure)


def judged_as_told(truth: Truthfulness, measure: Measure) -> Truthfulness:
    """`truth` with the verdict on a threshold, or a word of how many users, as the told figure bears it, and `not_enough` where
    only its bound is told and that does not decide.
    """
    says, told = measure.says, published_truth(truth, measure)
    worded = says.quantifier is not None
    if told.value is None or says.compares or (worded and not share_of_users(measure)):
        return truth
    if not worded and (says.value is None or truth.label not in DECIDED):
        return truth
    verdicts = [_verdict(truth, told, measure, end) for end in told_ends(told)]
    vague = told.bound is not None and says.comparator in ("about", "equals")
    if len({label for label, _ in verdicts}) > 1 or vague:
        return truth.model_copy(update={"label": "not_enough", "score": 0.0, "reason": TOO_FEW})
    label, reason = verdicts[0]
    reason = f"{told.bound} {told.value:.2f}" if told.bound else reason
    return truth.model_copy(update={"label": label, "score": float(label == "true"), "reason": reason})


def told_ends(told: Truthfulness) -> tuple[float, float]:
    """The least and the most that a published figure may be; what is under a bound is not at it."""
    value = told.value or 0.0
    if told.bound is None:
        return value, value
    return (0.0, value - INSIDE) if told.bound == "under" else (value + INSIDE, 1.0)


def _verdict(truth: Truthfulness, told: Truthfulness, measure: Measure, end: float) -> tuple[TruthLabel, str]:
    """The verdict if the figure is this."""
    says = measure.says
    if says.quantifier is not None:
        n = told.n
        seen = Measured(measure.unit, measure.statistic, value=end, n=n, units=n, satisfying=round(end * n))
        return quantified(says.quantifier, says.value, seen, FEW)
    assert says.value is not None
    label: TruthLabel = "true" if _holds(str(says.comparator), end, says.value, measure, truth.n) else "false"
    if label == truth.label:
        return label, truth.reason
    word = "is" if label == "true" else "is not"
    return label, f"{end:g} {word} {str(says.comparator).replace('_', ' ')} {says.value:g}"


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
