"""Places: the one field of a visit that users come back to, beside fields that look like it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest

from persona_agent.codebook import edited_names

from .planted import START, Event, proposed, shop

STORES = 300


def chain(seed: int, *, lines: int = 3) -> Iterator[Event]:
    """A chain of shops, sixty users with twelve visits of a few lines, each visit in one of a user's four stores. Beside it stand
    what numbers visits (a receipt), what passes for good (a week), what a user holds (a country), or nearly all do (a depot),
    one of two (a till), what differs by line (a shelf), and a number of things.
    """
    rng = np.random.default_rng(seed)
    for u in range(60):
        own = rng.choice(STORES, 4, replace=False)
        for v in range(12):
            fields = {
                "store_id": str(100 + own[int(rng.integers(4))]), "receipt": f"R{u}.{v}", "week": f"week {v}",
                "country": f"land {u % 5}", "depot": f"depot {u % 7 + v % 2 * (u % 10 == 0)}", "till": "ab"[int(rng.integers(2))],
            }  # fmt: skip
            for n in range(lines):
                of_line = {"shelf": f"shelf {rng.integers(9)}", "quantity": int(rng.integers(1, 5))}
                thing = f"product {rng.integers(40)}"
                yield Event(f"u{u}", START + timedelta(days=v, minutes=n), "buy", thing, fields | of_line)


@pytest.mark.parametrize("seed", range(3))
def test_the_store_is_a_place_and_nothing_else_is(seed: int) -> None:
    """Hundreds of stores of which no value tells users apart, though it is a number and bookkeeping; a receipt, a week, a
    country, a till of two, a shelf of a line and an amount are none.
    """
    book = proposed(chain(seed))
    assert book.places == ["store_id"]
    assert edited_names(book, book).places == ["store_id"]


def test_where_visits_are_of_one_line_no_field_is_a_place() -> None:
    """There each field holds one value a visit, and it says nothing of the field."""
    assert proposed(chain(0, lines=1)).places == []


def test_a_shop_with_a_country_and_receipts_has_no_place() -> None:
    """Nor with channels that change from line to line."""
    assert proposed(shop(0)).places == []


def with_more(seed: int, **drawn: int) -> Iterator[Event]:
    """The chain with fields that are drawn anew for each visit, from so many values."""
    rng = np.random.default_rng(seed)
    of_visit: dict[str, dict[str, str]] = {}
    for e in chain(seed):
        own = of_visit.setdefault(e.properties["receipt"], {k: f"{k} {rng.integers(n)}" for k, n in drawn.items()})
        yield e._replace(properties=e.properties | own)


def test_of_many_places_two_are_told() -> None:
    """A third field of the same visits is mostly one more name of the same place."""
    assert len(proposed(with_more(1, desk=6, gate=7)).places) == 2


def test_a_place_under_two_names_is_one() -> None:
    """A branch that tells what the number of its store tells stands for it."""
    named = [e._replace(properties=e.properties | {"branch": f"branch {e.properties['store_id']}"}) for e in chain(1)]
    assert proposed(named).places == ["branch"]


def test_what_the_law_protects_is_no_place() -> None:
    """Nobody is told by how they change it."""
    assert proposed(with_more(1, religion=6)).places == ["store_id"]
