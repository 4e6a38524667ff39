"""Keys, and names that a reader can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.log.opaque import called_by_keys, is_opaque


@pytest.mark.parametrize(
    "key",
    ["-3499919498720038879", "8890720798209849691", "d41d8cd98f00b204e9800998ecf8427e", "9b2e6d1a-4f0c-4e1a-9d3e-2f6a8c1b7d55",
     "7G4kQ2x9LmP0aZ81", "123456"],
)  # fmt: skip
def test_keys_are_keys(key: str) -> None:
    """Numbers of many digits, hashes, UUIDs and runs of letters and digits name nothing."""
    assert is_opaque(key)


@pytest.mark.parametrize(
    "name", ["1984", "rye loaf", "85123A", "/blog/3", "iPhone 15", "Week11", "internationalization", ""]
)
def test_names_are_names(name: str) -> None:
    """A year, an article's number, a path and a long word do."""
    assert not is_opaque(name)


@given(st.from_regex(r"[a-z]{2,12} [a-z0-9]{1,12}", fullmatch=True))
def test_what_has_two_words_is_no_key(name: str) -> None:
    """Whatever follows a word of letters."""
    assert not is_opaque(name)


def test_things_are_called_by_keys_where_most_have_no_word() -> None:
    """Numbers alone name no kind of thing, however short; where half have words, kinds are told by these. A word is one in any
    script.
    """
    assert called_by_keys(["101", "102", "-3499919498720038879"])
    assert not called_by_keys(["101", "jumbo bag"])
    assert not called_by_keys(["商品一", "商品二"])
    assert not called_by_keys([])
