"""What is not asked of people at work: when they work, how fast, how often, and how they change.

In: a measure. Out: why it is not asked, or an empty text. Promises: it is decided from the measure alone, whoever made it, before
anything is counted.
"""

from __future__ import annotations

from ..schema import Measure
from .visits import conditions_of

TIMES = {"hour", "weekday", "month", "date"}
OVER_TIME = {"cadence", "trend"}
OVER_DAYS = {"active_days", "span_days"}


def barred(measure: Measure) -> str:
    """Why a measure is not for people at work."""
    if any(c.field in TIMES for c in conditions_of(measure)):
        return "When people at work do something is not counted: staff mode."
    if measure.within is not None or measure.of == "minutes":
        return "How fast people at work are is not counted: staff mode."
    feature = measure.feature.name if measure.feature else ""
    if measure.statistic in OVER_TIME or measure.of == "gap" or feature in OVER_DAYS:
        return "How people at work come and go over time is not counted: staff mode."
    return ""
