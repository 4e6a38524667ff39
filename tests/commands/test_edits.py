"""A person edits a finished run: refused with the reason, mended, marked wherever it goes, sealed, forgotten, undone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent import commands
from persona_agent.commands.changing import Change
from persona_agent.commands.edit_result import EditResult
from persona_agent.commands.running import RunResult
from persona_agent.edits.merging import NAMES_A_USER
from persona_agent.errors import UsageError
from persona_agent.manifest import EDITS, SEALED, UNEDITED, file_digests, verify, write_sealed
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.handing_on import claims_csv, shared_html
from persona_agent.schema import PersonaSet
from persona_agent.schema.told_edits import FIGURES_ONLY, NOT_VERIFIED
from persona_agent.seal import find_seal, open_seal
from persona_agent.store import Store
from persona_agent.words.wording import printed
from tests.conftest import SMALL_OPTIONS

PAGES = ("personas.json", "personas.md", "report.html")


@pytest.fixture(scope="module")
def out(small_run: RunResult, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small run in a folder of its own, sealed there."""
    folder = shutil.copytree(small_run.out, tmp_path_factory.mktemp("edited") / "out")
    store = Store.open(folder)
    write_sealed(store, store.read_json("run.json"), file_digests(store, SEALED), open_seal(None, folder))
    return folder


def edit(out: Path, at: str, text: str = "", options: Options | None = None, **asked: object) -> EditResult:
    change = Change(at, text, **asked) if at else None  # type: ignore[arg-type]
    return commands.edit(out, change, options or Options(), Silent())


def read(out: Path) -> PersonaSet:
    return PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8"))


def standing(out: Path) -> str:
    return verify(Store.open(out), find_seal(None)).says


def test_a_persons_edits_from_refused_to_undone(out: Path, small_log: Path, small_run: RunResult) -> None:
    """What does not hold is refused and nothing is written; what holds is on every page and export with its mark, the seal
    covers it, the same run again keeps it, somebody forgotten is out of the notes; undone, the pages are as they were.
    """
    before = {name: (out / name).read_bytes() for name in PAGES}
    first, second = read(out).personas[:2]
    claim = next(c for c in first.claims if c.id in first.one_liner.claim_ids and c.truthfulness.bound is None)
    value = printed(claim.measure, claim.truthfulness.value)
    wrong = edit(out, f"{first.id}.sentence", first.one_liner.text.replace(value, "97 %"))
    assert f"{value}, not 97 %" in " ".join(wrong.refused)
    for text in (
        "Students who cook late.",
        "Diabetics.",
        "They live with 3 others.",
        "Ask kim@example.com.",
        "F",
        "25-34",
    ):
        assert edit(out, f"{second.id}.name", text, own_words=True).refused, text
    somebody = json.loads(small_log.read_text().splitlines()[claim.citations[0].line - 1])["user"]
    named = edit(out, f"{second.id}.name", f"Friends of {somebody.upper()}", own_words=True)
    assert NAMES_A_USER in named.refused[0]
    with pytest.raises(UsageError, match="id of a user"):
        edit(out, f"{second.id}.name", "The unhurried", own_words=True, note=f"{somebody}'s friends said so")
    assert not (out / EDITS).exists()
    assert {name: (out / name).read_bytes() for name in PAGES} == before

    said = f"Of their visits {first.one_liner.text[:1].lower()}{first.one_liner.text[1:]}"
    assert edit(out, f"{first.id}.sentence", said).mark == FIGURES_ONLY
    assert edit(out, f"{second.id}.name", "The unhurried", own_words=True).mark == NOT_VERIFIED
    user = json.loads(small_log.read_text(encoding="utf-8").splitlines()[5])["user"]
    last = first.claims[-1].id
    assert not edit(out, last, verdict="rejected", note="seen with somebody").refused
    assert f"The unhurried ({NOT_VERIFIED})" in claims_csv(read(out))
    legend, on_card = f"The unhurried: {NOT_VERIFIED}.", f"Named {NOT_VERIFIED}"
    for text in (*((out / name).read_text(encoding="utf-8") for name in PAGES[1:]), shared_html(read(out))):
        page = " ".join(re.sub(r"(?s)<template.*?</template>", "", text).split())  # what a button copies
        assert (page.count(legend), page.count(on_card)) == (1, 1)
        assert "unhurried (by" not in page
    assert legend in " ".join(commands.show(out).text().split())
    assert on_card in " ".join(commands.show(out, second.id).text().split())
    assert read(out).personas[1].named == NOT_VERIFIED
    assert f"{said} ({FIGURES_ONLY})" in (out / "report.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert last not in {c.id for p in read(out).personas for c in p.claims}
    assert standing(out).startswith("Verified: all files")

    (out / EDITS).write_text(
        (out / EDITS).read_text(encoding="utf-8").replace("unhurried", "lingering").replace("somebody", user),
        encoding="utf-8",
    )
    assert EDITS in standing(out)
    again = commands.run(Options(inputs=(str(small_log),), out=out, **SMALL_OPTIONS), Silent())
    assert (again.personas.personas[1].label, again.personas.personas[1].named) == ("The lingering", NOT_VERIFIED)
    assert {e.outcome for e in again.personas.edits or []} <= {"kept", "verified"}
    assert user not in "".join((out / name).read_text(encoding="utf-8") for name in PAGES)

    commands.forget(user, (out,), Silent())
    assert user not in "".join((out / name).read_text(encoding="utf-8") for name in (*PAGES, EDITS, UNEDITED))
    assert f"Named {NOT_VERIFIED}" in (out / "personas.md").read_text(encoding="utf-8")
    for told in edit(out, "").edits:
        edit(out, told.id, undo=True)
    assert "by a person" not in "".join((out / name).read_text(encoding="utf-8") for name in PAGES)
    assert not (out / UNEDITED).exists()


def test_a_critic_reads_what_a_person_wrote(small_run: RunResult, tmp_path: Path) -> None:
    """Words that a critic lets stand have no mark, also at the next edit without one; what it objects to is refused."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    first = read(out).personas[0]
    with Replies(lambda body: chat(brain.answer(body))) as server:
        options = Options(critic_model="openai/brain", base_url=server.url, timeout=20)
        done = edit(out, f"{first.id}.sentence", f"{first.claims[0].text}", options, rests_on=(first.claims[0].id,))
        why = edit(out, f"{first.id}.sentence", "They come because it is near.", options)
    assert (done.refused, done.mark) == ([], "")
    assert why.refused
    assert standing(out).startswith("Verified"), "what the critic answered to words that were refused is under the seal"
    assert [e.mark for e in edit(out, "").edits] == [""]


def test_what_cannot_be_edited_is_an_error_that_says_what_can(small_run: RunResult) -> None:
    """Unknown places, claims and empty changes are UsageErrors with what there is."""
    for at, more, why in (
        ("p9.name", {}, "No persona"), ("p1.nose", {"text": "x"}, "no place"), ("p1.name", {}, "Nothing to do"),
        ("p1.name", {"text": "A b", "rests_on": ("p1.c99",)}, "does not claim"),
        ("p1", {"text": "Most of them pay."}, "no claim that code can count"), ("p1", {"measure": "{"}, "no JSON"),
        ("p1.name", {"undo": True}, "Nobody has changed"),
    ):  # fmt: skip
        with pytest.raises(UsageError, match=why):
            edit(small_run.out, at, **more)
