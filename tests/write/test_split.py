"""A group that a critic takes for two is tried, and split only if the test of groups says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evals.worlds import Spec, generate
from persona_agent import commands
from persona_agent.commands import running
from persona_agent.commands.running import RunResult
from persona_agent.groups import grouping
from persona_agent.groups.grouping import UserGroups, split_groups
from persona_agent.groups.saving import load_groups
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Options, UserGroups]:
    """A world of two planted personas, large enough for a trial inside one of them."""
    folder = tmp_path_factory.mktemp("two")
    log = generate(Spec(domain="library", kind="two", users=260, events=50, seed=1)).write(folder / "events.jsonl")
    options = Options(inputs=(str(log),), out=folder / "out")
    result: RunResult = commands.run(options, Silent())
    assert result.personas.state == "groups"
    store = Store.open(folder / "out")
    return store, options, load_groups(store)


def test_two_groups_that_were_made_one_are_split(large: tuple[Store, Options, UserGroups]) -> None:
    """Two planted groups in one are split into halves that each have over 85 % of one of them."""
    store, options, groups = large
    one = np.sort(np.concatenate(groups.members[:2])).astype(np.int64)
    label = np.where(groups.grouping.label >= 0, 0, -1)
    merged = replace(
        groups, members=[one], grouping=replace(groups.grouping, label=label, cohesion=[0.5]), stability=np.array([0.9])
    )
    split = split_groups(store, options, merged, {0: "two habits"}, Silent())
    assert split is not None
    halves = [set(g.tolist()) for g in split.members]
    for planted in groups.members[:2]:
        assert max(len(h & set(planted.tolist())) / len(planted) for h in halves) > 0.85
    assert len(split.grouping.cohesion) == len(split.stability) == 2
    assert all((split.grouping.label[list(h)] == i).all() for i, h in enumerate(halves))


def test_one_group_stays_one(large: tuple[Store, Options, UserGroups]) -> None:
    """A planted group is not split, whether doubted or not, nor under a floor that its halves are below."""
    store, options, groups = large
    assert split_groups(store, options, groups, {0: "it looks like two"}, Silent()) is None
    assert split_groups(store, options, groups, {}, Silent()) is None
    floor = options.but(min_users=200)
    assert split_groups(store, floor, groups, {0: "it looks like two"}, Silent()) is None


def test_a_split_run_is_written_anew(small_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a group halved, the run has a persona more and as many users as before."""

    def halve(_: Store, __: Options, groups: UserGroups, doubted: dict[int, str], ___: Silent) -> UserGroups | None:
        first = groups.members[0]
        return grouping._in_two(groups, 0, (first[: len(first) // 2], first[len(first) // 2 :]))

    before = commands.run(Options(inputs=(str(small_log),), out=tmp_path / "a", min_users=5, personas=2), Silent())
    monkeypatch.setattr(running, "split_groups", halve)
    after = commands.run(Options(inputs=(str(small_log),), out=tmp_path / "b", min_users=5, personas=2), Silent())
    assert after.exact and before.exact
    assert len(after.personas.personas) == len(before.personas.personas) + 1
    assert sum(p.size.users for p in after.exact.personas) == sum(p.size.users for p in before.exact.personas)
