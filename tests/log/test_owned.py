"""Columns that are ids of users: never an object, never written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from persona_agent.log.reading import ReadLog, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


def read(
    tmp_path: Path, records: list[dict[str, Any]], **options: Any
) -> tuple[dict[str, str], ReadLog, str, list[Any]]:
    """Which column is what, what reading found, all that it wrote, and the objects and properties of events."""
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, records)))
    settings = Options(inputs=(str(tmp_path / "a.jsonl"),), out=tmp_path / "out", **options)
    store, log = Store.create(settings.out), find_log(settings)
    found = read_log(log, settings, store, Silent())
    events = duckdb.sql(f"SELECT object, text, properties FROM '{store.path('events.parquet')}'").fetchall()
    kept = [(thing, text, json.loads(held)) for thing, text, held in events]
    return log.found.mapping, found, json.dumps(kept) + store.path("rejects.jsonl").read_text(), kept


def pushes(users: int, lines: int, **more: Any) -> list[dict[str, Any]]:
    """Users with numbers, addresses and nicknames who push to one of seven places."""
    return [
        {
            "user_id": 7_000 + u, "time": f"2024-05-{1 + n:02}T10:{u:02}:07Z", "event": "push", "kind": ("a", "b")[u % 2],
            "url": f"https://host.example/{'aeiou'[u % 5]}lk{chr(97 + u)}", "repository_name": f"place {(u + n) % 7}",
            "moniker": f"elk{chr(97 + u)}", **{k: v(u, n) for k, v in more.items()},
        }
        for n in range(lines)
        for u in range(users)
    ]  # fmt: skip


def test_an_id_under_another_name_is_never_written(tmp_path: Path) -> None:
    """Nicknames and addresses of users are left out and told by their columns; in rejected records and in a column that names
    others they are not written either; what users share stays.
    """
    records = pushes(20, 4, reviewer=lambda u, n: f"elk{chr(97 + (u + n + 1) % 20)}")
    broken = {"user_id": 7_001, "time": "?", "event": "push", "by": "elkc"}
    mapping, found, written, kept = read(tmp_path, [*records, broken])
    assert mapping["object"] == "repository_name"
    assert found.ids == ["moniker", "reviewer", "url"]
    assert "elk" not in written
    assert kept[0][2].keys() == {"kind"}


def test_a_rare_value_is_no_id(tmp_path: Path) -> None:
    """Values of users with fewer than three lines, values that change, and those that two in ten users share stay."""
    assert read(tmp_path, pushes(20, 2))[1].ids == []
    draft = {"draft": lambda u, n: f"d{u}-{n}", "town": lambda u, n: f"town {u % 16}"}
    kept = read(tmp_path, pushes(20, 4, **draft))
    assert kept[1].ids == ["moniker", "url"]
    assert kept[3][0][2].keys() == {"kind", "draft", "town"}
    assert read(tmp_path, pushes(9, 4))[1].ids == []


def test_the_address_of_a_user_is_no_object(tmp_path: Path) -> None:
    """A column that holds the user's own id is none even where users have a line each; one that `--map` names is emptied, and a
    note says so.
    """
    records = pushes(20, 1, page=lambda u, n: f"https://host.example/users/{7_000 + u}")
    assert read(tmp_path, records)[0]["object"] == "repository_name"
    mapping, found, _, kept = read(tmp_path, pushes(20, 4), mapping=("object=moniker",))
    assert mapping["object"] == "moniker"
    assert {thing for thing, *_ in kept} == {""}
    assert "--map object=COLUMN" in found.notes[0]
