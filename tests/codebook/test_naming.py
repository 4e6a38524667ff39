"""The codebook of a run: written, read back, and its names wherever people read."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from persona_agent import commands
from persona_agent.codebook import CODEBOOK, Codebook, DescribedAct, Zone, codebook_text
from persona_agent.commands.running import RunResult
from persona_agent.errors import UsageError
from persona_agent.manifest import AS_SEALED
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema.nouns import ACCOUNT, Nouns
from persona_agent.seal import LENGTH, VARIABLE
from tests.conftest import SMALL_OPTIONS

SHOWN = ("personas.md", "report.html")


@pytest.fixture(scope="module")
def edited(
    small_run: RunResult, small_log: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Options, RunResult]:
    """The small run again, with its own codebook.yaml corrected in place: every act is called “did”, its place and nothing of
    what it was, and the amount has another name and a unit.
    """
    out = shutil.copytree(small_run.out, tmp_path_factory.mktemp("edited") / "out")
    path = out / CODEBOOK
    text, n = path.read_text(), 0

    def name(_: re.Match[str]) -> str:
        nonlocal n
        n += 1
        return f"    name: did {n}"

    acts, rest = text.split("\nfields:")
    rest = rest.replace("name: portions\n    unit: null", "name: helpings\n    unit: plates").replace("about: null", "")
    path.write_text(re.sub(r"^    name: .*$", name, acts, flags=re.MULTILINE) + "\nfields:" + rest)
    options = Options(inputs=(str(small_log),), out=out, codebook=path, **SMALL_OPTIONS)
    return options, commands.run(options, Silent())


def acts_of(run: RunResult) -> list[str]:
    return list(run.run["facts"]["name"]["book"]["acts"])


def test_every_text_calls_acts_as_a_person_did(small_run: RunResult, edited: tuple[Options, RunResult]) -> None:
    """No quoted name of a card is an act of the log's spelling any more, and the amount has its unit."""
    _, run = edited
    acts = set(acts_of(run))
    told = json.dumps([p.model_dump() for p in run.personas.personas], ensure_ascii=False)
    quoted = {name.partition(": ")[0].lower() for name in re.findall(r"“([^”]*)”", told)}
    before = json.dumps([p.model_dump() for p in small_run.personas.personas], ensure_ascii=False)
    assert {n.partition(": ")[0].lower() for n in re.findall(r"“([^”]*)”", before)} & acts
    assert quoted
    assert not quoted & acts
    for file in SHOWN:
        text = (run.out / file).read_text()
        assert not {n.partition(": ")[0].lower() for n in re.findall(r"“([^”<]*)”", text)} & acts
    assert "the usual portions" in (small_run.out / "dossiers.json").read_text()
    dossiers = (run.out / "dossiers.json").read_text()
    assert "the usual helpings (plates)" in dossiers
    assert "the usual portions" not in dossiers


def test_what_was_counted_is_the_same(small_run: RunResult, edited: tuple[Options, RunResult]) -> None:
    """Measures, figures and citations are those of the run without a codebook; only words differ."""
    _, run = edited
    for before, after in zip(small_run.personas.personas, run.personas.personas, strict=True):
        assert [c.measure for c in after.claims] == [c.measure for c in before.claims]
        assert [c.truthfulness for c in after.claims] == [c.truthfulness for c in before.claims]
        assert [c.citations for c in after.claims] == [c.citations for c in before.claims]


def test_citations_keep_the_raw_line(edited: tuple[Options, RunResult]) -> None:
    """A claim that is shown is worded by the codebook, and its lines are as they stand in the log."""
    _, run = edited
    claim = next(
        c for p in run.personas.personas for c in p.claims if c.measure and c.measure.steps and "did" in c.text
    )
    shown = commands.show(run.out, claim.id).text()
    act = str(claim.measure.steps[0][0].value[0]) if claim.measure else ""
    measure = shown[shown.index("measure:") : shown.index("verdict:")]
    assert "did" in measure
    assert f"“{act}”" not in measure
    assert f" {act}" in shown[shown.index("Lines for") :]


def test_the_same_codebook_makes_nothing_anew(edited: tuple[Options, RunResult]) -> None:
    """The file that a run has written says what the corrected one said, so nothing has to be done again."""
    options, _ = edited
    assert commands.run(options, Silent()).reused


def test_a_comment_in_the_codebook_makes_nothing_anew(edited: tuple[Options, RunResult], tmp_path: Path) -> None:
    """What the file says is the same, so a run that is told to read it has nothing to do, and leaves the comment."""
    options, run = edited
    out = shutil.copytree(run.out, tmp_path / "out")
    (out / CODEBOOK).write_text((out / CODEBOOK).read_text() + "# checked with the shop\n")
    assert commands.run(options.but(out=out, codebook=out / CODEBOOK), Silent()).reused
    assert (out / CODEBOOK).read_text().endswith("# checked with the shop\n")


def test_cards_with_a_persons_names_are_made_again(
    edited: tuple[Options, RunResult], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who made the run finds it verified; who has another secret finds every card and page as log, groups and names give it."""
    _, run = edited
    found = commands.check(run.out, None, (), Silent())
    assert (found.seal, found.failures, found.exit_status) == (AS_SEALED, [], 0)
    (tmp_path / "stranger.key").write_bytes(os.urandom(LENGTH))
    (tmp_path / "stranger.key").chmod(0o600)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "stranger.key"))
    found = commands.check(run.out, None, (), Silent())
    assert found.seal.standing == "not_yours"
    assert (found.failures, found.not_made_again, found.exit_status) == ([], "", 0)


def test_a_mistake_leaves_the_file_as_it_was(edited: tuple[Options, RunResult], tmp_path: Path) -> None:
    """A codebook in the run's own folder that names what is not there is refused, and not lost."""
    options, run = edited
    out = shutil.copytree(run.out, tmp_path / "out")
    wrong = (out / CODEBOOK).read_text().replace("acts:\n", "acts:\n  teleport: {}\n")
    (out / CODEBOOK).write_text(wrong)
    with pytest.raises(UsageError, match=r"codebook\.yaml, line \d+: the log has no act 'teleport'"):
        commands.run(options.but(out=out, codebook=out / CODEBOOK), Silent())
    assert (out / CODEBOOK).read_text() == wrong


def test_an_edited_codebook_is_not_overwritten_unread(edited: tuple[Options, RunResult], tmp_path: Path) -> None:
    """Who edited codebook.yaml and forgets to say so is told, and with --fresh loses the changes knowingly."""
    options, run = edited
    out = shutil.copytree(run.out, tmp_path / "out")
    (out / CODEBOOK).write_text((out / CODEBOOK).read_text().replace("did 1\n", "did one\n"))
    plain = {name: getattr(options, name) for name in options.model_fields_set if name != "codebook"}
    with pytest.raises(UsageError, match="was edited"):
        commands.run(Options(**{**plain, "out": out}), Silent())


def test_inspect_shows_the_codebook(small_log: Path, tmp_path: Path) -> None:
    """What a run would take the log for, with what a file says instead."""
    path = tmp_path / "book.yaml"
    path.write_text("about: A recipe shop\nacts: {open: {name: opened a page}}\nzone: {name: Europe/London}")
    found = commands.inspect(Options(inputs=(str(small_log),), codebook=path), Silent())
    assert (found.codebook["about"], found.codebook["zone"]) == ("A recipe shop", "Europe/London")
    assert {row["act"]: row["called"] for row in found.codebook["acts"]}["open"] == "opened a page"
    assert "opened a page" in found.text()


def test_a_zone_that_is_named_later_is_confirmed(small_run: RunResult, small_log: Path, tmp_path: Path) -> None:
    """The same run with its zone said makes nothing anew, and the codebook asks no more."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    assert "confirmed: false" in (out / CODEBOOK).read_text()
    plain = Options(inputs=(str(small_log),), out=out, **SMALL_OPTIONS)
    assert commands.run(plain.but(timezone="UTC"), Silent()).reused
    assert "confirmed: true" in (out / CODEBOOK).read_text()
    assert commands.check(out, None, (), Silent()).seal == AS_SEALED
    assert commands.run(plain, Silent()).reused
    assert "confirmed: true" in (out / CODEBOOK).read_text()


def test_the_codebook_of_accounts_counts_accounts() -> None:
    """The comments of the file are in its nouns."""
    book = Codebook(
        zone=Zone(name="UTC", confirmed=True),
        nouns=Nouns(people=ACCOUNT),
        acts={"user login": DescribedAct(name="user login", users=7)},
        fields={},
    )
    assert "  user login:  # 0 events of 7 accounts\n" in codebook_text(book)
