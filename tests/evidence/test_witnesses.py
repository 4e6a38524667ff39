"""Lines for and against: from the right people, on the right side, varied, and the same whatever the key."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import evaluate
from persona_agent.evidence.witnesses import MAX_LINES, against, citations, supporting, vary
from persona_agent.schema import Citation, Measure

from . import slow
from .logs import SAYS, event, load, logs, measures

ZONE = "Europe/Paris"
BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
MUG = [{"field": "object", "op": "is", "value": ["mug"]}]
HERE = Population(1)


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "says": SAYS, **asked})


def lines_for(corpus: Corpus, measure: Measure, population: Population = HERE) -> list[Citation]:
    return citations(corpus, supporting(corpus, measure, evaluate(corpus, measure, population), population))


def numbers(lines: list[Citation]) -> list[int]:
    return [c.line for c in lines]


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), asked=st.lists(measures(), min_size=1, max_size=3), word=st.sampled_from(["most", "few"]))
def test_every_line_is_on_its_side_and_in_its_group(
    connection: duckdb.DuckDBPyConnection, log: list[slow.Event], asked: list[Measure], word: str
) -> None:
    """Lines for a claim are of units of the group that satisfy it, lines against of those that do not, at most twenty each."""
    members = {1: ["u5", "u1", "u9"]}
    corpus = load(log, members, ZONE, connection)
    own = {e["user"] for e in log} & set(members[1])
    place = {(e["file"], e["line"], e["n"]): e for e in log}
    for drawn in asked:
        measure = drawn.model_copy(update={"says": drawn.says.model_copy(update={"quantifier": word})})
        measured = evaluate(corpus, measure, HERE)
        support = citations(corpus, supporting(corpus, measure, measured, HERE))
        counter = against(corpus, measure, measured, HERE)
        assert len(support) <= MAX_LINES
        assert len(counter.lines) <= MAX_LINES
        assert bool(counter.lines) == (counter.n_contra > 0)
        units = slow.selected(log, own, measure, ZONE)
        good = {k for k, events in units.items() if slow.satisfies(events, measure, ZONE)}
        for cited, relation in [(support, "supports"), (counter.lines, "contradicts")]:
            events = [place[(c.file, c.line, c.n)] for c in cited]
            assert all(c.relation == relation and c.hash == e["hash"] for c, e in zip(cited, events, strict=True))
            keys = {slow.unit_of(e, measure.unit) for e in events}
            assert keys <= set(units)
            if measure.statistic != "median":
                assert keys <= (good if (relation == "supports") == (word == "most") else set(units) - good)


def test_only_matching_lines_are_cited() -> None:
    """Of a satisfying user the lines of the steps are cited; for absence and few, lines of those who lack it."""
    log = [event("u1", 2, action="buy"), event("u1", 3, 5), event("u2", 4), event("u3", 5, action="buy")]
    corpus = load(log, {1: ["u1", "u2"]})
    assert numbers(lines_for(corpus, ask(steps=[BUY]))) == [2]
    assert numbers(lines_for(corpus, ask(absent=[BUY]))) == [4]
    feature = {"name": "n_events", "op": "at_least", "value": 2}
    assert numbers(lines_for(corpus, ask(feature=feature))) == [3]
    assert numbers(lines_for(corpus, ask(steps=[BUY], says={"quantifier": "few"}))) == [4]


def test_the_nearest_action_is_the_case_against() -> None:
    """Against a purchase of mugs stands another purchase of the same user, or the last thing done."""
    log = [event("u1", 2, action="buy"), event("u2", 3, action="buy", object="plate"), event("u2", 4, 9, object="x")]
    log += [event("u3", 5, 0, object="x"), event("u3", 6, 9, object="y")]
    corpus = load(log, {1: ["u1", "u2", "u3"]})
    measure = ask(steps=[BUY + MUG])
    counter = against(corpus, measure, evaluate(corpus, measure, HERE), HERE)
    assert (counter.says, counter.n_support, counter.n_contra) == ("2 of 3 users do not", 1, 2)
    assert numbers(counter.lines) == [3, 6]


def test_none_is_said_and_not_left_blank() -> None:
    """Where nobody does otherwise the case against says none, of how many."""
    corpus = load([event("u1", 2, action="buy")], {1: ["u1"]})
    measure = ask(steps=[BUY])
    counter = against(corpus, measure, evaluate(corpus, measure, HERE), HERE)
    assert (counter.says, counter.lines) == ("none of 1 users", [])


def test_medians_cite_the_units_nearest_to_them() -> None:
    """The case against a median counts users below it and cites the nearest."""
    log, line = [], 2
    for user, count in [("u1", 1), ("u2", 30), ("u3", 90)]:
        for i in range(count):
            log.append(event(user, line, i, action="buy"))
            line += 1
    corpus = load(log, {1: ["u1", "u2", "u3"]})
    measure = ask(steps=[BUY], statistic="median", says={"comparator": "at_least", "value": 10})
    measured = evaluate(corpus, measure, HERE)
    assert measured.value == 30
    counter = against(corpus, measure, measured, HERE)
    assert (counter.says, counter.n_support, counter.n_contra) == ("1 of 3 users have less than 10", 2, 1)
    assert numbers(counter.lines) == [2]


def test_users_come_first_then_sessions_then_time() -> None:
    """Twenty lines are of nineteen users where there are so many, else of twenty sessions, else spread over time."""
    busy = [(0, i // 10, i) for i in range(1000)]
    others = [(u, 200 + u, 1000 + u) for u in range(1, 19)]
    lines = np.array(busy + others)
    chosen = vary(lines, 20)
    assert len(chosen) == 20
    assert sum(chosen < 1000) == 2
    two = chosen[chosen < 1000] // 10
    assert two[0] != two[1]
    assert len(vary(np.array(busy), 20)) == 20
    assert len({int(x) // 10 for x in vary(np.array(busy), 20)}) == 20
    assert vary(np.empty((0, 3), dtype=np.int64), 20).tolist() == []
    many = np.array([(u, u, u) for u in range(1000)])
    assert vary(many, 20).tolist() == list(range(25, 1000, 50))


def test_lines_do_not_depend_on_user_hashes() -> None:
    """With other hashes of users the same lines are cited."""
    log = [event(f"u{i % 40}", i, i, action="buy") for i in range(200)]
    log.sort(key=lambda e: (e["user"], e["ts"]))
    other = [{**e, "user": f"x{hash(e['user']) % 10**9}"} for e in log]
    chosen = [numbers(lines_for(load(each, {}), ask(steps=[BUY]), Population())) for each in (log, other)]
    assert chosen[0] == chosen[1]
    assert len(chosen[0]) == MAX_LINES
