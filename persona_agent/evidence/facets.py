"""Which side of behaviour a measure shows, and whether it only repeats what the group was formed by.

In: a measure, and the fields that groups were formed from. Out: a kind of claim, a tag. Promises: both are decided from
the measure alone, never from a claim's words, so no writer can call a definition a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.measures import evaluate
from persona_agent.schema import ClaimKind, Condition, Facet, Feature, Measure, Says

TIMES = {"hour", "weekday", "month", "date"}
RHYTHM_FEATURES = {"active_days", "span_days"}
CHOICE_FEATURES = {"n_objects", "repeat_share", "median_of"}
RHYTHM_DAYS = 3
RHYTHM_SHARE = 0.3
JOURNEY_STEPS = 3
# An act whose name says that something went wrong, or was undone.
MISHAP = re.compile(
    r"error|fail|cancel|return|refund|retry|timeout|time out|denied|declin|invalid|unavailable|not found|abandon|"
    r"complain|dispute|remove|delete|undo|crash|exception|blocked|expired|no result",
    re.IGNORECASE,
)


def kind_of(measure: Measure) -> ClaimKind:
    """The facet that a claim with this measure belongs to."""
    conditions = list(_conditions(measure))
    feature = measure.feature
    if measure.absent or _mishap(conditions) or (measure.at_least > 1 and measure.unit == "sessions"):
        return "friction"
    if len(measure.steps) > 1:
        return "journey"
    timed = any(c.field in TIMES for c in conditions)
    if timed or measure.statistic in {"cadence", "trend"} or (feature and feature.name in RHYTHM_FEATURES):
        return "rhythm"
    chosen = any(c.field == "object" or c.field.startswith("properties.") for c in conditions)
    number = measure.of != "matches" or measure.statistic in {"rank", "distinct"}
    if chosen or number or (feature is not None and feature.name in CHOICE_FEATURES):
        return "preference"
    return "behaviour"


def by_construction(measure: Measure, formed_by: Collection[str]) -> bool:
    """Does the measure look at a field that formed the groups (`action`, `object`, `properties.x`)?

    Mishaps are no part of what people come for: a field that names them does not make them a definition.
    """
    fields = {c.field for c in _conditions(measure) if not (c.field == "action" and _mishap([c]))}
    fields |= {measure.of} | ({measure.feature.field} if measure.feature and measure.feature.field else set())
    return bool(fields & set(formed_by))


def facets_of(corpus: Corpus, kinds: Collection[ClaimKind]) -> list[Facet]:
    """The facets that this log can show (METRICS 5), over all users; `kinds` are those of which a measure exists."""
    days = _share_of_everyone(corpus, "active_days", RHYTHM_DAYS)
    steps = _share_of_everyone(corpus, "steps_per_session", JOURNEY_STEPS)
    can: dict[Facet, bool] = {
        "behaviour": True,
        "preference": "preference" in kinds,
        "rhythm": days >= RHYTHM_SHARE,
        "friction": "friction" in kinds,
        "journey": steps > 0.5 and "journey" in kinds,
    }
    return [facet for facet, there in can.items() if there]


def _conditions(measure: Measure) -> Iterator[Condition]:
    for step in [measure.where, *measure.steps, *measure.absent]:
        yield from step
    if measure.feature and measure.feature.where:
        yield from measure.feature.where


def _mishap(conditions: Collection[Condition]) -> bool:
    acts = [str(v) for c in conditions if c.field == "action" for v in c.value]
    return bool(acts) and all(MISHAP.search(act) for act in acts)


def _share_of_everyone(corpus: Corpus, feature: str, at_least: float) -> float:
    test = Feature.model_validate({"name": feature, "op": "at_least", "value": at_least})
    says = Says(comparator="at_least", value=0)
    measure = Measure(unit="users", feature=test, statistic="share", says=says)
    return evaluate(corpus, measure, Population()).value or 0.0
