"""Parts of a log on several processes: the same result as in one, and nothing lost with a process."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.engines import LocalEngine, open_engine
from persona_agent.errors import InputError, PersonaAgentError, UsageError
from persona_agent.log import Input, events, reading, shares
from persona_agent.log.layouts import Layout
from persona_agent.log.records import read_records
from persona_agent.options import Options
from persona_agent.progress import Silent
from tests.conftest import SMALL, SMALL_OPTIONS
from tests.engines.parts import killed, killed_once, refused, squared


def test_results_come_in_the_order_of_the_parts() -> None:
    """Nine parts on two processes, one part and none give their results in order."""
    with LocalEngine(2) as engine:
        assert list(engine.map(squared, range(9))) == [n * n for n in range(9)]
        assert list(engine.map(squared, [5])) == [25]
        assert list(engine.map(squared, [])) == []


def test_an_error_of_a_part_is_the_error_of_the_run() -> None:
    """An error of a part is raised with its words and hint."""
    with LocalEngine(2) as engine, pytest.raises(InputError, match=r"a\.jsonl:3 is bad\.") as found:
        list(engine.map(refused, range(6)))
    assert found.value.hint == "Mend it."


def test_a_killed_process_costs_its_part_only(tmp_path: Path) -> None:
    """A part whose process is killed is done again, and killed again it is an error that says so."""
    with LocalEngine(2) as engine:
        assert list(engine.map(partial(killed_once, tmp_path), range(6))) == list(range(6))
    with LocalEngine(2) as engine, pytest.raises(PersonaAgentError, match="killed, and again"):
        list(engine.map(killed, range(6)))


def test_unknown_engines_are_a_usage_error() -> None:
    """An engine that is not there is a usage error that names it."""
    with pytest.raises(UsageError, match="no engine 'spark'"):
        open_engine("spark")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from([b'{"a":1}', b"", b"  ", b"broken", b'{"long":"' + b"x" * 40 + b'"}\r']), max_size=40),
    st.integers(1, 120),
    st.booleans(),
)
def test_slices_hold_every_line_once_with_its_number(lines: list[bytes], size: int, ends: bool) -> None:
    """Cut into slices of any size, a file has the same lines with the same numbers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("persona_agent.log.slicing.CHUNK", 32)
        folder = Path(os.environ.get("TMPDIR", "/tmp"))
        path = folder / f"slices-{os.getpid()}.jsonl"
        path.write_bytes(b"\n".join(lines) + (b"\n" if ends else b""))
        item, layout = Input(path, path.name), Layout("jsonl")
        whole = [(r.line, r.raw) for r in read_records(item, layout)]
        found = shares([item], [layout], size)
        apart = [(r.line, r.raw) for s in found for i in s.inputs for r in read_records(i, layout)]
        path.unlink()
    assert apart == whole
    assert [s.number for s in found] == list(range(len(found)))


def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of the tests in several shares and parts."""
    monkeypatch.setattr(reading, "SHARE_BYTES", 150_000)
    monkeypatch.setattr(events, "PART_EVENTS", 2_000)


def events_of(result: RunResult) -> list[tuple[object, ...]]:
    """What is in the log, without the keyed hashes."""
    return duckdb.sql(
        f"SELECT file, line, n, hash, ts, action, object, text, properties FROM '{result.out / 'events.parquet'}'"
    ).fetchall()


def test_a_log_in_parts_gives_the_same_personas(
    small_log: Path, small_run: RunResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In several shares and parts the log has the same facts, events, rejects and personas, and no folder is left over."""
    in_parts(monkeypatch)
    found = commands.run(Options(inputs=(str(small_log),), out=tmp_path / "out", **SMALL_OPTIONS), Silent())
    assert found.run["facts"]["read"] == small_run.run["facts"]["read"]
    assert events_of(found) == events_of(small_run)
    assert (found.out / "rejects.jsonl").read_text() == (small_run.out / "rejects.jsonl").read_text()
    assert found.personas == small_run.personas
    assert not [p.name for p in found.out.iterdir() if p.name in {".parts", ".gathering", ".held"}]
    assert SMALL.users * SMALL.events > 2 * events.PART_EVENTS, "several parts"
