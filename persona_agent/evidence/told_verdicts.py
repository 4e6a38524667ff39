"""A verdict on a figure or a threshold of a stranger's own, by the figure as it is told.

In: what a measure came to, the measure. Out: the same, its verdict by the told figure. Promises: whoever asks again with other
figures finds no more than the one that is told, and below the floor of five no more than its bound. What is said is rounded as
what is told: "7 %" of 42 users is fewer than five of them, and so said where fewer than five do, whoever they are. That nobody
does, or everybody, rounds nothing and stays open there.
"""

from __future__ import annotations

from ..schema import Measure, Says, Truthfulness, TruthLabel
from ..words.floors import FEW, published_truth, rounding
from ..words.wording import share_of_users
from .answers import Measured
from .corpus import Corpus, Population
from .few import without_few
from .quantifiers import ABOUT_POINTS, ABOUT_RELATIVE, quantified

EDGE = 1e-9  # a bound that is met exactly must not fail by rounding
TOO_FEW = "that near to it fewer than five users decide"
AS_SAID = ", as is said"
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
    if told.bound is not None and (said := _figure(says)) is not None and _told_alike(said, told):
        reason = f"{told.bound} {told.value:.2f}{AS_SAID}"
        return truth.model_copy(update={"label": "true", "score": 1.0, "reason": reason})
    verdicts = [_verdict(truth, told, measure, end) for end in told_ends(told)]
    if len({label for label, _ in verdicts}) > 1:
        return truth.model_copy(update={"label": "not_enough", "score": 0.0, "reason": TOO_FEW})
    label, reason = verdicts[0]
    reason = f"{told.bound} {told.value:.2f}" if told.bound else reason
    return truth.model_copy(update={"label": label, "score": float(label == "true"), "reason": reason})


def _figure(says: Says) -> float | None:
    """The share that is said to be so, where one is: no threshold, and no word for a range."""
    if says.quantifier == "n_in_ten" and says.value is not None:
        return says.value / 10
    return says.value if says.comparator in ("about", "equals") else None


def _told_alike(said: float, told: Truthfulness) -> bool:
    """Would the figure that is said be told by the same bound?"""
    low, high = told_ends(told)
    return low <= said <= high


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
