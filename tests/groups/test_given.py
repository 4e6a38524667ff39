"""Given groups on trial: those that users keep to are firm, and labels that say nothing of behaviour are none."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from persona_agent.groups.given_labels import GroupsOnTrial, try_labels
from persona_agent.groups.views import CodedLines, visits_of

from .planting import alike, mixes, visits

USERS = 120
PLANTED = np.arange(USERS) % 3
MADE = visits({"acts": mixes(PLANTED, 4, 0.4)})


@cache
def tried(how: str) -> GroupsOnTrial:
    dealt = np.random.default_rng(1).permutation(PLANTED)
    label = {"planted": PLANTED, "dealt": dealt, "some": np.where(PLANTED == 2, -1, PLANTED)}[how]
    fields = {"course": PLANTED.astype(np.int64), "coin": dealt.astype(np.int64)}
    return try_labels(MADE, alike(USERS), label, int(label.max()) + 1, fields, 0)


def test_groups_that_users_keep_to_are_firm() -> None:
    """Halves agree, members are put where they were given, and the first half foretells the other above exchanged logs."""
    found = tried("planted")
    assert [g.word for g in found.groups] == ["firm"] * 3
    assert all(g.own > 0.8 and g.low > g.null and g.own_kappa > g.own_null for g in found.groups)
    assert found.gain is not None
    assert found.gain_ends is not None
    assert found.null_gain is not None
    assert found.gain_ends[0] > max(found.null_gain, 0)
    assert (found.users, found.tested) == (USERS, USERS)


def test_labels_that_were_dealt_out_are_no_groups() -> None:
    """Users keep to what they do, but not to labels that say nothing of it: no group has a word."""
    assert {g.word for g in tried("dealt").groups} == {"none"}


def test_groups_that_are_one_field_say_so() -> None:
    """The field that says the same is named, one that says nothing is not."""
    assert tried("planted").mostly == "course"
    assert tried("planted").just["coin"] == pytest.approx(0, abs=0.1)  # type: ignore[index]


def test_users_of_no_group_are_nobodys_group() -> None:
    """Two of three kinds are given: the third is a class of its own, and only the given are counted."""
    found = tried("some")
    assert [g.word for g in found.groups] == ["firm", "firm"]
    assert found.users == USERS * 2 // 3


def test_a_group_too_small_to_describe_is_not_tested() -> None:
    """Five users of one label: counted, with no figure."""
    label = np.where(np.arange(USERS) < 5, 2, PLANTED % 2)
    found = try_labels(MADE, alike(USERS), label, 3, {}, 0)
    assert found.groups[2].word == "untested"
    assert (found.groups[2].members, found.groups[2].kappa) == (5, 0.0)


def test_few_among_many_of_no_group_come_back() -> None:
    """A group of 45 beside 655 users of no group, a fifteenth: whoever weighs users by their number puts nobody into it."""
    kind = (np.arange(700) >= 655).astype(np.int64)
    made = visits({"acts": mixes(kind, 4, 0.15)})
    found = try_labels(made, alike(700), np.where(kind == 1, 0, -1), 1, {}, 0)
    assert found.groups[0].word != "none"
    assert found.groups[0].own > 0.6


def test_who_changes_places_comes_back() -> None:
    """Groups that differ in nothing but whether the next visit is at the same place are told apart by the view of places."""
    rng = np.random.default_rng(3)
    n, each = 120, 12
    moves = np.repeat(np.arange(n) % 2, each)
    user = np.repeat(np.arange(n), each)
    place = np.where(moves == 1, rng.integers(0, 9, n * each), user % 9)
    nothing, visit = np.zeros(n * each, dtype=np.int64), np.arange(n * each)
    lines = CodedLines(
        user, visit, nothing, nothing > 0, nothing, nothing, nothing, {}, {}, nothing, n, np.tile(np.arange(each), n),
        places={"store": place},
    )  # fmt: skip
    label = (np.arange(n) % 2).astype(np.int64)
    seen = try_labels(visits_of(lines, by_place=True), alike(n), label, 2, {}, 0)
    assert {g.word for g in seen.groups} == {"firm"}
    assert "same store" not in visits_of(lines).numbers
