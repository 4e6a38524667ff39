"""How a visit is made up: what is asked of a shop's orders, what of it a card may say, and what is never asked."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from persona_agent.evidence import Population
from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.facts import Facts
from persona_agent.schema import Condition, Measure, Names, ProposedClaim
from persona_agent.words.english.readings import reading
from persona_agent.write.dossiers import list_inquiries, propose_claim
from persona_agent.write.dossiers.inquiries import comparing_measure, middle, same
from tests.evidence.logs import event, load

DAY, VISITS, USERS = 1440, 4, 60
NAMES = Names(main_act="purchase", of_user=["country", "religion"], sorts=["shelf"], currency="GBP")


def order(i: int, visit: int, items: list[tuple[str, int]]) -> list[dict[str, Any]]:
    """One order, a piece of anything is worth a pound."""
    own = {
        "country": "France" if i % 4 == 0 and i < 20 else "Spain" if i == 59 else "United Kingdom",
        "religion": f"faith {i % 2}",
    }
    return [
        event(
            f"u{i}", 1000 * i + 10 * visit + n, minutes=visit * DAY + n, action="purchase", object=name, session=f"u{i}.{visit}",
            properties=json.dumps({"quantity": pieces, **own}), value=float(pieces),
        )
        for n, (name, pieces) in enumerate(items)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Corpus:
    """Twenty of sixty take the same two things each time, ten of one and thirty of the other; the rest four new things."""
    few = [e for i in range(20) for v in range(VISITS) for e in order(i, v, [("mug", 10), ("plate", 30)])]
    many = [
        e
        for i in range(20, USERS)
        for v in range(VISITS)
        for e in order(i, v, [(f"thing {(4 * v + n + i) % 8}", 1 + (n + i + v) % 3) for n in range(4)])
    ]
    members = {1: [f"u{i}" for i in range(20)], 2: [f"u{i}" for i in range(20, USERS)]}
    halves = {f"u{i}": (1, 1) if i < 20 else (2, 2) for i in range(USERS)}
    return replace(load([*few, *many], members, halves=halves), names=NAMES)


@pytest.fixture(scope="module")
def claims(shop: Corpus) -> dict[str, ProposedClaim]:
    """What may be said of the twenty, by topic."""
    asked = list_inquiries(shop, 1, ["quantity"], NAMES.of_user)
    found = {str(i.topic): propose_claim(shop, i, Population(1), formed=False)[0] for i in asked}
    return {topic: claim for topic, claim in found.items() if claim is not None}


def figures(claim: ProposedClaim) -> tuple[float | None, float | None]:
    return claim.truthfulness.value, claim.truthfulness.matched


def test_the_biggest_thing_and_what_comes_back_are_told(claims: dict[str, ProposedClaim]) -> None:
    """30 of 40 pieces are the biggest thing's, both things come back in the next order, and in the same quantity, as counted by
    hand: each figure cross-placed and held against comparable others.
    """
    assert figures(claims["biggest"])[0] == pytest.approx(0.75)
    assert claims["biggest"].template == (
        "The usual part of a visit's value that its biggest thing makes up is {value}, against {matched} for comparable others."
    )
    assert figures(claims["last"]) == pytest.approx((1.0, 0.0))
    assert figures(claims["same quantity"]) == pytest.approx((1.0, 0.0))


def test_packs_are_found_in_the_data(claims: dict[str, ProposedClaim]) -> None:
    """Half of the lines are of ten and half of thirty: both are asked, and no number that nobody takes."""
    exact = {topic: figures(claim) for topic, claim in claims.items() if topic.startswith("exact")}
    assert exact["exact quantity of 10"] == pytest.approx((0.5, 0.0))
    assert set(exact) == {"exact quantity of 10", "exact quantity of 30"}
    assert claims["exact quantity of 10"].template.startswith(
        "{value} of their lines come exactly 10 at a time, against"
    )


def test_a_field_of_users_is_told_and_what_the_law_protects_is_not(
    shop: Corpus, claims: dict[str, ProposedClaim]
) -> None:
    """A quarter of the twenty hold another country; faith is never asked, nor is what fewer than five hold."""
    held = {topic for topic in claims if topic.startswith("held")}
    assert held == {"held country United Kingdom"}
    assert claims["held country United Kingdom"].said == "are outside the United Kingdom"
    assert claims["held country United Kingdom"].truthfulness.value == pytest.approx(0.25)
    everyone = [i.topic for i in list_inquiries(shop, 2, ["quantity"], NAMES.of_user)]
    assert not [t for t in everyone if t.kind == "held"], "nobody of the forty holds another"


def test_one_fact_is_told_once(shop: Corpus) -> None:
    """What was in the visit before was met before, and the biggest thing by value is that by pieces; a pack is another fact than
    what comes back.
    """
    later = [Condition(field="met_before", op="in", value=["yes", "no"])]
    before, last = (comparing_measure("things", [[same(f, "yes")]], where=later) for f in ("met_before", "met_last"))
    by_value, by_pieces = (middle("sessions", f"biggest {of}") for of in ("value", "properties.quantity"))
    tens = comparing_measure("events", [[Condition(field="properties.quantity", op="is", value=[10.0])]])
    facts = Facts(shop, Population(1))
    assert facts.same(before, last)
    assert facts.same(by_value, by_pieces)
    assert not facts.same(tens, last)


@pytest.mark.parametrize(
    ("topic", "label", "unit"),
    [
        ("biggest", "The biggest thing in a visit", "of its value"),
        ("last", "In the visit just before", "of the things in their later visits"),
        ("same quantity", "The same quantity as the time before", "of the things they purchase again"),
        ("exact quantity of 10", "Exactly 10 of each", "of their lines"),
        ("held country United Kingdom", "Outside the United Kingdom", "of them"),
    ],
)
def test_a_bar_says_it_in_plain_words(claims: dict[str, ProposedClaim], topic: str, label: str, unit: str) -> None:
    """Each has a reading with what its figure is of."""
    told = reading(claims[topic].measure, NAMES)
    assert told is not None
    assert (told.label, told.unit, told.form) == (label, unit, "share")


def test_money_has_its_sign() -> None:
    """What a visit comes to and is worth is told in pounds, the sign before the figure."""
    worth = reading(middle("sessions", "total value"), NAMES)
    assert worth is not None
    assert (worth.unit, worth.clause) == ("£", "their usual visit is worth £{v}")
    band = {"name": "total_of", "field": "value", "op": "between", "value": 300, "upper": 320}
    told = reading(Measure.model_validate(comparing_measure("sessions").model_dump() | {"feature": band}), NAMES)
    assert told is not None
    assert told.label == "Visits worth £300 or more and less than £320"
