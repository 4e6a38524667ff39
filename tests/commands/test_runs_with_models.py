"""Whole runs with models on loopback: what goes wrong on the way, what is never paid for twice, what is never written."""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from evals.bench import brain
from evals.bench.server import RESET, Replies, Reply, chat, refused
from persona_agent import commands, resources
from persona_agent.cli import status
from persona_agent.commands.running import RunResult
from persona_agent.models import ask
from persona_agent.models.prompts import STAGES, load_prompt
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META
from persona_agent.options import Options
from persona_agent.progress import Silent
from tests.conftest import SMALL_OPTIONS

# Four personas: so many that a server has calls to fail in.
FOUR = {**SMALL_OPTIONS, "personas": 4}
NOBODY = 1  # the exit status of a run that has come to its end and shows no persona: of forty users there is one page
SECRET = "sk-donotwritemeanywhere42"
QUICK = ask.Patience(attempts=8, first=0.001, longest=0.002, longest_asked=0.01)


def good(body: dict[str, Any]) -> Reply:
    return chat(brain.answer(body))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits that a person would notice, made short."""
    monkeypatch.setattr("persona_agent.models.opening.Patience", lambda: QUICK)


def options(log: Path, out: Path, url: str, **more: Any) -> Options:
    asked = {"model": "openai/brain", "base_url": url, "timeout": 20, **SMALL_OPTIONS, **more}
    return Options(inputs=(str(log),), out=out, **asked)


def arguments(log: Path, out: Path, url: str, *more: str, **changed: Any) -> list[str]:
    """The same options on the command line."""
    asked = {"model": "openai/brain", "base_url": url, "timeout": 20, **SMALL_OPTIONS, **changed}
    told = [word for name, value in asked.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return ["run", str(log), "-o", str(out), *told, *more]


@pytest.fixture(scope="module")
def unbroken(small_run_by_model: RunResult) -> bytes:
    """personas.json of a run in which nothing goes wrong."""
    result, out = small_run_by_model, small_run_by_model.out
    assert result.run["status"] == "complete"
    assert {p.status for p in result.personas.personas} & {"published", "pattern"}
    assert "Emily" not in (out / "personas.json").read_text()
    asked = json.loads((out / "findings.json").read_text())["asked"]
    assert [bool(a["answers"]) for a in asked] == [True, True, True, False], "the last is of no act of the log"
    assert "again at once" not in (out / "findings.json").read_text(), "a model's own words are in no file"
    assert result.run["counts"]["questions_asked"] == 4
    return (out / "personas.json").read_bytes()


def test_a_model_writes(unbroken: bytes) -> None:
    """personas.json names writer, critic and prompts, says self-judged, and counts calls and tokens."""
    found = json.loads(unbroken)
    assert found["provenance"]["models"]["writer"] == found["provenance"]["models"]["critic"] == "openai/brain"
    assert found["provenance"]["self_judged"]
    assert set(found["provenance"]["prompt_versions"]) == {load_prompt(stage).name for stage in STAGES}
    calls = found["provenance"]["ledger"]["calls"]
    assert calls >= 3 * len(found["personas"])
    assert found["provenance"]["ledger"]["prompt_tokens"] == 100 * calls


def faulty(body: dict[str, Any], seen: dict[str, int]) -> Reply:
    """Something goes wrong in 45 % of calls; what, and when, depends on the call and how often it was made."""
    key = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    seen[key] = seen.get(key, 0) + 1
    rng = random.Random(f"{key} {seen[key]}")
    if rng.random() >= 0.45:
        return good(body)
    text = brain.answer(body)
    faults: list[Reply] = [
        refused(429, retry_after="0.005"), refused(500), refused(503), RESET, chat(text[: len(text) // 2]),
        chat("I would rather not."), chat(text[:50], finish="length"), chat(None, refusal="I cannot help with that."),
    ]  # fmt: skip
    return rng.choice(faults)


def test_a_server_that_fails_in_45_percent_of_calls(
    small_log: Path,
    briefed: Path,
    quick: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run ends complete, or partial with its personas named; all four have an entry, and no file has the key."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    seen: dict[str, int] = {}
    with Replies(lambda body: faulty(body, seen)) as server:
        code = status(arguments(small_log, briefed, server.url, **FOUR))
        assert len(server.bodies) > 20
    said = capsys.readouterr()
    run = json.loads((briefed / "run.json").read_text())
    assert (code, run["status"]) in [(0, "complete"), (4, "partial")]
    assert run["usage"]["retried"] > 0
    personas = json.loads((briefed / "personas.json").read_text())
    assert [p["id"] for p in personas["personas"]] == ["p1", "p2", "p3", "p4"]
    if run["status"] == "partial":
        assert re.search(r"partial: (?:p\d|t\b|first page)", said.err), said.err
    assert "Traceback" not in said.out + said.err
    for path in briefed.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


@pytest.mark.parametrize("code", [401])
def test_a_wrong_key_is_exit_4_in_a_sentence(
    code: int, small_log: Path, briefed: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 401 is exit 4 after eight requests at most, with an error line last, no traceback and no key."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with Replies(lambda _: refused(code, f"Incorrect API key provided: {SECRET}")) as server:
        assert status(arguments(small_log, briefed, server.url)) == 4
        assert len(server.bodies) <= 8, "no call is tried again"
    said = capsys.readouterr()
    last = said.err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.err


def test_an_unreachable_host_is_exit_4_in_a_sentence(
    small_log: Path, briefed: Path, quick: None, capsys: pytest.CaptureFixture[str]
) -> None:
    """A host that does not answer is exit 4 before anybody is grouped for it, and the last line names it."""
    assert status(arguments(small_log, briefed, "http://127.0.0.1:9/v1")) == 4
    last = capsys.readouterr().err.strip().splitlines()[-1]
    assert "127.0.0.1:9" in last


def test_one_refused_request_costs_at_most_one_persona(small_log: Path, briefed: Path, quick: None) -> None:
    """A persona whose draft a host refuses is withheld with the reason, others are published; the run is partial."""
    refusals: list[str] = []

    def once(body: dict[str, Any]) -> Reply:
        key = json.dumps(body["messages"], sort_keys=True)
        if not refusals and body["response_format"]["json_schema"]["schema"]["title"] == "Draft":
            refusals.append(key)
        return refused(400, "content policy") if key in refusals else good(body)

    with Replies(once) as server:
        result = commands.run(options(small_log, briefed, server.url), Silent())
    assert result.run["status"] == "partial"
    lost = [p for p in result.personas.personas if p.reasons and p.reasons[0].startswith("it could not be written")]
    assert len(lost) == 1
    assert lost[0].status == "withheld"
    assert any(p.status == "published" for p in result.personas.personas)


def test_what_it_may_cost_is_kept(tiny_log: Path, tiny_briefed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--max-cost is exit 2 without a known price and 5 where it is too low; what was answered is not asked again."""
    with Replies(good) as server:
        assert status(arguments(tiny_log, tiny_briefed, server.url, "--max-cost", "1")) == 2, "no price is known"
        assert "--price" in capsys.readouterr().err
        assert status(arguments(tiny_log, tiny_briefed, server.url, "--max-cost", "0.1", "--price", "1,10")) == 5
        assert "--max-cost" in capsys.readouterr().err
        asked = len(server.bodies)
        assert status(arguments(tiny_log, tiny_briefed, server.url, "--max-cost", "50", "--price", "1,10")) == NOBODY
        run = json.loads((tiny_briefed / "run.json").read_text())
        assert 0 < run["usage"]["cost_usd"] < 0.1
        assert len(server.bodies) == run["usage"]["calls"] or asked == 0, "what was answered is not asked again"


def start(log: Path, out: Path, url: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "persona_agent", *arguments(log, out, url)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})


@pytest.mark.parametrize("after", [5])
def test_killed_at_any_moment_and_started_again(
    after: int, tiny_log: Path, tiny_briefed: Path, tiny_run_by_model: RunResult
) -> None:
    """After SIGKILL the same command repeats no committed call and ends with the bytes of a run that was never stopped."""
    with Replies(good, delay=0.05) as server:
        process = start(tiny_log, tiny_briefed, server.url)
        while len(server.bodies) < after and process.poll() is None:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it had not finished"
        with sqlite3.connect(tiny_briefed / "ledger.sqlite") as ledger:
            committed = {row[0] for row in ledger.execute("SELECT request FROM calls")}
        before = len(server.bodies)
        assert status(arguments(tiny_log, tiny_briefed, server.url)) == NOBODY
        again = [json.dumps(b["messages"], ensure_ascii=False) for b in server.bodies[before:]]
        assert not committed & set(again), "no committed call is repeated"
    assert json.loads((tiny_briefed / "run.json").read_text())["status"] == "complete"
    assert (tiny_briefed / "personas.json").read_bytes() == (tiny_run_by_model.out / "personas.json").read_bytes()


def change_prompt(patch: pytest.MonkeyPatch, tmp: Path) -> None:
    """The draft's prompt with another line, released as it then is."""
    folder, released = tmp / "prompts", list[str]()
    for path in resources.prompts().rglob("*.md"):
        copy = folder / path.relative_to(resources.prompts())
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text() + ("\nBe brief.\n" if path.parent.name == "draft" else ""))
        digest = hashlib.sha256(copy.read_bytes()).hexdigest()
        released.append(f'{copy.parent.name}.{copy.stem} = "{digest}"')
    (folder / "versions.toml").write_text("\n".join(released))
    patch.setattr("persona_agent.resources.prompts", lambda: folder)


@pytest.mark.parametrize("what", ["prompt", "option", "log"])
def test_a_change_is_noticed_and_never_answered_from_stale_work(
    what: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unchanged run is reused, a changed one not; a new prompt or log is asked about anew. With fewer rounds no card is,
    but the editor sees others, and is asked and read once more.
    """
    # Who reads a longer log needs no groups in it.
    names = ("tiny_log", "tiny_written") if what == "log" else ("small_log", "written")
    before, written = (request.getfixturevalue(name) for name in names)
    log = tmp_path / "events.jsonl"
    log.write_bytes(before.read_bytes())
    more = {}
    with Replies(good) as server:
        assert commands.run(options(log, written, server.url), Silent()).reused
        assert not server.bodies
        if what == "option":
            more = {"max_rounds": 1}
        elif what == "log":
            with log.open("ab") as file:
                lines = before.read_bytes().splitlines(keepends=True)[:800:4]  # in a row they would be a repeat
                file.writelines(line.replace(b"2024-", b"2025-") for line in lines)
        else:
            change_prompt(monkeypatch, tmp_path)
        again = commands.run(options(log, written, server.url, **more), Silent())
        assert not again.reused
        new = [body["response_format"]["json_schema"]["schema"]["title"] for body in server.bodies]
        assert set(new) <= {"Edition", "Verdicts"} and len(new) <= 3 if what == "option" else "Draft" in new


def test_a_recorded_run_is_replayed_to_the_byte(
    small_log: Path, small_run: RunResult, briefed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replay without a key gives the run's id and bytes, asks as often and leaves no answer unasked for; the recording holds
    three files, the dossiers that are made again, and no key; another prompt is an error.
    """
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    folder = tmp_path / "recording"
    with Replies(good) as server:
        first = commands.run(options(small_log, briefed, server.url, record=folder, record_source="a test"), Silent())
    monkeypatch.delenv("OPENAI_API_KEY")
    shutil.copytree(small_run.out, tmp_path / "b")
    again = commands.run(
        Options(inputs=(str(small_log),), out=tmp_path / "b", replay=folder, **SMALL_OPTIONS), Silent()
    )
    assert first.run["run_id"] == again.run["run_id"]
    assert (briefed / "personas.json").read_bytes() == (tmp_path / "b" / "personas.json").read_bytes()
    assert again.run["usage"]["calls"] == first.run["usage"]["calls"] > 0
    assert again.run["usage"]["unused"] == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    recorded = [row["dossier"] for row in json.loads((folder / DOSSIERS).read_text())]
    assert recorded == json.loads((tmp_path / "b" / "dossiers.json").read_text())
    assert (folder / META).read_text().startswith("source: a test\n")
    for path in folder.iterdir():
        assert SECRET not in path.read_text()
    with pytest.raises(Exception, match="has no answer to the prompt"):
        commands.run(
            Options(inputs=(str(small_log),), out=tmp_path / "b", replay=folder, about="A shop.", **SMALL_OPTIONS),
            Silent(),
        )
