"""Canaries: made of true facts, each spoiled so that one word or figure tells; who does not read is found out."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from evals.bench import close_reader
from persona_agent.schema import TextVerdict
from persona_agent.write.critique.canaries import KINDS, SPOILED, TRUE, Canary, Known, drawn_texts
from persona_agent.write.critique.texts import TextBatch, TextToRead, lay_out

SIZE = ("The group has 310 users, 31 % of all, with 44 % of all activity.",)


def share(said: str, value: int, others: int) -> Known:
    text = f"{value} % of them {said}, against {others} % of comparable others."
    return Known(text, said, "them", f"{value} %", f"{others} %", value > others)


FACTS = [
    share("use “weigh”", 62, 31),
    share("use “share list” at least once", 18, 40),
    Known("47 % of their visits start before 9 am, against 22 % for comparable others.", "start before 9 am", "their visits",
          "47 %", "22 %", True),
    Known("The usual length of a visit is 14 minutes, against 6 minutes for comparable others.", "The usual length of a visit",
          "", "14 minutes", "6 minutes", True, number=True),
    Known("The usual number of actions in a visit is 8, against 11 for comparable others.",
          "The usual number of actions in a visit", "", "8", "11", False, number=True),
    share("come to “weigh: rye”", 35, 12),
]  # fmt: skip
# A card's texts, all of them good: names, sentences, guesses, a suggestion and questions.
GOOD = {
    **{f"s{i}": TextToRead("sentence", f"Sentence {i} of a card.", (f.text, *SIZE)) for i, f in enumerate(FACTS)},
    **{f"h{i}": TextToRead("guess", f"A guess, number {i}.", (FACTS[0].text, *SIZE)) for i in range(6)},
    **{f"try{i}": TextToRead("suggestion", f"Offer a scale {i}.", (FACTS[0].text, *SIZE)) for i in range(3)},
    **{f"gap{i}": TextToRead("gap", f"Whether they bake {i}.", (FACTS[0].text, *SIZE)) for i in range(2)},
}  # fmt: skip
FINE: dict[str, Any] = {"says_more": "", "says_who": "", "says_why": ""}
WRONG: dict[str, Any] = {"says_more": "goes beyond", "says_who": "somebody", "says_why": "a reason"}
Critic = Callable[[random.Random, TextBatch, Mapping[str, Any]], Mapping[str, Any]]


def close(_: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = {f["id"]: f["text"] for f in reading.facts}
    return close_reader.verdict(dict(row), facts, lambda *_: False)


def lenient(_: random.Random, __: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**FINE, "follows_from": row["facts"]}


def refusing(_: random.Random, __: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**WRONG, "follows_from": []}


def half(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reads every other text, and lets the rest stand."""
    return (close if rng.random() < 0.5 else lenient)(rng, reading, row)


def first_half(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reads the first half of the list."""
    early = [t["id"] for t in reading.texts].index(row["id"]) < len(reading.texts) / 2
    return (close if early else lenient)(rng, reading, row)


def most(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Reads three of four texts."""
    return (close if rng.random() < 0.75 else lenient)(rng, reading, row)


def at_random(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    return (refusing if rng.random() < 0.75 else lenient)(rng, reading, row)


def pointed_at(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses what a program pointed at, and nothing else."""
    return (refusing if row.get("look_at") else lenient)(rng, reading, row)


def other_words(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuses whatever is not in the words of its fact."""
    facts = {f["text"] for f in reading.facts}
    return (lenient if row["text"] in facts or row["kind"] != "sentence" else refusing)(rng, reading, row)


def blind_to(kind: str) -> Critic:
    """Reads closely, but for one kind of fault."""

    def read(rng: random.Random, reading: TextBatch, row: Mapping[str, Any]) -> Mapping[str, Any]:
        canary = reading.canaries.get(row["id"])
        return (lenient if canary is not None and canary.spoil == kind else close)(rng, reading, row)

    return read


def passes(critic: Critic, salt: str) -> bool:
    """Does a critic get through one call of a card's texts?"""
    rng = random.Random(salt)
    reading = lay_out(GOOD, FACTS, SIZE, salt)
    answers = [TextVerdict(**{**critic(rng, reading, row), "id": row["id"]}) for row in reading.texts]
    return not reading.misses(answers)


def found_out(critic: Critic, cards: int = 100) -> float:
    """How often a critic decides nothing of a card whose two calls are each asked once more where a canary was missed."""
    decided = [
        any(passes(critic, f"{card}.{call}.{attempt}") for attempt in range(2))
        for card in range(cards)
        for call in range(2)
    ]
    both = [a and b for a, b in zip(decided[::2], decided[1::2], strict=True)]
    return 1 - sum(both) / cards


def test_a_close_reader_is_believed() -> None:
    """Who reads closely gets through every call: no canary is spoiled in a way that its fact does not tell."""
    assert all(passes(close, str(i)) for i in range(60))


@pytest.mark.parametrize("critic", [lenient, refusing, other_words, pointed_at, *map(blind_to, KINDS)])
def test_who_cannot_tell_is_always_found_out(critic: Critic) -> None:
    """Who lets all stand, refuses all, refuses other words, trusts the pointers alone, or is blind to one kind of fault."""
    assert found_out(critic, 20) == 1.0


@pytest.mark.parametrize(("critic", "least"), [(half, 0.98), (first_half, 0.98), (at_random, 0.98), (most, 0.7)])
def test_who_skims_is_found_out(critic: Critic, least: float) -> None:
    """Who reads half of the texts, the first half of them or none, with probability near one in the two calls of a card, each
    asked again once; who skips one text in four, mostly.
    """
    assert found_out(critic) >= least


def spoiled(canaries: list[Canary]) -> list[Canary]:
    return [c for c in canaries if c.spoil != "true"]


@pytest.mark.parametrize("salt", ["a", "b", "c", "d"])
def test_each_call_has_every_kind_and_true_ones(salt: str) -> None:
    """Six spoiled sentences, one of each kind, and two true ones, no two alike; the same salt draws the same."""
    drawn = drawn_texts(FACTS, salt)
    assert sorted(c.spoil for c in spoiled(drawn)) == sorted(KINDS)
    assert len(drawn) == SPOILED + TRUE
    assert len({c.text for c in drawn}) == len(drawn)
    assert drawn == drawn_texts(FACTS, salt)
    assert {c.fact for c in drawn} <= {f.text for f in FACTS}


def test_another_salt_draws_others() -> None:
    """A call that is asked again has other canaries."""
    assert {c.text for c in drawn_texts(FACTS, "a")} != {c.text for c in drawn_texts(FACTS, "b")}


def test_a_page_without_others_has_as_many() -> None:
    """Where nobody compares, and of one fact, the kinds that can be made fill the call; of no fact there are none."""
    alone = [Known("62 % of them use “weigh”.", "use “weigh”", "them", "62 %", None, None)]
    drawn = drawn_texts(alone, "a")
    assert {c.spoil for c in spoiled(drawn)} == {"figure", "all", "cause", "identity"}
    assert len(spoiled(drawn)) == SPOILED
    assert drawn_texts([], "a") == []


def test_canaries_look_like_texts() -> None:
    """Among a card's texts ids, kinds and facts tell nothing: each has two facts and a kind that the card has as well."""
    for salt in "abcdefgh":
        reading = lay_out(GOOD, FACTS, SIZE, salt)
        hidden = [t for t in reading.texts if t["id"] in reading.canaries]
        assert {t["kind"] for t in hidden} <= {t.kind for t in GOOD.values()}
        assert {len(t["facts"]) for t in reading.texts} == {2}
        assert [t["id"] for t in reading.texts] == [f"t{i}" for i in range(1, len(reading.texts) + 1)]
        places = [i for i, t in enumerate(reading.texts) if t["id"] in reading.canaries]
        assert places != list(range(len(places)))
