"""The suite of groups: worlds with known truth, and what becomes of worlds that failed."""

from __future__ import annotations

import csv
import json
import pickle
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.bench import cuts
from evals.results import Number
from evals.suite import Failed, Fixtures, suite_of
from evals.suites import groups
from evals.worlds import KINDS, Spec, World, generate
from evals.worlds.generator import BOT, DEVICES, START

SUITE = suite_of(groups)
PLANTED = Spec(users=70, events=25, seed=5)
NULL = Spec("library", "null", users=70, events=25, seed=5)


def planted(**more: Any) -> dict[str, Any]:
    """What a job returns of a world in which all went well."""
    good = {"state": "groups", "found": 5, "planted": 5, "lines": 1.0, "users": 0.95, "coverage": 1.0, "n_users": 300}
    rest = {"noise_recall": 0.9, "bot_kept": 0, "just": {"course": 0.8, "device": 0.0}, "kappa": 0.8}
    return {**good, **rest, "stability": 0.9, "users_interval": [0.9, 1.0], "smallest": 0.8, **more}


def nobody(**more: Any) -> dict[str, Any]:
    nothing = {"kappa": None, "stability": None, "users": None}
    return planted(state="none", found=0, planted=0, coverage=0.0, **nothing, **more)


def results(**changed: Any) -> dict[str, Any]:
    """A good result for every job; `changed` by job, with `_` for a space."""
    empty = [c.job for c in groups.cases(SUITE.data) if c.spec.kind not in groups.clusters.PLANTED]
    given: dict[str, Any] = {c.job: nobody() if c.job in empty else planted() for c in groups.cases(SUITE.data)}
    by_hand = {"courses": 0, "asked_for": (0, 3), "cut": (1, 12)}
    for job in SUITE.jobs(Fixtures(Path("x")), SUITE.data)[len(given) :]:
        given[job.name] = by_hand.get(job.name.split()[0], {"state": "none", "found": 0})
    assert set(changed) <= {name.replace(" ", "_") for name in given}
    return {name: changed.get(name.replace(" ", "_"), result) for name, result in given.items()}


def numbers(**changed: Any) -> dict[str, Number]:
    made = SUITE.numbers(results(**changed), SUITE.data)
    assert len({n.name for n in made}) == len(made), "names are unique"
    return {n.name: n for n in made}


def test_two_runs_give_the_same() -> None:
    """A planted and a null world measured twice give the same JSON without a time; the null one has no groups."""
    for spec in (PLANTED, NULL):
        once, again = (groups.measure_world(asdict(spec)) for _ in range(2))
        assert json.dumps(once, sort_keys=True) == json.dumps(again, sort_keys=True)
        assert not {"seconds", "time"} & set(once)
    assert once["state"] == "none"
    assert once["found"] == 0
    assert once["kappa"] is None


def test_a_world_with_personas_is_scored_against_them() -> None:
    """Two planted personas are found over 0.8 within their interval, and their members keep to them."""
    got = groups.measure_world(asdict(Spec("fleet", "two", users=70, events=40, seed=5)))
    assert got["users"] > 0.8
    assert got["users_interval"][0] <= got["users"] <= got["users_interval"][1]
    assert got["kappa"] > 0.5
    assert got["smallest"] > 0.8


def test_noise_recall_counts_planted_noise_only() -> None:
    """Recall is the share of planted noise lines that are left out, undefined without any."""
    world = World(Spec(), line_intents={1: 0, 2: -1, 3: -1, 4: -1, 5: -1})
    assert groups.noise_recall(world, {1: -1, 2: 3, 3: -1}) == 0.75
    assert groups.noise_recall(World(Spec(), line_intents={1: 0}), {}) is None


def test_the_first_number_is_personas_shown_where_there_are_none() -> None:
    """The first number counts personas over all logs without groups, and its reason names them; a continuum, whose
    groups are cuts of a line, is counted apart and has no target.
    """
    first = SUITE.numbers(results(), SUITE.data)[0]
    assert (first.name, first.value, first.target, first.better) == (
        "personas_shown_on_logs_without_groups",
        0,
        0,
        "lower",
    )
    kinds = Counter(c.spec.kind for c in groups.cases(SUITE.data))
    logs = sum(len(of["seeds"]) for of in SUITE.data["shuffled"].values())
    assert first.n == kinds["null"] + kinds["crowd"] + logs
    wrong = {"crowd_201": nobody() | {"state": "groups", "found": 3}, "continuum_200": planted(found=4)}
    got = numbers(**wrong, **{"shuffled_moodle_edify.csv.gz_1": {"state": "groups", "found": 2}})
    assert got[first.name].value == 5
    assert "crowd 201 (3, groups)" in got[first.name].reason
    assert got["false_alarms"].value == 2 / first.n
    assert (got["continuum_called_groups"].value, got["continuum_called_groups"].met) == (0.5, None)


def test_a_failed_job_is_an_error_of_each_of_its_numbers() -> None:
    """A failed job is an error and no case of the numbers that it is part of; the others are as before."""
    good = numbers()
    got = numbers(null_200=Failed("x"), personas_201=Failed("x"), bot_200=Failed("x"), numeric_200=Failed("x"))
    first = "personas_shown_on_logs_without_groups"
    assert (got[first].value, got[first].n, got[first].n_error) == (0, good[first].n - 1, 1)
    for name, number in got.items():
        row = name.partition(".")[2]
        if row in ("null", "personas", "bot", "numeric"):
            assert (number.n, number.n_error) == (good[name].n - 1, 1), name
            assert (number.value is None) == (number.n == 0), name
        elif row in ("two", "mix", "crowd"):
            assert number == good[name]
    assert got["bot_set_aside"].value is None
    assert got["bot_set_aside"].n_error == 1
    nothing = SUITE.numbers({}, SUITE.data)
    assert all(n.value is None and n.n == 0 and n.n_error > 0 for n in nothing)


def test_fields_that_no_world_told_of_are_still_rows() -> None:
    """A field without a result is an undefined row that misses its target."""
    assert numbers(numeric_200=Failed("x"))["is_it_just.course"].n_error == 1
    got = numbers(numeric_200=planted(just={"properties.device": 0.6}))
    assert (got["is_it_just.course"].value, got["is_it_just.course"].met) == (None, False)
    assert got["is_it_just.device"].met is False
    assert numbers()["is_it_just.course"].met is True


def test_what_was_not_found_is_not_zero_and_the_worst_k_stands() -> None:
    """A world without groups is out of kappa and stability, in the users' index with 0, and the worst number of groups
    stands.
    """
    missed = planted(state="none", found=0, kappa=None, stability=None, users=0.0, coverage=0.0)
    got = numbers(personas_201=missed)
    assert got["k_off.personas"].value == 5
    assert got["k_off.personas"].met is False
    assert got["k_off.personas"].reason == "5 for 5, 0 for 5, 5 for 5"
    for name in ("kappa", "stability"):
        assert got[f"{name}.personas"].n == 2
        assert got[f"{name}.personas"].value == pytest.approx(numbers()[f"{name}.personas"].value)
    assert got["ari_users.personas"].interval is not None
    assert got["ari_users.personas"].interval[0] == 0
    assert got["ari_users.two"].interval == (0.9, 1.0), "of one world: its users' own"


def test_a_bot_that_was_kept_misses_its_target() -> None:
    """The target is met without a kept line of the bot, and missed with one."""
    assert numbers()["bot_set_aside"].met is True
    assert numbers(bot_200=planted(bot_kept=7))["bot_set_aside"].met is False


def test_the_data_cover_what_the_suite_promises() -> None:
    """All kinds and sizes are there, drift, a bot and a small persona too; jobs have names of their own, can be sent to a
    process and take 210 seconds at most.
    """
    specs = [c.spec for c in groups.cases(SUITE.data)]
    assert {s.kind for s in specs} == set(KINDS)
    assert {100, 300, 1000, 2000, 5000} == {s.users for s in specs}
    assert any(s.drift for s in specs)
    assert any(s.bot for s in specs)
    assert any(s.kind == "small" and s.smallest <= 0.02 and s.users >= 2000 for s in specs)
    made = SUITE.jobs(Fixtures(Path("fixtures")), SUITE.data)
    assert len({j.name for j in made}) == len(made)
    assert sum(j.seconds for j in made) <= 210
    for job in made:
        pickle.dumps(job.of)
        json.dumps(job.arguments)


def test_what_is_made_of_nobody_is_counted() -> None:
    """Personas of small courses, shown ones that were asked for and comparisons that a cut made are summed over seeds; a job that
    failed is an error of its own number alone.
    """
    made = numbers(courses_1=3, asked_for_201=(2, 3), cut_200=Failed("full"))
    courses, asked, cut = (
        made[name]
        for name in ("personas_shown_on_small_courses", "shown_where_three_were_asked_for", "told_of_what_a_cut_made")
    )
    assert (courses.value, courses.n, courses.met) == (3, 2, False)
    assert (asked.value, asked.n, asked.n_error) == (2, 6, 0)
    assert (cut.value, cut.n, cut.n_error) == (pytest.approx(1 / 12), 12, 1)


def test_a_cut_is_of_the_halves_too() -> None:
    """In a world where everybody does alike, who did most of something by one half is nobody in particular by the other."""
    told, compared = cuts.compared(Spec("library", "null", users=150, seed=7))
    assert compared == 12
    assert told <= 3


def test_a_flooding_bot_is_no_part_of_the_truth() -> None:
    """The bot writes a quarter of the lines, is in no truth, leaves people as they are, is set aside, and moves nobody."""
    spec = Spec(users=100, seed=5)
    world, plain = generate(replace(spec, bot=True)), generate(spec)
    mine = [n for n, text in enumerate(world.lines, 1) if f'"{BOT}"' in text]
    assert len(mine) / len(world.lines) == pytest.approx(0.25, abs=0.01)
    assert not set(mine) & set(world.line_intents)
    assert world.user_personas == plain.user_personas
    assert sorted(world.lines[n - 1] for n in world.line_intents) == sorted(
        plain.lines[n - 1] for n in plain.line_intents
    )
    got = groups.measure_world(asdict(replace(spec, bot=True)))
    assert got["bot_kept"] == 0
    assert got["users"] == pytest.approx(groups.measure_world(asdict(spec))["users"], abs=0.05)


def test_drift_moves_intents_in_the_second_half_only() -> None:
    """With drift a persona's second intent rises in the second half; without it the halves are alike."""

    def halves(drift: bool) -> list[np.ndarray]:
        world = generate(Spec(users=200, seed=3, drift=drift))
        counts = np.zeros((2, 6))
        for number, intent in world.line_intents.items():
            record = json.loads(world.lines[number - 1])
            if world.user_personas[record["user"]] == 0 and intent >= 0:
                counts[int(record["timestamp"][:10] >= middle), intent] += 1
        return list(counts / counts.sum(axis=1, keepdims=True))

    middle = str(np.datetime64(START.date()) + 60)
    first, second = halves(drift=True)
    assert first[1] < 0.15 < 0.25 < second[1]
    before, after = halves(drift=False)
    assert abs(before - after).max() < 0.05


def test_a_course_is_the_personas_and_a_device_is_anybodys() -> None:
    """The course goes with the personas and the device does not, in the world and in what the suite finds."""
    spec = Spec("fleet", "numeric", users=100, events=40, seed=5, fields=True)
    world = generate(spec)
    users = {r["user"]: r for r in map(json.loads, (world.lines[n - 1] for n in world.line_intents))}
    pairs = Counter((world.user_personas[u], r["course"]) for u, r in users.items())
    assert sum(n for _, n in pairs.most_common(3)) > 80
    assert {r["device"] for r in users.values()} == set(DEVICES)
    just = groups.measure_world(asdict(spec))["just"]
    course, device = (next(v for k, v in just.items() if k.endswith(name)) for name in ("course", "device"))
    assert course > 0.5 > 0.1 > device


def test_a_log_is_shuffled_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log that is measured is the shuffled one, of as many users as asked."""
    log = tmp_path / "log.csv"
    days = [f"2024-03-{d:02d}T10:00:00Z" for d in range(1, 6)]
    with log.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["user_id", "timestamp", "action"])
        writer.writeheader()
        writer.writerows({"user_id": f"u{u}", "timestamp": t, "action": f"a{u % 3}"} for u in range(12) for t in days)
    seen: list[Path] = []
    real = groups.shuffled.write

    def write(records: list[dict[str, str]], seed: int, target: Path) -> Path:
        seen.append(target)
        assert len({r["user_id"] for r in records}) == 9
        return real(records, seed, target)

    monkeypatch.setattr(groups.shuffled, "write", write)
    assert groups.measure_log(str(log), 9, 1) == {"state": "none", "found": 0}
    assert len(seen) == 1
