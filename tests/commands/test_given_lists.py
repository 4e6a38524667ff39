"""Lists that somebody hands in, from a log to pages: what goes with how much there is of everybody is not told, a habit is."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import persona_agent as pa
from evals.worlds.cohorts import HABIT, CohortSpec, generate_cohort
from persona_agent.schema import Persona


def told(folder: Path, spec: CohortSpec) -> pa.Run:
    """A run of the list of a world."""
    world = generate_cohort(spec)
    frame = pd.DataFrame({"user": list(world.inside), "group": ["In" if x else "Out" for x in world.inside.values()]})
    log = world.write(folder / f"{spec.kind}{spec.seed}.jsonl")
    return pa.run(log, folder / f"{spec.kind}{spec.seed}", groups=frame, timezone="UTC")


def apart(run: pa.Run) -> list[str]:
    """What cards say more or less of than of others."""
    return [c.text for p in _shown(run) for c in p.claims if c.measure is not None and c.measure.says.sets_apart]


def _shown(run: pa.Run) -> list[Persona]:
    return [p for p in run.persona_set.personas if p.status != "withheld"]


@pytest.mark.parametrize("kind", ["ever", "bought"])
def test_of_who_ever_did_something_nothing_is_told(kind: str, tmp_path: Path) -> None:
    """A list by a coin and one by a department have no card, and the page says that some are there more. That they bought from
    the department is what they were sorted by, and no claim.
    """
    run = told(tmp_path, CohortSpec(kind, users=240, seed=0))  # type: ignore[arg-type]
    assert apart(run) == [] and _shown(run) == []
    text = (run.out / "personas.md").read_text(encoding="utf-8")
    assert "Who is there more." in text and "groups put together at random, of users with as much in the log" in text
    assert ("What they are made of." in text) == (kind == "bought")
    if kind == "bought":
        assert run.persona_set.given is not None
        assert run.persona_set.given.made_of == ["whether they ever have “garden” as department"]
        assert "garden" not in str([c.text for p in run.persona_set.personas for c in [*p.claims, *p.withdrawn]])


@pytest.mark.parametrize("kind", ["habit", "both"])
def test_a_habit_is_told(kind: str, tmp_path: Path) -> None:
    """Of those who use coupons a card says so, whether or not they come three times as often, which is said of the latter beside
    it; who others are is said too, and every claim holds when it is counted again.
    """
    run = told(tmp_path, CohortSpec(kind, users=240, seed=0))  # type: ignore[arg-type]
    assert any(f"visits include “{HABIT}”" in text for text in apart(run))
    text = (run.out / "personas.md").read_text(encoding="utf-8")
    assert ("Who is there more." in text) == (kind == "both")
    assert "are there about as much, by lines, visits and days" in text
    assert pa.check(run).failures == []
