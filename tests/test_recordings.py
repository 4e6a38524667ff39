"""The recordings in the repository: each says where it comes from and holds no secret. That a whole run can be recorded and
replayed is held where runs with models are (commands/test_runs_with_models.py).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from evals.asking import prompts_of
from persona_agent import commands
from persona_agent.models.opening import stays_here
from persona_agent.models.prompts import AUDIT_STAGES
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META, Recording
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import TENTH

ROOT = Path(__file__).resolve().parents[1] / "fixtures"
FOLDERS = sorted(p.parent for p in ROOT.rglob(META))
SOURCES = {"language model through a relay", "handwritten"}
LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9]{8,}|Bearer|api[_-]?key|127\.0\.0\.1", re.IGNORECASE)
# Who must be named in a recording, by the folder that its kind lies in.
ROLES = {
    "audit": {"planted", "judged"}, "audit_repeat_2": {"planted", "judged"}, "audit_repeat_3": {"planted", "judged"},
    "judges": {"planted", "judged"}, "judges_natural": {"judged"}, "narrative": {"planted", "judged"}, "plain": {"wrote"},
    "reader": {"read"}, "recordings": {"wrote", "judged"}, "runs": {"wrote", "judged"}, "safety": {"wrote", "judged"},
}  # fmt: skip

every_recording = pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}-{f.name}")


@every_recording
def test_it_says_who_was_what(folder: Path) -> None:
    """Its source is known, each role of its kind is named, and no two are the same."""
    meta = Recording(folder, replay=True).meta()
    assert meta["source"].split(";")[0] in SOURCES
    roles = ROLES[folder.parent.name]
    assert roles <= set(meta)
    assert len({meta[role] for role in roles}) == len(roles)


@every_recording
def test_it_answers_the_prompts_of_today(folder: Path) -> None:
    """Its prompts are those that a run, a suite or an audit sends now."""
    meta = Recording(folder, replay=True).meta()
    audit = folder.parent.name.startswith("audit")
    stages = AUDIT_STAGES if audit else [name.partition("/")[0] for name in meta["prompts"]]
    assert meta["prompts"]
    assert meta["prompts"] == prompts_of(stages)


@every_recording
def test_it_holds_three_files_and_no_secret(folder: Path) -> None:
    """There are three files and no more, without a key or a local address; of a request its method, address and body are kept."""
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    for path in folder.iterdir():
        assert not LIKE_A_KEY.search(path.read_text()), path
    rows = yaml.load((folder / INTERACTIONS).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    assert {frozenset(r["request"]) for r in rows["interactions"]} == {frozenset({"method", "uri", "body"})}


def test_a_dossier_made_now_is_the_recorded_one(tmp_path: Path) -> None:
    """The run of the demo, replayed, makes the dossiers that its writer was shown when it was recorded, each to the last word."""
    folder = ROOT / "runs" / "demo"
    asked = {name: Recording(folder, replay=True).meta()["options"][name] for name in ("about", "value", "timezone")}
    log = str(ROOT / "demo" / "events.jsonl.gz")
    made = commands.run(Options(inputs=(log,), out=tmp_path / "out", replay=folder, **asked), Silent())
    assert made.run["status"] == "complete"
    recorded = [row["dossier"] for row in json.loads((folder / DOSSIERS).read_text())]
    # Five personas, and the tenth of users who bring in most, of which the run keeps its figures with its card.
    assert [row["group"] for row in recorded] == [0, 1, 2, 4, 3, TENTH]
    assert json.loads((tmp_path / "out" / "dossiers.json").read_text()) == recorded[:-1]


def test_what_prompts_may_tell_is_as_it_was_recorded(tmp_path: Path) -> None:
    """A replay tells columns where the recorded models ran on this machine, and tells none where nobody says so."""
    (tmp_path / INTERACTIONS).write_text("interactions: []\n")
    for said, here in (("here: true\n", True), ("here: false\n", False), ("", False)):
        (tmp_path / META).write_text(f"source: handwritten\n{said}")
        assert stays_here(Options(replay=tmp_path)) is here
