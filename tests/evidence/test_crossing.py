"""Cross-placement: users are placed by one half of their visits and measured on the other, both ways, pooled."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.evidence import Population, bits_of, evaluate, judge_measured, of_core, replicate, verdict
from persona_agent.evidence.answers import Numbers, Rates, Values
from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.evaluation import over_whole_log
from persona_agent.groups.coded import turn_of
from persona_agent.log.placed_halves import PlacedHalves
from persona_agent.schema import Measure

from . import slow
from .logs import event, load, long_logs, statistics_measures
from .test_measures import BUY, ZONE, ask
from .test_statistics import MATCHED, near

Log = list[slow.Event]
MORE = {"comparator": "more_than_others"}
HALVES = st.fixed_dictionaries(
    {f"u{i}": st.tuples(*[st.sampled_from([-1, 1, 1, 2])] * 2) for i in (1, 2, 3, 4, 5, 7, 9)}
)


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def cut(log: Log) -> Log:
    """The events of halves of users, as users: u/0 has the first, third and so on of u's visits. Who came once is left out."""
    visits: dict[str, list[str]] = {}
    for e in log:
        seen = visits.setdefault(e["user"], [])
        if e["session"] is not None and e["session"] not in seen:
            seen.append(e["session"])
    found = []
    for e in log:
        if e["session"] is not None and len(visits[e["user"]]) > 1:
            half = visits[e["user"]].index(e["session"]) % 2
            memory = e["memory"] and f"{e['memory']}/{half}"
            found.append({**e, "user": f"{e['user']}/{half}", "memory": memory})
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    log=long_logs(),
    asked=st.lists(statistics_measures(*MATCHED, versus="matched"), min_size=2, max_size=4),
    halves=HALVES,
)
def test_cross_placed_figures_are_those_of_a_plain_recount(
    connection: duckdb.DuckDBPyConnection, log: Log, asked: list[Measure], halves: dict[str, tuple[int, int]]
) -> None:
    """Value, all others' and comparable others' are those of a log whose users are the halves, each in the group that the other
    half gives it; the users behind the value are users, and the whole log's value stands beside it.
    """
    members = {g: [u for u, of in halves.items() if g in of] for g in (1, 2)}
    corpus = load(log, members, ZONE, connection, halves)
    parts = cut(log)
    own = {e["user"] for e in parts if halves[e["user"][:-2]][1 - int(e["user"][-1])] == 1}
    others = {e["user"] for e in parts} - own
    for measure in asked:
        compared = measure.model_copy(update={"says": measure.says.model_validate(MORE)})
        got = evaluate(corpus, compared, Population(1))
        if not own:
            assert got.whole is None
            continue
        want, rest = (slow.answer(parts, who, measure, ZONE) for who in (own, others))
        matched, unmatched = slow.matched(parts, own, others, measure, ZONE)
        users = {u[:-2] for u in slow.of_users(parts, own, measure, ZONE)}
        assert got.everyone is not None and got.matched is not None and got.whole is not None
        assert near(got.value, want.value) and near(got.everyone.value, rest.value) and near(got.matched.value, matched)
        assert near(got.unmatched, unmatched) and got.n == len(users)
        whole = slow.answer(log, {e["user"] for e in log} & set(members[1]), measure, ZONE)
        assert near(got.whole.value, whole.value) and got.whole.n == whole.n


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    log=long_logs(),
    measure=statistics_measures(*MATCHED, versus="matched"),
    halves=HALVES,
    order=st.permutations(range(14)),
)
def test_cores_are_the_surer_half_by_the_other_visits(
    connection: duckdb.DuckDBPyConnection,
    log: Log,
    measure: Measure,
    halves: dict[str, tuple[int, int]],
    order: list[int],
) -> None:
    """The figures of a core are those of a log whose users are halves, of those alone that the other half puts into the group as
    surely as the middle one of its side or more so, against all that it puts elsewhere; of fewer users than the floor, none.
    """
    members = {g: [u for u, of in halves.items() if g in of] for g in (1, 2)}
    chances = {u: (order[2 * i] / 14, order[2 * i + 1] / 14) for i, u in enumerate(halves)}
    corpus = replace(load(log, members, ZONE, connection, halves, chances), floor=1)
    parts = cut(log)
    by_other = {e["user"]: (e["user"][:-2], 1 - int(e["user"][-1])) for e in parts}
    own = {p for p, (u, side) in by_other.items() if halves[u][side] == 1}
    core = set()
    for side in (0, 1):
        sure = {p: chances[u][s] for p, (u, s) in by_other.items() if p in own and s == side}
        core |= {p for p, x in sure.items() if x >= np.median(list(sure.values()))}
    compared = measure.model_copy(update={"says": measure.says.model_validate(MORE)})
    got = of_core(corpus, compared, Population(1))
    users = {p[:-2] for p in slow.of_users(parts, core, measure, ZONE)}
    if got is None:
        cross = corpus.cross(Population(1))
        compares = cross and over_whole_log(cross, compared, Population(1, core=True)).matched
        assert not users or not compares or not compares.n
        return
    assert got.matched is not None and got.n == len(users) >= 1
    assert near(got.value, slow.answer(parts, core, measure, ZONE).value)
    assert near(got.matched.value, slow.matched(parts, core, set(by_other) - own, measure, ZONE)[0])
    assert of_core(replace(corpus, floor=len(users) + 1), compared, Population(1)) is None


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=long_logs())
def test_groups_and_evidence_halve_visits_alike(connection: duckdb.DuckDBPyConnection, log: Log) -> None:
    """A line is in the half of the visits that evidence measures by the number of its session that groups place by: the session
    counts even where none of its lines is used for placing.
    """
    corpus = load(log, {}, ZONE, connection, {"u1": (1, 1)})
    found = corpus.connection.execute(
        "SELECT u, s, half, count(DISTINCT s) OVER (PARTITION BY u) AS visits FROM lines WHERE s IS NOT NULL ORDER BY seq"
    ).fetchnumpy()
    turn = turn_of(found["u"].astype(np.int64), found["s"].astype(np.int64))
    often = found["visits"] > 1
    assert (turn[often] % 2 == np.asarray(found["half"])[often]).all()
    assert np.ma.getmaskarray(found["half"])[~often].all()


def planted(seed: int, stable: bool, users: int = 120, visits: int = 8) -> tuple[Log, dict[str, tuple[int, int]]]:
    """A log in which users buy in half of their visits, all alike, or if `stable` some rarely and some often; and the groups by
    whether a half of the visits has more than its share of buying.
    """
    rng = random.Random(seed)
    log: Log = []
    bought = np.zeros((users, 2))
    for u in range(users):
        often = (0.8 if u % 2 else 0.2) if stable else 0.5
        for visit in range(visits):
            did = rng.random() < often
            bought[u, visit % 2] += did
            action = "buy" if did else "view"
            log.append(event(f"u{u:03}", len(log) + 2, visit * 1440.0, action, session=f"s{visit}"))
    return log, {f"u{u:03}": (int(odd > visits / 4), int(even > visits / 4)) for u, (odd, even) in enumerate(bought)}


def split(seed: int, *, stable: bool) -> Corpus:
    """The planted log in two groups, by whether somebody bought in more than half of all visits."""
    log, halves = planted(seed, stable)
    often = {u: np.mean([e["action"] == "buy" for e in log if e["user"] == u]) > 0.5 for u in halves}
    return load(log, {g: [u for u in often if often[u] == bool(g)] for g in (0, 1)}, halves=halves)


BUYS = {"unit": "sessions", "steps": [BUY], "versus": "matched", "says": MORE}


@pytest.mark.parametrize("seed", range(8))
def test_what_only_chose_the_members_vanishes(seed: int) -> None:
    """Noise split at its median sets the groups apart in the whole log, and not placed by one half, measured on the other."""
    corpus, measure = split(seed, stable=False), ask(**BUYS)
    assert verdict(measure, over_whole_log(corpus, measure, Population(1)))[0] == "true"
    assert judge_measured(corpus, measure, Population(1)).truthfulness.label != "true"
    assert (bits_of(corpus, measure, Population(1)) or 0.0) < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_a_stable_habit_stays(seed: int) -> None:
    """A habit that formed the groups is told of them, since it holds in the half that did not place anybody."""
    corpus, measure = split(seed, stable=True), ask(**BUYS)
    judged = judge_measured(corpus, measure, Population(1))
    assert judged.truthfulness.label == "true" and (judged.information_bits or 0.0) >= 0.05
    assert judged.truthfulness.value is not None and judged.truthfulness.whole is not None
    assert judged.alignment.label == "full" and judged.truthfulness.whole != judged.truthfulness.value


def test_what_is_said_of_the_group_alone_is_of_the_whole_log() -> None:
    """A share without a comparison has the whole log's value, with all members behind it, and no other beside it."""
    corpus = split(0, stable=True)
    plain = ask(**{**BUYS, "says": {"quantifier": "usually"}})
    found = evaluate(corpus, plain, Population(1))
    assert found.whole is None and found == over_whole_log(corpus, plain, Population(1))


def test_without_halves_a_group_is_measured_as_a_whole() -> None:
    """A group that no half places anybody in, as occasions and given cohorts are, has the whole log's value alone."""
    log, _ = planted(0, stable=True)
    corpus = load(log, {1: ["u001", "u003"]}, halves={"u001": (-1, -1), "u003": (-1, -1)})
    measure = ask(**BUYS)
    assert evaluate(corpus, measure, Population(1)) == over_whole_log(corpus, measure, Population(1))
    assert of_core(replace(corpus, floor=1), measure, Population(1)) is None


def test_users_set_aside_are_crossed_as_well() -> None:
    """The replication on held-out users has the value of their own halves, and its users are counted once."""
    log, halves = planted(1, stable=True)
    corpus = load(log, {1: [u for i, u in enumerate(halves) if i % 2]}, halves=halves)
    held = [u for i, u in enumerate(halves) if i % 10 in (1, 2, 3)]
    corpus = Corpus.prepare(
        corpus.connection,
        "UTC",
        held,
        PlacedHalves(list(halves), np.array(list(halves.values())), np.ones((len(halves), 2))),
    )
    again = replicate(corpus, ask(**BUYS), Population(1)).held_out
    direct = evaluate(corpus, ask(**BUYS), Population(1, fold="held_out"))
    assert again is not None and direct.whole is not None
    assert (again.value, again.n, again.holds) == (direct.value, direct.n, True) and direct.n <= len(held)


@pytest.mark.parametrize("kind", ["users", "rates", "numbers", "medians"])
@pytest.mark.parametrize("alike", [0.0, 1.0])
def test_intervals_cover_whether_halves_are_alike_or_not(kind: str, alike: float) -> None:
    """Of 400 samples of 60 users, some with both halves in the group, at least 93 % have an interval that holds the value of
    all users, where the halves of a user are the same (`alike` 1) and where they have nothing in common.
    """
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(400):
        owner = np.repeat(np.arange(60), 2)
        user = np.repeat(rng.random(60), 2)
        p = np.where(rng.random(120) < alike, user, rng.random(120))
        found = statistic(kind, p, owner).measured(ask(**asked_of(kind)), rng.random(120) < 0.8)
        held += found.ci is not None and found.ci[0] <= 0.5 <= found.ci[1]
    assert held >= 0.93 * 400


def statistic(kind: str, p: np.ndarray, owner: np.ndarray) -> Any:
    """Answers of halves by their own number p, evenly spread from 0 to 1: half of them, or a half on average."""
    ones = np.ones(len(p), dtype=np.int64)
    if kind == "users":
        return Rates(ones, (p < 0.5).astype(np.int64), owner=owner)
    if kind == "rates":
        return Rates(10 * ones, np.round(10 * p).astype(np.int64), owner=owner)
    if kind == "numbers":
        return Numbers(ones, p, ones, owner=owner)
    return Values(len(p), np.arange(len(p)), np.arange(len(p)), p, owner=owner)


def asked_of(kind: str) -> dict[str, Any]:
    return {
        "users": {},
        "rates": {"unit": "sessions"},
        "numbers": {"statistic": "sum"},
        "medians": {"statistic": "median"},
    }[kind]
