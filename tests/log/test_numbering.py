"""Whole numbers that number what a text names are no amounts; prices, marks and counts stay what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.codebook import propose
from persona_agent.log.events import counts_nothing, properties
from tests.codebook.planted import START, Event, table

THINGS, USERS, LINES = 30, 24, 25
Held = Callable[[int, np.random.Generator], Mapping[str, Any]]


def amounts(held: Held, *, things: int = THINGS) -> set[str]:
    """Which properties are amounts, of users who meet things at random, each with what it holds."""
    rng = np.random.default_rng(5)
    met = [(u, int(rng.integers(things)), n) for u in range(USERS) for n in range(LINES)]
    events = [
        Event(f"u{u}", START + timedelta(days=n, minutes=u), "buy", f"thing {t:02}", dict(held(t, rng)))
        for u, t, n in met
    ]
    with table(events) as connection:
        return {p.name for p in properties(connection) if p.is_amount}


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1_000, 999_999), min_size=THINGS, max_size=THINGS, unique=True))
def test_a_number_of_things_or_kinds_is_no_amount(drawn: list[int]) -> None:
    """By values alone: the numbers of things, and of makers that a text names; not how many pieces there are."""
    numbers = [10 * n + n % 3 + 1 for n in drawn]  # those that mostly end in 0, 5 or 9 may be prices

    def held(t: int, rng: np.random.Generator) -> dict[str, Any]:
        own = {"gulo": numbers[t], "teni": f"maker {'abcdefghij'[t % 10]}", "tenu": numbers[t % 10]}
        return {**own, "pieces": int(rng.integers(1, 9))}

    assert amounts(held) == {"pieces"}


def prices(t: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "a": 3.27 + 11.31 * t,
        "b": 99 + 100 * t,
        "c": 1_250 * (t + 1),
        "d": 3 + 7 * (t // 2),
        "e": int(rng.integers(40, 140)),
    }


def test_what_things_cost_is_an_amount() -> None:
    """Decimals, the endings of prices, and a number that two things share, each of one thing; and one that varies on its own."""
    assert amounts(prices) == set("abcde")


def test_a_price_that_is_written_out_is_an_amount() -> None:
    """A text that holds the number spells it, and names nothing; a note on each line names nothing either."""

    def held(_: int, rng: np.random.Generator) -> dict[str, Any]:
        n = int(rng.integers(100, 130))
        return {"sum": n, "told": f"{n} crowns", "note": f"note {rng.integers(10**9)}"}

    assert amounts(held) == {"sum"}


def test_marks_that_have_names_are_amounts() -> None:
    """A scale of seven with a word for each, given as one likes, is an amount; seven shelves of things, numbered, are not."""
    words = ["awful", "bad", "poor", "fair", "good", "great", "superb"]

    def held(t: int, rng: np.random.Generator) -> dict[str, Any]:
        mark = int(rng.integers(7))
        return {
            "mark": mark + 1,
            "word": words[mark],
            "shelf": t % 7 + 1,
            "shelf_of": f"shelf of {words[t % 7]} things",
        }

    assert amounts(held) == {"mark"}


def test_numbers_of_users_are_not_told_by_their_own_lines() -> None:
    """One user's number beside their town, met by nobody else, comes back on their own lines alone: that shows nothing."""
    events = [
        Event(
            f"u{u}",
            START + timedelta(days=n),
            "buy",
            f"thing {(u + n) % 9}",
            {"points": 1_001 + 37 * u, "town": f"town {u}"},
        )
        for u in range(USERS)
        for n in range(LINES)
    ]
    with table(events) as connection:
        assert [p.name for p in properties(connection) if p.is_id] == []


def test_ids_are_bookkeeping_in_the_codebook() -> None:
    """A number that numbers the things of a log is bookkeeping in the codebook, an amount beside it is not."""
    rng = np.random.default_rng(2)
    ids = rng.permutation(90_000)[:THINGS] * 7 + 1
    events = [
        Event(
            f"u{u}",
            START + timedelta(days=n),
            "buy",
            f"thing {t}",
            {"gulo": int(ids[t]), "spent": float(rng.integers(99)) / 4},
        )
        for u in range(USERS)
        for n in range(LINES)
        for t in [int(rng.integers(THINGS))]
    ]
    with table(events) as connection:
        fields = propose(connection, zone="UTC", confirmed=True).fields
    assert (fields["gulo"].use, fields["gulo"].repeats, fields["spent"].use) == ("bookkeeping", "object", "amount")


@pytest.mark.parametrize("name", ["movieId", "movie_id", "商品ID", "лист no", "StoreNr", "zip", "items.idx"])
def test_keys_are_told_by_name_in_any_case(name: str) -> None:
    """A name that ends as keys do is of a key, however it is spelled."""
    assert counts_nothing(name)


@pytest.mark.parametrize("name", ["paid", "avid", "timeOnSite", "售价", "casino", "period", "PAID"])
def test_words_that_end_like_a_key_are_none(name: str) -> None:
    """A word that only ends with the same letters is not."""
    assert not counts_nothing(name)
