"""Where what is brought in comes from, and who is in no group: planted tenths are told by what they were planted with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from persona_agent.commands.checking import FIRST_PAGE, figures_of_all
from persona_agent.commands.recounting import of_all_again
from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.tenth_people import told_tenth
from persona_agent.evidence.top_tenth import FEWEST, enough_visits, top_tenth, unplaced
from persona_agent.report.front import first_page_of
from persona_agent.report.published_cards import published_unplaced
from persona_agent.report.publishing import published, published_top_tenth
from persona_agent.schema import PersonaSet, TopTenth, Unplaced
from persona_agent.words.english.value_sources import where_it_is, whole_things
from tests.factories import persona_set

from .logs import event, load

USERS = 200


def log_of(visits: tuple[int, int], worth: tuple[float, float], lines: tuple[int, int], users: int = USERS) -> Corpus:
    """So many `visits`, each of so much `worth` in so many `lines`, of a tenth of users and of all others; one group has both."""
    log: list[dict[str, Any]] = []
    for u in range(users):
        which = 0 if u < users // 10 else 1
        for v in range(visits[which]):
            for _ in range(lines[which]):
                made = {"session": f"u{u:03}.{v}", "value": worth[which] / lines[which]}
                log.append(event(f"u{u:03}", len(log) + 1, 1_500 * v, **made))
    return load(log, {0: [f"u{u:03}" for u in range(0, users, 2)]})


def told(corpus: Corpus) -> TopTenth:
    found = top_tenth(corpus)
    assert found is not None
    return found


def test_what_a_tenth_brings_in_is_taken_apart() -> None:
    """Their share, and the medians of visits, of what a visit is worth and of its lines, are those that were planted."""
    found = told(log_of((6, 2), (30.0, 10.0), (3, 1)))
    assert (found.of, found.users, found.visits, found.lines) == ("value", 20, (6, 2), (3, 1))
    assert found.worth == pytest.approx((30, 10))
    assert found.share == pytest.approx(20 * 180 / (20 * 180 + 180 * 20), abs=1e-6)
    assert not found.bringing


def test_without_a_value_it_is_what_they_do() -> None:
    """Lines take the place of the value where none is given, and nothing is said of what a visit is worth."""
    found = told(replace(log_of((6, 2), (30.0, 10.0), (3, 1)), valued=False))
    assert (found.of, found.worth, found.lines) == ("activity", None, (3, 1))
    assert found.share == pytest.approx(20 * 18 / (20 * 18 + 180 * 2), abs=1e-6)


def test_a_visit_that_brings_in_nothing_is_none_of_what_they_bring() -> None:
    """Where users look more often than they buy, visits are those in which they bought, and it says so."""
    log = [event(f"u{u:03}", 10 * u + v, 1_500 * v, session=f"{u}.{v}", value=float(v < 1 + (u < 20)))
           for u in range(USERS) for v in range(5)]  # fmt: skip
    found = told(load(log, {}))
    assert (found.visits, found.bringing) == ((2, 1), True)


def test_few_users_and_people_at_work_have_no_tenth() -> None:
    """A tenth of fewer than FEWEST is nobody's; nor is anybody at work ranked by what they do."""
    assert top_tenth(log_of((6, 2), (30.0, 10.0), (3, 1), 10 * FEWEST - 10)) is None
    assert top_tenth(replace(log_of((6, 2), (30.0, 10.0), (3, 1)), staff=True)) is None


@pytest.mark.parametrize(
    ("visits", "worth", "lines", "says"),
    [
        (
            (29, 8), (3.2, 3.1), (2, 2),
            "they come more often (29 visits, all others 8), and a visit of theirs is worth no more (£3.20, all others £3.10)",
        ),
        (
            (8, 8), (120, 110), (12, 4),
            "A tenth of users (240) bring in 38 % of the value.",
        ),
        (
            (8, 8), (400, 100), (12, 4),
            "a visit of theirs is worth more (£400, all others £100), since it holds more, "
            "and they come no more often (8 visits, all others 8)",
        ),
        ((8, 8), (400, 100), (4, 4), "(£400, all others £100), though it holds no more"),
        (
            (16, 8), (400, 100), (1, 1),
            "a visit of theirs is worth more (£400, all others £100), and they come more often (16 visits, all others 8)",
        ),
        ((1, 1), (400, 100), (1, 1), "38 % of the value: a visit of theirs is worth more (£400, all others £100)."),
        ((16, 8), (200, 300), (1, 1), "and a visit of theirs is worth less (£200, all others £300)"),
    ],
)  # fmt: skip
def test_it_is_said_by_what_it_comes(visits: Any, worth: Any, lines: Any, says: str) -> None:
    """By coming more often, by more in a visit, or both, the larger first; of users with one visit only what that is worth."""
    made = TopTenth(of="value", users=240, share=0.38, visits=visits, worth=worth, lines=lines, currency="GBP")
    assert says in where_it_is(made)


def test_a_tenth_that_weighs_no_more_is_said_to_be_that() -> None:
    """No sentence makes much of a share that is hardly more than a tenth; activity has its own words."""
    made = TopTenth(of="value", users=240, share=0.12, visits=(3, 2))
    assert where_it_is(made).startswith("No tenth of users weighs much more than its part: the 240")
    busy = TopTenth(of="activity", users=240, share=0.4, visits=(3, 2), lines=(12, 4))
    assert where_it_is(busy).startswith(
        "A tenth of users (240) do 40 % of all that is logged: a visit of theirs holds more"
    )


def test_a_forged_tenth_is_noticed() -> None:
    """What a page says of all users is counted again: a figure, and a sentence, that are not the log's fail."""
    corpus = log_of((6, 2), (30.0, 10.0), (3, 1))
    now = told_tenth(corpus)
    assert now is not None
    made = persona_set(top_tenth=published_top_tenth(now).model_dump())
    made = made.model_copy(update={"first_page": first_page_of(made, [])})
    assert figures_of_all(corpus, made, {}) == []
    tenth, front = made.top_tenth, made.first_page
    assert tenth is not None
    assert front is not None
    assert front.sources
    for forged in (
        {"top_tenth": tenth.model_copy(update={"share": 0.9})},
        {"top_tenth": tenth.model_copy(update={"visits": (60, 2)})},
        {"first_page": front.model_copy(update={"sources": front.sources.replace("50 %", "90 %")})},
        {"top_tenth": None},
    ):
        found = figures_of_all(corpus, made.model_copy(update=forged), {})
        assert {f["claim"] for f in found} == {FIRST_PAGE}, forged


def test_who_is_in_no_persona_is_counted_again() -> None:
    """A forged number of who is in none, or of who leans to a persona, is noticed."""
    corpus = log_of((6, 2), (30.0, 10.0), (3, 1))
    leaning = np.full(USERS, -1)
    leaning[1:60:2] = 0
    corpus = replace(corpus, people=replace(corpus.people, leaning=leaning))
    first, *_ = persona_set().personas
    size = first.size.model_copy(update={"leaning": 30})
    made = persona_set(
        personas=[first.model_copy(update={"size": size})],
        unplaced=published_unplaced(unplaced(corpus, [0])).model_dump(),
    )
    assert made.unplaced is not None
    assert made.unplaced.leaning == 30
    assert figures_of_all(corpus, made, {first.id: 0}) == []
    other = first.model_copy(update={"size": size.model_copy(update={"leaning": 60})})
    for forged in (
        {"unplaced": made.unplaced.model_copy(update={"value": 0.01})},
        {"unplaced": made.unplaced.model_copy(update={"once": 50})},
        {"personas": [other]},
    ):
        found = figures_of_all(corpus, made.model_copy(update=forged), {first.id: 0})
        assert {f["claim"] for f in found} == {FIRST_PAGE}, forged


def test_it_is_published_in_fives_and_whole_per_cent() -> None:
    """Exact figures stay in the private files; what is published is published again as it is."""
    made = TopTenth(of="value", users=243, share=0.38123, visits=(29, 8), worth=(3.2345, 3.1), lines=(2, 2))
    first = published_top_tenth(made)
    assert (first.users, first.share, first.worth) == (245, 0.38, (3.23, 3.1))
    assert published_top_tenth(first) == first
    whole = persona_set(unplaced={"rare": 213, "visits": 4, "once": 101, "rare_value": 0.0312, "value": 0.2049})
    assert published(whole, {}).unplaced == Unplaced(rare=215, visits=4, once=100, rare_value=0.03, value=0.2)


def test_who_came_too_rarely_is_told_from_who_is_like_none() -> None:
    """With so many visits that most are in a group, whoever is in none was seen often enough."""
    visits = np.array([1] * 40 + [2] * 40 + [5] * 60)
    out = np.array([True] * 40 + [True] * 30 + [False] * 10 + [True] * 20 + [False] * 40)
    assert enough_visits(visits, out) in (3, 4, 5)
    assert enough_visits(visits, np.zeros(140, dtype=bool)) == 1, "everybody is in a group"
    log = [event(f"u{u:03}", 10 * u + v, 1_500 * v, session=f"{u}.{v}", value=1.0)
           for u in range(60) for v in range(1 if u < 20 else 4)]  # fmt: skip
    corpus = load(log, {3: [f"u{u:03}" for u in range(30, 60)]})
    found = unplaced(corpus, [3])
    assert (found.rare, found.visits) == (20, 2)
    assert found.rare_value == pytest.approx(20 / 180)
    assert found.value == pytest.approx(60 / 180)
    assert unplaced(replace(corpus, valued=False), [3]) == Unplaced(rare=20, visits=2, once=20)
    few = load(
        [line for line in log if line["user"] < "u004" or line["user"] >= "u020"],
        {3: [f"u{u:03}" for u in range(30, 60)]},
    )
    assert unplaced(few, [3]).once is None, "of four who came once nothing is told"


def test_what_fewer_than_five_bring_in_is_in_no_share_of_the_value() -> None:
    """Of four users who came too rarely, and of all others where so few are left that theirs would follow, no share is told."""
    for rare, others, told in (
        (4, 20, (False, True)),
        (20, 3, (False, True)),
        (20, 20, (True, True)),
        (1, 2, (False, False)),
    ):
        log = [event(f"u{u:03}", 10 * u + v, 1_500 * v, session=f"{u}.{v}", value=1.0)
               for u in range(rare + others + 40) for v in range(1 if u < rare else 4)]  # fmt: skip
        corpus = load(log, {3: [f"u{u:03}" for u in range(rare + others, rare + others + 40)]})
        found = unplaced(corpus, [3])
        assert (found.rare_value is not None, found.value is not None) == told
        assert found.leaning_value is None


def test_whoever_is_forgotten_is_in_neither() -> None:
    """After somebody was forgotten both are counted over those who stay; what an earlier version did not tell stays untold."""
    corpus = log_of((6, 2), (30.0, 10.0), (3, 1))
    first: PersonaSet = persona_set(top_tenth=told(corpus).model_dump(), unplaced={"rare": 1, "visits": 9})
    again = of_all_again(corpus, first, {"p1": 0})
    assert again == {"top_tenth": told_tenth(corpus), "unplaced": unplaced(corpus, [0]), "habits": None, "held": None}
    assert of_all_again(corpus, persona_set(), {"p1": 0}) == {
        "top_tenth": None,
        "unplaced": None,
        "habits": None,
        "held": None,
    }


@pytest.mark.parametrize(
    ("usual", "said"), [(1.5, "1 or 2"), (8.75, "9"), (3.0, "3"), (9.5, "9 or 10"), (10.4, "10"), (89.5, "90")]
)
def test_there_are_no_halves_of_a_line(usual: float, said: str) -> None:
    """A usual number between two is told as both."""
    assert whole_things(usual) == said
