"""Habits beside the personas: what was planted is found with its figures, what was not is told of nobody, and a page, a published
set and `check` say the same.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persona_agent.commands.checking import FIRST_PAGE, figures_of_all
from persona_agent.commands.recounting import of_all_again
from persona_agent.evidence import AskedHabit, FoundHabit, habits_beside, recounted_habits
from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.habit_cases import FEWEST
from persona_agent.evidence.habits_beside import MOST_ALSO
from persona_agent.evidence.loading import load_lines
from persona_agent.evidence.visit_sums import _asked, sums_of_measures, visits_in
from persona_agent.report import first_screen, personas_markdown, report_html
from persona_agent.report.publishing import published
from persona_agent.report.telling import in_its_nouns, with_labels_in_its_nouns
from persona_agent.schema import TENTH_ID, Condition, Measure, Names, PersonaSet
from persona_agent.schema.faces import HabitFact, HabitSaid
from persona_agent.schema.personas import FAIR
from persona_agent.store import write_parquet
from persona_agent.words.english.habits_told import (
    FURTHER,
    TAG,
    TITLE,
    WHAT_THEY_ARE,
    further_habits,
    habit_cards,
    habit_name,
    habit_rows,
    name_by_code,
)
from persona_agent.write.besides import MOST, habits_on_no_card
from persona_agent.write.briefing import BesideBriefing
from persona_agent.write.dossiers.habits_asked import asked_habits
from tests.factories import persona_set

from .logs import event, load

USERS, VISITS, ROTATING = 300, 14, 45
CHANGES, OTHERS = 0.9, 0.3  # of visits, that planted users and all others make elsewhere than the one before
NAMES = Names(places=["store"], categories=["aisle"])
CHANGED = "Another store than the visit before"


@cache
def log_of(seed: int = 0, rotating: int = ROTATING, until: int = VISITS) -> Corpus:
    """Visits of one line at a store, of which the first users keep changing, in so many visits `until` they stop."""
    rng = np.random.default_rng(seed)
    log: list[dict[str, Any]] = []
    for u in range(USERS):
        store = int(rng.integers(4))
        for v, day in enumerate(sorted(rng.choice(300, VISITS, replace=False).tolist())):
            often = CHANGES if u < rotating and v < until else OTHERS
            store = (store + int(rng.integers(1, 4))) % 4 if rng.random() < often else store
            aisle = ("dairy", "bread", "fruit")[rng.integers(3)]
            made = {"session": f"{u:03}.{v}", "properties": f'{{"store": "{store}", "aisle": "{aisle}"}}'}
            minutes = 1_440 * day + int(rng.integers(720))
            log.append(event(f"u{u:03}", len(log) + 1, minutes, object=f"thing {rng.integers(20)}", **made))
    return replace(load(log, {0: [f"u{u:03}" for u in range(USERS)]}), names=NAMES)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return log_of()


def told(corpus: Corpus) -> list[FoundHabit]:
    return habits_beside(corpus, asked_habits(corpus, []))


FOUND: dict[int, tuple[Corpus, FoundHabit]] = {}


def changing(corpus: Corpus) -> FoundHabit:
    """Looked for once in each log: that takes a second."""
    if id(corpus) not in FOUND:
        FOUND[id(corpus)] = corpus, next(f for f in told(corpus) if f.told.label == CHANGED)
    return FOUND[id(corpus)][1]


def test_whoever_keeps_changing_stores_is_found(corpus: Corpus) -> None:
    """Nearly all who do and nearly nobody else, with both shares as they were planted, though no visit that picks is measured."""
    found = changing(corpus)
    assert found.users[:ROTATING].mean() > 0.9
    assert found.users[ROTATING:].mean() < 0.05
    assert found.told.users == int(found.users.sum())
    assert (found.told.here, found.told.others) == pytest.approx((CHANGES, OTHERS), abs=0.06)
    assert (found.told.back - found.told.chance) / (1 - found.told.chance) > FAIR
    (row,) = habit_rows([found.told])
    assert row[0] == CHANGED
    assert name_by_code(found.told, NAMES) == "Changing stores"
    assert row[2].endswith("of their later visits")


def test_a_number_without_a_name_says_which_end_it_is(corpus: Corpus) -> None:
    """“Usual amount of a line” is everybody's: of these it is low."""
    usual = changing(corpus).told.model_copy(
        update={"label": "Usual amount of a line", "form": "number", "more": False}
    )
    assert habit_name(usual) == "Low usual amount of a line"
    assert habit_name(usual.model_copy(update={"more": True})) == "High usual amount of a line"


def test_those_furthest_apart_are_told_first(corpus: Corpus) -> None:
    """By how many times the one figure is the other, whichever is larger; what is 0 % is no endless times."""
    one = changing(corpus).told
    pairs = {"twice": (0.4, 0.2), "a fifth": (0.1, 0.5), "none": (0.0, 0.02), "half": (0.2, 0.4)}
    habits = [one.model_copy(update={"label": k, "here": h, "others": o}) for k, (h, o) in pairs.items()]
    assert [row[0] for row in habit_rows(habits)] == ["a fifth", "none", "twice", "half"]


@pytest.mark.parametrize("seed", range(1, 6))
def test_where_all_are_alike_none_is_told(seed: int) -> None:
    """Thirty-odd ends of stores, aisles, hours, days and sizes, and chance gives none of them."""
    log = log_of(seed, rotating=0)
    assert len(asked_habits(log, [])) > 10
    assert told(log) == []


def test_a_habit_of_the_first_half_alone_is_none() -> None:
    """By visits drawn at random it comes back; by time it does not."""
    assert [f.told.label for f in told(log_of(rotating=ROTATING, until=VISITS // 2))] == []


def test_who_was_set_aside_chooses_nothing(corpus: Corpus) -> None:
    """Where nobody with the habit is among those who choose, it is not told, though it is so of all."""
    aside = np.arange(USERS) < ROTATING
    held = replace(corpus, people=replace(corpus.people, held_out=aside))
    assert CHANGED not in [f.told.label for f in told(held)]
    found = changing(corpus).told
    asked = [AskedHabit(found.label, found.unit, found.measure, found.more)]
    assert [f.told for f in recounted_habits(held, asked)] == [found]


def test_few_users_people_at_work_and_given_groups_have_none(corpus: Corpus) -> None:
    """A habit of fewer than FEWEST users is no habit that anybody plans for."""
    assert told(log_of(rotating=FEWEST // 2)) == []
    assert told(replace(corpus, staff=True)) == []
    assert told(replace(corpus, given=True)) == []
    assert recounted_habits(replace(corpus, floor=USERS), [AskedHabit("x", "y", changing(corpus).told.measure)]) == []


def test_parts_of_a_log_answer_as_the_whole_does(corpus: Corpus, tmp_path: Path) -> None:
    """As workers hold them."""
    half = corpus.connection.execute(f"SELECT min(seq) FROM lines WHERE u = {USERS // 2}").fetchone()
    assert half is not None
    parts = []
    for name, test in (("a", f"seq < {half[0]}"), ("b", f"seq >= {half[0]}")):
        write_parquet(corpus.connection, tmp_path / name, f"SELECT * FROM lines WHERE {test} ORDER BY seq")
        parts.append(load_lines(str(tmp_path / name)))
    held = replace(corpus, memo={}, parts=lambda sql, values: [part((sql, dict(values))) for part in parts])
    assert [f.told for f in told(held)] == [f.told for f in told(corpus)]


def test_all_values_of_a_field_in_one_statement_are_what_each_would_be(corpus: Corpus) -> None:
    """The quick way counts as the plain one does."""
    visits = visits_in(corpus)
    asked = [a.measure for a in asked_habits(corpus, []) if a.measure.unit == "events"]
    found = list(sums_of_measures(corpus, asked, visits))
    assert len(found) == 3, "aisles"
    for measure, own in found:
        plain = _asked(corpus, measure, visits)
        assert np.array_equal(own.x, plain.x)
        assert np.array_equal(own.n, plain.n)
        assert own.x.sum() > 0


def with_habit(corpus: Corpus) -> PersonaSet:
    told = changing(corpus).told
    named = told.model_copy(update={"id": "b1", "name": name_by_code(told, NAMES)})
    made = persona_set().model_copy(update={"habits": [named]})
    return published(in_its_nouns(with_labels_in_its_nouns(made)), {})


def test_it_is_published_in_fives_and_told_on_the_pages(corpus: Corpus) -> None:
    """After the cards; no terminal has it."""
    made = with_habit(corpus)
    assert made.habits is not None
    (habit,) = made.habits
    assert habit.users % 5 == 0
    assert habit.here == round(habit.here, 2)
    assert published(made, {}).habits == made.habits
    for page, title in ((personas_markdown(made, {}), f"## {TITLE}"), (report_html(made, {}), f">{TAG}<")):
        assert CHANGED in page
        assert page.index(made.personas[1].label) < page.index(title)
    assert CHANGED not in first_screen(made)
    assert TITLE not in personas_markdown(persona_set(), {})
    assert "habits" not in persona_set().model_dump()


def test_a_forged_habit_is_noticed(corpus: Corpus) -> None:
    """Every figure of it, its words, and one that is not so."""
    made = with_habit(corpus)
    assert made.habits is not None
    (habit,) = made.habits
    plain = made.model_copy(update={"first_page": None, "top_tenth": None})
    assert figures_of_all(corpus, plain, {}) == []
    same = habit.measure.model_dump_json().replace('"no"', '"yes"', 1)
    forged: list[dict[str, Any]] = [
        {"users": habit.users + 5}, {"here": 0.99}, {"others": 0.01}, {"back": 0.97}, {"chance": 0.01}, {"more": False},
        {"label": "Loyal"}, {"unit": "of them"}, {"form": "number"}, {"measure": Measure.model_validate_json(same)},
    ]  # fmt: skip
    for change in forged:
        page = plain.model_copy(update={"habits": [habit.model_copy(update=change)]})
        assert {f["claim"] for f in figures_of_all(corpus, page, {})} == {FIRST_PAGE}, change


def test_who_stays_is_counted_again(corpus: Corpus) -> None:
    """After somebody was forgotten: the same figures of the same log, none where it is no longer so."""
    made = persona_set().model_copy(update={"habits": [changing(corpus).told]})
    assert of_all_again(corpus, made, {})["habits"] == made.habits
    assert of_all_again(log_of(rotating=0), made, {})["habits"] is None


def test_what_a_card_tells_of_the_same_people_is_left_out(corpus: Corpus) -> None:
    """Not where they are in many personas, nor where the card is about something else."""
    found = changing(corpus)
    first, *_ = persona_set().personas
    assert first.card is not None
    steps = [[Condition(field="kept properties.store", op="is", value=["yes"])]]
    kept = found.told.measure.model_copy(update={"steps": steps})
    bar = first.card.bars[0].model_copy(update={"measure": kept})
    telling = first.model_copy(update={"card": first.card.model_copy(update={"bars": [bar]})})
    in_p1, spread = (BesideBriefing(found.told, mostly, sorted(found.asked.facts)) for mostly in ("p1", None))
    assert habits_on_no_card([in_p1], [telling], NAMES) == []
    for brief, persona in ((spread, telling), (in_p1, first)):
        (kept_on,) = habits_on_no_card([brief], [persona], NAMES)
        assert kept_on.habit == found.told.model_copy(update={"id": "b1", "name": name_by_code(found.told, NAMES)})
    assert habits_on_no_card([spread], [], NAMES) == []
    most = BesideBriefing(found.told, TENTH_ID, sorted(found.asked.facts))
    assert len(habits_on_no_card([most], [first], NAMES)) == 1
    assert habits_on_no_card([most], [first], NAMES, telling.model_copy(update={"id": TENTH_ID})) == []
    assert len(habits_on_no_card([spread] * 9, [first], NAMES)) == MOST


def test_a_place_kept_and_a_place_changed_are_two_ends(corpus: Corpus) -> None:
    """And two parts of the day are one thing, of which the strongest alone is told."""
    asked = {a.label: a for a in asked_habits(corpus, [])}
    changed, kept = asked[CHANGED], asked["The same store as the visit before"]
    assert changed.facts == kept.facts
    assert changed.end != kept.end
    hours = [a for a in asked.values() if any(c.field == "hour" for c in a.measure.conditions)]
    assert len(hours) > 1
    assert len({(a.facts, a.end) for a in hours}) == 1


@cache
def shopping(seed: int = 3, linked: bool = True) -> Corpus:
    """Visits at a store, of which the first users keep changing, and then hold one line in place of three where that is `linked`;
    the first of all spends most.
    """
    rng = np.random.default_rng(seed)
    log: list[dict[str, Any]] = []
    for u in range(USERS):
        store = int(rng.integers(4))
        for v, day in enumerate(sorted(rng.choice(300, VISITS, replace=False).tolist())):
            store = (
                (store + int(rng.integers(1, 4))) % 4 if rng.random() < (CHANGES if u < ROTATING else OTHERS) else store
            )
            minutes = 1_440 * day + int(rng.integers(720))
            few = (u < ROTATING) if linked else bool(rng.random() < ROTATING / USERS)
            for line in range(1 if few else 3):
                paid = 500 if u == 0 else 10
                made = {"session": f"{u:03}.{v}", "properties": f'{{"store": "{store}"}}', "value": float(paid)}
                log.append(event(f"u{u:03}", len(log) + 1, minutes + line, object=f"thing {rng.integers(20)}", **made))
    return replace(load(log, {0: [f"u{u:03}" for u in range(USERS)]}), names=NAMES)


def test_what_else_is_so_of_them_is_told() -> None:
    """How much their visits hold, on visits that did not pick them, and what follows from it; of chance none."""
    also = {fact.label: (fact.here, fact.others) for fact in changing(shopping()).told.also}
    assert also["Size of a visit"] == (1.0, 3.0)
    assert also["Value of a visit"] == (10.0, 30.0)
    assert len(also) == MOST_ALSO
    assert changing(shopping(linked=False)).told.also == []


def test_their_part_of_the_value_is_told_and_what_hangs_on_few() -> None:
    """The first user's 500 a line outweigh all others with the habit; in a log without a value there is none of it."""
    told = changing(shopping()).told
    own = 14 * 500 + (told.users - 1) * 14 * 10
    assert told.share_value == pytest.approx(own / (own + (USERS - told.users) * 14 * 30), abs=0.02)
    assert told.top_five is not None
    assert told.top_five > 0.5
    assert changing(log_of()).told.share_value is None


def test_a_fact_of_its_users_that_is_not_so_is_noticed() -> None:
    """`check` counts what stands beside the habit too."""
    corpus = shopping()
    told = changing(corpus).told
    named = told.model_copy(update={"id": "b1", "name": name_by_code(told, NAMES)})
    made = persona_set().model_copy(update={"habits": [named], "first_page": None, "top_tenth": None})
    made = published(in_its_nouns(with_labels_in_its_nouns(made)), {})
    assert made.habits is not None
    (habit,) = made.habits
    assert figures_of_all(corpus, made, {}) == []
    fact, *rest = habit.also
    for change in ({"here": 2.0}, {"others": 2.0}, {"label": "Loyal"}, {"measure": habit.measure}):
        forged = habit.model_copy(update={"also": [fact.model_copy(update=change), *rest]})
        assert figures_of_all(corpus, made.model_copy(update={"habits": [forged]}), {}) != [], change
    for change in ({"share_users": 0.9}, {"share_value": 0.9}, {"top_five": 0.3}, {"name": "Loyal"}):
        forged = habit.model_copy(update=change)
        assert figures_of_all(corpus, made.model_copy(update={"habits": [forged]}), {}) != [], change


def test_an_editors_words_stand_on_a_card_and_the_rest_in_a_table(corpus: Corpus) -> None:
    """Without an editor every habit has a card, called as code calls it; with one those that it put a name to."""
    (plain,) = with_habit(corpus).habits or []
    assert [c.name for c in habit_cards([plain])] == [plain.name or plain.label]
    said = HabitSaid(
        label="Store Changers", sentence="Elsewhere than the time before.", attempt="Show where else to go."
    )
    worded = plain.model_copy(update={"said": said})
    left = plain.model_copy(update={"id": "b2", "card": False})
    (card,) = habit_cards([worded, left])
    assert (card.name, card.sentence, card.last) == (said.label, said.sentence, said.attempt)
    assert further_habits([worded, left]) == [left]
    assert further_habits([plain]) == []
    made = with_habit(corpus).model_copy(update={"habits": [worded, left]})
    for page in (personas_markdown(made, {}), report_html(made, {})):
        assert all(text in page for text in (said.label, said.sentence, said.attempt, "Further habits"))


def test_a_small_share_alone_is_no_card(corpus: Corpus) -> None:
    """Unless something else is so of its users, or it is ten times what others do; a number is a card at any size."""
    told = changing(corpus).told
    for others, card in ((0.004, True), (0.01, False)):
        rare = told.model_copy(update={"here": 0.07, "others": others, "also": []})
        (kept,) = habits_on_no_card([BesideBriefing(rare, None, [])], persona_set().personas, NAMES)
        assert kept.habit.card == card, others
    fact = HabitFact(label="x", unit="y", form="share", measure=told.measure, here=0.5, others=0.1)
    cases = {
        (0.2, "share", False): False,
        (0.2, "share", True): True,
        (0.4, "share", False): True,
        (2.0, "number", False): True,
    }
    for (here, form, more), card in cases.items():
        habit = told.model_copy(update={"here": here, "form": form, "also": [fact] if more else []})
        (kept,) = habits_on_no_card([BesideBriefing(habit, None, [])], persona_set().personas, NAMES)
        assert kept.habit.card == card, (here, form, more)


def test_habits_without_a_card_are_told_what_they_are(corpus: Corpus) -> None:
    """Where an editor left all to the table, it stands under its heading, with whom it is about."""
    (plain,) = with_habit(corpus).habits or []
    made = with_habit(corpus).model_copy(update={"habits": [plain.model_copy(update={"card": False})]})
    text = personas_markdown(made, {})
    assert text.index(f"### {FURTHER}") < text.index(WHAT_THEY_ARE) < text.index(CHANGED)
