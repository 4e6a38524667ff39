"""The referee from files to verdicts: groups, statements with measures, the page, the certificate."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import persona_agent as pa
from persona_agent.cli import status
from persona_agent.commands.auditing.documents import document_of
from persona_agent.errors import UsageError

from .refereed import MORE_BUY, MOST_BUY, OPTIONS, USERS, write_document, write_groups, write_log


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refereed")


@pytest.fixture(scope="module")
def log(folder: Path) -> str:
    return str(write_log(folder))


@pytest.fixture(scope="module")
def refereed(folder: Path, log: str) -> tuple[Path, int]:
    """The folder of a referee called on the command line, and how it ended."""
    arguments = ["--groups", str(write_groups(folder)), "--document", str(write_document(folder)), "--min-users", "8"]
    out = folder / "out"
    return out, status(["referee", log, *arguments, "-o", str(out), "--certificate", str(folder / "certificate.json")])


def test_groups_and_statements_are_judged_in_one_go(refereed: tuple[Path, int]) -> None:
    """Buyers and readers come back, a group of three has no figure; each statement has its outcome, and the end is 1."""
    out, ended = refereed
    groups = {g["name"]: g for g in json.loads((out / "groups.json").read_text())["groups"]}
    assert {groups["Buyers"]["word"], groups["Readers"]["word"]} <= {"firm", "fair"}
    assert (groups["Odd ones"]["word"], groups["Odd ones"]["members"], groups["Odd ones"]["same"]) == (
        "untested",
        0,
        None,
    )
    audit = json.loads((out / "audit.json").read_text())
    found = [(p["name"], s["outcome"]) for p in audit["personas"] for s in p["statements"]]
    assert found == [
        ("Buyers", "supported"), ("Buyers", "supported"), ("Readers", "contradicted"), ("Odd ones", "not_testable"),
    ]  # fmt: skip
    assert audit["judged_by"] == "the document itself"
    assert audit["personas"][0]["statements"][0]["parts"][0]["set_aside"]["holds"]
    assert ended == 1


def test_no_exact_number_of_users_is_written(refereed: tuple[Path, int]) -> None:
    """In words every “k of n” is in fives: whoever knows all users but one learns nothing of that one."""
    audit = json.loads((refereed[0] / "audit.json").read_text())
    reasons = " ".join(s["reason"] for p in audit["personas"] for s in p["statements"])
    assert all(int(n.replace(",", "")) % 5 == 0 for pair in re.findall(r"([\d,]+) of ([\d,]+)", reasons) for n in pair)


def test_the_page_shows_the_document_and_nothing_runs_in_it(refereed: tuple[Path, int]) -> None:
    """Each statement stands beside its verdict, markup of the document is text, and the policy lets nothing load or run."""
    page = (refereed[0] / "referee.html").read_text()
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "Most &lt;b&gt;buy&lt;/b&gt;." in page
    assert "<b>buy</b>" not in page
    assert "<script" not in page
    assert page.count('class="verdict contradicted"') == 1


def test_a_certificate_is_verified_and_its_files_are_told_apart(
    refereed: tuple[Path, int], folder: Path, log: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it was sealed: 0, with the log at hand too; another file or a changed verdict: 1, and it says so."""
    certificate = folder / "certificate.json"
    assert certificate.stat().st_mode & 0o077 == 0
    assert status(["check", str(certificate), "--at", log]) == 0
    assert "Verified" in capsys.readouterr().out
    assert status(["check", str(certificate), "--at", str(refereed[0] / "audit.md")]) == 1
    forged = folder / "forged.json"
    forged.write_text(certificate.read_text().replace('"contradicted"', '"supported"'))
    assert status(["check", str(forged)]) == 1
    assert "NOT AS IT WAS SEALED" in capsys.readouterr().out
    assert not re.search(r"\bu\d+\b", certificate.read_text())


def test_dealt_out_names_are_no_groups(folder: Path, log: str) -> None:
    """The same names dealt out among the users come back nowhere, in Python and from a table."""
    found = pa.test_groups(log, write_groups(folder, "dealt.csv", dealt=True), **OPTIONS)
    assert {g.word for g in found.groups if g.members} == {"none"}
    assert not found.foretells


def test_words_without_a_model_or_a_measure_are_refused(log: str) -> None:
    """A text in plain words needs a model to read it, and says so before the log is read."""
    with pytest.raises(UsageError, match="needs a model"):
        pa.audit("# Buyers\n\nMost of them buy.\n", log)


def test_a_measure_of_what_the_log_does_not_have_is_not_testable(log: str) -> None:
    """An invented act would be true of nobody: it is refused by name."""
    measure = {**MORE_BUY, "steps": [[{"field": "action", "op": "is", "value": ["teleport"]}]]}
    said = {"personas": [{"name": "Buyers", "statements": [{"text": "They teleport.", "measure": measure}]}]}
    groups = {"Buyers": [f"u{i}" for i in range(0, USERS, 2)]}
    audit = pa.audit(f"{json.dumps(said)}\n", log, groups=groups, **OPTIONS)
    statement = audit.personas[0].statements[0]
    assert statement.outcome == "not_testable"
    assert "no action 'teleport'" in statement.reason


def test_who_is_named_in_a_document_is_in_no_verdict(folder: Path, log: str) -> None:
    """The id of a user of the log that somebody wrote into a statement stands in nothing that is made of it."""
    text = folder / "named.json"
    said = [{"text": f"Mostly u{user} and friends buy.", "measure": MOST_BUY} for user in (4, 6)]
    text.write_text(json.dumps({"personas": [{"name": "Buyers", "statements": said}]}))
    out = folder / "named"
    status(
        [
            "referee",
            log,
            "--groups",
            str(write_groups(folder)),
            "--document",
            str(text),
            "--min-users",
            "8",
            "-o",
            str(out),
        ]
    )
    for name in ("audit.json", "audit.md", "referee.html"):
        page = (out / name).read_text()
        assert "Mostly" in page, name
        assert not re.search(r"\bu[46]\b", page), name


def test_sections_and_rows_that_begin_with_a_name_are_of_that_group() -> None:
    """A heading at any level, a row of a table and a bullet are of the group they begin with; the rest is of everyone."""
    text = (
        "# Who\n\nIntro.\n\n| Group | n |\n|---|---|\n| **File Fetchers** – come | 46 |\n\n## Learners\n\n"
        "### File Fetchers – “just the file”\n\n- They fetch.\n\n### Others\n\nNobody's words.\n"
    )
    read = document_of(Path("document.md"), text, ["File Fetchers", "File"])
    found = {p.name: [s.text for s in p.statements] for p in read.personas}
    assert found["File Fetchers"] == ["File Fetchers – come: 46", "They fetch."]
    assert "Nobody's words." in found["Everyone"]
    assert "Intro." in found["Everyone"]
    numbered = (
        "### 1. File Fetchers\n\nThey fetch.\n\n### Persona B: Callers\n\nThey call.\n\n### 2 Fast\n\nNobody's.\n"
    )
    read = document_of(Path("document.md"), numbered, ["File Fetchers", "Callers", "Fast"])
    assert {p.name: [s.text for s in p.statements] for p in read.personas} == {
        "File Fetchers": ["They fetch."], "Callers": ["They call."], "Everyone": ["Nobody's."],
    }  # fmt: skip
