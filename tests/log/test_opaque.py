"""Names that only a machine reads."""

from __future__ import annotations

import pytest

from persona_agent.log.opaque import called_by_keys, is_opaque


@pytest.mark.parametrize(
    ("name", "opaque"),
    [
        ("-3499919498720038879", True),
        ("6f1ed002ab5595859014ebf0951522d9", True),
        ("0b2d7a54-6b7c-4c0e-9f4b-0c2f6a1b2c3d", True),
        ("jumbo bag", False),
        ("85123A", False),
        ("2024", False),
        ("deadbeef", False),
    ],
)
def test_keys_are_told_from_names(name: str, opaque: bool) -> None:
    """Long numbers, hashes and uuids name nothing; a word, a code of a catalogue and a year do."""
    assert is_opaque(name) == opaque


def test_things_are_called_by_keys_where_most_have_no_word() -> None:
    """Numbers alone name no kind of thing, however short; where half have words, kinds are told by these. A word is one in any
    script.
    """
    assert called_by_keys(["101", "102", "-3499919498720038879"])
    assert not called_by_keys(["101", "jumbo bag"])
    assert not called_by_keys(["商品一", "商品二"])
    assert not called_by_keys([])
