"""Is a difference just a mix? Direct standardisation against tables that can be reckoned by hand, and which fields are asked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from persona_agent.evidence import truthfulness, verdict
from persona_agent.evidence.checks import recompute_mix
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import evaluate
from persona_agent.evidence.mix_fields import fields_for
from persona_agent.evidence.standardising import (
    FEWEST_USERS,
    Explained,
    _explained,
    _Side,
    held_against_mixes,
    standardised,
)
from persona_agent.schema import Bar, Measure, Names, Standardised
from persona_agent.words.floors import published_mix, published_truth
from tests.factories import persona_set

from .logs import event, load

HERE = Population(1)
DAY = 1440
SORTS = Names(categories=["aisle"])
OWN = {"field": "properties.own", "op": "is", "value": ["yes"]}


def ask(unit: str = "events", *steps: dict[str, Any], **more: Any) -> Measure:
    asked = {"unit": unit, "statistic": "share", "steps": [list(steps or [OWN])], "versus": "matched"}
    return Measure.model_validate({**asked, "says": {"comparator": "more_than_others"}, **more})


def lines(user: str, bought: dict[str, tuple[int, int]], day: int = 0) -> list[dict[str, Any]]:
    """Of each aisle so many lines, of which so many are of the shop's own brand, in one visit."""
    held = [(aisle, i < own) for aisle, (n, own) in bought.items() for i in range(n)]
    start = int(user[1:]) * 1000
    return [
        event(user, start + i, day * DAY, properties=json.dumps({"aisle": a, "own": "yes" if own else "no"}))
        for i, (a, own) in enumerate(held)
    ]


def opened(log: list[dict[str, Any]], members: int, **more: Any) -> Corpus:
    return replace(load(log, {1: [f"u{i}" for i in range(members)]}, **more), names=SORTS)


def of_field(corpus: Corpus, measure: Measure, name: str = "aisle") -> Explained | None:
    return next(found for field, found in held_against_mixes(corpus, measure, HERE) if field.name == name)


def test_a_table_by_hand() -> None:
    """Others take 4 of 10 lines from A, 3 of them own, and none of B: 30 %. Members take 8 and 2 of 10 from these, 80 % own.
    With that mix others would have .8 × .75 = 60 %: .6 of the difference. Whoever came in another month is nobody's partner.
    """
    log = [e for i in range(30) for e in lines(f"u{i}", {"A": (8, 7), "B": (2, 1)})]
    log += [e for i in range(30, 70) for e in lines(f"u{i}", {"A": (4, 3), "B": (6, 0)})]
    log += [e for i in range(70, 110) for e in lines(f"u{i}", {"A": (5, 0), "B": (5, 5)}, day=120)]
    corpus = opened(log, 30)
    found = of_field(corpus, ask())
    assert found is not None
    assert (found.value, found.matched, found.expected) == pytest.approx((0.8, 0.3, 0.6))
    assert (found.explained, found.low, found.high) == pytest.approx((0.6, 0.6, 0.6))
    told = standardised(corpus, ask(), HERE)
    assert told is not None
    assert (told.field, told.kind, told.verdict, told.looked[0]) == ("aisle", "category", "mostly", "aisle")


def test_each_user_weighs_the_same() -> None:
    """One of the others with a hundred lines, all of A and none own, moves the others as much as one with ten."""
    log = [e for i in range(30) for e in lines(f"u{i}", {"A": (8, 7), "B": (2, 1)})]
    log += [e for i in range(30, 69) for e in lines(f"u{i}", {"A": (4, 3), "B": (6, 0)})]
    ten, hundred = ({"A": (n, 0)} for n in (10, 100))
    few, many = (of_field(opened([*log, *lines("u69", held)], 30), ask()) for held in (ten, hundred))
    assert few is not None and many is not None
    assert few.expected == pytest.approx(many.expected)
    # 39 × .4 × .75 of 39 × .4 + 1 users' lines of A; of B none.
    assert few.expected == pytest.approx(0.8 * (39 * 0.4 * 0.75) / (39 * 0.4 + 1))


BLOCKS = st.lists(st.tuples(*[st.integers(0, 2)] * 3).filter(any), min_size=34, max_size=34)


@settings(max_examples=12)
@given(BLOCKS, st.permutations([1, 2, 3]))
def test_a_difference_that_is_all_mix_is_explained_and_one_within_is_not(
    mixes: list[tuple[int, ...]], own: list[int]
) -> None:
    """Where everybody takes as much own brand in an aisle, whoever they are, the mix explains all. Where others take as much in
    each aisle, the mix explains nothing, whatever it is.
    """
    mixes = [*mixes, (1, 1, 1)] + [(2, 1, 1)] * FEWEST_USERS

    def corpus(of_members: list[int], of_others: list[int]) -> Corpus:
        log = []
        for i, mix in enumerate(mixes):
            rates = of_members if i < 10 else of_others
            held = {a: (4 * n, n * k) for a, n, k in zip("ABC", mix, rates, strict=True)}
            log += lines(f"u{i}", held)
        return opened(log, 10)

    all_mix = of_field(corpus(own, own), ask())
    within = of_field(corpus([3, 3, 3], [2, 2, 2]), ask())
    assert within is not None
    assert within.explained == pytest.approx(0, abs=1e-9)
    assert within.verdict == "not"
    assume(all_mix is not None and abs(all_mix.value - all_mix.matched) > 1e-6)
    assert all_mix is not None
    assert all_mix.explained == pytest.approx(1)


def test_the_interval_is_over_users() -> None:
    """The linearised error is that of drawing users again, as many as there are, on both sides."""
    rng = np.random.default_rng(4)
    n, members = 400, 120
    aisle = rng.beta(1, 1, n) * 0.6 + np.where(np.arange(n) < members, 0.35, 0.05)
    user = np.repeat(np.arange(n), rng.integers(3, 30, n))
    code = (rng.random(len(user)) < aisle[user]).astype(np.int64)
    hit = rng.random(len(user)) < 0.2 + 0.35 * code + np.where(user < members, 0.12, 0.0)
    own = np.bincount(user, minlength=n).astype(np.float64)
    inside = np.arange(n) < members

    def explained(times: np.ndarray) -> Explained:
        sides = [times * mask for mask in (inside, ~inside)]
        here, there = (side / side.sum() for side in sides)
        side = _Side(user, np.arange(len(user)), hit, own, here, there, np.arange(n))
        found = _explained(side, code, 1.0)
        assert found is not None
        return found

    once = explained(np.ones(n))
    drawn = []
    for _ in range(300):
        again = [rng.choice(np.flatnonzero(mask), mask.sum()) for mask in (inside, ~inside)]
        drawn.append(explained(np.bincount(np.concatenate(again), minlength=n).astype(np.float64)).explained)
    assert once.high - once.explained == pytest.approx(np.std(drawn), rel=0.2)


def test_values_that_too_few_others_have_are_pooled_or_nothing_is_told() -> None:
    """A value of fewer than FEWEST_USERS others counts for the commonest one; with much of the group's lines on such, the mix
    that could be held against others is not theirs.
    """

    def found(rare: int, others: int) -> Explained | None:
        log = [e for i in range(30) for e in lines(f"u{i}", {"A": (8 - rare, 5), "B": (2, 1), "C": (rare, 0)})]
        log += [e for i in range(30, 70) for e in lines(f"u{i}", {"A": (6, 3), "B": (4, 0)})]
        log += [e for i in range(70, 70 + others) for e in lines(f"u{i}", {"A": (5, 3), "B": (4, 0), "C": (1, 1)})]
        return of_field(opened(log, 30), ask())

    known, pooled = found(1, FEWEST_USERS), found(1, FEWEST_USERS - 1)
    assert known is not None and pooled is not None
    rate_of_a = (40 * 3 + 19 * 4) / (40 * 6 + 19 * 6)  # with C counted for A
    assert pooled.expected == pytest.approx(0.8 * rate_of_a)
    assert known.expected > pooled.expected
    assert found(3, FEWEST_USERS) is not None
    assert found(3, FEWEST_USERS - 1) is None


def test_a_field_that_settles_the_measure_explains_nothing() -> None:
    """By a field whose values are the measure in other words the others would be the group; nothing is told of it."""
    log = [e for i in range(30) for e in lines(f"u{i}", {"A": (8, 8), "B": (2, 0)})]
    log += [e for i in range(30, 70) for e in lines(f"u{i}", {"A": (4, 4), "B": (6, 0)})]
    assert of_field(opened(log, 30), ask()) is None


def test_halves_and_weights_are_those_of_the_claim() -> None:
    """Without a mix, group and others come to what the claim says of them: cross-placed, matched, each user the same."""
    rng = np.random.default_rng(1)
    log: list[dict[str, Any]] = []
    for i in range(160):
        for visit in range(int(rng.integers(1, 6))):
            for _ in range(int(rng.integers(1, 5))):
                aisle = "AB"[int(rng.random() < 0.5)]
                own = rng.random() < (0.7 if i < 60 else 0.4)
                properties = json.dumps({"aisle": aisle, "own": "yes" if own else "no"})
                log.append(event(f"u{i}", len(log), visit * DAY, session=f"s{visit}", properties=properties))
    placed = {f"u{i}": (int(rng.random() < (0.8 if i < 60 else 0.1)), int(i < 60)) for i in range(160)}
    corpus = replace(
        load(log, {1: [f"u{i}" for i in range(60)], 0: [f"u{i}" for i in range(60, 160)]}, halves=placed), names=SORTS
    )
    for unit in ("events", "sessions", "things"):
        measured, mixes = evaluate(corpus, ask(unit), HERE), held_against_mixes(corpus, ask(unit), HERE)
        known = [found for _, found in mixes if found is not None]
        assert known
        assert measured.matched is not None and measured.whole is not None
        for found in known:
            assert (found.value, found.matched) == pytest.approx((measured.value, measured.matched.value))


@pytest.mark.parametrize(
    ("explained", "low", "high", "verdict"),
    [
        (0.6, 0.4, 0.8, "mostly"),
        (0.6, -0.1, 1.3, None),
        (0.3, 0.1, 0.55, "partly"),
        (0.3, -0.1, 0.7, None),
        (0.1, 0.0, 0.2, "not"),
        (-0.3, -0.6, 0.0, "not"),
        (0.3, -0.05, 0.49, "not"),
        (0.2, 0.05, 0.6, None),
    ],
)
def test_it_is_said_only_where_it_is_known(explained: float, low: float, high: float, verdict: str | None) -> None:
    """Half of a difference and more is mostly the mix, a quarter in part, if any is; less than half is not just that; else
    nothing is said.
    """
    assert Explained(0.5, 0.3, 0.4, explained, low, high).verdict == verdict


def test_nothing_finer_than_the_measure_is_asked() -> None:
    """No field that it is about, no finer sort than that, no times of what is about times, and of people at work none."""
    log = [e for i in range(4) for e in lines(f"u{i}", {"A": (2, 1)})]
    corpus = replace(opened(log, 2), names=Names(categories=["product", "aisle", "department"]))

    def asked(measure: Measure, on: Corpus = corpus) -> list[str]:
        return [f.name for f in fields_for(on, measure)]

    def of(name: str, value: str = "a") -> dict[str, Any]:
        return {"field": name, "op": "is", "value": [value]}

    times = ["hour", "weekday"]
    assert asked(ask()) == ["department", "aisle", "product", *times]
    assert asked(ask("events", of("properties.aisle"))) == ["department", *times]
    assert asked(ask("events", of("properties.department"))) == times
    assert asked(ask("events", of("object"))) == times
    assert asked(ask("sessions")) == times
    hours = {"field": "hour", "op": "between", "value": [20, 23]}
    assert asked(ask("sessions", hours)) == ["weekday"]
    assert asked(ask("events", OWN), replace(corpus, staff=True)) == ["department", "aisle", "product"]
    assert "department" not in asked(ask(versus="within properties.department"))


def test_a_field_of_visits_is_known_by_what_it_does() -> None:
    """A shop is alike on all lines of a visit and comes back; a number of the visit, a week's number, what hardly ever
    differs and what differs from line to line are none.
    """
    rng = np.random.default_rng(2)
    log: list[dict[str, Any]] = []
    for i in range(60):
        for visit in range(6):
            for _ in range(3):
                held = {
                    "shop": f"shop {(i + (visit == 4)) % 9}", "basket": f"b{i} {visit}", "week": f"w{visit}",
                    "till": "open", "promo": str(rng.random() < 0.3), "declared.town": f"t{i % 5}",
                }  # fmt: skip
                log.append(event(f"u{i}", len(log), visit * 7 * DAY, session=f"s{visit}", properties=json.dumps(held)))
    corpus = load(log, {1: [f"u{i}" for i in range(30)]})
    assert [f.name for f in fields_for(corpus, ask("sessions")) if f.kind == "field"] == ["shop"]
    about = ask("sessions", {"field": "properties.shop", "op": "is", "value": ["shop 1"]})
    assert not [f for f in fields_for(corpus, about) if f.kind == "field"]


def test_check_counts_a_mix_again() -> None:
    """A figure, field or verdict that the log does not give is named, as is one that was taken away; words are not."""
    log = [e for i in range(30) for e in lines(f"u{i}", {"A": (8, 7), "B": (2, 1)})]
    log += [e for i in range(30, 70) for e in lines(f"u{i}", {"A": (4, 3), "B": (6, 0)})]
    corpus, measure = opened(log, 30), ask()
    label, reason = verdict(measure, evaluate(corpus, measure, HERE))
    truth = published_truth(truthfulness(evaluate(corpus, measure, HERE), label, reason), measure)
    claim = next(c for p in persona_set().personas for c in p.claims)
    claim = claim.model_copy(update={"measure": measure, "truthfulness": truth})
    told = published_mix(standardised(corpus, measure, HERE), truth)
    assert told is not None

    def problems(mix: Standardised | None) -> list[str]:
        bar = Bar(claim=claim.id, label="Own brand", unit="of their lines", form="share", standardised=mix)
        return [d.kind for d in recompute_mix(corpus, claim, bar, HERE)]

    assert problems(told) == problems(told.model_copy(update={"about": "what they buy"})) == []
    for forged in ({"expected": 0.5}, {"explained": 0.2}, {"low": 0.1}, {"field": "hour"}, {"verdict": "not"}):
        assert problems(told.model_copy(update=forged)) == ["mix"]
    assert problems(None) == ["mix"]
