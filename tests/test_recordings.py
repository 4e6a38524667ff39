"""The recordings in the repository: each says where it comes from and holds no secret; those of runs are replayed to their
end. That any run can be recorded and replayed is held where runs with models are (commands/test_runs_with_models.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from evals.asking import prompts_of
from evals.suite import CASES, Fixtures
from persona_agent import commands
from persona_agent.errors import PersonaAgentError
from persona_agent.models.opening import stays_here
from persona_agent.models.prompts import AUDIT_STAGES
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META, Recording
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import TENTH
from tests.conftest import once

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

# By recording the log that it is of, and with what options the suite replays it.
LOGS = {spec["recording"]: spec for spec in yaml.safe_load((CASES / "personas.yaml").read_text())["runs"].values()}

every_recording = pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f"{f.parent.name}-{f.name}")

every_run = pytest.mark.parametrize("name", [f.name for f in FOLDERS if f.parent.name == "runs"])


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
    assert {frozenset(r["request"]) for r in interactions(folder)} == {frozenset({"method", "uri", "body"})}


@dataclass(frozen=True)
class Replayed:
    """How far the replay of a run came: what ended it before its end, what it told could not be had, and recorded requests that
    nothing asked for, each by its place in the recording and the schema of its answer. `out` is the folder of the run.
    """

    out: Path
    error: str
    status: str
    failures: list[str]
    unasked: list[str]


@pytest.fixture
def replayed(name: str, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    """The recorded run again, of its log with the options that its meta.yaml says; made once for all tests."""

    def make(folder: Path) -> None:
        recording, asked = ROOT / "runs" / name, set[int]()
        log, options = Fixtures(ROOT).log(LOGS[f"runs/{name}"]["log"]), recorded_options(name)
        error, told = "", {"status": "", "failures": []}
        with counting(asked):
            try:
                out = folder / "out"
                told = commands.run(Options(inputs=(log,), out=out, replay=recording, **options), Silent()).run
            except PersonaAgentError as stopped:
                error = str(stopped)
        unasked = [f"{i} {answer}" for i, answer in enumerate(asked_for(recording), start=1) if i not in asked]
        found = {"error": error, "status": told["status"], "failures": told["failures"], "unasked": unasked}
        (folder / "found.json").write_text(json.dumps(found))

    folder = once(tmp_path_factory, f"replayed_{name}", make)
    return Replayed(folder / "out", **json.loads((folder / "found.json").read_text()))


@contextmanager
def counting(asked: set[int]) -> Iterator[None]:
    """In the block, which of a recording's requests (from 1) are answered, over all times that it is opened."""
    playing = Recording.playing

    @contextmanager
    def watched(recording: Recording) -> Iterator[None]:
        with playing(recording):
            cassette = recording._cassette
            assert cassette is not None
            try:
                yield
            finally:
                asked.update(i + 1 for i in range(len(cassette)) if cassette.play_counts[i])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recording, "playing", watched)
        yield


def asked_for(recording: Path) -> list[str]:
    """Of every request, in order, the schema that its answer has to fit."""
    return [row["request"]["body"]["response_format"]["json_schema"]["name"] for row in interactions(recording)]


def interactions(recording: Path) -> list[dict[str, Any]]:
    text = (recording / INTERACTIONS).read_text()
    rows: list[dict[str, Any]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["interactions"]
    return rows


def recorded_options(name: str) -> dict[str, Any]:
    return dict(Recording(ROOT / "runs" / name, replay=True).meta()["options"])


@every_run
def test_it_is_made_with_the_options_of_its_suite(name: str) -> None:
    """What the suite of whole runs asks for is what was recorded, and all that was recorded can be asked for."""
    recorded = recorded_options(name)
    assert LOGS[f"runs/{name}"]["options"].items() <= recorded.items()
    again = Options(inputs=("log",), **recorded).hashed()
    assert {option: again[option] for option in recorded} == recorded


@every_run
def test_it_is_replayed_to_its_end(name: str, replayed: Replayed) -> None:
    """Every prompt of the run has its answer, nothing of it is wanting, and every recorded answer was asked for."""
    assert replayed.error == "", f"so these were not asked for: {', '.join(replayed.unasked)}"
    assert (replayed.status, replayed.failures) == ("complete", [])
    assert replayed.unasked == [], f"{name} holds answers that nothing asks for"


@pytest.mark.parametrize("name", ["demo"])
def test_a_dossier_made_now_is_the_recorded_one(name: str, replayed: Replayed) -> None:
    """The run of the demo, replayed, makes the dossiers that its writer was shown when it was recorded, each to the last word."""
    assert replayed.status == "complete", replayed.error
    recorded = [row["dossier"] for row in Recording(ROOT / "runs" / name, replay=True).dossiers()]
    # Five personas, numbered by size, and the tenth of users who bring in most, of which the run keeps its figures with its card.
    assert [row["group"] for row in recorded] == [0, 1, 2, 3, 4, TENTH]
    assert json.loads((replayed.out / "dossiers.json").read_text()) == recorded[:-1]


def test_what_prompts_may_tell_is_as_it_was_recorded(tmp_path: Path) -> None:
    """A replay tells columns where the recorded models ran on this machine, and tells none where nobody says so."""
    (tmp_path / INTERACTIONS).write_text("interactions: []\n")
    for said, here in (("here: true\n", True), ("here: false\n", False), ("", False)):
        (tmp_path / META).write_text(f"source: handwritten\n{said}")
        assert stays_here(Options(replay=tmp_path)) is here
