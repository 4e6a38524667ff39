"""Words for people that are a part of what a thing is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.codebook.usable import unusable
from persona_agent.words.group_names import is_who
from persona_agent.words.lexicon import IDENTITY, OF_THINGS
from persona_agent.words.sentences import identity_words

PEOPLE = [word for word in IDENTITY if word.isalpha() and word not in ("famil", "freelanc")]
CASES = [str.lower, str.title, str.upper, str.capitalize]


@given(st.sampled_from(OF_THINGS), st.sampled_from(CASES), st.sampled_from([" ", "-"]), st.sampled_from(["", "s"]))
def test_a_thing_may_be_called_so(phrase: str, cased: object, between: str, more: str) -> None:
    """In any case, as one word or several, of one or of many: as a name of a theme or of a group."""
    assert callable(cased)
    name = cased(phrase.replace(" ", between) + more)
    assert (unusable(name), is_who(name), identity_words(name)) == ("", False, [])


@given(st.sampled_from(OF_THINGS), st.sampled_from(PEOPLE), st.booleans(), st.sampled_from(CASES))
def test_whoever_is_named_beside_it_is_still_named(phrase: str, people: str, behind: bool, cased: object) -> None:
    """A set phrase hides nobody who is named in front of it or behind it."""
    assert callable(cased)
    name = cased(f"{phrase} {people}" if behind else f"{people} {phrase}")
    assert unusable(name) == "it says who somebody is"
    assert is_who(name)
    assert identity_words(name)


@pytest.mark.parametrize(
    "name",
    [
        "Manager",
        "Rich men",
        "Rich",
        "Rich clients",
        "rich-men",
        "Man",
        "Old man",
        "Poor",
        "Rich texters",
        "Man-servants",
    ],
)
def test_people_are_not_called_so(name: str) -> None:
    """The words alone, before people, and before a word that only begins like a thing."""
    assert unusable(name) == "it says who somebody is"
    assert is_who(name)
