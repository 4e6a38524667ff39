"""The worlds of habits: what they promise of their nulls, their truth, their facts and the reference.

What the reference reaches (`python -m evals.worlds.oracle`; 400 users a kind, seed 0). Of users with two visits or more: whose
persona half of the visits tells, whom both halves tell alike, and the largest persona's share; of all users, from
all visits: told right, adjusted Rand index, and the share of whom it is sure (placeable).

    kind      half  again  chance  whole   ari  placeable
    thin       .70    .55     .19    .79   .55        .59
    rhythm     .69    .58     .23    .77   .51        .58
    offers     .68    .54     .28    .74   .43        .52
    sizes      .68    .59     .26    .70   .36        .54
    mixed      .59    .45     .19    .68   .38        .23
    short      .69    .53     .22    .76   .48        .55
    cohorts    .65    .51     .27    .76   .47        .54
    mailed     .68    .55     .27    .76   .48        .56
    dated      .68    .55     .27    .76   .46        .48
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.worlds import HabitSpec, HabitWorld, generate_habits
from evals.worlds.drawing import draw, draw_apart
from evals.worlds.habit_facts import habit_facts
from evals.worlds.oracle import ceiling, chances, placeable
from evals.worlds.styles import KINDS, Kind

USERS = 100
ALL = pytest.mark.parametrize("kind", KINDS)


@cache
def world(kind: Kind, null: bool = False) -> HabitWorld:
    return generate_habits(HabitSpec(kind, USERS, 3, null))


@cache
def records(kind: Kind, null: bool = False) -> list[dict[str, str]]:
    return [json.loads(line) for line in world(kind, null).lines]


def own(kind: Kind, null: bool = False) -> list[dict[str, str]]:
    """What users did themselves, at some hour."""
    return [r for r in records(kind, null) if not r["action"].startswith(("receive", "deliver"))]


def test_a_seed_gives_one_world() -> None:
    """The same specification gives the same lines, another seed others."""
    assert generate_habits(HabitSpec("short", 20, 3)).lines == generate_habits(HabitSpec("short", 20, 3)).lines
    assert generate_habits(HabitSpec("short", 20, 3)).lines != generate_habits(HabitSpec("short", 20, 4)).lines


@ALL
def test_a_null_has_the_same_users_and_visits_by_month(kind: Kind) -> None:
    """Each user of the null makes as many visits in each month as in the world, nobody has a persona, and the shares
    of hours, categories and acts over all lines are within four points.
    """
    spec, null = world(kind), world(kind, null=True)
    assert {u: len(v) for u, v in spec.visits.items()} == {u: len(v) for u, v in null.visits.items()}
    assert set(null.personas.values()) == {-1}
    assert set(null.memberships.values()) == {()}
    for field in ("hour", "category", "action"):
        one, other = (shares(own(kind, n), field) for n in (False, True))
        assert max(abs(one[v] - other[v]) for v in one | other) < 0.04


def shares(of: list[dict[str, str]], field: str) -> Counter[str]:
    values = [r["timestamp"][11:13] if field == "hour" else r[field] for r in of]
    return Counter({v: n / len(values) for v, n in Counter(values).items()})


@ALL
def test_the_reference_does_well_and_not_too_well(kind: Kind) -> None:
    """Half of the visits tell the persona of 50 to 75 % of users, twice as many as guessing would."""
    found = ceiling(world(kind))
    assert 0.5 <= found.half <= 0.75
    assert found.half >= 1.9 * found.chance
    assert found.half <= found.whole + 0.05


@ALL
def test_the_reference_finds_nobody_in_a_null_but_by_chance(kind: Kind) -> None:
    """In a null both halves tell the same persona about as often as two guesses are alike: under 45 % of users."""
    null = world(kind, null=True)
    same = []
    for user, visits in null.visits.items():
        if len(visits) > 1:
            first = np.arange(len(visits)) % 2 == 0
            same.append(int(chances(null, user, first).argmax()) == int(chances(null, user, ~first).argmax()))
    assert np.mean(same) < 0.45


def test_who_could_be_placed_is_mostly_placed_right() -> None:
    """Of the users that the reference is sure of, at least eight in ten are of the persona that it names."""
    found = world("rhythm")
    sure = [user for user, is_sure in placeable(found).items() if is_sure]
    right = [int(chances(found, user).argmax()) == found.personas[user] for user in sure]
    assert len(sure) > USERS / 4
    assert np.mean(right) >= 0.8


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=9), st.none() | st.integers(1, 5), st.integers(0, 99))
def test_draws_are_those_of_numpy(weights: list[float], size: int | None, seed: int) -> None:
    """Whatever the chances, `draw` gives what `Generator.choice` gives, and leaves the generator where that leaves it."""
    chances = np.array(weights) / sum(weights)
    one, other = np.random.default_rng(seed), np.random.default_rng(seed)
    assert np.array_equal(draw(chances, one, size), other.choice(len(chances), size, p=chances))
    assert one.random() == other.random()


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=9), st.integers(1, 9), st.integers(0, 99))
def test_draws_of_several_are_those_of_numpy(weights: list[float], size: int, seed: int) -> None:
    """The same of `draw_apart`, which draws nothing twice."""
    chances, size = np.array(weights) / sum(weights), min(size, len(weights))
    one, other = np.random.default_rng(seed), np.random.default_rng(seed)
    drawn = other.choice(len(chances), size, replace=False, p=chances)
    assert draw_apart(chances, one, size) == drawn.tolist()
    assert one.random() == other.random()


def test_thin_visits_are_of_one_line_or_two() -> None:
    """The median visit of a thin world has at most two lines, and each line names a category of a shop's many."""
    sizes = [n for visits in world("thin").visits.values() for n in visits]
    assert np.median(sizes) <= 2
    assert len({r["category"] for r in records("thin")}) >= 20


def test_a_third_of_short_histories_has_under_ten_lines() -> None:
    """25 to 45 % of the users of a short world have under ten lines."""
    lines = Counter(r["user"] for r in records("short"))
    assert 0.25 <= np.mean([n < 10 for n in lines.values()]) <= 0.45


def test_cohorts_never_meet() -> None:
    """A user is in one course, a thing is of one course, and the courses of the two terms share no month."""
    of_user, of_thing, months = {}, {}, {}
    for r in records("cohorts"):
        assert of_user.setdefault(r["user"], r["course"]) == r["course"]
        assert of_thing.setdefault(r["object"], r["course"]) == r["course"]
        months.setdefault(r["course"] < "d", set()).add(r["timestamp"][:7])
    assert not months[True] & months[False]
    assert set(world("cohorts").cohorts.values()) == set(of_user.values())


def test_mailings_are_received_by_list_and_not_by_persona() -> None:
    """A tenth of the lines or more are mailings, at six in the morning sharp; personas get the same share of each list."""
    mailings = [r for r in records("mailed") if r["action"] == "receive mailing"]
    assert len(mailings) > 0.1 * len(records("mailed"))
    assert {r["timestamp"][11:] for r in mailings} == {"06:00:00Z"}
    by_persona = {p: Counter[str]() for p in range(5)}
    for r in mailings:
        by_persona[world("mailed").personas[r["user"]]][r["object"].split()[1]] += 1
    of_one = [c["0"] / c.total() for c in by_persona.values()]
    assert max(of_one) - min(of_one) < 0.4


def test_standing_orders_have_a_day_and_no_hour() -> None:
    """Deliveries of a dated world carry a date alone, one every other week; all else has an hour."""
    dates: dict[str, list[datetime]] = {}
    for r in records("dated"):
        assert (len(r["timestamp"]) == 10) == (r["action"] == "deliver standing order")
        if len(r["timestamp"]) == 10:
            dates.setdefault(r["user"], []).append(datetime.fromisoformat(r["timestamp"]))
    assert {(b - a).days for days in dates.values() for a, b in pairwise(days)} == {14}


def test_a_mixed_user_has_two_of_six_habits() -> None:
    """Weights of two styles, which sum to 1; the larger is the persona."""
    for user, weights in world("mixed").memberships.items():
        assert sum(w > 0 for w in weights) == 2
        assert sum(weights) == pytest.approx(1)
        assert int(np.argmax(weights)) == world("mixed").personas[user]


@ALL
def test_every_style_has_a_fact_and_a_null_has_none(kind: Kind) -> None:
    """Each persona of a world has at least one fact; the null has none."""
    facts = habit_facts(HabitSpec(kind))
    assert {f.persona for f in facts} == set(range(len(KINDS[kind].styles)))
    assert habit_facts(HabitSpec(kind, null=True)) == []


@pytest.mark.parametrize(("kind", "name"), [("short", "hours"), ("offers", "offers"), ("thin", "categories")])
def test_shares_of_facts_are_those_of_the_log(kind: Kind, name: str) -> None:
    """The declared share of each such fact is within seven points of the share of lines (of visits, for hours) that its
    holders have in a world of 400 users.
    """
    found = generate_habits(HabitSpec(kind, 400, 5))
    lines = [json.loads(line) for line in found.lines]
    for fact in habit_facts(found.spec):
        if fact.name == name:
            mine = [r for r in lines if found.personas[r["user"]] == fact.persona]
            assert share_in(mine, fact.says, name) == pytest.approx(fact.share, abs=0.07), fact.says


def share_in(lines: list[dict[str, str]], says: str, name: str) -> float:
    if name == "hours":
        start, end = (int(word) for word in says.split() if word.isdigit())
        first = {(r["user"], r["timestamp"][:10]): int(r["timestamp"][11:13]) for r in reversed(lines)}
        return float(np.mean([start <= hour < end for hour in first.values()]))
    if name == "offers":
        return float(np.mean([r["on_offer"] == "yes" for r in lines]))
    return float(np.mean([r["category"] in says for r in lines]))
