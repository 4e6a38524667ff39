"""The suite of prediction: measures of ranking, the cut between past and future, the rankers, and the numbers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import pickle
from itertools import permutations
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.results import Number
from evals.suite import Failed, Fixtures, suite_of
from evals.suites import prediction
from evals.suites.past import Past, cut_log, text_of
from evals.suites.ranking import MEASURES, by_chance, measured, ranks
from evals.worlds import Spec, generate
from persona_agent.log.reading import find_log
from persona_agent.options import Options

SUITE = suite_of(prediction)
WORLD = {"domain": "library", "kind": "personas", "users": 70, "events": 25, "seed": 5}
SHARE = 0.7
LOGS = list(SUITE.data["logs"])


@st.composite
def ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with many ties, candidates, and at least one target a user."""
    users, objects = draw(st.integers(1, 4)), draw(st.integers(1, 25))
    shape = (users, objects)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    scores = rng.integers(0, draw(st.integers(1, 30)), shape) / 7
    candidates = rng.random(shape) < draw(st.sampled_from([0.3, 0.8, 1.0]))
    targets = candidates & (rng.random(shape) < 0.3)
    one = rng.integers(0, objects, users)
    candidates[np.arange(users), one] = targets[np.arange(users), one] = True
    return scores, candidates, targets


@given(ranked())
@settings(max_examples=150, deadline=None)
def test_measures_are_between_0_and_1(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Each measure has one value a user, from 0 to 1, for any scores and by chance."""
    for found in (measured(*case), by_chance(*case[1:])):
        assert set(found) == set(MEASURES)
        for values in found.values():
            assert values.shape == (len(case[0]),)
            assert ((values >= 0) & (values <= 1)).all()


@given(ranked())
@settings(max_examples=150, deadline=None)
def test_who_knows_the_future_reaches_1(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """Scores that put targets first reach 1, and what is no candidate changes nothing."""
    scores, candidates, targets = case
    perfect = measured(scores + 1000 * targets, candidates, targets)
    assert all(np.allclose(values, 1) for values in perfect.values())
    given_more = measured(scores + 1000 * ~candidates, candidates, targets)
    assert all(np.array_equal(given_more[m], v) for m, v in measured(*case).items()), "only candidates are ranked"


@given(ranked())
@settings(max_examples=150, deadline=None)
def test_a_higher_score_of_a_target_never_hurts(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    """No measure falls when targets score higher."""
    scores, candidates, targets = case
    before, after = measured(*case), measured(np.where(targets, scores + 0.5, scores), candidates, targets)
    assert all((after[m] >= before[m] - 1e-12).all() for m in MEASURES)


@given(st.integers(1, 30), st.integers(0, 10**6))
@settings(max_examples=60, deadline=None)
def test_ties_do_not_favour_the_truth(objects: int, seed: int) -> None:
    """Equal scores come to chance, in the same order every time, and the last digits break no tie."""
    nothing, everything = np.zeros((objects, objects)), np.ones((objects, objects), dtype=bool)
    each = np.eye(objects, dtype=bool)
    found, chance = measured(nothing, everything, each), by_chance(everything, each)
    for measure in MEASURES:
        assert found[measure].mean() == pytest.approx(chance[measure].mean())
    scores = np.random.default_rng(seed).integers(0, 3, (2, objects)).astype(float)
    both = np.ones(scores.shape, dtype=bool)
    assert np.array_equal(ranks(scores, both), ranks(scores.copy(), both)), "the same every time"
    noise = np.random.default_rng(seed).normal(0, 1e-15, scores.shape)
    assert np.array_equal(ranks(scores + noise, both), ranks(scores, both)), "the last digits break no tie"


def test_ties_are_not_in_the_order_of_the_alphabet() -> None:
    """Equal scores have one order for all users, which does not go with the names."""
    rank = ranks(np.zeros((2, 200)), np.ones((2, 200), dtype=bool))
    assert rank[0].tolist() == rank[1].tolist(), "one order for all"
    assert abs(np.corrcoef(rank[0], np.arange(200))[0, 1]) < 0.2


@pytest.mark.parametrize(("n", "hits"), [(1, 1), (4, 1), (5, 2), (5, 5), (6, 3)])
def test_chance_is_the_mean_over_all_orders(n: int, hits: int) -> None:
    """By chance each measure is its mean over all orders."""
    orders = np.array(list(permutations(range(n))), dtype=float)
    everything, targets = np.ones(orders.shape, dtype=bool), np.arange(n)[None, :] < np.full((len(orders), 1), hits)
    mean, chance = measured(orders, everything, targets), by_chance(everything[:1], targets[:1])
    for measure in MEASURES:
        assert chance[measure][0] == pytest.approx(mean[measure].mean())


def test_measures_by_hand() -> None:
    """NDCG, hit rate and reciprocal rank are those computed by hand."""
    scores = -np.arange(20.0)[None, :]
    everything, targets = np.ones((1, 20), dtype=bool), np.zeros((1, 20), dtype=bool)
    targets[0, [2, 4, 15]] = True
    found = measured(scores, everything, targets)
    ideal = 1 + 1 / np.log2(3) + 1 / 2
    assert found["ndcg_at_10"][0] == pytest.approx((1 / 2 + 1 / np.log2(6)) / ideal)
    assert (found["hr_at_10"][0], found["mrr"][0]) == (1, pytest.approx(1 / 3))
    late = measured(scores, everything, np.arange(20)[None, :] == 10)
    assert [late[m][0] for m in MEASURES] == [0, 0, pytest.approx(1 / 11)], "rank 11 is no hit, but has a rank"
    one = by_chance(np.ones((1, 100), dtype=bool), np.arange(100)[None, :] == 3)
    assert one["hr_at_10"][0] == pytest.approx(0.1)


def test_who_cannot_be_scored_is_refused() -> None:
    """A user without a target, and a target that is no candidate, are errors."""
    for candidates, targets in (([True, True], [False, False]), ([True, False], [True, True])):
        with pytest.raises(ValueError, match="target"):
            measured(np.zeros((1, 2)), np.array([candidates]), np.array([targets]))


# --- the cut ---


def cut_in(folder: Path, name: str, text: bytes, share: float) -> bytes:
    (folder / name).write_bytes(text)
    path, _ = cut_log(find_log(Options(inputs=(str(folder / name),))), share, folder)
    return path.read_bytes()


def test_the_past_holds_no_line_of_the_future(tmp_path: Path) -> None:
    """The past holds exactly the lines before the cut, in the log's order."""
    world = generate(Spec(users=10, events=15, seed=3))
    lines = [line for line in world.lines if '"object"' in line]
    np.random.default_rng(0).shuffle(lines)
    moments = sorted(json.loads(line)["timestamp"] for line in lines)
    past = cut_in(tmp_path, "log.jsonl", "\n".join(lines).encode(), 0.6).decode().splitlines()
    cut = moments[int(0.6 * len(moments))]
    assert past == [line for line in lines if json.loads(line)["timestamp"] < cut]
    assert 0.5 < len(past) / len(lines) <= 0.6


def test_records_are_cut_whole(tmp_path: Path) -> None:
    """Records of a compressed CSV that go over two lines are there whole or not at all."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["user_id", "timestamp", "action", "object"])
    for day in (1, 9, 2, 8, 3, 7):
        rows.writerow([f"u{day}", f"2024-03-0{day}T10:00:00Z", "open", f'a "page"\nof {day}, in two lines'])
    past = cut_in(tmp_path, "log.csv.gz", gzip.compress(out.getvalue().encode()), 0.5).decode()
    assert [row[0] for row in csv.reader(io.StringIO(past))] == ["user_id", "u1", "u2", "u3"]


@pytest.fixture(scope="module")
def result() -> dict[str, Any]:
    return prediction.measure(WORLD, SHARE)


def test_a_world_end_to_end(result: dict[str, Any]) -> None:
    """Catalogue, users, targets and unseen objects are those counted in the world, and a user's own past beats chance."""
    records = [json.loads(line) for line in generate(Spec(**WORLD)).lines if '"object"' in line]
    cut = sorted(r["timestamp"] for r in records)[int(SHARE * len(records))]
    past, future = ({(r["user"], r["object"]) for r in records if (r["timestamp"] < cut) is p} for p in (True, False))
    known, users = {o for _, o in past}, {u for u, _ in past}
    targets = {(u, o) for u, o in future if u in users and o in known}
    new, repeat = {u for u, _ in targets - past}, {u for u, _ in targets & past}
    assert result["catalogue"] == len(known)
    assert result["users"] == len(new | repeat)
    assert [len(result["columns"][c]["random"]["mrr"]) for c in ("new", "repeat")] == [len(new), len(repeat)]
    after = [r for r in records if r["timestamp"] >= cut]
    assert sum(map(len, result["unseen"])) == len(after)
    assert sum(map(sum, result["unseen"])) == sum(r["object"] not in known for r in after)
    assert result["agree"][0] == result["agree"][1] == sum(r["timestamp"] < cut for r in records)
    mrr = {r: np.mean(of["mrr"]) for r, of in result["columns"]["repeat"].items()}
    assert mrr["one_persona_per_user"] > 1.3 * mrr["random"], "histories of others would not do that"


def test_two_runs_give_the_same(result: dict[str, Any]) -> None:
    """Measured twice a world gives the same JSON, which survives the way to another process."""
    assert json.dumps(prediction.measure(WORLD, SHARE), sort_keys=True) == json.dumps(result, sort_keys=True)
    assert json.loads(json.dumps(result)) == pickle.loads(pickle.dumps(result)) == result


# --- the rankers ---


def past(**changed: Any) -> Past:
    """Four users, four objects: two personas of one user each and two of nobody."""
    counts = np.array([[3.0, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 4], [0, 5, 0, 0]])
    plain = {
        "users": ["ua", "ub", "uc", "ud"],
        "catalogue": ["apple pie", "bread loaf", "car engine", "duck pond"],
        "counts": counts,
        "last": np.where(counts > 0, counts * 1_000_000 + 10**15, 0).astype(np.int64),
        "weights": np.array([[0.5, 0], [0, 0.9], [0, 0], [0, 0]]),
        "texts": ["Eats cake and pie.", "Repairs a motor."],
        "everyone": "",
        "state": "groups",
        "shown": 0,
    }
    return Past(**{**plain, **changed})


def test_the_text_of_a_persona_is_what_is_read() -> None:
    """A persona's text is label, first sentence, narrative and accepted claims."""
    claims = [
        SimpleNamespace(text="It holds.", status="accepted"),
        SimpleNamespace(text="It fell.", status="withdrawn"),
    ]
    says = {"label": "Bakers", "one_liner": SimpleNamespace(text="They bake."), "claims": claims}
    persona = SimpleNamespace(**says, narrative=[SimpleNamespace(text="At noon.")])
    assert text_of(persona) == "Bakers They bake. At noon. It holds."


def order(scores: np.ndarray, user: int) -> list[int]:
    return np.argsort(-scores[user], kind="stable").tolist()


def test_personas_weigh_the_shares_of_their_past() -> None:
    """A score is the user's weights times the personas' shares of objects; who has no persona is ranked for as everyone."""
    found = prediction.rankings(past())
    popularity = [3 / 15, 6 / 15, 2 / 15, 4 / 15]
    assert found["personas"].round(9).tolist()[:2] == [[0.375, 0.125, 0, 0], [0, 0, 0.9, 0]]
    assert np.allclose(found["personas"][2:], popularity), "who has no persona is ranked for as everyone"
    assert np.allclose(found["popularity"], popularity)
    two = prediction.rankings(past(weights=np.array([[0.5, 0.2], [0, 0.9], [0, 0], [0, 0]])))
    shares = np.array([[0.75, 0.25, 0, 0], [0.5, 1 / 6, 1 / 3, 0]])
    assert np.allclose(two["personas"][0], 0.5 * shares[0] + 0.2 * shares[1])
    assert order(found["personas_text"], 0)[0] == 0
    assert order(found["personas_text"], 1)[0] == 2


def test_a_past_without_groups_is_one_persona() -> None:
    """Without groups personas rank as popularity does, and by the text about everyone; without a text not by text."""
    bare = past(weights=np.zeros((4, 0)), texts=[], everyone="Watches a duck on a pond.", state="none")
    found = prediction.rankings(bare)
    assert np.allclose(found["personas"], found["popularity"])
    assert order(found["personas_text"], 0)[0] == 3
    unwritten = prediction.rankings(past(weights=np.zeros((4, 0)), texts=[]))
    assert "personas_text" not in unwritten, "no text is no ranking"


def test_baselines_know_the_users_own_past() -> None:
    """Own history, recency and similarity rank by the user's past first, then by everyone's."""
    found = prediction.rankings(past())
    assert order(found["one_persona_per_user"], 0) == [0, 1, 3, 2], "own shares, then popularity"
    assert order(found["most_recent"], 0) == [0, 1, 3, 2], "own last, then anybody's last"
    assert order(found["most_recent"], 1) == [2, 1, 3, 0]
    assert [order(found["own_history_embedding"], u)[0] for u in range(4)] == [0, 2, 3, 1]
    assert set(found) | {"random"} == {*prediction.PERSONAS, *prediction.BASELINES}


def test_new_and_repeated_objects_stand_apart() -> None:
    """New objects are ranked among those not met yet, repeated ones among those met."""
    touched = np.zeros((4, 4), dtype=bool)
    touched[0, [0, 2]] = touched[1, 2] = True
    scores = prediction.rankings(past())
    new, repeat = (prediction.values(past(), touched, scores, c) for c in ("new", "repeat"))
    assert new["popularity"]["mrr"] == [1 / 2], "of the two objects not met the other is more popular"
    assert repeat["one_persona_per_user"]["mrr"] == [1, 1]
    assert len(repeat["random"]["mrr"]) == 2
    for measure in MEASURES:
        assert new["one_persona_per_user"][measure] == new["popularity"][measure]


# --- the numbers ---


def numbers(result: dict[str, Any], **changed: Any) -> dict[str, Number]:
    outcomes = {"outcome stopped": (True, []), "outcome upgraded": (True, [])}
    made = SUITE.numbers(dict.fromkeys(LOGS, result) | outcomes | changed, SUITE.data)
    assert len({n.name for n in made}) == len(made), "names are unique"
    return {n.name: n for n in made}


def test_numbers_of_users(result: dict[str, Any]) -> None:
    """n are users, each with an interval around its value, baselines without a direction and differences paired."""
    made = numbers(result)
    new = result["columns"]["new"]
    ours = made["ndcg_at_10.personas.library.new"]
    assert (ours.n, ours.better) == (len(new["personas"]["mrr"]), "higher")
    assert ours.value == pytest.approx(np.mean(new["personas"]["ndcg_at_10"]))
    assert ours.interval and ours.interval[0] < ours.value < ours.interval[1]
    assert f"{result['shown']} shown" in ours.reason or "no groups" in ours.reason
    for ranker in prediction.BASELINES:
        assert made[f"hr_at_10.{ranker}.library.repeat"].better == ""
        ahead = made[f"ndcg_at_10_personas_minus_{ranker}.library.new"]
        assert (ahead.better, ahead.n) == ("", ours.n)
        assert ahead.value == pytest.approx(ours.value - made[f"ndcg_at_10.{ranker}.library.new"].value)
    assert made["texts_agree.library"].met
    assert "no groups" in numbers(result, library={**result, "state": "none"})["mrr.personas.library.new"].reason


def test_what_is_missing_is_not_zero(result: dict[str, Any]) -> None:
    """A failed log is an error, one where nobody came back has no value, and a ranker that is missing has none."""
    nobody = {r: {m: [] for m in MEASURES} for r in result["columns"]["new"]}
    empty = {**result, "columns": {"new": nobody, "repeat": nobody}, "unseen": []}
    made = numbers(result, library=Failed("out of memory"), online_retail=empty)
    for name, number in made.items():
        if ".library" in name:
            assert (number.value, number.n, number.n_error, number.interval) == (None, 0, 1, None), name
        elif ".online_retail" in name and "texts" not in name:
            assert (number.value, number.n, number.n_error) == (None, 0, 0), name
        else:
            assert (number.value is None, number.n_error) == (False, 0), name
    textless = {**result["columns"]["new"]}
    del textless["personas_text"]
    given = numbers(result, library={**result, "columns": {**result["columns"], "new": textless}})
    assert given["mrr.personas_text.library.new"].value is None


def test_what_came_after_the_day_is_counted(result: dict[str, Any]) -> None:
    """Each kind of outcome has its numbers: a cause that is not told, and what is told of afterwards, by name."""
    made = numbers(result, **{"outcome stopped": (False, ["tinsel garland", "redeem points"])})
    assert (made["cause_told.stopped"].value, made["cause_told.upgraded"].value) == (0, 1)
    after = made["told_of_afterwards.stopped"]
    assert (after.value, after.met, after.reason) == (2, False, "tinsel garland, redeem points")
    assert made["told_of_afterwards.upgraded"].met


def test_every_log_is_a_job(tmp_path: Path) -> None:
    """Each log of the data is a job that can be sent to a process, in 90 seconds together; one that never ran is an error."""
    made = SUITE.jobs(Fixtures(tmp_path), SUITE.data)
    assert LOGS == ["library", "online_retail", "moodle_edify"]
    assert [job.name for job in made] == [*LOGS, "outcome stopped", "outcome upgraded"]
    assert all(pickle.loads(pickle.dumps(job)) == job for job in made)
    assert made[1].arguments[0] == str(tmp_path / "logs" / "online_retail.csv.gz")
    assert sum(job.seconds for job in made) < 90
    assert all(number.n_error == 1 for number in SUITE.numbers({}, SUITE.data)), "a job that never ran is an error"
