"""The statements on privacy, P1 to P20, one test each for what exists; PRIVACY.md lists the rest."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.bench import brain
from evals.bench.server import Replies, Reply, chat
from evals.safety import baits, injection, recorded, redaction, strangers
from evals.safety.corpus import identifiers, look_alikes
from evals.worlds import generate
from persona_agent import commands
from persona_agent.cli import status
from persona_agent.commands.running import RunResult
from persona_agent.errors import ProviderError, StoreError, UsageError
from persona_agent.evidence import Population, showable
from persona_agent.ids import user_hash
from persona_agent.log.times import Clock
from persona_agent.log.values import Rejected
from persona_agent.models.embeddings import WordLlamaEmbedding
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.report.declaring import declared_of
from persona_agent.schema import Findings, PersonaSet
from persona_agent.write.beforehand import above_floor
from persona_agent.write.vocabulary import QUOTED
from tests.conftest import SMALL, SMALL_OPTIONS
from tests.evidence.logs import event, load

ROOT = Path(__file__).resolve().parent.parent


def good(body: dict[str, Any]) -> Reply:
    return chat(brain.answer(body))


def options(log: Path, out: Path, **more: Any) -> Options:
    return Options(inputs=(str(log),), out=out, timeout=20, **SMALL_OPTIONS, **more)


class StopAtGroups(Silent):
    """Somebody presses Ctrl-C when the log is read and its texts are known."""

    def stage(self, name: str) -> None:
        if name == "group":
            raise KeyboardInterrupt


def rewritten(small_log: Path, path: Path, change: Any) -> Path:
    """The planted log with every record changed; `change` takes its number and the record."""
    lines = []
    for i, line in enumerate(small_log.read_text().splitlines()):
        if line.startswith('{"user"') and line.endswith("}"):
            line = json.dumps(change(i, json.loads(line)))
        lines.append(line)
    path.write_text("\n".join(lines) + "\n")
    return path


def bytes_of(out: Path) -> bytes:
    """Everything in a run directory, the database's rows included."""
    return b"\n".join(p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file())


@dataclass(frozen=True)
class Watched:
    """A finished run, what it sent to its model, and the addresses that it connected to."""

    result: RunResult
    sent: list[dict[str, Any]]
    reached: list[Any]


@pytest.fixture(scope="module")
def watched(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A local run by a model on a log that says who people are, and what they have."""
    folder, reached, connect = tmp_path_factory.mktemp("watched"), list[Any](), socket.socket.connect

    def noted(self: socket.socket, address: Any) -> Any:
        reached.append(address)
        return connect(self, address)

    log = with_attributes(small_log, folder / "log.jsonl")
    with pytest.MonkeyPatch.context() as patch, Replies(good) as server:
        patch.setattr(socket.socket, "connect", noted)
        asked = options(log, folder / "out", model="openai/m", base_url=server.url, local=True)
        return Watched(commands.run(asked, Silent()), server.bodies, reached)


def test_p1_local_means_local(
    watched: Watched, small_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --local a run connects to this machine only, and models, embeddings and engines elsewhere are usage errors."""
    assert watched.reached
    assert {to[0] for to in watched.reached if isinstance(to, tuple)} <= {"127.0.0.1", "::1", "localhost"}
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    for more in (
        {"model": "openai/gpt"},
        {"critic_model": "anthropic/x"},
        {"embedding": "openai/e"},
        {"engine": "ray:10.0.0.1:6379"},
    ):
        with pytest.raises(UsageError, match="--local"):
            commands.run(options(small_log, tmp_path / "b", local=True, **more), Silent())


@pytest.mark.parametrize("more", [{"model": "openai/m"}, {"model": "mistral/m"}])
def test_p1_a_server_here_that_sends_on_is_not_followed(
    small_log: Path, tmp_path: Path, more: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server on this machine answers 307: where it points gets nothing, nor does a proxy, and the error names it."""
    with (
        Replies(good) as elsewhere,
        Replies(lambda _: (307, {"location": f"{elsewhere.url}/chat/completions"}, "")) as server,
    ):
        for name in ("HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, elsewhere.url)
        with pytest.raises(ProviderError, match=re.escape(f"sends its requests on to {elsewhere.url}")):
            commands.run(options(small_log, tmp_path / "a", base_url=server.url, local=True, **more), Silent())
    assert server.bodies
    assert not elsewhere.bodies
    assert {call["host"] for call in commands.egress(tmp_path / "a").calls} == {server.url.split("/")[2]}


def test_p1_the_report_opens_offline(small_run: RunResult) -> None:
    """The report forbids every source in its policy, and no src or href names a host."""
    html = (small_run.out / "report.html").read_text()
    assert "default-src 'none'" in html
    assert not re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", html)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "\x1b[31mred",
    "=cmd|' /C calc'!A0",
]
SECRETS = [i for i in identifiers(each=3) if i.secret and i.kind not in ("own user id",)]


@pytest.fixture(scope="module")
def strange(small_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A run by a model on a log in which a third of all things are identifiers of every kind, and a third is markup; what it
    says of people is asked for as declared.
    """
    texts, folder = [i.text for i in SECRETS], tmp_path_factory.mktemp("strange")

    def change(i: int, record: dict[str, Any]) -> dict[str, Any]:
        if i % 3 == 0:
            return record
        kind = texts if i % 3 == 1 else HOSTILE
        return {**record, "object": kind[i // 3 % len(kind)]}

    log = rewritten(with_attributes(small_log, folder / "people.jsonl"), folder / "log.jsonl", change)
    with Replies(good) as server:
        asked = options(log, folder / "out", model="openai/m", base_url=server.url, declared=("gender", "religion"))
        return Watched(commands.run(asked, Silent()), server.bodies, [])


def test_p2_no_identifier_reaches_a_prompt_or_a_file(strange: Watched) -> None:
    """No identifier of any kind that was planted, and no user id, stands in a request or in a file of the run."""
    out = strange.result.out
    users = {
        json.loads(line)["user"]
        for line in (out.parent / "log.jsonl").read_text().splitlines()
        if line.endswith("}") and '"user"' in line[:8]
    }
    sent = json.dumps(strange.sent).encode()
    rows = duckdb.sql(f"SELECT * FROM '{out / 'events.parquet'}'").fetchall()
    kept = bytes_of(out) + json.dumps([[str(c) for c in r] for r in rows]).encode()
    for item in SECRETS:
        assert item.secret is not None
        assert item.secret.encode() not in sent + kept, item
    assert users
    assert not [u for u in users if u.encode() in sent + kept]


def test_p3_identifiers_with_a_form_are_found() -> None:
    """Identifiers with a form are all masked, and of their look-alikes no more than the share that is allowed."""
    missed = redaction.missed(identifiers())
    assert {kind: missed[kind][:3] for kind in redaction.PERFECT if missed[kind]} == {}
    items = look_alikes()
    alarms = redaction.missed(items)
    assert all(len(a) <= redaction.MOST_FALSE * sum(i.kind == k for i in items) for k, a in alarms.items()), alarms


def test_p3_identifiers_are_found_in_the_forms_of_strangers() -> None:
    """Of identifiers in escapes, other scripts and other separators at most 12 % of a kind and 4 % on average are missed."""
    items = [i for i in strangers.identifiers(each=60) if i.kind not in redaction.FORMLESS]
    missed = redaction.missed(items)
    shares = {kind: len(missed[kind]) / 60 for kind in {i.kind for i in items}}
    assert {kind: share for kind, share in shares.items() if share > 0.12} == {}
    assert sum(shares.values()) / len(shares) < 0.04


def test_p3_what_a_person_says_of_a_run_is_masked() -> None:
    """What the product is, what is asked and what for stand in the run and may be read by a model: identifiers go first."""
    said = "Site of anna.meier@example.org, call +49 30 90182012"
    told = Options(about=said, question=said, purpose=said, no_staff=said)
    for text in (told.about, told.question, told.purpose, told.no_staff):
        assert text == "Site of [email], call [phone]"


@given(st.text(min_size=1, max_size=60))
def test_p2_a_time_that_is_none_is_told_by_its_form(text: str) -> None:
    """A rejected line's reason holds no letter and no digit of what stood where a time should be, unless it is a day."""
    try:
        Clock().read(text)
    except Rejected as why:
        told = why.reason.rsplit(" is no time", 1)[0] if " is no time" in why.reason else ""
        shown = told.removeprefix("a value like ").removesuffix(" (9 for any digit, a for any letter)")
        assert set(re.findall(r"[^\W_]", shown)) <= {"a", "9"}


def test_p3_nothing_is_called_anonymous() -> None:
    """No text of the report, README or SECURITY calls data anonymous."""
    words = re.compile(r"\banonym(?:ous|ised|ized|ity)\b", re.IGNORECASE)
    told = [p for p in (ROOT / "persona_agent/report").rglob("*") if p.suffix in (".py", ".j2")]
    for path in [*told, ROOT / "README.md", ROOT / "SECURITY.md"]:
        assert not words.search(path.read_text()), path


def test_p4_columns_that_are_not_mapped_reach_no_prompt(watched: Watched) -> None:
    """Values of a column that is not mapped stand in no request."""
    sent = json.dumps(watched.sent)
    assert watched.sent
    assert "influenza" not in sent
    assert "measles" not in sent


def test_p5_floors_by_default_and_a_lowered_one_is_said(world_run: RunResult, small_run: RunResult) -> None:
    """Cards rest on 20 users and claims on 5; a lower floor is said in personas.json and on the report."""
    shown = [p for p in world_run.personas.personas if p.status in ("published", "pattern")]
    assert all(p.size.users >= 20 for p in shown)
    assert all(c.users >= 5 if hasattr(c, "users") else c.truthfulness.n >= 5 for p in shown for c in p.claims)
    assert world_run.personas.provenance.lowered == []
    assert "8 users" in small_run.personas.provenance.lowered[0]
    assert "Protection lowered" in (small_run.out / "report.html").read_text()


@given(st.lists(st.integers(1, 60), max_size=8), st.integers(0, 40))
def test_p5_who_is_on_no_card_is_a_pool_above_the_floor(sizes: list[int], outside: int) -> None:
    """Groups with a card are above the floor, and so are all users on no card together, if there are any."""
    groups, at = [], 0
    for size in sizes:
        groups.append(np.arange(at, at + size))
        at += size
    large = above_floor(groups, at + outside, 20)
    assert all(len(groups[g]) >= 20 for g in large)
    pool = at + outside - sum(len(groups[g]) for g in large)
    if len(large) < len(groups) and large:
        assert pool == 0 or pool >= 20


def test_p6_words_are_shown_that_three_users_share() -> None:
    """What two users wrote is shown to nobody, however often they wrote it."""
    log = [event(f"u{i}", i, text="Where is my order?") for i in range(3)]
    log += [event(f"u{i % 2}", 10 + i, text="Only we two") for i in range(6)]
    shown = showable(load(log, {}), Population(), floor=5, quoted=QUOTED)
    assert {s.text for s in shown} == {None, "where is my order?"}


def test_p7_bait_gives_no_statement_on_who_people_are(tmp_path: Path) -> None:
    """Neither code nor the worst writer gets a statement about faith or origin onto a card; events on a sensitive topic are
    gone.
    """
    of = {bait.topic: bait for bait in baits.BAITS}
    faith, origin = baits.tempt([of["prayer"], of["dialect"]], tmp_path, SMALL, **SMALL_OPTIONS)
    assert faith.tried > 0
    assert (faith.offline, faith.worst) == (0, 0)
    assert (faith.events, faith.named) == (0, 0)
    assert origin.events > 0, "how somebody speaks is no sensitive topic"


def test_p8_names_locale_and_gendered_words_change_no_claim(tmp_path: Path) -> None:
    """Two logs that differ in names, locale and gendered words have the same accepted claims."""
    claims, differ = baits.swapped(tmp_path, SMALL, **SMALL_OPTIONS)
    assert claims > 0
    assert differ == 0


def test_p10_instructions_in_a_log_are_data(tmp_path: Path) -> None:
    """A writer that obeys the log gets none of what it was told onto a card, and the lines count like any others."""
    found = injection.attack("delimiter", tmp_path, 5, SMALL, 60, **SMALL_OPTIONS)
    assert found.shown > 0
    assert sum(r.seen for r in found.rows) > 0, "it was read"
    assert sum(r.published for r in found.rows) == 0
    assert all(r.kept == r.events for r in found.rows)
    assert found.false == found.counted == 0


def test_p10_look_alikes_are_behaviour(tmp_path: Path) -> None:
    """Searches that look like instructions are kept as events, and cards are shown."""
    found = injection.attack("lookalike", tmp_path, 5, SMALL, 15, **SMALL_OPTIONS)
    assert found.shown > 0
    assert all(r.kept == r.events for r in found.rows)


def with_attributes(small_log: Path, path: Path) -> Path:
    """The planted log with what a shop might know of people: an age that goes with the planted persona, and more."""
    groups = generate(SMALL).user_personas

    def change(i: int, record: dict[str, Any]) -> dict[str, Any]:
        group = groups.get(record["user"], 0)
        return {
            **record,
            "diagnosis": "influenza" if i % 2 else "measles",
            "gender": "femalex",
            "user": record["user"],
            "age": 20 + 10 * group,
            "profile": {"religion": "deist"},
        }

    return rewritten(small_log, path, change)


def test_p9_what_people_are_is_not_used_and_not_kept(watched: Watched) -> None:
    """Age, gender and religion stand in no request, card or stored event, hold no group together, and the columns left out
    are named.
    """
    result, out = watched.result, watched.result.out
    told = json.dumps(watched.sent) + (out / "personas.json").read_text().replace("nothing about age", "")
    assert not re.search(r"femalex|deist|typical age", told)
    kept = duckdb.sql(f"SELECT DISTINCT unnest(json_keys(properties)) FROM '{out / 'events.parquet'}'").fetchall()
    assert not {"age", "gender", "profile.religion"} & {k for (k,) in kept}
    assert (
        "Columns that say who somebody is were left out: age, diagnosis, gender, profile.religion."
        in result.personas.provenance.notes
    )
    assert not [f for f in result.personas.is_it_just if f.field in ("age", "gender")]


def test_p9_declared_attributes_are_counted_above_the_floor_and_reach_no_prompt(strange: Watched) -> None:
    """Declared columns are counted on every shown card and stand in no request; to allow such a column is a usage error."""
    result, out = strange.result, strange.result.out
    assert strange.sent
    assert not re.search("femalex|deist", json.dumps(strange.sent))
    cards = [p for p in result.personas.personas if p.status in ("published", "pattern")]
    assert cards
    for p in cards:
        assert [(d.column, [v.value for v in d.values], d.other) for d in p.declared] == [
            ("gender", ["femalex"], 0), ("religion", ["deist"], 0),
        ]  # fmt: skip
    assert re.search(r"femalex” 100\s%", (out / "report.html").read_text())
    assert re.search(r"femalex” 100\s%", (out / "personas.md").read_text())
    with pytest.raises(UsageError, match="says who somebody is"):
        Options(mapping="allow=userGender")


@given(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=120), st.integers(2, 20))
def test_p9_nobody_can_be_told_from_what_is_declared(values: list[str | None], floor: int) -> None:
    """Values shown, and all others together, are each held by as many users as the floor, or none is shown."""
    connection = duckdb.default_connection()  # to open another takes longer than all the rest
    connection.execute("CREATE OR REPLACE TEMP TABLE events (user VARCHAR, properties JSON)")
    rows = [(f"u{i}", json.dumps({"declared.x": v} if v else {})) for i, v in enumerate(values)]
    if rows:
        connection.execute("INSERT INTO events SELECT unnest(?), unnest(?)", [list(c) for c in zip(*rows, strict=True)])
    [found] = declared_of(connection, ["x"], {"p1": [u for u, _ in rows]}, floor)["p1"]
    assert all(v.users >= floor for v in found.values)
    assert found.other + sum(v.users for v in found.values) == len(values)
    assert found.other == 0 or found.other >= floor or not found.values


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the run that both arms share."""
    return tmp_path_factory.mktemp("attacked")


def test_p10_what_was_not_recorded_is_not_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without recordings the table says of each arm that it is not measured and how it is recorded: neither met nor missed."""
    monkeypatch.setattr(recorded, "FOLDER", tmp_path)
    lines, good = recorded.table(tmp_path)
    assert good is None
    assert [line.partition("; ")[0] for line in lines] == [
        f"not measured: {arm}: no recording was made with these prompts" for arm in recorded.ARMS
    ]


@pytest.mark.parametrize("arm", recorded.recorded())
def test_p10_language_models_were_not_talked_into_anything(arm: str, attacked: Path) -> None:
    """In the recorded answers of models, 20 texts or more reached the writer, and nothing of them or of its own falsehoods
    passed.
    """
    found = recorded.replayed(arm, attacked)
    assert found.shown > 0
    assert sum(r.shown for r in found.rows) >= 20, "hardly any text reached the writer: nothing was tried"
    assert sum(r.published for r in found.rows) == found.false == found.counted == found.passed == 0
    assert (found.ordered > 0) == (arm == "obeys")


def test_p11_markup_in_a_log_is_inert(strange: Watched) -> None:
    """Tags, script addresses and terminal codes of the log are text in report.html and personas.md."""
    html, markdown = ((strange.result.out / name).read_text() for name in ("report.html", "personas.md"))
    assert "alert(1)" in html
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert not re.search(r"""href\s*=\s*["']?javascript:""", html)
    assert "\x1b" not in html + markdown
    assert not re.search(r"(?<!`)<script>", re.sub(r"`[^`]*`", "", markdown))


def test_p12_forget_takes_a_person_out(small_log: Path, small_run_by_model: RunResult, written: Path) -> None:
    """After `forget` no file holds a line, memory, citation, call or dossier of the user, `check` passes, and a new run
    leaves the user out.
    """
    before = small_run_by_model
    [host] = {call["host"] for call in commands.egress(written).calls}
    cited = before.personas.personas[0].claims[0].citations[0]
    raw = json.loads(small_log.read_text().splitlines()[cited.line - 1])["user"]
    export, other = small_log.parent / "export", small_log.parent / "other.md"
    export.mkdir(exist_ok=True)
    (export / "copy.html").write_bytes((written / "report.html").read_bytes())
    other.write_text("something else")
    # A place may hold the run itself.
    reached = commands.forget(raw, [written, written.parent, export, other], Silent())
    (gone,) = reached.runs.values()
    assert reached.copies == [str(export / "copy.html")]
    assert (export / "copy.html").read_bytes() == (written / "report.html").read_bytes()
    told = "\n".join(reached.unreached)
    assert all(what in told for what in (str(small_log), host, "recordings", str(other)))
    assert gone.lines > 0 and gone.memories > 0 and gone.citations > 0 and gone.calls > 0
    hashed = user_hash((written / ".key").read_bytes(), raw)
    for name in ("events", "memories", "users"):
        column = duckdb.sql(f"SELECT count(*) FROM '{written / name}.parquet' WHERE user = '{hashed}'").fetchall()
        assert column == [(0,)], name
    events, codes = (
        duckdb.sql(f"SELECT count(*) FROM '{written / n}.parquet'").fetchall() for n in ("events", "actions")
    )
    assert events == codes
    after = PersonaSet.model_validate_json((written / "personas.json").read_text())
    theirs = {(c.file, c.line) for p in before.personas.personas for c in p.contrasting} and {
        (c.file, c.line) for p in after.personas for k in (*p.claims, *p.withdrawn) for c in k.citations
    }
    log = small_log.read_text().splitlines()
    assert not [line for _, line in theirs if json.loads(log[line - 1])["user"] == raw]
    assert sqlite3.connect(written / "ledger.sqlite").execute("SELECT count(*) FROM calls").fetchone() == (0,)
    assert not any((written / name).exists() for name in ("dossiers.json", "briefing.json", "groups.npz"))
    found = Findings.model_validate_json((written / "findings.json").read_text())
    assert (after.findings or found).concentrations == found.concentrations
    assert commands.check(written, None, (), Silent()).failures == []
    with pytest.raises(KeyboardInterrupt):
        commands.run(options(small_log, written, fresh=True), StopAtGroups())
    again = json.loads((written / "run.json").read_text())
    assert again["facts"]["read"]["reasons"]["forgotten"] == gone.lines
    with pytest.raises(UsageError, match="no event of that user"):
        commands.forget(raw, [written], Silent())


def test_p12_a_run_that_stopped_says_what_to_do(tmp_path: Path, small_run: RunResult) -> None:
    """Nobody can be taken out of half a run: it says so and what to do, and changes nothing."""
    out = shutil.copytree(small_run.out, tmp_path / "out")
    (out / "personas.json").unlink()
    with pytest.raises(StoreError, match="is not finished") as refused:
        commands.forget("anybody", [out], Silent())
    assert "--opt-out" in str(refused.value.hint)


def test_p13_who_opted_out_is_not_embedded(tiny_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No text of a user on the opt-out list is embedded."""
    first = json.loads(next(line for line in tiny_log.read_text().splitlines() if line.startswith('{"user"')))["user"]
    log = rewritten(
        tiny_log, tmp_path / "log.jsonl", lambda i, r: {**r, "object": "secret garden"} if r["user"] == first else r
    )
    (tmp_path / "gone.txt").write_text(f"{first}\n")
    seen: list[str] = []
    embed = WordLlamaEmbedding.embed

    def spied(self: WordLlamaEmbedding, texts: Sequence[str]) -> Any:
        seen.extend(texts)
        return embed(self, texts)

    monkeypatch.setattr(WordLlamaEmbedding, "embed", spied)
    commands.run(options(log, tmp_path / "out", opt_out=tmp_path / "gone.txt"), Silent())
    assert seen
    assert not [t for t in seen if "secret garden" in t]


def test_p14_egress_lists_every_call(tiny_log: Path, tiny_briefed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`egress` lists each request with its size and host, refused ones too."""
    refused = {"left": 3}

    def sometimes(body: dict[str, Any]) -> Reply:
        if refused["left"]:
            refused["left"] -= 1
            return 500, {}, "{}"
        return good(body)

    with Replies(sometimes) as server:
        commands.run(options(tiny_log, tiny_briefed, model="openai/m", base_url=server.url), Silent())
    listed = commands.egress(tiny_briefed).calls
    assert len(listed) == len(server.bodies) > 3, "refused calls left as well"
    told = [sum(len(m["content"].encode()) for m in b["messages"]) + len(b["messages"]) - 1 for b in server.bodies]
    assert sorted(c["bytes"] for c in listed) == sorted(told)
    assert {c["host"] for c in listed} == {server.url.split("/")[2]}
    assert status(["egress", str(tiny_briefed)]) == 0
    assert f"{len(listed):,}" in capsys.readouterr().out


def test_p14_a_proxy_is_the_host_that_got_the_bytes(
    tiny_log: Path, tiny_briefed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the environment names a proxy for a server elsewhere, `egress` lists the proxy as host, and the server beside it."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x-0123456789")
    with Replies(good) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        commands.run(options(tiny_log, tiny_briefed, model="openai/m", base_url="http://models.example/v1"), Silent())
    listed = commands.egress(tiny_briefed).calls
    assert len(listed) == len(proxy.bodies) > 0
    assert {(c["host"], c["server"]) for c in listed} == {(proxy.url.split("/")[2], "models.example")}
    assert status(["egress", str(tiny_briefed)]) == 0
    assert proxy.url.split("/")[2] in capsys.readouterr().out


def test_p15_ids_need_a_purpose_which_is_kept_beside_them(
    small_run: RunResult, small_log: Path, tmp_path: Path
) -> None:
    """Without a purpose no id is given; with one, it and the day after which it is stale lie beside the file, which is its
    owner's alone and never written over.
    """
    out, why = shutil.copytree(small_run.out, tmp_path / "run"), "a mail to those who may want it"
    file = tmp_path / "users.csv"
    for purpose in (None, "  "):
        with pytest.raises(UsageError, match="purpose"):
            commands.assign(out, [str(small_log)], to=file, ids=True, purpose=purpose)
    assert not file.exists()
    commands.assign(out, [str(small_log)], to=file, ids=True, purpose=why, stale_after=30)
    note = json.loads(Path(f"{file}.purpose.json").read_text())
    assert note["purpose"] == why
    assert note["made"] < note["stale_after"]
    assert file.stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="is there already"):
        commands.assign(out, [str(small_log)], to=file, ids=True, purpose=why)
    assert commands.show(out).seal.standing == "verified"


def test_p16_without_its_lines_a_claim_fails(small_log: Path, small_run: RunResult, tmp_path: Path) -> None:
    """A claim whose cited lines are gone fails, it alone; sentences of published cards rest on claims of their card."""
    claim = small_run.personas.personas[0].claims[0]
    lines = small_log.read_text().splitlines()
    for c in claim.citations:
        lines[c.line - 1] = "gone"
    moved = tmp_path / "events.jsonl"
    moved.write_text("\n".join(lines) + "\n")
    found = commands.check(small_run.out, claim.id, (str(moved),), Silent())
    assert {f["claim"] for f in found.failures} == {claim.id}
    shown = [p for p in small_run.personas.personas if p.status == "published"]
    accepted = {c.id for p in shown for c in p.claims}
    assert all(set(s.claim_ids) <= accepted for p in shown for s in p.narrative)


def test_p18_a_model_that_judges_itself_is_said(small_run_by_model: RunResult) -> None:
    """Where writer and critic are one model, personas.json and the report say self-judged."""
    result = small_run_by_model
    assert result.personas.provenance.self_judged
    assert "Self-judged" in (result.out / "report.html").read_text()


def test_p19_texts_are_said_to_be_drafted(small_run: RunResult) -> None:
    """Report and Markdown say that a program drafted the texts, and personas.json names the writer."""
    assert "drafted by a program" in (small_run.out / "report.html").read_text()
    assert "drafted by a program" in (small_run.out / "personas.md").read_text()
    assert json.loads((small_run.out / "personas.json").read_text())["provenance"]["models"]["writer"]


def test_p20_the_origin_of_every_log_is_said() -> None:
    """fixtures/README.md names every bundled log, and the demo's as synthetic."""
    told = (ROOT / "fixtures" / "README.md").read_text()
    logs = [p for p in (ROOT / "fixtures" / "logs").iterdir() if p.is_file()]
    assert logs
    assert all(f"logs/{p.name}" in told for p in logs)
    assert "demo/events.jsonl.gz" in told and "synthetic" in told


@pytest.mark.parametrize("option", ["purpose", "question", "about", "no_staff"])
def test_p3_an_id_in_what_is_said_of_a_run_is_in_no_file(option: str, small_log: Path, tmp_path: Path) -> None:
    """The run is refused when its users are known, and what was said stands nowhere, in escapes neither."""
    first = next(line for line in small_log.read_text().splitlines() if line.startswith('{"user"'))
    user = json.loads(first)["user"]
    log = tmp_path / "log.jsonl"
    log.write_text(small_log.read_text().replace(f'"{user}"', '"maria.k003"'))
    for said in ("for maria.k003", "for maria%2Ek003"):
        out = tmp_path / said[-3:] / option
        with pytest.raises(UsageError, match="holds the id of a user"):
            commands.run(Options(inputs=(str(log),), out=out, **{option: said}, **SMALL_OPTIONS), Silent())
        assert "k003" not in (out / "run.json").read_text()
