"""A folder from elsewhere names files of this machine: none is read, waited for or written. Files of a run are their owner's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.errors import StoreError
from persona_agent.progress import Silent
from persona_agent.store import Store

posix = pytest.mark.skipif(os.name == "nt", reason="files there have no such rights")


def somebody(log: Path) -> str:
    lines = (line for line in log.read_text().splitlines() if line.startswith('{"user": "c') and line.endswith("}"))
    return min(json.loads(line)["user"] for line in lines)


def test_a_planted_list_of_what_was_given_out_rewrites_nothing(
    small_run: RunResult, small_log: Path, tmp_path: Path, stranger: None
) -> None:
    """`forget` in a run that somebody else sealed leaves files that only its list names, and lists them; one that says itself
    that it was given out so is mended.
    """
    out, user = shutil.copytree(small_run.out, tmp_path / "out"), somebody(small_log)
    table = f"user,persona\n{user},p1\nroot,keep\n"
    entry = {"kind": "users", "ids": True, "purpose": "x", "made": "2026-01-01", "stale_after": "2026-04-01"}
    files = [tmp_path / "victim.csv", tmp_path / "ours.csv"]
    for file in files:
        file.write_text(table)
    Path(f"{files[1]}.purpose.json").write_text(json.dumps({**entry, "purpose": "as it was"}))
    Path(f"{files[0]}.purpose.json").write_text('{"a note": "of somebody else"}')
    (out / ".exports.json").write_text(json.dumps([{**entry, "file": str(file)} for file in files]))
    found = commands.forget(user, [out], Silent())
    assert files[0].read_text() == table
    assert Path(f"{files[0]}.purpose.json").read_text() == '{"a note": "of somebody else"}'
    assert any(str(files[0]) in where for where in found.unreached)
    assert user not in files[1].read_text() and "root,keep" in files[1].read_text()


@posix
@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "open to others", "short", "link"])
def test_a_planted_way_to_a_key_is_not_followed(kind: str, small_run: RunResult, tmp_path: Path) -> None:
    """A pipe is not waited for, a device without an end not read, and what is no key of this person's is none."""
    out, there = shutil.copytree(small_run.out, tmp_path / "out"), tmp_path / "there"
    if kind == "pipe":
        os.mkfifo(there, 0o600)
    elif kind == "device":
        there = Path("/dev/zero")
    elif kind == "folder":
        there.mkdir(0o700)
    else:
        (tmp_path / "key").write_bytes(b"x" * (8 if kind == "short" else 32))
        (tmp_path / "key").chmod(0o644 if kind == "open to others" else 0o600)
        there = tmp_path / "key"
        if kind == "link":
            there = tmp_path / "link"
            there.symlink_to(tmp_path / "key")
    (out / ".key").unlink()
    (out / ".key-at").write_text(str(there))
    with pytest.raises(StoreError):
        Store.open(out).key()


@posix
def test_files_of_a_run_are_their_owners_whatever_new_files_are(tiny_log: Path, tmp_path: Path) -> None:
    """With a umask of 0 no file of a run can be read by others."""
    script = f"""
import os; os.umask(0)
from pathlib import Path
from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
commands.run(Options(inputs=({str(tiny_log)!r},), out=Path({str(tmp_path / "out")!r}), min_users=8, workers=1), Silent())
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=240)
    rights = {
        path.name: path.stat().st_mode & 0o077 for path in (tmp_path / "out").iterdir() if path.name != ".gitignore"
    }
    assert len(rights) > 10
    assert {name: oct(mode) for name, mode in rights.items() if mode} == {}
