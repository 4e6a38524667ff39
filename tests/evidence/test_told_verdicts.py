"""Thresholds of a stranger tell no more than the figure that is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.evidence.told_verdicts import judged_as_told
from persona_agent.schema import Measure, Truthfulness
from persona_agent.words.floors import published_truth


def asked(comparator: str, value: float) -> Measure:
    return Measure.model_validate(
        {"unit": "users", "statistic": "share", "says": {"comparator": comparator, "value": value}}
    )


def counted(did: int, n: int, measure: Measure) -> Truthfulness:
    """As code judges the exact share."""
    share, value = did / n, measure.says.value or 0.0
    held = share >= value if measure.says.comparator == "at_least" else share <= value
    label = "true" if held else "false"
    return Truthfulness(label=label, score=float(held), value=share, n=n, ci=(0.0, 1.0), reason="it is so")


@given(st.integers(20, 400), st.data(), st.floats(0.01, 0.99), st.sampled_from(["at_least", "at_most"]))
def test_two_logs_that_are_told_alike_are_judged_alike(n: int, data: st.DataObject, value: float, says: str) -> None:
    """Halving finds nothing: users who make no difference to the told figure make none to the verdict on any threshold."""
    measure = asked(says, value)
    one, other = (counted(data.draw(st.integers(0, n)), n, measure) for _ in range(2))
    told = [published_truth(t, measure) for t in (one, other)]
    if (told[0].value, told[0].bound) == (told[1].value, told[1].bound):
        assert judged_as_told(one, measure).label == judged_as_told(other, measure).label


@pytest.mark.parametrize(("value", "label"), [(0.9, "true"), (0.974, "not_enough"), (0.976, "not_enough")])
def test_of_all_but_three_only_the_bound_is_judged(value: float, label: str) -> None:
    """117 of 120 is told as over 0.96: what lies beyond that is not decided."""
    measure = asked("at_least", value)
    assert judged_as_told(counted(117, 120, measure), measure).label == label
