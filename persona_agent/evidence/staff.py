"""What is not asked: of people at work when they work, how fast, how often, and how they change; of given groups what they
are made of.

In: a corpus and a measure. Out: why it is not asked, or an empty text. Promises: it is decided from the measure alone, whoever
made it, before anything is counted.
"""

from __future__ import annotations

from ..schema import KEPT, SAME_AMOUNT, Measure
from .corpus import Corpus

TIMES = {"hour", "weekday", "month", "date"}
OVER_TIME = {"cadence", "trend"}
OVER_DAYS = {"active_days", "span_days"}
DATED = {"month", "date"}
MADE_OF = "It is what the groups were made of: their members have it by definition."


def not_asked(corpus: Corpus, measure: Measure) -> str:
    """Why a measure is not asked of this corpus."""
    return (barred(measure) if corpus.staff else "") or _of_given(corpus, measure)


def _of_given(corpus: Corpus, measure: Measure) -> str:
    """Why it tells of given groups nothing but what put their members there."""
    if corpus.defined is not None and corpus.defined.asked_by(measure):
        return MADE_OF
    if corpus.made_of is None and not corpus.by_staying:
        return ""
    fields = {c.field.removeprefix(SAME_AMOUNT).removeprefix(KEPT) for c in measure.conditions} | {measure.field}
    if measure.feature is not None and measure.feature.field:
        fields.add(measure.feature.field)
    if corpus.made_of is not None and corpus.made_of in fields:
        return MADE_OF
    feature = measure.feature.name if measure.feature else ""
    over_time = measure.statistic == "trend" or feature == "span_days" or measure.window is not None
    if corpus.by_staying and (fields & DATED or over_time):
        return "When they were there is what the outcome is made of: whoever stops is away before the date as well."
    return ""


def barred(measure: Measure) -> str:
    """Why a measure is not for people at work."""
    if any(c.field in TIMES for c in measure.conditions):
        return "When people at work do something is not counted: staff mode."
    if measure.within is not None or measure.of == "minutes":
        return "How fast people at work are is not counted: staff mode."
    feature = measure.feature.name if measure.feature else ""
    if measure.statistic in OVER_TIME or measure.of == "gap" or feature in OVER_DAYS:
        return "How people at work come and go over time is not counted: staff mode."
    return ""
