"""Texts of the program in the nouns of a log: each in both numbers, with its article, and nothing else changed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema.nouns import USUAL_NOUNS, Noun, Nouns, NounsOfLog
from persona_agent.words.its_nouns import own_pairs, said, shielded, unsaid

GROCER = Nouns(
    people=Noun(one="household", many="households"),
    visit=Noun(one="order", many="orders"),
    line=Noun(one="product", many="products"),
)
# Words with a plural of their own, and with the program's words in them.
ODD = Nouns(
    people=Noun(one="person", many="people"),
    visit=Noun(one="site visit", many="site visits"),
    line=Noun(one="order line", many="order lines"),
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Users of this log, a user's day, 3 users.", "Households of this log, a household's day, 3 households."),
        ("half of the users' visits", "half of the households' orders"),
        ("a visit of theirs holds more (8.75 lines)", "an order of theirs holds more (8.75 products)"),
        ("A typical visit", "A typical order"),
        ("48 % of their lines have more", "48 % of their products have more"),
        ("24 % of lines at £0.99 or less", "24 % of products at £0.99 or less"),
        ("| Lines of a visit | lines | 3 |", "| Products of an order | products | 3 |"),
        ("<th>Lines of a visit <i>lines</i></th>", "<th>Products of an order <i>products</i></th>"),
        ("the usual price of a line", "the usual price of a product"),
        ("the usual number of lines in a visit", "the usual number of products in an order"),
        ("do no more lines in a visit", "do no more products in an order"),
        ("share of sessions, the first of its session", "share of orders, the first of its order"),
        ("54 % of their lines; the surest half", "54 % of their products; the surest half"),
        ("the same store as the visit before", "the same store as the order before"),
        ("Shares of users: 3", "Shares of households: 3"),
        ("a user&#39;s visits, users&#39; visits", "a household&#39;s orders, households&#39; orders"),
    ],
)  # fmt: skip
def test_the_words_of_a_log(text: str, told: str) -> None:
    """One and many, large and small, with the article as it is spoken."""
    assert said(text, GROCER) == told
    assert said(told, GROCER) == told


@pytest.mark.parametrize(
    "text",
    [
        "Lines for it: 20 of 300; 12 more lines; lines: full; lines against: none",
        "at most 20 lines a claim are on this page",
        "2 exact copies of a line were counted once.",
        "show a claim with its lines; read the lines before acting on them; by their last lines",
        "buyer_id as the user, basket_id as the session (one a sitting), invoice could be the session",
        "--map user=uid, user.name, user_id, superusers, users.parquet, visit_id",
        '<table class="lines"><td class="user"><line x1="0"><a href="#visit">',
        "use “user settings” and {size.users}, or `persona-agent users`",
        shielded("the users page, each visit, a line, one session"),
    ],
)
def test_what_is_no_word_of_people_stays(text: str) -> None:
    """Evidence stays lines of the log; quotes, slots, names, tags and guarded texts stay as they are."""
    assert said(text, GROCER) == text.replace("\ue000", "")


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("User list viewed", ["user list"]),
        ("add a line", []),
        ("add lines to basket", ["add line"]),
        ("site visit booked", ["site visit", "visit booked"]),
        ("visit", []),
    ],
)
def test_names_of_the_log_that_hold_a_word_of_the_programs(name: str, pairs: list[str]) -> None:
    """Each such word with its neighbours, but for those that stand beside every word."""
    assert list(own_pairs(name)) == pairs


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Visits of 6 lines or more", "Orders of 6 products or more"),
        ("Lines of a visit", "Products of an order"),
        ("{v} of visits with bread hold milk too", "{v} of orders with bread hold milk too"),
        ("Viewing user lists", "Viewing user lists"),
        ("open a user list, a site visit or a visit", "open a user list, a site visit or an order"),
        ("Product lines", "Product lines"),
    ],
)
def test_labels_keep_names_of_the_log(text: str, told: str) -> None:
    """In a label acts and fields stand without quotes: what is the log's own is left alone."""
    nouns = NounsOfLog(**dict(GROCER), kept=("user list", "site visit"))
    assert said(text, nouns) == told
    assert said(told, nouns) == told


def test_plurals_of_their_own_and_words_that_hold_the_programs() -> None:
    """Possessives follow the plural; a text in its nouns is not put into them again."""
    told = "People's site visits, a person's site visit, 3 order lines of their order lines"
    assert said("Users' visits, a user's visit, 3 lines of their lines", ODD) == told
    assert said(told, ODD) == told


NOUN = st.builds(
    lambda word: Noun(one=word, many=f"{word}s"), st.from_regex(re.compile(r"[a-z]{3,8}( [a-z]{3,8})?"), fullmatch=True)
)
PLAIN = st.sampled_from(
    ["Of", "3", "a", "the", "their", "users", "user", "visits", "visit", "a line", "2 lines", "sessions"]
)


@given(st.builds(Nouns, people=NOUN, visit=NOUN, line=NOUN), st.lists(PLAIN).map(" ".join))
def test_no_word_of_the_programs_is_left_and_texts_settle(nouns: Nouns, text: str) -> None:
    """Whatever people and visits are called, the program's words for them are gone, and a second time changes nothing."""
    told = said(text, nouns)
    assert said(told, nouns) == told
    own = " ".join(w for kind in Nouns.model_fields for w in getattr(nouns, kind).model_dump().values())
    for word in ("user", "users", "visit", "visits", "session", "sessions"):
        assert word in own.split() or not re.search(rf"\b{word}\b", told)


@given(st.text())
def test_the_usual_nouns_change_nothing(text: str) -> None:
    """But for guards, which no text of the program keeps."""
    assert said(text, None) == text
    assert said(text, USUAL_NOUNS) == text.replace("\ue000", "")


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("Most households place two orders of 6 products.", "Most users place two visits of 6 lines."),
        ("A household in this order, “households first”, {v}", "A user in this order, “households first”, {v}"),
    ],
)  # fmt: skip
def test_texts_are_checked_in_the_programs_words(text: str, ours: str) -> None:
    """What a writer says of households is asked of users; one order may be one of things, and quotes are the log's."""
    assert unsaid(text, GROCER) == ours
    assert unsaid(text, USUAL_NOUNS) == text
