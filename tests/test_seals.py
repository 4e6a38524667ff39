"""Sealed runs: what somebody edits in a run folder is noticed, by the seal, and without it by making the cards again."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import persona_agent as pa
from evals.bench import brain
from evals.bench.server import Replies, chat
from persona_agent import commands
from persona_agent.cli import status
from persona_agent.commands import remaking
from persona_agent.commands.running import RunResult
from persona_agent.errors import PersonaAgentError, StoreError, UsageError
from persona_agent.manifest import (
    ANOTHERS,
    AS_SEALED,
    CODEBOOK,
    EDITED,
    EDITS,
    MANIFEST,
    OLDER,
    SEALED,
    UNFINISHED,
    verify,
    write_sealed,
)
from persona_agent.models.ledger import LEDGER, Ledger
from persona_agent.options import Options
from persona_agent.progress import PlainLines, Silent
from persona_agent.schema import PersonaSet
from persona_agent.seal import LENGTH, find_seal, open_seal
from persona_agent.store import Store
from tests.conftest import BRAIN, SMALL_OPTIONS

Forge = Callable[[dict[str, Any]], None]


def _sentence(p: dict[str, Any]) -> None:
    p["personas"][0]["one_liner"] |= {"template": "90 % of 5,000 users agree.", "text": "90 % of 5,000 users agree."}


def _figure(p: dict[str, Any]) -> None:
    claim = p["personas"][0]["claims"][0]
    claim |= {"text": "97 % of them do.", "template": "97 % of them do."}


def _status(p: dict[str, Any]) -> None:
    first = p["personas"][0]
    first["status"] = "pattern" if first["status"] == "published" else "published"


def _size(p: dict[str, Any]) -> None:
    p["personas"][0]["size"] |= {"users": 5_000, "share_users": 0.9}


def _revived(p: dict[str, Any]) -> None:
    for card in p["personas"]:
        for claim in card["withdrawn"]:
            claim |= {"status": "accepted", "withdrawal": None}
        card["claims"] += card["withdrawn"]
        card["withdrawn"] = []


CARDS: dict[str, Forge] = {
    "sentence": _sentence,
    "figure": _figure,
    "status": _status,
    "size": _size,
    "withdrawn made accepted": _revived,
    "label": lambda p: p["personas"][0].update(label="Loyal big spenders"),
    "coverage": lambda p: p["coverage"].update(users=1.0),
    "counts": lambda p: p["counts"].update(users=5_000),
    "models": lambda p: p["provenance"]["models"].update(critic="openai/gpt-9"),
    "card gone": lambda p: p["personas"].pop(),
}
PAGES = {"report.html": "<p>90 % of 5,000 users</p>", "personas.md": "# 90 % of 5,000 users\n"}


@pytest.fixture
def sealed(small_run: RunResult, tmp_path: Path) -> Path:
    return shutil.copytree(small_run.out, tmp_path / "out")


def forge(out: Path, name: str) -> None:
    """One of the forgeries in a run folder."""
    if name in PAGES:
        (out / name).write_text(PAGES[name])
        return
    personas = json.loads((out / "personas.json").read_text())
    CARDS[name](personas)
    (out / "personas.json").write_text(json.dumps(personas, indent=1) + "\n")


def test_a_run_is_verified_by_who_made_it(small_run: RunResult, capsys: pytest.CaptureFixture[str]) -> None:
    """`show`, `check`, `egress` and the library say that all is as it was sealed, and end with 0."""
    assert commands.check(small_run.out, None, (), Silent()).text().startswith("Verified: ")
    assert status(["show", str(small_run.out)]) == 0
    assert "Verified: " in capsys.readouterr().out
    assert status(["egress", str(small_run.out)]) == 0
    assert pa.load(small_run.out).seal.standing == "verified"


def test_without_the_secret_the_cards_are_made_again(small_run: RunResult, stranger: None) -> None:
    """Who did not seal a run is told so; an honest one is found to be what its log and groups give."""
    found = commands.check(small_run.out, None, (), Silent())
    assert found.text().startswith("Not sealed by you")
    assert (found.failures, found.not_made_again, found.exit_status) == ([], "", 0)
    assert commands.show(small_run.out).remarks


@pytest.mark.parametrize("name", [*CARDS, *PAGES])
def test_a_forgery_breaks_the_seal(name: str, sealed: Path) -> None:
    """Each forged card or page is named by `show`, and ends it with 1."""
    forge(sealed, name)
    file = name if name in PAGES else "personas.json"
    shown = commands.show(sealed)
    assert shown.exit_status == 1
    assert shown.text().startswith("NOT AS IT WAS SEALED")
    assert f"{file} has changed" in shown.seal.problems


@pytest.mark.parametrize("name", [n for n in SEALED if n not in (".forgotten", CODEBOOK, EDITS)])
def test_every_file_is_under_the_seal(name: str, sealed: Path) -> None:
    """One byte more in any file that a run leaves is noticed; a ledger by a row, and what this run did not leave by itself."""
    path = sealed / name
    if not path.exists():  # of people at work, of who opted out, of what was given out
        path.write_bytes((sealed / "users.parquet").read_bytes())
        assert verify(Store.open(sealed), find_seal()).problems == (f"{name} is not of the run that was sealed",)
        return
    if name == "ledger.sqlite":
        with sqlite3.connect(path) as ledger:
            ledger.execute("INSERT INTO sent VALUES (1, 's', 's', 'm', 'h', 'h', 1, 1, 'x', 'now')")
    else:
        path.write_bytes(path.read_bytes() + b" ")
    assert verify(Store.open(sealed), find_seal()).problems == (f"{name} has changed",)


def test_an_edited_codebook_is_no_forgery(sealed: Path) -> None:
    """People are asked to edit it: `check` says that it was edited since and ends with 0, and it may be gone."""
    path = sealed / CODEBOOK
    path.write_text(path.read_text().replace("about: null", "about: A shop"))
    found = commands.check(sealed, None, (), Silent())
    assert (found.seal.standing, found.seal.says, found.exit_status) == ("verified", EDITED.format(CODEBOOK), 0)
    path.unlink()
    assert verify(Store.open(sealed), find_seal()) == AS_SEALED


def test_run_json_and_its_manifest_are_under_the_seal(sealed: Path) -> None:
    """An option, a digest or the code changed in run.json is noticed; a manifest of somebody else's is not yours."""
    run = json.loads((sealed / "run.json").read_text())
    seal = find_seal()
    for changed in (
        {**run, "paths": ["other.jsonl"]},
        {**run, "manifest": {**run["manifest"], "files": {}}},
        {**run, "manifest": {**run["manifest"], "code": "0" * 64}},
        {**run, "manifest": {**run["manifest"], "code": None}},
    ):
        (sealed / "run.json").write_text(json.dumps(changed))
        assert verify(Store.open(sealed), seal).standing == "changed"
    for foreign in ({**run["manifest"], "sealed_by": "0" * 16}, {}, None):
        (sealed / "run.json").write_text(json.dumps({**run, "manifest": foreign}))
        assert verify(Store.open(sealed), seal).standing == "not_yours"


@pytest.mark.parametrize("names", [["sentence", "report.html"], ["status"]])
def test_a_forgery_without_a_seal_is_found_by_making_the_cards_again(
    names: list[str], sealed: Path, stranger: None
) -> None:
    """Without the secret the place of each forgery is named, and `check` ends with 1."""
    for name in names:
        forge(sealed, name)
    found = commands.check(sealed, None, (), Silent())
    assert (found.seal.standing, found.not_made_again, found.exit_status) == ("not_yours", "", 1)
    places = {f["claim"] for f in found.failures}
    of_cards = {"p1", *(f"p{i}.c{j}" for i in (1, 2) for j in range(40))}
    assert places & of_cards
    assert places & set(PAGES) == set(names) & set(PAGES)


def test_a_forged_mix_is_counted_again(sealed: Path) -> None:
    """What a bar says of the group's mix is counted with its claim, also where the cards cannot be made again."""
    personas = json.loads((sealed / "personas.json").read_text())
    bars = [bar for p in personas["personas"] if p["status"] != "withheld" for bar in p["card"]["bars"]]
    bar = next(b for b in bars if "standardised" in b)

    def problems() -> list[str]:
        found = commands.check(sealed, bar["claim"], (), Silent())
        return [f["problem"] for f in found.failures if f["problem"].startswith("with the group's mix")]

    assert problems() == []
    bar["standardised"]["expected"] += 0.1
    (sealed / "personas.json").write_text(json.dumps(personas))
    assert len(problems()) == 1


@pytest.mark.parametrize("table", ["users.parquet", "events.parquet"])
def test_edited_rows_without_a_seal_are_found(table: str, tiny_briefed: Path, stranger: None) -> None:
    """A line that `show` would quote, or the group of a user, is held against the log and the groups."""
    store = Store.open(tiny_briefed)
    path = store.path(table)
    edited = {"events.parquet": "'forged' AS action", "users.parquet": "'fit' AS fold"}[table]
    with store.connect() as connection:
        store.write_parquet(connection, "forged.parquet", f"SELECT * REPLACE ({edited}) FROM read_parquet('{path}')")
    store.path("forged.parquet").replace(path)
    found = commands.check(tiny_briefed, None, (), Silent())
    assert table in {f["claim"] for f in found.failures}


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(tree, list) and tree:
        for i, inner in enumerate(tree):
            yield from leaves(inner, (*path, i))
    else:
        yield path


def other_than(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return f"{value}!" if isinstance(value, str) else "x"


def test_no_field_of_a_card_can_be_edited(small_run: RunResult) -> None:
    """Each field of the whole set, claims and cards among them, in any value that the schema takes, is a difference."""
    text = (small_run.out / "personas.json").read_text()
    was = PersonaSet.model_validate_json(text)
    tree = json.loads(text)
    tree["personas"] = tree["personas"][:1]
    card = tree["personas"][0]
    card["claims"] = [{**claim, "citations": claim["citations"][:1]} for claim in card["claims"][:2]]
    short = PersonaSet.model_validate(tree)
    tried = 0
    for path in list(leaves(tree)):
        if path[0] != "personas" and len(path) > 3:
            continue
        place = tree
        for step in path[:-1]:
            place = place[step]
        old = place[path[-1]]
        place[path[-1]] = other_than(old)
        try:
            forged = PersonaSet.model_validate(tree)
        except ValueError:
            continue
        finally:
            place[path[-1]] = old
        tried += 1
        assert list(remaking._compared(forged, short)), path
    assert tried > 150
    assert not list(remaking._compared(was, was))


def test_what_cannot_be_made_again_is_not_verified(
    sealed: Path, small_log: Path, tmp_path: Path, stranger: None
) -> None:
    """On another log, or a run that says it is partial, nothing vouches for the cards: `check` says why and ends with 1."""
    run = json.loads((sealed / "run.json").read_text())
    (sealed / "run.json").write_text(json.dumps({**run, "status": "partial"}))
    found = commands.check(sealed, None, (), Silent())
    assert (found.not_made_again, found.exit_status) == ("the run is partial", 1)
    (sealed / "run.json").write_text(json.dumps(run))
    more = tmp_path / "events.jsonl"
    more.write_text(small_log.read_text() + small_log.read_text().splitlines()[0] + "\n")
    found = commands.check(sealed, "p1.c1", (str(more),), Silent())
    assert (found.not_made_again, found.exit_status) == ("the log is not the one that was read", 1)
    assert "NOT VERIFIED" in found.text()


def test_forgetting_seals_again_only_what_was_sealed(tiny_briefed: Path, tiny_log: Path) -> None:
    """A verified run stays verified when somebody is forgotten; a forged one is not made good by it."""
    lines = [
        line for line in tiny_log.read_text().splitlines() if line.startswith('{"user": "c') and line.endswith("}")
    ]
    one, two = sorted({json.loads(line)["user"] for line in lines})[:2]
    commands.forget(one, [tiny_briefed], Silent())
    assert verify(Store.open(tiny_briefed), find_seal()).standing == "verified"
    forge(tiny_briefed, "counts")
    commands.forget(two, [tiny_briefed], Silent())
    assert verify(Store.open(tiny_briefed), find_seal()).problems == ("personas.json has changed",)


@pytest.mark.parametrize("name", ["events.parquet", "memories.parquet", ".key", "personas.json"])
def test_what_was_edited_is_not_used_again(
    name: str, tiny_briefed: Path, tiny_log: Path, tiny_run: RunResult, capsys: pytest.CaptureFixture[str]
) -> None:
    """A resumed run makes anew what is not as it was sealed, says so, and comes to the same page."""
    path = tiny_briefed / name
    other = path.read_bytes()
    path.write_bytes(other[:-1] + bytes([other[-1] ^ 1]))
    again = commands.run(Options(inputs=(str(tiny_log),), out=tiny_briefed, **SMALL_OPTIONS), PlainLines())
    assert not again.reused
    if name != "personas.json":
        assert "not as you sealed them: made anew" in capsys.readouterr().err
    assert again.personas == tiny_run.personas


def test_an_edited_answer_is_asked_for_again(small_run_by_model: RunResult, written: Path, small_log: Path) -> None:
    """An answer changed in the ledger is not used by the next run, which asks again and says so on the page."""
    with Replies(lambda body: chat(brain.answer(body))) as server:
        options = Options(inputs=(str(small_log),), out=written, base_url=server.url, **BRAIN, **SMALL_OPTIONS)
        with sqlite3.connect(written / "ledger.sqlite") as ledger:
            ledger.execute(
                "UPDATE calls SET answer = replace(answer, '\"', '\" ') WHERE stage = 'draft' AND subject = 'p1'"
            )
        again = commands.run(options, Silent())
        assert len(server.bodies) == 1
    assert again.personas.personas == small_run_by_model.personas.personas
    assert any("was not as it had been given" in note for note in again.personas.provenance.notes)
    assert commands.check(written, None, (), Silent()).seal.standing == "verified"


def test_the_secret_is_private_and_lies_elsewhere(small_log: Path, tmp_path: Path, seal_key: Path) -> None:
    """The secret is readable by its owner alone, is in no run folder, and a file of no use is refused."""
    assert seal_key.stat().st_mode & 0o077 == 0
    out = tmp_path / "out"
    with pytest.raises(UsageError, match="lies in the folder of a run"):
        commands.run(Options(inputs=(str(small_log),), out=out, seal_key=out / "seal.key"), Silent())
    short = tmp_path / "short.key"
    short.write_bytes(b"secret")
    short.chmod(0o600)
    with pytest.raises(PersonaAgentError, match="is no seal key"):
        find_seal(short)
    with pytest.raises(UsageError, match="cannot be read"):
        find_seal(tmp_path / "none.key")


def test_no_file_of_a_run_holds_the_secret(small_run: RunResult, seal_key: Path) -> None:
    """Neither its bytes nor their hex digits are in the folder."""
    secret = seal_key.read_bytes()
    for path in small_run.out.iterdir():
        content = path.read_bytes()
        assert secret not in content
        assert secret.hex().encode() not in content


def test_an_older_copy_put_back_is_noticed(small_run: RunResult, tmp_path: Path) -> None:
    """Who sealed something newer in a folder is told when an older copy, another's run or one without a seal lies there."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    older = shutil.copytree(out, tmp_path / "older")
    run = json.loads((out / "run.json").read_text())
    write_sealed(Store.open(out), {**run, "purpose": "another"}, run[MANIFEST]["files"], find_seal())
    assert verify(Store.open(out), find_seal()).standing == "verified"
    shutil.copy(older / "run.json", out / "run.json")
    assert OLDER in verify(Store.open(out), find_seal()).problems
    run[MANIFEST]["sealed_by"] = ""
    (out / "run.json").write_text(json.dumps(run))
    assert ANOTHERS in verify(Store.open(out), find_seal()).problems
    assert verify(Store.open(older), find_seal()).standing == "verified", "a copy elsewhere is as it was sealed"


def test_a_kill_between_two_seals_is_no_forgery(small_run: RunResult, tmp_path: Path) -> None:
    """The seal before counts until run.json of the new one is there."""
    out, seal = shutil.copytree(small_run.out, tmp_path / "out"), find_seal()
    run = json.loads((out / "run.json").read_text())
    write_sealed(Store.open(out), run, run[MANIFEST]["files"], seal)
    with pytest.raises(KeyboardInterrupt), seal.remembered(out, "of a run.json that was never written"):
        raise KeyboardInterrupt
    assert verify(Store.open(out), seal).standing == "verified"


def test_a_run_that_stopped_is_unfinished_and_not_forged(small_run: RunResult, tmp_path: Path) -> None:
    """A ledger that has grown since the last seal of a running run is said to be not sealed yet; personas without a seal are
    a forgery all the same.
    """
    out, seal = shutil.copytree(small_run.out, tmp_path / "out"), find_seal()
    run = json.loads((out / "run.json").read_text())
    files = {name: digest for name, digest in run[MANIFEST]["files"].items() if name != LEDGER}
    Ledger(out / LEDGER).close()
    write_sealed(Store.open(out), {**run, "status": "running"}, files, seal)
    found = verify(Store.open(out), seal)
    assert (found.standing, found.says) == ("unfinished", UNFINISHED)
    assert commands.egress(out).exit_status == 0
    (out / "personas.json").write_text("{}")
    assert verify(Store.open(out), seal).standing == "changed"


@pytest.mark.skipif(os.name == "nt", reason="files there have no such rights")
def test_a_secret_that_others_may_read_seals_nothing(tmp_path: Path) -> None:
    """A seal key that others may read is refused."""
    file = tmp_path / "seal.key"
    file.write_bytes(os.urandom(LENGTH))
    file.chmod(0o644)
    with pytest.raises(UsageError, match="Others may use the seal key"):
        find_seal(file)


def test_no_run_is_verified_by_a_secret_that_came_with_it(sealed: Path, tmp_path: Path) -> None:
    """A key in the folder of the run, or of another run, is refused by who reads and by who seals."""
    file = sealed / "seal.key"
    file.write_bytes(os.urandom(LENGTH))
    file.chmod(0o600)
    with pytest.raises(UsageError, match="lies in the folder of a run"):
        find_seal(file)
    with pytest.raises(UsageError, match="lies in the folder of a run"):
        open_seal(file, tmp_path / "another")


def test_a_device_without_an_end_is_no_secret() -> None:
    """A device that never ends is refused as a seal key, and not read."""
    with pytest.raises(UsageError, match="is no seal key"):
        find_seal(Path("/dev/zero"))


def test_facts_and_a_loaded_run_say_what_is_forged(sealed: Path) -> None:
    """Facts of an edited run.json are not told without a word, nor is a run that a program loads."""
    assert commands.facts(sealed).exit_status == 0
    assert "NOT AS" not in repr(pa.load(sealed))
    run = json.loads((sealed / "run.json").read_text())
    (sealed / "run.json").write_text(json.dumps({**run, "purpose": "a good one"}))
    facts = commands.facts(sealed)
    assert (facts.exit_status, "NOT AS IT WAS SEALED" in facts.text()) == (1, True)
    loaded = pa.load(sealed)
    assert "NOT AS IT WAS SEALED" in repr(loaded)
    assert "NOT AS IT WAS SEALED" in loaded._repr_html_()


def test_an_audit_of_a_forged_run_is_refused(sealed: Path, small_log: Path, tmp_path: Path) -> None:
    """Before anything is asked: who is in which group is what the run says."""
    forge(sealed, "size")
    model: dict[str, Any] = {"model": "openai/x", "base_url": "http://127.0.0.1:9"}
    with pytest.raises(StoreError, match="NOT AS IT WAS SEALED"):
        pa.audit(sealed, str(small_log), tmp_path / "audit", **model)
    with pytest.raises(StoreError, match="NOT AS IT WAS SEALED"):
        commands.referee(
            Options(inputs=(str(small_log),), out=tmp_path / "referee"),
            groups=sealed, personas=None, certificate=None, progress=Silent(),
        )  # fmt: skip


def test_a_run_that_was_edited_is_not_followed(sealed: Path, small_log: Path, tmp_path: Path) -> None:
    """A name that somebody wrote into personas.json reaches no later run: --since is refused and names the file."""
    cards = sealed / "personas.json"
    cards.write_text(cards.read_text(encoding="utf-8").replace("users", "forged users", 1), encoding="utf-8")
    options = Options(inputs=(str(small_log),), out=tmp_path / "later", since=sealed, **SMALL_OPTIONS)
    with pytest.raises(StoreError, match=r"personas\.json has changed"):
        commands.run(options, Silent())
    assert not (tmp_path / "later").exists()


def test_a_question_to_a_model_keeps_the_seal(sealed: Path) -> None:
    """What a model answers, of use or not, is in the ledger, and the run is still as it was sealed."""
    with Replies(lambda _: chat("nothing of use")) as server:
        options = Options(model="openai/brain", base_url=server.url, timeout=20)
        with contextlib.suppress(PersonaAgentError):
            commands.ask(sealed, "Who comes in the evening?", options, Silent())
    assert commands.show(sealed).seal.standing == "verified"
    assert Ledger(sealed / "ledger.sqlite").all_sent()


@pytest.mark.parametrize(
    ("edit", "command"),
    [
        (lambda run: run["facts"]["name"]["names"].update(actions=7), "show"),
        (lambda run: run.update(inputs=[[]]), "facts"),
        (lambda run: run.pop("paths"), "facts"),
        (lambda run: run.update(manifest=7), "egress"),
    ],
)
def test_an_edit_that_nothing_can_read_is_told_as_an_edit(
    edit: Callable[[dict[str, Any]], Any], command: str, sealed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not as a fault of the program, whatever the edit breaks."""
    run = json.loads((sealed / "run.json").read_text())
    edit(run)
    (sealed / "run.json").write_text(json.dumps(run))
    assert status([command, str(sealed)]) in (1, 3)
    said = capsys.readouterr()
    told = said.out + said.err
    assert "fault of persona-agent" not in told
    assert "NOT AS IT WAS SEALED" in told or "is not as a run leaves it" in told


def test_a_damaged_table_is_named(sealed: Path) -> None:
    """Not as a fault of the program: the file, and that it is not as the run left it."""
    with (sealed / "events.parquet").open("ab") as file:
        file.write(b"x")
    with pytest.raises(StoreError, match=r"events\.parquet.*damaged"):
        commands.show(sealed)
