"""The library where programs live: a notebook kernel, a script without a main guard, a system without POSIX calls."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import persona_agent as pa
from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent.engines.local import processors
from persona_agent.store import Store
from tests.conftest import SMALL_OPTIONS

ROOT = Path(__file__).resolve().parents[2]

# A process that is started, by whatever way, ends the program; what makes a log of one part several is set for workers.
ALONE = """
import os, _posixsubprocess
def refuse(*_, **__): raise SystemExit("a process was started")
_posixsubprocess.fork_exec = os.fork = os.posix_spawn = refuse
"""
SCRIPT = """
import persona_agent as pa
from persona_agent.log import reading
reading.SHARE_BYTES = 15_000
run = pa.run({log!r}, {out!r}, **{options})
"""
WITHOUT = """
import os, sys
for name in ("fcntl", "resource", "grp", "pwd", "termios"):
    sys.modules[name] = None
for name in ("sched_getaffinity", "fork", "getuid", "O_CLOEXEC"):
    delattr(os, name)
import pandas, persona_agent as pa
from persona_agent.engines.local import processors
run = pa.run(pandas.read_json({log!r}, lines=True), {out!r}, **{options})
assert processors() == os.cpu_count()
print(run.state, len(run.claim(run.claims()[0].id).lines), pa.check(run, at=pandas.read_json({log!r}, lines=True)).failures)
"""


def started(code: str, tmp_path: Path, log: Path, **changes: Any) -> subprocess.CompletedProcess[str]:
    """A script with the code, run from its file; what it logs and warns of is on its stderr."""
    script = tmp_path / "script.py"
    script.write_text(code.format(log=str(log), out=str(tmp_path / "out"), options={**SMALL_OPTIONS, **changes}))
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error::RuntimeWarning", str(script)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, env=environ, cwd=tmp_path)


def test_in_a_notebook_kernel(tiny_log: Path, tiny: pa.Run) -> None:
    """In a kernel whose loop is running, a cell runs a frame and shows the page of the same run made here; a later one awaits."""
    import nbclient  # two seconds to import, here alone
    import nbformat

    cells = [
        f"import asyncio, json, pandas, persona_agent as pa; asyncio.get_running_loop(); options = {SMALL_OPTIONS!r}",
        f"frame = pandas.read_json({str(tiny_log)!r}, lines=True)\nrun = pa.run(frame, **options)\nrun",
        "await asyncio.sleep(0)\nprint(run.state, pa.check(run, at=frame).failures)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute(env=environ)
    _, made, awaited = (cell.outputs for cell in notebook.cells)
    [shown] = made
    assert shown.data["text/html"] == tiny._repr_html_()
    assert shown.data["text/plain"].startswith("<Run: ")
    assert "of 40 users" in shown.data["text/plain"]
    assert [(output.name, output.text) for output in awaited] == [("stdout", "none []\n")]


def test_in_a_script_without_a_main_guard(tiny_log: Path, tmp_path: Path) -> None:
    """A log of several parts is run: nothing is printed, no process is started, no logging is set up."""
    told = "import logging; print(run.state, logging.root.handlers)"
    done = started(ALONE + SCRIPT + told, tmp_path, tiny_log)
    assert (done.returncode, done.stdout, done.stderr) == (0, "none []\n", "")


def test_workers_asked_for_without_a_main_guard(tiny_log: Path, tmp_path: Path) -> None:
    """The error says that the guard is missing and what to write, at once, and not that memory ran out."""
    begun = time.monotonic()
    done = started(SCRIPT, tmp_path, tiny_log, workers=2)
    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("persona_agent.errors.UsageError: Worker processes cannot begin")
    assert 'if __name__ == "__main__":' in last
    assert "memory" not in done.stderr
    assert time.monotonic() - begun < 200


def test_workers_under_a_main_guard(tiny_log: Path, tmp_path: Path, tiny: pa.Run) -> None:
    """Two processes read the parts; the claims are those of one."""
    guarded = (
        "if __name__ == '__main__':"
        + SCRIPT.replace("\n", "\n    ")
        + "print(run.persona_set.everyone.model_dump_json())"
    )
    done = started(guarded, tmp_path, tiny_log, workers=2)
    assert done.stderr == ""
    assert tiny.everyone is not None
    assert [c["text"] for c in json.loads(done.stdout)["claims"]] == [c.text for c in tiny.everyone.claims]


@pytest.mark.skipif(sys.platform == "win32", reason="these calls are not there to be taken away")
def test_without_posix_calls(tiny_log: Path, tmp_path: Path) -> None:
    """With `sched_getaffinity`, `fcntl` and their like taken away before the import, a frame is run, shown and checked."""
    done = started(WITHOUT, tmp_path, tiny_log)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split()[0] == "none"
    assert done.stdout.split()[2] == "[]"
    assert processors() <= (os.cpu_count() or 1)


def test_a_folder_is_locked_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    """While another process is at work the folder is refused; once that is killed it is free."""
    code = (
        "import sys, time; from pathlib import Path; from persona_agent.store import Store\n"
        "with Store(Path(sys.argv[1])).alone(): print('locked', flush=True); time.sleep(60)"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=environ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        with pytest.raises(pa.StoreError, match="Another run is at work"), Store(tmp_path).alone():
            pass
        other.kill()
        other.wait()
    with Store(tmp_path).alone(), pytest.raises(pa.StoreError, match="Another run"), Store(tmp_path).alone():
        pass


def test_models_are_asked_in_a_running_loop(tiny_frame: pd.DataFrame, tmp_path: Path) -> None:
    """Called plainly inside a coroutine, `run` and `audit` ask a server and come to an end."""
    (tmp_path / "team.md").write_text("# Cooks\n\nMost of them compare things.\n")

    async def called() -> tuple[pa.Run, Any]:
        with Replies(lambda body: chat(brain.answer(body))) as server:
            made = pa.run(tiny_frame, tmp_path / "out", model="openai/brain", base_url=server.url, **SMALL_OPTIONS)
        with Replies(lambda _: chat('{"items": []}')) as server:
            audited = pa.audit(tmp_path / "team.md", tiny_frame, model="openai/brain", base_url=server.url)
            assert len(server.bodies) > 1
        return made, audited

    made, audited = asyncio.run(called())
    assert made.failures == []
    assert made.persona_set.provenance.models["writer"] == "openai/brain"
    assert audited.outcomes["error"] == sum(audited.outcomes.values()) == 1


def test_arun_leaves_the_loop_free_and_can_be_cancelled(tiny_log: Path, tmp_path: Path) -> None:
    """While it works the loop goes on; once it is cancelled, no further call reaches the server."""
    beats = 0

    async def beating() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.01)
            beats += 1

    async def cancelled() -> int:
        heart = asyncio.create_task(beating())
        with Replies(lambda body: chat(brain.answer(body)), delay=0.3) as server:
            work = pa.arun(
                tiny_log, tmp_path / "out", model="openai/brain", base_url=server.url, concurrency=1, **SMALL_OPTIONS
            )
            task = asyncio.create_task(work)
            while not server.bodies:
                await asyncio.sleep(0.01)
                assert not task.done()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            asked = len(server.bodies)
            await asyncio.sleep(1.5)
            heart.cancel()
            return len(server.bodies) - asked

    assert asyncio.run(cancelled()) == 0
    assert beats > 20
