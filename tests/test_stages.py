"""What of an earlier run in the same folder is used again, and that no stage touches the files of another."""

from __future__ import annotations

import pickle
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from persona_agent import commands
from persona_agent.commands import running
from persona_agent.commands.running import RunResult
from persona_agent.options import Options
from persona_agent.progress import PlainLines, Silent
from persona_agent.runs import STAGES, RunState
from persona_agent.store import Store
from persona_agent.write.briefing import load_briefing, save_briefing
from tests.conftest import SMALL_OPTIONS, once

# The first stage that is done again when an option changes; None: only writing and the report.
STARTS_AGAIN = {
    "mapping": ({"user": "uid"}, "read"),
    "declared": ("sex", "read"),
    "format": ("csv", "read"),
    "query": ("SELECT 1", "read"),
    "keep": ("fees", "read"),
    "allow_rejects": (True, "read"),
    "opt_out": (Path("gone.txt"), "read"),
    "names": ("en_core_web_sm", "read"),
    "embedding": ("openai/m", "gather"),
    "seed": (1, "gather"),
    "by": ("intents", "group"),
    "personas": (3, "group"),
    "within": ("device", "group"),
    "value": ("properties.spent", "brief"),
    "timezone": ("Europe/Berlin", "name"),
    "question": ("why?", "brief"),
    "allow": ("device", "brief"),
    "min_users": (30, "brief"),
    "model": ("openai/m", "name"),  # it names the log before anybody is grouped
    "critic_model": ("openai/m", None),
    "price": ("1,2", None),
    "max_rounds": (2, None),
}


def begun(store: Store, options: Options, sha: str = "1") -> dict[str, bool]:
    """Whether each stage has to run, in a run whose stages leave empty files."""
    run, todo = RunState.begin(store, options, [{"path": "log", "sha256": sha}]), {}
    for name, stage in STAGES.items():
        with run.stage(name, Silent()) as todo[name]:
            for file in stage.files:
                store.path(file).touch()
    return todo


@pytest.mark.parametrize("name", STARTS_AGAIN)
def test_a_changed_option_starts_again_where_it_matters(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stages before the first that depends on the option are used again, that one and all after it are not."""
    monkeypatch.chdir(tmp_path)
    Path("gone.txt").touch()
    value, first = STARTS_AGAIN[name]
    store, before = Store.create(tmp_path / "out"), Options()
    assert all(begun(store, before).values())
    assert not any(begun(store, before).values())
    names = list(STAGES)
    expected = names[names.index(first) :] if first else []
    assert [stage for stage, todo in begun(store, before.but(**{name: value})).items() if todo] == expected


def test_every_option_has_a_stage() -> None:
    """Each option that can change a result is named above, so that a new one is decided about."""
    assert set(STARTS_AGAIN) == set(Options().hashed())


@pytest.mark.parametrize("stage", STAGES)
def test_a_lost_file_is_made_again(stage: str, tmp_path: Path) -> None:
    """A stage one of whose files is gone runs, the others are used again."""
    store = Store.create(tmp_path / "out")
    for file in STAGES[stage].files:
        begun(store, Options())
        store.path(file).unlink()
        assert [name for name, todo in begun(store, Options()).items() if todo] == [stage]


def test_another_log_and_fresh_start_from_the_beginning(tmp_path: Path) -> None:
    """Nothing is used again of another log, or with `fresh`."""
    store = Store.create(tmp_path / "out")
    begun(store, Options())
    assert all(begun(store, Options(), sha="2").values())
    assert all(begun(store, Options(fresh=True), sha="2").values())


@pytest.mark.parametrize(("stopped", "changed"), [("read", Options(format="csv")), ("group", Options(personas=3))])
def test_a_stage_that_was_stopped_is_not_done(stopped: str, changed: Options, tmp_path: Path) -> None:
    """A file that a stage left before it was stopped counts neither for that run nor for the one before."""
    store, names = Store.create(tmp_path / "out"), list(STAGES)
    for options in (changed, Options()):
        begun(store, Options())
        run = RunState.begin(store, changed, [{"path": "log", "sha256": "1"}])
        for name in names[: names.index(stopped)]:
            with run.stage(name, Silent()):
                pass
        with pytest.raises(KeyboardInterrupt), run.stage(stopped, Silent()):
            store.path(STAGES[stopped].files[0]).touch()
            raise KeyboardInterrupt
        assert [name for name, todo in begun(store, options).items() if todo] == names[names.index(stopped) :]


class Watch(Silent):
    """The files of a run directory when each stage begins."""

    def __init__(self, out: Path) -> None:
        self.out, self.seen = out, dict[str, dict[str, str]]()

    def stage(self, name: str) -> None:
        files = (p for p in self.out.iterdir() if p.is_file())
        self.seen[name] = {p.name: sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.fixture(scope="module")
def watched(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Options, RunResult, Watch]:
    """A finished run on the small log that was looked at whenever a stage began; all processes of tests look at one."""
    options = Options(inputs=(str(small_log),), **SMALL_OPTIONS)

    def make(folder: Path) -> None:
        watch = Watch(folder / "out")
        result = commands.run(options.but(out=watch.out), watch)
        watch.stage("end")
        (folder / "watched").write_bytes(pickle.dumps((result, watch)))

    folder = once(tmp_path_factory, "watched", make)
    result, watch = pickle.loads((folder / "watched").read_bytes())
    return options.but(out=watch.out), result, watch


def test_same_inputs_give_the_same_bytes(watched: tuple[Options, RunResult, Watch], small_run: RunResult) -> None:
    """The same log, options and seed give the same personas.json, although the key of the hashes is another."""
    _, again, _ = watched
    assert (again.out / "personas.json").read_bytes() == (small_run.out / "personas.json").read_bytes()
    assert (again.out / ".key").read_bytes() != (small_run.out / ".key").read_bytes()


def test_no_stage_changes_the_files_of_another(watched: tuple[Options, RunResult, Watch]) -> None:
    """A file that is there when a stage begins has the same bytes at the end, but for what a run keeps of itself."""
    _, result, watch = watched
    assert result.personas.personas
    end, own = watch.seen.pop("end"), {"run.json", "ledger.sqlite", ".lock-journal"}
    for name, stage in STAGES.items():
        later = list(watch.seen)[list(watch.seen).index(name) + 1]
        assert set(stage.files) <= set(watch.seen[later]) - set(watch.seen[name])
    own = {"run.json", "ledger.sqlite", ".lock-journal"}
    for seen in watch.seen.values():
        assert all(end[file] == content for file, content in seen.items() if file not in own)


def refuse(*_: Any) -> Any:
    raise AssertionError("done again")


def test_other_rounds_group_and_brief_nothing_again(
    watched: tuple[Options, RunResult, Watch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With other options of writing, groups and briefing come from their files, and code alone writes the same cards."""
    options, before, _ = watched
    out = shutil.copytree(options.out, tmp_path / "out")
    for name in ("read_log", "find_memories", "group_users", "brief_groups"):
        monkeypatch.setattr(running, name, refuse)
    after = commands.run(options.but(out=out, max_rounds=2), Silent())
    assert not after.reused
    assert after.personas.personas == before.personas.personas
    with pytest.raises(AssertionError, match="done again"):
        commands.run(options.but(out=out, personas=3), Silent())


@pytest.mark.parametrize("name", ["groups.npz", "briefing.json", "memories.parquet", "rejects.jsonl"])
def test_a_damaged_file_is_noticed_and_made_anew(
    name: str, tiny_log: Path, tiny_run: RunResult, tiny_briefed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cut file is not used by the next run, which says so, makes the file anew and comes to the same cards."""
    options = Options(inputs=(str(tiny_log),), out=tiny_briefed, **SMALL_OPTIONS)
    whole = (tiny_briefed / name).read_bytes()
    (tiny_briefed / name).write_bytes(whole[: len(whole) // 2])
    again = commands.run(options, PlainLines())
    assert "its files are not as you sealed them: made anew" in capsys.readouterr().err
    assert not again.reused
    assert again.personas == tiny_run.personas
    assert commands.run(options, Silent()).reused


def test_a_briefing_comes_back_as_it_was(world_run: RunResult, tmp_path: Path) -> None:
    """What is known of five planted groups is the same after writing and reading."""
    known = load_briefing(Store.open(world_run.out))
    assert len(known.groups) >= 4
    store = Store.create(tmp_path / "out")
    save_briefing(store, known)
    assert load_briefing(store) == known
    assert [list(g.dossier.intent_labels) for g in load_briefing(store).groups] == [
        list(g.dossier.intent_labels) for g in known.groups
    ]


def test_a_note_holds_nothing_that_a_terminal_acts_on(capsys: pytest.CaptureFixture[str]) -> None:
    """What a file of somebody else says, as a recording of where it comes from, is shown and not obeyed."""
    PlainLines().note("from \x1b[31m\u202ea relay\u00a0%")
    assert capsys.readouterr().err == "  from \ufffd[31m\ufffda relay\u00a0%\n"
