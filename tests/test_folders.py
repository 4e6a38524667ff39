"""Who may use the folder of a run, what in it is followed, and what a killed process leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from persona_agent.errors import InputError, StoreError
from persona_agent.folders import holds_run, make_private, new_temporary_folder, sweep
from persona_agent.log.inputs import resolve_inputs
from persona_agent.models.recording import INTERACTIONS, Recording
from persona_agent.store import Store

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(os.name == "nt", reason="folders there have no such rights")


def rights(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("before", [0o777, 0o770, 0o755, 0o750, 0o711, 0o700])
def test_an_empty_folder_is_made_private_whatever_it_was(tmp_path: Path, before: int) -> None:
    """That of a run, which git then leaves alone, and that of a recording."""
    for name, use in (("out", Store.create), ("recording", lambda f: Recording(f, replay=False))):
        folder = tmp_path / name
        folder.mkdir()
        folder.chmod(before)
        use(folder)
        assert rights(folder) == 0o700
    assert (tmp_path / "out" / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("before", [0o755, 0o777, 0o770])
def test_a_folder_that_holds_something_and_is_open_is_refused(tmp_path: Path, before: int) -> None:
    """A key or a ledger that others put there would be taken for ours; the folder stays as it was."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / ".key").write_bytes(b"a key that somebody knows")
    folder.chmod(before)
    for use in (Store.create, lambda f: Recording(f, replay=False)):
        with pytest.raises(StoreError, match="chmod 700"):
            use(folder)
    assert rights(folder) == before


def test_the_folder_of_a_run_is_made_private_again(tmp_path: Path) -> None:
    """One that others could only read, when a command works in it; one that they could write into is refused."""
    store = Store.create(tmp_path / "out")
    with store.alone():
        store.write_json("run.json", {"run_id": "x"})
    store.out.chmod(0o755)
    with Store.open(store.out).alone():
        assert rights(store.out) == 0o700
    store.out.chmod(0o777)
    with pytest.raises(StoreError, match="chmod 700"), Store.open(store.out).alone():
        pass


@pytest.mark.parametrize("name", ["personas.md", ".personas.md.tmp", ".key", "ledger.sqlite", ".parts", ".lock"])
def test_no_link_in_a_run_is_followed(tmp_path: Path, name: str) -> None:
    """Whoever reads or writes a run stops at a link, and what it leads to stays as it is."""
    store, victim = Store.create(tmp_path / "out"), tmp_path / "victim"
    store.write_json("run.json", {"run_id": "x"})
    victim.write_text("mine")
    (store.out / name).symlink_to(victim)
    for use in (Store.create, Store.open):
        with pytest.raises(StoreError, match="is a link"):
            use(store.out)
    assert victim.read_text() == "mine"
    with pytest.raises((StoreError, OSError)):
        store.key() if name == ".key" else Store.open(store.out)


def test_what_is_half_written_is_never_written_through(tmp_path: Path) -> None:
    """Even where a link appears after the folder was looked at: the new file is another one."""
    store, victim = Store.create(tmp_path / "out"), tmp_path / "victim"
    victim.write_text("mine")
    (store.out / ".a.json.tmp").symlink_to(victim)
    (store.out / ".b.parquet.tmp").symlink_to(victim)
    store.write_json("a.json", 1)
    with store.connect() as connection:
        store.write_parquet(connection, "b.parquet", "SELECT 1 AS x")
    assert victim.read_text() == "mine"


def test_a_log_folder_does_not_read_the_runs_in_it(tmp_path: Path) -> None:
    """Neither a finished run's files, nor a killed one's, nor a recording's, by folder or by glob; run.json may be a log."""
    (tmp_path / "a").mkdir()
    for log in ("a/log.jsonl", "run.json"):
        (tmp_path / log).write_text('{"user": 1}\n')
    done, killed, recording = tmp_path / "a" / "out", tmp_path / "killed", tmp_path / "recording"
    Store.create(done).write_json("run.json", {"run_id": "x"})
    with Store.create(killed).alone():
        pass
    Recording(recording, replay=False)
    for folder, name in ((done, "events.parquet"), (killed, "rejects.jsonl"), (recording, "dossiers.json")):
        (folder / name).write_text("{}")
    (recording / INTERACTIONS).write_text("{}")
    assert all(map(holds_run, (done, killed, recording)))
    assert [item.name for item in resolve_inputs([tmp_path])] == ["a/log.jsonl", "run.json"]
    assert [item.name for item in resolve_inputs([f"{tmp_path}/**/*.json*"])] == ["a/log.jsonl", "run.json"]
    with pytest.raises(InputError, match="folder of a run"):
        resolve_inputs([done])


@pytest.mark.skipif(os.name == "nt", reason="links there need rights")
def test_a_link_out_of_a_log_folder_is_not_followed(tmp_path: Path) -> None:
    """It is an error that names it; one to another log of the folder is read, and so is a link that somebody names."""
    folder, outside = tmp_path / "logs", tmp_path / "private.jsonl"
    folder.mkdir()
    for path in (folder / "a.jsonl", outside):
        path.write_text('{"user": 1}\n')
    (folder / "b.jsonl").symlink_to(folder / "a.jsonl")
    assert resolve_inputs([folder])
    (folder / "c.jsonl").symlink_to(outside)
    with pytest.raises(InputError, match=r"c\.jsonl.*leads out of the folder"):
        resolve_inputs([folder])
    assert resolve_inputs([folder / "c.jsonl"])


LEAVES = """
import sys, time
from pathlib import Path
from persona_agent.folders import new_temporary_folder
from persona_agent.store import Store
store = Store.create(Path(sys.argv[1]))
with store.alone(), store.empty_folder(".parts") as parts, store.connect(memory="40MB") as connection:
    (parts / "0.parquet").write_text("somebody's events")
    (store.out / ".personas.json.tmp").write_text("half")
    (new_temporary_folder() / "log").write_text("somebody's log")
    connection.execute("CREATE TABLE t AS SELECT random() AS x, md5(i::VARCHAR) AS y FROM range(3000000) r(i)")
    print("ready", flush=True)
    time.sleep(600)
"""


def test_a_kill_leaves_nothing_that_the_next_run_does_not_remove(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parts, what was spilled, what was half written, and folders under the system's own are gone when a run begins again."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    out = tmp_path / "out"
    with subprocess.Popen([sys.executable, "-c", LEAVES, str(out)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
    left = {path.name.partition("-")[0] for path in out.iterdir()}
    assert left >= {".parts", ".spill", ".personas.json.tmp"}
    assert list((tmp_path / "tmp").iterdir())
    mine = new_temporary_folder()
    with Store.create(out).alone():
        assert {path.name for path in out.iterdir()} - {".lock-journal"} == {".gitignore", ".lock"}
    assert list((tmp_path / "tmp").iterdir()) == [mine], "another's that lives stays"


def test_temporary_files_take_no_more_than_they_may(tmp_path: Path) -> None:
    """What is spilled and what lies in temporary folders is bounded, in a sentence that names the option."""
    store = Store.create(tmp_path / "out", max_disk=0.001)
    rows = "CREATE TABLE t AS SELECT random() AS x, md5(i::VARCHAR) AS y FROM range(3000000) r(i)"
    with pytest.raises(StoreError, match="--max-disk"), store.alone(), store.connect(memory="40MB") as connection:
        connection.execute(rows)
    with store.alone(), store.empty_folder(".parts") as parts:
        (parts / "0.parquet").write_bytes(bytes(1_000_000))
        store.check_disk()
        (parts / "1.parquet").write_bytes(bytes(1))
        with pytest.raises(StoreError, match="--max-disk"):
            store.check_disk()


def test_only_folders_of_dead_processes_are_swept(tmp_path: Path) -> None:
    """Not those of a process that lives, not others' names, and no link."""
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    kept = [f"persona-agent-{os.getpid()}-a", "persona-agent-x", f"other-{dead.pid}-a"]
    for name in (*kept, f"persona-agent-{dead.pid}-a"):
        (tmp_path / name).mkdir()
    (tmp_path / f"persona-agent-{dead.pid}-link").symlink_to(tmp_path / kept[1])
    time.sleep(0.1)
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*kept, f"persona-agent-{dead.pid}-link"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """A file in the place of a folder is an error that says so."""
    (tmp_path / "out").write_text("")
    with pytest.raises(StoreError, match="is a file"):
        make_private(tmp_path / "out")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files to others")
@pytest.mark.parametrize("what", [".", "ledger.sqlite"])
def test_what_is_somebody_elses_is_no_folder_of_ours(tmp_path: Path, what: str) -> None:
    """A folder that another owns, or a file in it that another does, is refused although its rights are narrow."""
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    (folder / "ledger.sqlite").touch()
    os.chown(folder / what, 1234, -1)
    with pytest.raises(StoreError, match="somebody else"):
        Store.create(folder)


def test_a_pipe_in_a_run_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    """A named pipe called run.json would keep whoever reads it waiting for ever."""
    folder = tmp_path / "out"
    folder.mkdir(mode=0o700)
    os.mkfifo(folder / "run.json")
    with pytest.raises(StoreError, match="neither a file nor a folder"):
        Store.create(folder)


def test_a_folder_may_be_a_link_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One's own link is followed and what it leads to made private; one that somebody else laid is refused by who writes and who
    reads, and nothing is made or changed behind it.
    """
    (tmp_path / "there").mkdir(mode=0o755)
    link = tmp_path / "out"
    link.symlink_to(tmp_path / "there")
    with Store.create(link).alone() as store:
        store.write_json("run.json", {"run_id": "r"})
    assert rights(tmp_path / "there") == 0o700
    assert Store.open(link).read_json("run.json") == {"run_id": "r"}
    before = sorted((tmp_path / "there").iterdir())
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    for refused in (Store.create, Store.open):
        with pytest.raises(StoreError, match="link that belongs to somebody else"):
            refused(link)
    assert sorted((tmp_path / "there").iterdir()) == before


def test_a_folder_that_goes_while_it_is_looked_at_is_nobodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process removes its own folder between the listing and the look at it: nothing is swept, and nothing fails."""
    gone = tmp_path / f"persona-agent-{os.getpid()}-abcdefgh"
    gone.mkdir()
    entries = list(os.scandir(tmp_path))
    assert [entry.is_dir(follow_symlinks=False) for entry in entries] == [True]
    gone.rmdir()

    class Listed:
        def __enter__(self) -> list[os.DirEntry[str]]:
            return entries

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr("persona_agent.folders.os.scandir", lambda _: Listed())
    sweep(tmp_path)
