"""Groups that are found and not shown: the page is about everyone, as that of a log without groups."""

from __future__ import annotations

import csv
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest

from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent import commands
from persona_agent.commands import running
from persona_agent.commands.running import RunResult
from persona_agent.evidence.gate import gate, hindrance_of, without_everybody
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.front import first_page_of
from persona_agent.report.terminal import first_screen
from persona_agent.schema import Firmness, json_schemas
from persona_agent.words.english.everyone_told import KEPT_BACK, none_shown
from tests.conftest import BRAIN, once, run_once
from tests.factories import everyone, persona_set

USERS, VISITS, OWN = 120, 8, 0.9
FIRM = Firmness(
    word="fair", same=0.7, chance=0.3, kappa=0.5, low=0.4, random=0.7, null=0.1, refits=0.8, tested=90, members=99
)
WRITTEN = ("personas.json", "personas.md", "report.html")


@pytest.fixture(scope="session")
def field_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Users of one tariff mostly top up, those of the other mostly pay off, and that is all that there is to tell of either."""

    def make(folder: Path) -> None:
        rng, rows = random.Random(3), list[tuple[str, str, str, str]]()
        for u in range(USERS):
            for _ in range(VISITS):
                at = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(minutes=rng.randrange(84 * 1440))
                act = ("top up", "pay off")[u % 2 if rng.random() < OWN else 1 - u % 2]
                rows.append((f"u{u}", at.isoformat(), act, ("basic", "plus")[u % 2]))
        with (folder / "log.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("user", "timestamp", "action", "tariff"), *sorted(rows, key=lambda r: r[1])])

    return once(tmp_path_factory, "field_log", make) / "log.csv"


@pytest.fixture(scope="session")
def field_run(field_log: Path, tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    options = Options(inputs=(str(field_log),))
    return run_once(tmp_path_factory, "field_run", lambda out: commands.run(options.but(out=out), Silent()))


def test_the_page_is_about_everyone_and_says_why_first(field_run: RunResult) -> None:
    """No persona is shown, everyone is, with claims and bars; the first sentence says why, the second of whom the page is."""
    found = field_run.personas
    assert found.state == "groups" and found.personas and all(p.status == "withheld" for p in found.personas)
    assert found.everyone and found.everyone.claims and found.everyone.card and found.everyone.card.bars
    assert found.first_page
    said = " ".join(found.first_page.sentences)
    assert said.startswith(
        "This log falls into 2 groups, but no persona can be shown: too little sets any of them apart from others, and they "
        "are mostly tariff under another name. What follows is of all users together. 120 users, 6 Jan to"
    )
    assert "usually 8 visits each" in said


def test_every_page_tells_of_everyone(field_run: RunResult, tmp_path: Path) -> None:
    """Terminal, Markdown, HTML and the page that is handed on have the figures of all users, and say that there is no persona."""
    bar = next(b for b in field_run.personas.everyone.card.bars if "aying off" in b.label)  # type: ignore[union-attr]
    shared = tmp_path / "shared.html"
    commands.export(field_run.out, shared)
    pages = [(field_run.out / name).read_text() for name in WRITTEN[1:]]
    for page in (*pages, shared.read_text(), first_screen(field_run.personas)):
        assert bar.label in page and "there is no persona to show" in page
        assert "No persona passed the gate" not in page


def test_its_claims_are_counted_again_and_its_file_is_valid(field_run: RunResult) -> None:
    """`check` counts every claim of the page again, and personas.json is as its schema says."""
    checked = commands.check(field_run.out, None, (), Silent())
    assert "0 do not" in checked.text() and checked.exit_status == 0
    import jsonschema  # a second to import, here alone

    schema = json_schemas()["PersonaSet"]
    jsonschema.Draft202012Validator(schema).validate(field_run.personas.model_dump(mode="json"))


def test_questions_are_answered_from_it(field_run: RunResult, tmp_path: Path) -> None:
    """A question to the run is counted in all users."""
    out = shutil.copytree(field_run.out, tmp_path / "out")
    reply = commands.ask(out, "How often do they come?", Options(), Silent()).reply
    assert reply.came == "answered" and {f.persona for f in reply.facts} == {"p0"}
    assert "the usual number of visits of a user: 8" in reply.facts[0].text


def test_a_run_that_was_stopped_comes_to_the_same_pages(
    field_run: RunResult, field_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped when all was written and nothing saved, it goes on from its files to the same bytes."""
    options = Options(inputs=(str(field_log),), out=tmp_path / "out")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped, pytest.raises(KeyboardInterrupt):
        stopped.setattr(running, "finish", stop)
        commands.run(options, Silent())
    monkeypatch.setattr(running, "brief_groups", stop)
    commands.run(options, Silent())
    for name in WRITTEN[:2]:
        assert (options.out / name).read_bytes() == (field_run.out / name).read_bytes()


def test_code_words_it_where_a_model_wrote_the_personas(field_run: RunResult, field_log: Path, tmp_path: Path) -> None:
    """The model is asked about the groups, and about everyone by nobody: a recording of the run has all that it needs."""
    out = shutil.copytree(field_run.out, tmp_path / "out")
    with Replies(lambda body: chat(brain.answer(body))) as server:
        options = Options(inputs=(str(field_log),), out=out, base_url=server.url, **BRAIN)
        made = commands.run(options, Silent())
    if any(p.status != "withheld" for p in made.personas.personas):
        pytest.fail("the log is to have no persona that can be shown")
    own, code = made.personas.everyone, field_run.personas.everyone
    assert own and code and [c.text for c in own.claims] == [c.text for c in code.claims]
    assert own.one_liner == code.one_liner


def test_where_a_persona_is_shown_nothing_is_told_of_everyone(small_run: RunResult) -> None:
    """A run with personas has no page about everyone beside them."""
    assert small_run.personas.everyone is None


def test_each_reason_of_the_gate_has_its_words() -> None:
    """What the gate says is known for what it is, and no other reason stands in for it."""

    def why(word: Literal["none", "fair"], refits: float, users: int) -> str:
        firm = FIRM.model_copy(update={"word": word, "refits": refits})
        return hindrance_of(gate([], state="groups", firmness=firm, stability=0.9, users=users)[1])

    assert [why("none", 0.9, 99), why("fair", 0.3, 99), why("fair", 0.9, 9), why("fair", 0.9, 99)] == [
        "loose", "not_again", "few", "alike",
    ]  # fmt: skip
    one = persona_set().personas[0]
    most = one.model_copy(update={"firmness": FIRM, "size": one.size.model_copy(update={"share_users": 0.8})})
    assert hindrance_of(without_everybody([most])[0].reasons) == "lone"
    assert hindrance_of(["it could not be written: refused", "9 users, where 20 are needed"]) == "unwritten"
    assert set(KEPT_BACK) == {"unwritten", "few", "loose", "not_again", "lone", "alike"}


@pytest.mark.parametrize(
    ("kept_back", "fields", "told"),
    [
        ({"alike": 1}, [], "too little sets it apart from others"),
        ({"few": 3}, [], "each of them has too few users to be told of"),
        ({"alike": 2, "few": 1}, [], "too little sets two of them apart from others, and one has too few users to be told of"),
        ({"loose": 1, "few": 2, "lone": 1}, ["plan"], "users of one of them are not placed in it again by their other visits, "
         "two have too few users to be told of, one holds most of the users, with no other to show beside it, and they are "
         "mostly plan under another name"),
    ],
)  # fmt: skip
def test_why_no_group_is_shown_is_one_sentence(kept_back: dict[str, int], fields: list[str], told: str) -> None:
    """One, several and all groups are told in their own words, each reason once."""
    assert none_shown("So", kept_back, fields) == f"So: {told}. What follows is of all users together."


def test_groups_of_which_nobody_wrote_are_told_to_be_too_small() -> None:
    """Of a log whose groups are all below the floor the page says so, and it is about everyone."""
    small = everyone(state="groups", counts={"users": 50, "groups": 3})
    assert first_page_of(small, []).sentences[0] == (
        "This log falls into 3 groups, but no persona can be shown: each of them has too few users to be told of. What "
        "follows is of all users together."
    )
