"""An act that fewer than five users share is in the private events and nowhere else in words; nor is a key of a nested object."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from persona_agent import commands
from persona_agent.log.events import RARE, find_texts, sendable_texts
from persona_agent.options import Options
from persona_agent.progress import Silent


def test_rare_acts_and_keys_have_no_words(tmp_path: Path) -> None:
    """The words of an act of two users, or a key that is an identifier, stand in a prompt's dossier, a page, an export or in
    what `inspect` shows.
    """
    rows = []
    for u in range(60):
        for n in range(16):
            record = {
                "user": f"u{u}", "timestamp": f"2024-05-{1 + n:02}T{8 + (u + n) % 9:02}:{u:02}:00Z",
                "action": ("open", "save", "print")[(u + n) % 3], "object": ("list", "plan")[n % 2],
                "dial": {"(503) 555-0142": {"n": n % 7}, "jo.poe@mail.example": {"n": n % 6}}, "91234 56780": n % 9,
            }  # fmt: skip
            if u < 2:
                record |= {"action": "zebrafish dance", "object": "xylophone", "text": "quokka said so"}
            rows.append(json.dumps(record))
    log = tmp_path / "calls of 203.0.113.77.jsonl"
    log.write_text("\n".join(rows) + "\n")
    options = Options(inputs=(str(log),), out=tmp_path / "out")
    inspected = commands.inspect(options, Silent())
    shown = json.dumps(inspected.as_json()) + inspected.text()
    commands.run(options, Silent())
    names = ("zebrafish", "xylophone", "quokka", "555-0142", "jo.poe", "56780", "203.0.113.77")
    assert not [name for name in names if name in shown]
    assert duckdb.sql(
        f"SELECT count(*) FROM '{tmp_path}/out/events.parquet' WHERE action = 'zebrafish dance'"
    ).fetchall() == [(32,)]
    private = {"events.parquet", ".key"}
    for path in (tmp_path / "out").iterdir():
        if path.is_file() and path.name not in private:
            told = (
                json.dumps(duckdb.sql(f"SELECT * FROM '{path}'").fetchall(), default=str)
                if path.suffix == ".parquet"
                else path.read_bytes().decode(errors="replace")
            )
            assert not [name for name in names if name in told], path.name


def test_what_few_have_goes_to_no_other_machine(tmp_path: Path) -> None:
    """Of the texts that another machine embeds, none holds an action of four users or an object of four; what five share
    stays, also where the object is written in another case.
    """
    events = [(f"u{u}", "Open_Page", "Plan") for u in range(5)]
    events += [(f"u{u}", "open_page", "PLAN") for u in range(5, 9)]
    events += [(f"u{u}", "open_page", "My Divorce") for u in range(4)]
    events += [(f"u{u}", "zebra", "Plan") for u in range(4)]
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events (user VARCHAR, action VARCHAR, object VARCHAR)")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?)", events)
        sent = sendable_texts(connection, find_texts(connection))
    assert set(sent) == {"open page plan", "open page", RARE}
