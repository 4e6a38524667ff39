"""Anyone's personas as statements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.commands.auditing.statements import Read, read_personas, sentences
from persona_agent.errors import InputError

WORKSHOP = """---
date: today
---
# Our users

## The planner
Plans the week on Sunday. Prints the list, e.g. on paper.

- [ ] **Prints** every week
- uses [the app](https://example.org) in the morning
  - and at night

### Goals
**Frictions:** finds the search slow
> I just want my list.

| Device | phone |
|---|---|
<!-- ask Tom -->
![photo](a.png)

## The baker
Bakes.
"""


def read(tmp_path: Path, name: str, text: str) -> Read:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_personas(path)


def test_a_workshops_markdown(tmp_path: Path) -> None:
    """A bullet, a table row or a sentence of a team's own personas would never be held against the log."""
    got = read(tmp_path, "p.md", WORKSHOP)
    planner, baker = got.personas
    assert (planner.name, baker.name) == ("The planner", "The baker")
    assert planner.about == "Plans the week on Sunday. Prints the list, e.g. on paper."
    assert [(s.text, s.under) for s in planner.statements] == [
        ("Plans the week on Sunday.", ""),
        ("Prints the list, e.g. on paper.", ""),
        ("Prints every week", ""),
        ("uses the app in the morning", ""),
        ("and at night", ""),
        ("finds the search slow", "Frictions"),
        ("I just want my list.", "Quote"),
        ("Device: phone", "Goals"),
    ]
    assert planner.statements[2].where == "p.md:9"
    assert len(got.skipped) == 5  # front matter, title, rule of the table, comment, image


def test_a_text_without_headings_is_about_everyone(tmp_path: Path) -> None:
    """A list of assumptions about all users could not be audited."""
    got = read(tmp_path, "a.txt", "Most of our users come daily. They print.\n")
    assert [p.name for p in got.personas] == ["Everyone"]
    assert len(got.personas[0].statements) == 2


def test_another_tools_json(tmp_path: Path) -> None:
    """Statements in other keys, nested or in lists, would be lost; numbers and pictures would be taken for statements."""
    value = {
        "data": [
            {
                "persona_name": "Bulk buyer",
                "bio": "Buys by the dozen. Comes back.",
                "age": 34,
                "photo": "https://example.org/a.png",
                "goals": ["Restock. Fast.", {"text": "Pay by invoice"}],
                "habits": {"device": "Uses a laptop"},
                "user_ids": [12, 13],
            }
        ]
    }
    got = read(tmp_path, "x.json", json.dumps(value))
    [persona] = got.personas
    assert persona.users == ("12", "13")
    assert persona.about == "Buys by the dozen. Comes back."
    assert [s.text for s in persona.statements] == [
        "Buys by the dozen.", "Comes back.", "Restock. Fast.", "Pay by invoice", "Uses a laptop",
    ]  # fmt: skip
    assert persona.statements[2].where == "x.json: data[0].goals[0]"
    assert {s.partition(": ")[2].partition(":")[0] for s in got.skipped} == {"data[0].age", "data[0].photo"}


def test_our_own_cards_state_their_claims(tmp_path: Path) -> None:
    """Withdrawn claims, scores and reasons of our own files would be audited as if a card said them."""
    card = {
        "label": "Printers", "one_liner": {"text": "They print."}, "narrative": [{"text": "A session is short."}],
        "claims": [{"text": "All of them print.", "template": "x"}], "withdrawn": [{"text": "They sing."}], "stability": 0.9,
    }  # fmt: skip
    got = read(tmp_path, "personas.json", json.dumps({"schema_version": 1, "personas": [card]}))
    [persona] = got.personas
    assert [s.text for s in persona.statements] == ["They print.", "A session is short.", "All of them print."]
    assert any("withdrawn" in s for s in got.skipped)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("a.json", b'{"personas": [', "a.json:1"),
        ("a.json", b"[]", "no persona"),
        ("a.md", b"# A\n\n# B\n", "no statement"),
        ("a.md", b"\xff\xfe", "UTF-8"),
        ("a.jsonl", b'{"name": "x", "s": "Y."}\n{', "a.jsonl:2"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, name: str, raw: bytes, said: str) -> None:
    """A person would get a traceback, or an audit of nothing."""
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(InputError, match=said):
        read_personas(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A typing error in a path would read like a fault of the program."""
    with pytest.raises(InputError, match=r"nowhere\.md"):
        read_personas(tmp_path / "nowhere.md")


@given(st.text(max_size=400), st.sampled_from(["p.md", "p.json", "p.jsonl", "p.txt", "p"]))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    """Some file would end in a traceback."""
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_personas(path)
    except InputError as error:
        assert str(error)


WORDS = st.text(alphabet="abcdefgh ", min_size=1, max_size=30).map(lambda s: " ".join(s.split())).filter(bool)


@given(st.lists(st.tuples(st.sampled_from(["- ", "", "> ", "1. "]), WORDS), min_size=1, max_size=12))
def test_no_line_of_markdown_is_lost(tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]) -> None:
    """A statement could vanish between the file and the audit."""
    path = tmp_path_factory.mktemp("md") / "p.md"
    path.write_text("# One\n\n" + "\n\n".join(mark + words for mark, words in lines), encoding="utf-8")
    got = read_personas(path)
    assert [s.text for p in got.personas for s in p.statements] == [words for _, words in lines]


JSON = st.recursive(
    st.one_of(WORDS, st.integers(), st.none()),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(WORDS, x, max_size=3),
)


@given(st.dictionaries(WORDS.filter(lambda k: k not in ("id", "text")), JSON, min_size=1, max_size=4))
def test_no_string_of_json_is_lost(tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]) -> None:
    """The same for a key that nobody thought of."""
    path = tmp_path_factory.mktemp("json") / "p.json"
    path.write_text(json.dumps({"personas": [{"name": "N", **value}]}), encoding="utf-8")
    try:
        got = read_personas(path)
    except InputError:
        assert not list(strings(value))
        return
    assert sorted(s.text for p in got.personas for s in p.statements) == sorted(strings(value))


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for v in value.values() for s in strings(v)]
    return [s for v in value for s in strings(v)] if isinstance(value, list) else []


def test_sentences_end_where_a_reader_would_end_them() -> None:
    """“E.g.” or a quoted sentence would be cut into halves that mean something else."""
    text = "They print, e.g. Menus. They said “No. Never.” Then 3.5 % left! “Why?” Nobody knows."
    assert sentences(text) == [
        "They print, e.g. Menus.",
        "They said “No. Never.”",
        "Then 3.5 % left!",
        "“Why?”",
        "Nobody knows.",
    ]
