"""Measures of visits, of usual amounts and within a field: SQL against the slow evaluation, and by hand."""

from __future__ import annotations

import json
from collections import Counter
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from persona_agent.evidence import Measured, Population, barred, evaluate
from persona_agent.evidence.usual import is_of_objects, usual_amounts
from persona_agent.schema import Measure, Says

from . import slow
from .logs import event, load, logs, long_logs
from .test_crossing import HALVES, cut
from .test_measures import BUY, POPULATIONS, VIEW, ZONE, agrees, ask, users_in
from .test_statistics import near

MEMBERS = {1: ["u5", "u1", "u9"], 2: ["u3"]}
DAY = 1440.0
PRICE = "properties.k"
MORE = Says(comparator="more_than_others")
Log = list[slow.Event]


def is_(field: str, *values: Any) -> list[dict[str, Any]]:
    return [{"field": field, "op": "in" if len(values) > 1 else "is", "value": list(values)}]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@st.composite
def of_visits(draw: st.DrawFn) -> Measure:
    """A measure that looks at visits, in windows and with conditions of other kinds beside."""
    window = draw(st.sampled_from([None, None, {"start": "2024-04-05"}, {"end": "2024-04-20"}]))
    asked: dict[str, Any] = {"window": window, "where": draw(st.sampled_from([[], [], BUY, is_("opens_visit", "no")]))}
    step = draw(
        st.sampled_from(
            [[], VIEW, is_("opens_visit", "yes") + VIEW, is_("met_before", "yes"), is_("met_before", "no"),
             is_("met_last", "yes"), is_("met_last", "no"), is_(f"same {PRICE}", "yes"), is_(f"same {PRICE}", "no"),
             is_(f"kept {PRICE}", "yes"), is_(f"kept {PRICE}", "no"), is_(f"kept {PRICE}", "yes", "no")]
        )
    )  # fmt: skip
    if draw(st.booleans()):
        unit = draw(st.sampled_from(["users", "sessions", "things", "things", "events"]))
        return ask(unit=unit, steps=[step] if step else [], **asked)
    of = draw(
        st.sampled_from(
            ["gap", "minutes", "things", "total value", f"total {PRICE}", f"relative {PRICE}", f"biggest {PRICE}"]
        )
    )
    units = ["sessions"] if of in {"gap", "minutes", f"biggest {PRICE}"} else ["users", "sessions", "things", "events"]
    return ask(unit=draw(st.sampled_from(units)), statistic="median", of=of, steps=[step] if step else [], **asked)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs() | long_logs(), asked=st.lists(of_visits(), min_size=3, max_size=6))
def test_measures_of_visits_mean_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure]
) -> None:
    """For any log, population and measure of visits the SQL's numbers are those of the slow evaluation."""
    corpus = load(log, MEMBERS, ZONE, connection)
    told = slow.visited(log, ZONE, (PRICE,))
    for measure, place in product(asked, POPULATIONS):
        want = slow.answer(told, users_in(log, place, MEMBERS), measure, ZONE)
        got = evaluate(corpus, measure, place)
        assert agrees(got, want), (measure, place, got, want)


@settings(max_examples=18, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=long_logs(), asked=st.lists(of_visits(), min_size=2, max_size=4), halves=HALVES)
def test_halves_of_visits_know_the_visits_between(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure], halves: dict[str, tuple[int, int]]
) -> None:
    """Measured on every other visit, a gap is still from the visit before and a thing was met in any earlier one."""
    members = {g: [u for u, of in halves.items() if g in of] for g in (1, 2)}
    corpus = load(log, members, ZONE, connection, halves)
    parts = cut(slow.visited(log, ZONE, (PRICE,)))
    own = {e["user"] for e in parts if halves[e["user"][:-2]][1 - int(e["user"][-1])] == 1}
    for measure in asked:
        got = evaluate(corpus, measure.model_copy(update={"versus": "matched", "says": MORE}), Population(1))
        if own and got.whole is not None:
            assert near(got.value, slow.answer(parts, own, measure, ZONE).value), measure


def bought(user: str, days: dict[float, list[tuple[str, float]]]) -> Log:
    """A user's visits by day: in each, things with what they cost, a minute apart."""
    base = 1000 * int(user[1:])
    lines = [(day, i, *thing) for day, things in days.items() for i, thing in enumerate(things)]
    return [
        event(user, base + n, day * DAY + i, "buy", session=f"{user}.{day}", object=name, properties=json.dumps({"k": cost}),
              value=cost)
        for n, (day, i, name, cost) in enumerate(lines)
    ]  # fmt: skip


def of(*parts: Log, group: tuple[str, ...] = (), **asked: Any) -> Measured:
    log = [e for part in parts for e in part]
    measure, place = ask(**asked), Population(1) if group else Population()
    found = evaluate(load(log, {1: list(group)}, "UTC"), measure, place)
    told = slow.visited(log, "UTC", (PRICE,))
    assert agrees(found, slow.answer(told, users_in(log, place, {1: list(group)}), measure, "UTC"))
    return found


def test_each_user_weighs_the_same() -> None:
    """The median value of a visit is that of users' own medians: a user of forty visits does not outvote two others."""
    often = bought("u1", {float(d): [("mug", 100.0)] for d in range(40)})
    rest = [bought("u2", {0.0: [("mug", 5.0), ("plate", 2.0)]}), bought("u3", {0.0: [("mug", 9.0)]})]
    found = of(often, *rest, unit="sessions", statistic="median", of="total value")
    assert (found.value, found.n, found.units) == (9.0, 3, 42)


def test_what_was_met_before_is_asked_of_later_visits_alone() -> None:
    """Of the four things of later visits one was met before; the first visit, where nothing could be, is left out."""
    log = bought(
        "u1", {0.0: [("mug", 1.0), ("mug", 1.0)], 1.0: [("mug", 1.0), ("cup", 1.0)], 3.0: [("pot", 1.0), ("pan", 1.0)]}
    )
    once = bought("u2", {0.0: [("mug", 1.0), ("mug", 1.0)]})
    asked = {"unit": "things", "where": is_("met_before", "yes", "no"), "steps": [is_("met_before", "yes")]}
    found = of(log, once, **asked)
    assert (found.value, found.n, found.units) == (0.25, 1, 4)


def test_a_thing_counts_once_a_visit() -> None:
    """A thing on three lines of a visit is one thing."""
    log = bought("u1", {0.0: [("mug", 1.0), ("MUG", 1.0), ("mug", 1.0), ("cup", 9.0)]})
    assert of(log, unit="things", steps=[is_("object", "mug")]).value == 0.5
    assert of(log, unit="events", steps=[is_("object", "mug")]).value == 0.75
    assert of(log, unit="sessions", statistic="median", of="things").value == 2.0
    assert of(log, unit="things", statistic="median", of=f"total {PRICE}").value == 6.0


def test_what_comes_back_is_told_of_the_very_next_visit_and_of_its_amount() -> None:
    """Of four things of later visits three were met before and one was in the visit just before; of the three that come again one
    comes in the amount of the last time.
    """
    log = bought(
        "u1", {0.0: [("mug", 2.0), ("cup", 5.0)], 1.0: [("MUG", 2.0), ("pot", 1.0)], 3.0: [("cup", 4.0), ("Mug", 9.0)]}
    )
    later = is_("met_before", "yes", "no")
    assert of(log, unit="things", where=later, steps=[is_("met_before", "yes")]).value == 0.75
    assert of(log, unit="things", where=later, steps=[is_("met_last", "yes")]).value == 0.5
    same = f"same {PRICE}"
    assert of(log, unit="things", where=is_(same, "yes", "no"), steps=[is_(same, "yes")]).value == pytest.approx(1 / 3)


def test_a_place_is_held_against_that_of_the_visit_before() -> None:
    """Of four later visits with a store two have that of the visit before: a visit without one is passed over, its own first
    counts, whatever the case, and the first visit has no answer. In halves the visit before is that of the whole log.
    """
    stores = ["North", "north", None, "NORTH", "south", "north"]
    log = [
        event("u1", 10 * v + n, v * DAY + n, "buy", session=f"u1.{v}", object="mug",
              properties=json.dumps({} if store is None else {"store_id": store if n == 0 else "west"}))
        for v, store in enumerate(stores) for n in range(2)
    ]  # fmt: skip
    kept = "kept properties.store_id"
    measure = ask(unit="sessions", where=is_(kept, "yes", "no"), steps=[is_(kept, "yes")])
    found = evaluate(load(log, {1: ["u1"]}, "UTC"), measure, Population())
    assert (found.value, found.units) == (0.5, 4)
    others = [{**e, "user": "u2", "session": f"u2{e['session'][2:]}", "line": 500 + e["line"]} for e in log]
    corpus = load([*log, *others], {1: ["u1"], 2: ["u2"]}, "UTC", halves={"u1": (1, 1), "u2": (2, 2)})
    compared = measure.model_copy(update={"versus": "matched", "says": MORE})
    assert evaluate(corpus, compared, Population(1)).units == 4


def test_the_biggest_thing_of_a_visit_is_told_by_its_part_of_the_total() -> None:
    """A thing on two lines is one; what is given back makes nothing bigger."""
    log = bought("u1", {0.0: [("mug", 30.0), ("cup", 20.0), ("MUG", 30.0), ("pot", 20.0), ("pan", -50.0)]})
    assert of(log, unit="sessions", statistic="median", of=f"biggest {PRICE}").value == pytest.approx(0.6)
    assert of(log, unit="sessions", statistic="median", of="biggest value").value == pytest.approx(0.6)


def test_a_visit_that_comes_to_a_sum_is_counted_up_to_its_upper_end() -> None:
    """Of visits of 300, 310 and 320 two lie in the band from 300 up to 320."""
    log = bought("u1", {float(d): [("mug", 100.0 + 10 * d), ("cup", 200.0)] for d in range(3)})
    band = {"name": "total_of", "field": "value", "op": "between", "value": 300, "upper": 320}
    assert of(log, unit="sessions", feature=band).value == pytest.approx(2 / 3)


def test_a_gap_is_from_the_start_of_the_visit_before_and_minutes_are_a_visits_own() -> None:
    """A visit two days and one four days after the one before: three; each visit runs for a minute."""
    log = bought("u1", {float(d): [("mug", 1.0), ("cup", 1.0)] for d in (0, 2, 6)})
    assert of(log, unit="sessions", statistic="median", of="gap").value == 3.0
    assert of(log, unit="sessions", statistic="median", of="minutes").value == 1.0


def test_a_visit_begins_with_its_first_line() -> None:
    """Of two visits one begins with a view, though both hold one."""
    log = [event("u1", i, m, a, session=s) for i, (m, a, s) in enumerate(
        [(0, "view", "a"), (1, "buy", "a"), (DAY, "buy", "b"), (DAY + 1, "view", "b")])]  # fmt: skip
    assert of(log, unit="sessions", steps=[is_("opens_visit", "yes") + VIEW]).value == 0.5
    assert of(log, unit="sessions", steps=[VIEW]).value == 1.0


def shop(dear: float) -> Log:
    """Six users buy mugs for 2 and tables for 200; the last pays `dear` times the usual price."""
    parts = [bought(f"u{i}", {0.0: [("mug", 2.0), ("table", 200.0)], 1.0: [("mug", 2.2)]}) for i in range(1, 6)]
    last = bought("u6", {0.0: [("mug", 2.0 * dear), ("table", 200.0 * dear)], 1.0: [("rare", 7.0)]})
    return [e for part in parts for e in part] + last


def test_an_amount_is_held_against_what_is_usual_for_the_same_thing() -> None:
    """Who pays half for mugs and tables is at half, whatever else is bought; what few share has nothing usual."""
    corpus = load(shop(0.5), {1: ["u6"]}, "UTC")
    assert usual_amounts(corpus, PRICE) == {"mug": 2.0, "table": 200.0}
    assert is_of_objects(corpus, PRICE)
    asked = ask(statistic="median", of=f"relative {PRICE}", versus="everyone_else")
    found = evaluate(corpus, asked, Population(1))
    assert found.value == 0.5
    assert found.other is not None
    assert found.other.value == pytest.approx(1.0)


@pytest.mark.parametrize("costs", [[1.0, 30.0, 900.0, 5.0], [4.0, 4.0, 4.0, 4.0]])
def test_what_varies_with_the_user_or_not_at_all_is_no_amount_of_objects(costs: list[float]) -> None:
    """How many somebody takes of anything is no price, nor is what is always the same."""
    log = [
        e for i in range(1, 9) for e in bought(f"u{i}", {0.0: [("mug", costs[i % 4]), ("table", costs[(i + 1) % 4])]})
    ]
    assert not is_of_objects(load(log, {}, "UTC"), PRICE)


def test_others_within_a_field_hold_the_members_value_of_it() -> None:
    """Members of one course are compared with others of that course alone; who has no partner in it is counted."""

    def student(user: str, course: str, action: str) -> Log:  # fmt: skip
        return [event(user, int(user[1:]), 0, action, properties=json.dumps({"course": course}))]

    log = [
        e
        for i in range(10)
        for e in student(f"u{i}", "art" if i < 5 else "law", "buy" if i in {0, 1, 5, 6, 7} else "view")
    ]
    corpus = load(log, {1: ["u0", "u1", "u2"], 2: ["u3", "u4", "u0", "u1", "u2"]}, "UTC")
    within = ask(steps=[BUY], versus="within properties.course")
    found = evaluate(corpus, within, Population(1))
    assert found.other is not None
    assert (found.other.value, found.unmatched) == (0.0, 0.0), "the two others of art do not buy; of law three do"
    assert evaluate(corpus, ask(steps=[BUY], versus="matched"), Population(1)).other.value == pytest.approx(3 / 7)  # type: ignore[union-attr]
    assert evaluate(corpus, within, Population(2)).unmatched == 1.0


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=long_logs())
def test_the_value_held_is_the_commonest(connection: duckdb.DuckDBPyConnection, log: Log) -> None:
    """Others within an action are those whose commonest action is the same, the first of the alphabet among equals."""
    corpus = load(log, {1: ["u1"]}, ZONE, connection)
    users = {e["user"] for e in log}
    if "u1" not in users:
        return
    count = {u: Counter(e["action"].lower() for e in log if e["user"] == u) for u in users}
    held = {u: min(c, key=lambda a: (-c[a], a)) for u, c in count.items()}
    like = {u for u in users if held[u] == held["u1"]}
    want = slow.matched([e for e in log if e["user"] in like], {"u1"}, like - {"u1"}, ask(steps=[BUY]), ZONE)
    found = evaluate(corpus, ask(steps=[BUY], versus="within action"), Population(1))
    assert found.other is not None
    assert (found.other.value, found.unmatched) == (pytest.approx(want[0]), pytest.approx(want[1]))


@pytest.mark.parametrize(
    "asked",
    [
        {"of": "gap", "statistic": "median"}, {"of": "minutes", "statistic": "median", "unit": "things"},
        {"of": "total value"}, {"of": "relative value", "statistic": "sum"}, {"of": "total gap", "statistic": "median"},
        {"statistic": "median", "of": f"biggest {PRICE}"}, {"unit": "sessions", "of": f"biggest {PRICE}"},
        {"steps": [is_("same value", "yes") + is_(f"same {PRICE}", "yes")]}, {"steps": [is_("same action", "yes")]},
        {"steps": [is_("kept properties.a", "yes") + is_(f"kept {PRICE}", "yes")]}, {"steps": [is_("kept value", "yes")]},
        {"steps": [is_(f"kept {PRICE}", 1.0)]},
        {"feature": {"name": "total_of", "op": "at_least", "value": 1}},
        {"feature": {"name": "median_of", "field": PRICE, "op": "between", "value": 1, "upper": 2}},
        {"feature": {"name": "total_of", "field": PRICE, "op": "between", "value": 1}},
        {"versus": "within hour"}, {"statistic": "lift"}, {"steps": [is_("met_before", 1.0)]},
    ],
)  # fmt: skip
def test_what_makes_no_question_is_refused(asked: dict[str, Any]) -> None:
    """Gaps of what is no session, totals that are no median, and statistics that there were are no measures."""
    with pytest.raises(ValidationError):
        ask(**asked)


@pytest.mark.parametrize("of", ["gap", "minutes"])
def test_pace_is_not_asked_of_people_at_work(of: str) -> None:
    """How long and how often is barred in staff mode; how much is not."""
    assert barred(ask(unit="sessions", statistic="median", of=of))
    assert not barred(ask(unit="sessions", statistic="median", of="things"))
