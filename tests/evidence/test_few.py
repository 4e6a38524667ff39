"""A stranger's question is answered alike whether nobody, one or four users are behind what it counts or bounds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from persona_agent.evidence import Corpus, Population, replicate, result_of
from persona_agent.evidence.few import ALIKE, few_decide, why_few_meet, without_few
from persona_agent.evidence.told_verdicts import told_to_stranger
from persona_agent.schema import Measure, Truthfulness
from persona_agent.words.floors import published_truth

from .logs import event, load

USERS, MEMBERS, VISITS, MANY, DAY = 60, 30, 6, 37, 24 * 60
BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
SPEND = [{"field": "action", "op": "is", "value": ["spend"]}]
EVERY = {"unit": "users", "statistic": "share", "says": {"comparator": "at_least", "value": 0.001}}
# What only heavy users meet, and what only they do not, by each kind of part that counts or bounds.
BY_FEW: dict[str, dict[str, Any]] = {
    "so often": {**EVERY, "steps": [BUY], "at_least": MANY},
    "so often in one visit": {**EVERY, "unit": "sessions", "steps": [BUY], "at_least": MANY},
    "so often, in words": {**EVERY, "steps": [BUY], "at_least": MANY, "says": {"quantifier": "none"}},
    "so seldom, in words": {
        **EVERY,
        "says": {"quantifier": "all"},
        "feature": {"name": "n_events", "where": BUY, "op": "below", "value": MANY},
    },
    "so many lines": {**EVERY, "unit": "sessions", "feature": {"name": "n_events", "op": "at_least", "value": MANY}},
    "so few lines": {**EVERY, "unit": "sessions", "feature": {"name": "n_events", "op": "below", "value": MANY}},
    "in all so much": {
        **EVERY,
        "unit": "sessions",
        "feature": {"name": "total_of", "field": "value", "where": SPEND, "op": "at_least", "value": 500},
    },
    "one after the other": {**EVERY, "unit": "sessions", "steps": [BUY, SPEND, BUY], "ordered": True},
    "without": {**EVERY, "unit": "sessions", "steps": [SPEND], "absent": [BUY], "at_least": 2},
    "in a window": {**EVERY, "steps": [BUY], "at_least": 3, "window": {"start": "2024-03-30", "end": "2024-03-31"}},
    "more than before": {**EVERY, "unit": "sessions", "statistic": "trend", "steps": [BUY], "at_least": MANY},
    "apart from others": {
        **EVERY,
        "unit": "sessions",
        "steps": [BUY],
        "at_least": MANY,
        "versus": "everyone_else",
        "says": {"comparator": "more_than_others"},
    },
    "as others": {
        **EVERY,
        "unit": "sessions",
        "steps": [BUY],
        "at_least": MANY,
        "versus": "everyone_else",
        "says": {"comparator": "as_others"},
    },
}


def log_with(heavy: range) -> Corpus:
    """Sixty users, of whom all buy in each of six visits and half of them spend; `heavy` ones do much more in their first."""
    log: list[dict[str, Any]] = []

    def add(user: int, visit: int, at: float, act: str, value: float | None = None) -> None:
        name = f"u{user:02}"
        minutes = visit * DAY * 5 + at
        log.append(
            event(
                name,
                len(log),
                minutes=minutes,
                action=act,
                value=value,
                properties=json.dumps({"paid": value}),
                session=f"{name} {visit}",
            )
        )

    for user in range(USERS):
        for visit in range(VISITS):
            add(user, visit, 0, "buy")
            if user % 2:
                add(user, visit, 1, "spend", 10)
        if user in heavy:
            for i in range(MANY):
                add(user, 0, 2 + i, "buy")
            add(user, 0, 100, "spend", 900)
            add(user, 0, 101, "buy")
            for i in range(2):
                add(user, VISITS, i, "spend", 1)
    return load(log, {1: [f"u{i:02}" for i in range(MEMBERS)]})


@pytest.fixture(scope="module")
def logs() -> list[Corpus]:
    """Nobody, one and four of the members are heavy."""
    return [log_with(range(n)) for n in (0, 1, 4)]


def told(corpus: Corpus, measure: Measure, group: int | None) -> Truthfulness:
    population = Population(group)
    exact = result_of(corpus, measure, population)[0]
    found = published_truth(told_to_stranger(corpus, measure, population, exact), measure)
    return found.model_copy(update={"raw": None, "matched": None, "unmatched": None})


@pytest.mark.parametrize("group", [None, 1])
@pytest.mark.parametrize("name", BY_FEW)
def test_nobody_one_and_four_are_told_alike(logs: list[Corpus], name: str, group: int | None) -> None:
    """Whatever a question counts or bounds: by figure, bound, verdict and reason nobody hears whether there is somebody."""
    measure = Measure.model_validate(BY_FEW[name])
    if group is None and measure.versus is not None:
        pytest.skip("everyone has no others")
    found = [told(corpus, measure, group).model_dump() for corpus in logs]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("part", ["steps", "where", "absent"])
def test_a_condition_of_few_is_not_asked(logs: list[Corpus], part: str) -> None:
    """A bound on an amount that four users reach is refused as one that nobody reaches, in whichever part it stands; what five or
    more reach is asked.
    """
    for bound, refused in ((500, True), (5, False)):
        much = [{"field": "properties.paid", "op": "at_least", "value": [bound]}]
        parts = {"steps": [BUY], part: much if part == "where" else [much]}
        whys = {why_few_meet(corpus, Measure.model_validate({**EVERY, **parts})) for corpus in logs}
        assert whys == ({"fewer than five users meet the condition on properties.paid"} if refused else {""})


def test_what_others_do_is_told_of_five_or_more(logs: list[Corpus]) -> None:
    """Of all others, and of comparable ones, a figure is left out that one of them alone makes more than none."""
    measure = Measure.model_validate({**BY_FEW["apart from others"], "versus": "matched"})
    for corpus in (log_with(range(MEMBERS, MEMBERS + n)) for n in (0, 1)):
        exact = result_of(corpus, measure, Population(1))[0]
        found = without_few(corpus, measure, Population(1), exact)
        assert (found.raw, found.matched) == (None, None)


def test_five_are_told(logs: list[Corpus]) -> None:
    """What five users do has its figure, and a verdict by it."""
    measure = Measure.model_validate(BY_FEW["so often in one visit"])
    five = log_with(range(5))
    assert few_decide(five, measure, Population()) is None
    found = told(five, measure, None)
    assert (found.bound, found.label, found.value) == (None, "true", 0.01)
    assert few_decide(logs[2], measure, Population()) == "under"


@pytest.mark.parametrize(("statistic", "of"), [("sum", "value"), ("distinct", "matches")])
def test_a_mean_that_few_make_is_not_told(logs: list[Corpus], statistic: str, of: str) -> None:
    """Of a mean that is none without them, or one thing for everybody else, neither the figure nor its verdict is told."""
    rare = [{"field": "hour", "op": "is", "value": [23]}]
    steps = {"sum": [[*SPEND, *rare]], "distinct": [BUY]}[statistic]
    measure = Measure.model_validate(
        {
            "unit": "users",
            "statistic": statistic,
            "of": of,
            "steps": steps,
            "says": {"comparator": "at_least", "value": 0.1},
        }
    )
    found = [told(corpus, measure, 1) for corpus in logs]
    assert {(t.value, t.ci, t.label, t.reason) for t in found} == {(None, None, "not_enough", ALIKE)}


def test_an_end_of_an_interval_is_no_single_users(logs: list[Corpus]) -> None:
    """The median of eight users has its least and its most as ends: they are not told; of all users they are."""
    log = [event(f"u{i:02}", i, action="spend" if i < 8 else "buy", value=float(i)) for i in range(USERS)]
    corpus = load(log, {})
    for steps, ends in (([SPEND], False), ([], True)):
        measure = Measure.model_validate(
            {
                "unit": "users",
                "statistic": "median",
                "of": "value",
                "steps": steps,
                "says": {"comparator": "about", "value": 3},
            }
        )
        exact = result_of(corpus, measure, Population())[0]
        assert exact.ci is not None
        found = without_few(corpus, measure, Population(), exact)
        assert (found.value is not None, found.ci is not None) == (True, ends)


@pytest.mark.parametrize("comparator", ["at_least", "at_most", "about", "equals"])
def test_halving_finds_no_figure_of_users_set_aside(comparator: str) -> None:
    """Users who make no difference to the figure that is told of them make none to whether any threshold holds."""
    users = 400

    def held(doing: int) -> Corpus:
        log = [event(f"u{i:03}", i, action="buy" if i < doing or i >= users else "view") for i in range(users)]
        # Who is not set aside does it as often as not, so that either interval meets the other.
        log += [event(f"v{i:03}", i, action="buy" if i % 2 else "view") for i in range(20)]
        corpus = load(log, {})
        return Corpus.prepare(corpus.connection, "UTC", [f"u{i:03}" for i in range(users)])

    one, other = held(201), held(200)
    for value in (0.498, 0.5, 0.5005, 0.501, 0.502, 0.548, 0.5501, 0.5512, 0.452, 0.4495):
        says = {"comparator": comparator, "value": value}
        measure = Measure.model_validate({**EVERY, "steps": [BUY], "says": says})
        found = [replicate(corpus, measure, Population()).held_out for corpus in (one, other)]
        assert found[0] is not None and found[1] is not None
        assert found[0].holds == found[1].holds
