"""Which group is which in a later log, and what is more than chance: on users made of counts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from persona_agent.groups.both import BothLogs
from persona_agent.groups.following import Followed, follow
from persona_agent.groups.mixture import Profiles

VALUES = 6
LINES = 40


def habit(*values: int) -> np.ndarray:
    """A mix of lines that is mostly of these values."""
    mix = np.full(VALUES, 0.02)
    mix[list(values)] += 0.88 / len(values)
    return mix / mix.sum()


A, B, C = habit(0, 1), habit(2, 3), habit(4, 5)


def both_logs(old: Sequence[np.ndarray], new: Sequence[np.ndarray], seed: int = 0) -> BothLogs:
    """Users of two logs with these mixes, the same persons as far as there are as many."""
    rng = np.random.default_rng(seed)
    sides = [np.array([rng.multinomial(LINES // 2, mix) for mix in (*old, *new)]).astype(float) for _ in range(2)]
    n = len(old) + len(new)
    expected = np.tile(sum(sides).sum(axis=0) / sum(sides).sum(), (n, 1))

    def profiles(counts: np.ndarray) -> Profiles:
        return Profiles({"acts": counts}, {"acts": expected}, np.zeros((n, 0)), np.zeros((n, 0)), np.zeros(0))

    users = [f"u{i}" for i in range(len(old))] + [f"u{i}" for i in range(len(new))]
    return BothLogs(users, len(old), profiles(sum(sides)), (profiles(sides[0]), profiles(sides[1])), np.full(n, 8))


def groups(*sizes: int) -> list[list[str]]:
    """Users in groups of these sizes, one after the other."""
    ends = np.cumsum([0, *sizes]).tolist()
    return [[f"u{i}" for i in range(a, b)] for a, b in pairwise(ends)]


def test_groups_of_an_unchanged_log_are_found_again() -> None:
    """Whatever number it has, a group's counterpart is that of the same users; nothing grew, split or merged."""
    mixes = [A] * 60 + [B] * 60 + [C] * 60
    new = groups(60, 60, 60)
    found = follow(both_logs(mixes, mixes), groups(60, 60, 60), [new[2], new[0], new[1]], same_key=True)
    assert found.counterpart == {0: 1, 1: 2, 2: 0}
    assert all(test.p > 0.05 for test in found.sizes.values())
    assert not found.splits
    assert not found.merges


@pytest.mark.parametrize("same_key", [True, False])
def test_what_grew_is_told_by_both_rules(same_key: bool) -> None:
    """Half as many users again in one group are beyond chance, also where nobody can be told again; the other groups are the same
    share less.
    """
    old, new = [A] * 100 + [B] * 100 + [C] * 100, [A] * 100 + [B] * 100 + [C] * 200
    found = follow(both_logs(old, new), groups(100, 100, 100), groups(100, 100, 200), same_key=same_key)
    assert found.counterpart == {0: 0, 1: 1, 2: 2}
    assert found.sizes[2].p < 0.001
    assert found.sizes[2].now > found.sizes[2].was


def test_a_group_that_is_gone_was_not_merged() -> None:
    """A group without users has no counterpart and its share falls; where its rule puts others does not merge it."""
    found = follow(
        both_logs([A] * 60 + [B] * 60 + [C] * 60, [A] * 60 + [B] * 60),
        groups(60, 60, 60),
        groups(60, 60),
        same_key=True,
    )
    assert set(found.counterpart) == {0, 1}
    assert found.gone[2].p < 0.001
    assert found.gone[2].now < found.gone[2].was / 2
    assert not found.merges


def test_a_split_is_told_where_halves_of_visits_tell_the_parts_apart_only_later() -> None:
    """Users who did both things and now do one each have split; the other way round they have merged."""
    together, apart = [A] * 60 + [habit(2, 3, 4, 5)] * 80, [A] * 60 + [B] * 40 + [C] * 40
    split = follow(both_logs(together, apart), groups(60, 80), groups(60, 40, 40), same_key=True)
    parts, test = split.splits[1]
    assert (parts, test.p < 0.001) == ([1, 2], True)
    merged = follow(both_logs(apart, together), groups(60, 40, 40), groups(60, 80), same_key=True)
    parts, test = merged.merges[1]
    assert (parts, test.p < 0.001) == ([1, 2], True)


def test_a_log_that_is_cut_otherwise_has_not_split() -> None:
    """Parts that halves of visits told apart before as they do now are no split."""
    mixes = [A] * 60 + [B] * 40 + [C] * 40
    found = follow(both_logs(mixes, mixes), groups(60, 80), groups(60, 40, 40), same_key=True)
    assert found.splits[1][1].p == 1.0


def test_a_log_without_groups_has_none_to_follow() -> None:
    """No group before: all groups of the later log are asked whether they are new, and none is an error."""
    found: Followed = follow(both_logs([A] * 40, [A] * 40), [], groups(40), same_key=True)
    assert (dict(found.counterpart), set(found.new)) == ({}, {0})


def test_given_groups_are_followed_by_their_names() -> None:
    """A given group is the one of its name, whoever is in it and whatever they do; one without a namesake is gone, one is new."""
    both = both_logs([A] * 60 + [B] * 60, [B] * 90 + [A] * 30)
    called = (["trial", "paid"], ["paid", "lapsed"])
    found = follow(both, groups(60, 60), groups(90, 30), same_key=False, called=called)
    assert found.counterpart == {1: 0}
    assert (found.sizes[1].was, found.sizes[1].now) == (0.5, 0.75)
    assert (set(found.gone), set(found.new)) == ({0}, {1})
    assert not found.splits and not found.merges


def test_parts_that_took_users_from_elsewhere_are_no_split_of_one_group() -> None:
    """Users who were in no group and are one of their own now, with the habit that they had, have not split from those whom the
    earlier rule takes them for.
    """
    near, nearer = 0.75 * B + 0.25 * habit(3, 4), 0.25 * B + 0.75 * habit(3, 4)
    mixes = [A] * 60 + [near] * 60 + [nearer] * 60
    found = follow(both_logs(mixes, mixes), groups(60, 60), groups(60, 60, 60), same_key=False)
    parts, test = found.splits[1]
    assert (parts, test.p > 0.05) == ([1, 2], True)
