"""The same personas on Ray. These tests run where the extra `ray` is installed, and are skipped elsewhere."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.engines import open_engine
from persona_agent.errors import InputError
from persona_agent.log import events, reading
from persona_agent.options import Options
from persona_agent.progress import Silent
from tests.conftest import SMALL_OPTIONS
from tests.engines.parts import refused, squared

pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SHARE_BYTES", 90_000)
    monkeypatch.setattr(events, "PART_EVENTS", 700)


def personas_of(small_log: Path, out: Path, engine: str) -> str:
    commands.run(Options(inputs=(str(small_log),), out=out, **SMALL_OPTIONS, engine=engine), Silent())
    return (out / "personas.json").read_text()


def test_parts_on_ray_come_in_order_and_fail_as_here() -> None:
    """Parts on Ray give their results in order, and an error of a part as it is."""
    with open_engine("ray") as engine:
        assert list(engine.map(squared, range(7))) == [n * n for n in range(7)]
        with pytest.raises(InputError, match="is bad"):
            list(engine.map(refused, range(6)))


@contextlib.contextmanager
def one_worker_killed() -> Iterator[list[int]]:
    """Kills the first worker of Ray that is seen at work on a part."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set() and not killed:
            for process in (p for p in Path("/proc").iterdir() if p.name.isdecimal()):
                with contextlib.suppress(OSError):
                    if (process / "cmdline").read_bytes().startswith(b"ray::Map"):
                        os.kill(int(process.name), signal.SIGKILL)
                        killed.append(int(process.name))
                        break
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def test_ray_gives_the_personas_of_this_machine_though_a_worker_is_killed(small_log: Path, tmp_path: Path) -> None:
    """With a worker killed at work, personas.json is that of one machine."""
    here = personas_of(small_log, tmp_path / "here", "local")
    with one_worker_killed() as killed:
        there = personas_of(small_log, tmp_path / "there", "ray")
    assert killed, "no worker was seen at work"
    assert json.loads(there) == json.loads(here)


@pytest.mark.parametrize("name", ["demo/events.jsonl.gz", "logs/online_retail.csv.gz"])
def test_ray_gives_the_same_bytes_on_logs_of_the_repository(name: str, tmp_path: Path) -> None:
    """Two bundled logs give the same personas.json on Ray and here."""
    log = Path(__file__).parents[2] / "fixtures" / name
    made = []
    for engine in ("local", "ray"):
        out = tmp_path / engine
        commands.run(Options(inputs=(str(log),), out=out, engine=engine), Silent())
        made.append((out / "personas.json").read_bytes())
    assert made[0] == made[1]
