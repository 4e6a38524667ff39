"""Intervals against published examples, and bits at their bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from persona_agent.evidence.answers import Measured
from persona_agent.evidence.information import (
    bits,
    bits_at_bound,
    distinguishing,
    effect_size,
    information,
    information_of_samples,
)
from persona_agent.evidence.intervals import (
    Z_ONE_SIDED,
    difference_by_ends,
    mean_interval,
    median_interval,
    rate_interval,
    welch,
    wilson,
)


def test_wilson_is_newcombes_example() -> None:
    """The interval of 81 of 263 is the published one (Newcombe 1998 a); it ends at 0 and 1, and none of none has no
    interval.
    """
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(8, 10, Z_ONE_SIDED) == pytest.approx((0.5408, 0.9314), abs=5e-4)
    assert wilson(0, 10)[0] == 0.0  # type: ignore[index]
    assert wilson(10, 10)[1] == 1.0  # type: ignore[index]
    assert wilson(0, 0) is None


def test_the_difference_is_newcombes_example() -> None:
    """The interval of 56 of 70 less 48 of 80 is the published one (Newcombe 1998 b)."""
    one, other = wilson(56, 70), wilson(48, 80)
    assert one is not None
    assert other is not None
    assert difference_by_ends(0.8, one, 0.6, other) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_medians_have_order_statistics() -> None:
    """The interval of a median has the ranks of Conover 1999, counted in users; five users have none."""
    ten = np.arange(1.0, 11.0)
    assert median_interval(ten, 10) == (2.0, 9.0)  # ranks 2 and 9: Conover 1999
    assert median_interval(np.arange(5.0), 5) is None
    few_users = median_interval(np.repeat(ten, 100), 10)
    assert few_users == (2.0, 9.0)


def test_means_and_their_difference() -> None:
    """Intervals of a mean and of a difference of means are Student's and Welch's; one value has none."""
    sample = np.array([0.0, 1.0, 0.5, 0.5])
    assert mean_interval(sample, 0.0) == pytest.approx((0.0999, 0.9001), abs=1e-3)
    assert mean_interval(np.array([1.0])) is None
    low, high = welch(10, 1, 10, 7, 1, 10)
    assert (low, high) == pytest.approx((3 - 2.1009 * math.sqrt(2), 3 + 2.1009 * math.sqrt(2)), abs=1e-3)


def test_bits_are_taken_at_the_nearest_bound() -> None:
    """Bits are those of the interval's end that is nearest to the others' share, and none where it lies inside."""
    assert bits_at_bound((0.4, 0.6), 0.5) == 0.0
    assert bits_at_bound((0.4, 0.6), 0.2) == bits(0.4, 0.2)
    assert bits_at_bound((0.4, 0.6), 0.9) == bits(0.6, 0.9)
    assert bits(0.5, 0.5) == 0.0
    assert bits(1.0, 0.5) == 1.0
    assert bits(0.5, 0.0) == math.inf


def test_a_zero_outside_is_not_infinite() -> None:
    """Where nobody outside does it, information is finite; without a result on one side it is undefined."""
    inside = Measured("users", "share", value=0.5, n=100, units=100, satisfying=50, ci=wilson(50, 100))
    outside = Measured("users", "share", value=0.0, n=100, units=100, satisfying=0, ci=wilson(0, 100))
    found = information(inside, outside)
    assert found is not None
    assert 0.05 < found < 10
    assert information(inside, Measured("users", "share")) is None
    assert information(Measured("users", "share"), outside) is None


def test_effect_sizes_map_to_bits() -> None:
    """Equal samples have no bits, distant ones many, two users hardly any, one user or NaN none that is defined."""
    low, high = np.arange(40.0), np.arange(40.0) + 30
    alike = np.ones(40)
    assert effect_size(np.array([1.0, 2.0]), np.array([1.0, 2.0]), alike[:2]) == 0.5
    assert effect_size(np.array([3.0]), np.array([1.0, 2.0]), alike[:2]) == 1.0
    found = information_of_samples(high, low, alike)
    assert found is not None
    assert found > 0.2
    assert information_of_samples(low, low, alike) == 0.0
    few = information_of_samples(np.array([5.0, 6.0]), np.array([1.0, 2.0]), alike[:2])
    assert few == pytest.approx(0.0, abs=0.2)
    assert information_of_samples(np.array([1.0]), low, alike) is None
    assert information_of_samples(np.array([1.0, math.nan]), low, alike) is None


def test_distinguishing() -> None:
    """A claim distinguishes from 0.02 bits on, unless its bits are undefined."""
    assert distinguishing(0.02)
    assert not any(distinguishing(bits) for bits in (0.019, None, math.nan))


def test_weights_make_others_comparable() -> None:
    """An effect size counts each of the others by its weight."""
    inside, outside = np.array([5.0, 6.0]), np.array([1.0, 1.0, 1.0, 9.0])
    assert effect_size(inside, outside, np.ones(4)) == 0.75
    assert effect_size(inside, outside, np.array([0.1, 0.1, 0.3, 0.5])) == 0.5


def test_a_handful_that_agrees_has_an_error_too() -> None:
    """Six users who all do it have a wide interval, ten thousand a narrow one, and it ends at 0 and 1."""
    se, (low, high) = rate_interval(1.0, 0.0, 6)
    assert se > 0.1
    assert (low < 0.6, high) == (True, 1.0)
    se, (low, high) = rate_interval(0.5, 0.04, 10_000)
    assert (low, high) == (pytest.approx(0.496, abs=1e-3), pytest.approx(0.504, abs=1e-3))
    assert rate_interval(0.0, 0.0, 3)[1][0] == 0.0
