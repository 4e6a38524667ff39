"""The scorers of the benchmark of groups, on labels whose score is known, and its table."""

from __future__ import annotations

import csv
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from evals.bench import shuffled
from evals.bench.baselines import better
from evals.bench.clusters import PLANTED, Score, line, main, misses, score, worlds
from evals.bench.scoring import alone, ari, ari_of_lines, label_of_planted, personas, places
from evals.worlds import Spec, World, generate, shuffle_sessions
from persona_agent.ids import user_hash

SMALL = Spec(users=80, events=30, seed=5)


@pytest.fixture(scope="module")
def small() -> Score:
    return score(SMALL)


def test_left_out_is_alone() -> None:
    """Users without a label are each a group of their own, and leaving all out scores 0."""
    label = alone(np.array([0, 1, -1, -1, 1]))
    assert label[:2].tolist() == [0, 1]
    assert len(set(label.tolist())) == 4
    assert ari([0, 0, 1, 1], [-1, -1, -1, -1]) == 0


def test_noise_lines_are_not_scored_and_the_truth_scores_one() -> None:
    """The truth scores 1 whatever noise lines are labelled, the opposite at most 0, no label 0."""
    world = World(Spec(), line_intents={1: 0, 2: 0, 3: 1, 4: 1, 5: -1})
    assert ari_of_lines(world, {1: 7, 2: 7, 3: 3, 4: 3, 5: 3}) == 1.0
    assert ari_of_lines(world, {1: 7, 2: 7, 3: 3, 4: 3, 5: 9}) == 1.0
    assert ari_of_lines(world, {1: 7, 2: 3, 3: 7, 4: 3}) <= 0
    assert ari_of_lines(world, {}) == 0.0


def test_a_line_that_never_arrived_is_scored() -> None:
    """Right labels of half of the lines score below 0.6."""
    world = World(Spec(), line_intents={n: n % 2 for n in range(1, 41)})
    whole = {n: n % 2 for n in range(1, 41)}
    assert ari_of_lines(world, whole) == 1.0
    assert ari_of_lines(world, {n: i for n, i in whole.items() if n > 20}) < 0.6


def test_perfect_labels_score_one_and_shuffled_labels_nothing() -> None:
    """The planted labels score 1, of users and lines; shuffled ones about 0."""
    world = generate(SMALL)
    truth = personas(world)
    lines = {n: i for n, i in world.line_intents.items() if i >= 0}
    rng = np.random.default_rng(0)
    mixed = dict(zip(lines, rng.permutation(list(lines.values())).tolist(), strict=True))
    assert ari(truth, truth) == ari_of_lines(world, lines) == 1.0
    assert abs(ari(truth, rng.permutation(truth))) < 0.1
    assert abs(ari_of_lines(world, mixed)) < 0.05


def test_users_are_matched_by_their_hash() -> None:
    """Users in another order have their own labels, a lost one none, and with another key nobody is found."""
    world = World(Spec(), user_personas={"ann": 0, "bob": 1, "cem": 1, "dee": 0})
    key = b"k" * 32
    theirs = [user_hash(key, name) for name in ("cem", "ann", "bob")]
    label = label_of_planted(places(world, key, theirs), np.array([8, 3, 8]))
    assert label.tolist() == [3, 8, 8, -1], "dee was lost on the way"
    assert places(world, b"x" * 32, theirs).tolist() == [-1] * 4


def test_a_small_world_end_to_end(small: Score) -> None:
    """A world of 80 users, read and grouped, is scored over 0.9 for lines; so few users give two of its five personas."""
    assert small.lines > 0.9
    assert small.users is not None
    assert small.users > 0.25
    assert small.planted == 5
    assert 0 < small.coverage <= 1


def test_a_row_names_the_seeds_that_miss_a_target(small: Score) -> None:
    """Each target that a seed misses is named, and the row names the seed."""
    spec = Spec(kind="two", events=60, seed=1)
    assert misses(spec, 0.95, 0.95, 1, 0.95, "groups") == []
    assert misses(spec, 0.91, 0.89, 2, 0.89, "groups") == ["lines", "users", "k", "coverage"]
    assert misses(Spec(events=20), 1.0, 0.75, 0, 1.0, "groups") == []
    assert misses(Spec(kind="null"), 1.0, None, 0, 0.0, "none") == []
    assert misses(Spec(kind="crowd"), 1.0, None, 3, 1.0, "groups") == ["groups"]
    assert misses(Spec(kind="continuum"), 1.0, None, 3, 1.0, "groups") == []
    assert f"{small.domain} {small.seed} users" in line("x", [Score(**{**vars(small), "misses": ["users"]})])


def test_every_kind_stands_in_the_table() -> None:
    """Every kind of world, domain and vocabulary is a row, with its number of seeds."""
    rows = dict(worlds(3, 5))
    kinds = {spec.kind for specs in rows.values() for spec in specs}
    assert {*PLANTED, "continuum", "null", "crowd"} <= kinds
    assert [len(rows[name]) for name in ("mix", "null", "crowd")] == [3, 5, 5]
    assert {(s.domain, s.vocabulary) for n, specs in rows.items() if n.startswith("personas") for s in specs} == {
        (domain, vocabulary) for domain in ("kitchen", "library", "fleet") for vocabulary in ("closed", "open")
    }


def test_outliers_count_whichever_way_is_better() -> None:
    """Outliers count as one group or as single ones, whichever scores higher."""
    truth = np.array([0, 0, 0, 1, 1, 1])
    assert better(truth, np.array([-1, -1, -1, 4, 4, 4])) == 1.0
    assert better(np.arange(6), np.array([-1] * 6)) == 1.0


@pytest.mark.skipif(importlib.util.find_spec("bertopic") is not None, reason="BERTopic is installed")
def test_a_missing_extra_is_named_before_anything_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Without BERTopic the exit status is 2, the extra is named, and nothing is printed."""
    assert main(["--baselines"]) == 2
    said = capsys.readouterr()
    assert "persona-agent[bench]" in said.err
    assert said.out == ""


def test_worlds_are_the_same_every_time() -> None:
    """The same specification gives the same lines, another seed others."""
    spec = Spec(kind="mix", users=20, events=20, seed=9)
    assert generate(spec).lines == generate(spec).lines
    assert generate(spec).lines != generate(Spec(kind="mix", users=20, events=20, seed=10)).lines


def test_a_shuffled_log_keeps_sessions_and_months() -> None:
    """Sessions stay whole and each user has as many of them in each month as before, but others."""
    records = [
        {"user_id": f"u{u}", "timestamp": f"2024-0{1 + s % 2}-{5 + s:02d}T10:{10 * e:02d}:00Z", "action": f"a{u}{s}{e}"}
        for u in range(6)
        for s in range(6)
        for e in range(3)
    ]
    shuffled_records = shuffle_sessions(records, seed=1)
    assert [r["action"] for r in shuffled_records] == [r["action"] for r in records]
    for start in range(0, len(records), 3):
        assert len({r["user_id"] for r in shuffled_records[start : start + 3]}) == 1, "sessions stay whole"

    def sessions_a_month(log: list[dict[str, str]]) -> list[tuple[str, str]]:
        return sorted((r["user_id"], r["timestamp"][:7]) for r in log[::3])

    assert sessions_a_month(shuffled_records) == sessions_a_month(records)
    assert shuffled_records != records


def test_a_shuffled_log_is_a_row_of_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The written log has the same actions and other users; the command draws as many users as asked, prints its row alone
    and counts states.
    """
    log, found = tmp_path / "log.csv", tmp_path / "rows.json"
    days = [f"2024-03-{d:02d}T10:00:00Z" for d in range(1, 6)]
    with log.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["user_id", "timestamp", "action"])
        writer.writeheader()
        writer.writerows({"user_id": f"u{u}", "timestamp": t, "action": f"a{u % 3}"} for u in range(12) for t in days)
    records = shuffled.load(log)
    assert len({r["user_id"] for r in shuffled.sample(records, 5, 0)}) == 5
    written = shuffled.load(shuffled.write(records, 1, tmp_path / "shuffled.csv"))
    assert [r["action"] for r in written] == [r["action"] for r in records]
    assert [r["user_id"] for r in written] != [r["user_id"] for r in records]
    assert main(["--logs", str(log), "--null-seeds", "2", "--log-users", "9", "--json", str(found)]) == 0
    said = capsys.readouterr().out
    assert "9 users drawn a seed: 2 seeds, 2 none" in said
    assert "Planted worlds" not in said
    assert '"states"' in found.read_text()
