"""Scoring a method that places users: parts of logs, figures of halves, an analyst's labels, and the table of real logs."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evals.bench import placed
from evals.placing.events import DAY, Events, joined, read_events, values_of
from evals.placing.methods import Labelled, Report, tilts
from evals.placing.scores import WIDE, Half, agreement, ari_outside, crossed, firmness, kappa, mean_gain
from evals.placing.today import Today
from evals.placing.views import Views, views_of
from evals.suite import Failed, suite_of
from evals.suites import habits
from evals.worlds import HabitSpec, HabitWorld, generate_habits

WORLD = HabitSpec("short", 160, 2, strength=0.9)


@pytest.fixture(scope="module")
def world() -> HabitWorld:
    return generate_habits(WORLD)


@pytest.fixture(scope="module")
def events(world: HabitWorld, tmp_path_factory: pytest.TempPathFactory) -> Events:
    return read_events(world.write(tmp_path_factory.mktemp("world") / "log.jsonl"), world.personas)


@pytest.fixture(scope="module")
def views(events: Events) -> Views:
    return views_of(events)


def visits_by_month(events: Events) -> list[tuple[str, str]]:
    first = np.unique(events.visit, return_index=True)[1]
    month = events.ts[first].astype("datetime64[us]").astype("datetime64[M]").astype(str)
    return sorted(zip((events.users[u] for u in events.user[first]), month.tolist(), strict=True))


def test_a_log_is_read_whole(world: HabitWorld, events: Events) -> None:
    """All users by their names, all lines, nearly all visits apart, and each thing's category at hand."""
    assert set(events.users) == set(world.personas)
    assert len(events.user) == len(world.lines)
    assert events.n_visits == pytest.approx(sum(len(v) for v in world.visits.values()), rel=0.02)
    assert None not in values_of(events, "category")


def test_what_is_written_is_read_again(events: Events, tmp_path: Path) -> None:
    """Users, visits, times and things of a part survive being written as a log."""
    part = events.of_users(np.arange(len(events.users)) % 3 == 0)
    again = read_events(part.write(tmp_path / "part.jsonl"), part.users)
    assert again.users == part.users
    assert again.visit.tolist() == part.visit.tolist()
    assert again.ts.tolist() == part.ts.tolist()
    names = [[e.texts["object"][i] for i in e.object] for e in (part, again)]
    assert names[0] == names[1]


@pytest.mark.parametrize("how", ["time", "random"])
def test_halves_are_halves(events: Events, how: Any) -> None:
    """Each user's visits fall into two parts that differ by one at most; in time, the first half ends before the second."""
    half, owner = events.halves(how), events.user_of_visit
    inside = np.bincount(owner, weights=half)
    assert (np.abs(2 * inside - events.visits_of_user) <= 1).all()
    start = events.ts[np.unique(events.visit, return_index=True)[1]]
    if how == "time":
        for user in range(len(events.users)):
            mine = owner == user
            if inside[user] and inside[user] < mine.sum():
                assert start[mine & half].max() <= start[mine & ~half].min()


def test_exchanged_visits_keep_users_and_months(events: Events) -> None:
    """Each user has as many visits in each month as before, all lines are there, and most visits are another's."""
    null = events.exchanged(1)
    assert visits_by_month(null) == visits_by_month(events)
    assert sorted(null.ts.tolist()) == sorted(events.ts.tolist())
    assert (np.diff(null.user) >= 0).all()
    pairs = [set(zip(e.user.tolist(), e.ts.tolist(), strict=True)) for e in (events, null)]
    assert len(pairs[0] & pairs[1]) < 0.3 * len(events.ts)


def test_joined_logs_keep_their_users_apart(events: Events) -> None:
    """Two copies under two names are twice the users, visits and lines."""
    twice = joined({"a": events, "b": events})
    assert len(set(twice.users)) == 2 * len(events.users)
    assert twice.n_visits == 2 * events.n_visits
    assert twice.visits_of_user.tolist() == events.visits_of_user.tolist() * 2


def test_the_category_is_the_view_of_things(events: Events, views: Views) -> None:
    """Things are counted by the 24 categories that they determine; brand and price are views; a field of users is none."""
    assert views.tables["things"][2] == 24
    assert {"acts", "hours", "weekends", "size", "brand", "on_offer", "price"} <= set(views.tables)
    codes = np.array([json.dumps({"city": f"c{user % 4}"}) for user in range(len(events.users))])
    texts, properties = np.unique(codes[events.user], return_inverse=True)
    of_users = replace(events, properties=properties, texts={**events.texts, "properties": texts.tolist()})
    assert "city" not in views_of(of_users).tables


def test_what_has_no_hour_is_in_no_view_of_hours(events: Events, views: Views) -> None:
    """With all times at midnight no visit is counted by hour, and as many by weekend."""
    dated = replace(events, ts=events.ts // DAY * DAY)
    assert views.counts(dated)["hours"].sum() == 0
    assert views.counts(dated)["weekends"].sum() == events.n_visits


def test_agreement_counts_both_ways_and_misses() -> None:
    """Three of the four users placed by the first half and all three of the second are alike; not placed is a miss."""
    found = agreement(np.array([0, 0, 1, 1, -1]), np.array([0, 0, 1, -1, -1]))
    assert (found.same, found.placed) == (6, 7)
    assert found.chance == pytest.approx((4 / 7) ** 2 + (3 / 7) ** 2)
    assert agreement(np.array([-1]), np.array([-1])).kappa is None


def test_one_persona_for_all_is_no_agreement() -> None:
    """Everybody in one persona is alike in both halves, and the kappa of it is 0."""
    assert agreement(np.zeros(9, dtype=np.int64), np.zeros(9, dtype=np.int64)).kappa == 0


def test_chance_is_within_a_fold() -> None:
    """Personas of two folds cannot be alike: two equal ones each make chance a half, not a quarter."""
    label = np.array([0, 1, WIDE, WIDE + 1])
    assert agreement(label, label).chance == 0.5


def test_firmness_is_of_the_personas_of_the_report() -> None:
    """A persona of a fold that is like none of the report's is none of them; users with one visit are not tested."""
    half = Half(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2]), np.array([True, True, True, False]))
    first, second = firmness(half, {0: 1, 1: 0}, 2)
    assert (first.same, first.placed, second.same, second.placed) == (2, 3, 2, 3)
    assert firmness(half, {0: 0}, 2)[1].kappa is None


def test_tilts_of_everybody_are_one() -> None:
    """A persona of everybody does all things as often as everybody; one that does one thing more tilts it above 1."""
    counts = np.array([[8.0, 2.0], [8.0, 2.0], [2.0, 8.0], [2.0, 8.0]]).repeat(20, axis=0)
    base = np.full(counts.shape, 0.5)
    assert tilts(counts, np.zeros(80, dtype=np.int64), 1, base) == pytest.approx(np.ones((1, 2)))
    assert tilts(counts, np.arange(80) // 40, 2, base)[0, 0] > 1.4


def test_planted_labels_come_back_but_not_on_exchanged_visits(world: HabitWorld, events: Events, views: Views) -> None:
    """With the truth as segments: kappa by both halves over .5, index over .4, and a gain whose interval is above 0. The
    same with visits exchanged between users: kappa and index under .15, and a gain of at most a tenth of that.
    """
    segments = {user: f"s{p}" for user, p in world.personas.items()}
    truth = np.array([world.personas[user] for user in events.users])
    method, gains = Labelled(segments, views), []
    for log, right in ((events, True), (events.exchanged(4), False)):
        found = crossed(method, log, views, method.report(log), 4)
        value, ends = mean_gain(found.gain, found.gain_visits)
        assert value is not None and ends is not None
        gains.append(value)
        kappas = [kappa(found.halves[how])[0].kappa or 0 for how in ("time", "random")]
        index = ari_outside(truth, found.whole, found.fold)
        assert (min(kappas) > 0.5 and index > 0.4 and ends[0] > 0) if right else (max(kappas) < 0.15 and index < 0.15)
    assert gains[1] < gains[0] / 10


def test_segments_that_stand_for_nobody_are_not_placed(world: HabitWorld, events: Events, views: Views) -> None:
    """A segment that is named as nobody's, and one of fewer than 20 users, are no classes."""
    names = list(world.personas)
    segments = {user: "rare" if i < 5 else "none" if i < 60 else f"s{i % 2}" for i, user in enumerate(names)}
    report = Labelled(segments, views, ["none"]).report(events)
    assert report.names == ["s0", "s1"]
    assert (report.label < 0).sum() == 60


def test_today_places_by_groups_of_other_users(events: Events) -> None:
    """The program as it is gives each user a label or none, for those it was placed from and for others; its report names as
    many personas as it marks shown or not.
    """
    few = events.of_users(np.arange(len(events.users)) < 80)
    model = Today().place(few)
    others = events.of_users(np.arange(len(events.users)) >= 80)
    assert len(model.assign(others)) == len(others.users)
    assert len(model.own()) == len(few.users)
    report = Today().report(few)
    assert len(report.names) == len(report.shown) >= report.label.max()


class Everybody:
    """One persona, which all are in, and which is shown."""

    def place(self, events: Events) -> Everybody:
        self.n = len(events.users)
        return self

    def own(self) -> Any:
        return np.zeros(self.n, dtype=np.int64)

    def assign(self, events: Events) -> Any:
        return np.zeros(len(events.users), dtype=np.int64)

    def report(self, events: Events) -> Report:
        return Report(np.zeros(len(events.users), dtype=np.int64), np.ones(1, dtype=bool), ["all"])


def test_a_world_and_its_null_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """One persona for all: every placeable user stands in a shown persona, the index and kappa are 0, the null shows one."""
    monkeypatch.setitem(habits.METHODS, "today", Everybody())
    spec = {"kind": "short", "users": 120, "seed": 1}
    got = habits.measure_world(spec, "today", 2)
    json.dumps(got)
    assert got["placeable_shown"] == got["placeable"] > 0
    assert got["ari"] == got["kappa_time"]["value"] == 0
    assert got["gain"][0] == pytest.approx(0, abs=1e-3)
    assert habits.measure_null({**spec, "null": True}, "today") == {"shown": 1, "found": 1}


def test_the_suite_says_what_misses() -> None:
    """Of one kind with a persona on its null, four of ten placeable users shown and two personas too few, all three
    numbers miss their targets; a job that failed makes errors.
    """
    data = {**suite_of(habits).data, "kinds": ["thin", "rhythm"], "seeds": [0]}
    ceiling = {"ari": 0.5}
    halves = {f"kappa_{how}": {"value": 0.4, "ends": [0.3, 0.5], "n": 9, "chance": 0.2} for how in ("time", "random")}
    good = {
        "planted": 6,
        "shown": 4,
        "found": 5,
        "placeable": 10,
        "placeable_shown": 4,
        "ari": 0.4,
        "gain": [0.1, [0, 1]],
    }
    thin = {**good, "ceiling": ceiling, "ari_time": 0.2, "ari_random": 0.2, **halves}
    given = {
        "thin 0": thin,
        "thin 0 null": {"shown": 1, "found": 1},
        "rhythm 0": Failed("x"),
        "rhythm 0 null": Failed("x"),
    }
    made = {n.name: n for n in habits.numbers(given, data)}
    assert made["personas_shown_on_nulls"].value == 1
    assert made["personas_shown_on_nulls"].n_error == 1
    missed = {name for name, n in made.items() if n.met is False and name.endswith(("thin", "nulls"))}
    assert missed == {"personas_shown_on_nulls", "placeable_shown.thin", "k_off.thin"}
    assert made["kappa_time.thin"].interval == (0.3, 0.5)
    assert made["ari.rhythm"].value is None


def test_the_table_of_a_real_log(
    world: HabitWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row for the method and one for the analyst, personas with members and tests, and the same as JSON."""
    monkeypatch.setitem(habits.METHODS, "today", Everybody())
    log = world.write(tmp_path / "shop.jsonl")
    with gzip.open(tmp_path / "shop.assignments.csv.gz", "wt", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["user_id", "segment"])
        rows.writerows((user, f"segment {persona}") for user, persona in world.personas.items())
    out = tmp_path / "figures.json"
    asked = [str(log), "--rivals", str(tmp_path), "--folds", "2", "--nulls", "1", "--json", str(out)]
    assert placed.main(asked) == 0
    shown = capsys.readouterr().out
    assert "today: 1 of 1 personas shown" in shown
    assert "segment 3" in shown
    figures = json.loads(out.read_text())["shop.jsonl"]
    assert figures["rival"]["kappa"]["time"]["kappa"] > figures["today"]["kappa"]["time"]["kappa"] == 0
    assert figures["today"]["nulls"] == [1]


def test_assignments_without_their_columns_are_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file and the columns that it lacks are named, and the status is 2."""
    (tmp_path / "shop.assignments.csv.gz").write_bytes(gzip.compress(b"who,what\na,b\n"))
    assert placed.main([str(tmp_path / "shop.jsonl"), "--rivals", str(tmp_path)]) == 2
    assert "user_id and segment" in capsys.readouterr().err
