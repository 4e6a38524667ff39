"""How well given groups are told apart: planted ones are, drawn ones are not, small ones are not tested."""

from __future__ import annotations

import numpy as np

from persona_agent.groups.telling_apart import FEWEST, tell_apart

from .planting import mixes, visits


def test_planted_groups_are_told_apart_and_drawn_ones_are_not() -> None:
    """Of two planted groups most members land in their own by half of their visits, beyond chance; of groups drawn by lot no more
    than chance gives; the figures are of those who came twice, and users in no group are in none of them.
    """
    planted = np.repeat([0, 1], 60)
    log = visits({"acts": mixes(planted, 5, share=0.25)}, seed=1)
    label = planted.copy()
    label[:10] = -1
    found = tell_apart(log, label, 2, seed=0)
    assert [f.members for f in found] == [50, 60] and [f.tested for f in found] == [50, 60]
    assert all(f.of_given and f.word != "none" and (f.same or 0) > (f.chance or 1) + 0.2 for f in found)
    drawn = np.random.default_rng(5).permutation(planted)
    assert [f.word for f in tell_apart(log, drawn, 2, seed=0)] == ["none", "none"]


def test_who_came_more_is_told_apart_by_nothing_else() -> None:
    """Of six lists of who ever had a visit that a coin marked, among users who come twice or thirty times and have a taste each,
    none is told apart more than users who came as often would be.
    """
    for seed in range(6):
        rng = np.random.default_rng(seed)
        whole = visits({"acts": rng.dirichlet(np.full(12, 0.3), 300)}, seed=seed, per_user=30)
        often = np.clip(rng.lognormal(1.6, 0.9, 300).astype(int), 2, 30)
        log = whole.only(whole.place < often[whole.user])
        inside = rng.random(300) < 1 - 0.93**log.per_user
        assert [f.word for f in tell_apart(log, inside.astype(np.int64), 2, seed=0)] == ["none", "none"]


def test_few_members_are_not_tested() -> None:
    """A group of fewer than FEWEST users with two visits has no figure, and the others keep theirs."""
    label = np.concatenate([np.repeat([0, 1], 40), np.full(FEWEST - 1, 2)])
    log = visits({"acts": mixes(label, 5)}, seed=2)
    found = tell_apart(log, label, 3, seed=0)
    assert found[2].same is None and found[0].same is not None
    once = visits({"acts": mixes(label, 5)}, seed=2, per_user=1)
    assert all(f.same is None and f.tested == 0 for f in tell_apart(once, label, 3, seed=0))
