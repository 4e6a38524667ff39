"""What a model suggests of a log, entry by entry: taken, refused with why, or left to a person."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.codebook import Codebook, DescribedAct, DescribedField, Zone, edited_names
from persona_agent.codebook.suggested import MOST_THEMES, with_suggestions
from persona_agent.groups.themes import FEWEST_USERS, spread_themes
from persona_agent.schema.suggestions import SuggestedCodebook

BOOK = Codebook(
    zone=Zone(name="UTC", confirmed=False),
    acts={
        "view_item": DescribedAct(name="view item", events=600),
        "purchase": DescribedAct(name="purchase", events=300),
        "page_load": DescribedAct(name="page load", events=900),
    },
    fields={
        "sales": DescribedField(name="sales", unit="money", use="amount"),
        "flag_7": DescribedField(name="flag 7"),
    },
)
THINGS = ["red mug", "blue mug", "rug", "round rug", "unknown product"]


def act(spelled: str, name: str, **more: Any) -> dict[str, Any]:
    return {"act": spelled, "name": name, "doer": "user", "clock": True, "follows": None, **more}


def field(spelled: str, name: str, **more: Any) -> dict[str, Any]:
    return {"field": spelled, "name": name, "unit": None, "use": "as it is", **more}


def suggested(**parts: Any) -> SuggestedCodebook:
    return SuggestedCodebook.model_validate({"acts": [], "fields": [], "themes": [], "artefacts": [], **parts})


def taken(said: dict[str, Any] | None = None, **parts: Any) -> tuple[Codebook, list[str]]:
    book, refused = with_suggestions(BOOK, suggested(**parts), THINGS, said or {})
    return book, list(refused)


def test_plain_names_units_and_doers_are_taken() -> None:
    """Names stand in texts, an amount has its unit, a side effect its cause, a flag is bookkeeping."""
    book, refused = taken(
        acts=[
            act("view_item", "look at an item"),
            act("page_load", "load a page", doer="system", follows="view_item", clock=False),
        ],
        fields=[field("sales", "spent", unit="GBP"), field("flag_7", "pipeline flag", use="bookkeeping")],
        artefacts=["unknown product"],
    )
    assert not refused
    assert book.acts["view_item"].name == "look at an item"
    assert (book.acts["page_load"].doer, book.acts["page_load"].follows) == ("system", "view_item")
    assert not book.acts["page_load"].clock
    assert (book.fields["sales"].unit, book.fields["flag_7"].use) == ("GBP", "bookkeeping")
    assert list(book.artefacts) == ["unknown product"]
    assert edited_names(BOOK, book).fields == {"sales": "spent (GBP)", "flag_7": "pipeline flag"}


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"acts": [act("teleport", "jump")]}, "no such act"),
        ({"fields": [field("mood", "mood")]}, "no such field"),
        ({"acts": [act("view_item", "shop as a young mother")]}, "who somebody is"),
        ({"acts": [act("view_item", "purchase")]}, "something else is called so"),
        ({"fields": [field("sales", "purchase")]}, "something else is called so"),
        ({"acts": [act("view_item", "say “hello”")]}, "quotation marks"),
        ({"acts": [act("view_item", "x" * 80)]}, "characters"),
        ({"fields": [field("sales", "spent", unit="a very long unit of money")]}, "is no unit"),
        ({"themes": [{"name": "things for pregnant women", "things": [1, 2, 3, 4]}]}, "the theme"),
        ({"themes": [{"name": "mugs", "things": [1]}]}, "fewer than two"),
        ({"themes": [{"name": "mugs", "things": [1, 2]}]}, "2 of 5 things"),
    ],
)
def test_what_cannot_be_taken_says_why(parts: dict[str, Any], why: str) -> None:
    """Where an entry is refused that of the rules stands."""
    book, refused = taken(**parts)
    assert any(why in said for said in refused)
    assert book.acts == BOOK.acts
    assert {n: f.unit for n, f in book.fields.items()} == {n: f.unit for n, f in BOOK.fields.items()}
    assert not book.folding


def test_what_a_person_said_stays() -> None:
    """An act, a field and artefacts of a person's file are as the file has them."""
    said = {"acts": {"View_Item": {"name": "view item"}}, "fields": {"sales": {}}, "artefacts": {}}
    book, refused = taken(
        said, acts=[act("view_item", "look")], fields=[field("sales", "spent")], artefacts=["unknown product"]
    )
    assert book == BOOK
    assert not refused


def test_a_log_is_left_to_its_users() -> None:
    """A model that takes all acts for the product's is not believed; a side effect of nothing is none."""
    book, refused = taken(acts=[act(name, name.replace("_", " "), doer="product") for name in BOOK.acts])
    assert {a.doer for a in book.acts.values()} == {"user"}
    assert any("who does what" in said for said in refused)
    book, _ = taken(acts=[act("page_load", "page load", doer="system")])
    assert book.acts["page_load"].doer == "user"


def test_themes_hold_a_thing_once() -> None:
    """A thing that two themes claim is in the first; numbers that are none are passed over."""
    book, _ = taken(themes=[{"name": "mugs", "things": [1, 2, 99]}, {"name": "rugs", "things": [2, 3, 4]}])
    assert book.folding == {"red mug": "mugs", "blue mug": "mugs", "rug": "rugs", "round rug": "rugs"}


NUMBERS = st.lists(st.integers(-1, 12), max_size=6)
THEMES = st.lists(st.fixed_dictionaries({"name": st.text(max_size=8), "things": NUMBERS}), max_size=70)


@given(THEMES, st.lists(st.text(max_size=12), max_size=4))
def test_whatever_is_suggested(themes: list[dict[str, Any]], names: list[str]) -> None:
    """No two things have one name, no theme is of one thing, there are at most sixty, and nothing is named that is not there."""
    acts = [act(spelled, name) for spelled, name in zip(BOOK.acts, names, strict=False)]
    book, _ = taken(acts=acts, themes=themes)
    called = [a.name.casefold() for a in book.acts.values()] + [f.name.casefold() for f in book.fields.values()]
    called += [name.casefold() for name in set(book.folding.values())]
    assert len(called) == len(set(called))
    assert set(book.folding) <= set(THINGS)
    assert len(set(book.folding.values())) <= MOST_THEMES
    assert all(list(book.folding.values()).count(name) > 1 for name in book.folding.values())
    assert list(book.acts) == list(BOOK.acts) and list(book.fields) == list(BOOK.fields)


def test_the_rest_goes_with_what_it_is_nearest_to() -> None:
    """Things that nobody sorted have the theme of those that the same users meet; what few users met has none."""
    rng = np.random.default_rng(0)
    users, per = 80, 20  # two kinds of users, each with its own forty things
    user = np.repeat(np.arange(users), per)
    thing = np.concatenate([rng.choice(40, per, replace=False) + 40 * (u % 2) for u in range(users)])
    names = [f"{'mug' if i < 40 else 'rug'} {i:03}" for i in range(81)]
    given_themes = np.full(81, -1)
    given_themes[:10], given_themes[40:50] = 0, 1
    found = spread_themes(user.astype(np.int64), thing.astype(np.int64), names, given_themes.astype(np.int64), 0)
    met = np.bincount(thing, minlength=81)
    kept = met >= FEWEST_USERS
    assert (found[:40][kept[:40]] == 0).mean() > 0.9
    assert (found[40:80][kept[40:80]] == 1).mean() > 0.9
    assert found[80] == -1
