"""The smallest change that half of a group against the other half would show: against simulation and the power of t tests."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct, t

from persona_agent.evidence.intervals import Z_TWO_SIDED
from persona_agent.evidence.smallest_change import (
    POWER,
    needed_of_mean,
    needed_of_median,
    needed_of_share,
    smallest_of_mean,
    smallest_of_median,
    smallest_of_share,
)

TRIALS = 4_000  # the power of so many is known to 1.3 points


def power_of_t(change: float, deviation: float, n: int) -> float:
    """What share of t tests of n/2 against n/2 see a change: the non-central t, as statsmodels' TTestIndPower has it."""
    side, freedom = n / 2, n - 2
    shift = change / deviation * math.sqrt(side / 2)
    bound = t.ppf(0.975, freedom)
    return float(nct.sf(bound, freedom, shift) + nct.cdf(-bound, freedom, shift))


@given(st.floats(0.01, 1e4), st.integers(20, 5_000))
def test_a_mean_is_seen_with_the_power_that_is_promised(deviation: float, n: int) -> None:
    """The change named is seen by 80 % of t tests, to half a point, whatever the spread and the size."""
    change = smallest_of_mean(deviation**2, n)
    assert power_of_t(change, deviation, n) == pytest.approx(POWER, abs=0.005)


@settings(max_examples=12)
@given(st.floats(0.08, 0.92), st.integers(200, 2_000), st.integers(0, 99))
def test_a_share_is_seen_with_the_power_that_is_promised(share: float, n: int, seed: int) -> None:
    """Of simulated halves about 80 % show the change named, and fewer show one of half its size."""
    change = smallest_of_share(share, n)
    if change is None:
        return
    seen = [_seen(share, way * change, n, seed) for way in ([1] if share <= 1 / 2 else [-1])]
    assert seen == pytest.approx([POWER], abs=0.05)
    half = -change / 2 if share > 1 / 2 else change / 2
    assert _seen(share, half, n, seed) < 0.5


def _seen(share: float, change: float, n: int, seed: int) -> float:
    """The part of simulated tests of n/2 against n/2 that find a difference of shares, pooled z, two-sided 5 %."""
    rng, side = np.random.default_rng(seed), n // 2
    one, two = rng.binomial(side, share, TRIALS), rng.binomial(side, share + change, TRIALS)
    pooled = (one + two) / (2 * side)
    error = np.sqrt(np.maximum(2 * pooled * (1 - pooled) / side, 1e-12))
    return float((np.abs(two - one) / side / error > Z_TWO_SIDED).mean())


@given(st.floats(0.02, 0.98), st.integers(10, 3_000))
def test_more_members_see_smaller_changes(share: float, n: int) -> None:
    """Twice the members never need a greater change; what is named lies within what a share can do."""
    small, large = smallest_of_share(share, n), smallest_of_share(share, 2 * n)
    if small is not None:
        assert large is not None
        assert 0 < large < small <= max(share, 1 - share)


def test_a_share_that_no_half_can_show_has_none() -> None:
    """Of six users not even all against none but one would be seen."""
    assert smallest_of_share(0.5, 6) is None


def test_a_median_is_seen_about_as_often_as_promised() -> None:
    """Of lopsided numbers with a long tail, medians of two halves apart by the change named differ in about 80 % of tests that
    take their error as the function does.
    """
    rng, n = np.random.default_rng(4), 400
    own = rng.lognormal(2, 1, n)
    change = smallest_of_median(own)
    assert change is not None
    halves = rng.lognormal(2, 1, (TRIALS, 2, n // 2))
    apart = np.median(halves[:, 1], axis=1) + change - np.median(halves[:, 0], axis=1)
    error = np.std(apart)
    assert float((apart / error > Z_TWO_SIDED).mean()) == pytest.approx(POWER, abs=0.12)


@pytest.mark.parametrize(
    ("share", "change", "side"), [(0.5, 0.1, 388), (0.6, 0.1, 388), (0.4, 0.1, 388), (0.25, 0.1, 329), (0.1, 0.1, 199)]
)
def test_users_that_see_a_change_of_a_share(share: float, change: float, side: int) -> None:
    """Half against 60 %, a quarter against 35 %, a tenth against a fifth: what sample size tables have for two shares with 80 %
    power at the two-sided 5 % level, without the correction for continuity.
    """
    assert needed_of_share(share, change) == side


@pytest.mark.parametrize(("effect", "side"), [(0.2, 394), (0.5, 64), (0.8, 26), (1.0, 17)])
def test_users_that_see_a_change_of_a_mean(effect: float, side: int) -> None:
    """As Cohen (1988, table 2.4.1) has it for effects of so many standard deviations."""
    assert needed_of_mean(1.0, effect) == side
    assert needed_of_mean(9.0, 3 * effect) == side, "in any unit"


@given(st.floats(0.05, 0.95), st.integers(20, 3_000))
def test_so_many_users_see_what_so_many_users_show(share: float, side: int) -> None:
    """The users that a change takes are those with whom it is the smallest that is seen."""
    change = smallest_of_share(share, 2 * side)
    if change is not None:
        assert needed_of_share(share, change) == pytest.approx(side, abs=1)
    assert needed_of_mean(2.0, smallest_of_mean(2.0, 2 * side)) == pytest.approx(side, abs=1)


def test_users_that_see_a_change_of_a_median() -> None:
    """Of so many simulated users a side about 80 % of trials show the change, and of a quarter of them few do."""
    rng, change = np.random.default_rng(6), 1.5
    side = needed_of_median(rng.lognormal(2, 1, 900), change)
    assert side is not None
    for n, seen in ((side, POWER), (side // 4, 0.29)):
        apart = np.median(rng.lognormal(2, 1, (1_000, 2, n)), axis=2)
        moved = apart[:, 1] + change - apart[:, 0]
        assert float((moved / np.std(moved) > Z_TWO_SIDED).mean()) == pytest.approx(seen, abs=0.12)
    assert needed_of_median(np.ones(50), 0.1) is None, "numbers without a spread"
