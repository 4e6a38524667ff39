"""What leaves the machine: a model elsewhere, played by a proxy on loopback that sees every request, and without one nothing."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from evals.bench import brain
from evals.bench.server import Replies, Reply, chat
from persona_agent import commands
from persona_agent.commands.changing import Change
from persona_agent.errors import PersonaAgentError, UsageError
from persona_agent.log.events import RARE
from persona_agent.models import registry
from persona_agent.models.base import Answer, Request
from persona_agent.options import Options
from persona_agent.progress import Silent
from tests.conftest import SMALL_OPTIONS, once

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE: dict[str, Any] = {"model": "openai/m", "base_url": "http://models.example/v1", "timeout": 20}
# What a server is asked by its body: a conversation, an answer's form, and how much of it.
ASKED = {"messages", "model", "max_tokens", "max_completion_tokens", "response_format", "temperature"}
# Said of four users, or written by two of them: of these nobody elsewhere hears.
FEW = ("xylophone", "zigzag", "quokka said so")


def planted(log: Path, to: Path) -> Path:
    """The log with a thing, an act and a text of a few, their likes of many, and columns: one sorts things, one does not."""
    lines, nth = [], dict[str, int]()
    for i, line in enumerate(log.read_text(encoding="utf-8").splitlines()):
        if line.startswith('{"user": "c') and line.endswith("}"):
            record = json.loads(line)
            n = nth.setdefault(record["user"], len(nth))
            record["object"] = "xylophone" if n < 4 and i % 3 == 0 else "accordion" if i % 5 == 0 else record["object"]
            record["action"] = "zigzag" if n < 4 and i % 7 == 0 else record["action"]
            record["text"] = "quokka said so" if n < 2 and i % 2 == 0 else "all of us said so"
            record["aisle"] = f"aisle {'abcd'[sum(map(ord, record['object'] or '')) % 4]}"
            record["colour"] = ("vermilion", "cerulean")[i % 2]
            line = json.dumps(record)
        lines.append(line)
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return to


@pytest.fixture(scope="module")
def log(tiny_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "leaving", lambda folder: planted(tiny_log, folder / "kitchen secrets.jsonl")) / (
        "kitchen secrets.jsonl"
    )


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Replies]:
    """All that goes to another machine goes here."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x-0123456789")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://models.example/v1")
    with Replies(answered) as server:
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, server.url)
        yield server


def answered(body: dict[str, Any]) -> Reply:
    if "input" in body:  # an embedding
        rng = np.random.default_rng(0)
        rows = [
            {"object": "embedding", "index": i, "embedding": rng.random(8).tolist()} for i in range(len(body["input"]))
        ]
        return (
            200,
            {},
            json.dumps(
                {"object": "list", "model": "e", "data": rows, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
            ),
        )
    if body["response_format"]["json_schema"]["name"] == "WrittenReply":
        return chat(json.dumps({"kind": "cannot", "measures": [], "needed": "", "back": ""}))
    return chat(brain.answer(body))


class Sent(NamedTuple):
    out: Path
    bodies: list[dict[str, Any]]


@pytest.fixture(scope="module")
def sent(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """A run by a model elsewhere and what it was sent."""
    out = tmp_path_factory.mktemp("elsewhere") / "out"
    with pytest.MonkeyPatch.context() as patch, Replies(answered) as server:
        patch.setenv("OPENAI_API_KEY", "sk-x-0123456789")
        patch.setenv("HTTP_PROXY", server.url)
        commands.run(Options(inputs=(str(log),), out=out, **ELSEWHERE, **SMALL_OPTIONS), Silent())
        return Sent(out, server.bodies)


def users_of(log: Path) -> list[str]:
    lines = (line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith('{"user": "c'))
    return sorted({json.loads(line)["user"] for line in lines if line.endswith("}")})


def test_of_a_few_nothing_leaves(sent: Sent, log: Path) -> None:
    """What five users share is in a prompt, else this would show nothing; a thing or an act of four, and a text of two, is not,
    nor a line as it stands in the log, a user, or where the log lies.
    """
    told = json.dumps(sent.bodies)
    assert all(word in told for word in ("accordion", "all of us said so"))
    assert [word for word in FEW if word in told] == []
    assert [user for user in users_of(log) if user in told] == []
    assert [word for word in (log.name, str(log.parent), "kitchen secrets") if word in told] == []
    raw = [line for line in log.read_text(encoding="utf-8").splitlines() if len(line) > 40]
    assert [line for line in raw if line[20:60] in told or json.dumps(line)[20:60] in told] == []


def test_of_columns_names_leave_and_values_of_those_that_sort_things(sent: Sent) -> None:
    """The aisle of things is told with its values, the amount with its size; of a colour no value is."""
    told = json.dumps(sent.bodies)
    assert all(word in told for word in ("aisle a", "colour", "portions"))
    assert [word for word in ("vermilion", "cerulean") if word in told] == []


def test_what_is_taken_out_of_the_categories_leaves_no_more(
    sent: Sent, log: Path, proxy: Replies, tmp_path: Path
) -> None:
    """Somebody empties `categories` in codebook.yaml, and a run that reads it sends no value of the aisle."""
    out = tmp_path / "out"
    commands.run(Options(inputs=(str(log),), out=out, **SMALL_OPTIONS), Silent())
    book = out / "codebook.yaml"
    text = book.read_text(encoding="utf-8")
    assert "\ncategories:\n  - aisle\n" in text
    book.write_text(text.replace("\ncategories:\n  - aisle\n", "\ncategories: []\n"), encoding="utf-8")
    commands.run(Options(inputs=(str(log),), out=out, codebook=book, **ELSEWHERE, **SMALL_OPTIONS), Silent())
    assert proxy.bodies
    assert "accordion" in json.dumps(proxy.bodies)
    assert "aisle a" not in json.dumps(proxy.bodies)


def test_a_model_is_given_no_tools(sent: Sent) -> None:
    """Every request is a conversation and the form of an answer: nothing that a model could call, read or run."""
    assert sent.bodies
    assert {key for body in sent.bodies for key in body} <= ASKED
    assert {body["response_format"]["type"] for body in sent.bodies} == {"json_schema"}
    assert {part["role"] for body in sent.bodies for part in body["messages"]} <= {"system", "user", "assistant"}


def test_the_key_is_in_no_file_and_no_message(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Of a run that a model writes and records, and of one that the server refuses while it repeats the key."""
    key = "sk-proj-Abcdefghijklmnopqrstuvwxyz0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", key)
    error = json.dumps({"error": {"message": f"Incorrect API key provided: {key}."}})
    for name, answer in (("good", answered), ("bad", lambda _: (401, {}, error))):
        with Replies(answer) as server:
            monkeypatch.setenv("HTTP_PROXY", server.url)
            options = Options(
                inputs=(str(log),),
                out=tmp_path / name,
                record=tmp_path / f"{name}-recorded",
                **ELSEWHERE,
                **SMALL_OPTIONS,
            )
            if name == "good":
                commands.run(options, Silent())
            else:
                with pytest.raises(PersonaAgentError) as refused:
                    commands.run(options, Silent())
                assert key not in f"{refused.value} {refused.value.hint}"
            assert server.bodies
    assert (tmp_path / "good-recorded").is_dir()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if key.encode() in path.read_bytes()] == []
    assert key not in "".join(capfd.readouterr())


def test_an_embedding_elsewhere_gets_what_five_users_share(log: Path, proxy: Replies, tmp_path: Path) -> None:
    """Of acts and things alone: no text, no column, no user, and nothing of four."""
    commands.run(Options(inputs=(str(log),), out=tmp_path / "out", embedding="openai/e", **SMALL_OPTIONS), Silent())
    texts = [text for body in proxy.bodies for text in body["input"]]
    assert any("accordion" in text for text in texts)
    assert RARE in texts
    told = " ".join(texts)
    hidden = (*FEW, "all of us", "aisle", "vermilion", "kitchen secrets", *users_of(log))
    assert [word for word in hidden if word in told] == []
    listed = commands.egress(tmp_path / "out").calls
    assert {call["server"] for call in listed} == {"models.example"} and len(listed) == len(proxy.bodies)


def test_a_request_is_listed_before_it_leaves(log: Path, tmp_path: Path) -> None:
    """When a server gets a request, the row of it is committed: a machine that dies then has it in its list."""
    rows: list[tuple[int, int]] = []

    def counted(body: dict[str, Any]) -> Reply:
        with sqlite3.connect(tmp_path / "out" / "ledger.sqlite") as ledger:
            rows.append((ledger.execute("SELECT count(*) FROM sent").fetchone()[0], len(server.bodies)))
        return answered(body)

    with Replies(counted) as server:
        options = Options(
            inputs=(str(log),), out=tmp_path / "out", model="openai/m", base_url=server.url, timeout=20, **SMALL_OPTIONS
        )
        commands.run(options, Silent())
    assert rows
    assert [row for row in rows if row[0] < row[1]] == []


class Plugged:
    """A provider that a plug-in brings, which asks by ways that nobody here sees."""

    name, host = "mine/m", "plugged.example:7"

    async def answer(self, request: Request) -> Answer:
        schema = {"name": request.schema.__name__, "schema": request.schema.model_json_schema()}
        body = {
            "messages": [{"role": role, "content": text} for role, text in request.messages],
            "response_format": {"type": "json_schema", "json_schema": schema},
        }
        return Answer(brain.answer(body), self.host, 1, 1, 0.0)

    async def aclose(self) -> None:
        pass


def test_of_a_plug_in_the_host_is_listed_that_it_states(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of its requests, under the host that it says it asks."""

    class Entry:
        value = "plugged"

        def load(self) -> Any:
            return lambda *_: Plugged()

    monkeypatch.setattr(registry, "_plugged", lambda group: {"mine": Entry()} if group == registry.GROUP else {})
    commands.run(Options(inputs=(str(log),), out=tmp_path / "out", model="mine/m", **SMALL_OPTIONS), Silent())
    calls = commands.egress(tmp_path / "out").calls
    assert calls
    assert {(call["host"], call["model"]) for call in calls} == {("plugged.example:7", "mine/m")}
    assert all(call["bytes"] > 0 for call in calls)


def test_a_question_leaves_masked_and_without_a_line(sent: Sent, log: Path, proxy: Replies, tmp_path: Path) -> None:
    """What `ask` sends where a model is named: the question with identifiers masked, the names that a prompt of a run has and
    the claims; nothing of a few, no value of another column, no user, no line.
    """
    out = shutil.copytree(sent.out, tmp_path / "out")
    claim = json.loads((out / "personas.json").read_text(encoding="utf-8"))["everyone"]["claims"][0]
    question = f"Does {users_of(log)[0]} of anna.meier@example.org use the accordion?"
    commands.ask(out, question, Options(**ELSEWHERE), Silent())
    (asked,) = proxy.bodies
    said = "\n".join(part["content"] for part in asked["messages"])
    assert "accordion?" in said and "[email]" in said and claim["text"] in said
    told = json.dumps(proxy.bodies)
    assert [word for word in (*FEW, "vermilion", "anna.meier", *users_of(log), log.name) if word in told] == []


def test_words_of_a_person_leave_for_a_named_model_alone(
    written: Path, small_log: Path, proxy: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that one model wrote is edited: without a model nothing leaves; with another one, that one alone hears the words, as
    writer and as critic; with a critic elsewhere the words and the claims are sent, and no user and no line.
    """
    words = "They come because it is cheap."
    monkeypatch.setenv("OPENAI_BASE_URL", ELSEWHERE["base_url"])
    commands.edit(written, Change("p1.name", "The unhurried", own_words=True), Options(), Silent())
    assert commands.ask(written, "Who saves most?", Options(), Silent()).reply.came == "answered"
    commands.check(written, None, (), Silent())
    commands.show(written)
    assert proxy.bodies == []
    with Replies(answered) as here:
        named = Options(model="openai/here", base_url=here.url, timeout=20, local=True)
        commands.edit(written, Change("p1.sentence", words, own_words=True), named, Silent())
    assert {body["model"] for body in here.bodies} == {"here"}
    assert proxy.bodies == []
    critic = Options(critic_model="openai/m", critic_base_url=ELSEWHERE["base_url"], timeout=20)
    commands.edit(written, Change("p2.sentence", words, own_words=True), critic, Silent())
    told = json.dumps(proxy.bodies)
    assert words in told
    assert [user for user in users_of(small_log) if user in told] == []
    lines = [line[20:60] for line in small_log.read_text(encoding="utf-8").splitlines() if len(line) > 60]
    assert [line for line in lines if line in told or json.dumps(line)[1:-1] in told] == []


WATCH = """
import os, sys
def seen(event, args):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        where = args[1] if event in ("socket.connect", "socket.sendto") else args[0]
        if not isinstance(where, (str, bytes)) or event.startswith("socket.get"):  # else a socket of the file system
            with open(os.environ["SEEN"], "a") as file:
                print(event, where, file=file)
sys.addaudithook(seen)
"""


def test_without_a_model_no_socket_is_opened(log: Path, tmp_path: Path) -> None:
    """In no process that `run`, `check`, `ask`, `edit` or `forget` starts is an address connected to or looked up,
    though keys of models and proxies are there: the embedding runs here, and code writes.
    """
    (tmp_path / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    calls = f"""
        from pathlib import Path
        from persona_agent import commands
        from persona_agent.commands.changing import Change
        from persona_agent.options import Options
        from persona_agent.progress import Silent
        if __name__ == "__main__":
            out, none = Path({str(tmp_path / "out")!r}), Silent()
            commands.run(Options(inputs=({str(log)!r},), out=out, workers=2, **{SMALL_OPTIONS!r}), none)
            commands.check(out, None, (), none)
            print(commands.ask(out, "Who uses the accordion?", Options(), none).reply.came)
            commands.edit(out, Change("p0.name", "Everybody", own_words=True), Options(), none)
            commands.forget({users_of(log)[0]!r}, [out], none)
    """
    script = tmp_path / "calls.py"
    script.write_text(textwrap.dedent(calls), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get("PYTHONPATH", "")])
    told = {
        "PYTHONPATH": path,
        "SEEN": str(tmp_path / "seen"),
        "OPENAI_API_KEY": "sk-x",
        "HTTPS_PROXY": "http://127.0.0.1:9",
    }
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, **told},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "answered"
    assert not (tmp_path / "seen").exists(), (tmp_path / "seen").read_text()
    watched = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", watched], env={**os.environ, **told}, check=True, timeout=60)
    assert "socket.connect" in (tmp_path / "seen").read_text(), "nothing is watched here"


@pytest.mark.parametrize("name", ["about", "question", "purpose"])
def test_who_is_named_in_what_a_run_was_told_reaches_no_prompt(
    name: str, log: Path, proxy: Replies, tmp_path: Path
) -> None:
    """The id of a user of the log, also in full width, is an error that names the option, before a model is asked; other words of
    the kind are none, and addresses in such letters are masked.
    """
    somebody = users_of(log)[0]
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else c for c in somebody)
    for text in (f"For {somebody}", f"The kitchen of {wide}."):
        options = Options(inputs=(str(log),), out=tmp_path / "out", **{name: text}, **ELSEWHERE, **SMALL_OPTIONS)
        with pytest.raises(UsageError, match=f"--{name} holds the id of a user"):
            commands.run(options, Silent())
    assert proxy.bodies == []
    assert getattr(Options(**{name: "Ask ｊｏｈｎ．ｄｏｅ＠ｅｘａｍｐｌｅ．ｃｏｍ"}), name) == "Ask [email]"
