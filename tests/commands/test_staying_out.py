"""Who opted out of a run, or was forgotten in it, stays out of what is read after it: by `run --since`, by `diff`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from persona_agent import commands
from persona_agent.commands import diffing
from persona_agent.errors import UsageError
from persona_agent.ids import user_hash
from persona_agent.manifest import Verification
from persona_agent.options import Options
from persona_agent.progress import Progress, Silent
from persona_agent.schema import Changes
from persona_agent.store import Store
from tests.conftest import SMALL_OPTIONS


def ids_of(log: Path) -> list[str]:
    lines = [line for line in log.read_text().splitlines() if line.startswith('{"user": "c')]
    return sorted({json.loads(line)["user"] for line in lines})


@pytest.fixture
def without_two(tiny_log: Path, tmp_path: Path) -> tuple[Path, str, str]:
    """A run of which one user opted out, and in which another was forgotten."""
    gone, out = ids_of(tiny_log)[:2]
    opted = tmp_path / "opted.txt"
    opted.write_text(out + "\n")
    made = commands.run(
        Options(inputs=(str(tiny_log),), out=tmp_path / "out", opt_out=opted, **SMALL_OPTIONS), Silent()
    )
    commands.forget(gone, [made.out], Silent())
    return made.out, gone, out


def users_in(out: Path) -> set[str]:
    return {user for (user,) in duckdb.sql(f"SELECT DISTINCT user FROM '{out}/events.parquet'").fetchall()}


def test_a_run_that_follows_reads_nobody_who_is_out(
    without_two: tuple[Path, str, str], tiny_log: Path, tmp_path: Path
) -> None:
    """Also one that follows that one, and in capitals; whoever cannot be told, for another key, is not read unseen."""
    out, gone, opted = without_two
    capitals = tmp_path / "later.jsonl"
    capitals.write_text(tiny_log.read_text().replace(gone, gone.upper()).replace(opted, opted.upper()))
    before = out
    for name, log in (("second", tiny_log), ("third", capitals)):
        options = Options(inputs=(str(log),), out=tmp_path / name, since=before, **SMALL_OPTIONS)
        before = commands.run(options, Silent()).out
        assert users_in(before) == users_in(out)
        assert commands.check(before, None, (), Silent()).exit_status == 0
    other = tmp_path / "other"
    shutil.copytree(out, other)
    (other / ".key").write_bytes(b"k" * 32)
    with pytest.raises(UsageError, match="has not its key"):
        commands.run(Options(inputs=(str(tiny_log),), out=other, since=out, **SMALL_OPTIONS), Silent())


def test_a_diff_with_a_log_reads_nobody_who_is_out(
    without_two: tuple[Path, str, str], tiny_log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is read for it holds the users of the run, and no others."""
    out, gone, opted = without_two
    read: list[set[str]] = []
    compared = diffing.changed

    def noted(earlier: Store, later: Store, progress: Progress, seals: Sequence[Verification]) -> Changes:
        read.append(users_in(later.out))
        return compared(earlier, later, progress, seals)

    monkeypatch.setattr(diffing, "changed", noted)
    commands.diff(out, [str(tiny_log)], Silent())
    key = Store.open(out).key()
    assert read == [users_in(out)]
    assert not read[0] & {user_hash(key, gone), user_hash(key, opted)}


def test_of_two_ids_that_case_alone_tells_apart_one_is_forgotten(tiny_log: Path, tmp_path: Path) -> None:
    """The other one of the log stays, and the run still holds when it is counted again."""
    first, second = ids_of(tiny_log)[:2]
    log = tmp_path / "two.jsonl"
    log.write_text(tiny_log.read_text().replace(second, first.upper()))
    made = commands.run(Options(inputs=(str(log),), out=tmp_path / "out", **SMALL_OPTIONS), Silent())
    commands.forget(first, [made.out], Silent())
    assert user_hash(Store.open(made.out).key(), first.upper()) in users_in(made.out)
    assert commands.check(made.out, None, (), Silent()).exit_status == 0
