"""edits.yaml: it reads back as it was written, errors name the line, and two files are joined without a loss."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.edits import Entry, PersonEdits, edits_from, joined, read_edits, write_edits
from persona_agent.edits.entries import id_of
from persona_agent.errors import UsageError
from persona_agent.schema import Measure
from persona_agent.store import Store

PRINTS = Measure.model_validate(
    {
        "unit": "users",
        "steps": [[{"field": "action", "op": "is", "value": ["print"]}]],
        "statistic": "share",
        "says": {"quantifier": "most"},
    }
)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
ENTRIES = st.builds(
    Entry,
    at=st.sampled_from(["p1.name", "p2.sentence", "p10.s3", "p1.c4", "p3.try"]),
    of=TEXTS,
    text=TEXTS.filter(bool),
    said=TEXTS,
    was=TEXTS,
    rests_on=st.dictionaries(st.sampled_from(["p1.c1", "p2.c12"]), st.just(PRINTS)),
    measure=st.sampled_from([None, PRINTS]),
    verdict=st.sampled_from([None, "accepted", "rejected"]),
    own_words=st.booleans(),
    locked=st.booleans(),
    note=TEXTS,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store.create(tmp_path_factory.mktemp("edits") / "out")


@settings(max_examples=25)
@given(rows=st.lists(ENTRIES, max_size=4))
def test_what_is_written_reads_back(store: Store, rows: list[Entry]) -> None:
    """Entries of any texts are the same after the file, and the file is the same whatever their order."""
    edits = PersonEdits({id_of(row): row for row in rows})
    write_edits(store, edits)
    text = store.path("edits.yaml").read_text(encoding="utf-8")
    assert read_edits(store).entries == edits.entries
    write_edits(store, PersonEdits(dict(reversed(edits.entries.items()))))
    assert store.path("edits.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("edits: {}", "version"),
        ("version: 1\nedits:\n  x:\n    at: p1.nose\n    text: a\n", "line 4: at:"),
        ("version: 1\nedits:\n  x:\n    at: p1.name\n    txt: a\n", "line 5: txt: there is no such key"),
        ("version: 1\nedits:\n  x:\n    at: p1.name\n", "it changes nothing"),
        ("version: 1\nedits:\n  x:\n    at: p1.new\n    text: a\n", "needs a measure"),
        ("version: 1\nedits:\n  x:\n    at: p1.new\n    measure: '{'\n", "measure"),
        ("version: 1\nedits:\n  x: &a\n    at: p1.name\n    text: a\n", "anchors"),
        ("version: 1\nedits:\n  x: {at: p1.name, text: a}\n  x: {at: p1.name, text: b}\n", "there twice"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str, why: str) -> None:
    """A file that does not fit is a UsageError with the file, the line and the key."""
    file = tmp_path / "edits.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as error:
        edits_from(file)
    assert why in error.value.message
    assert "edits.yaml" in error.value.message


def test_two_files_are_joined_or_say_what_both_change() -> None:
    """Entries of both stay; the same id with other words is an error and not a choice."""
    one, other = Entry(at="p1.name", text="One"), Entry(at="p2.name", text="Other")
    assert joined(PersonEdits({"a": one}), PersonEdits({"b": other})).entries == {"a": one, "b": other}
    with pytest.raises(UsageError, match="change a"):
        joined(PersonEdits({"a": one}), PersonEdits({"a": other}))
