"""A number of the suite: its interval, when it is undefined, and when it is worse than before."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.results import FEWEST_CLUSTERS, Number, clustered, difference, rate, worse

shares = st.floats(0, 1, allow_nan=False)
clusters = st.lists(st.lists(shares, min_size=1, max_size=6), min_size=FEWEST_CLUSTERS, max_size=9)


@given(clusters)
def test_an_interval_holds_its_value_and_is_the_same_each_time(groups: list[list[float]]) -> None:
    """The value is the mean, its interval lies around it, and both are the same each time."""
    found = clustered("x", groups)
    assert found == clustered("x", groups)
    assert found.value == pytest.approx(np.mean([v for g in groups for v in g]))
    assert found.interval is not None
    spread = max(v for g in groups for v in g) - min(v for g in groups for v in g)
    assert found.interval[0] - spread <= (found.value or 0) <= found.interval[1] + spread


@given(st.lists(shares, min_size=1, max_size=8), st.integers(2, 5))
def test_repeating_a_personas_claims_adds_no_certainty(values: list[float], times: int) -> None:
    """With each cluster's values repeated the interval is the same."""
    groups = [[v] for v in [*values, *[0.0] * FEWEST_CLUSTERS]]
    once, again = clustered("x", groups), clustered("x", [g * times for g in groups])
    assert again.interval == pytest.approx(once.interval)


def test_what_is_undefined_is_none() -> None:
    """Without cases there is no value, with few clusters no interval; NaN is undefined and misses its target."""
    assert clustered("x", []).value is None
    assert rate("x", 0, 0).value is None
    assert clustered("x", [[1.0]] * (FEWEST_CLUSTERS - 1)).interval is None
    nan = clustered("x", [[1.0]] * 9, statistic=lambda _: math.nan)
    assert (nan.value, nan.as_json()["value"], nan.interval) == (None, None, None)
    assert Number("x", None, 0, target=0.5).met is False
    assert Number("x", 0.2, 3, better="lower", target=0.05).met is False
    assert Number("x", 0.2, 3).met is None


def test_a_difference_is_paired() -> None:
    """The difference is of the pairs, and so is its interval."""
    found = difference("x", [[(1.0, 0.0)]] * 6)
    assert (found.value, found.interval) == (1.0, (1.0, 1.0))


@pytest.mark.parametrize(
    ("now", "before", "is_worse"),
    [
        (Number("x", 0.70, 9), Number("x", 0.80, 9, (0.72, 0.9)), True),
        (Number("x", 0.75, 9), Number("x", 0.80, 9, (0.72, 0.9)), False),
        (Number("x", 0.95, 9), Number("x", 0.80, 9, (0.72, 0.9)), False),
        (Number("x", 0.95, 9, better="lower"), Number("x", 0.80, 9, (0.72, 0.9), better="lower"), True),
        (Number("x", 0.79, 9), Number("x", 0.80, 9), True),
        (Number("x", None, 0), Number("x", 0.80, 9), True),
        (Number("x", 0.9, 8, n_error=1), Number("x", 0.80, 9), True),
        (Number("x", 0.1, 9, better=""), Number("x", 0.80, 9, better=""), False),
        (Number("x", 0.1, 9), Number("x", None, 9), False),
    ],
)
def test_worse_is_beyond_the_interval_of_before(now: Number, before: Number, is_worse: bool) -> None:
    """A number is worse beyond the interval of before, when undefined, or with more errors; never without a direction or a
    past.
    """
    assert bool(worse(now.as_json(), before.as_json())) is is_worse
