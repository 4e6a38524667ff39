"""Failing machines: each fault on a real run in a process of its own, and what came of it.

In: a folder. Out: one row a fault: what was done to the run, how it ended, what it said, and whether running the same command
again gave the personas of an undisturbed run. Promises: nothing is mocked but the moment; a full disk is a file system of
its own where this may be mounted, else a limit on the size of files, and the row says which.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..worlds import Spec, generate

WORLD = Spec(users=150, events=40, seed=3, traits=True)
STAGES = ("read", "gather", "name", "group", "brief", "write", "report")
KILLS = 12
TRACEBACK = "Traceback (most recent call last)"


@dataclass(frozen=True)
class Row:
    """`ended`: the exit code (negative: a signal); `said`: the last line on stderr; `again`: whether the same command, the fault
    gone, gave the personas of an undisturbed run; None where it was not tried.
    """

    fault: str
    ended: int
    said: str
    again: bool | None

    @property
    def good(self) -> bool:
        sentence = self.ended in (0, -signal.SIGKILL) or (
            self.said.startswith("error: ") and "fault of persona-agent" not in self.said
        )
        return sentence and self.again is not False and TRACEBACK not in self.said


class Machine:
    """A log, an undisturbed run on it, and ways to disturb others."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = generate(WORLD).write(folder / "events.jsonl")
        self.whole = folder / "whole"
        self.run(self.whole)
        self.told = (self.whole / "personas.json").read_bytes()

    def command(self, out: Path, log: Path | None = None) -> list[str]:
        return [sys.executable, "-m", "persona_agent", "run", str(log or self.log), "-o", str(out)]

    def run(self, out: Path, log: Path | None = None, before: Callable[[], None] | None = None) -> tuple[int, str]:
        done = subprocess.run(self.command(out, log), capture_output=True, text=True, preexec_fn=before)
        return done.returncode, _last(done.stderr)

    def begun(self, out: Path, log: Path | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(self.command(out, log), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def same(self, out: Path) -> bool:
        """The run finished, or finished now, with the personas of the undisturbed one."""
        self.run(out)
        path = out / "personas.json"
        return path.is_file() and path.read_bytes() == self.told

    def fresh(self, name: str) -> Path:
        return self.folder / name


def faults(folder: Path) -> Iterator[Row]:
    """Every fault in turn."""
    machine = Machine(folder)
    yield _full_disk(machine)
    yield _read_only(machine)
    yield _changed(machine)
    yield _two_runs(machine)
    for stage in STAGES:
        yield _killed_at(machine, stage)
    yield from _killed_anywhere(machine)
    yield _clock(machine)
    yield _ledger(machine)
    yield _parquet(machine)
    yield _missing_file(machine)


def _full_disk(m: Machine) -> Row:
    out = m.fresh("full")
    with _small_disk(out, "256k") as how:
        before = (
            None
            if how == "file system of 256 kB"
            else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
        )
        ended, said = m.run(out, before=before)
    shutil.rmtree(out, ignore_errors=True)
    return Row(f"disk full ({how})", ended, said, m.same(out))


@contextmanager
def _small_disk(out: Path, size: str) -> Iterator[str]:
    out.mkdir()
    mounted = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(out)], capture_output=True
        ).returncode
        == 0
    )
    try:
        yield "file system of 256 kB" if mounted else "limit on the size of files"
    finally:
        if mounted:
            subprocess.run(["umount", str(out)], check=False)


def _read_only(m: Machine) -> Row:
    out = m.fresh("readonly")
    out.mkdir()
    mounted = (
        subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(out)], capture_output=True).returncode == 0
    )
    if not mounted:
        out.chmod(0o500)
    ended, said = m.run(out)
    if mounted:
        subprocess.run(["umount", str(out)], check=False)
    out.chmod(0o700)
    return Row("read-only directory", ended, said, m.same(out))


def _changed(m: Machine) -> Row:
    """A line is added between the first look and the end of reading."""
    out, log = m.fresh("changed"), m.folder / "changing.jsonl"
    log.write_bytes(m.log.read_bytes() * 12)
    run = m.begun(out, log)
    _until(lambda: (out / ".parts").is_dir(), run)
    with log.open("ab") as file:
        file.write(b'{"user": "u1"}\n')
    ended, said = _ended(run)
    return Row("log changed while it is read", ended, said, None)


def _two_runs(m: Machine) -> Row:
    out = m.fresh("two")
    first = m.begun(out)
    _until(lambda: (out / "run.json").is_file() or (out / ".parts").is_dir(), first)
    ended, said = m.run(out)
    _ended(first)
    return Row("two runs on one directory", ended, said, m.same(out))


def _killed_at(m: Machine, stage: str) -> Row:
    """SIGKILL as soon as the stage says that it begins."""
    out = m.fresh(f"at-{stage}")
    run = m.begun(out)
    assert run.stderr is not None
    for line in run.stderr:
        if line.strip() == stage:
            break
    run.kill()
    run.wait()
    return Row(f"killed when `{stage}` begins", -signal.SIGKILL, "", m.same(out))


def _killed_anywhere(m: Machine) -> Iterator[Row]:
    """SIGKILL at moments drawn from the length of an undisturbed run."""
    started = time.monotonic()
    m.run(m.fresh("timed"))
    length, rng = time.monotonic() - started, random.Random(5)
    good = 0
    for i in range(KILLS):
        out = m.fresh(f"killed-{i}")
        run = m.begun(out)
        time.sleep(rng.uniform(0.1, 0.95) * length)
        run.kill()
        run.wait()
        good += m.same(out)
    yield Row(f"killed at {KILLS} random moments", -signal.SIGKILL, f"{good} of {KILLS} went on", good == KILLS)


def _clock(m: Machine) -> Row:
    """The wall clock jumps back ten years between two runs on one directory."""
    out = m.fresh("clock")
    run = m.begun(out)
    _until(lambda: (out / "memories.parquet").is_file(), run)
    run.kill()
    run.wait()
    for path in out.rglob("*"):
        os.utime(path, (4e8, 4e8))
    return Row("clock ten years back when resumed", 0, "", m.same(out))


def _ledger(m: Machine) -> Row:
    out = m.fresh("ledger")
    shutil.copytree(m.whole, out)
    (out / "ledger.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(4000))
    done = subprocess.run([*m.command(out), "--min-users", "21"], capture_output=True, text=True)
    (out / "ledger.sqlite").unlink()
    return Row("corrupted ledger", done.returncode, _last(done.stderr), m.same(out))


def _parquet(m: Machine) -> Row:
    """A Parquet log cut in half."""
    out, log = m.fresh("parquet"), m.folder / "cut.parquet"
    whole = (m.whole / "events.parquet").read_bytes()
    log.write_bytes(whole[: len(whole) // 2])
    ended, said = m.run(out, log)
    return Row("truncated Parquet log", ended, said, None)


def _missing_file(m: Machine) -> Row:
    """A file of the run directory is cut off between two runs."""
    out = m.fresh("missing")
    shutil.copytree(m.whole, out)
    data = (out / "memories.parquet").read_bytes()
    (out / "memories.parquet").write_bytes(data[: len(data) // 3])
    done = subprocess.run([*m.command(out), "--min-users", "21"], capture_output=True, text=True)
    shutil.rmtree(out)
    return Row("truncated memories.parquet when resumed", done.returncode, _last(done.stderr), m.same(out))


def _until(there: Callable[[], bool], run: subprocess.Popen[str]) -> None:
    while not there() and run.poll() is None:
        time.sleep(0.005)


def _ended(run: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = run.communicate()
    return run.returncode, _last(said)


def _last(text: str) -> str:
    """The error if there is one, else the last line."""
    if TRACEBACK in text:
        return TRACEBACK
    lines = [line for line in text.strip().splitlines() if line]
    return next((line for line in lines if line.startswith("error: ")), lines[-1] if lines else "")


def table(folder: Path) -> tuple[list[str], bool]:
    """Lines of a Markdown table, and whether every fault ended in a sentence or was survived."""
    lines = ["| fault | exit | said | run again |", "|---|---|---|---|"]
    good = True
    for row in faults(folder):
        again = {True: "same personas", False: "**other personas**", None: "–"}[row.again]
        ended = "killed" if row.ended < 0 else str(row.ended)
        said = row.said.replace(str(folder), "…").replace("|", "/")
        lines.append(f"| {row.fault} | {ended} | {said} | {again} |")
        good = good and row.good
    return lines, good
