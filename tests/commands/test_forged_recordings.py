"""Recordings that somebody forged, answers and dossiers together: no word of theirs is published as code's."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent import commands
from persona_agent.commands import running
from persona_agent.commands.running import RunResult
from persona_agent.errors import RecordingError, StoreError
from persona_agent.models.opening import recorded_dossiers
from persona_agent.models.recording import DOSSIERS
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import TENTH_ID, ProposedClaim, Says
from persona_agent.write.briefing import Briefing, GroupBriefing, load_briefing
from persona_agent.write.recorded_dossiers import told_differences
from tests.conftest import SMALL_OPTIONS, once

MADE_UP = "are parents of small children"
ALONE = Says(comparator="about", value=0.0)  # a figure without those of others
OF_NO_DOSSIER = "c99"  # a claim that the writer names in its first draft of a persona


class Told(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


def answer(body: dict[str, Any]) -> str:
    """As the model on loopback answers. It asks one thing more, of which all groups can claim something: in what part of their
    visits they come between noon and six. A draft takes a claim more, which stands in no dossier.
    """
    said, asked_for = json.loads(brain.answer(body)), body["response_format"]["json_schema"]["schema"]["title"]
    if asked_for == "Inquiries" and not said["done"]:
        hours = {"part": "step1", "field": "hour", "op": "between", "values": ["12", "17"]}
        more = brain.asked("more", "")
        said["questions"].append({**more, "measure": {**more["measure"], "conditions": [hours], "at_least": 1}})
    if asked_for == "Draft" and all(c["id"] != OF_NO_DOSSIER for c in said["claims"]):
        said["claims"].append({"id": OF_NO_DOSSIER, "text": None, "kind": None, "measure": None, "lines": []})
    return json.dumps(said)


def recorded(run: RunResult, log: Path, folder: Path) -> None:
    """The run again, in `folder/out`, with what a model says recorded in `folder/recording`."""
    shutil.copytree(run.out, folder / "out")
    with Replies(lambda body: chat(answer(body))) as server:
        options = Options(
            inputs=(str(log),), out=folder / "out", model="openai/brain", base_url=server.url, timeout=20,
            record=folder / "recording", record_source="a test", **SMALL_OPTIONS,
        )  # fmt: skip
        assert commands.run(options, Silent()).run["status"] == "complete"


def replayed(run: RunResult, log: Path, recording: Path, out: Path, progress: Silent) -> RunResult:
    shutil.copytree(run.out, out)
    return commands.run(Options(inputs=(str(log),), out=out, replay=recording, **SMALL_OPTIONS), progress)


def files_with(words: str, folder: Path) -> list[str]:
    return [p.name for p in sorted(folder.rglob("*")) if p.is_file() and words.encode() in p.read_bytes()]


@pytest.fixture(scope="session")
def honest(small_run: RunResult, small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a program that nobody changed recorded, and the run that it recorded it of."""
    return once(tmp_path_factory, "honest_recording", lambda folder: recorded(small_run, small_log, folder))


def everything(row: dict[str, Any]) -> None:
    """Words, reasons, figures and sizes."""
    dossier = row["dossier"]
    for c in dossier["candidates"]:
        c |= {"template": f"{{value}} of them {MADE_UP}.", "said": MADE_UP, "short": MADE_UP, "form": "users"}
        c["result"] |= {"value": 0.99, "reason": MADE_UP}
    dossier["size"] |= {"users": 90, "share_users": 0.75}
    dossier |= {"noun": MADE_UP, "formed_by": [MADE_UP], "acts": [MADE_UP], "others": [MADE_UP]}
    row["vocabulary"]["actions"].append(MADE_UP)


def fallen(row: dict[str, Any]) -> None:
    """Each claim is withdrawn, for a reason that is made up."""
    for c in row["dossier"]["candidates"]:
        c["fallen"] = True
        c["result"] |= {"label": "artefact", "reason": f"they {MADE_UP}"}


def one_more(row: dict[str, Any]) -> None:
    """A claim that nothing made here is, of a measure that holds, in the words of whoever made it up."""
    first = row["dossier"]["candidates"][0]
    measure = {**first["measure"], "versus": None, "says": ALONE.model_dump(mode="json")}
    more = {"id": OF_NO_DOSSIER, "template": f"{{value}} of them {MADE_UP}.", "said": MADE_UP, "measure": measure}
    row["dossier"]["candidates"].append({**first, **more, "topic": f"act {MADE_UP}"})


def test_forged_dossiers_change_nothing(honest: Path, small_run: RunResult, small_log: Path, tmp_path: Path) -> None:
    """A replay gives the bytes of the run that was recorded, whatever its dossiers say, and names what they say otherwise: of one
    persona all words and figures, of the other what fell; then of each a claim more.
    """
    both = [(everything, r"c1 \(short, said, .*template, .*result\), .* and \d+ more$")]
    both += [(fallen, r"c1 \(result, fallen\), .* and \d+ more$")]
    for forges, n in ((both, 2), ([(one_more, r": c99 is recorded alone$")] * 2, 1)):
        here = tmp_path / forges[0][0].__name__
        recording = shutil.copytree(honest / "recording", here / "recording")
        rows = json.loads((recording / DOSSIERS).read_text())
        assert any(c["id"].startswith("q") for c in rows[0]["dossier"]["candidates"]), "answers led to claims"
        for row, (forge, _) in zip(rows, forges, strict=True):
            forge(row)
        (recording / DOSSIERS).write_text(json.dumps(rows))
        progress = Told()
        made = replayed(small_run, small_log, recording, here / "out", progress)
        assert made.run["status"] == "complete" and made.run["usage"]["unused"] == 0
        for name in ("personas.json", "personas.md", "dossiers.json"):
            assert (here / "out" / name).read_bytes() == (honest / "out" / name).read_bytes(), name
        assert files_with(MADE_UP, here / "out") == []
        for persona, (_, told) in zip(("p1", "p2"), forges, strict=True):
            begins = f"{persona}: the recorded dossier is not the one made here, which is used"
            notes = [note for note in progress.notes if note.startswith(begins)]
            assert re.search(told, notes[0]), notes
            assert len(notes) == n, "claims of questions are told when these are answered"


def test_cards_that_are_not_in_the_recording_are_named(
    honest: Path, small_run: RunResult, small_log: Path, tmp_path: Path
) -> None:
    """Who is taken out of the dossiers is written all the same, and named; a card of the tenth is said to be code's. Of what was
    recorded honestly no difference is told.
    """
    recording = shutil.copytree(honest / "recording", tmp_path / "recording")
    rows = json.loads((recording / DOSSIERS).read_text())
    (recording / DOSSIERS).write_text(json.dumps(rows[1:]))
    progress = Told()
    replayed(small_run, small_log, recording, tmp_path / "out", progress)
    assert [n for n in progress.notes if "not in the recording" in n] == ["p1 is not in the recording"]
    assert not [n for n in progress.notes if "recorded dossier" in n]
    assert (tmp_path / "out" / "personas.json").read_bytes() == (honest / "out" / "personas.json").read_bytes()
    told = told_differences({}, [{**rows[0], "persona": TENTH_ID}], asked=False)
    assert list(told) == ["t is not in the recording: code words its card"]


def reworded(claim: ProposedClaim) -> ProposedClaim:
    """Other words for what was measured."""
    return claim.model_copy(update={"template": f"{{value}} of them {MADE_UP}.", "said": MADE_UP})


def with_one_more(known: GroupBriefing) -> GroupBriefing:
    """A claim more, of the measure of the first without its others, in made-up words."""
    first = known.dossier.candidates[0]
    measure = first.measure.model_copy(update={"versus": None, "says": ALONE})
    more = reworded(first).model_copy(update={"id": OF_NO_DOSSIER, "measure": measure})
    candidates = [more, *known.dossier.candidates]
    return replace(known, dossier=known.dossier.model_copy(update={"candidates": candidates}))


def with_others_words(known: GroupBriefing) -> GroupBriefing:
    """All claims that stand in made-up words: a draft's prompt has none of these."""
    candidates = [c if c.withdrawal else reworded(c) for c in known.dossier.candidates]
    return replace(known, dossier=known.dossier.model_copy(update={"candidates": candidates}))


@pytest.mark.parametrize(
    ("change", "prompt", "told"),
    [
        (with_others_words, "'judge' of p", r"p1: .*: c1 \(said, template\)"),
        (with_one_more, "'investigate' of all groups", "p1: .*c99 is rec"),
    ],
)
def test_what_a_changed_program_recorded_is_refused(
    change: Callable[[GroupBriefing], GroupBriefing],
    prompt: str,
    told: str,
    small_run: RunResult,
    small_log: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Answers and dossiers that fit each other, from a program that words claims, or makes them, as somebody likes: it published
    the words; a replay stops at the first prompt that is another one here, and publishes nothing.
    """

    def forged(store: Any) -> Briefing:
        briefing = load_briefing(store)
        return replace(briefing, groups=[change(known) for known in briefing.groups])

    with monkeypatch.context() as program:
        program.setattr(running, "load_briefing", forged)
        recorded(small_run, small_log, tmp_path)
    assert "personas.json" in files_with(MADE_UP, tmp_path / "out")
    progress = Told()
    with pytest.raises(RecordingError, match=prompt) as refused:
        replayed(small_run, small_log, tmp_path / "recording", tmp_path / "again", progress)
    assert str(tmp_path / "recording") in str(refused.value) and "record anew" in str(refused.value)
    assert any(re.match(told, note) for note in progress.notes), progress.notes
    assert files_with(MADE_UP, tmp_path / "again") == []


@pytest.mark.parametrize(
    "text", ["{", "{}", '[{"persona": "p1"}]', '[{"persona": "p1", "dossier": {"candidates": [{"id": "so"}]}}]']
)
def test_dossiers_that_are_none_are_said(text: str, honest: Path, tmp_path: Path) -> None:
    """A file that is no JSON, or no list of dossiers, is an error that names it."""
    recording = shutil.copytree(honest / "recording", tmp_path / "recording")
    (recording / DOSSIERS).write_text(text)
    with pytest.raises(StoreError, match=r"recording.*dossiers\.json.* is no"):
        recorded_dossiers(Options(inputs=("log.jsonl",), out=tmp_path / "out", replay=recording))
