"""Safeguards that `evals.mutations` takes out: each is where its mutation looks for it, and one that is not is found out."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib import import_module

import pytest

from evals.mutations import MUTATIONS, Mutation, PartMeasured, judged, main, measured, run
from evals.running import fixtures_in
from evals.suite import suite_of

COURSES = ("courses 0",)
# As a bar that lost a field: it is made while a job runs, and no sooner.
STALE = "import persona_agent.groups.find as f\nf.drawn_users = lambda *_: f.no_longer_there"
STALE_AND_CAUGHT = (
    "import evals.bench.found as f, persona_agent.errors as e\ndef g(*_): raise e.UsageError('gone')\nf.found = g"
)


def test_mutations_find_what_they_change() -> None:
    """In a process of their own, all changes are made; that a number falls for each, `python -m evals.mutations` shows."""
    script = "from evals.mutations import MUTATIONS\nfor m in MUTATIONS: m.change()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_jobs_that_must_notice_are_there() -> None:
    """Each mutation names jobs of its suite."""
    fixtures = fixtures_in(None)
    for m in MUTATIONS:
        suite = suite_of(import_module(f"evals.suites.{m.suite}"))
        assert m.jobs, m.name
        assert set(m.jobs) <= {j.name for j in suite.jobs(fixtures, suite.data)}, m.name


def test_a_mutation_that_ends_in_an_error_is_broken(capsys: pytest.CaptureFixture[str]) -> None:
    """Whether the error ends the process or is one of a job's own, it is no number that fell: said as such, and exit 1."""
    stale = Mutation("stale", partial(exec, STALE, {}), "groups", COURSES)
    caught = Mutation("caught", partial(exec, STALE_AND_CAUGHT, {}), "groups", COURSES)
    unknown = Mutation("unknown", partial(exec, "", {}), "groups", ("no such job",))
    assert not run([stale, caught, unknown])
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[:2] for row in rows if not row.startswith(" ")] == [
        ["BROKEN", "stale"],
        ["BROKEN", "caught"],
        ["BROKEN", "unknown"],
    ]
    assert "no_longer_there" in rows[1]


def test_what_changes_nothing_is_not_noticed() -> None:
    """The same numbers twice are no red one, a fallen number is; a part without a recording is not measured."""
    before = {"shown": {"value": 0.0, "interval": None, "better": "lower", "n_error": 0}}
    worse = {"shown": {**before["shown"], "value": 3.0}}
    words = [
        judged(PartMeasured(before), PartMeasured(before)),
        judged(PartMeasured(before), PartMeasured(worse)),
        judged(PartMeasured(before), PartMeasured(worse, {"a job": "it failed"})),
        judged(PartMeasured(lacking=("runs/x",)), PartMeasured(lacking=("runs/x",))),
    ]
    assert [(o.word, o.bad) for o in words] == [
        ("NOT NOTICED", True),
        ("red", False),
        ("BROKEN", True),
        ("not measured", False),
    ]


def test_names_of_mutations_are_looked_up(capsys: pytest.CaptureFixture[str]) -> None:
    """One that is not there is an error that lists those that are."""
    assert main(["no such"]) == 2
    assert "null logs off" in capsys.readouterr().err


def test_a_part_is_measured_by_its_jobs_alone() -> None:
    """A job's own number is there; a suite's other jobs were not run."""
    found = measured("groups", COURSES, None)
    assert found.numbers["personas_shown_on_small_courses"]["value"] == 0
    assert found.numbers["personas_shown_on_logs_without_groups"]["value"] is None
