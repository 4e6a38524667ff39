"""The recordings in the repository: each is replayed to its end, says where it comes from, and holds nothing that rots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META, Recording
from persona_agent.options import Options
from persona_agent.progress import Silent

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = sorted([*(ROOT / "fixtures" / "recordings").iterdir(), ROOT / "fixtures" / "demo" / "recording"])
SOURCES = {"language model through a relay", "handwritten"}
ATTACKED = sorted((ROOT / "fixtures" / "safety").iterdir())
LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9]{8,}|Bearer|api[_-]?key|127\.0\.0\.1", re.IGNORECASE)


@pytest.fixture(scope="session", params=FOLDERS, ids=lambda f: f.name if f.name != "recording" else "demo")
def replayed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunResult]:
    folder: Path = request.param
    meta = Recording(folder, replay=True).meta()
    options = Options(
        inputs=(str(ROOT / meta["log"]),), out=tmp_path_factory.mktemp(folder.name) / "out", value=meta["options"]["value"],
        replay=folder,
    )  # fmt: skip
    return folder, commands.run(options, Silent())


def test_every_answer_is_asked_for_and_every_question_is_answered(replayed: tuple[Path, RunResult]) -> None:
    """A recording could hold answers to prompts that nobody sends any more, or lack one."""
    folder, result = replayed
    assert result.run["status"] == "complete", result.run.get("failures")
    assert result.run["usage"]["unused"] == 0
    meta = Recording(folder, replay=True).meta()
    assert result.run["usage"]["calls"] == meta["usage"]["calls"]
    assert not any("differs" in n or "not the recorded one" in n for n in result.personas.provenance.notes)


def test_it_says_who_wrote_and_who_judged(replayed: tuple[Path, RunResult]) -> None:
    """Nobody could tell a genuine answer from one that was made up for a test."""
    folder, result = replayed
    meta = Recording(folder, replay=True).meta()
    assert meta["source"] in SOURCES
    assert meta["wrote"]
    assert meta["judged"]
    assert result.personas.provenance.prompt_versions == meta["prompts"]


def test_it_holds_three_files_and_no_secret(replayed: tuple[Path, RunResult]) -> None:
    """A key, an address or a stray file could be published with it."""
    folder, _ = replayed
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    for path in folder.iterdir():
        assert not LIKE_A_KEY.search(path.read_text()), path
    rows = yaml.load((folder / INTERACTIONS).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert {frozenset(r["request"]) for r in rows["interactions"]} == {frozenset({"method", "uri", "body"})}


def test_nothing_that_was_replayed_can_be_refuted(replayed: tuple[Path, RunResult]) -> None:
    """A recorded card could claim what the log does not hold: `check` counts every claim of it again."""
    _, result = replayed
    assert commands.check(result.out, None, (), Silent()).failures == []


def test_estimate_is_near_what_the_demo_used(tmp_path: Path) -> None:
    """A person could be told a tenth of what a run will cost."""
    demo = commands.demo_options(tmp_path / "out")
    used = Recording(demo.replay or Path(), replay=True).meta()["usage"]
    options = Options(inputs=demo.inputs, value=demo.value, model="openai/writer", critic_model="openai/critic")
    found = commands.estimate(options, Silent())
    assert found.calls == pytest.approx(used["calls"], rel=0.3)
    assert found.prompt_tokens == pytest.approx(used["prompt_tokens"], rel=0.3)
    assert found.completion_tokens == pytest.approx(used["completion_tokens"], rel=0.3)


@pytest.mark.parametrize("folder", ATTACKED, ids=lambda f: f.name)
def test_recordings_of_attacks_say_who_was_who_and_hold_no_secret(folder: Path) -> None:
    """A script's answers could pass for a model's, or a key could be published with them."""
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    meta = Recording(folder, replay=True).meta()
    assert meta["source"].split(";")[0] in SOURCES
    assert meta["judged"].startswith("another language model")
    assert ("script" in meta["wrote"]) == ("script" in meta["source"]) == (folder.name == "obeys")
    assert not any(LIKE_A_KEY.search(path.read_text()) for path in folder.iterdir())
