"""Fields of the user: where groups differ in a country or a plan the first page tells it, and `check` counts it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from persona_agent.commands.checking import figures_of_all
from persona_agent.evidence.corpus import Corpus
from persona_agent.report import personas_markdown, report_html
from persona_agent.report.front import first_page_of
from persona_agent.report.html import first_page
from persona_agent.report.published_cards import published_held
from persona_agent.report.terminal import first_screen
from persona_agent.schema import Names, PersonaSet
from persona_agent.schema.told_fields import HeldValue
from persona_agent.words.english.held_phrases import held_phrase
from persona_agent.words.english.held_told import by_fields
from persona_agent.write.held_fields import held_again, held_values, parts_of_users
from tests.evidence.logs import event, load
from tests.factories import lines_of, persona_set

USERS, VISITS, DAY = 240, 4, 1440
FIELDS = ["country", "plan", "religion", "coin"]
NAMES = Names(of_user=FIELDS)
GROUPS = {"p1": 0, "p2": 1}
LABELS = {"p1": "Bags by the Ten", "p2": "One of Each"}


def fields_of(i: int, coin: int = 0) -> dict[str, str]:
    """The first 80 users are one group. Of them 32 are abroad, of the others 8; three of all are on a plan of their own."""
    abroad = i < 32 or 80 <= i < 88
    plan = "founder" if i in (5, 100, 200) else "team" if 20 <= i < 70 else "pro" if i % 2 else "free"
    return {
        "country": ("France" if i % 2 else "Eire") if abroad else "United Kingdom",
        "plan": plan,
        "religion": f"faith {int(i < 80)}",
        "coin": "heads" if coin else "tails",
    }


def corpus_of(seed: int = 0, **more: Any) -> Corpus:
    """Each comes four times and spends 1, or 3 if abroad; a coin falls for each."""
    coins = np.random.default_rng(seed).integers(0, 2, USERS)
    log = [
        event(
            f"u{i}", 10 * i + visit, minutes=visit * DAY + i % 60, action="buy", session=f"u{i}.{visit}",
            properties=json.dumps(fields_of(i, int(coins[i]))), value=3.0 if i < 32 or 80 <= i < 88 else 1.0,
        )
        for i in range(USERS)
        for visit in range(VISITS)
    ]  # fmt: skip
    members = {0: [f"u{i}" for i in range(80)], 1: [f"u{i}" for i in range(80, USERS)]}
    halves = {f"u{i}": (0, 0) if i < 80 else (1, 1) for i in range(USERS)}
    return replace(load(log, members, halves=halves), names=NAMES, **more)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_of()


@pytest.fixture(scope="module")
def held(corpus: Corpus) -> list[HeldValue]:
    """By the plain names and by those that `--allow` has."""
    return held_values(corpus, ["country", *(f"properties.{name}" for name in FIELDS[1:])], GROUPS)


def test_a_field_is_told_with_its_users_their_value_and_who_differs(held: list[HeldValue]) -> None:
    """40 of 240 are abroad and spend 3 of 8 parts, each by hand; the group has 40 %, the others 5 %."""
    told = next(h for h in held if h.field == "country")
    assert (told.users, told.said) == (40, "are outside the United Kingdom")
    assert told.share == pytest.approx(1 / 6, abs=1e-6)
    assert told.value == pytest.approx(3 * 40 / (3 * 40 + 200), abs=1e-6)
    assert {by.persona: by.truth.value for by in told.apart} == pytest.approx({"p1": 0.4, "p2": 0.05})
    assert by_fields([told], LABELS) == {
        "country": "17 % of users are outside the United Kingdom; they bring in 38 % of the value. "
        "More of “Bags by the Ten” (40 %), fewer of “One of Each” (5 %)."
    }


def test_of_several_values_those_are_told_in_which_groups_differ(held: list[HeldValue]) -> None:
    """Nobody of the other group is on the plan “team”, so the share there is told by a bound; three founders are never told of,
    nor what faith somebody has.
    """
    plans = {h.said: h for h in held if h.field == "plan"}
    assert "have the plan “team”" in plans
    assert not [said for said in plans if "founder" in said]
    assert {h.field for h in held} <= {"country", "plan"}
    assert (
        "fewer of “One of Each” (under 3 %)"
        in by_fields([published_held(plans["have the plan “team”"])], LABELS)["plan"]
    )


def test_a_coin_that_falls_for_each_user_tells_nobody_apart() -> None:
    """In none of twenty logs."""
    told = [held_values(corpus_of(seed), ["coin"], GROUPS) for seed in range(20)]
    assert told == [[]] * 20


@pytest.mark.parametrize(
    ("more", "left"),
    [({"staff": True}, set()), ({"made_of": "properties.country"}, {"plan"})],
    ids=["people at work", "what groups were made of"],
)
def test_what_may_not_be_told_is_not(more: Mapping[str, Any], left: set[str]) -> None:
    """Nothing of people at work, of the field that the groups are made of, and where there are no groups."""
    corpus = corpus_of(**more)
    assert {h.field for h in held_values(corpus, FIELDS, GROUPS)} == left
    assert {part.field for part in parts_of_users(corpus, FIELDS)} <= left | {"coin"}
    assert held_values(corpus_of(), FIELDS, {}) == [], "where there are no groups nobody is apart"


def test_what_is_published_is_published_again_as_it_is_and_counted_again(corpus: Corpus, held: list[HeldValue]) -> None:
    """Users in fives, shares in whole per cent; the same counts come of the log again."""
    once = [published_held(h) for h in held]
    assert [published_held(h) for h in once] == once
    assert all(h.users % 5 == 0 and round(h.share, 2) == h.share for h in once)
    assert [published_held(h) for h in held_again(corpus, once, GROUPS)] == once


def of_page(held: list[HeldValue]) -> PersonaSet:
    made = persona_set(held=[published_held(h) for h in held])
    return made.model_copy(update={"first_page": first_page_of(made, [])})


def test_check_counts_fields_of_the_user_again(corpus: Corpus, held: list[HeldValue]) -> None:
    """A share that is not the log's is found, and so is a text that its figures do not give."""
    page = of_page(held)
    assert figures_of_all(corpus, page, GROUPS) == []
    wrong = [h.model_copy(update={"share": 0.5}) for h in page.held or []]
    problems = [f["problem"] for f in figures_of_all(corpus, page.model_copy(update={"held": wrong}), GROUPS)]
    assert len(problems) == 2
    assert "is not what the log gives" in problems[0]
    assert "is not what their figures give" in problems[1]


def test_every_page_has_the_block(held: list[HeldValue]) -> None:
    """personas.md, report.html, the notebook and the terminal tell one text; a persona without a card is not named."""
    page = of_page(held)
    assert page.first_page is not None
    text = page.first_page.by_field["country"]
    assert f"“{page.personas[0].label}” (40 %)" in text
    assert f"**By country.** {text}" in personas_markdown(page, lines_of(page))
    assert f"<strong>By country.</strong> {text}" in report_html(page, lines_of(page)).replace("\u00a0", " ")
    assert f"<strong>By country.</strong> {text}" in first_page(page).replace("\u00a0", " ")
    assert f"By country: {text}" in " ".join(first_screen(page).split())
    withheld = [p.model_copy(update={"status": "withheld"}) if p.id == "p1" else p for p in page.personas]
    told = first_page_of(page.model_copy(update={"personas": withheld}), []).by_field["country"]
    assert page.personas[0].label not in told


def test_no_more_is_told_than_is_read(held: list[HeldValue]) -> None:
    """Two fields at most, two values of each, three personas on a side; a field in which nobody with a card differs is not told
    unless its part of the value is.
    """
    country = next(h for h in held if h.field == "country")
    many = [country.model_copy(update={"title": f"field {i % 3}", "said": f"are {i}"}) for i in range(9)]
    told = by_fields(many, LABELS)
    assert list(told) == ["field 0", "field 1"]
    assert told["field 0"].count("are ") == 2
    four = country.model_copy(update={"apart": country.apart[:1] * 4})
    assert by_fields([four], LABELS)["country"].count("“") == 3
    assert country.weighs
    assert by_fields([country.model_copy(update={"weighs": False})], {}) == {}
    assert by_fields([country], {})["country"].endswith("they bring in 38 % of the value.")


@pytest.mark.parametrize(
    ("field", "value", "other", "said"),
    [
        ("country", "United Kingdom", True, "are outside the United Kingdom"),
        ("country", "France", True, "are outside France"),
        ("country", "Netherlands", False, "are in the Netherlands"),
        ("Land", "Österreich", True, "are outside Österreich"),
        ("country", "US", True, "are outside the United States"),
        ("country", "中国", True, "are outside 中国"),
        ("country", "(not set)", True, "have another country than “(not set)”"),
        ("country", "unknown", True, "have another country than “unknown”"),
        ("plan", "free", True, "have another plan than “free”"),
        ("device_type", "tablet", False, "have the device type “tablet”"),
        ("newsletter", "yes", False, "have “yes” as newsletter"),
    ],
)
def test_a_value_is_told_as_people_say_it(field: str, value: str, other: bool, said: str) -> None:
    """Somebody is in, or outside, what is spelt as a country is; any other value stands in quotes."""
    assert held_phrase(field, value, Names(), other=other).said == said
