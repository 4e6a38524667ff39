"""One fact counts once, whatever tells it; and claims that cannot fail."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.facts import Facts, slices_of_one_range, subject
from persona_agent.evidence.intervals import ranks
from persona_agent.evidence.vacuous import cannot_fail
from persona_agent.schema import Measure

from .logs import event, load

HERE = Population(1)


def is_(name: str, *values: Any, op: str = "is") -> list[dict[str, Any]]:
    return [{"field": name, "op": op, "value": list(values)}]


def hours(low: int, high: int) -> list[dict[str, Any]]:
    return is_("hour", low, high, op="between")


def ask(**asked: Any) -> Measure:
    says = {"comparator": "more_than_others"}
    return Measure(**{"unit": "users", "statistic": "share", "versus": "matched", "says": says, **asked})


def spent(where: list[dict[str, Any]], above: float = 0.5, **asked: Any) -> Measure:
    return ask(feature={"name": "share_of_events", "where": where, "op": "above", "value": above}, **asked)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    """200 users, the first 100 of them the group, in four visits each. Nearly all members brew and nearly all of them knit, for
    reasons of their own, as a third of the others do; who brews grinds in the same visit; a few pay, and members alone count
    their money. Brewing is about nine in the morning.
    """
    rng = random.Random(3)
    log = []
    for u in range(200):
        often = 0.93 if u < 100 else 0.33
        brews, knits, pays = rng.random() < often, rng.random() < often, rng.random() < 0.3
        for visit in range(4):
            acts = ["open", *(["brew", "grind"] if brews and (visit == 0 or rng.random() < 0.7) else [])]
            acts += (["knit"] if knits and (visit == 1 or rng.random() < 0.5) else []) + (["pay"] if pays else [])
            for i, act in enumerate(acts):
                minutes = visit * 1440 + 690 + rng.choice([-60, 0, 60]) + 3 * i
                value = rng.choice([10.0, 20.0, 30.0]) if act == "pay" else None
                log.append(event(f"u{u:03}", len(log) + 2, minutes, act, session=f"s{visit}", value=value))
    return load(log, {1: [f"u{u:03}" for u in range(100)]})


BREW, GRIND, KNIT, PAY = (is_("action", act) for act in ("brew", "grind", "knit", "pay"))
SAME = {
    "near-synonyms of users": (ask(steps=[BREW]), ask(steps=[GRIND])),
    "near-synonyms of sessions": (ask(unit="sessions", steps=[BREW]), ask(unit="sessions", steps=[GRIND])),
    "complements": (ask(steps=[BREW]), ask(absent=[BREW])),
    "complements of sessions": (ask(unit="sessions", steps=[BREW]), ask(unit="sessions", absent=[GRIND])),
    "users and their sessions": (ask(steps=[BREW]), ask(unit="sessions", steps=[BREW])),
    "rungs of a ladder": (ask(steps=[BREW]), ask(steps=[BREW], at_least=2)),
    "one act as a share and at all": (ask(steps=[BREW]), spent(BREW, 0.2)),
    "numbers that go together": (
        ask(unit="sessions", statistic="median", steps=[BREW]), ask(unit="sessions", statistic="median", steps=[GRIND])
    ),
    "sums and counts": (ask(statistic="sum", steps=[PAY]), ask(statistic="sum", of="value", steps=[PAY])),
    "hours of one morning": (spent(hours(8, 8)), spent(hours(9, 9))),
    "parts of one morning": (spent(hours(6, 9), 0.5), spent(hours(10, 13), 0.3)),
    "round midnight": (spent(hours(22, 23)), spent(hours(0, 3))),
}  # fmt: skip
APART = {
    "two habits of nearly all members": (ask(steps=[BREW]), ask(steps=[KNIT])),
    "two habits in sessions": (ask(unit="sessions", steps=[BREW]), ask(unit="sessions", steps=[KNIT])),
    "different numbers": (ask(statistic="sum", steps=[BREW]), ask(statistic="sum", steps=[KNIT])),
    "morning and evening": (spent(hours(6, 9)), spent(hours(18, 21))),
    "more here and less there": (
        spent(hours(8, 8)), spent(hours(9, 9), says={"comparator": "less_than_others"})
    ),
}  # fmt: skip


@pytest.mark.parametrize("pair", SAME.values(), ids=list(SAME))
def test_what_tells_one_fact(corpus: Corpus, pair: tuple[Measure, Measure]) -> None:
    """Near-synonyms, complements, rungs, units and slices of one range are one fact, in either order."""
    facts = Facts(corpus, HERE)
    assert facts.same(*pair) and facts.same(*pair[::-1])


@pytest.mark.parametrize("pair", APART.values(), ids=list(APART))
def test_what_tells_two_facts(corpus: Corpus, pair: tuple[Measure, Measure]) -> None:
    """Two habits are two facts even where nearly all members have both; so are parts of the day that do not meet."""
    facts = Facts(corpus, HERE)
    assert not facts.same(*pair) and not facts.same(*pair[::-1])


def test_twenty_measures_of_one_fact_count_once(corpus: Corpus) -> None:
    """Whatever asks about brewing is one fact, and of it the first is kept."""
    asked = [
        ask(unit=unit, steps=[step], at_least=k)
        for unit in ("users", "sessions")
        for step in (BREW, GRIND)
        for k in (1, 2)
        if (unit, k) != ("sessions", 2)
    ]
    asked += [spent(step, above) for step in (BREW, GRIND) for above in (0.1, 0.2, 0.3)]
    asked += [ask(absent=[step]) for step in (BREW, GRIND)] + [ask(steps=[BREW, GRIND], ordered=True)]
    kept = Facts(corpus, HERE).different(asked, lambda m: m)
    assert kept == asked[:1]


def test_ranks_are_those_of_scipy() -> None:
    """Ties share the mean of their ranks, and what is missing has none."""
    from scipy.stats import rankdata  # a second to import, here alone

    for values in ([2.0, 1.0, np.nan, 2.0, 7.0, 2.0, 1.0], [np.nan], [3.0], []):
        np.testing.assert_array_equal(ranks(np.array(values)), rankdata(np.array(values), nan_policy="omit"))


@settings(max_examples=60, deadline=None)
@given(low=st.integers(0, 23), long=st.integers(0, 5), gap=st.integers(0, 10), more=st.integers(0, 5))
def test_slices_meet_if_no_hour_lies_between_them(low: int, long: int, gap: int, more: int) -> None:
    """Two parts of the day, round midnight or not, are slices of one range if they overlap, or one hour at most is between."""
    first = {(low + i) % 24 for i in range(long + 1)}
    second = [(low + long + gap + i) % 24 for i in range(more + 1)]
    meet = bool({(h + d) % 24 for h in first for d in (-2, -1, 0, 1, 2)} & set(second))
    assume((long, gap) != (0, 0) or more)
    pair = spent(hours(low, (low + long) % 24)), spent(hours(second[0], second[-1]))
    assert slices_of_one_range(*pair) == slices_of_one_range(*pair[::-1]) == meet


def test_a_subject_has_names_without_thresholds() -> None:
    """Thresholds are no part of what a measure is about; names and features are."""
    assert subject(spent(BREW, 0.2)) == subject(ask(steps=[is_("action", "BREW")]))
    assert subject(ask(steps=[BREW])) != subject(ask(steps=[KNIT]))
    few, many = (ask(feature={"name": "active_days", "op": "at_least", "value": n}) for n in (2, 9))
    assert subject(few) == subject(many)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"steps": [hours(0, 23)]}, "every line"),
        ({"steps": [is_("weekday", 1, 7, op="between")]}, "every line"),
        ({"steps": [is_("action", "sell")]}, "no line"),
        ({"absent": [is_("object", "yacht")]}, "no line"),
        ({"unit": "sessions", "where": BREW, "steps": [BREW]}, "where there is"),
        ({"feature": {"name": "n_events", "op": "at_least", "value": 1}}, "whoever does anything"),
        ({"feature": {"name": "share_of_events", "where": hours(0, 23), "op": "above", "value": 0.5}}, "every line"),
        ({"feature": {"name": "repeat_share", "op": "at_most", "value": 1}}, "is over 1"),
        ({"steps": [BREW], "says": {"comparator": "at_least", "value": 0}}, "any share"),
    ],
)
def test_a_claim_that_cannot_fail_is_refused(corpus: Corpus, asked: dict[str, Any], why: str) -> None:
    """The whole range, a thing that is not in the log, x where x, and the least of a feature are refused with the reason."""
    assert why in cannot_fail(corpus, ask(**asked))


@pytest.mark.parametrize(
    "asked", [{"steps": [BREW]}, {"absent": [PAY]}, {"steps": [hours(6, 9)]}, {"statistic": "median"}]
)
def test_a_claim_that_can_fail_is_asked(corpus: Corpus, asked: dict[str, Any]) -> None:
    """What some do and others do not is no empty claim."""
    assert cannot_fail(corpus, ask(**asked)) == ""
