"""The page about everyone: what is told of all users, what it is held against, and what is not told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from persona_agent.commands.running import RunResult
from persona_agent.evidence import Population
from persona_agent.evidence.corpus import Corpus
from persona_agent.report.drawn import sections
from persona_agent.report.front import first_page_of
from persona_agent.report.publishing import published
from persona_agent.report.terminal import first_screen
from persona_agent.schema import EVERYONE, Beside, Measure, Names, Topic, Ungrouped
from persona_agent.words.english import everyone_told as words
from persona_agent.write.cards.everyone_card import carried_by_busiest, spellings_in_log
from persona_agent.write.dossiers import Inquiry, about_all, propose_claim
from persona_agent.write.dossiers.by_chance import kept_by_chance, orders_beyond_chance, pairs_beyond_chance, returns
from persona_agent.write.dossiers.inquiries import same, visits_share
from persona_agent.write.dossiers.of_everyone import before_last, chance_of_return, quarters
from tests.evidence.logs import event, load

USERS, VISITS, THINGS = 90, 6, 12
WEEK = 7 * 24 * 60

SAYS = {"says": {"comparator": "about", "value": 7}}


def log(*, planted: bool, seed: int = 1) -> list[dict[str, Any]]:
    """Visits of three things drawn at random; `planted`, “Rye & Salt” comes with “Pickles”, who has “Own” has it again in every
    visit, and “Pay” follows “Pick” in seven visits of ten.
    """
    rng = np.random.default_rng(seed)
    found, n = [], 0
    for u in range(USERS):
        for v in range(VISITS):
            things = [f"Thing {t}" for t in rng.choice(THINGS, 3, replace=False)]
            acts = (
                ["Look", "Pick", "Pay"]
                if planted and rng.random() < 0.7
                else list(rng.permutation(["Look", "Pick", "Pay"]))
            )
            if planted and rng.random() < 0.3:
                things[:2] = ["Rye & Salt", "Pickles" if rng.random() < 0.8 else things[1]]
            if planted and u % 3 == 0:
                things[2] = "Own"
            for i, (thing, act) in enumerate(zip(things, acts, strict=True)):
                at = v * WEEK + int(rng.integers(0, WEEK)) + i if not planted else v * WEEK + (u % 60) + i
                found.append(event(f"u{u}", n, minutes=at, action=str(act), object=thing, session=f"u{u}v{v}"))
                n += 1
    return found


def corpus_of(events: list[dict[str, Any]]) -> Corpus:
    return load(events, {EVERYONE: [f"u{u}" for u in range(USERS)]})


@pytest.fixture(scope="module")
def planted() -> Corpus:
    return corpus_of(log(planted=True))


@pytest.fixture(scope="module")
def random() -> Corpus:
    return corpus_of(log(planted=False))


def of_places(own: float) -> Corpus:
    """Orders shipped to one of four regions; users have one of their own that they keep to so often."""
    rng = np.random.default_rng(4)
    found = []
    for u in range(USERS * 2):
        home = rng.integers(4)
        for v in range(VISITS):
            region = int(home if rng.random() < own else rng.integers(4))
            props = json.dumps({"region": f"R{region}"})
            found.append(event(f"u{u}", len(found), minutes=v * WEEK + u % 60, action="buy", object=f"T{u % 7}",
                               session=f"u{u}v{v}", properties=props))  # fmt: skip
    corpus = load(found, {EVERYONE: [f"u{u}" for u in range(USERS * 2)]})
    return replace(corpus, names=Names(places=["region"]))


@pytest.mark.parametrize(("own", "told"), [(0.0, False), (0.5, True)])
def test_a_place_comes_back_where_it_does_more_than_by_chance(own: float, told: bool) -> None:
    """Of four regions a random order has that of the order before a quarter of the time: so much is told of nobody. Who keeps to
    one is told, with chance.
    """
    corpus = of_places(own)
    found = [i for i in about_all(corpus, [], [], []) if i.topic.kind == "place"]
    assert bool(found) == told
    assert kept_by_chance(corpus, "properties.region") == pytest.approx(0.25, abs=0.03)
    if told:
        assert chance_of_return(corpus, found[0].measure) == kept_by_chance(corpus, "properties.region")


def test_of_yes_and_no_what_is_so_is_told() -> None:
    """Of visits by a phone and not by one, the first are told, by the name of the column."""
    found = []
    for u in range(USERS):
        for v in range(VISITS):
            props = json.dumps({"by_phone": str((u + v) % 4 == 0)})
            found.append(event(f"u{u}", len(found), minutes=v * WEEK + u % 60, session=f"u{u}v{v}", properties=props))
    told = [i for i in about_all(corpus_of(found), [], ["properties.by_phone"], []) if i.topic.kind == "field"]
    assert [i.topic.about for i in told] == ["by_phone true"]
    fact = words.told_of_all(told[0].measure, Names(), {}, "UTC")
    assert fact and fact.label == "“By phone”"


def test_what_goes_together_and_what_follows_is_found(planted: Corpus) -> None:
    """The planted pair is found with its lift, and the planted order with it."""
    first = pairs_beyond_chance(planted, "object")[0]
    assert {first.one, first.other} == {"rye & salt", "pickles"}
    assert pairs_beyond_chance(planted, "object")[0].lift > 2
    assert ("pick", "pay") in {(p.one, p.other) for p in orders_beyond_chance(planted)}
    chance, each = returns(planted)
    assert each["own"] < 0.9 and 0 < chance < 1


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_random_log_nothing_goes_together(seed: int) -> None:
    """Where visits are drawn at random no pair, no order and nothing that brings its users back is told, and no weekday."""
    corpus = corpus_of(log(planted=False, seed=seed))
    assert pairs_beyond_chance(corpus, "object") == [] and orders_beyond_chance(corpus) == []
    kinds = {p.topic.kind for p in about_all(corpus, [], [], [])}
    assert not kinds & {"together", "then", "back", "week", "lately"}


def test_what_cannot_fail_is_not_told(random: Corpus) -> None:
    """An act of every visit is refused on the page about everyone, an act of some visits is not."""
    told = {}
    for act, thing in (("look", None), (None, "thing 1")):
        step = [same("action", act)] if act else [same("object", str(thing))]
        asked = Inquiry(Topic(kind="sessions", about="x"), "x", "include x", visits_share([step]), "sessions")
        told[act or thing] = propose_claim(random, asked, Population(EVERYONE), formed=False)[0]
    assert told["look"] is None and told["thing 1"] is not None


def test_names_stand_as_the_log_spells_them(planted: Corpus) -> None:
    """A thing is told in the log's own spelling, in quotation marks; an act as something done."""
    m = visits_share([[same("object", "rye & salt")]]).model_copy(update={"versus": None})
    told = words.told_of_all(m, Names(), spellings_in_log(planted, [m]), "UTC")
    assert told is not None and told.label == "“Rye & Salt”"


def test_the_busiest_are_told_only_where_they_carry_much(random: Corpus) -> None:
    """Users who do alike carry their part, and nothing is said."""
    assert carried_by_busiest(random) == []


def test_the_last_quarter_is_held_against_the_year_before() -> None:
    """Whole quarters alone count, and the same one of the year before where there is one."""
    corpus = corpus_of(log(planted=False))
    assert quarters(corpus) == []
    spans = [(date(2024, 1, 1), date(2024, 3, 31))] * 6
    assert (before_last(spans), before_last(spans[:3])) == (-5, -2)


def test_why_there_are_no_groups_is_said_in_one_sentence() -> None:
    """Each reason has its own words with the users tested, and says what would help."""
    said = {
        why: words.ungrouped(Ungrouped(why=why, tested=31), 40)  # type: ignore[arg-type]
        for why in ("few_returned", "nothing_returns", "halves_disagree")
    }
    assert "only 31 of 40 users came twice, and it takes some sixty" in said["few_returned"]
    near = words.ungrouped(Ungrouped(why="few_returned", tested=60), 1_000)
    assert "only 60 of 1,000 users came twice, and it takes a few more to test" in near
    assert all(
        "31 users" in said[why] and "beyond chance" in said[why] for why in ("nothing_returns", "halves_disagree")
    )
    assert all("--groups" in text and text.count(". ") == 1 for text in said.values())
    assert words.beside(Beside(kind="chance", value=0.09)) == "by chance 9 %"


def test_how_many_could_be_tested_is_told_in_fives(tiny_run: RunResult) -> None:
    """One who did not come twice is not told of, in the data or in the sentence."""
    exact = tiny_run.personas.model_copy(update={"ungrouped": Ungrouped(why="few_returned", tested=44)})
    told = published(exact.model_copy(update={"counts": {**exact.counts, "users": 47}}), {})
    assert told.ungrouped is not None and told.first_page is not None
    assert told.ungrouped.tested == 45
    assert "there are 45 users" in told.first_page.sentences[2]


def test_the_first_page_tells_what_all_users_do(tiny_run: RunResult) -> None:
    """In a run on forty users the page holds sections of facts, each borne by a claim, none of nearly all or of nothing; the
    sentences say how often, what, and why there are no groups.
    """
    personas = tiny_run.personas
    everyone = personas.everyone
    assert everyone is not None and everyone.card is not None and personas.ungrouped is not None
    told = dict(sections(everyone))
    assert {"How often and how much", "What they do"} <= set(told)
    claims = {c.id: c for c in everyone.claims}
    shares = [claims[b.claim].truthfulness.value for b in everyone.card.bars if b.form == "share"]
    assert shares and all(v is not None and 0.02 < v <= 0.97 for v in shares)
    front = first_page_of(personas, [])
    assert (
        len(front.sentences) == 3
        and "40 users" in front.sentences[0]
        and "Groups were not looked for" in front.sentences[2]
    )
    assert "What they do" in first_screen(personas) and "To watch" in first_screen(personas)


def test_what_takes_a_sentence_to_say_is_no_row() -> None:
    """A measure of any kind has a row where its label is short, with its unit; one with conditions upon conditions has none."""
    upload = {"field": "action", "op": "is", "value": ["upload"]}
    length = {"unit": "sessions", "statistic": "median", "of": "minutes", "where": [upload]}
    told = words.told_of_all(Measure.model_validate({**length, **SAYS}), Names(), {}, "UTC")
    assert told is not None
    assert told.unit == "minutes"
    more = [{"field": f"properties.{name}", "op": "is", "value": [name]} for name in ("kind", "place", "device")]
    longer = Measure.model_validate({**length, "where": [upload, *more], **SAYS})
    assert words.told_of_all(longer, Names(), {}, "UTC") is None
