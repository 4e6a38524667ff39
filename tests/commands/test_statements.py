"""Anyone's personas as statements."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent.commands.auditing.documents import Document, read_document
from persona_agent.commands.auditing.statements import sentences
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


def read(tmp_path: Path, name: str, text: str) -> Document:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def test_a_workshops_markdown(tmp_path: Path) -> None:
    """Bullets, rows, quotes and sentences are statements under what they stand under; the rest is listed as skipped."""
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


def said(tmp_path: Path, text: str) -> list[tuple[str, int, str]]:
    """Text, line and heading of each statement of a Markdown file whose one persona stands on line 1."""
    [persona] = read(tmp_path, "p.md", f"# N\n{text}").personas
    return [(s.text, int(s.where.partition(":")[2]), s.under) for s in persona.statements]


def test_a_bullet_is_one_statement_over_its_lines(tmp_path: Path) -> None:
    """Indented lines go on with their bullet, nested bullets and paragraphs are their own, unmarked lines are lines."""
    text = """
- prints the list
  every week
  1. on Sunday. At home.
     * in *colour*
- [x] shops
Bakes. Sings.

  Also at night.
3) pays
"""
    assert said(tmp_path, text) == [
        ("prints the list every week", 3, ""),
        ("on Sunday. At home.", 5, ""),
        ("in colour", 6, ""),
        ("shops", 7, ""),
        ("Bakes.", 8, ""),
        ("Sings.", 8, ""),
        ("Also at night.", 10, ""),
        ("pays", 11, ""),
    ]


def test_a_table_says_a_row_a_statement(tmp_path: Path) -> None:
    """With and without outer pipes, with escaped ones, cells beyond the header's, and rows that belong to no table."""
    text = r"""
Device | When
:--|--:
phone | **daily**
tablet | `a \| b` | never
| | |

| no | header |

> | in | quotes |
> |---|---|
> | x | y | z |
"""
    assert said(tmp_path, text) == [
        ("Device: When", 3, ""),
        ("phone: daily", 5, ""),
        ("tablet: a | b: never", 6, ""),
        ("no: header", 9, ""),
        ("in: quotes", 11, ""),
        ("x: y: z", 13, ""),
    ]


def test_quotes_hold_what_is_marked_as_theirs(tmp_path: Path) -> None:
    """Lists and paragraphs in quotes are quotes; an unmarked line after one is not."""
    text = "> I print. Daily.\nShops.\n\n> - lists\n>   too\n>\n> > **Fears:** ink\n"
    assert said(tmp_path, text) == [
        ("I print.", 2, "Quote"),
        ("Daily.", 2, "Quote"),
        ("Shops.", 3, ""),
        ("lists", 5, "Quote"),
        ("too", 6, "Quote"),
        ("ink", 8, "Fears"),
    ]


def test_code_is_skipped_and_indented_text_is_none(tmp_path: Path) -> None:
    """A fence ends where its own marks end; what is only indented is text."""
    text = "```\n# no heading\n~~~\n- no item\n```\n\n    Prints.\n\n    - in bed\n\nUses `a * b`.\n\n~~~\nopen\n"
    assert said(tmp_path, text) == [("Prints.", 8, ""), ("in bed", 10, ""), ("Uses a * b.", 12, "")]
    got = read(tmp_path, "p.md", f"# N\n{text}")
    assert got.skipped == ("p.md:2: code", "p.md:14: code")


def test_html_is_its_words(tmp_path: Path) -> None:
    """Tags go, comments and scripts are skipped, and what only looks like a tag is words."""
    text = """<details><summary>Habits</summary>
- <b>prints</b> daily<br>or weekly
</details>

<!-- ask
# Tom -->
<user name> shops. Pays <!-- why? -->late.

<script>
let it = 1
</script>
<img src="a.png">
"""
    assert said(tmp_path, text) == [
        ("Habits", 2, ""),
        ("prints daily or weekly", 3, ""),
        ("<user name> shops.", 8, ""),
        ("Pays late.", 8, ""),
    ]
    got = read(tmp_path, "p.md", f"# N\n{text}")
    assert got.skipped == ("p.md:6: a comment", "p.md:8: a comment", "p.md:10: code", "p.md:13: no words")


def test_headings_of_both_makes_and_front_matter(tmp_path: Path) -> None:
    """Underlined headings count like those with marks; front matter that never ends is none; a heading in a list is text."""
    got = read(
        tmp_path,
        "p.md",
        "---\nThe planner\n---\nPlans.\n\nThe baker\n===\nBakes.\n- # Sings\n\nThe rest\n===\nRests.\n",
    )
    assert [p.name for p in got.personas] == ["The baker", "The rest"]
    assert [s.text for s in got.personas[0].statements] == ["Bakes.", "Sings"]
    assert got.skipped == ("p.md:1: front matter of 3 lines", "p.md:4: “Plans.” stands before the first persona")
    assert read(tmp_path, "q.md", "---\nPlans.\n").skipped == ("q.md:1: a rule",)


def test_words_are_as_a_reader_sees_them(tmp_path: Path) -> None:
    """Escapes and entities are resolved, links leave their words, a definition of a link and an odd mark stay."""
    marked = r'Prints \*fast\* &amp; *often*, [see](https://a.example "t").'
    text = f"{marked}\n\n[Goal]: speed\n\n**Why**: to save ~~time~~\n\n**Odd\n"
    assert [s for s, _, _ in said(tmp_path, text)] == [
        "Prints *fast* & often, see.",
        "[Goal]: speed",
        "to save time",
        "**Odd",
    ]


def test_a_text_without_headings_is_about_everyone(tmp_path: Path) -> None:
    """It is one persona, everyone."""
    got = read(tmp_path, "a.txt", "Most of our users come daily. They print.\n")
    assert [p.name for p in got.personas] == ["Everyone"]
    assert len(got.personas[0].statements) == 2


def test_another_tools_json(tmp_path: Path) -> None:
    """Statements are found in any key, nested or in lists; numbers and pictures are none."""
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
    """Withdrawn claims, scores and reasons of our own files are no statements."""
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
        ("a.json", b"[" * 100_000, "nested too deeply"),
        ("a.md", b"> " * 900 + b"They print.", "nested too deeply"),
    ],
)
def test_what_cannot_be_read_says_where(tmp_path: Path, name: str, raw: bytes, said: str) -> None:
    """The error names the place."""
    path = tmp_path / name
    path.write_bytes(raw)
    with pytest.raises(InputError, match=said):
        read_document(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(InputError, match=r"nowhere\.md"):
        read_document(tmp_path / "nowhere.md")


@settings(deadline=None)  # each example is a file
@given(st.text(max_size=400), st.sampled_from(["p.md", "p.json", "p.jsonl", "p.txt", "p"]))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, name: str) -> None:
    """Whatever the text, there are statements or an error of ours."""
    path = tmp_path_factory.mktemp("any") / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        read_document(path)
    except InputError as error:
        assert str(error)


WORDS = st.text(alphabet="abcdefgh ", min_size=1, max_size=30).map(lambda s: " ".join(s.split())).filter(bool)


@settings(deadline=None)  # each example is a file
@given(st.lists(st.tuples(st.sampled_from(["- ", "", "> ", "1. "]), WORDS), min_size=1, max_size=12))
def test_no_line_of_markdown_is_lost(tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]) -> None:
    """Each bullet, line and quote is a statement, in order."""
    path = tmp_path_factory.mktemp("md") / "p.md"
    path.write_text("# One\n\n" + "\n\n".join(mark + words for mark, words in lines), encoding="utf-8")
    got = read_document(path)
    assert [s.text for p in got.personas for s in p.statements] == [words for _, words in lines]


WRAPS = [
    "{}", "- {}", "  - {}", "7. {}", "> {}", "> - {}", "# {}", "## {}", "**{}:** {}", "| {} | {} |", "|---|", "{} | {}", "--|--",
    "{} | {} | {}", "<b>{}</b>", "<div>{}", "</div>", "<{}>", "[{}](u)", "[{}]: {}", "`{}`", "    {}", "\t- {}", "---", "===",
    "", "", "~~{}~~ *{}*", "{}\\", "{}  ", "- [ ] {}", "&amp;{}", "***", "{}<br>{}", "- - {}",
]  # fmt: skip


@settings(deadline=None)  # each example is a file
@given(st.lists(st.sampled_from(WRAPS), min_size=1, max_size=14))
def test_no_word_of_markdown_is_lost(tmp_path_factory: pytest.TempPathFactory, wraps: list[str]) -> None:
    """In whatever blocks they stand, all words are in statements, names, headings or what was skipped."""
    count = "".join(wraps).count("{}")
    names = iter(f"word{i}x" for i in range(count))
    text = "First.\n\n" + "\n".join(wrap.format(*(next(names) for _ in range(wrap.count("{}")))) for wrap in wraps)
    path = tmp_path_factory.mktemp("md") / "p.md"
    path.write_text(text + "\n\n# Last\n\nLast.\n", encoding="utf-8")
    got = read_document(path)
    shown = " ".join([*got.skipped, *(f"{p.name} {s.under} {s.text}" for p in got.personas for s in p.statements)])
    assert [w for i in range(count) if (w := f"word{i}x") not in shown] == []


JSON = st.recursive(
    st.one_of(WORDS, st.integers(), st.none()),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(WORDS, x, max_size=3),
)


@settings(deadline=None)  # each example is a file
@given(st.dictionaries(WORDS.filter(lambda k: k not in ("id", "text")), JSON, min_size=1, max_size=4))
def test_no_string_of_json_is_lost(tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]) -> None:
    """Every string is a statement, whatever its key."""
    path = tmp_path_factory.mktemp("json") / "p.json"
    path.write_text(json.dumps({"personas": [{"name": "N", **value}]}), encoding="utf-8")
    try:
        got = read_document(path)
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
    """“E.g.” and what is quoted end no sentence."""
    text = "They print, e.g. Menus. They said “No. Never.” Then 3.5 % left! “Why?” Nobody knows."
    assert sentences(text) == [
        "They print, e.g. Menus.",
        "They said “No. Never.”",
        "Then 3.5 % left!",
        "“Why?”",
        "Nobody knows.",
    ]
