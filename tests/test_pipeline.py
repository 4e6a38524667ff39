"""The whole path: a log in, checked personas out."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import duckdb
import pytest

from evals.worlds import Spec, generate
from persona_agent import commands, runs
from persona_agent.commands.running import RunResult
from persona_agent.errors import InputError, StoreError, UsageError
from persona_agent.evidence import question
from persona_agent.ids import record_hash
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import FINISHED, STAGES
from persona_agent.schema import Names, PersonaSet
from persona_agent.words.sentences import examine
from persona_agent.words.wording import readable
from persona_agent.write.vocabulary import told_columns
from tests import pandas_measures
from tests.conftest import SMALL, SMALL_OPTIONS, TINY


def options_of(result: RunResult, log: Path) -> Options:
    return Options(inputs=(str(log),), out=result.out, **SMALL_OPTIONS)


def members(out: Path) -> dict[str, set[str]]:
    rows = duckdb.sql(f"SELECT persona_id, list(user) FROM '{out / 'users.parquet'}' GROUP BY ALL").fetchall()
    return {p: set(users) for p, users in rows if p}


class StopBeforeWriting(Silent):
    """Somebody presses Ctrl-C when all is known and nothing is written."""

    def stage(self, name: str) -> None:
        if name == "write":
            raise KeyboardInterrupt


def test_planted_personas_are_found(world_run: RunResult) -> None:
    """Four to six groups hold nine tenths of the users; two at least are published, and what is withheld has reasons."""
    assert world_run.personas.state == "groups"
    assert abs(len(world_run.personas.personas) - 5) <= 1
    assert sum(len(users) for users in members(world_run.out).values()) >= 0.9 * 150
    shown = [p for p in world_run.personas.personas if p.status == "published"]
    assert len(shown) >= 2
    assert all(p.reasons for p in world_run.personas.personas if p.status == "withheld")


def test_every_record_is_accounted_for(small_run: RunResult) -> None:
    """Every record has events, is rejected, set aside or a duplicate; each rejected one is a line of rejects.jsonl."""
    c = small_run.run["counts"]
    assert c["records"] == c["with_events"] + c["rejected"] + c["set_aside"] + c["duplicates"]
    assert c["rejected"] > 0, "the world has broken lines"
    rejects = [json.loads(line) for line in (small_run.out / "rejects.jsonl").read_text().splitlines()]
    assert len(rejects) == c["rejected"]
    assert {"file", "line", "code", "reason", "raw"} == set(rejects[0])


def test_published_numbers_are_those_of_pandas(world_run: RunResult) -> None:
    """A claim's value, that of all others and that of comparable others are what pandas counts in the same events, as they are
    published: shares in whole per cent, else three digits, and a share of all but a few as over or under a number. Those of a
    comparison are of halves of users, each in the group of the other half, and the whole log's value is beside them.
    """
    whole = pandas_measures.load(str(world_run.out / "events.parquet"))
    halves, in_halves = pandas_measures.halves(whole, str(world_run.out / "users.parquet"))
    of_users = members(world_run.out)
    groups = dict(duckdb.sql(f"SELECT DISTINCT persona_id, \"group\" FROM '{world_run.out}/users.parquet'").fetchall())
    checked = 0
    for persona in world_run.personas.personas:
        for claim in persona.claims:
            assert claim.measure is not None
            shares, t = claim.measure.statistic == "share", claim.truthfulness
            crossed = claim.measure.says.compares
            events, mine = (halves, in_halves[groups[persona.id]]) if crossed else (whole, of_users[persona.id])
            own = pandas_measures.answers(events, claim.measure)

            def is_published(found: float, told: float | None, shares: bool = shares) -> bool:
                return (
                    found == pytest.approx(told, abs=0.005 + 1e-9) if shares else found == pytest.approx(told, rel=5e-3)
                )

            found = pandas_measures.value(events, claim.measure, mine, own)
            if t.whole is not None:
                answers = pandas_measures.answers(whole, claim.measure)
                assert is_published(pandas_measures.value(whole, claim.measure, of_users[persona.id], answers), t.whole)
            if t.bound:
                assert found >= (t.value or 0) if t.bound == "over" else found <= (t.value or 0), claim.text
            else:
                assert is_published(found, t.value), claim.text
            others = pandas_measures.value(events, claim.measure, set(events["user"]) - mine, own)
            assert is_published(others, t.raw), claim.text
            fair = pandas_measures.matched(events, claim.measure, mine, own)
            assert fair is None or is_published(fair, t.matched), claim.text
            checked += 1
    assert checked >= 30


def test_citations_resolve_in_the_log_itself(small_run: RunResult, small_log: Path) -> None:
    """A cited line of the log has the cited hash, and its user is a member of the persona."""
    lines = small_log.read_bytes().split(b"\n")
    events = pandas_measures.load(str(small_run.out / "events.parquet")).set_index(["file", "line", "n"])
    of = members(small_run.out)
    for persona in small_run.personas.personas:
        for claim in persona.claims:
            assert claim.citations
            for c in claim.citations:
                assert record_hash(lines[c.line - 1]) == c.hash
                assert events.loc[(c.file, c.line, c.n), "user"] in of[persona.id]


def test_nothing_secret_is_left(small_run: RunResult, small_log: Path) -> None:
    """No file of a run holds a raw user id, personas.json no hash of one, and folder and key are their owner's alone."""
    raw = {json.loads(line)["user"] for line in small_log.read_text().splitlines() if line.startswith('{"user": "c')}
    for path in sorted(small_run.out.iterdir()):
        text = path.read_bytes().decode("utf-8", errors="ignore")
        assert not any(user in text for user in raw), path.name
    hashes = {u for users in members(small_run.out).values() for u in users}
    personas = (small_run.out / "personas.json").read_text()
    assert not any(h in personas for h in hashes)
    assert small_run.out.stat().st_mode & 0o077 == 0
    assert (small_run.out / ".key").stat().st_mode & 0o077 == 0


def test_a_complete_run_is_not_repeated(small_run: RunResult, small_log: Path) -> None:
    """The same command again reuses the run."""
    assert commands.run(options_of(small_run, small_log), Silent()).reused


def test_an_interrupted_run_goes_on(tiny_run: RunResult, tiny_log: Path, tmp_path: Path) -> None:
    """Stopped before writing, a run is not shown; started again it does nothing twice and ends as if never stopped."""
    options = options_of(tiny_run, tiny_log).but(out=tmp_path / "out")
    notes: list[str] = []

    class Listen(Silent):
        def note(self, text: str) -> None:
            notes.append(text)

    with pytest.raises(KeyboardInterrupt):
        commands.run(options, StopBeforeWriting())
    with pytest.raises(StoreError, match="did not finish"):
        commands.show(options.out)
    resumed = commands.run(options, Listen())
    assert notes.count("unchanged, used again") == 5
    assert resumed.personas == tiny_run.personas


def test_a_changed_log_is_noticed(tiny_run: RunResult, tiny_log: Path, tmp_path: Path) -> None:
    """A line of a new user is counted when the log has grown."""
    log = tmp_path / "events.jsonl"
    log.write_text(tiny_log.read_text() + '{"user": "new", "timestamp": "2024-05-01T10:00:00Z", "action": "open"}\n')
    out = shutil.copytree(tiny_run.out, tmp_path / "out")
    grown = commands.run(options_of(tiny_run, log).but(out=out), Silent())
    assert grown.run["counts"]["users"] == tiny_run.run["counts"]["users"] + 1


def test_check_passes_on_the_log_that_was_read(small_run: RunResult) -> None:
    """`check` asks every claim of the run again, and none fails."""
    result = commands.check(small_run.out, None, (), Silent())
    assert result.failures == []
    assert result.checked == sum(len(p.claims) for p in small_run.personas.personas)


def test_check_names_the_claim_whose_line_changed(small_run: RunResult, small_log: Path, tmp_path: Path) -> None:
    """A cited line is changed: its claim fails with that line named, and the changed file is warned of."""
    claim = small_run.personas.personas[0].claims[0]
    lines = small_log.read_text().splitlines()
    cited = claim.citations[0].line
    lines[cited - 1] = json.dumps({**json.loads(lines[cited - 1]), "note": "changed"})
    moved = tmp_path / small_log.name
    moved.write_text("\n".join(lines) + "\n")
    result = commands.check(small_run.out, None, (str(moved),), Silent())
    assert claim.id in {f["claim"] for f in result.failures}
    assert any(f"{small_log.name}:{cited}" in f["problem"] for f in result.failures)
    assert result.warnings


def test_check_of_an_unchanged_claim_in_a_changed_file_warns(
    small_run: RunResult, small_log: Path, tmp_path: Path
) -> None:
    """A line is added that no claim cites: the claim passes, with one warning."""
    moved = tmp_path / small_log.name
    moved.write_text(small_log.read_text() + "not a record\n")
    result = commands.check(small_run.out, "p1.c1", (str(moved),), Silent())
    assert (result.failures, result.checked, len(result.warnings)) == ([], 1, 1)


def test_claims_are_tried_on_users_that_nobody_looked_at(world_run: RunResult) -> None:
    """Four fifths of claims are asked of held-out members, about a third of those of the claim; 85 % of these hold."""
    claims = [c for p in world_run.exact.personas for c in p.claims]
    held = [c.replication.held_out for c in claims if c.replication.held_out]
    assert len(held) >= 0.8 * len(claims)
    asked = [(r.n, c.truthfulness.n) for c in claims if (r := c.replication.held_out)]
    assert all(n < of for n, of in asked)
    assert sum(n for n, _ in asked) < 0.45 * sum(of for _, of in asked), "of one group half may be set aside by chance"
    assert sum(r.holds for r in held) >= 0.85 * len(held)


def test_no_claim_of_two_groups_is_more_than_others(world_run: RunResult) -> None:
    """No question is answered with “more than others” on two cards."""
    said = [
        question(c.measure)
        for p in world_run.personas.personas
        for c in p.claims
        if c.measure is not None and c.measure.says.comparator == "more_than_others"
    ]
    assert len(said) == len(set(said)) > 10


def test_cards_tell_a_visit(world_run: RunResult, world_log: Path) -> None:
    """A shown card tells one user's visit in order, its acts among those of its lines; a composed one has no lines."""
    lines = world_log.read_bytes().split(b"\n")
    for p in (p for p in world_run.personas.personas if p.status != "withheld"):
        assert p.visit is not None
        told = [json.loads(lines[c.line - 1]) for c in p.visit.lines]
        assert len({r["user"] for r in told}) == (0 if p.visit.composed else 1)
        assert [r["timestamp"] for r in told] == sorted(r["timestamp"] for r in told)
        if told:
            assert {s.act.lower() for s in p.visit.steps} <= {readable(r["action"]).lower() for r in told}


def test_no_two_cards_read_alike(world_run: RunResult) -> None:
    """Names, sentences and first bars are all different, and without a model no card has a story."""
    shown = [p for p in world_run.personas.personas if p.status != "withheld"]
    assert len({p.label for p in shown}) == len({p.one_liner.text for p in shown}) == len(shown)
    assert len({p.card.bars[0].label for p in shown if p.card}) == len(shown)
    assert not any(p.narrative for p in shown)


def test_every_sentence_is_borne_by_its_claims(world_run: RunResult) -> None:
    """No number, name or word of strength in a sentence or a claim goes beyond what its claims were counted to be."""
    for p in world_run.personas.personas:
        known = {c.id: c for c in p.claims}
        for s in (p.one_liner, *p.narrative):
            assert examine(s.text, [known[i] for i in s.claim_ids], p.size).wrong == []
        for c in p.claims:
            assert examine(c.text, [c], p.size).wrong == []


def test_what_a_fair_comparison_refuted_is_listed(world_run: RunResult) -> None:
    """Claims that fell against comparable others are listed with both figures and as told of all others; claims that stand
    are true.
    """
    fell = [
        c for p in world_run.personas.personas for c in p.withdrawn if c.withdrawal and c.withdrawal.label == "artefact"
    ]
    assert fell
    for c in fell:
        assert c.truthfulness.raw is not None
        assert c.truthfulness.matched is not None
        assert "all others" in c.text
    assert all(c.truthfulness.label == "true" for p in world_run.personas.personas for c in p.claims)


def test_check_says_what_it_cannot_find(small_run: RunResult) -> None:
    """A claim that is not there is a usage error that names it, a log that is not there an input error."""
    with pytest.raises(UsageError, match=r"p9\.c9"):
        commands.check(small_run.out, "p9.c9", (), Silent())
    with pytest.raises(InputError):
        commands.check(small_run.out, None, ("/no/such/log.jsonl",), Silent())


@pytest.mark.parametrize("kind", ["null", "crowd"])
def test_no_personas_in_a_log_without_groups(kind: str, tmp_path: Path) -> None:
    """A log by chance and one of a single crowd have no persona but a page about everyone, and cover nobody."""
    log = generate(Spec(kind=kind, users=80, events=40, seed=1)).write(tmp_path / "log.jsonl")  # type: ignore[arg-type]
    result = commands.run(Options(inputs=(str(log),), out=tmp_path / "out"), Silent())
    assert result.personas.state == "none"
    assert result.personas.personas == []
    assert result.personas.everyone is not None
    assert result.personas.coverage.users == 0


def test_small_logs_get_one_page_about_everyone(tmp_path: Path) -> None:
    """Of thirty users there is no persona and one page about all of them."""
    log = generate(Spec(users=30, events=40, seed=1)).write(tmp_path / "log.jsonl")
    result = commands.run(Options(inputs=(str(log),), out=tmp_path / "out"), Silent())
    assert result.personas.personas == []
    assert result.personas.everyone is not None
    assert result.personas.everyone.size.users == 30


def test_occasions(briefed: Path, small_log: Path) -> None:
    """By intents there are four occasions or more, some published, all with a stability, and a user may hold several."""
    options = Options(inputs=(str(small_log),), out=briefed, by="intents", **SMALL_OPTIONS)
    result = commands.run(options, Silent())
    personas = result.personas
    assert personas.by == "intents"
    assert len(personas.personas) >= 4
    assert any(p.status == "published" for p in personas.personas)
    assert all(p.stability is not None for p in personas.personas)
    rows = duckdb.sql(f"SELECT len(memberships) FROM '{briefed / 'users.parquet'}'").fetchall()
    assert max(n for (n,) in rows) > 1, "a user may hold several"


def test_opted_out_users_leave_no_trace_and_a_longer_list_is_noticed(tiny_log: Path, tmp_path: Path) -> None:
    """A user on the opt-out list is not counted, and the lines are set aside; when a user is added to the list, the run in
    the folder is not reused.
    """
    users = sorted({json.loads(x)["user"] for x in tiny_log.read_text().splitlines() if x.startswith('{"user": "c')})
    gone = tmp_path / "gone.txt"
    options = Options(inputs=(str(tiny_log),), out=tmp_path / "out", opt_out=gone)
    for n in (1, 2):
        gone.write_text("\n".join(users[:n]) + "\n")
        result = commands.run(options, Silent())
        assert result.run["counts"]["users"] == TINY.users - n
        assert result.run["counts"]["set_aside"] > 0


def test_properties_reach_texts_by_allow_list_only(tmp_path: Path) -> None:
    """Values of a column that each user holds one of stand in dossiers where no model elsewhere reads them, or the allow list
    names it; what all users hold alike never does.
    """
    lines, world = [], generate(SMALL)
    for i, line in enumerate(world.lines):
        record = json.loads(line) if line.startswith('{"user": "c') else None
        kept = record if isinstance(record, dict) and "action" in record else None
        odd = kept is not None and world.user_personas[kept["user"]] % 2 == 1
        # Not so of a quarter: a field that users of a group share to a man is what they are told apart within.
        device = "tablet" if kept and odd != (sum(map(ord, kept["user"])) % 4 == 0) else "phone"
        lines.append(json.dumps({**kept, "device": device, "ward": "oncology"}) if kept else f"broken {i}")
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(lines) + "\n")
    options = Options(inputs=(str(log),), out=tmp_path / "out", **SMALL_OPTIONS)
    commands.run(options, Silent())
    text = (options.out / "dossiers.json").read_text()
    assert "tablet" in text
    assert "oncology" not in text
    names, elsewhere = Names(of_user=["device"]), options.but(model="openai/some-model")
    assert told_columns(options, names) == ["device"]
    assert told_columns(elsewhere, names) == []
    assert told_columns(elsewhere.but(allow=("device",)), names) == ["device"]


def test_files_of_a_run(small_run: RunResult) -> None:
    """Every promised file is there and what its schema says, and each file that is there stands in the list of `runs`."""
    names = {p.name for p in small_run.out.iterdir()}
    left = {*FINISHED, *(file for stage in STAGES.values() for file in stage.files)}
    assert left | {"run.json", "rejects.jsonl", "set_aside.jsonl", "dossiers.json", ".key"} <= names
    listed = runs.__doc__ or ""
    assert all(name in listed for name in names if not name.startswith("personas."))
    assert PersonaSet.model_validate_json((small_run.out / "personas.json").read_text()) == small_run.personas
    assert json.loads((small_run.out / "run.json").read_text())["status"] == "complete"


def test_dossiers_hold_nothing_that_names_a_person_or_a_place(small_run: RunResult) -> None:
    """No path, file hash or user hash stands in the dossiers."""
    text = (small_run.out / "dossiers.json").read_text()
    assert "events.jsonl" not in text
    assert "sha256" not in text
    assert not any(h in text for users in members(small_run.out).values() for h in users)


def test_unknown_names_are_usage_errors(tiny_log: Path, tmp_path: Path) -> None:
    """A field, model or expression that does not exist is a usage error that names it."""
    base = Options(inputs=(str(tiny_log),), out=tmp_path / "out")
    with pytest.raises(UsageError, match="colour"):
        commands.run(base.but(within="properties.colour"), Silent())
    with pytest.raises(UsageError, match="gpt"):
        commands.run(base.but(model="gpt"), Silent())
    with pytest.raises(UsageError, match="value"):
        commands.run(base.but(value="__import__('os')"), Silent())


def test_check_reads_a_database_by_the_query_of_its_run(tiny_log: Path, tmp_path: Path) -> None:
    """A run on one of two tables of a database is checked by its stored query, and every claim passes."""
    rows = [
        json.loads(line) for line in tiny_log.read_text().splitlines() if line.startswith('{"user"') and line[-1] == "}"
    ]
    path = tmp_path / "log.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text TEXT)")
        db.execute("CREATE TABLE events (user TEXT, timestamp TEXT, action TEXT, object TEXT)")
        values = [tuple(r.get(c) for c in ("user", "timestamp", "action", "object")) for r in rows]
        db.executemany("INSERT INTO events VALUES (?, ?, ?, ?)", values)
    db.close()
    query = "SELECT * FROM events ORDER BY rowid"
    options = Options(inputs=(str(path),), out=tmp_path / "out", query=query, personas=2, min_users=8)
    result = commands.run(options, Silent())
    checked = commands.check(result.out, None, (), Silent())
    assert checked.failures == []
    assert checked.checked > 5
