"""`diff`, `run --since` and `expect`: one run a year after another, in which one habit was dropped by all of one persona."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.cli import status
from persona_agent.commands.comparing import compare, finished_side, followed
from persona_agent.commands.comparing.flows import _flows
from persona_agent.commands.expecting.expectations import read_expectations
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.changes_page import changes_html, changes_markdown, changes_screen
from persona_agent.schema import Changes, PersonaSet
from persona_agent.store import Store
from persona_agent.words.english.changes_told import ONE_LOG, PEOPLE_AT_WORK, front_lines
from tests.conftest import SMALL_OPTIONS


@pytest.fixture(scope="module")
def later(small_run: RunResult, small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run on the small log of a year later, after the small run."""
    folder = tmp_path_factory.mktemp("later")
    lines = []
    for line in small_log.read_text().splitlines():
        record = json.loads(line) if line.startswith('{"user": "c') else {}
        if "timestamp" in record:
            when = datetime.fromisoformat(record["timestamp"]) + timedelta(days=364)
            lines.append(json.dumps({**record, "timestamp": when.isoformat()}))
    log = folder / "later.jsonl"
    log.write_text("\n".join(lines) + "\n")
    options = Options(inputs=(str(log),), out=folder / "out", since=small_run.out, **SMALL_OPTIONS)
    return commands.run(options, Silent())


@pytest.fixture(scope="module")
def changes(later: RunResult) -> Changes:
    return Changes.model_validate(Store.open(later.out).read_json("changes.json"))


def test_personas_keep_ids_and_names(small_run: RunResult, later: RunResult) -> None:
    """The same behaviour a year later has the same personas by id, name and size."""
    before = {p.id: p.label for p in small_run.personas.personas}
    assert {p.id: p.label for p in later.personas.personas} == before


def test_nothing_changed_where_nothing_did(changes: Changes) -> None:
    """The same lines a year later: all personas are the same, all users stayed, and no claim is weakened or refuted."""
    assert {row.outcome for row in changes.personas} == {"same"}
    assert {c.outcome for c in changes.claims} <= {"holds", "cannot_tell"}
    assert sum(c.outcome == "holds" for c in changes.claims) >= 0.9 * len(changes.claims)
    assert changes.moves is not None
    assert changes.moves.stayed == 1.0


def test_the_first_page_says_what_changed(later: RunResult) -> None:
    """Three lines stand on the page, in Markdown, in the terminal and in personas.json, and pages of all of it in the folder."""
    assert later.personas.since is not None
    lines = later.personas.since.sentences
    assert len(lines) == 3
    store = Store.open(later.out)
    assert lines[0] in store.path("report.html").read_text()
    assert lines[0] in store.path("personas.md").read_text()
    assert lines[0] in " ".join(later.text().split())
    assert PersonaSet.model_validate(store.read_json("personas.json")).since == later.personas.since
    assert store.path("changes.html").is_file()
    assert "changes.json" in store.read_json("run.json")["manifest"]["files"]


def test_a_run_that_follows_another_can_be_made_again(later: RunResult, tmp_path: Path) -> None:
    """Whoever did not seal it makes its cards again, kept ids, names and lines of changes with them, and none differs."""
    other = tmp_path / "other.key"
    other.write_bytes(b"k" * 32)
    other.chmod(0o600)
    made = commands.check(later.out, None, (), Silent(), seal_key=other)
    assert (made.seal.standing, made.failures, made.not_made_again) == ("not_yours", [], "")


def hostile(changes: Changes, text: str) -> Changes:
    """The changes with this text in the place of every text of the log or of a run."""
    old, new = (r.model_copy(update={"labels": dict.fromkeys(r.labels, text)}) for r in (changes.old, changes.new))
    rows = [r.model_copy(update={"label": text, "label_now": text}) for r in changes.personas]
    claims = [c.model_copy(update={"text": text, "why": text, "outcome": "refuted"}) for c in changes.claims]
    return changes.model_copy(update={"old": old, "new": new, "personas": rows, "claims": claims, "notes": [text]})


def test_pages_are_text(changes: Changes) -> None:
    """Markup in names and claims is escaped on the page and in Markdown, and moves no cursor in a terminal."""
    evil = hostile(changes, "<script>alert(1)</script> \x1b[2J <img src=x>")
    page = changes_html(evil)
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "<script" not in changes_markdown(evil)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", changes_screen(evil))


def test_expectations_end_with_one_and_the_figure(
    small_run: RunResult, later: RunResult, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is met is 0; what is not is 1, with file, line and figure; ids are those of the run before."""
    claim = next(c.id for p in small_run.personas.personas for c in p.claims)
    file = tmp_path / "expect.yaml"
    file.write_text(f"personas:\n  p1: {{share: {{at_least: 5 %}}}}\nclaims:\n  {claim}: holds\n")
    typed = ["expect", str(later.out), str(file), "--since", str(small_run.out)]
    assert status(typed) == 0
    file.write_text("personas:\n  each: {users: {at_least: 9000}}\n")
    capsys.readouterr()
    assert status(typed) == 1
    size = later.personas.personas[0].size.users
    assert f"expect.yaml:2 p1 has at least 9,000 users: {size}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("personas: {p2: {share: {at_least: 5}}}", "personas.p2.share.at_least: 5: a share is at most 1: write 5 %."),
        ("claims: {p1.c3: maybe}", "claims.p1.c3: 'maybe' is no expectation."),
        ("claims: {p1.c3: {at_last: 3}}", "claims.p1.c3.at_last: there is no such key."),
        ("personas: {px: {firm: fair}}", "personas.px: that names none."),
        ("persona: {}", "persona: there is no such key. Keys are personas, claims and count."),
        ("count: {}", "count: {}: say at_least, at_most, or both."),
        ("- p1", "expectations stand under personas, claims and count."),
    ],
)
def test_an_expectation_that_cannot_be_used_names_its_line(text: str, said: str, tmp_path: Path) -> None:
    """The error names the file, the line, the key and what mends it."""
    file = tmp_path / "expect.yaml"
    file.write_text(f"# ours\n{text}\n")
    with pytest.raises(UsageError) as caught:
        read_expectations(file)
    assert str(caught.value).startswith("expect.yaml, line ")
    assert said in str(caught.value)


def test_diff_refuses_what_cannot_be_compared(later: RunResult) -> None:
    """A run with itself, and --since of its own folder, are errors before anything is read."""
    with pytest.raises(UsageError, match="Both are the same run"):
        commands.diff(later.out, (str(later.out),), Silent())
    with pytest.raises(UsageError, match="--since names the folder of this run"):
        commands.run(Options(inputs=("none.jsonl",), out=later.out, since=later.out), Silent())


def test_of_people_at_work_no_movement_is_told(small_run: RunResult, later: RunResult) -> None:
    """Where either run is of people at work there are no flows, no share who stayed, and it says so."""
    old, new = (finished_side(Store.open(out)) for out in (small_run.out, later.out))
    staff = replace(old, personas=old.personas.model_copy(update={"staff": "the user column is a resource"}))
    made = compare(staff, new, followed(old, new))
    assert made.moves is None
    assert made.notes == [PEOPLE_AT_WORK]


def test_flows_of_few_users_are_not_told() -> None:
    """Of 40 users who went from p1 to p2, 3 who went to p3, and hundreds who stayed, the 3 are never told, nor given away."""
    again = (
        [("p1", "p1")] * 200 + [("p1", "p2")] * 40 + [("p1", "p3")] * 3 + [("p2", "p2")] * 300 + [("p3", "p3")] * 200
    )
    told = _flows(again, {"p1": {"p1"}, "p2": {"p2"}, "p3": {"p3"}})
    assert all(move.users >= 5 for move in told)
    assert ("p1", "p3") not in {(move.was, move.to) for move in told}


def test_a_log_held_against_itself_has_not_changed(small_run: RunResult) -> None:
    """Two runs of one log: no persona and no claim is said to have changed, nobody to have moved, and the first line says why."""
    side = finished_side(Store.open(small_run.out))
    made = compare(side, side, followed(side, side))
    assert {row.outcome for row in made.personas} <= {"same", "cut"}
    assert not {c.outcome for c in made.claims} & {"weakened", "refuted"}
    assert (made.moves, made.notes) == (None, [ONE_LOG])
    assert front_lines(made)[0] == ONE_LOG
