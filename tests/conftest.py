"""Runs that many tests look at are made once, whatever the number of processes that run the tests.

Three logs: `world` is large enough for five planted personas to be found, and is for what is said of people; `small` is the
smallest whose two personas are both shown, and is for how a run is begun, kept and checked; `tiny` has too few users for
groups, and is for what one page about everyone tells as well.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings

from evals.worlds import Spec, generate
from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.seal import LENGTH, VARIABLE
from tests import wheel

if TYPE_CHECKING:  # the process that hands out tests runs none, and needs nothing of what runs are made of
    from persona_agent.commands.running import RunResult

# Processes that tests start find the program compiled by the first of them, which takes each of them over half a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Every imported module's objects are looked at anew whenever so many others were made: seven hundred, unless it is said, which
# took a tenth of all processor time.
gc.set_threshold(50_000, 20, 20)

# How long an example takes is the machine's matter: benchmarks measure speed, tests do not.
settings.register_profile("tests", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

WORLD = Spec(domain="kitchen", kind="personas", users=150, events=40, seed=3, traits=True)
SMALL = Spec(domain="kitchen", kind="personas", users=120, events=36, seed=1, traits=True)
# Two personas are published of the small log, of 70 and 50 users: with half as many their claims fail on held-out users.
SMALL_OPTIONS: dict[str, Any] = {"personas": 2, "min_users": 8, "value": "properties.spent"}
TINY = Spec(domain="kitchen", kind="personas", users=40, events=24, seed=1, traits=True)
BRAIN: dict[str, Any] = {"model": "openai/brain", "timeout": 20}


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it fills, for all processes that run the tests; they only read it."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder, made = base / name, base / f"{name}.made"
    with FileLock(base / f"{name}.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
            make(folder)
            made.touch()
    return folder


def run_once(factory: pytest.TempPathFactory, name: str, run: Callable[[Path], RunResult]) -> RunResult:
    """A finished run that is made once for all processes, in a copy of its folder that is this one's own."""

    def make(folder: Path) -> None:
        (folder / "result").write_bytes(pickle.dumps(run(folder / "out")))

    folder = once(factory, name, make)
    result: RunResult = pickle.loads((folder / "result").read_bytes())
    return replace(result, out=shutil.copytree(folder / "out", factory.mktemp(name) / "out"))


def log_once(factory: pytest.TempPathFactory, name: str, spec: Spec) -> Path:
    """The log of a planted world."""
    return once(factory, name, lambda folder: generate(spec).write(folder / "events.jsonl")) / "events.jsonl"


@pytest.fixture(scope="session", autouse=True)
def seal_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The secret that seals the runs of all tests, and of the processes that they start; nobody's own is touched."""
    secret = once(tmp_path_factory, "seal", lambda folder: (folder / "secret").write_bytes(os.urandom(LENGTH)))
    file = tmp_path_factory.mktemp("seal") / "seal.key"
    file.touch(mode=0o600)
    file.write_bytes((secret / "secret").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(file))
        yield file


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bin folder of an environment that holds the wheel."""
    pytest.importorskip("build")
    return once(tmp_path_factory, "wheel", wheel.install) / "env" / "bin"


@pytest.fixture(scope="session")
def demo_folder(installed: Path, seal_key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the installed program's `demo` wrote (`demo-out`) and printed (`printed`)."""

    def make(folder: Path) -> None:
        said = wheel.run([str(installed / "persona-agent"), "demo"], folder, {VARIABLE: str(seal_key)})
        (folder / "printed").write_text(said)

    return once(tmp_path_factory, "demo", make)


@pytest.fixture(scope="session")
def world_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log with five personas, broken lines and noise."""
    return log_once(tmp_path_factory, "world", WORLD)


@pytest.fixture(scope="session")
def world_run(world_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the planted log."""
    options = Options(inputs=(str(world_log),), value="properties.spent")
    return run_once(tmp_path_factory, "world_run", lambda out: commands.run(options.but(out=out), Silent()))


@pytest.fixture(scope="session")
def small_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log of 120 users, broken lines and noise."""
    return log_once(tmp_path_factory, "small", SMALL)


@pytest.fixture(scope="session")
def small_run(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the small log."""
    options = Options(inputs=(str(small_log),), **SMALL_OPTIONS)
    return run_once(tmp_path_factory, "small_run", lambda out: commands.run(options.but(out=out), Silent()))


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the bundled log: of its 420 users a tenth is enough for a card."""
    return run_once(tmp_path_factory, "demo_run", lambda out: commands.run(commands.demo_options(out), Silent()))


@pytest.fixture(scope="session")
def small_run_by_model(small_log: Path, small_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The small run again, written by a model on loopback that answers at once."""
    return run_once(tmp_path_factory, "small_run_by_model", lambda out: write_again(small_run, small_log, out))


@pytest.fixture(scope="session")
def tiny_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A planted log of forty users, broken lines and noise."""
    return log_once(tmp_path_factory, "tiny", TINY)


@pytest.fixture(scope="session")
def tiny_run(tiny_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """A finished run on the tiny log: one page about everyone."""
    options = Options(inputs=(str(tiny_log),), **SMALL_OPTIONS)
    return run_once(tmp_path_factory, "tiny_run", lambda out: commands.run(options.but(out=out), Silent()))


@pytest.fixture(scope="session")
def tiny_run_by_model(tiny_log: Path, tiny_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    """The tiny run again, written by that model."""
    return run_once(tmp_path_factory, "tiny_run_by_model", lambda out: write_again(tiny_run, tiny_log, out))


def write_again(run: RunResult, log: Path, out: Path) -> RunResult:
    """A copy of a finished run in which a model on loopback writes."""
    from evals.bench import brain
    from evals.bench.server import Replies, chat

    shutil.copytree(run.out, out)
    with Replies(lambda body: chat(brain.answer(body))) as server:
        options = Options(inputs=(str(log),), out=out, base_url=server.url, **BRAIN, **SMALL_OPTIONS)
        return commands.run(options, Silent())


@pytest.fixture
def briefed(small_run: RunResult, tmp_path: Path) -> Path:
    """A copy of the finished run on the small log: another writer begins in it with what is known of its two groups."""
    return shutil.copytree(small_run.out, tmp_path / "out")


@pytest.fixture
def written(small_run_by_model: RunResult, tmp_path: Path) -> Path:
    """A copy of the run on the small log that a model wrote."""
    return shutil.copytree(small_run_by_model.out, tmp_path / "out")


@pytest.fixture
def tiny_briefed(tiny_run: RunResult, tmp_path: Path) -> Path:
    """A copy of the run on the tiny log, of whose one page another writer knows all."""
    return shutil.copytree(tiny_run.out, tmp_path / "out")


@pytest.fixture
def tiny_written(tiny_run_by_model: RunResult, tmp_path: Path) -> Path:
    """A copy of the run on the tiny log that a model wrote."""
    return shutil.copytree(tiny_run_by_model.out, tmp_path / "out")


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody who got the folder of a run, and has a secret of their own."""
    file = tmp_path / "stranger.key"
    file.write_bytes(os.urandom(LENGTH))
    file.chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(file))
