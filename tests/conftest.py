"""Runs that many tests look at are made once.

Two logs: `world` is large enough for five planted personas to be found, and is for what is said of people; `small` is the
smallest whose two personas are both shown, and is for how a run is begun, kept and checked.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from evals.worlds import Spec, generate
from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.seal import VARIABLE

# How long an example takes is the machine's matter: benchmarks measure speed, tests do not.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

WORLD = Spec(domain="kitchen", kind="personas", users=150, events=40, seed=3, traits=True)
SMALL = Spec(domain="kitchen", kind="personas", users=120, events=36, seed=1, traits=True)
# Two personas are published of the small log, of 70 and 50 users: with half as many their claims fail on held-out users.
SMALL_OPTIONS: dict[str, Any] = {"personas": 2, "min_users": 8, "value": "properties.spent"}


@pytest.fixture(scope="session", autouse=True)
def seal_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The secret that seals the runs of all tests, and of the processes that they start; nobody's own is touched."""
    file = tmp_path_factory.mktemp("seal") / "seal.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(file))
        yield file


@pytest.fixture(scope="session")
def world_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log with five personas, broken lines and noise."""
    return generate(WORLD).write(tmp_path_factory.mktemp("world") / "events.jsonl")


@pytest.fixture(scope="session")
def world_run(world_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the planted log."""
    out = tmp_path_factory.mktemp("run") / "out"
    return commands.run(Options(inputs=(str(world_log),), out=out, value="properties.spent"), Silent())


@pytest.fixture(scope="session")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log of 120 users, broken lines and noise."""
    return generate(SMALL).write(tmp_path_factory.mktemp("small") / "events.jsonl")


@pytest.fixture(scope="session")
def small_run(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the small log."""
    out = tmp_path_factory.mktemp("small_run") / "out"
    return commands.run(Options(inputs=(str(small_log),), out=out, **SMALL_OPTIONS), Silent())


@pytest.fixture
def briefed(small_run: RunResult, tmp_path: Path) -> Path:
    """A copy of the finished run on the small log: another writer begins in it with what is known of its two groups."""
    return shutil.copytree(small_run.out, tmp_path / "out")
