"""What people and visits are called where the columns of the log say it, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.codebook.noun_words import PEOPLE, VISITS, nouns_of_columns
from persona_agent.codebook.usable import clashing, spelled_nouns, unusable_noun
from persona_agent.schema.nouns import ACCOUNT, USUAL_NOUNS


@pytest.mark.parametrize(
    ("column", "called"),
    [
        ("household_id", "household"),
        ("CustomerID", "customer"),
        ("customerid", "customer"),
        ("properties.customer_no", "customer"),
        ("student", "student"),
        ("user_id", "user"),
        ("patient_id", "user"),
        ("customer_device_id", "user"),
        ("full_visitor_id", "user"),
        ("kundennummer", "user"),
        ("id", "user"),
        ("用户ID", "user"),
    ],
)
def test_the_key_column_says_what_people_are(column: str, called: str) -> None:
    """One plain word beside those that say it is a key; two words, and words that say who somebody is, decide nothing."""
    found = nouns_of_columns({"user": column})
    assert (found.people.one, found.people.many) == (called, f"{called}s")
    assert (found.visit, found.line) == (USUAL_NOUNS.visit, USUAL_NOUNS.line)
    assert nouns_of_columns({"user": column}, accounts=True).people == ACCOUNT


@pytest.mark.parametrize(
    ("column", "called"),
    [("basket_id", "basket"), ("Invoice", "invoice"), ("session_id", "visit"), ("case_id", "case"), ("caseid", "case")],
)
def test_the_session_column_says_what_a_visit_is(column: str, called: str) -> None:
    """Only what people say of a visit: a session stays a visit, and who works on cases visits nobody."""
    assert nouns_of_columns({"user": "user_id", "session": column}).visit.one == called


@given(st.text(), st.text())
def test_whatever_columns_are_called_nouns_can_stand_in_texts(user: str, session: str) -> None:
    """Each noun can be read back from a codebook."""
    found = nouns_of_columns({"user": user, "session": session})
    assert not clashing(found)
    assert not any(unusable_noun(word) for *_, word in spelled_nouns(found))


@pytest.mark.parametrize("word", ["persona", "Others", "value", "halves"])
def test_a_word_that_pages_use_for_something_else_is_no_noun(word: str) -> None:
    """“Land here again by their other personas” would be read as another sentence."""
    assert "pages" in unusable_noun(word)


@pytest.mark.parametrize("word", sorted(PEOPLE | VISITS))
def test_every_known_word_can_stand_in_texts(word: str) -> None:
    """In both numbers."""
    assert not unusable_noun(word)
    assert not unusable_noun(f"{word}s")
