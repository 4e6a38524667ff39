"""Concentrations: planted ones are found with their figure, smooth logs have none, users set aside are opened at the end."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from persona_agent.commands.checking import figures_of_all
from persona_agent.evidence.concentrations import concentrations
from persona_agent.evidence.corpus import Binder, Bools, Corpus
from persona_agent.evidence.pile_ups import PartOfUsers
from persona_agent.evidence.pile_ups import among as piled_among
from persona_agent.schema import Concentration, Condition, Findings, Measure, Says
from persona_agent.words.english.piled_up import pile_told
from tests.factories import persona_set
from tests.tables import database

USERS, VISITS, WEEKS = 700, 8, 40
START = datetime(2024, 1, 1)
EMPTY = "CREATE TABLE {name} AS SELECT * FROM (SELECT {columns}) WHERE false"


def corpus_of(seed: int, plant: str = "", lids: str = "") -> Corpus:
    """A log of visits whose worth is log-normal, each user with a level of their own, spread over forty weeks; with one thing
    planted in it: an offer from 300 on (with `lids` every visit has a second thing, or each but those at the offer), an act that
    begins in week 25, or a half of visits gone from week 30 on.
    """
    rng = np.random.default_rng(seed)
    user = np.repeat(np.arange(USERS), VISITS)
    worth = np.exp(rng.normal(5.5, 0.4, USERS)[user] + rng.normal(0, 0.6, len(user)))
    day = rng.integers(0, 7 * WEEKS, len(user))
    act = np.where(rng.random(len(user)) < 0.3, "ask", "buy")
    near = np.zeros(len(user), dtype=bool)
    if plant == "pile":
        near = (worth > 240) & (worth < 300) & (rng.random(len(user)) < 0.4)
        worth = np.where(near, rng.uniform(300, 318, len(user)), worth)
    if plant == "act":
        act = np.where((day >= 7 * 25) & (rng.random(len(user)) < 0.5), "save", act)
    keep = np.ones(len(user), dtype=bool)
    if plant == "step":
        keep = (day < 7 * 30) | (rng.random(len(user)) < 0.4)
    order = np.lexsort((day, user))
    order = order[keep[order]]
    rows = {
        "user": np.array([f"u{u:04}" for u in user[order]], dtype=object),
        "session": np.array([f"s{i}" for i in order], dtype=object),
        "ts": np.array([START + timedelta(days=int(d), hours=12) for d in day[order]], dtype="datetime64[us]"),
        "action": act[order].astype(object),
        "value": np.round(worth[order], 2),
        "line": np.arange(len(order)),
    }
    con = database()
    con.register(
        "rows", {**rows, "object": np.full(len(order), "mug" if lids else "", dtype=object), "near": near[order]}
    )
    lid = {"": "false", "all": "true", "others": "NOT near"}[lids]
    con.execute(
        "CREATE TABLE events AS SELECT * EXCLUDE (near), '' AS text, '{}' AS properties, 'log' AS file, 0 AS n, '' AS hash "
        "FROM (FROM rows UNION ALL SELECT * REPLACE ('lid' AS object, 0.0 AS value, line + 99999 AS line) "
        f"FROM rows WHERE {lid}) "
        'ORDER BY "user", ts, session, line'
    )
    con.execute(EMPTY.format(name="memory_lines", columns="'' AS memory_id, '' AS file, 0::BIGINT AS line, 0 AS n"))
    con.execute(EMPTY.format(name="memories", columns="'' AS memory_id, '' AS user, 0 AS intent"))
    con.execute(EMPTY.format(name="members", columns="0 AS group_id, '' AS user"))
    return Corpus.prepare(con, "UTC", [f"u{u:04}" for u in range(0, USERS, 4)])


def only(found: Findings) -> Concentration:
    assert len(found.concentrations) == 1, found
    return found.concentrations[0]


def test_a_pile_up_above_a_round_sum_is_a_question_with_its_figure() -> None:
    """Two fifths of the visits of 240 to 300 moved to just above 300 are found there, and again on users set aside."""
    found = concentrations(corpus_of(1, "pile"), [])
    told = only(found)
    assert (told.kind, told.about, told.low, told.high) == ("pile_up", "value", 300, 320)
    assert told.ratio > 1.4
    assert told.users % 5 == 0
    assert told.question.endswith("?")
    assert "300" in told.question
    assert told.again.holds
    assert found.openings == 1


BASE = re.compile(r"280 to 300\.(?P<among>.*) What happens at 300\?$")


def of_groups(corpus: Corpus, *groups: Bools) -> Corpus:
    """With these groups, and nothing remembered."""
    return replace(corpus, people=replace(corpus.people, groups=dict(enumerate(groups))), memo={})


def among(corpus: Corpus, *groups: Bools) -> str:
    """What is said of these groups, called A, B and so on."""
    ids = {f"p{g}": g for g in range(len(groups))}
    told = only(concentrations(of_groups(corpus, *groups), [], ids))
    said = BASE.search(pile_told(told, {p: "ABC"[g] for p, g in ids.items()}))
    assert said is not None
    return said["among"]


def in_the_pile(corpus: Corpus) -> Bools:
    """Users with a visit that is worth 300 to 320."""
    visits = "SELECT u, s, sum(value) AS x FROM lines GROUP BY u, s"
    rows = corpus.rows(f"SELECT DISTINCT u FROM ({visits}) WHERE x >= 300 AND x < 320", Binder())
    return np.isin(np.arange(len(corpus.people.first_day)), rows["u"])


def without_the_pile(corpus: Corpus, users: Bools) -> None:
    """Visits of these users at the offer are taken to where they came from."""
    corpus.connection.execute(
        "UPDATE lines SET value = 240 + (value - 300) * 60 / 18 WHERE value >= 300 AND value < 318 AND u IN "
        "(SELECT unnest($u::INTEGER[])) AND hash(seq) % 3 > 0",
        {"u": np.flatnonzero(users).tolist()},
    )


def test_a_pile_up_of_every_group_is_told_as_such() -> None:
    """Where each group shows it the question says so; of one group alone, which is everybody, nothing is said."""
    corpus = corpus_of(1, "pile")
    everybody = np.arange(len(corpus.people.first_day))
    assert among(corpus, everybody % 2 == 0, everybody % 2 == 1) == " Every persona shows it."
    assert among(corpus, np.ones(len(everybody), dtype=bool)) == ""


def test_groups_that_show_no_pile_up_and_the_one_that_shows_most_are_named() -> None:
    """A third has none: it is named with its two counts, which the bands of its visits give; the others show more than it. Before
    there are names, none is named.
    """
    corpus = corpus_of(1, "pile")
    third = np.arange(len(corpus.people.first_day)) % 3 == 0
    without_the_pile(corpus, third)
    said = r" “B” shows it most \(\d+ visits against \d+\); it does not show in “A” \((\d+) visits against (\d+)\)\."
    told = re.fullmatch(said, among(corpus, third, ~third))
    assert told is not None
    counted = [
        len(
            corpus.rows(f"SELECT seq FROM lines WHERE u % 3 = 0 AND value >= {low} AND value < {low + 20}", Binder())[
                "seq"
            ]
        )
        for low in (300, 280)
    ]
    assert [abs(int(n) - exact) <= 5 for n, exact in zip(told.groups(), counted, strict=True)] == [True, True]
    found = only(concentrations(of_groups(corpus, third, ~third), [], {"p0": 0, "p1": 1}))
    assert {row.persona: row.shows for row in found.among} == {"p0": "no", "p1": "most"}
    assert "“" not in found.question


def test_a_part_of_the_users_without_a_pile_up_is_told_of() -> None:
    """Users with another value of a field than most, asked by their measure, in the words of the field."""
    corpus = corpus_of(1, "pile")
    fifth = np.arange(len(corpus.people.first_day)) % 5 == 0
    without_the_pile(corpus, fifth)
    corpus.connection.execute(
        "UPDATE lines SET properties = '{\"country\": \"' || if(u % 5 = 0, 'France', 'Spain') || '\"}'"
    )
    measure = Measure(
        unit="users", statistic="share", of="matches", says=Says(comparator="at_least", value=0),
        steps=[[Condition(field="properties.country", op="is", value=["France"])]],
    )  # fmt: skip
    found = only(concentrations(corpus, [], parts=[PartOfUsers("country", "in France", measure)]))
    assert re.search(r"280 to 300\. It does not show in France \(\d+ visits against \d+\)\. What", found.question)
    assert [row.shows for row in found.among] == ["no"]


def test_check_counts_a_pile_up_again() -> None:
    """In all and among whom; a figure that the log does not give is found, and a question that its figures do not."""
    corpus = corpus_of(1, "pile")
    third = np.arange(len(corpus.people.first_day)) % 3 == 0
    groups, ids = of_groups(corpus, third, ~third), {"p2": 1, "p1": 0}
    found = concentrations(groups, [], ids)
    pile = only(found)

    def problems(told: Concentration) -> list[str]:
        page = persona_set(findings=found.model_copy(update={"concentrations": [told]}))
        return [failure["problem"] for failure in figures_of_all(groups, page, dict(sorted(ids.items())))]

    assert problems(pile) == []
    assert problems(pile.model_copy(update={"visits": 5})) == ["what visits pile up at is not what the log gives"]
    other = [row.model_copy(update={"shows": "no"}) for row in pile.among]
    assert problems(pile.model_copy(update={"among": other})) == ["among whom visits pile up is not what the log gives"]
    assert problems(pile.model_copy(update={"question": "Why?"})) == [
        "what is asked of a sum that visits pile up at is not what its figures give"
    ]


def test_of_groups_that_a_die_drew_hardly_any_is_named() -> None:
    """A pile-up that all share is as strong in each of three groups drawn by chance: in a hundred draws one of them is said to
    show it most about five times, or least, and none not at all.
    """
    corpus = corpus_of(1, "pile")
    pile = only(concentrations(corpus, []))
    shown: Counter[str] = Counter()
    for seed in range(100):
        drawn = np.random.default_rng(seed).integers(0, 3, len(corpus.people.first_day))
        groups = of_groups(corpus, *(drawn == g for g in range(3)))
        shown.update({row.shows for row in piled_among(groups, pile, {f"p{g}": g for g in range(3)}, []).among})
    assert shown["yes"] == 100
    assert shown["most"] <= 9
    assert shown["least"] <= 9
    assert shown["no"] == 0


def test_a_pile_up_is_told_by_the_two_counts_that_the_round_sum_parts() -> None:
    """Beside the visits just above 300 stand those just below, over all users, and the sentence has both; users are in fives."""
    corpus = corpus_of(1, "pile")
    told = only(concentrations(corpus, []))
    sums = "SELECT u, s, sum(value) AS x FROM lines GROUP BY u, s"
    counted = [
        corpus.connection.execute(
            f"SELECT count(*), count(DISTINCT u) FROM ({sums}) WHERE x >= ? AND x < ?", ends
        ).fetchone()
        or (0, 0)
        for ends in ([300, 320], [280, 300])
    ]
    assert (told.users, told.across, told.round) == (*(5 * round(users / 5) for _, users in counted), 300)
    assert told.visits is not None
    assert told.visits_across is not None
    assert [abs(a - n) <= 5 for a, (n, _) in zip((told.visits, told.visits_across), counted, strict=True)] == [
        True,
        True,
    ]
    counts = f"{told.visits:,} visits are worth 300 to 320, only {told.visits_across:,} are worth 280 to 300. "
    assert told.question.startswith(counts)
    assert told.question.endswith("What happens at 300?")


@pytest.mark.parametrize(
    ("lids", "found"), [("all", 1), ("others", 0)], ids=["of several things", "the price of one thing"]
)
def test_what_single_things_cost_is_no_pile_up(lids: str, found: int) -> None:
    """Sums of visits with several things pile up at an offer; where only visits of one thing do, that is its price."""
    assert len(concentrations(corpus_of(1, "pile", lids), []).concentrations) == found


def test_prices_added_up_over_a_visit_are_no_sum() -> None:
    """A field that goes with the thing is not looked at, whatever its sums are; how many were taken is."""
    corpus = corpus_of(1, "pile", "all")
    corpus.connection.execute(
        "UPDATE lines SET properties = '{\"price\": ' || CASE object WHEN 'mug' THEN 300 + u % 3 ELSE 2 + (u % 3) / 100 END "
        "|| ', \"taken\": ' || value || '}'"
    )
    found = concentrations(corpus, ["price", "taken"])
    assert [c.about for c in found.concentrations] == ["value"], "what was taken is the value, and is told once"
    plain = replace(corpus, valued=False, memo={})
    assert concentrations(plain, ["taken"]).concentrations[0].about == "properties.taken"
    assert concentrations(plain, ["price"]).looks == concentrations(plain, []).looks


def test_an_act_that_begins_on_a_date_is_found_near_it() -> None:
    """An act that nobody did before week 25 and half of the visits hold after it changed within two weeks of that."""
    told = next(c for c in concentrations(corpus_of(2, "act"), []).concentrations if c.about == "save")
    assert told.kind == "change"
    assert told.date is not None
    assert abs((datetime.fromisoformat(told.date) - START).days - 7 * 25) <= 14
    assert told.again.holds


def test_a_step_in_how_many_come_is_found_near_its_date() -> None:
    """With three in five visits gone from week 30 on, fewer come a week from then on."""
    told = next(c for c in concentrations(corpus_of(3, "step"), []).concentrations if c.kind == "step")
    assert told.date is not None
    assert abs((datetime.fromisoformat(told.date) - START).days - 7 * 30) <= 14
    assert told.ratio < 0.7


def test_of_people_at_work_nothing_over_time_is_told() -> None:
    """In staff mode an act that begins on a date is no finding."""
    assert concentrations(replace(corpus_of(2, "act"), staff=True), []).concentrations == []


@pytest.mark.parametrize("seed", range(20))
def test_a_smooth_log_has_none(seed: int) -> None:
    """Each of twenty logs without anything planted has no finding, though more than a hundred looks were taken at it."""
    found = concentrations(corpus_of(100 + seed), [])
    assert found.concentrations == []
    assert found.openings == 0
    assert found.looks > 100


def test_users_set_aside_choose_nothing() -> None:
    """With no visit of users set aside near 300 the same place is found, and only what is counted over all differs."""
    corpus = corpus_of(1, "pile")
    before = only(concentrations(corpus, []))
    corpus.connection.execute("UPDATE lines SET value = 190 WHERE u IN (SELECT u FROM held)")
    corpus.memo.clear()  # of what was asked of the lines as they were
    after = only(concentrations(corpus, []))
    places = [(c.kind, c.about, c.low, c.high, c.round) for c in (before, after)]
    assert places[0] == places[1]
    assert after.users < before.users
    assert after.again.ratio is None


def test_a_log_that_nearly_nobody_came_to_before_is_looked_at() -> None:
    """Where a single user came in the weeks before, what comes later is set against that one: no division by nobody."""
    corpus = corpus_of(2)
    first = corpus.connection.execute("SELECT min(us) FROM lines").fetchone()
    assert first is not None
    weeks_10 = first[0] + 10 * 7 * 86_400_000_000
    corpus.connection.execute("DELETE FROM lines WHERE us < ? AND u > 0", [weeks_10])
    for told in concentrations(corpus, []).concentrations:
        assert np.isfinite(told.ratio)
