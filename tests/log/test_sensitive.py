"""Sensitive topics: words of five languages as they are written in logs, and what is left of a set-aside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.log.sensitive import expanded, topics
from persona_agent.options import Options
from persona_agent.progress import Silent


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("search_prayer-times", "faith"), ("openPrayerTimes", "faith"), ("SCHWANGERSCHAFTSTEST kaufen", "pregnancy"),
        ("cita médica", "health"), ("Banque alimentaire près de moi", "money trouble"), ("والنقابة", "union"),
        ("cuota sindical", "union"), ("titre de séjour", "origin"), ("Bewährungshelfer", "convictions"),
        ("7 Outlet Network SurgeArrest Surge Protector", None), ("arrest record", "convictions"),
        ("credit union jack mug", None), ("technical debt", None), ("notifications disabled", None), ("align izquierda", None),
        ("Rabbit hutch", None), ("besucht und gesucht", None), ("política de privacidad", None), ("حامل هاتف", None),
        ("pregn\u0430ncy test", "pregnancy"), ("preg\u00adnancy", "pregnancy"), ("ｐｒｅｇｎａｎｃｙ", "pregnancy"),
        ("H.I.V. test", "health"),
        ("g a y bar", "sex life"), ("U.S.A.", None), ("size s m l", None), ("план ужина", None),
    ],
)  # fmt: skip
def test_words(text: str, topic: str | None) -> None:
    """A word of a topic is missed for its case, accents, signs or article, or an ordinary one is taken for it."""
    assert topics().of(text) == topic


def test_choices() -> None:
    """A choice or an option in a phrase is lost."""
    assert sorted(expanded("(lab|live ?blood) tests?")) == sorted(
        f"{kind} test{s}" for kind in ("lab", "liveblood", "live blood") for s in ("", "s")
    )


def test_nobodys_own_lines_are_listed(tmp_path: Path) -> None:
    """A line on a topic can be found by a list of the run, or a text on it that fewer than five users share is told."""
    rows = [
        {"user": f"u{u}", "timestamp": f"2024-05-{1 + n:02}T10:{u:02}:00Z", "action": "search", "object": thing}
        for u in range(12)
        for n, thing in enumerate(["soup", "bread", "tea", "prayer times", *(["hiv test"] if u < 2 else [])])
    ]
    broken = '{"user": "u1", "object": "hiv test", "timestamp": '
    (tmp_path / "log.jsonl").write_text("\n".join([*map(json.dumps, rows), broken]) + "\n")
    options = Options(inputs=(str(tmp_path / "log.jsonl"),), out=tmp_path / "out")
    found = commands.inspect(options, Silent())
    assert found.set_aside["sensitive"] == [{"topic": "faith", "events": 12, "users": 12, "texts": ["prayer times"]}]
    assert found.set_aside["reasons"]["sensitive"] == 14
    assert "hiv" not in json.dumps(found.as_json())
    commands.run(options, Silent())
    left = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert not [name for name, content in left.items() if b"hiv" in content.lower()]
    assert b"sensitive" not in left["set_aside.jsonl"]


def test_columns_that_sort_things_are_read(tmp_path: Path) -> None:
    """Things that only a column names by a topic would tell users apart by it; a column of many values is text of its own."""
    aisles = {"a1": "bakery", "a2": "pregnancy tests", "a3": "drinks"}
    rows = [
        {"user": f"u{u}", "timestamp": f"2024-05-{1 + n:02}T10:{u:02}:00Z", "action": "buy", "object": f"{thing}",
         "properties": {"aisle": aisle, "price": n}}
        for u in range(12)
        for n, (thing, aisle) in enumerate(aisles.items())
    ]  # fmt: skip
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    found = commands.inspect(Options(inputs=(str(tmp_path / "log.jsonl"),), out=tmp_path / "out"), Silent())
    assert found.set_aside["sensitive"] == [
        {"topic": "pregnancy", "events": 12, "users": 12, "texts": ["pregnancy tests"]}
    ]
    kept = Options(inputs=(str(tmp_path / "log.jsonl"),), out=tmp_path / "kept", keep=("sensitive",))
    assert not commands.inspect(kept, Silent()).set_aside["reasons"].get("sensitive")
