"""SQL against the slow evaluation: random logs, random measures, hostile texts, and mutations that must be noticed."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.errors import UsageError
from persona_agent.evidence.answers import Measured
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import UnsupportedMeasure, answers, evaluate, satisfying_users
from persona_agent.schema import Measure

from . import slow
from .logs import HOSTILE, SAYS, event, load, logs, measures, seeded

ZONE = "Europe/Paris"
POPULATIONS = [Population(), Population(1), Population(1, outside=True), Population(9)]
BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
VIEW = [{"field": "action", "op": "is", "value": ["VIEW"]}]
QUIT = [{"field": "action", "op": "in", "value": ["quit"]}]
MUG = [{"field": "object", "op": "contains", "value": ["MU"]}]


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "says": SAYS, **asked})


def users_in(log: list[slow.Event], population: Population, members: dict[int, list[str]]) -> set[str]:
    everyone = {e["user"] for e in log}
    if population.group is None:
        return everyone
    own = set(members.get(population.group, []))
    return everyone - own if population.outside else everyone & own


def agrees(got: Measured, want: slow.Answer) -> bool:
    if (got.n, got.units, got.satisfying) != (want.n, want.units, want.satisfying):
        return False
    pairs = [(got.value, want.value), (got.pooled, want.pooled), (got.median_user_rate, want.median_user_rate)]
    near = all((a is None) == (b is None) and (a is None or math.isclose(a, b or 0.0, abs_tol=1e-12)) for a, b in pairs)
    return near and got.n_users_with_3 == want.n_users_with_3


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs(), asked=st.lists(measures(), min_size=4, max_size=8))
def test_sql_means_what_the_slow_evaluation_means(
    connection: duckdb.DuckDBPyConnection, log: list[slow.Event], asked: list[Measure]
) -> None:
    """For any log, measure and population the SQL's numbers are those of the slow evaluation."""
    members = {1: ["u5", "u1"], 2: ["u3"]}
    corpus = load(log, members, ZONE, connection)
    for measure, place in product(asked, POPULATIONS):
        want = slow.answer(log, users_in(log, place, members), measure, ZONE)
        got = evaluate(corpus, measure, place)
        assert agrees(got, want), (measure, place, got, want)


def fixed_measures() -> list[Measure]:
    """One of each kind, for mutations."""
    early = [{"field": "hour", "op": "between", "value": [22, 3]}]
    kinds: list[dict[str, Any]] = [
        {"where": QUIT, "steps": [BUY]}, {"steps": [BUY], "at_least": 2}, {"steps": [BUY, VIEW]},
        {"steps": [BUY, VIEW], "ordered": True}, {"steps": [BUY, BUY], "ordered": True},
        {"steps": [BUY, VIEW], "ordered": True, "at_least": 2}, {"steps": [BUY, VIEW], "within": 1200.0},
        {"steps": [BUY, VIEW], "ordered": True, "within": 6000.0}, {"steps": [BUY, VIEW, QUIT], "ordered": True},
        {"steps": [BUY], "absent": [QUIT]}, {"steps": [BUY], "ordered": True, "absent": [QUIT]}, {"steps": [early]},
        {"steps": [[{"field": "properties.k", "op": "at_least", "value": [2]}]]},
        {"steps": [BUY], "window": {"start": "2024-04-01"}},
    ]  # fmt: skip
    tests = {"active_days": 2, "span_days": 2, "n_events": 4, "n_objects": 2, "repeat_share": 0.3,
             "steps_per_session": 1.5}  # fmt: skip
    kinds += [{"feature": {"name": name, "op": "at_least", "value": value}} for name, value in tests.items()]
    kinds.append({"feature": {"name": "share_of_events", "where": BUY, "op": "below", "value": 0.3}})
    kinds.append({"feature": {"name": "median_of", "field": "value", "op": "above", "value": 2}})
    found = [ask(unit=unit, **kind) for kind in kinds for unit in ("users", "sessions", "memories")]
    found += [ask(unit=unit, steps=[VIEW], statistic="median", of=of) for unit in ("users", "sessions")
              for of in ("matches", "value", "properties.k")]  # fmt: skip
    found.append(ask(statistic="median", of="properties.k"))
    found += [ask(unit="events", where=MUG, steps=[BUY])]
    return found


@dataclass(frozen=True)
class Fixed:
    """A log with the slow evaluation's answer to each fixed measure, for two populations."""

    corpus: Corpus
    answers: list[tuple[Measure, Population, slow.Answer]]

    def agrees(self) -> bool:
        self.corpus.memo.clear()
        return all(agrees(evaluate(self.corpus, m, p), want) for m, p, want in self.answers)


MUTATIONS = [
    ("l.u AS unit", "l.seq AS unit"),  # denominators of users and events swapped
    ("l.s AS unit", "l.u AS unit"),
    ("WHERE selected", "WHERE true"),
    ("bool_or(w)", "bool_and(w)"),
    ("bool_or(s0)", "bool_and(s0)"),
    ("count(*) FILTER (s0) >=", "count(*) FILTER (s0) >"),
    ("UNBOUNDED PRECEDING AND 1 PRECEDING", "UNBOUNDED PRECEDING AND CURRENT ROW"),
    ("ORDER BY seq ROWS", "ORDER BY seq DESC ROWS"),
    ("least(last0", "greatest(last0"),
    ("/ 1e6 <=", "/ 1e6 >"),
    ("a[1] + 1", "a[1] + 2"),
    ("x[1] > a[2]", "true"),
    ("min(seq) AS ending", "max(seq) AS ending"),
    ("AND seq > p.ending", ""),
    ("NOT coalesce(bool_or(a0", "coalesce(bool_or(a0"),
    ("l.hour >= $p0 OR", "l.hour >= $p0 AND"),
    ("AS DOUBLE)) THEN", "AS DOUBLE)) AND false THEN"),
    ("l.date >=", "l.date <"),
    ("count(DISTINCT date)", "count(date)"),
    ("min(date) FILTER (f) + 1", "min(date) FILTER (f)"),
    ("count(DISTINCT object) FILTER", "count(object) FILTER"),
    ("count(DISTINCT {'s': s, 'a': action})", "count(DISTINCT action)"),
    ("count(*) FILTER (f) / count(f)", "count(*) / count(f)"),
    ("median(fx)", "avg(fx)"),
    ("median(x)", "avg(x)"),
    ("count(*) FILTER (satisfied)", "count(*)"),
]


@pytest.fixture(scope="module")
def fixed() -> Fixed:
    log = seeded(5)
    names = sorted({e["user"] for e in log})
    members = {1: names[::2], 2: names[1::4]}
    answers = [
        (m, p, slow.answer(log, users_in(log, p, members), m, ZONE))
        for m, p in product(fixed_measures(), POPULATIONS[1:3])
    ]
    return Fixed(load(log, members, ZONE), answers)


def test_the_unmutated_sql_agrees(fixed: Fixed) -> None:
    """SQL and slow evaluation agree on every fixed measure: what the mutations below are held against."""
    assert fixed.agrees()


@pytest.mark.parametrize(("old", "new"), MUTATIONS)
def test_mutations_are_noticed(fixed: Fixed, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """With a piece of the SQL changed, SQL and slow evaluation disagree, and the piece was used."""
    original = Corpus.rows
    used = []

    def rows(self: Corpus, sql: str, binder: Any) -> Any:
        used.append(old in sql)
        return original(self, sql.replace(old, new), binder)

    monkeypatch.setattr(Corpus, "rows", rows)
    assert not fixed.agrees()
    assert any(used)


@pytest.mark.parametrize("text", [*HOSTILE, "line\nbreak", "{}", "?", "$p0"])
def test_hostile_texts_are_only_texts(text: str) -> None:
    """A text of SQL, wildcards or paths matches the one line that holds it, and no table is changed."""
    log = [event("u1", 2, object=text, text="none"), event("u2", 3, object="other", text="none")]
    corpus = load(log, {})
    for op in ("is", "in", "contains"):
        found = evaluate(corpus, ask(steps=[[{"field": "object", "op": op, "value": [text]}]]), Population())
        assert found.satisfying == 1, op
    assert corpus.connection.execute("SELECT count(*) FROM lines").fetchall() == [(2,)]


@pytest.mark.parametrize("name", [n for n in HOSTILE if '"' not in n] + ["a.b", "a/b", "-", "#", "[0]", "*", "'"])
def test_hostile_property_names_are_only_names(name: str) -> None:
    """A property's name of quotes, dots or slashes reaches the property of that name and no other."""
    log = [event("u1", 2, properties=json.dumps({name: 7})), event("u2", 3, properties=json.dumps({"q": 7, "x": 7}))]
    corpus = load(log, {})
    step = [{"field": f"properties.{name}", "op": "at_least", "value": [7]}]
    assert satisfying_users(corpus, ask(steps=[step]), Population()).tolist() == [True, False]


def test_properties_that_are_no_json_are_absent() -> None:
    """A row whose properties are damaged has none; the other rows count."""
    corpus = load([event("u1", 2, properties="{oops"), event("u2", 3, properties='{"k": 1}')], {})
    step = [{"field": "properties.k", "op": "at_least", "value": [0]}]
    assert evaluate(corpus, ask(steps=[step]), Population()).satisfying == 1


def test_codes_do_not_depend_on_user_hashes() -> None:
    """With other hashes of users, lines, users and sessions have the same numbers."""
    log = seeded(3)
    names = {e["user"]: f"x{hash_}" for hash_, e in enumerate(reversed(log))}
    renamed = [{**e, "user": names[e["user"]], "memory": None} for e in log]
    first, second = load([{**e, "memory": None} for e in log], {}), load(renamed, {})
    codes = "SELECT seq, u, s, line FROM lines ORDER BY seq"
    assert first.connection.execute(codes).fetchall() == second.connection.execute(codes).fetchall()


def test_an_empty_population_has_no_value() -> None:
    """A group without users and a log without lines have no value, n 0 and no interval."""
    corpus = load(seeded(1), {1: []})
    for statistic in ("share", "median"):
        for unit in ("users", "sessions", "memories", "events"):
            found = evaluate(corpus, ask(unit=unit, statistic=statistic, steps=[BUY]), Population(1))
            assert (found.value, found.n, found.ci) == (None, 0, None)
    empty = load([], {})
    assert evaluate(empty, ask(steps=[BUY]), Population()).value is None


def test_others_are_those_who_are_not_in_the_group() -> None:
    """Everyone else is every user outside of the group, with a group or without."""
    log = [event(f"u{i}", i + 2, action="buy" if i < 3 else "view") for i in range(10)]
    corpus = load(log, {1: ["u0", "u1", "u2", "u3"], 2: ["u4"]})
    found = evaluate(corpus, ask(steps=[BUY], versus="everyone_else"), Population(1))
    assert (found.value, found.n) == (0.75, 4)
    assert found.other is not None
    assert (found.other.value, found.other.n) == (0.0, 6)


def test_samples_are_one_number_per_user() -> None:
    """A user with four sessions is one number, like a user with one."""
    log = [event("u1", i, session=f"s{i}", action="buy") for i in range(4)] + [event("u2", 9, action="view")]
    corpus = load(log, {})
    assert answers(corpus, ask(unit="sessions", steps=[BUY])).samples().tolist() == [1.0, 0.0]
    medians = answers(corpus, ask(unit="sessions", steps=[BUY], statistic="median")).samples()
    assert medians.tolist() == [1.0, 0.0]


def test_what_cannot_be_asked_is_a_usage_error() -> None:
    """Measures without a meaning, others of everyone, NaN and unknown time zones are errors that say which."""
    corpus = load(seeded(1), {1: ["u0"]})
    with pytest.raises(UsageError, match="no others"):
        evaluate(corpus, ask(steps=[BUY], versus="everyone_else"), Population())
    with pytest.raises(UnsupportedMeasure, match="one step"):
        evaluate(corpus, ask(steps=[BUY, VIEW], statistic="median"), Population())
    with pytest.raises(UsageError, match="cannot compare"):
        evaluate(corpus, ask(steps=[[{"field": "hour", "op": "at_least", "value": [math.nan]}]]), Population())
    with pytest.raises(UsageError, match="time zone"):
        load([], {}, "Europe/Nowhere")
    with pytest.raises(UsageError):
        Population(outside=True)
