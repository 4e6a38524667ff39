"""The suite's own recordings: each says who was what, no judge judged itself, and nothing in them rots or leaks."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from evals.asking import prompts_of
from evals.suite import suite_of
from evals.suites import critic, narrative, reader
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META
from tests.test_recordings import LIKE_A_KEY

ROOT = Path(__file__).resolve().parents[2] / "fixtures" / "evals"
FOLDERS = sorted(p.parent for p in ROOT.rglob(META))
ROLES = {
    "audit": {"planted", "judged"}, "audit_repeat_2": {"planted", "judged"}, "audit_repeat_3": {"planted", "judged"},
    "judges": {"planted", "judged"}, "judges_natural": {"judged"}, "narrative": {"planted", "judged"}, "plain": {"wrote"},
    "reader": {"read"},
}  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_a_recording_says_who_was_what(folder: Path) -> None:
    """A planter of errors could have judged its own, and nobody could see it."""
    meta = yaml.safe_load((folder / META).read_text())
    assert meta["source"] == "language model through a relay"
    roles = ROLES[folder.parent.name]
    assert roles <= set(meta)
    assert len({meta[r] for r in roles}) == len(roles)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}-{f.name}")
def test_it_answers_the_prompts_of_today(folder: Path) -> None:
    """Its prompts are those that a suite or an audit sends now, and its files hold nothing that looks like a key."""
    meta = yaml.safe_load((folder / META).read_text())
    assert meta["prompts"]
    assert meta["prompts"] == prompts_of(name.partition("/")[0] for name in meta["prompts"])
    assert sorted(p.name for p in folder.iterdir()) == sorted([INTERACTIONS, DOSSIERS, META])
    for path in folder.iterdir():
        assert not LIKE_A_KEY.search(path.read_text()), path


def test_every_log_of_a_suite_is_recorded() -> None:
    """A suite could have shrunk to the logs that do well."""
    there = {f.relative_to(ROOT).as_posix() for f in FOLDERS}
    data = {m.NAME: suite_of(m).data for m in (critic, narrative, reader)}
    wanted = {f"audit/{log}" for log in data["critic"]["logs"]} | {f"judges/{log}" for log in data["critic"]["logs"]}
    wanted |= {f"{folder}/{log}" for log, folders in data["critic"]["repeats"].items() for folder in folders}
    wanted |= {f"judges_natural/{log}" for log in data["critic"]["natural"]}
    wanted |= {f"narrative/{log}" for log in data["narrative"]["logs"]}
    wanted |= {f"{kind}/{log}" for log in data["reader"]["logs"] for kind in ("reader", "plain")}
    assert wanted <= there
