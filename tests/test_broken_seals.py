"""A seal that somebody broke stays broken: nothing is built on such a run, and no later command makes it good."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import persona_agent as pa
from persona_agent import commands
from persona_agent.cli import status
from persona_agent.commands.changing import Change
from persona_agent.commands.running import RunResult
from persona_agent.errors import StoreError
from persona_agent.manifest import verify
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Changes
from persona_agent.seal import find_seal
from persona_agent.store import Store
from tests.conftest import SMALL_OPTIONS

NAME = "Elderly men who print"


@pytest.fixture
def forged(small_run: RunResult, tmp_path: Path) -> Path:
    """A copy whose first persona has another name on every page; nobody has sealed anything in that folder."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    label = small_run.personas.personas[0].label
    for name in ("personas.json", "personas.md", "report.html"):
        text = (out / name).read_text(encoding="utf-8")
        assert label in text
        (out / name).write_text(text.replace(label, NAME), encoding="utf-8")
    return out


def test_nothing_is_built_on_a_forged_run(forged: Path, small_log: Path, tmp_path: Path) -> None:
    """No edit, not even a list of them, and no user given out: each is refused with what was changed, and writes nothing."""
    before = {p.name: p.read_bytes() for p in forged.iterdir() if p.is_file()}
    logs, why = [str(small_log)], "a letter"
    for call in (
        lambda: commands.edit(forged, None, Options(), Silent()),
        lambda: commands.edit(forged, Change("p1", note="so"), Options(), Silent()),
        lambda: commands.edit(forged, Change("p2.name", "The unhurried", own_words=True), Options(), Silent()),
        lambda: commands.assign(forged, to=tmp_path / "users.csv"),
        lambda: commands.assign(forged, logs, ids=True, purpose=why),
        lambda: commands.export_cohorts(forged, "csv", tmp_path / "cohorts", logs, purpose=why),
        lambda: pa.load(forged).assign(str(small_log), ids=True, purpose=why),
    ):
        with pytest.raises(StoreError, match=r"NOT AS IT WAS SEALED.*personas\.json has changed"):
            call()
    assert {p.name: p.read_bytes() for p in forged.iterdir() if p.is_file()} == before
    assert not (tmp_path / "users.csv").exists() and not (tmp_path / "cohorts").exists()


def test_what_forgets_in_a_forged_run_does_not_make_it_good(
    forged: Path, small_log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person can be taken out of it, the command says that the run is not as it was sealed and ends with 1, and so does each
    one after it; what was changed before is still named; it is followed by no run.
    """
    lines = (
        line for line in small_log.read_text().splitlines() if line.startswith('{"user": "c') and line.endswith("}")
    )
    somebody = sorted({json.loads(line)["user"] for line in lines})[0]
    assert status(["forget", somebody, str(forged)]) == 1
    assert "NOT AS IT WAS SEALED" in capsys.readouterr().err
    found = verify(Store.open(forged), find_seal())
    assert found.standing == "changed"
    assert "personas.json has changed" in found.problems
    for command in ("show", "facts", "egress"):
        assert status([command, str(forged)]) == 1
        told = capsys.readouterr()
        assert "personas.json has changed" in " ".join((told.out + told.err).split())
    with pytest.raises(StoreError, match="NOT AS IT WAS SEALED"):
        commands.run(Options(inputs=(str(small_log),), out=tmp_path / "later", since=forged, **SMALL_OPTIONS), Silent())


def test_words_of_a_run_that_nobody_sealed_are_held_to_the_rules(
    forged: Path, small_log: Path, tmp_path: Path, stranger: None
) -> None:
    """A later run that follows somebody else's says so, and takes over no name of who people are: not on its pages, and not where
    it tells what changed; nor does `diff`.
    """
    noted: list[str] = []

    class Noted(Silent):
        def note(self, text: str) -> None:
            noted.append(text)

    out = tmp_path / "later"
    commands.run(Options(inputs=(str(small_log),), out=out, since=forged, **SMALL_OPTIONS), Noted())
    assert any("Not sealed by you" in text for text in noted)
    for name in ("personas.json", "personas.md", "report.html", "changes.json", "changes.md", "changes.html"):
        assert NAME not in (out / name).read_text(encoding="utf-8"), name
    assert "was not sealed by whoever made this one" in (out / "report.html").read_text(encoding="utf-8")
    changes = Changes.model_validate_json((out / "changes.json").read_text(encoding="utf-8"))
    assert changes.old.labels["p1"] == "p1"
    assert NAME not in json.dumps(commands.diff(forged, [str(out)], Silent()).as_json())


def test_only_claims_that_were_counted_are_said_not_to_hold(forged: Path, stranger: None) -> None:
    """Where everything differs, no more claims are said not to hold than were counted."""
    (forged / ".key").write_bytes(os.urandom(32))
    found = commands.check(forged, None, (), Silent())
    assert found.failures
    assert 0 <= found.wrong <= found.checked
    assert f"{found.checked - found.wrong:,} hold, {found.wrong:,} do not." in found.text()


@pytest.mark.parametrize(
    ("name", "content"), [("given.npz", None), (".forgotten", b"[7]"), (".forgotten", b"x"), (".opted_out", b"{}")]
)
def test_a_planted_file_is_named(
    name: str, content: bytes | None, small_run: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`check` ends with an error that names it and is not called a fault of the program, nor does it name a temporary folder."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    (out / name).write_bytes((out / "groups.npz").read_bytes() if content is None else content)
    assert status(["check", str(out)]) in (1, 3)
    told = capsys.readouterr()
    said = " ".join((told.out + told.err).split())
    assert f"{name} is not of the run that was sealed" in said
    assert "fault of persona-agent" not in said
    assert "/tmp/persona-agent-" not in said


def test_facts_of_a_run_that_is_not_yours_are_counted_or_said_not_to_be(
    small_run: RunResult, tmp_path: Path, stranger: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """What run.json says of the log is held against the log by `check`; `facts` and `egress`, which count nothing, do not say
    that they rest on counting.
    """
    out = shutil.copytree(small_run.out, tmp_path / "out")
    run: dict[str, Any] = json.loads((out / "run.json").read_text())
    assert commands.check(out, None, (), Silent()).failures == []
    run["facts"]["read"]["redacted"] = {"email": 999}
    (out / "run.json").write_text(json.dumps({**run, "purpose": "a good one"}))
    found = commands.check(out, None, (), Silent())
    assert {(f["claim"], f["problem"]) for f in found.failures} == {("run.json", "redacted is not what the log gives")}
    assert found.text().startswith("Not sealed by you: this rests on counting alone.")
    for command in ("facts", "egress", "show"):
        status([command, str(out)])
        told = capsys.readouterr()
        said = " ".join((told.out + told.err).split())
        assert "Not sealed by you" in said and "rests on counting" not in said, command
