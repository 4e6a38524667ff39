"""Which side of behaviour a measure shows, and whether it only repeats what the group was formed by.

In: a measure, and the fields that groups were formed from. Out: a kind of claim, a tag. Promises: both are decided from
the measure alone, never from a claim's words, so no writer can call a definition a finding.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..schema import KEPT, SAME_AMOUNT, ClaimKind, Condition, Facet, Feature, Measure, Says
from .corpus import Corpus, Population
from .evaluation import evaluate
from .staff import TIMES

RHYTHM_FEATURES = {"active_days", "span_days"}
CHOICE_FEATURES = {"n_objects", "repeat_share", "median_of", "total_of"}
CHOSEN = {"object", "theme", "met_before", "met_last"}
RHYTHM_DAYS = 3  # a habit of coming needs at least three days to show
RHYTHM_SHARE = 0.3  # of users with so many days, for rhythm to be a side of this log; not tuned
JOURNEY_STEPS = 3  # different steps of an average session that make an order, for more than half of users
# An act whose name says that something went wrong, or was undone.
MISHAP = re.compile(
    r"error|fail|cancel|return|refund|retry|timeout|time out|denied|declin|invalid|unavailable|not found|abandon|"
    r"complain|dispute|remove|delete|undo|crash|exception|blocked|expired|no result",
    re.IGNORECASE,
)


def kind_of(measure: Measure) -> ClaimKind:
    """The facet that a claim with this measure belongs to."""
    conditions = measure.conditions
    feature = measure.feature
    if measure.absent or _mishap(conditions) or (measure.at_least > 1 and measure.unit == "sessions"):
        return "friction"
    if len(measure.steps) > 1:
        return "journey"
    timed = any(c.field in TIMES for c in conditions)
    if (
        timed
        or measure.of == "gap"
        or measure.statistic in {"cadence", "trend"}
        or (feature and feature.name in RHYTHM_FEATURES)
    ):
        return "rhythm"
    chosen = any(c.field in CHOSEN or c.field.startswith(("properties.", SAME_AMOUNT, KEPT)) for c in conditions)
    number = measure.of not in {"matches", "minutes"} or measure.statistic == "distinct"
    if chosen or number or (feature is not None and feature.name in CHOICE_FEATURES):
        return "preference"
    return "behaviour"


@dataclass(frozen=True)
class Formed:
    """What groups were formed by: `fields` of the log (`action`, `object`, `value`, `properties.x`). Where that is what
    people come for, two kinds of acts (in lower case) say something else: those `aside` belong to no intent at all, and
    those in `single` to one intent alone.
    """

    fields: frozenset[str] = frozenset()
    aside: frozenset[str] = frozenset()
    single: frozenset[str] = frozenset()


def by_construction(measure: Measure, formed: Formed) -> bool:
    """Does the measure look at a field that formed the groups?

    Three measures name such a field and are no definition all the same: of mishaps, which nobody comes for; of acts
    aside; and of what follows within a memory that is selected by an act of one intent alone: the intent is given then,
    so how often people come for it cannot be what differs.
    """
    given = measure.unit == "memories" and _only(measure.where, formed.single)
    fields = {measure.of} | ({measure.feature.field} if measure.feature and measure.feature.field else set())
    for step in _steps(measure):
        free = given or _mishap(step) or _only(step, formed.aside)
        fields |= {c.field.removeprefix(SAME_AMOUNT).removeprefix(KEPT) for c in step} - (
            {"action", "object"} if free else set()
        )
    return bool(fields & formed.fields)


def facets_of(corpus: Corpus, kinds: Collection[ClaimKind]) -> list[Facet]:
    """The facets that this log can show, over all users; `kinds` are those of which a measure exists."""
    days = 0.0 if corpus.staff else _share_of_everyone(corpus, "active_days", RHYTHM_DAYS)
    steps = _share_of_everyone(corpus, "steps_per_session", JOURNEY_STEPS)
    can: dict[Facet, bool] = {
        "behaviour": True,
        "preference": "preference" in kinds,
        "rhythm": days >= RHYTHM_SHARE,
        "friction": "friction" in kinds,
        "journey": steps > 0.5 and "journey" in kinds,
    }
    return [facet for facet, there in can.items() if there]


def _steps(measure: Measure) -> Iterator[Sequence[Condition]]:
    yield measure.where
    yield from measure.steps
    yield from measure.absent
    if measure.feature and measure.feature.where:
        yield measure.feature.where


def _only(step: Sequence[Condition], these: Collection[str]) -> bool:
    acts = [str(v).lower() for c in step if c.field == "action" and c.op in ("is", "in") for v in c.value]
    return bool(acts) and set(acts) <= set(these)


def _mishap(conditions: Collection[Condition]) -> bool:
    acts = [str(v) for c in conditions if c.field == "action" for v in c.value]
    return bool(acts) and all(MISHAP.search(act) for act in acts)


def _share_of_everyone(corpus: Corpus, feature: str, at_least: float) -> float:
    test = Feature.model_validate({"name": feature, "op": "at_least", "value": at_least})
    says = Says(comparator="at_least", value=0)
    measure = Measure(unit="users", feature=test, statistic="share", says=says)
    return evaluate(corpus, measure, Population()).value or 0.0
