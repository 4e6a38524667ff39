"""Given groups from a log to cards: one planted outcome, run once through the library with a frame of groups."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import persona_agent as pa
from evals.worlds.outcomes import CAUSE, CUT, REWARD, SEASONAL, OutcomeSpec, generate_outcomes
from persona_agent import commands
from persona_agent.errors import UsageError
from persona_agent.evidence import Population
from persona_agent.evidence.people import People
from persona_agent.evidence.staff import not_asked
from persona_agent.log.given_groups import GIVEN
from persona_agent.progress import Silent
from persona_agent.schema import Measure
from persona_agent.store import Store

GONE = "<b>Gone</b> & *done*"  # a name that would be markup
SPEC = OutcomeSpec(users=240, seed=1)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log in which a habit before the day goes with stopping."""
    return generate_outcomes(SPEC).write(tmp_path_factory.mktemp("outcome") / "events.jsonl")


@pytest.fixture(scope="module")
def run(log: Path, tmp_path_factory: pytest.TempPathFactory) -> pa.Run:
    """Who stopped at the day and who did not, given as a frame."""
    had = generate_outcomes(SPEC).had
    frame = pd.DataFrame({"user": list(had), "group": [GONE if x else "still here" for x in had.values()]})
    return pa.run(log, tmp_path_factory.mktemp("run") / "out", groups=frame, at=CUT.date(), min_users=8)


def test_the_cause_is_told_and_what_came_after_is_not(run: pa.Run) -> None:
    """A statement of a shown card names the planted habit; nothing names an act that is only done after the day, nor goods of a
    season that both had alike before.
    """
    face = [c.text for p in run.personas for c in p.claims if c.id in p.face]
    assert any(CAUSE in text for text in face)
    assert not any(thing in text for text in face for thing in SEASONAL)
    for name in ("personas.json", "personas.md", "dossiers.json", "report.html"):
        assert REWARD not in (run.out / name).read_text(encoding="utf-8")


def test_it_says_whose_groups_these_are_and_that_it_is_no_cause(run: pa.Run) -> None:
    """The page names the day, what others have in common, that it is association, and how well the log tells the groups apart on
    how many; members are measured over all of their lines.
    """
    page = run.html()
    assert (
        "Association, no cause" in page
        and f"before {CUT.date()}" in page
        and "was given, by a table, column “group”" in page
    )
    assert "had been there about as lately" in page
    known = [p.firmness for p in run.persona_set.personas if p.firmness]
    assert known and all(f.of_given and f.tested for f in known)
    assert "half of their visits puts" in page
    assert all(c.truthfulness.whole is None for p in run.personas for c in p.claims)


def test_names_reach_no_writer_and_are_escaped(run: pa.Run) -> None:
    """What a writer is told holds no name of a group; on pages it is text."""
    for name in ("dossiers.json", "briefing.json"):
        text = (run.out / name).read_text(encoding="utf-8")
        assert "Gone" not in text and "still here" not in text
    assert "<b>Gone" not in run.html() and "&lt;b&gt;Gone" in run.html()
    assert "<b>Gone" not in (run.out / "personas.md").read_text(encoding="utf-8")
    assert any(p.label.startswith(GONE) for p in run.persona_set.personas)


def test_check_counts_it_again_without_the_file(run: pa.Run, log: Path) -> None:
    """Every claim holds on the log as it is, cut at the day again."""
    found = pa.check(run)
    assert found.failures == [] and found.checked > 0


def test_forget_takes_a_user_out_of_the_groups(run: pa.Run, log: Path, tmp_path: Path) -> None:
    """Nobody who was forgotten stands in given.npz."""
    out = tmp_path / "copy"

    shutil.copytree(run.out, out)
    user = next(iter(generate_outcomes(SPEC).had))
    with Store.open(out).alone() as store:
        before = len(store.read_arrays(GIVEN)["users"])
    commands.forget(user, [out], Silent())
    assert len(Store.open(out).read_arrays(GIVEN)["users"]) == before - 1


def test_names_that_say_who_somebody_is_are_refused_before_the_log_is_read(log: Path, tmp_path: Path) -> None:
    """A frame of women and men makes no groups."""
    frame = pd.DataFrame({"user": ["a", "b"], "group": ["women", "men"]})
    with pytest.raises(UsageError, match="says who somebody is"):
        pa.run(log, tmp_path / "o", groups=frame)
    with pytest.raises(UsageError, match="--at is for groups that are given"):
        pa.run(log, tmp_path / "o", at="2024-05-01")


def test_others_are_the_group_that_is_named() -> None:
    """Against a group others are its users alone; it itself is held against everybody else."""
    groups = {g: np.arange(6) // 2 == g for g in range(3)}
    nothing = np.zeros(6, dtype=np.int64)
    people = People(nothing, nothing, nothing, np.zeros(6, dtype=bool), groups, against=2)
    outside = {g: np.flatnonzero(people.mask(Population(g, outside=True))).tolist() for g in range(3)}
    assert outside == {0: [4, 5], 1: [4, 5], 2: [0, 1, 2, 3]}


def test_what_groups_are_made_of_is_not_asked() -> None:
    """A measure of the field that defines the groups, and where they are who stayed, of when somebody was there, is refused."""

    class Asked:
        staff, made_of, defined, by_staying = False, "properties.plan", None, True

    def measure(**given: object) -> Measure:
        return Measure.model_validate(
            {"unit": "users", "statistic": "share", "says": {"comparator": "at_least", "value": 0}, **given}
        )

    on_plan = measure(steps=[[{"field": "properties.plan", "op": "is", "value": ["pro"]}]])
    kept_plan = measure(unit="sessions", steps=[[{"field": "kept properties.plan", "op": "is", "value": ["yes"]}]])
    in_may = measure(steps=[[{"field": "month", "op": "is", "value": [5]}]])
    plain = measure(steps=[[{"field": "action", "op": "is", "value": ["buy"]}]])
    assert not_asked(Asked, kept_plan)  # type: ignore[arg-type]
    assert not_asked(Asked, on_plan) and not_asked(Asked, in_may)  # type: ignore[arg-type]
    assert not not_asked(Asked, plain)  # type: ignore[arg-type]
