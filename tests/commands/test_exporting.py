"""`export`: a page without log lines and a table of claims."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.report.handing_on import MEMBERS, OF_TIME, PLACED, claims_csv, shared_html
from persona_agent.runs import halves_of, memberships_of
from persona_agent.store import Store
from persona_agent.words.floors import of_users
from tests.factories import hostile, persona_set


def test_a_shared_page_has_no_line_and_no_visit(small_run: RunResult, tmp_path: Path) -> None:
    """No file and line of the log, no time of an event, no hash of a user and no visit is on the page; names and figures are."""
    page = tmp_path / "shared.html"
    commands.export(small_run.out, share=page)
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"\.jsonl:\d|\d{4}-\d\d-\d\d \d\d:\d\d", text)
    users = {line.user[:8] for line in small_run.lines.values()}
    assert users
    assert not any(user in text for user in users)
    shown = [p for p in small_run.personas.personas if p.status != "withheld"]
    for p in shown:
        assert p.label in text
    assert "A typical visit" not in text


def test_what_is_exported_is_its_owners_alone(small_run: RunResult, tmp_path: Path) -> None:
    """Whatever rights new files have otherwise: who hands a page or a table on says to whom. A link in its place is not written
    through.
    """
    before = os.umask(0)
    try:
        commands.export(small_run.out, share=tmp_path / "page.html", csv=tmp_path / "claims.csv")
    finally:
        os.umask(before)
    assert all(file.stat().st_mode & 0o077 == 0 for file in tmp_path.iterdir())
    (tmp_path / "link.html").symlink_to(tmp_path / "elsewhere.html")
    with pytest.raises(UsageError, match="there already"):
        commands.export(small_run.out, share=tmp_path / "link.html")
    assert not (tmp_path / "elsewhere.html").exists()


def test_a_table_has_a_row_for_each_claim(small_run: RunResult, tmp_path: Path) -> None:
    """The table has every claim of what is shown with its figures, and the size of its persona."""
    table = tmp_path / "claims.csv"
    commands.export(small_run.out, csv=table)
    with table.open(encoding="utf-8", newline="") as file:
        rows = {row["claim"]: row for row in csv.DictReader(file)}
    everyone = [small_run.personas.everyone] if small_run.personas.everyone else []
    pages = [*(p for p in small_run.personas.personas if p.status != "withheld"), *everyone]
    for p in pages:
        for c in p.claims:
            assert rows[c.id]["users"] == str(p.size.users)
            assert rows[c.id]["value"] == str(c.truthfulness.value)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(start: str) -> None:
    """A text of the log that a spreadsheet would run is quoted."""
    text = claims_csv(hostile(persona_set(), f"{start}HYPERLINK(1)"))
    cells = [cell for row in csv.reader(text.splitlines()) for cell in row]
    assert f"'{start}HYPERLINK(1)" in cells
    assert not any(cell.startswith(f"{start}H") for cell in cells)


def test_nothing_is_overwritten(small_run: RunResult, tmp_path: Path) -> None:
    """A file that is there is a usage error and stays; so is a call that asks for nothing."""
    there = tmp_path / "there.html"
    there.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        commands.export(small_run.out, share=there)
    assert there.read_text() == "mine"
    with pytest.raises(UsageError, match="Nothing to export"):
        commands.export(small_run.out)


def test_a_shared_page_says_what_a_report_says() -> None:
    """Sentences and names are those of the report."""
    text = shared_html(persona_set())
    assert all(p.label in text for p in persona_set().personas)
    assert "quiz_submit · Unit" not in text


def test_a_table_says_whom_it_counts(demo_run: RunResult) -> None:
    """Each user once, as counted anew from where halves of visits put them: a figure that compares may be of more users than the
    persona has, and its row says so.
    """
    rows = {row["claim"]: row for row in csv.DictReader(claims_csv(demo_run.personas).splitlines())}
    names = {g: name for name, g in memberships_of(Store.open(demo_run.out))[1].items()}
    users, placed = halves_of(Store.open(demo_run.out))[:2]
    more = 0
    for g, name in names.items():
        once = len({u for u, halves in zip(users, placed, strict=True) if g in halves})
        mine = [row for row in rows.values() if row["persona"] == name and row["n_are"] == PLACED]
        assert mine
        assert max(int(row["n"]) for row in mine) <= of_users(once)
        more += sum(int(row["n"]) > int(row["users"]) for row in mine)
        assert all(int(row["n"]) <= int(row["users"]) for row in rows.values() if row["n_are"] == MEMBERS)
    assert more, "no figure is of more users than its persona has"
    assert {row["n_are"] for row in rows.values() if row["persona"] == "t"} == {MEMBERS, OF_TIME}
