"""Runs that many tests look at are made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from evals.worlds import Spec, generate
from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent

# How long an example takes is the machine's matter: benchmarks measure speed, tests do not.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

WORLD = Spec(domain="kitchen", kind="personas", users=150, events=40, seed=3, traits=True)


@pytest.fixture(scope="session")
def world_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log with five personas, broken lines and noise."""
    return generate(WORLD).write(tmp_path_factory.mktemp("world") / "events.jsonl")


@pytest.fixture(scope="session")
def world_run(world_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the planted log."""
    out = tmp_path_factory.mktemp("run") / "out"
    return commands.run(Options(inputs=(str(world_log),), out=out, value="properties.spent"), Silent())
