"""Values as readers spell them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import NO_NAMES
from persona_agent.words.english.held_phrases import held_phrase
from persona_agent.words.value_words import said_of_making, value_words
from persona_agent.words.wording import readable


@pytest.mark.parametrize(
    ("field", "value", "words", "made"),
    [
        ("userCountry", "br", "Brazil", "in Brazil"),
        ("properties.geo.country_code", "USA", "United States", "in the United States"),
        ("country", "gb", "United Kingdom", "in the United Kingdom"),
        ("country", "zz", "zz", ""),
        ("language", "br", "br", ""),
        ("userRegion", "sp", "SP", ""),
        ("userRegion", "27", "27", ""),
        ("system", "linux", "Linux", "on Linux"),
        ("client_os", "macos", "macOS", "on macOS"),
        ("device", "phone", "phone", "on a phone"),
        ("deviceCategory", "mobile", "mobile", "on a phone"),
        ("device", "iphone 6", "iphone 6", ""),
        ("browser", "an app", "an app", "in an app"),
        ("browser", "firefox", "Firefox", "in Firefox"),
        ("solar_system", "linux", "linux", ""),
    ],
)
def test_values_are_spelled_as_people_spell_them(field: str, value: str, words: str, made: str) -> None:
    """Codes of countries by their names, systems and browsers as their makers write them; nothing in other fields."""
    assert (value_words(field, value), said_of_making(field, value)) == (words, made)


@given(st.text(max_size=20), st.text(max_size=8))
def test_what_is_not_known_stays(field: str, value: str) -> None:
    """A value is spelled otherwise only where the field is of countries, regions, devices, systems or browsers."""
    kinds = ("country", "pa", "region", "province", "subdivision", "device", "system", "os", "browser", "form")
    if not any(kind in field.lower() for kind in kinds):
        assert value_words(field, value) == readable(value)


def test_who_is_in_a_country_is_said_by_its_name() -> None:
    """Also where the field says whose country it is."""
    assert held_phrase(
        "userCountry", "BR", NO_NAMES.model_copy(update={"fields": {"userCountry": "user country"}}), other=True
    ).said == ("are outside Brazil")
