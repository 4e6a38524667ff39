"""Recordings: genuine traffic kept, replayed without network, and a miss that says what differs."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from evals.bench.server import Replies, chat
from persona_agent.errors import RecordingError, StoreError
from persona_agent.models.ask import Asker
from persona_agent.models.base import Request
from persona_agent.models.ledger import Ledger
from persona_agent.models.litellm_sdk import LiteLLMProvider
from persona_agent.models.openai_sdk import OpenAIProvider
from persona_agent.models.opening import REPLAYED
from persona_agent.models.recording import DOSSIERS, INTERACTIONS, META, Recording
from persona_agent.models.retrying import Patience
from tests.models.loopback import Loopback

QUICK = Patience(attempts=2, first=0.0, longest=0.0)
NOWHERE = "http://127.0.0.1:9/v1"
SECRET = "sk-verysecretkey123456"


class Note(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: str


def request(text: str) -> Request:
    return Request("judge", "p2", (("system", "You judge."), ("user", text)), Note)


async def _ask(base: str, folder: Path, texts: list[str], replay: bool) -> tuple[list[str], int]:
    provider = OpenAIProvider("openai/m", base_url=base, timeout=5)
    recording = Recording(folder, replay=replay)
    asker = Asker(Ledger(None), patience=QUICK, recording=recording, fresh=True)
    try:
        with recording.playing():
            said = [(await asker.ask(provider, request(t))).text for t in texts]
            return said, recording.unused()
    finally:
        await provider.aclose()


def ask(base: str, folder: Path, texts: list[str], *, replay: bool) -> tuple[list[str], int]:
    return asyncio.run(_ask(base, folder, texts, replay))


def test_what_was_recorded_is_replayed_without_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same prompts, in any order, get the recorded answers from nowhere; no key, address or header is in the file."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with Replies(lambda body: chat(json.dumps({"text": body["messages"][1]["content"]}))) as server:
        first, _ = ask(server.url, tmp_path, ["one", "two\nlines “quoted”"], replay=False)
        assert len(server.bodies) == 2
    again, unused = ask(NOWHERE, tmp_path, ["two\nlines “quoted”", "one"], replay=True)
    assert again == first[::-1]
    assert unused == 0
    text = (tmp_path / "interactions.yaml").read_text()
    assert SECRET not in text
    assert "127.0.0.1" not in text
    assert "authorization" not in text.lower()
    rows = yaml.safe_load(text)["interactions"]
    assert rows[0]["request"]["body"]["messages"][0] == {"content": "You judge.", "role": "system"}


def test_a_miss_names_the_prompt_and_where_it_differs(tmp_path: Path) -> None:
    """A prompt without an answer is an error that names it, shows the words that differ and says to record anew."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["the quick brown fox"], replay=False)
    with pytest.raises(
        RecordingError, match=r"'judge' of p2: 'messages\[1\].content' differs .*the quick red fox"
    ) as caught:
        ask(NOWHERE, tmp_path, ["the quick red fox"], replay=True)
    assert "record anew" in str(caught.value)


def test_what_is_not_asked_for_is_counted(tmp_path: Path) -> None:
    """Two of three recorded answers are counted as unused."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["one", "two", "three"], replay=False)
    assert ask(NOWHERE, tmp_path, ["two"], replay=True)[1] == 2


def test_a_restart_goes_on_from_what_is_there(tmp_path: Path) -> None:
    """What is recorded already is not asked again."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["one"], replay=False)
        ask(server.url, tmp_path, ["one", "two"], replay=False)
        assert len(server.bodies) == 2


def test_a_busy_server_is_not_recorded(tmp_path: Path) -> None:
    """Only the answer after a refusal is in the file."""
    turns = iter([(503, {}, "{}"), (200, {}, chat('{"text": "x"}')[2])])
    with Replies(lambda _: next(turns)) as server:
        ask(server.url, tmp_path, ["one"], replay=False)
    rows = yaml.safe_load((tmp_path / "interactions.yaml").read_text())["interactions"]
    assert [r["response"]["status"]["code"] for r in rows] == [200]


def test_meta_and_dossiers(tmp_path: Path) -> None:
    """What describes a run is written, what a person added stays, and a source is never lost; dossiers come back as they
    were.
    """
    recording = Recording(tmp_path, replay=False)
    recording.describe({"source": "a test", "writer": "openai/m"}, [{"persona": "p1"}])
    (tmp_path / "meta.yaml").write_text((tmp_path / "meta.yaml").read_text() + "wrote: somebody\n")
    recording.describe({"writer": "openai/n"}, [{"persona": "p1"}])
    assert recording.meta() == {"source": "a test", "writer": "openai/n", "wrote": "somebody"}
    assert json.loads((tmp_path / "dossiers.json").read_text()) == recording.dossiers() == [{"persona": "p1"}]


def test_a_meta_file_that_a_person_broke_is_said(tmp_path: Path) -> None:
    """YAML that cannot be read is a StoreError with file and line."""
    recording = Recording(tmp_path, replay=False)
    (tmp_path / "meta.yaml").write_text("wrote: a script: the worst\n")
    with pytest.raises(StoreError, match=r"meta\.yaml':1 is not YAML"):
        recording.meta()


def test_no_recording_is_said(tmp_path: Path) -> None:
    """A folder without a recording is a StoreError."""
    with pytest.raises(StoreError, match="holds no recording"):
        Recording(tmp_path, replay=True)


@pytest.mark.parametrize("name", ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "ollama/llama3.2"])
def test_other_formats_are_replayed_as_well(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer in the format of another provider is recorded and replayed from nowhere."""
    for variable in ("ANTHROPIC_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.setenv(variable, SECRET)

    async def said(base: str, replay: bool) -> str:
        provider = LiteLLMProvider(name, base_url=base, timeout=20)
        recording = Recording(tmp_path, replay=replay)
        asker = Asker(Ledger(None), patience=QUICK, recording=recording, fresh=True)
        try:
            with recording.playing():
                found: Note = await asker.ask(provider, request("one"))
                return found.text
        finally:
            await provider.aclose()

    with Loopback('{"text": "there"}') as server:
        assert asyncio.run(said(server.url, False)) == "there"
    assert asyncio.run(said(REPLAYED, True)) == "there"
    assert SECRET not in (tmp_path / "interactions.yaml").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "root:x:0:0:root:/root:/bin/bash\n", '- !!python/object/apply:os.system ["x"]\n', "interactions: [{a: 1}]\n", "null\n",
        "[\n",
        "interactions:\n- request: {method: GET, uri: x, body: null}\n  response: {status: 200, headers: {}, body: null}\n",
    ],
)  # fmt: skip
def test_what_is_no_recording_is_said_in_a_sentence(text: str, tmp_path: Path) -> None:
    """Whatever somebody else put in its place ends in an error that names it."""
    (tmp_path / INTERACTIONS).write_text(text)
    with pytest.raises(StoreError, match="is no recording"), Recording(tmp_path, replay=True).playing():
        pass


@pytest.mark.parametrize("name", [INTERACTIONS, META, DOSSIERS])
def test_a_link_or_a_pipe_in_a_recording_is_refused(name: str, tmp_path: Path) -> None:
    """It could lead a reader anywhere, or keep it waiting."""
    (tmp_path / INTERACTIONS).write_text("interactions: []\n")
    (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / name).symlink_to("/etc/passwd")
    with pytest.raises(StoreError, match="is a link"):
        Recording(tmp_path, replay=True)
    (tmp_path / name).unlink()
    os.mkfifo(tmp_path / name)
    with pytest.raises(StoreError, match="neither a file nor a folder"):
        Recording(tmp_path, replay=True)


def test_an_error_that_stands_behind_itself_ends_a_replay(tmp_path: Path) -> None:
    """An answer without choices is raised again from what it led to: whoever follows the chain must not go round."""
    (tmp_path / INTERACTIONS).write_text("interactions: []\n")
    first, second = ValueError("no choices"), KeyError("choices")
    first.__context__, second.__context__ = second, first
    assert Recording(tmp_path, replay=True).miss(first, request("more")) is None


@pytest.mark.parametrize(("name", "text"), [(META, "[" * 5_000), (DOSSIERS, "[" * 200_000)])
def test_what_is_nested_without_end_is_refused(name: str, text: str, tmp_path: Path) -> None:
    """No reader of it runs out of frames."""
    (tmp_path / INTERACTIONS).write_text("interactions: []\n")
    (tmp_path / name).write_text(text)
    recording = Recording(tmp_path, replay=True)
    with pytest.raises(StoreError, match="is not"):
        recording.meta() if name == META else recording.dossiers()
