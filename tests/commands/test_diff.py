"""`diff`, `run --since` and `expect`: one run a year after another, in which one habit was dropped by all of one persona."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.cli import status
from persona_agent.commands.comparing import compare, finished_side, followed
from persona_agent.commands.comparing.flows import _flows
from persona_agent.commands.expecting.expectations import read_expectations
from persona_agent.commands.running import RunResult
from persona_agent.commands.serving.of_run import MOST_CLAIMS
from persona_agent.errors import UsageError
from persona_agent.models.ledger import Ledger
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.changes_page import changes_html, changes_markdown, changes_screen
from persona_agent.runs import PAGES
from persona_agent.schema import Changes, PersonaSet
from persona_agent.seal import find_seal
from persona_agent.store import Store
from persona_agent.words.english.changes_told import FORGOTTEN, ONE_LOG, PEOPLE_AT_WORK, front_lines
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


def agent(out: Path, *calls: tuple[str, dict[str, Any]], **given: Any) -> list[Any]:
    """What an agent hears of a run through the official client; an error is its text."""
    mcp = pytest.importorskip("mcp", reason="needs the extra mcp")
    from persona_agent.commands.serving import kept_answers, of_run, server

    store = Store.open(out)
    questions = kept_answers.Questions(store, store.read_json("run.json")["run_id"], "a test", find_seal())

    async def heard() -> list[Any]:
        desk = of_run.RunDesk(out, False, Options(**given))
        async with mcp.Client(server.of_run(desk, questions)) as client:
            found = [await client.call_tool(name, arguments) for name, arguments in calls]
        return [r.content[0].text if r.is_error else r.structured_content for r in found]

    with closing(questions):
        return asyncio.run(heard())


def test_an_agent_hears_what_changed(small_run: RunResult, later: RunResult, changes: Changes) -> None:
    """Of a run that was made after another, by itself; of another only if whoever started the server named an earlier one. What
    moved comes first, no more is listed than an agent reads, and the rest is counted.
    """
    ((told,), (none,)) = agent(later.out, ("what_changed", {})), agent(small_run.out, ("what_changed", {}))
    assert told["says"] == (later.personas.since.sentences if later.personas.since else [])
    assert sum(told["outcomes"].values()) == len(changes.claims) == len(told["claims"]) + told["not_listed"]
    assert len(told["claims"]) <= MOST_CLAIMS
    assert [p["was"] for p in told["personas"]] == [row.was for row in changes.personas]
    assert "held against no other" in none
    (named,) = agent(later.out, ("what_changed", {}), since=later.out)
    assert "Both are the same run" in named  # --since of the server comes before the run's own
    assert {c["stage"] for c in commands.egress(later.out).calls} == {"mcp:what_changed"}


@pytest.fixture(scope="module")
def forgotten(
    later: RunResult, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path, str, dict[str, Any], list[Any]]:
    """The later run, of which an agent asked and a page was copied, without one of its users; what `forget` said, and heard."""
    folder = tmp_path_factory.mktemp("forgotten")
    out, copies = shutil.copytree(later.out, folder / "out"), folder / "copies"
    copies.mkdir()
    shutil.copy(out / "changes.html", copies / "sent.html")
    user = json.loads(Path(Store.open(out).read_json("run.json")["paths"][0]).read_text().splitlines()[0])["user"]
    heard = agent(out, ("ask", {"question": f"Does {user} scan?"}), ("list_personas", {}))
    said = commands.forget(user, (out, copies), Silent()).as_json()
    return out, copies, user, said, heard


def test_what_an_agent_heard_is_forgotten(forgotten: tuple[Path, Path, str, dict[str, Any], list[Any]]) -> None:
    """No question, no answer and no id is left of what an agent asked of the run; how much it asked stays counted, what went out
    listed.
    """
    out, _, user, said, _ = forgotten
    raw = b"".join(path.read_bytes() for path in out.glob("asked.sqlite*"))
    assert user.encode() not in raw
    assert b"list_personas" not in raw.replace(b"mcp:list_personas", b"")
    with closing(Ledger(out / "asked.sqlite")) as ledger:
        assert ledger.kept() == said["runs"][str(out)]["answers"] >= 2
    assert {c["stage"] for c in commands.egress(out).calls} >= {"mcp:ask", "mcp:list_personas"}
    assert any("agents that heard" in text for text in said["unreached"])


def test_names_of_an_earlier_run_are_forgotten(
    forgotten: tuple[Path, Path, str, dict[str, Any], list[Any]], tmp_path: Path
) -> None:
    """An id in a name, a sentence or what the run was told, that no edit of this run put there, is in no page and file of it
    afterwards; that later runs may hold it is listed.
    """
    out = shutil.copytree(forgotten[0], tmp_path / "out")
    store = Store.open(out)
    run, personas = store.read_json("run.json"), store.read_json("personas.json")
    user = json.loads(Path(run["paths"][0]).read_text().splitlines()[-1])["user"]
    assert user != forgotten[2]
    personas["personas"][0]["label"] = f"Friends of {user.upper()}"
    store.write_json("personas.json", personas)
    store.write_json("run.json", {**run, "config": {**run["config"], "about": f"The shop of {user}."}})
    said = commands.forget(user, (out,), Silent())
    for name in (*PAGES, "run.json", "codebook.yaml"):
        assert user not in (out / name).read_text().lower(), name
    assert "Friends of [forgotten]" in (out / "personas.md").read_text().replace("\\", "")
    assert any("--since" in text for text in said.unreached)


def test_what_changed_is_forgotten(forgotten: tuple[Path, Path, str, dict[str, Any], list[Any]]) -> None:
    """The pages of what changed, which counted the person, are gone, and so are their lines on the first page and in run.json;
    the page and an agent are told so, a copy of them is named; the seal holds.
    """
    out, copies, _, said, _ = forgotten
    assert list(out.glob("changes.*")) == []
    assert said["runs"][str(out)]["changes"] == ["changes.json", "changes.md", "changes.html"]
    store = Store.open(out)
    since = PersonaSet.model_validate(store.read_json("personas.json")).since
    assert since is not None
    assert since.sentences == [FORGOTTEN]
    for page in ("report.html", "personas.md"):
        assert FORGOTTEN.partition("`")[0] in " ".join((out / page).read_text().split()), page
    assert "since" not in store.read_json("run.json")["facts"]
    (heard,) = agent(out, ("what_changed", {}))
    assert FORGOTTEN in heard
    assert any(str(copies / "sent.html") in text and "changes.html" in text for text in said["unreached"])
    assert commands.show(out).seal.standing == "verified"


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
