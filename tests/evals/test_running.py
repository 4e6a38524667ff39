"""The run of the suite: failed jobs, versions, baselines, and the table and page of a report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evals import recordings, running
from evals.command import evaluate
from evals.page import page_of
from evals.results import Number, rate
from evals.suite import Failed, Fixtures, Job, Suite
from evals.table import table_of
from persona_agent.cli import status
from persona_agent.commands.evaluating import Evaluation
from persona_agent.errors import InputError, UsageError
from persona_agent.progress import Silent

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "</td><script>alert(1)</script>\x1b[31m"


def counted(hits: int) -> int:
    if hits < 0:
        raise InputError(f"there is no log {HOSTILE}")
    return hits


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:
    found = [r for r in results.values() if not isinstance(r, Failed)]
    lost = len(results) - len(found)
    return [
        rate("hits", sum(found), 10 * len(found), n_error=lost, target=data["target"], source=HOSTILE),
        Number("odd", None, 0, reason=HOSTILE),
    ]


def suite(*hits: int) -> Suite:
    return Suite(
        "toy", "a toy", lambda *_: [Job(f"j{i}", counted, (h,)) for i, h in enumerate(hits)], numbers, {"target": 0.5}
    )


def measured(*hits: int) -> dict[str, Any]:
    return running.run([suite(*hits)], running.fixtures_in(None), Silent(), workers=1)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return measured(7, 8, -1)


@pytest.fixture(scope="module")
def fallen() -> dict[str, Any]:
    return measured(1, 1, -1)


def test_a_job_that_fails_is_an_error_and_no_zero(report: dict[str, Any]) -> None:
    """A failed job is one error beside the value of the others, and is named."""
    hits = report["suites"]["toy"]["numbers"]["hits"]
    assert (hits["value"], hits["n"], hits["n_error"], hits["met"]) == (0.75, 20, 1, True)
    assert list(report["suites"]["toy"]["failed"]) == ["j2"]


def test_it_says_what_it_was_measured_with(report: dict[str, Any]) -> None:
    """The report has versions of code, prompts, cases and logs and each recording's source, and is the same each time."""
    assert {"code", "prompts", "cases", "logs"} <= set(report["versions"])
    assert all(r["source"] for r in report["recordings"].values())
    assert json.dumps(measured(7, 8, -1), sort_keys=True) == json.dumps(report, sort_keys=True)


def test_a_number_that_fell_or_went_is_named(report: dict[str, Any], fallen: dict[str, Any]) -> None:
    """Against a report a number that fell or is missing is named, against itself none."""
    assert [r.name for r in running.regressions(fallen, report)] == ["hits"]
    gone = json.loads(json.dumps(report))
    gone["suites"]["toy"]["numbers"]["other"] = gone["suites"]["toy"]["numbers"]["hits"]
    assert [r.how for r in running.regressions(report, gone)] == ["it is no longer there"]
    assert running.regressions(report, report) == []


def test_what_was_not_recorded_is_not_measured(report: dict[str, Any], fallen: dict[str, Any]) -> None:
    """A job whose recording is not there is named with the command that makes it, is no error and no miss, and beside another
    changes no number; a suite of such jobs alone has no number, and a number that it had before is a regression.
    """

    def jobs(*_: Any) -> list[Job]:
        needing = [Job(name, counted, (0,), needs=[f"{name}/nowhere"]) for name in ("evals", "recordings")]
        return [*suite(7, 8, -1).jobs(*_), *needing]

    whole = running.run([replace(suite(), jobs=jobs)], running.fixtures_in(None), Silent(), workers=1)
    assert whole["suites"]["toy"]["numbers"] == report["suites"]["toy"]["numbers"]
    assert whole["suites"]["toy"]["not_measured"] == {"evals": ["evals/nowhere"], "recordings": ["recordings/nowhere"]}
    [said] = [line for line in table_of(whole).splitlines() if line.startswith("not measured")]
    assert "persona-agent run LOG --model MODEL" in said and "persona-agent eval toy --live MODEL" in said
    assert said.replace("'", "&#x27;") in page_of(whole)
    alone = replace(suite(), jobs=lambda *_: jobs()[3:])
    nothing = running.run([alone], running.fixtures_in(None), Silent(), workers=1)
    assert nothing["suites"]["toy"]["numbers"] == nothing["suites"]["toy"]["failed"] == {}
    assert [r.name for r in running.regressions(nothing, report)] == ["hits", "odd"]
    assert Evaluation(nothing, "", []).exit_status == 1
    assert Evaluation(fallen, "", []).exit_status == 0


def test_what_needs_no_recording_or_has_one_is_measured() -> None:
    """Of the suites as they are, every recording that is there is asked for by some job, but for judges, which a critic is only
    compared with; runs without a model and arm A of the critic need none.
    """
    fixtures = running.fixtures_in(None)
    jobs = [job for s in running.chosen([]) for job in s.jobs(fixtures, s.data)]
    there = {name for name in recordings.sources(fixtures) if "judges" not in name}
    assert there <= {name for job in jobs for name in job.needs}
    assert all(not job.needs for job in jobs if job.name.endswith(".offline") or job.name.startswith("a."))


def test_two_numbers_of_one_name_are_refused() -> None:
    """A suite that gives a name twice is an error that says so."""
    twice = Suite("toy", "", lambda *_: [], lambda *_: [Number("x", 1, 1), Number("x", 2, 1)], {})
    with pytest.raises(Exception, match="gives 'x' twice"):
        running.run([twice], running.fixtures_in(None), Silent())


def test_a_suite_on_request_runs_only_if_named() -> None:
    """Without names the suites are those of NAMES; with its name the one on request is among them, alone."""
    assert [s.name for s in running.chosen([])] == list(running.NAMES)
    assert [s.name for s in running.chosen(["habits"])] == ["habits"]


def test_an_unknown_suite_and_a_folder_without_logs_are_said(tmp_path: Path) -> None:
    """Both are usage errors that name what is not there."""
    with pytest.raises(UsageError, match="There is no suite 'crtic'"):
        running.chosen(["crtic"])
    with pytest.raises(UsageError, match="holds no logs"):
        running.fixtures_in(tmp_path)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)


def test_table_and_page_show_misses_errors_and_no_markup(report: dict[str, Any], fallen: dict[str, Any]) -> None:
    """Table and page show misses, errors and what fell, and markup or terminal codes of a reason are text."""
    table, page = table_of(fallen), page_of(fallen, report)
    assert "MISS hits" in table
    assert "1e" in table
    assert "1 errored" in page
    assert "worse: 0.1" in page
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.seen
    assert "svg" in tags.seen
    assert "\x1b" not in table


def test_eval_ends_with_one_where_a_number_is_worse(
    report: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`eval` with a better baseline ends with 1, says what is worse and writes the page; without one it ends with 0 and
    prints JSON.
    """
    monkeypatch.setattr(running, "chosen", lambda _: [suite(1)])
    monkeypatch.setattr("persona_agent.commands.evaluating._suite", lambda: evaluate)
    before = tmp_path / "before.json"
    before.write_text(json.dumps(report))
    assert status(["eval", "--baseline", str(before), "--page", str(tmp_path / "page.html")]) == 1
    said = capsys.readouterr()
    assert "worse than the baseline: toy.hits: 0.1, was 0.75" in said.err
    assert (tmp_path / "page.html").read_text().startswith("<!doctype html>")
    assert status(["eval", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["suites"]["toy"]["numbers"]["hits"]["value"] == 0.1


def test_a_file_that_is_no_report_is_said_before_anything_runs(tmp_path: Path) -> None:
    """A baseline that is no report is an input error."""
    for text in ("{}", "no json", '{"suites": []}'):
        file = tmp_path / "x.json"
        file.write_text(text)
        with pytest.raises(InputError, match="is no report"):
            evaluate(["groups"], fixtures=None, recordings=None, live=None, baseline=file, page=None, progress=Silent())


def test_quality_rests_on_no_handwritten_answer() -> None:
    """Every recording of the suite is a language model's."""
    for name, found in recordings.sources(Fixtures(ROOT / "fixtures")).items():
        assert found["source"] == "language model through a relay", name


def test_the_stored_baseline_is_of_these_suites() -> None:
    """The stored baseline has all suites, over 300 numbers and no failed job; no number of it rests on a recording that is
    not there.
    """
    stored = json.loads(running.BASELINE.read_text())
    assert set(stored["suites"]) == set(running.NAMES)
    assert all(not s["failed"] for s in stored["suites"].values())
    assert sum(len(s["numbers"]) for s in stored["suites"].values()) > 300
    fixtures = running.fixtures_in(None)
    for made in running.chosen([]):
        jobs = made.jobs(fixtures, made.data)
        lacking = {job.name: found for job in jobs if (found := fixtures.lacks(job))}
        assert stored["suites"][made.name]["not_measured"] == lacking
