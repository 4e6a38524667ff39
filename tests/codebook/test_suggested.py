"""What a model suggests of a log, entry by entry: taken, refused with why, or left to a person."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.codebook import Codebook, DescribedAct, DescribedField, Zone, edited_names
from persona_agent.codebook.book import DescribedTheme
from persona_agent.codebook.suggested import with_suggestions
from persona_agent.schema.nouns import Noun, Nouns
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
    plain = {"nouns": Nouns().model_dump(), "acts": [], "fields": [], "artefacts": []}
    return SuggestedCodebook.model_validate({**plain, **parts})


def taken(said: dict[str, Any] | None = None, **parts: Any) -> tuple[Codebook, list[str]]:
    book, refused = with_suggestions(BOOK, suggested(**parts), THINGS, {}, said or {})
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
    ],
)
def test_what_cannot_be_taken_says_why(parts: dict[str, Any], why: str) -> None:
    """Where an entry is refused that of the rules stands."""
    book, refused = taken(**parts)
    assert any(why in said for said in refused)
    assert book.acts == BOOK.acts
    assert {n: f.unit for n, f in book.fields.items()} == {n: f.unit for n, f in BOOK.fields.items()}


def test_what_a_person_said_stays() -> None:
    """An act, a field and artefacts of a person's file are as the file has them."""
    said = {"acts": {"View_Item": {"name": "view item"}}, "fields": {"sales": {}}, "artefacts": {}}
    book, refused = taken(
        said, acts=[act("view_item", "look")], fields=[field("sales", "spent")], artefacts=["unknown product"]
    )
    assert book == BOOK
    assert not refused


HOUSEHOLD, TRIP = Noun(one="household", many="households"), Noun(one="trip", many="trips")


def nouns(**kinds: Noun) -> dict[str, Any]:
    return Nouns(**kinds).model_dump()


def test_nouns_are_taken_a_kind_at_a_time() -> None:
    """What cannot stand in a text, or is another kind's word, is refused with why; the other kinds are taken."""
    assert taken(nouns=nouns(people=HOUSEHOLD, visit=TRIP))[0].nouns == Nouns(people=HOUSEHOLD, visit=TRIP)
    for wrong, why in (
        (Noun(one="pensioner", many="pensioners"), "who somebody is"),
        (Noun(one="muslim", many="muslims"), "who somebody is"),
        (Noun(one="user {x}", many="users"), "a word or two of letters"),
        (Noun(one="", many="things"), "a word or two of letters"),
        (Noun(one="a very long word for them", many="them"), "a word or two of letters"),
        (Noun(one="trip", many="trips"), "would both be called 'trip'"),
        (Noun(one="staff", many="staff"), "would both be called 'staff'"),
    ):
        book, refused = taken(nouns=nouns(people=wrong, visit=TRIP))
        assert any(why in said for said in refused), wrong
        # Of two kinds with one word the first is taken.
        assert book.nouns == (Nouns(people=TRIP) if wrong == TRIP else Nouns(visit=TRIP))
    book, refused = taken({"nouns": {"people": {}}}, nouns=nouns(people=HOUSEHOLD, visit=TRIP))
    assert (book.nouns, refused) == (Nouns(visit=TRIP), [])


def test_what_users_have_one_value_of_stays_so() -> None:
    """It was counted, and users are told apart within it: a model may find such a field, and may not take it for nothing."""
    plan = BOOK.model_copy(update={"fields": {**BOOK.fields, "plan": DescribedField(name="plan", use="of the user")}})
    book, _ = with_suggestions(plan, suggested(fields=[field("plan", "plan", use="bookkeeping")]), THINGS, {}, {})
    assert book.fields["plan"].use == "of the user"
    assert taken(fields=[field("flag_7", "flag", use="of the user")])[0].fields["flag_7"].use == "of the user"


def test_a_log_is_left_to_its_users() -> None:
    """A model that takes all acts for the product's is not believed; a side effect of nothing is none."""
    book, refused = taken(acts=[act(name, name.replace("_", " "), doer="product") for name in BOOK.acts])
    assert {a.doer for a in book.acts.values()} == {"user"}
    assert any("who does what" in said for said in refused)
    book, _ = taken(acts=[act("page_load", "page load", doer="system")])
    assert book.acts["page_load"].doer == "user"


def test_themes_are_called_as_a_model_says() -> None:
    """A name that cannot stand, that something else has, or of a theme that is not there changes nothing."""
    found = {name: DescribedTheme(name=name, things=9) for name in ("jumbo bags", "lunch bags", "red mugs")}
    book = BOOK.model_copy(update={"themes": found})
    names = {
        "jumbo bags": "big shoppers",
        "lunch bags": "big shoppers",
        "red mugs": "things for mothers",
        "rugs": "rugs",
    }
    called, refused = with_suggestions(book, suggested(), THINGS, names, {})
    assert {n: t.name for n, t in called.themes.items()} == {
        "jumbo bags": "big shoppers", "lunch bags": "lunch bags", "red mugs": "red mugs",
    }  # fmt: skip
    assert len(refused) == 2
    assert edited_names(book, called).themes == {"jumbo bags": "big shoppers"}
    kept, _ = with_suggestions(book, suggested(), THINGS, names, {"themes": {"jumbo bags": {"name": "jumbo bags"}}})
    assert kept.themes["jumbo bags"].name == "jumbo bags"


NAMES = st.lists(st.text(max_size=12), max_size=4)


@given(st.dictionaries(st.sampled_from(["mugs", "rugs", "none"]), st.text(max_size=8)), NAMES)
def test_whatever_is_suggested(themes: dict[str, str], names: list[str]) -> None:
    """No two things have one name, and nothing is named that is not there."""
    acts = [act(spelled, name) for spelled, name in zip(BOOK.acts, names, strict=False)]
    described = {name: DescribedTheme(name=name) for name in ("mugs", "rugs")}
    before = BOOK.model_copy(update={"themes": described})
    book, _ = with_suggestions(before, suggested(acts=acts), THINGS, themes, {})
    called = [part.name.casefold() for kind in (book.acts, book.fields, book.themes) for part in kind.values()]
    assert len(called) == len(set(called))
    assert (list(book.acts), list(book.fields), list(book.themes)) == (
        list(BOOK.acts),
        list(BOOK.fields),
        list(described),
    )
