"""The smallest change that half of a group against the other half would show: against simulation and the power of t tests."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct, t

from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.evaluation import answers
from persona_agent.evidence.intervals import Z_TWO_SIDED, Reals
from persona_agent.evidence.people import Population
from persona_agent.evidence.smallest_change import (
    POWER,
    TRIAL_DAYS,
    WORTH_SEEING,
    needed_of_mean,
    needed_of_median,
    needed_of_share,
    smallest_of_mean,
    smallest_of_median,
    smallest_of_share,
    stretches_of,
    trial_days,
    trial_of,
    variance_of_median,
)
from persona_agent.schema import Measure, Window
from persona_agent.words.english.trial_sizes import MOST_CHANGE

from .logs import event, load

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
    variance = variance_of_median(own)
    assert variance is not None
    change = smallest_of_median(variance, n)
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
    variance = variance_of_median(rng.lognormal(2, 1, 900))
    assert variance is not None
    side = needed_of_median(variance, change)
    assert side is not None
    for n, seen in ((side, POWER), (side // 4, 0.29)):
        apart = np.median(rng.lognormal(2, 1, (1_000, 2, n)), axis=2)
        moved = apart[:, 1] + change - apart[:, 0]
        assert float((moved / np.std(moved) > Z_TWO_SIDED).mean()) == pytest.approx(seen, abs=0.12)
    assert variance_of_median(np.ones(50)) == 0
    assert needed_of_median(0.0, 0.1) is None, "numbers without a spread"


DAYS = 360  # of the made-up log
USERS = 240


@pytest.mark.parametrize(
    ("first", "last", "days", "stretches"),
    [
        ("2024-01-01", "2024-12-30", TRIAL_DAYS, 3),
        ("2020-01-01", "2024-12-30", TRIAL_DAYS, 4),
        ("2024-01-01", "2024-03-31", 42, 1),
        ("2024-01-01", "2024-01-28", 14, 1),
        ("2024-01-01", "2024-01-27", None, 0),
    ],
)
def test_a_trial_is_a_quarter_or_half_of_the_log(first: str, last: str, days: int | None, stretches: int) -> None:
    """Whole weeks, and before the first stretch as long a time, in which members are met; a log of under four weeks has none."""
    span = date.fromisoformat(first), date.fromisoformat(last)
    assert trial_days(span) == days
    found = stretches_of(span, days) if days else []
    assert len(found) == stretches
    for window, after in zip(found, [*found[1:], None], strict=False):
        start, end = (date.fromisoformat(day or "") for day in (window.start, window.end))
        assert (end - start).days + 1 == days
        assert (start - span[0]).days >= (days or 0)
        assert end == span[1] if after is None else (date.fromisoformat(after.start or "") - end).days == 1


def shop(seed: int = 5) -> Corpus:
    """A year of visits: who comes often and who rarely, with things that some take more often than others do."""
    rng, log = np.random.default_rng(seed), []
    for u in range(USERS):
        often, likes, first = rng.gamma(2, 0.01), rng.beta(2, 3), rng.integers(0, 200)
        visits = [day for day in range(first, DAYS) if day == first or rng.random() < often]
        for day in [*visits, *([0, DAYS - 1] if u == 0 else [])]:
            for k in range(1 + rng.poisson(3)):
                thing = "mug" if rng.random() < likes else "plate"
                more = {"session": f"u{u}.{day}", "object": thing, "properties": "{}"}
                log.append(event(f"u{u:03}", len(log) + 1, 1_440 * int(day) + k, **more))
    return load(log, {0: [f"u{u:03}" for u in range(USERS)]})


def asked(unit: str, **more: Any) -> Measure:
    mug = [{"field": "object", "op": "is", "value": ["mug"]}]
    given = {"unit": unit, "statistic": "share", "steps": [mug], "says": {"comparator": "about", "value": 0}, **more}
    return Measure.model_validate(given)


MEASURES = {
    "of visits": asked("sessions"),
    "of lines": asked("events"),
    "ever": asked("users"),
    "lines of a visit": asked("sessions", statistic="median", of="matches", steps=[]),
}


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return shop()


@pytest.mark.parametrize("what", MEASURES)
def test_a_trial_of_twelve_weeks_sees_what_it_is_said_to_see(corpus: Corpus, what: str) -> None:
    """In times of the log drawn anew, with members who had come before and halves by chance, about 80 % of trials see the change
    named, and about 5 % see one that is not there.
    """
    measure, everybody = MEASURES[what], Population(0)
    whole = answers(corpus, measure).samples()
    found = trial_of(
        corpus, measure, everybody, float(np.nanmedian(whole) if "visit" in what[5:] else np.nanmean(whole))
    )
    assert found.smallest is not None
    assert found.days == TRIAL_DAYS
    assert (found.figure is not None) == (what == "ever"), "what grows with the time is told for the time"
    rng, seen, came = np.random.default_rng(3), [], []
    for window in _times(corpus, rng, 40):
        own = _known(corpus, measure, window)
        for _ in range(15):
            drawn = rng.choice(own, USERS)
            drawn = drawn[~np.isnan(drawn)]
            one, two = np.array_split(rng.permutation(drawn), 2)
            came.append(len(drawn))
            seen.append((_found(one, two + found.smallest, measure, rng), _found(one, two, measure, rng)))
    power, chance = np.mean(seen, axis=0)
    assert power == pytest.approx(POWER, abs=0.12)
    assert chance < 0.12
    assert np.mean(came) == pytest.approx(found.tested, rel=0.12)


def _times(corpus: Corpus, rng: np.random.Generator, n: int) -> list[Window]:
    first, last = (day.toordinal() for day in corpus.days or ())
    starts = rng.integers(first + TRIAL_DAYS, last - TRIAL_DAYS + 2, n)
    return [
        Window(start=str(date.fromordinal(int(s))), end=str(date.fromordinal(int(s) + TRIAL_DAYS - 1))) for s in starts
    ]


def _known(corpus: Corpus, measure: Measure, window: Window) -> Reals:
    """What those answer who had come before; NaN for who does not come."""
    begins = (date.fromisoformat(window.start or "") - date(1970, 1, 1)).days
    before = corpus.people.first_day < begins
    return answers(corpus, measure.model_copy(update={"window": window})).samples()[before]


def _found(one: Reals, two: Reals, measure: Measure, rng: np.random.Generator) -> bool:
    """Does a test see a difference: of means their errors, of medians that of samples drawn anew?"""
    if measure.statistic == "share":
        error = math.sqrt(one.var(ddof=1) / len(one) + two.var(ddof=1) / len(two))
        return bool(abs(two.mean() - one.mean()) > Z_TWO_SIDED * error)
    again = [np.median(rng.choice(side, (100, len(side))), axis=1) for side in (one, two)]
    return bool(abs(np.median(two) - np.median(one)) > Z_TWO_SIDED * float((again[1] - again[0]).std()))


def test_a_shorter_time_shows_less(corpus: Corpus) -> None:
    """Fewer come, and each says less: twelve weeks need a larger change than the whole log would."""
    measure = MEASURES["of visits"]
    own = answers(corpus, measure).samples()
    found = trial_of(corpus, measure, Population(0), 0.5)
    assert found.smallest is not None
    assert found.tested < USERS
    assert found.smallest > 1.3 * smallest_of_mean(float(np.nanvar(own, ddof=1)), USERS)


def test_of_who_stayed_nothing_is_asked_by_dates() -> None:
    """An outcome of being there is made of dates: a trial of such groups is told for a time as long as the log."""
    corpus = replace(shop(), given=True, by_staying=True)
    assert trial_of(corpus, MEASURES["of visits"], Population(0), 0.5).days == DAYS


def test_a_log_of_three_weeks_is_one_trial() -> None:
    """All of it is looked at, and everybody counts; of nobody nothing is told."""
    log = [
        event(f"u{u:02}", 40 * u + day, 1_440 * day, session=f"{u}.{day}", object="mug" if (u + day) % 3 else "plate")
        for u in range(40)
        for day in range(0, 20, 1 + u % 4)
    ]
    corpus = load(log, {0: [f"u{u:02}" for u in range(40)]})
    found = trial_of(corpus, MEASURES["of visits"], Population(0), 0.6)
    assert (found.days, found.tested) == (20, 40)
    assert found.smallest is not None
    nobody = trial_of(corpus, MEASURES["of visits"], Population(3), 0.6)
    assert (nobody.smallest, nobody.needed, nobody.tested) == (None, None, 0)


def test_nobody_waits_for_a_trial_of_years() -> None:
    """Where nobody comes again in a trial's time, the whole log would be one: not if that is a ledger of forty years."""
    for years, told in ((1, True), (40, False)):
        log = [
            event(f"u{u:02}", 9 * u + n, 1_440 * day, session=f"{u}.{n}", object="mug" if (u + n) % 3 else "plate")
            for u in range(40)
            for n, day in enumerate([*range(8), *([int(365 * years) - 1] if u == 0 else [])])
        ]
        corpus = load(log, {0: [f"u{u:02}" for u in range(40)]})
        found = trial_of(corpus, MEASURES["of visits"], Population(0), 0.6)
        assert (found.days is not None, found.smallest is not None) == (told, told)


def test_what_is_worth_seeing_lies_within_what_something_can_change() -> None:
    """Words say a tenth and a fifth, and call a change too large that is more than both."""
    assert WORTH_SEEING == (0.1, 0.2)
    assert max(WORTH_SEEING) < MOST_CHANGE < 0.5
