"""The scorers of the benchmark: a number that flatters would be worse than none."""

from __future__ import annotations

import numpy as np

from evals.bench.clusters import alone, ari_of_lines, line, score
from evals.worlds import Spec, World, generate, shuffle_sessions


def test_left_out_is_alone() -> None:
    """Without it, leaving everything out would look like finding one group."""
    label = alone(np.array([0, 1, -1, -1, 1]))
    assert label[:2].tolist() == [0, 1]
    assert len(set(label.tolist())) == 4


def test_noise_lines_are_not_scored_and_the_truth_scores_one() -> None:
    """Without it, the score would punish or reward what nobody planted."""
    world = World(Spec(), line_intents={1: 0, 2: 0, 3: 1, 4: 1, 5: -1})
    assert ari_of_lines(world, {1: 7, 2: 7, 3: 3, 4: 3, 5: 3}) == 1.0
    assert ari_of_lines(world, {1: 7, 2: 3, 3: 7, 4: 3}) <= 0
    assert ari_of_lines(world, {}) == 0.0


def test_a_small_world_end_to_end() -> None:
    """Without it, lines could be matched to the wrong truth, and every row of the table would be wrong."""
    found = score(Spec(users=90, events=60, seed=5))
    assert found.lines > 0.9
    assert found.users is not None
    assert found.users > 0.6
    assert "personas" in line("personas", [found])


def test_worlds_are_the_same_every_time() -> None:
    """Without it, two people would benchmark two things."""
    spec = Spec(kind="mix", users=20, events=20, seed=9)
    assert generate(spec).lines == generate(spec).lines
    assert generate(spec).lines != generate(Spec(kind="mix", users=20, events=20, seed=10)).lines


def test_a_shuffled_log_keeps_sessions_and_months() -> None:
    """Without it, a shuffled log could keep what it must destroy, or destroy what it must keep."""
    records = [
        {"user_id": f"u{u}", "timestamp": f"2024-0{1 + s % 2}-{5 + s:02d}T10:{10 * e:02d}:00Z", "action": f"a{u}{s}{e}"}
        for u in range(6)
        for s in range(6)
        for e in range(3)
    ]
    shuffled = shuffle_sessions(records, seed=1)
    assert [r["action"] for r in shuffled] == [r["action"] for r in records]
    for start in range(0, len(records), 3):
        assert len({r["user_id"] for r in shuffled[start : start + 3]}) == 1, "sessions stay whole"

    def sessions_a_month(log: list[dict[str, str]]) -> list[tuple[str, str]]:
        return sorted((r["user_id"], r["timestamp"][:7]) for r in log[::3])

    assert sessions_a_month(shuffled) == sessions_a_month(records)
    assert shuffled != records
