"""Cadence, trend, sums, distinct counts, windows and matched others: SQL against the slow evaluation, and by hand.

Every log by hand begins on Saturday, 2024-03-30, 21:30 UTC, and its users do things some days after that.
"""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.evidence import Measured, Population, evaluate
from persona_agent.schema import Measure

from . import slow
from .logs import event, load, long_logs, statistics_measures
from .test_measures import BUY, POPULATIONS, VIEW, ZONE, agrees, ask, users_in

MEMBERS = {1: ["u5", "u1", "u9"], 2: ["u3"]}
MATCHED = ("share", "sum", "distinct", "median", "cadence")
FROM_DAY_5 = {"start": "2024-04-04"}
# A log takes longer to prepare than to be asked: few logs, several measures of each, and every population of each measure.
EXAMPLES = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

Log = list[slow.Event]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def some(*kinds: str, versus: str | None = None) -> st.SearchStrategy[list[Measure]]:
    return st.lists(statistics_measures(*kinds, versus=versus), min_size=3, max_size=6)


def same_meaning(connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]) -> None:
    corpus = load(log, MEMBERS, ZONE, connection)
    for measure, place in product(asked, POPULATIONS):
        want = slow.answer(log, users_in(log, place, MEMBERS), measure, ZONE)
        got = evaluate(corpus, measure, place)
        assert agrees(got, want), (measure, place, got, want)


def near(got: float | None, want: float | None) -> bool:
    return (got is None) == (want is None) and (got is None or math.isclose(got, want or 0.0, abs_tol=1e-12))


# --- SQL against the slow evaluation ---


@EXAMPLES
@given(log=long_logs(), asked=some("sum"))
def test_sums_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and population a sum is that of the slow evaluation."""
    same_meaning(connection, log, asked)


@EXAMPLES
@given(log=long_logs(), asked=some("distinct"))
def test_distinct_counts_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and population a distinct count is that of the slow evaluation."""
    same_meaning(connection, log, asked)


@EXAMPLES
@given(log=long_logs(), asked=some("cadence"))
def test_cadence_means_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and population a cadence is that of the slow evaluation."""
    same_meaning(connection, log, asked)


@EXAMPLES
@given(log=long_logs(), asked=some("trend"))
def test_trends_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and population a trend is that of the slow evaluation."""
    same_meaning(connection, log, asked)


@EXAMPLES
@given(log=long_logs(), asked=some("share", "median"))
def test_windows_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and population a share or median in a window is that of the slow evaluation."""
    same_meaning(connection, log, asked)


@EXAMPLES
@given(log=long_logs(), asked=some(*MATCHED, versus="matched"))
def test_matched_others_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log and group the comparable others' value and the unmatched share are those of the slow evaluation."""
    corpus = load(log, MEMBERS, ZONE, connection)
    for measure, place in product(asked, POPULATIONS[1:]):
        others = place.others()
        assert others is not None
        own, their = users_in(log, place, MEMBERS), users_in(log, others, MEMBERS)
        value, unmatched = slow.matched(log, own, their, measure, ZONE)
        got = evaluate(corpus, measure, place)
        assert agrees(got, slow.answer(log, own, measure, ZONE)), (measure, got)
        assert got.other is not None
        assert near(got.other.value, value), (measure, got.other, value)
        assert near(got.unmatched, unmatched), (measure, got.unmatched, unmatched)


# --- by hand ---


def came(user: str, *days: float, action: str = "view", **more: Any) -> Log:
    """One event of a user on each of these days after the start; its lines are its own."""
    lines = (int(user.strip("gouz")) * 1000 + i for i in range(len(days)))
    return [event(user, line, day * 1440, action, **more) for line, day in zip(lines, days, strict=True)]


def of(*parts: Log, group: tuple[str, ...] = (), zone: str = "UTC", **asked: Any) -> Measured:
    """The measure over the events of all parts, by users of the group if there is one; the slow side has to agree."""
    log = [{**e, "line": i + 2} for i, e in enumerate(e for part in parts for e in part)]
    measure, place = ask(**asked), Population(1) if group else Population()
    found = evaluate(load(log, {1: list(group)}, zone), measure, place)
    own = users_in(log, place, {1: list(group)})
    assert agrees(found, slow.answer(log, own, measure, zone))
    if measure.versus == "matched":
        value, unmatched = slow.matched(log, own, {e["user"] for e in log} - own, measure, zone)
        assert found.other is not None
        assert near(found.other.value, value)
        assert near(found.unmatched, unmatched)
    return found


def counts(found: Measured) -> tuple[float | None, int, int, int]:
    return found.value, found.n, found.units, found.satisfying


def test_a_sum_is_the_mean_of_users() -> None:
    """Users weigh alike, and those with nothing count as nought."""
    log = [came("u1", 0, 1, 2, action="buy"), came("u2", 0, action="buy"), came("u3", 0), came("u3", 1)]
    assert counts(of(*log, statistic="sum", steps=[BUY])) == (pytest.approx(4 / 3), 3, 3, 2)
    assert counts(of(*log, statistic="sum")) == (2.0, 3, 3, 3)


def test_a_sum_per_session_is_the_mean_of_the_means_of_users() -> None:
    """A user's sessions are averaged first, then the users."""
    log = [came("u1", 0, 0, 0, session="a"), came("u1", 1, session="b"), came("u2", 0, 0, 0, 0, session="a")]
    assert counts(of(*log, statistic="sum", unit="sessions")) == (3.0, 2, 3, 3)  # u1: (3 + 1) / 2, u2: 4


def test_a_sum_of_values_adds_what_is_known() -> None:
    """Unknown and infinite amounts add nothing; amounts that cancel satisfy nothing."""
    log = [came("u1", 0, value=5.0), came("u1", 1, value=None), came("u1", 2, value=math.inf)]
    log += [came("u2", 0, value=None), came("u3", 0, value=2.0), came("u3", 1, value=-2.0)]
    assert counts(of(*log, statistic="sum", of="value")) == (pytest.approx(5 / 3), 3, 3, 1)


def test_a_sum_of_a_property_reads_numbers_in_texts() -> None:
    """A quoted number is a number, a word is none."""
    texts = ['{"k": "2.5"}', '{"k": 1}', '{"k": "much"}', "{}"]
    assert of(*(came("u1", 0, properties=k) for k in texts), statistic="sum", of="properties.k").value == 3.5


def test_distinct_objects_ignore_case_and_what_is_empty() -> None:
    """Two spellings of an object are one, and an empty one is none."""
    objects = ["mug", "MUG", "plate", "", None]
    log = [*(came("u1", 0, object=name) for name in objects), came("u2", 0, object="")]
    assert counts(of(*log, statistic="distinct")) == (1.0, 2, 2, 1)
    assert of(*log, statistic="distinct", steps=[[{"field": "object", "op": "is", "value": ["mug"]}]]).value == 0.5


def test_distinct_properties_are_texts_and_distinct_values_numbers() -> None:
    """A number and its text are one property; 2 and 2.0 are one value."""
    texts = ['{"k": 2}', '{"k": "2"}', '{"k": "A"}', '{"k": "a"}', '{"k": ""}', '{"k": null}', "{}"]
    assert of(*(came("u1", 0, properties=k) for k in texts), statistic="distinct", of="properties.k").value == 2
    numbers = [2.0, 2, 3.5, None, math.nan]
    assert of(*(came("u1", 0, value=x) for x in numbers), statistic="distinct", of="value").value == 2


def test_cadence_is_the_median_of_the_gaps_between_days() -> None:
    """Of each user the median gap between days counts; visits of one day have none."""
    log = [came("u1", 0, 0.01, 0.02, 7, 14, 44), came("u2", 0, 3), came("u3", 5, 5.001), came("u4", 0)]
    # u1: gaps 7, 7, 30; u2: 3; the others came on one day only.
    assert counts(of(*log, statistic="cadence")) == (5.0, 2, 2, 2)


def test_cadence_counts_only_days_with_a_match() -> None:
    """Days without a purchase do not shorten the rhythm of purchases; of events alone there is no rhythm."""
    log = [came("u1", 0, 10, 20, action="buy"), came("u1", 1, 2, 3)]
    assert of(*log, statistic="cadence", steps=[BUY]).value == 10.0
    assert counts(of(*log, statistic="cadence", unit="events")) == (None, 0, 0, 0)


def test_cadence_counts_local_days() -> None:
    """Two visits around midnight are of one day or of two by the zone's clock."""
    log = came("u1", 0, 0.05)  # 21:30 and 22:42 in London, 22:30 and 23:42 in Paris, 23:30 and 00:42 in Athens
    assert of(log, statistic="cadence", zone="Europe/Paris").value is None
    assert of(log, statistic="cadence", zone="Europe/Athens").value == 1.0


def test_a_trend_is_the_second_half_less_the_first() -> None:
    """A rise is positive and a fall negative, each half among its observed users."""
    log = [came("u1", 0), came("u2", 0, action="buy"), came("u1", 9, action="buy"), came("u3", 9, action="buy")]
    assert counts(of(*log, statistic="trend", steps=[BUY])) == (0.5, 3, 4, 3)
    assert counts(of(*log, statistic="trend", steps=[VIEW])) == (-0.5, 3, 4, 1)


@pytest.mark.parametrize(("end", "day", "first"), [("04-03", 2, True), ("04-03", 3, False), ("04-04", 2, True),
                                                   ("04-04", 3, False), ("04-05", 3, True)])  # fmt: skip
def test_the_halves_of_a_trend_meet_in_the_middle_of_the_window(end: str, day: int, first: bool) -> None:
    """A day is of the first half or of the second, by the length of the window."""
    log = [came("u1", 0), came("u2", day, action="buy"), came("u3", 9)]
    window = {"start": "2024-03-30", "end": f"2024-{end}"}  # 5, 6 and 7 days
    found = of(*log, statistic="trend", steps=[BUY], window=window)
    assert counts(found) == ((None, 2, 2, 1) if first else (1.0, 2, 2, 1))


def test_a_trend_looks_through_each_half_alone() -> None:
    """Steps, repeats and absences are looked for within one half."""
    log = [came("u1", 0), came("u1", 9, action="buy"), came("u2", 0, 9)]
    assert counts(of(*log, statistic="trend", steps=[VIEW, BUY])) == (0.0, 2, 4, 0)
    assert counts(of(*log, statistic="trend", steps=[VIEW], at_least=2)) == (0.0, 2, 4, 0)
    assert counts(of(*log, statistic="trend", absent=[VIEW])) == (0.5, 2, 4, 1)


def test_a_trend_without_users_on_both_sides_has_no_value() -> None:
    """Users of one half alone have no trend."""
    assert counts(of(came("u1", 0), came("u2", 1), statistic="trend", absent=[BUY])) == (0.0, 2, 2, 2)
    alone = of(came("u1", 0), came("u2", 9), group=("u1",), statistic="trend", absent=[BUY])
    assert counts(alone) == (None, 1, 1, 1)
    assert counts(of(came("u1", 0, 0), statistic="trend", steps=[VIEW])) == (None, 1, 1, 1)


def test_a_window_observes_users_who_were_there_before_it_ended() -> None:
    """Users first seen after the window's end are not of its units, those seen before are."""
    log = [came("u1", 0), came("u2", 6, action="buy"), came("u3", 20)]
    assert counts(of(*log, steps=[BUY], window=FROM_DAY_5)) == (pytest.approx(1 / 3), 3, 3, 1)
    assert counts(of(*log, steps=[BUY], window={**FROM_DAY_5, "end": "2024-04-10"})) == (0.5, 2, 2, 1)
    assert counts(of(*log, steps=[BUY], window={"end": "2024-04-10"})) == (0.5, 2, 2, 1)


def test_a_window_ends_with_its_last_local_day() -> None:
    """An evening is of the day that it is in the zone."""
    log = came("u1", 0)  # the 30th in Paris, the 31st in Tokyo
    for zone, n in [("Europe/Paris", 1), ("Asia/Tokyo", 0)]:
        assert of(log, steps=[VIEW], window={"end": "2024-03-30"}, zone=zone).satisfying == n
        assert of(log, steps=[VIEW], window={"start": "2024-03-31"}, zone=zone).satisfying == 1 - n


@pytest.mark.parametrize(
    ("asked", "satisfied"),
    [
        ({"absent": [BUY]}, True),
        ({"steps": [VIEW]}, False),
        ({"steps": [VIEW], "absent": [BUY]}, False),
        ({}, False),
        ({"absent": [BUY], "at_least": 2}, False),
        ({"absent": [BUY], "feature": {"name": "n_events", "op": "at_most", "value": 5}}, False),
        ({"feature": {"name": "share_of_events", "where": BUY, "op": "at_most", "value": 1}}, False),
    ],
)
def test_who_did_nothing_satisfies_only_what_asks_for_nothing(asked: dict[str, Any], satisfied: bool) -> None:
    """A user without an event in the window satisfies a measure of absence alone, and none with a `where`."""
    found = of(came("u1", 0), came("u2", 0), group=("u1",), window=FROM_DAY_5, **asked)
    assert counts(found) == (float(satisfied), 1, 1, int(satisfied))
    assert of(came("u1", 0), group=("u1",), window=FROM_DAY_5, where=VIEW, **asked).units == 0


def test_who_did_nothing_did_it_zero_times() -> None:
    """Sums, counts and medians of counts have noughts for such users; medians of amounts and cadences leave them out."""
    log = [came("u1", 0, value=9.0), came("u2", 0, 10, 20, value=4.0), came("u3", 0, value=9.0)]
    for statistic, field, want in [
        ("sum", "matches", (2 / 3, 3, 3, 1)),
        ("sum", "value", (8 / 3, 3, 3, 1)),
        ("distinct", "matches", (1 / 3, 3, 3, 1)),
        ("distinct", "value", (1 / 3, 3, 3, 1)),
        ("median", "matches", (0.0, 3, 3, 1)),
        ("median", "value", (4.0, 1, 1, 1)),
        ("cadence", "matches", (10.0, 1, 1, 1)),
    ]:
        assert counts(of(*log, statistic=statistic, of=field, window=FROM_DAY_5)) == pytest.approx(want), statistic


def test_only_users_are_observed_without_an_event() -> None:
    """Sessions, memories and events outside of the window are no units."""
    for unit, n in [("sessions", 1), ("memories", 1), ("events", 2)]:
        log = [came("u1", 0, memory="a"), came("u2", 0, memory="b"), came("u2", 9, 10, memory="b")]
        assert of(*log, unit=unit, steps=[VIEW], window=FROM_DAY_5).units == n


def versus(*log: Log, group: tuple[str, ...], **asked: Any) -> tuple[float | None, float | None]:
    found = of(*log, group=group, versus="matched", **asked)
    assert found.other is not None
    return found.other.value, found.unmatched


def test_matched_others_are_weighted_like_the_group() -> None:
    """Others weigh by the group's share of their month: 7 of 16, in a share and in a sum."""
    new, old = 0.0, 40.0  # first seen in March, and in May
    group = [came("g1", new), came("g2", new), came("g3", new), came("g4", old)]
    others = [came("o1", new), came("o2", new, action="buy"), came("o3", old, action="buy")]
    others += [came(f"o{i}", old) for i in (4, 5, 6)]
    names = ("g1", "g2", "g3", "g4")
    # Half of the March others buy and a quarter of the May others: 3/4 × 1/2 + 1/4 × 1/4.
    assert versus(*group, *others, group=names, steps=[BUY]) == (pytest.approx(7 / 16), 0.0)
    assert versus(*group, *others, group=names, statistic="sum", steps=[BUY]) == (pytest.approx(7 / 16), 0.0)


def test_who_has_no_partner_is_said_and_left_out() -> None:
    """Members of a month without others are the unmatched share, and the value is of the rest."""
    group = [came("g1", 0), came("g2", 0), came("g3", 40), came("g4", 70)]
    others = [came("o1", 0, action="buy"), came("o2", 40), came("o3", 100, action="buy")]
    names = ("g1", "g2", "g3", "g4")
    assert versus(*group, *others, group=names, steps=[BUY]) == (pytest.approx(2 / 3), 0.25)
    assert versus(came("g1", 0), came("o1", 40), group=("g1",), steps=[BUY]) == (None, 1.0)
    assert versus(came("o1", 40), group=("g1",), steps=[BUY]) == (None, 0.0)


def test_only_users_with_an_answer_are_matched() -> None:
    """Users without a session or a gap between days are on neither side."""
    group = [came("g1", 0), came("g2", 40, session=None)]
    others = [came("o1", 0, action="buy"), came("o2", 0, session=None), came("o3", 40)]
    assert versus(*group, *others, group=("g1", "g2"), unit="sessions", steps=[BUY]) == (1.0, 0.0)
    paced = [came("g1", 0, 2), came("g2", 0), came("o1", 0, 5), came("o2", 0)]
    assert versus(*paced, group=("g1", "g2"), statistic="cadence", steps=[VIEW]) == (5.0, 0.0)


def test_strata_are_of_the_whole_log() -> None:
    """A user's month and days of activity are of the whole log, also for a measure in a window."""
    log = [came("g1", 0, 10), came("o1", 0, 10, action="buy"), came("o2", 0, 1, 10, action="buy"), came("o3", 10)]
    assert versus(*log, group=("g1",), steps=[BUY], window=FROM_DAY_5) == (1.0, 0.0)
    assert versus(log[0], log[2], log[3], group=("g1",), steps=[BUY], window=FROM_DAY_5) == (None, 1.0)


@pytest.mark.parametrize("low", [2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80])
def test_bins_of_active_days(low: int) -> None:
    """A bin's first and last number of days have partners in it, the number below has none."""
    below, at = came("g1", *range(low - 1)), came("o2", *range(low))
    assert versus(below, at, group=("g1",), steps=[BUY]) == (None, 1.0)
    last = {5: 6, 7: 9, 10: 13, 14: 19, 20: 27, 28: 39, 40: 55, 56: 79, 80: 120}.get(low, low)
    assert versus(came("g1", *range(last)), at, group=("g1",), steps=[BUY]) == (0.0, 0.0)


@pytest.mark.parametrize(("first", "unmatched"), [(0.05, 0.0), (1, 0.0), (1.2, 1.0), (366, 1.0)])
def test_months_are_local_and_of_one_year(first: float, unmatched: float) -> None:
    """Users match within the local calendar month of the same year."""
    log = [came("g1", 0), came("o1", first)]  # midnight in Paris on 31 March is 22:00, half an hour after day 1
    assert versus(*log, group=("g1",), steps=[BUY], zone="Europe/Paris")[1] == unmatched


ACTIVITY = [
    {"statistic": "cadence"}, {"statistic": "sum"}, {"statistic": "median"}, {"at_least": 2},
    {"feature": {"name": "active_days", "op": "above", "value": 1}},
    {"feature": {"name": "span_days", "op": "above", "value": 1}},
    {"feature": {"name": "n_events", "op": "above", "value": 1}},
    {"feature": {"name": "n_events", "op": "above", "value": 1}, "unit": "sessions"},
]  # fmt: skip
NO_ACTIVITY = [
    {}, {"statistic": "distinct"}, {"statistic": "sum", "unit": "sessions"}, {"at_least": 2, "steps": [VIEW]},
    {"statistic": "sum", "of": "value"}, {"statistic": "cadence", "steps": [VIEW]}, {"statistic": "sum", "where": VIEW},
    {"at_least": 2, "absent": [BUY]}, {"feature": {"name": "n_objects", "op": "above", "value": 1}},
    {"feature": {"name": "n_events", "where": VIEW, "op": "above", "value": 1}},
    {"feature": {"name": "n_events", "op": "above", "value": 1}, "absent": [BUY]},
]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "about"), [*((asked, True) for asked in ACTIVITY), *((asked, False) for asked in NO_ACTIVITY)]
)
def test_measures_of_activity_are_not_matched_on_activity(asked: dict[str, Any], about: bool) -> None:
    """Users of unlike activity match for a measure of activity, and not for any other."""
    log = [came("g1", 0, 1), came("o1", *range(20))]
    assert versus(*log, group=("g1",), **asked)[1] == (0.0 if about else 1.0)


def test_a_matched_median_is_weighted() -> None:
    """The median of others is by their weights: 2, although most of them have 9."""
    group = [came("g1", 0), came("g2", 0), came("g3", 40)]
    others = [came("o1", 0, value=1.0), came("o2", 0, value=2.0)] + [came(f"o{i}", 40, value=9.0) for i in range(3, 9)]
    asked = {"statistic": "median", "of": "value"}
    group = [[{**e, "value": 0.0} for e in part] for part in group]
    # 1 and 2 weigh a third each, every 9 an eighteenth.
    assert versus(*group, *others, group=("g1", "g2", "g3"), **asked) == (2.0, 0.0)


def test_a_matched_median_at_just_half_is_in_the_middle() -> None:
    """Where weights reach a half exactly, the median is the mean of both neighbours."""
    log = [came("g1", 0, value=0.0)] + [came(f"o{i}", 0, value=float(i * i)) for i in range(1, 7)]
    assert versus(*log, group=("g1",), statistic="median", of="value") == (12.5, 0.0)
    assert versus(*log[:-1], group=("g1",), statistic="median", of="value") == (9.0, 0.0)
    assert versus(*log, group=("g1", "o6"), statistic="median", of="value") == (9.0, 0.0)


def test_matched_others_have_one_value_per_user() -> None:
    """Another with five sessions is one value, like another with one."""
    log = [came("g1", 0, session="a"), came("o1", 0, 0, 0, 0, 0, session="a"), came("o2", 0, session="a")]
    log += [came("o2", 0.001 * i, session=f"s{i}") for i in range(1, 5)]
    assert versus(*log, group=("g1",), unit="sessions", statistic="median", steps=[VIEW]) == (3.0, 0.0)
