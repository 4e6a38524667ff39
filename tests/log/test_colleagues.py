"""Who works on a case is a person: where cases are the users, workers are no things and stand nowhere."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent


class StopAfterReading(Silent):
    """All that later stages know of a log is in the files that reading leaves."""

    def stage(self, name: str) -> None:
        if name == "gather":
            raise KeyboardInterrupt


@pytest.mark.parametrize(("worker", "whole"), [("resource", False), ("org:resource", True), ("Performer", False)])
def test_workers_of_cases_are_neither_things_nor_values(worker: str, whole: bool, tmp_path: Path) -> None:
    """A process log read by its cases keeps no worker's id, nor has a page of it one, and inspect says so, with the map that is
    about workers.
    """
    steps = ["receive", "check", "decide", "archive"]
    rows = [
        f"clerk-{(c + n) % 7},2024-03-{1 + c % 27:02}T{9 + n:02}:00:00Z,{step},case-{c}"
        for c in range(60)
        for n, step in enumerate(steps)
    ]
    log = tmp_path / "log.csv"
    log.write_text("\n".join([f"{worker},timestamp,activity,case", *rows]) + "\n")
    options = Options(inputs=(str(log),), out=tmp_path / "out", mapping=(("user", "case"),))
    found = commands.inspect(options, Silent())
    assert any("was left out" in note and f"user={worker}" in note.replace("'", "") for note in found.notes)
    with nullcontext() if whole else pytest.raises(KeyboardInterrupt):
        commands.run(options, Silent() if whole else StopAfterReading())
    left = [
        p for p in (tmp_path / "out").iterdir() if p.is_file() and p.suffix in (".json", ".md", ".html", ".parquet")
    ]
    assert {"events.parquet", *(["report.html", "personas.md"] if whole else [])} <= {p.name for p in left}
    assert not [p.name for p in left if b"clerk-" in p.read_bytes()]
    assert "clerk" not in json.dumps(found.as_json())
