"""What an agent was answered is under a seal: an edited answer is not given again, and a list that is shortened is noticed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.cli import status
from persona_agent.errors import StoreError
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Measure
from persona_agent.seal import find_seal
from persona_agent.store import Store

from .refereed import MOST_BUY, write_log

pytest.importorskip("mcp", reason="needs the extra mcp")
from persona_agent.commands.serving import kept_answers, server, told
from persona_agent.commands.serving.sealed_answers import ASKED, ASKED_SEAL, KEPT, KEPT_SUMS, verify_answers

LEVELS = (8, 14, 20)


def session(out: Path, levels: tuple[int, ...] = LEVELS) -> list[told.MeasuredGroups]:
    """What a session in this folder is told."""
    options = Options(inputs=(str(out.parent / "events.jsonl"),), out=out, min_users=8, workers=1)
    desk, asked = server.open_desk(options, Store.create(out), lines=False, client="a test", progress=Silent())
    with closing(desk), closing(asked):
        measures = [Measure.model_validate({**MOST_BUY, "at_least": n}) for n in levels]
        return [
            asked.answer("measure", m.model_dump(mode="json"), told.MeasuredGroups, lambda m=m: desk.measure(m, None))  # type: ignore[misc]
            for m in measures
        ]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answered")
    write_log(folder)
    session(folder / "out")
    return folder / "out"


@pytest.fixture
def out(served: Path, tmp_path: Path) -> Path:
    shutil.copy(served.parent / "events.jsonl", tmp_path)
    return shutil.copytree(served, tmp_path / "out")


def statement(sql: str) -> Callable[[Path], None]:
    def edited(out: Path) -> None:
        with closing(sqlite3.connect(out / ASKED)) as database, database:
            database.execute(sql)

    return edited


def cut(name: str) -> Callable[[Path], None]:
    return lambda out: (out / name).write_bytes((out / name).read_bytes()[:-8])  # type: ignore[return-value]


EDITS: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a row taken out": (statement("DELETE FROM sent WHERE id = 2"), "the list of what went out"),
    "the last row taken out": (statement("DELETE FROM sent WHERE id = 3"), "the list of what went out"),
    "a size changed": (statement("UPDATE sent SET bytes = 1 WHERE id = 1"), "the list of what went out"),
    "rows put in": (
        statement("INSERT INTO sent SELECT NULL, stage, subject, model, host, server, bytes, masked, sha256, at FROM sent"),
        "rows were put into the list",
    ),
    "answers taken out": (statement("DELETE FROM calls"), "answers are gone"),
    "sets cut": (cut(KEPT), f"{KEPT} has changed"),
    "sums cut": (cut(KEPT_SUMS), f"{KEPT_SUMS} has changed"),
    "sets gone": (lambda out: (out / KEPT).unlink(), f"{KEPT} has changed"),
    "seal edited": (lambda out: (out / ASKED_SEAL).write_text("{}"), "not yours|has changed"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_of_what_is_kept_is_noticed(name: str, out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`egress` names it and ends with 1, and no further session is held in such a folder."""
    session(out, ())  # the folder is known by its own place from now on
    kept_answers.seal_answers(Store.open(out), find_seal())
    assert status(["egress", str(out)]) == 0
    assert verify_answers(Store.open(out), find_seal()).standing == "verified"
    edit, says = EDITS[name]
    edit(out)
    capsys.readouterr()
    assert status(["egress", str(out)]) == 1
    assert "not as it was sealed" in capsys.readouterr().err
    with pytest.raises(StoreError, match=says):
        session(out)


@pytest.mark.parametrize("gone", [(ASKED,), (ASKED_SEAL,), (ASKED, ASKED_SEAL), (ASKED, ASKED_SEAL, KEPT, KEPT_SUMS)])
def test_a_list_that_was_taken_out_whole_is_noticed(
    gone: tuple[str, ...], out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without what was asked there is no new budget and nothing is said to have gone nowhere: `egress` ends with 1, and the next
    session is refused with the way to mend it.
    """
    session(out, ())
    kept_answers.seal_answers(Store.open(out), find_seal())
    for name in gone:
        (out / name).unlink()
    capsys.readouterr()
    assert status(["egress", str(out)]) == 1
    said = capsys.readouterr()
    assert "is gone" in said.err and "Nothing left this machine" not in said.out
    with pytest.raises(StoreError, match="is gone") as refused:
        session(out)
    assert "another folder" in str(refused.value)
    assert not (out / ASKED).is_file() or ASKED not in gone, "no new list is begun"


def test_an_older_copy_or_a_seal_taken_away_is_noticed(out: Path, tmp_path: Path) -> None:
    """Put back where more was asked since, or without its seal, what is kept is not taken for the newest."""
    older = shutil.copytree(out, tmp_path / "older")
    session(out, (26,))
    for name in (ASKED, ASKED_SEAL, KEPT, KEPT_SUMS):
        shutil.copy(older / name, out / name)
    for path in out.glob(f"{ASKED}-*"):
        path.unlink()
    assert verify_answers(Store.open(out), find_seal()).standing == "changed"
    (out / ASKED_SEAL).unlink()
    with pytest.raises(StoreError, match="is gone"):
        session(out)


def test_an_edited_answer_is_not_given_again(out: Path) -> None:
    """The same question is counted anew where the kept answer is not as it was given, and costs no question."""
    first = session(out)
    statement("UPDATE calls SET answer = replace(answer, '\"figures\":[', '\"figures\":[ ')")(out)
    assert session(out) == first
    with closing(sqlite3.connect(out / ASKED)) as database:
        assert database.execute("SELECT count(*) FROM calls").fetchone() == (len(LEVELS),)


def test_a_kill_between_an_answer_and_its_seal_is_no_edit(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer was listed and may have gone out; the next session goes on and seals it."""
    with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
        killed.setattr(kept_answers, "seal_answers", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        session(out, (26,))
    assert verify_answers(Store.open(out), find_seal()).standing == "verified"
    session(out)
    assert len(commands.egress(out).calls) == len(LEVELS) * 2 + 1


def test_forgetting_seals_again_what_was_sealed(out: Path) -> None:
    """After `forget` the folder is as it was sealed, with as many questions counted; one that was edited stays so."""
    session(out)
    commands.forget("u3", (out,), Silent())
    assert verify_answers(Store.open(out), find_seal()).standing == "verified"
    session(out)
    statement("DELETE FROM sent WHERE id = 1")(out)
    commands.forget("u4", (out,), Silent())
    assert verify_answers(Store.open(out), find_seal()).standing == "changed"
