"""A grid of personas against what a person names: every user in one column, sums that agree, small cells hidden."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report import personas_markdown, report_html
from persona_agent.report.crossing import find_crossed, grids
from persona_agent.report.handing_on import claims_csv
from persona_agent.runs import memberships_of
from persona_agent.schema import NO_NAMES, Grid, Names
from persona_agent.store import Store

FEW = 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A log of 90 users read: a plan that all have, a rare one of three, a tone that some have, an amount, an act of a half."""
    folder = tmp_path_factory.mktemp("crossed")
    rows = []
    chance = random.Random(1)
    for u in range(90):
        plan = "trial" if u < 3 else ("pro" if u % 3 else "free")
        for day in range(1, 4):
            act = "share_page" if u % 2 and day == 1 else "open_page"
            row = {
                "user": f"u{u}",
                "ts": f"2024-03-{day:02}T10:00:00Z",
                "action": act,
                "object": f"o{chance.randint(0, 5)}",
            }
            rows.append(
                {**row, "plan": plan, "spent": u % 30 + chance.random(), **({"tone": "warm"} if u < 40 else {})}
            )
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = Store.create(folder / "out", None)
    options = Options(inputs=(str(log),), out=folder / "out")
    with found.alone():
        read_log(find_log(options), options, found, Silent())
    return found


def made(store: Store, field: str, names: Names = NO_NAMES) -> Grid:
    with store.connect() as connection:
        path = str(store.path("events.parquet"))
        users = [u for (u,) in connection.execute(f"SELECT DISTINCT user FROM '{path}' ORDER BY 1").fetchall()]
    members = {"p1": users[:45], "p2": users[45:80]}
    (grid,) = grids(store, Options(cross=(field,)), names, members, {"p1": "Early", "p2": "Late"})
    return grid


@pytest.mark.parametrize(
    ("field", "kind", "columns"),
    [
        ("plan", "field", ["pro", "free or another"]),
        ("share page", "act", ["at least once", "never"]),
        ("tone", "field", ["warm", "not said"]),
        ("spent", "amount", None),
    ],
)
def test_every_user_stands_in_one_column(store: Store, field: str, kind: str, columns: list[str] | None) -> None:
    """The rows are the personas, who is in none, and all; the shares of a row that is told whole are one; a value that fewer than
    five have is not named.
    """
    grid = made(store, field)
    assert grid.kind == kind
    assert columns is None or grid.columns == columns
    assert [row.persona for row in grid.rows] == ["p1", "p2", None, None]
    assert [row.users for row in grid.rows] == [45, 35, 10, 90]
    assert "trial" not in " ".join(grid.columns)
    for row in grid.rows:
        shares = [cell.share for cell in row.cells]
        if None not in shares:
            assert sum(s or 0.0 for s in shares) == pytest.approx(1.0, abs=0.02)
        assert all(
            c.low <= c.share <= c.high for c in row.cells if c.share is not None and c.low is not None and c.high
        )
    assert all(cell.share is not None for cell in grid.rows[-1].cells)


def test_a_name_of_the_codebook_is_known(store: Store) -> None:
    """What a person called an act or a field is what the grid is asked by, and what it is called."""
    names = Names(acts={"share_page": "pass on"}, fields={"plan": "tariff"})
    assert made(store, "pass on", names).field == "pass on"
    assert made(store, "tariff", names).field == "tariff"


def test_a_field_that_is_not_there_is_named_with_one_that_is(store: Store) -> None:
    """The error says what was asked for and the nearest name of the log."""
    with pytest.raises(UsageError, match="--cross 'plans'") as caught:
        find_crossed(store, Options(cross=("plans",)), NO_NAMES)
    assert "plan" in str(caught.value)


def test_a_grid_stands_on_every_page_and_in_the_table(small_run: RunResult) -> None:
    """A grid of a finished run is in report.html, personas.md and the table; no cell of few is in any."""
    groups, ids, _ = memberships_of(Store.open(small_run.out))
    shown = {p.id: p for p in small_run.personas.personas if p.status != "withheld"}
    members = {p: groups[ids[p]] for p in shown}
    labels = {p: shown[p].label for p in shown}
    found = grids(Store.open(small_run.out), Options(cross=("action",)), NO_NAMES, members, labels)
    (grid,) = found
    personas = small_run.personas.model_copy(update={"grids": found})
    told = [cell.share for row in grid.rows for cell in row.cells if cell.share is not None]
    assert told
    page, text = report_html(personas, {}), personas_markdown(personas, {})
    assert "By act, as on most of their lines" in page
    assert "### By act, as on most of their lines" in text
    rows = [row for row in csv.DictReader(claims_csv(personas).splitlines()) if row["what"].startswith("By act")]
    assert [float(row["value"]) for row in rows] == told


def test_a_run_that_is_asked_has_a_grid(briefed: Path, small_log: Path, small_run: RunResult) -> None:
    """`--cross` of a run makes a grid in personas.json, and nothing else of the personas differs but the run's id."""
    options = Options(
        inputs=(str(small_log),), out=briefed, personas=2, min_users=8, value="properties.spent", cross=("action",)
    )
    run = commands.run(options, Silent())
    assert run.personas.grids
    same = run.personas.model_copy(update={"grids": None, "run_id": small_run.personas.run_id})
    assert same == small_run.personas
