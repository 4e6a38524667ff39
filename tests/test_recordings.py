"""The recordings in the repository: each is replayed to its end, from the dossiers that are made today, and says where it
comes from.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from persona_agent import commands
from persona_agent.commands.running import RunResult
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META, Recording
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Dossier, Vocabulary
from persona_agent.store import Store
from persona_agent.write.briefing import load_briefing

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = sorted([*(ROOT / "fixtures" / "recordings").iterdir(), ROOT / "fixtures" / "demo" / "recording"])
SOURCES = {"language model through a relay", "handwritten"}
ATTACKED = sorted((ROOT / "fixtures" / "safety").iterdir())
# Recorded when nobody had seen that a term of this log is another, moved by a year.
KEPT = {"moodle_edify": ("repeat",)}
# Recorded when acts of few users were told in labels.
OF_FEW = ("moodle_edify",)
LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9]{8,}|Bearer|api[_-]?key|127\.0\.0\.1", re.IGNORECASE)


# Prompts hold the figures of claims, and a comparison is cross-placed since; recordings are made anew with the writer.
STALE = pytest.mark.xfail(reason="recorded before comparisons were cross-placed", strict=True)


@pytest.fixture(
    scope="session",
    params=[pytest.param(f, marks=STALE) for f in FOLDERS],
    ids=lambda f: f.name if f.name != "recording" else "demo",
)
def replayed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, RunResult]:
    folder: Path = request.param
    meta = Recording(folder, replay=True).meta()
    options = Options(
        inputs=(str(ROOT / meta["log"]),), out=tmp_path_factory.mktemp(folder.name) / "out", value=meta["options"]["value"],
        replay=folder, keep=KEPT.get(folder.name, ()),
    )  # fmt: skip
    return folder, commands.run(options, Silent())


def test_every_answer_is_asked_for_and_every_question_is_answered(replayed: tuple[Path, RunResult]) -> None:
    """The run is complete, asks as often as the recorded one did, and leaves no recorded answer unasked for."""
    folder, result = replayed
    assert result.run["status"] == "complete", result.run.get("failures")
    assert result.run["usage"]["unused"] == 0
    meta = Recording(folder, replay=True).meta()
    assert result.run["usage"]["calls"] == meta["usage"]["calls"]


def test_dossiers_made_now_are_the_recorded_ones(
    replayed: tuple[Path, RunResult], request: pytest.FixtureRequest
) -> None:
    """What is known of each persona before writing is to the last value what the recorded writer was shown of it, but for acts of
    fewer than five users: they were still in the vocabulary of those days.

    When dossiers change before recordings are made anew, this test is marked xfail with that reason: a replay shows its
    writer the recorded dossiers all the same.
    """
    folder, result = replayed
    made = load_briefing(Store.open(result.out))
    now = {k.placement.id: (k.dossier, made.vocabulary) for k in (*made.groups, made.everyone) if k is not None}
    rows = json.loads((folder / DOSSIERS).read_text())
    for row in rows:
        row["vocabulary"]["actions"] = [a for a in row["vocabulary"]["actions"] if a in made.vocabulary.actions]
    recorded = {
        row["persona"]: (Dossier.model_validate(row["dossier"]), Vocabulary.model_validate(row["vocabulary"]))
        for row in rows
    }
    assert now.keys() == recorded.keys()
    if folder.name in OF_FEW:
        request.applymarker(
            pytest.mark.xfail(reason="intents were named after acts of fewer than five users", strict=True)
        )
    assert [name for name in now if now[name] != recorded[name]] == []


def test_it_says_who_wrote_and_who_judged(replayed: tuple[Path, RunResult]) -> None:
    """meta.yaml names a known source, the writer and the critic; its hashes of prompts are those of the run."""
    folder, result = replayed
    meta = Recording(folder, replay=True).meta()
    assert meta["source"] in SOURCES
    assert meta["wrote"]
    assert meta["judged"]
    assert result.personas.provenance.prompt_versions == meta["prompts"]


def test_it_holds_three_files_and_no_secret(replayed: tuple[Path, RunResult]) -> None:
    """There are three files and no more, without a key or a local address; of a request its method, address and body are kept."""
    folder, _ = replayed
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    for path in folder.iterdir():
        assert not LIKE_A_KEY.search(path.read_text()), path
    rows = yaml.load((folder / INTERACTIONS).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert {frozenset(r["request"]) for r in rows["interactions"]} == {frozenset({"method", "uri", "body"})}


def test_nothing_that_was_replayed_can_be_refuted(replayed: tuple[Path, RunResult]) -> None:
    """`check` counts every claim of the replayed run again and fails none."""
    _, result = replayed
    assert commands.check(result.out, None, (), Silent()).failures == []


def test_estimate_is_near_what_the_demo_used(tmp_path: Path) -> None:
    """Calls and tokens are estimated within 30 % of what the demo's recording used."""
    demo = commands.demo_options(tmp_path / "out")
    used = Recording(demo.replay or Path(), replay=True).meta()["usage"]
    options = Options(inputs=demo.inputs, value=demo.value, model="openai/writer", critic_model="openai/critic")
    found = commands.estimate(options, Silent())
    assert found.calls == pytest.approx(used["calls"], rel=0.3)
    assert found.prompt_tokens == pytest.approx(used["prompt_tokens"], rel=0.3)
    assert found.completion_tokens == pytest.approx(used["completion_tokens"], rel=0.3)


@pytest.mark.parametrize("folder", ATTACKED, ids=lambda f: f.name)
def test_recordings_of_attacks_say_who_was_who_and_hold_no_secret(folder: Path) -> None:
    """Three files, no secret, a language model as critic; that the writer was a script is said of `obeys` and of no other."""
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    meta = Recording(folder, replay=True).meta()
    assert meta["source"].split(";")[0] in SOURCES
    assert meta["judged"].startswith("another language model")
    assert ("script" in meta["wrote"]) == ("script" in meta["source"]) == (folder.name == "obeys")
    assert not any(LIKE_A_KEY.search(path.read_text()) for path in folder.iterdir())
