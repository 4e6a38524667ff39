"""Staff mode: what is told of people at work, and what is not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import persona_agent as pa
from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.evidence import barred
from persona_agent.evidence.staff import TIMES
from persona_agent.log.reading import as_found, find_log
from persona_agent.log.work import at_work
from persona_agent.options import TEAM_FLOOR, Options
from persona_agent.progress import Silent
from persona_agent.schema import Claim, Measure, Persona

from .conftest import SMALL_OPTIONS

NAMES = {"user": "org:resource", "timestamp": "time:timestamp", "action": "concept:name"}
OPTIONS = {**SMALL_OPTIONS, "min_users": 2}


def as_process(log: Path, folder: Path) -> Path:
    """A log as process mining has it, every day a case that passes through many hands."""
    path = folder / "process.jsonl"
    rows = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and type(row.get("timestamp")) is str and row.get("user") and row.get("action"):
            rows.append({NAMES.get(k, k): v for k, v in row.items()} | {"case:concept:name": row["timestamp"][:10]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def process_log(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small log so."""
    return as_process(small_log, tmp_path_factory.mktemp("process"))


@pytest.fixture(scope="module")
def staff_run(process_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A run on that log, with a floor below the team's."""
    out = tmp_path_factory.mktemp("staff") / "out"
    return commands.run(Options(inputs=(str(process_log),), out=out, **OPTIONS), Silent())


def pages(run: RunResult) -> list[Persona]:
    return [*run.personas.personas, *([run.personas.everyone] if run.personas.everyone else [])]


def claims_of(run: RunResult) -> list[Claim]:
    return [c for p in pages(run) for c in (*p.claims, *p.hypotheses, *p.withdrawn)]


def test_no_rhythm_and_nobody_over_time(staff_run: RunResult) -> None:
    """There are claims, none of which looks at an hour, a day, a pace or a change; no size by month, no session."""
    assert len(claims_of(staff_run)) > 10
    assert [c.measure for c in claims_of(staff_run) if c.measure and barred(c.measure)] == []
    assert {c.kind for c in claims_of(staff_run)}.isdisjoint({"rhythm"})
    assert all((p.sizes_over_time, p.visit, p.contrasting) == ([], None, []) for p in pages(staff_run))


def test_no_line_of_anybody(staff_run: RunResult) -> None:
    """No citation is left anywhere, counts of both sides are; neither pages nor functions show a line."""
    cited = [c.citations for c in claims_of(staff_run)] + [c.counter.lines for c in claims_of(staff_run) if c.counter]
    assert cited
    assert not any(cited)
    assert any(c.counter and c.counter.n_support > 5 for c in claims_of(staff_run))
    assert "process.jsonl:" not in (staff_run.out / "report.html").read_text(encoding="utf-8")
    assert "process.jsonl:" not in (staff_run.out / "personas.md").read_text(encoding="utf-8")
    run = pa.load(staff_run.out)
    claim = run.claim(run.personas[0].claims[0].id)
    assert (claim.lines, claim.against) == ([], [])
    assert all(
        row["lines"] == [] and row["told"] is None for row in json.loads((run.out / "dossiers.json").read_text())
    )


def test_no_assignment(staff_run: RunResult) -> None:
    """Who is in which group is in no file that is for reading, and the function says why it is refused."""
    assert not (staff_run.out / "users.parquet").exists()
    with pytest.raises(UsageError, match=r"resources of a process.*staff mode"):
        pa.load(staff_run.out).users()


def test_the_team_floor_cannot_be_lowered(staff_run: RunResult) -> None:
    """--min-users 2 shows no group below it."""
    assert pages(staff_run)
    assert all(p.size.users >= TEAM_FLOOR for p in pages(staff_run))


def test_the_page_says_so_first(staff_run: RunResult) -> None:
    """In all three pages, before anything else that speaks for caution; and it is in the file for programs."""
    assert staff_run.personas.staff
    assert "org:resource" in staff_run.personas.staff
    for text in (staff_run.text(), (staff_run.out / "personas.md").read_text(encoding="utf-8")):
        assert "People at work" in text
        assert "Protection lowered" not in text
    page = (staff_run.out / "report.html").read_text(encoding="utf-8")
    assert page.index("People at work") < page.index("<article")


def test_it_is_checked_and_forgotten_all_the_same(staff_run: RunResult, process_log: Path, tmp_path: Path) -> None:
    """Every claim is counted again without lines; a person is forgotten, and no line comes back by it."""
    out = shutil.copytree(staff_run.out, tmp_path / "out")
    checked = commands.check(out, None, [], Silent(), 1)
    assert checked.checked > 5
    assert checked.failures == []
    someone = json.loads(process_log.read_text(encoding="utf-8").splitlines()[0])["org:resource"]
    assert commands.forget(someone, [out], Silent()).runs[str(out)].lines > 0
    again = pa.load(out)
    assert all(not c.citations and not (c.counter and c.counter.lines) for c in again.claims())
    assert not (out / "users.parquet").exists()


def test_a_measure_of_when_is_not_asked(process_log: Path) -> None:
    """`evaluate` refuses it with the reason, gives counts without lines for another, and none of one person."""
    when = {"unit": "users", "statistic": "share", "says": {"quantifier": "most"}}
    hour = when | {"steps": [[{"field": "hour", "op": "between", "value": [9, 12]}]]}
    with pytest.raises(UsageError, match="staff mode"):
        pa.evaluate(str(process_log), hour)
    few = {"one": [json.loads(process_log.read_text(encoding="utf-8").splitlines()[0])["org:resource"]]}
    act = when | {"steps": [[{"field": "action", "op": "contains", "value": ["save"]}]]}
    found = pa.evaluate(str(process_log), act)
    assert found.value is not None
    assert (found.lines, found.against) == ([], [])
    with pytest.raises(UsageError, match="fewer than 20"):
        pa.evaluate(str(process_log), act, groups=few)


def test_a_purpose_turns_it_off_and_is_told(tiny_log: Path, tmp_path: Path) -> None:
    """It is in run.json and first on the page; without one there is no way."""
    process_log = as_process(tiny_log, tmp_path)
    with pytest.raises(UsageError, match="needs a purpose"):
        Options(inputs=(str(process_log),), no_staff=" ")
    purpose = "a study that the works council agreed to"
    options = Options(inputs=(str(process_log),), out=tmp_path / "out", no_staff=purpose, **SMALL_OPTIONS)
    made = commands.run(options, Silent())
    assert made.run["config"]["no_staff"] == purpose
    assert made.personas.staff is None
    assert purpose in made.personas.provenance.lowered[0]
    assert "resources of a process" in made.personas.provenance.lowered[0]
    assert (tmp_path / "out" / "users.parquet").is_file()
    assert any(c.citations for c in claims_of(made))


def test_staff_turns_it_on(small_log: Path) -> None:
    """Where no column says so."""
    options = Options(inputs=(str(small_log),), staff=True, min_users=3)
    assert as_found(options, find_log(options)).floor == TEAM_FLOOR
    plain = Options(inputs=(str(small_log),), min_users=3)
    assert as_found(plain, find_log(plain)) == plain


SHARED = [{"user": f"u{i % 4}", "case": f"c{i // 3}", "activity": "a"} for i in range(60)]
OWN = [{"user": f"u{i // 3}", "case": f"c{i // 3}", "activity": "a"} for i in range(60)]


@pytest.mark.parametrize(
    ("mapping", "columns", "records", "found"),
    [
        ({"user": "org:resource"}, ["org:resource", "action"], [], True),
        ({"user": "resource"}, ["case", "activity", "resource"], [], True),
        ({"user": "Resource"}, ["Case ID", "Activity", "Resource"], [], True),
        ({"user": "resource"}, ["resource", "action"], [], False),
        ({"user": "performer"}, ["performer", "song"], [], False),
        ({"user": "employee_id"}, ["employee_id", "action"], [], True),
        ({"user": "context.staffId"}, ["context.staffId", "action"], [], True),
        ({"user": "customer_id"}, ["customer_id", "action"], [], False),
        ({"user": "employer_id"}, ["employer_id", "action"], [], False),
        ({"user": "user", "session": "case"}, ["user", "case", "activity"], SHARED, True),
        ({"user": "user", "session": "case"}, ["user", "case", "activity"], OWN, False),
        ({"user": "user", "session": "case"}, ["user", "case", "action"], SHARED, False),
    ],
)
def test_what_is_a_log_of_work(
    mapping: Mapping[str, str], columns: list[str], records: list[dict[str, Any]], found: bool
) -> None:
    """A resource of a process, an employee, a case that passes through many hands; not a customer or an employer."""
    assert bool(at_work(mapping, columns, records)) is found


FIELDS = st.sampled_from(["action", "object", "text", *sorted(TIMES)])


@given(field=FIELDS, place=st.sampled_from(["where", "steps", "absent", "feature"]))
def test_when_is_seen_wherever_it_is_asked(field: str, place: str) -> None:
    """A measure is barred exactly if one of its conditions, of whatever part, is on a time."""
    number = field in {"hour", "weekday", "month"}
    condition = {"field": field, "op": "is", "value": [3] if number else ["2025-01-01"]}
    feature = {"name": "share_of_events", "where": [condition], "op": "above", "value": 0.5}
    part = {"where": [condition], "steps": [[condition]], "absent": [[condition]], "feature": feature}[place]
    measure = Measure.model_validate(
        {"unit": "users", "statistic": "share", "says": {"quantifier": "most"}, place: part}
    )
    assert bool(barred(measure)) is (field in TIMES)
