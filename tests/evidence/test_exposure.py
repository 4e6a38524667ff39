"""Groups that were given, beside groups drawn by how much there is of everybody: what such groups show is not told."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from persona_agent.evidence import Corpus, Measured, Population, over_whole_log, verdict
from persona_agent.evidence.defining import defined
from persona_agent.evidence.exposure import Propensity, amounts_of_users, how_much, of_amounts, propensity
from persona_agent.evidence.matching import stratum
from persona_agent.evidence.people import Amounts
from persona_agent.evidence.redrawing import AS_DRAWN, REDRAWN, as_drawn, redrawn
from persona_agent.evidence.staff import not_asked
from persona_agent.schema import Comparator, Measure, Says

from .logs import event, load

DAY = 1440
USERS = 240
GOODS = [f"good {i}" for i in range(12)]
HERE = Population(1)
COMPARED: tuple[Comparator, ...] = ("more_than_others", "less_than_others")
MARK = 0.06  # of lines, by a coin
AISLES = {"lamp": "home", "rug": "home", "pen": "desk", "pad": "desk", "clip": "desk"}


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "versus": "matched", **asked, **_more(asked)})


def _more(asked: dict[str, Any]) -> dict[str, Any]:
    return {"says": asked.get("says", {"comparator": "more_than_others"})}


def step(field: str, value: str) -> dict[str, Any]:
    return {"field": field, "op": "is", "value": [value]}


GAP = ask(unit="sessions", statistic="median", of="gap")
TOTAL = ask(statistic="sum", of="matches")
ASKED = [
    GAP, TOTAL, ask(statistic="distinct"), ask(unit="sessions", statistic="median", of="things"),
    *(ask(steps=[[step("object", good)]]) for good in GOODS),
    *(ask(unit="events", steps=[[step("object", good)]]) for good in GOODS[:6]),
    *(ask(unit="sessions", steps=[[step("object", good)]]) for good in GOODS[6:]),
]  # fmt: skip


def as_given(log: list[dict[str, Any]], members: list[str]) -> Corpus:
    """The log with one group, as evidence.loading opens a run whose groups were given."""
    corpus = load(log, {1: members})
    found = defined(corpus.connection, ["aisle"], 20)
    rest = amounts_of_users(corpus.connection, beside=True) if found is not None and found.of_lines else None
    people = replace(corpus.people, amounts=amounts_of_users(corpus.connection), amounts_beside=rest)
    return replace(corpus, people=people, given=True, defined=found)


@cache
def bought(seed: int, habit: bool = False, more: float = 1.0) -> tuple[list[dict[str, Any]], list[str]]:
    """Users with a taste each, who come seldom or often, and those of whom a coin marked a line; with a `habit` in place of these
    the ones who buy the first good in more of their visits, and come `more` times as often.
    """
    rng = np.random.default_rng(seed)
    log, inside = list[dict[str, Any]](), list[str]()
    for i in range(USERS):
        name, taste, has = f"u{i:03d}", rng.dirichlet(np.full(len(GOODS), 1.5)), habit and i % 2 == 0
        days = rng.choice(
            300, min(1 + rng.poisson(rng.lognormal(1.4, 0.9) * (more if has else 1.0)), 300), replace=False
        )
        marked = False
        for d in np.sort(days).tolist():
            things = rng.choice(GOODS, 1 + rng.poisson(1.2), p=taste).tolist()
            things[0] = GOODS[0] if has and rng.random() < 0.35 else things[0]
            marked |= bool((rng.random(len(things)) < MARK).any())
            log += [
                event(name, len(log) + k, d * DAY + k, "buy", object=t, session=f"{name} {d}")
                for k, t in enumerate(things)
            ]
        inside += [name] if (has if habit else marked) else []
    return log, inside


def told(corpus: Corpus, measures: list[Measure]) -> list[Measure]:
    """Those that are true of either side, as more or as less than others."""
    found = []
    for measure in measures:
        sides = [measure.model_copy(update={"says": Says(comparator=c)}) for c in COMPARED]
        found += [measure for m in sides if verdict(m, over_whole_log(corpus, m, HERE))[0] == "true"]
    return found


def test_who_ever_had_a_marked_line_is_told_apart_by_nothing() -> None:
    """Of six lists by a coin, none has more than one answer in a hundred that holds (the number asked is 28 of each); without the
    chances to be a member, visits further apart are told of most of them.
    """
    before, after = [], []
    for seed in range(6):
        log, inside = bought(seed)
        corpus = as_given(log, inside)
        assert corpus.defined is None
        after += told(corpus, ASKED)
        people = replace(corpus.people, amounts=None)
        before.append(GAP in told(replace(corpus, people=people, memo={}), [GAP]))
    assert len(after) <= 0.01 * 6 * len(ASKED)
    assert sum(before) >= 3


@pytest.mark.parametrize("more", [1.0, 3.0])
def test_a_habit_is_told_whether_or_not_members_come_more(more: float) -> None:
    """A planted habit holds where members come as often as others, and where they come three times as often; how often they come
    is told of neither as a finding, and of the latter as how much there is of them.
    """
    planted = ask(unit="sessions", steps=[[step("object", GOODS[0])]])
    for seed in range(3):
        corpus = as_given(*bought(seed, habit=True, more=more))
        assert planted in told(corpus, [planted])
        assert not told(corpus, [GAP, TOTAL])
        much = how_much(corpus, HERE)
        assert (much is not None and much.here > 1.25 * much.others) == (more > 1)


def test_what_so_many_drawings_come_to_is_worked_out() -> None:
    """The share of drawn groups that differ as much is that of forty thousand drawings, far out as well."""
    rng = np.random.default_rng(3)
    lines = rng.geometric(0.1, 400)
    found = _member(lines, rng.random(400) < 1 - 0.95**lines)
    numbers = rng.exponential(1.0, 400) ** 2
    drawn = rng.random((40_000, 400)) < found.chance
    x = np.column_stack([np.ones(400), found.curves])
    weight = found.chance * (1 - found.chance)
    pull = numbers - x @ np.linalg.solve(x.T * weight @ x + 1e-9 * np.eye(x.shape[1]), x.T * weight @ numbers)
    sums = (drawn - found.chance) @ pull
    for q in (0.9, 0.99, 0.999):
        seen = drawn[int(np.argsort(sums)[int(q * len(sums))])]
        p, more = redrawn(found, numbers, seen, np.ones(400, dtype=bool))
        assert more and p == pytest.approx(2 * (1 - q), rel=0.25)
    nobody = np.zeros(400, dtype=bool)
    assert redrawn(found, numbers, nobody, nobody) == (1.0, False)


def _member(lines: NDArray[np.int64], inside: NDArray[np.bool_]) -> Propensity:
    one = np.ones(len(lines), dtype=np.int64)
    return of_amounts(Amounts(lines, one, one, 0 * one, 0 * one), inside, ~inside)


def test_of_groups_that_are_drawn_so_many_differ_as_they_should() -> None:
    """Over 400 lists drawn by how much there is of everybody, one answer in twenty is under a twentieth, and hardly any under the
    bar.
    """
    rng = np.random.default_rng(0)
    lines = rng.geometric(0.08, 300)
    numbers = lines + rng.normal(0, 5, 300)  # which goes with how much there is
    found = list[float]()
    for _ in range(400):
        inside = rng.random(300) < 1 - 0.93**lines
        member = _member(lines, inside)
        found.append(redrawn(member, numbers, inside, np.ones(300, dtype=bool))[0])
    assert 0.02 <= float(np.mean(np.array(found) < 0.05)) <= 0.085
    assert float(np.mean(np.array(found) < REDRAWN)) <= 0.01


def test_chances_follow_the_curve_of_ever() -> None:
    """Of who ever had a marked line the chances are those that so many lines give, and classes are in their order."""
    rng = np.random.default_rng(1)
    lines = rng.geometric(0.05, 4_000)
    true = 1 - 0.94**lines
    found: Propensity = _member(lines, rng.random(4_000) < true)
    assert float(np.abs(found.chance - true).mean()) < 0.02
    order = np.argsort(found.chance)
    assert (np.diff(found.among[order]) >= 0).all() and len(np.unique(found.among)) == 5


def test_where_groups_were_found_nothing_is_drawn() -> None:
    """A corpus without the amounts of users has no chances, and is matched as before; a difference without a drawing stands."""
    log, inside = bought(0)
    corpus = load(log, {1: inside})
    assert propensity(corpus, HERE) is None and how_much(corpus, HERE) is None
    assert over_whole_log(corpus, GAP, HERE).redrawn is None
    people = corpus.people
    assert stratum(people, GAP).tolist() == (people.first_seen - people.first_seen.min()).tolist()
    assert as_drawn(Measured("users", "share")) is None


def test_between_the_bars_it_is_not_known() -> None:
    """What drawn groups often show is an artefact, what they seldom show is not enough, and what hardly any shows stands."""
    labels = [as_drawn(Measured("users", "share", redrawn=p)) for p in (2 * AS_DRAWN, 2 * REDRAWN, REDRAWN / 2)]
    assert [label and label[0] for label in labels] == ["artefact", "not_enough", None]
    parted = as_drawn(Measured("users", "share", redrawn=0.0, parts=True))
    assert parted is not None and "sorted by" in parted[1]


@pytest.fixture(scope="module")
def homes() -> Corpus:
    """A list of who ever bought for the home, where each line is by a coin and a price goes with the aisle."""
    rng = np.random.default_rng(0)
    log, inside = list[dict[str, Any]](), set[str]()
    for i in range(USERS):
        name = f"u{i:03d}"
        for d in range(1 + int(rng.poisson(4))):
            thing = str(rng.choice(list(AISLES), p=[0.08, 0.07, 0.35, 0.3, 0.2]))
            aisle, price = AISLES[thing], 50.0 if AISLES[thing] == "home" else 5.0
            inside |= {name} if aisle == "home" else set()
            held = f'{{"aisle": "{aisle}", "price": {price + rng.normal()}}}'
            log.append(event(name, len(log), d * DAY * 9, "buy", object=thing, session=f"{name} {d}", properties=held))
    return as_given(log, sorted(inside))


def test_what_a_list_is_made_of_is_found_in_the_log(homes: Corpus) -> None:
    """The aisle that whoever is inside has ever bought from, with the things of it; it is of some lines of a user."""
    found = homes.defined
    assert found is not None and (found.field, found.values) == ("properties.aisle", frozenset({"home"}))
    assert found.inside["object"] == {"lamp", "rug"} and found.of_lines and found.often < 0.6


def test_what_a_list_is_made_of_is_not_asked(homes: Corpus) -> None:
    """Neither the aisle, nor a thing of it, nor the share of what is left; who ever buys another thing is."""
    assert not_asked(homes, ask(steps=[[step("properties.aisle", "home")]]))
    assert not_asked(homes, ask(steps=[[step("object", "lamp")]]))
    assert not_asked(homes, ask(unit="events", steps=[[step("object", "pen")]]))
    assert not_asked(homes, ask(unit="events", steps=[[step("properties.aisle", "desk")]]))
    assert not not_asked(homes, ask(steps=[[step("object", "pen")]]))


def test_what_follows_from_it_is_no_difference(homes: Corpus) -> None:
    """Members pay more a line, for they bought for the home: without these lines they pay what others do."""
    paid = ask(statistic="median", of="properties.price")
    whole = over_whole_log(homes, paid, HERE)
    assert whole.everyone is not None and (whole.value or 0) > (whole.everyone.value or 0)
    assert whole.redrawn is not None and whole.redrawn > AS_DRAWN
    assert told(homes, [paid, *(ask(steps=[[step("object", t)]]) for t in ("pen", "pad", "clip"))]) == []


def test_a_number_that_says_who_is_inside_is_what_they_were_sorted_by() -> None:
    """Who has ten of a thing on every line and others one: that says who is a member, and is no finding."""
    log = [
        event(
            f"u{i:03d}", 10 * i + d, d * DAY, "buy", properties=f'{{"packs": {10 if i % 2 else 1}}}', session=f"{i} {d}"
        )
        for i in range(80)
        for d in range(3)
    ]
    corpus = as_given(log, [f"u{i:03d}" for i in range(1, 80, 2)])
    packs = ask(statistic="median", of="properties.packs")
    found = over_whole_log(corpus, packs, HERE)
    assert found.parts
    assert verdict(packs, found)[0] == "artefact"


@pytest.mark.parametrize("larger", [True, False])
def test_how_large_a_visit_is_is_told_where_no_list_of_who_ever_could_be_so(larger: bool) -> None:
    """Members have larger visits and come less often, or smaller ones and come more: so is nobody who ever did something, and the
    size of a visit is told, beside others of whom it was not taken away.
    """
    rng = np.random.default_rng(4)
    log, inside = list[dict[str, Any]](), list[str]()
    for i in range(USERS):
        name, has = f"u{i:03d}", i % 4 == 0
        often, much = (4, 4.5) if has and larger else (8, 2) if has else (6, 3)
        for d in np.sort(rng.choice(300, 1 + rng.poisson(often), replace=False)).tolist():
            things = rng.choice(GOODS, 1 + rng.poisson(much)).tolist()
            log += [
                event(name, len(log) + k, d * DAY + k, "buy", object=t, session=f"{name} {d}")
                for k, t in enumerate(things)
            ]
        inside += [name] if has else []
    corpus = as_given(log, inside)
    size = ask(unit="sessions", statistic="median", of="matches")
    found = over_whole_log(corpus, size, HERE)
    assert found.matched is not None and ((found.value or 0) > (found.matched.value or 0)) == larger
    assert told(corpus, [size]) == [size]
