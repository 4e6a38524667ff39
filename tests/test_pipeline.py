"""The whole path: a log in, checked personas out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from evals.worlds import Spec, generate
from persona_agent import commands, runs
from persona_agent.commands.running import RunResult
from persona_agent.errors import InputError, StoreError, UsageError
from persona_agent.evidence import question
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import FINISHED, STAGES
from persona_agent.schema import PersonaSet
from persona_agent.words.sentences import problems, same_openings, shared_skeletons
from tests import pandas_measures
from tests.conftest import WORLD


def options_of(result: RunResult, log: Path) -> Options:
    return Options(inputs=(str(log),), out=result.out, value="properties.spent")


def members(out: Path) -> dict[str, set[str]]:
    rows = duckdb.sql(f"SELECT persona_id, list(user) FROM '{out / 'users.parquet'}' GROUP BY ALL").fetchall()
    return {p: set(users) for p, users in rows if p}


def test_planted_personas_are_found(world_run: RunResult) -> None:
    """Without it, five planted personas could come out as anything."""
    assert world_run.personas.state == "groups"
    assert abs(len(world_run.personas.personas) - 5) <= 1
    assert sum(len(users) for users in members(world_run.out).values()) >= 0.9 * 150
    shown = [p for p in world_run.personas.personas if p.status == "published"]
    assert len(shown) >= 2
    assert all(p.reasons for p in world_run.personas.personas if p.status == "withheld")


def test_every_record_is_accounted_for(world_run: RunResult) -> None:
    """Without it, records could vanish between the file and the personas."""
    c = world_run.run["counts"]
    assert c["records"] == c["with_events"] + c["rejected"] + c["set_aside"] + c["duplicates"]
    assert c["rejected"] > 0, "the world has broken lines"
    rejects = [json.loads(line) for line in (world_run.out / "rejects.jsonl").read_text().splitlines()]
    assert len(rejects) == c["rejected"]
    assert {"file", "line", "code", "reason", "raw"} == set(rejects[0])


def test_published_numbers_are_those_of_pandas(world_run: RunResult) -> None:
    """Without it, an error of the SQL would be printed as a fact."""
    events = pandas_measures.load(str(world_run.out / "events.parquet"))
    of = members(world_run.out)
    checked = 0
    for persona in world_run.personas.personas:
        for claim in persona.claims:
            assert claim.measure is not None
            own = pandas_measures.answers(events, claim.measure)
            found = pandas_measures.value(events, claim.measure, of[persona.id], own)
            assert found == pytest.approx(claim.truthfulness.value, rel=1e-6, abs=1e-9), claim.text
            others = pandas_measures.value(events, claim.measure, set(events["user"]) - of[persona.id], own)
            assert others == pytest.approx(claim.truthfulness.raw, rel=1e-6, abs=1e-9), claim.text
            fair = pandas_measures.matched(events, claim.measure, of[persona.id], own)
            assert fair is None or fair == pytest.approx(claim.truthfulness.matched, rel=1e-6, abs=1e-9), claim.text
            checked += 1
    assert checked >= 30


def test_citations_resolve_in_the_log_itself(world_run: RunResult, world_log: Path) -> None:
    """Without it, a citation could name a line that says something else, or a line of another group."""
    lines = world_log.read_bytes().split(b"\n")
    events = pandas_measures.load(str(world_run.out / "events.parquet")).set_index(["file", "line", "n"])
    of = members(world_run.out)
    from persona_agent.ids import record_hash

    for persona in world_run.personas.personas:
        for claim in persona.claims:
            assert claim.citations
            for c in claim.citations:
                assert record_hash(lines[c.line - 1]) == c.hash
                assert events.loc[(c.file, c.line, c.n), "user"] in of[persona.id]


def test_same_inputs_give_the_same_bytes(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, two people with one log could argue about two reports; the key of the hashes must not matter."""
    again = commands.run(options_of(world_run, world_log).but(out=tmp_path / "out"), Silent())
    assert (again.out / "personas.json").read_bytes() == (world_run.out / "personas.json").read_bytes()
    assert (again.out / ".key").read_bytes() != (world_run.out / ".key").read_bytes()


def test_nothing_secret_is_left(world_run: RunResult, world_log: Path) -> None:
    """Without it, raw user ids could stand in a file that is forwarded, or others could read the folder."""
    raw = {json.loads(line)["user"] for line in world_log.read_text().splitlines() if line.startswith('{"user": "c')}
    for path in sorted(world_run.out.iterdir()):
        text = path.read_bytes().decode("utf-8", errors="ignore")
        assert not any(user in text for user in raw), path.name
    hashes = {u for users in members(world_run.out).values() for u in users}
    personas = (world_run.out / "personas.json").read_text()
    assert not any(h in personas for h in hashes)
    assert world_run.out.stat().st_mode & 0o077 == 0
    assert (world_run.out / ".key").stat().st_mode & 0o077 == 0


def test_a_complete_run_is_not_repeated(world_run: RunResult, world_log: Path) -> None:
    """Without it, running the same command twice would do the work twice."""
    assert commands.run(options_of(world_run, world_log), Silent()).reused


def test_an_interrupted_run_goes_on(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, Ctrl-C would throw away what was finished, or leave a run that looks complete."""
    options = options_of(world_run, world_log).but(out=tmp_path / "out")
    notes: list[str] = []

    class Stop(Silent):
        def stage(self, name: str) -> None:
            if name == "write":
                raise KeyboardInterrupt

    class Listen(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    with pytest.raises(KeyboardInterrupt):
        commands.run(options, Stop())
    with pytest.raises(StoreError, match="did not finish"):
        commands.show(options.out)
    resumed = commands.run(options, Listen())
    assert notes.count("unchanged, used again") == 4
    assert resumed.personas == world_run.personas


def test_a_changed_option_is_noticed(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, a run with other options would show the personas of the old ones."""
    out = shutil.copytree(world_run.out, tmp_path / "out")
    fewer = commands.run(options_of(world_run, world_log).but(out=out, personas=3), Silent())
    assert not fewer.reused
    assert len(fewer.personas.personas) == 3


def test_a_changed_log_is_noticed(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, a log that grew would be answered from stale work."""
    log = tmp_path / "events.jsonl"
    log.write_text(world_log.read_text() + '{"user": "new", "timestamp": "2024-05-01T10:00:00Z", "action": "open"}\n')
    out = shutil.copytree(world_run.out, tmp_path / "out")
    grown = commands.run(options_of(world_run, log).but(out=out), Silent())
    assert grown.run["counts"]["users"] == world_run.run["counts"]["users"] + 1


def test_check_passes_on_the_log_that_was_read(world_run: RunResult) -> None:
    """Without it, `check` could be too strict to be used, or check nothing."""
    result = commands.check(world_run.out, None, (), Silent())
    assert result.failures == []
    assert result.checked == sum(len(p.claims) for p in world_run.personas.personas)


def test_check_names_the_claim_whose_line_changed(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, somebody could change the log under a published claim and nobody would see."""
    claim = world_run.personas.personas[0].claims[0]
    lines = world_log.read_text().splitlines()
    cited = claim.citations[0].line
    lines[cited - 1] = json.dumps({**json.loads(lines[cited - 1]), "note": "changed"})
    moved = tmp_path / world_log.name
    moved.write_text("\n".join(lines) + "\n")
    result = commands.check(world_run.out, None, (str(moved),), Silent())
    assert claim.id in {f["claim"] for f in result.failures}
    assert any(f"{world_log.name}:{cited}" in f["problem"] for f in result.failures)
    assert result.warnings


def test_check_of_an_unchanged_claim_in_a_changed_file_warns(
    world_run: RunResult, world_log: Path, tmp_path: Path
) -> None:
    """Without it, a harmless change of the file would look like a false claim, or pass unsaid."""
    moved = tmp_path / world_log.name
    moved.write_text(world_log.read_text() + "not a record\n")
    result = commands.check(world_run.out, "p1.c1", (str(moved),), Silent())
    assert (result.failures, result.checked, len(result.warnings)) == ([], 1, 1)


def test_a_later_log_is_asked_the_same_claims(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, nobody could see which personas still hold, or strangers would be counted as others."""
    later = []
    for i, line in enumerate(world_log.read_text().splitlines()):
        record = json.loads(line) if line.startswith('{"user": "c') else {}
        if "timestamp" in record:
            when = datetime.fromisoformat(record["timestamp"]) + timedelta(days=364)
            later.append(json.dumps({**record, "timestamp": when.isoformat()}))
            if i % 50 == 0:
                later.append(json.dumps({**record, "user": f"new{i}", "timestamp": when.isoformat()}))
    log = tmp_path / "later.jsonl"
    log.write_text("\n".join(later) + "\n")
    found = commands.check_on(world_run.out, None, (str(log),), Silent())
    assert found.users == 150
    assert found.unknown > 50
    assert found.share is not None
    assert found.share >= 0.9, "the same behaviour a year later"
    assert len(found.claims) == sum(len(p.claims) for p in world_run.personas.personas)
    wrong = [json.dumps({**json.loads(x), "action": "browse", "object": "home"}) for x in later]
    log.write_text("\n".join(wrong) + "\n")
    assert not commands.check_on(world_run.out, None, (str(log),), Silent()).enough


def test_claims_are_tried_on_users_that_nobody_looked_at(world_run: RunResult) -> None:
    """Without it, the headline number could be missing, or be asked of the users that claims were chosen on."""
    claims = [c for p in world_run.personas.personas for c in p.claims]
    held = [c.replication.held_out for c in claims if c.replication.held_out]
    assert len(held) >= 0.8 * len(claims)
    assert all(r.n < 0.45 * c.truthfulness.n for c in claims if (r := c.replication.held_out))
    assert sum(r.holds for r in held) >= 0.85 * len(held)


def test_no_claim_of_two_groups_is_more_than_others(world_run: RunResult) -> None:
    """Without it, two cards could each say that theirs do it more than others do."""
    said = [
        question(c.measure)
        for p in world_run.personas.personas
        for c in p.claims
        if c.measure is not None and c.measure.says.comparator == "more_than_others"
    ]
    assert len(said) == len(set(said)) > 10


def test_cards_tell_a_session_and_a_hypothesis(world_run: RunResult, world_log: Path) -> None:
    """Without it, a card would be a table, and what people may want would be left to the reader's fancy."""
    lines = world_log.read_bytes().split(b"\n")
    shown = [p for p in world_run.personas.personas if p.status != "withheld"]
    assert all(p.session and p.session.lines for p in shown)
    for p in shown:
        assert p.session is not None
        told = [json.loads(lines[c.line - 1]) for c in p.session.lines]
        assert len({r["user"] for r in told}) == 1
        assert [r["timestamp"] for r in told] == sorted(r["timestamp"] for r in told)
        assert all(r["action"] in p.session.text for r in told)
    assert any(p.hypotheses for p in shown)
    for h in (h for p in shown for h in p.hypotheses):
        assert h.hypothesis is not None
        assert (h.status, h.measure, h.truthfulness.label) == ("hypothesis", None, "not_checkable")


def test_no_two_cards_read_alike(world_run: RunResult) -> None:
    """Without it, five cards would be one form filled in five times."""
    cards = [[s.text for s in (p.one_liner, *p.narrative)] for p in world_run.personas.personas]
    assert same_openings(cards) == []
    assert max(share for _, _, share in shared_skeletons(cards)) <= 0.3
    assert all(len(p.narrative) <= 8 for p in world_run.personas.personas)


def test_every_sentence_is_borne_by_its_claims(world_run: RunResult) -> None:
    """Without it, a card could say more than was counted."""
    for p in world_run.personas.personas:
        known = {c.id: c for c in p.claims}
        for s in (p.one_liner, *p.narrative):
            assert problems(s.text, [known[i] for i in s.claim_ids], p.size) == []
        for c in p.claims:
            assert problems(c.text, [c], p.size) == []


def test_what_a_fair_comparison_refuted_is_listed(world_run: RunResult) -> None:
    """Without it, a claim that goes away among comparable users would be shown, or go without a word."""
    fell = [
        c for p in world_run.personas.personas for c in p.withdrawn if c.withdrawal and c.withdrawal.label == "artefact"
    ]
    assert fell
    for c in fell:
        assert c.truthfulness.raw is not None
        assert c.truthfulness.matched is not None
        assert "all others" in c.text
    assert all(c.truthfulness.label == "true" for p in world_run.personas.personas for c in p.claims)


def test_check_says_what_it_cannot_find(world_run: RunResult) -> None:
    """Without it, a misspelt claim or a lost log would pass as checked."""
    with pytest.raises(UsageError, match=r"p9\.c9"):
        commands.check(world_run.out, "p9.c9", (), Silent())
    with pytest.raises(InputError):
        commands.check(world_run.out, None, ("/no/such/log.jsonl",), Silent())


@pytest.mark.parametrize("kind", ["null", "crowd"])
def test_no_personas_in_a_log_without_groups(kind: str, tmp_path: Path) -> None:
    """Without it, the program would invent people where there are none."""
    log = generate(Spec(kind=kind, users=150, events=40, seed=1)).write(tmp_path / "log.jsonl")  # type: ignore[arg-type]
    result = commands.run(Options(inputs=(str(log),), out=tmp_path / "out"), Silent())
    assert result.personas.state == "none"
    assert result.personas.personas == []
    assert result.personas.everyone is not None
    assert result.personas.coverage.users == 0


def test_small_logs_get_one_page_about_everyone(tmp_path: Path) -> None:
    """Without it, ten people could be told apart in a report."""
    log = generate(Spec(users=30, events=40, seed=1)).write(tmp_path / "log.jsonl")
    result = commands.run(Options(inputs=(str(log),), out=tmp_path / "out"), Silent())
    assert result.personas.personas == []
    assert result.personas.everyone is not None
    assert result.personas.everyone.size.users == 30


def test_occasions(world_run: RunResult, world_log: Path, tmp_path: Path) -> None:
    """Without it, --by intents could lose its members or call everything a persona."""
    result = commands.run(Options(inputs=(str(world_log),), out=tmp_path / "out", by="intents"), Silent())
    personas = result.personas
    assert personas.by == "intents"
    assert len(personas.personas) >= 4
    assert any(p.status == "published" for p in personas.personas)
    assert all(p.stability is not None for p in personas.personas)
    rows = duckdb.sql(f"SELECT len(memberships) FROM '{tmp_path / 'out' / 'users.parquet'}'").fetchall()
    assert max(n for (n,) in rows) > 1, "a user may hold several"


def test_opted_out_users_leave_no_trace(world_log: Path, tmp_path: Path) -> None:
    """Without it, an objection would be honoured only in the report."""
    user = json.loads(next(x for x in world_log.read_text().splitlines() if x.startswith('{"user": "c')))["user"]
    gone = tmp_path / "gone.txt"
    gone.write_text(user + "\n")
    options = Options(inputs=(str(world_log),), out=tmp_path / "out", opt_out=gone)
    result = commands.run(options, Silent())
    assert result.run["counts"]["users"] == 149
    assert result.run["counts"]["set_aside"] > 0


def test_a_longer_opt_out_list_is_noticed(world_log: Path, tmp_path: Path) -> None:
    """Without it, somebody who objects after a run would stay in it although the list names them."""
    users = sorted({json.loads(x)["user"] for x in world_log.read_text().splitlines() if x.startswith('{"user": "c')})
    gone = tmp_path / "gone.txt"
    options = Options(inputs=(str(world_log),), out=tmp_path / "out", opt_out=gone)
    for n in (1, 2):
        gone.write_text("\n".join(users[:n]) + "\n")
        assert commands.run(options, Silent()).run["counts"]["users"] == 150 - n


def test_properties_reach_texts_by_allow_list_only(tmp_path: Path) -> None:
    """Without it, a column that nobody let in could stand in a prompt, or one that was let in would not."""
    lines = []
    for i, line in enumerate(generate(WORLD).lines):
        record = json.loads(line) if line.startswith('{"user": "c') else None
        kept = record if isinstance(record, dict) and "action" in record else None
        device = "tablet" if kept and sum(kept["user"].encode()) % 3 else "phone"
        lines.append(json.dumps({**kept, "device": device, "ward": "oncology"}) if kept else f"broken {i}")
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines) + "\n")
    for allow, there in (((), False), (("device",), True)):
        out = tmp_path / f"out{len(allow)}"
        commands.run(Options(inputs=(str(log),), out=out, allow=allow), Silent())
        text = (out / "dossiers.json").read_text()
        assert ("tablet" in text) is there
        assert "oncology" not in text


def test_files_of_a_run(world_run: RunResult) -> None:
    """Every promised file is there and what its schema says, and each file that is there stands in the list of `runs`."""
    names = {p.name for p in world_run.out.iterdir()}
    left = {*FINISHED, *(file for stage in STAGES.values() for file in stage.files)}
    assert left | {"run.json", "rejects.jsonl", "set_aside.jsonl", "dossiers.json", ".key"} <= names
    listed = runs.__doc__ or ""
    assert all(name in listed for name in names if not name.startswith("personas."))
    assert PersonaSet.model_validate_json((world_run.out / "personas.json").read_text()) == world_run.personas
    assert json.loads((world_run.out / "run.json").read_text())["status"] == "complete"


def test_dossiers_hold_nothing_that_names_a_person_or_a_place(world_run: RunResult) -> None:
    """Without it, a prompt could carry user hashes, paths or file hashes."""
    text = (world_run.out / "dossiers.json").read_text()
    assert "events.jsonl" not in text
    assert "sha256" not in text
    assert not any(h in text for users in members(world_run.out).values() for h in users)


def test_unknown_names_are_usage_errors(world_log: Path, tmp_path: Path) -> None:
    """Without it, a misspelt field would silently change nothing."""
    base = Options(inputs=(str(world_log),), out=tmp_path / "out")
    with pytest.raises(UsageError, match="colour"):
        commands.run(base.but(within="properties.colour"), Silent())
    with pytest.raises(UsageError, match="gpt"):
        commands.run(base.but(model="gpt"), Silent())
    with pytest.raises(UsageError, match="value"):
        commands.run(base.but(value="__import__('os')"), Silent())


def test_check_reads_a_database_by_the_query_of_its_run(world_log: Path, tmp_path: Path) -> None:
    """A run on one of several tables could never be checked."""
    rows = [
        json.loads(line)
        for line in world_log.read_text().splitlines()
        if line.startswith('{"user"') and line[-1] == "}"
    ]
    path = tmp_path / "log.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text TEXT)")
        db.execute("CREATE TABLE events (user TEXT, timestamp TEXT, action TEXT, object TEXT)")
        values = [tuple(r.get(c) for c in ("user", "timestamp", "action", "object")) for r in rows]
        db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", values)
    db.close()
    query = "SELECT * FROM events ORDER BY rowid"
    result = commands.run(Options(inputs=(str(path),), out=tmp_path / "out", query=query), Silent())
    assert result.personas.personas
    assert commands.check(result.out, None, (), Silent()).failures == []
