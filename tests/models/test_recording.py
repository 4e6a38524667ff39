"""Recordings: genuine traffic kept, replayed without network, and a miss that says what differs."""

from __future__ import annotations

import asyncio
import json
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
from persona_agent.models.recording import Recording
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
    """Nobody could run a recorded run again without a key."""
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
    """A changed prompt could be answered with another prompt's answer, or fail without a word."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["the quick brown fox"], replay=False)
    with pytest.raises(
        RecordingError, match=r"'judge' of p2: 'messages\[1\].content' differs .*the quick red fox"
    ) as caught:
        ask(NOWHERE, tmp_path, ["the quick red fox"], replay=True)
    assert "record anew" in str(caught.value)


def test_what_is_not_asked_for_is_counted(tmp_path: Path) -> None:
    """A recording could rot: answers to prompts that nobody sends any more."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["one", "two", "three"], replay=False)
    assert ask(NOWHERE, tmp_path, ["two"], replay=True)[1] == 2


def test_a_restart_goes_on_from_what_is_there(tmp_path: Path) -> None:
    """A recording that was interrupted would be paid for twice."""
    with Replies(lambda _: chat('{"text": "x"}')) as server:
        ask(server.url, tmp_path, ["one"], replay=False)
        ask(server.url, tmp_path, ["one", "two"], replay=False)
        assert len(server.bodies) == 2


def test_a_busy_server_is_not_recorded(tmp_path: Path) -> None:
    """A replay would meet yesterday's rush hour."""
    turns = iter([(503, {}, "{}"), (200, {}, chat('{"text": "x"}')[2])])
    with Replies(lambda _: next(turns)) as server:
        ask(server.url, tmp_path, ["one"], replay=False)
    rows = yaml.safe_load((tmp_path / "interactions.yaml").read_text())["interactions"]
    assert [r["response"]["status"]["code"] for r in rows] == [200]


def test_meta_and_dossiers(tmp_path: Path) -> None:
    """Nobody could say who wrote a recording, or a replay would not know what the writer was shown."""
    recording = Recording(tmp_path, replay=False)
    recording.describe({"source": "a test", "writer": "openai/m"}, [{"persona": "p1"}])
    (tmp_path / "meta.yaml").write_text((tmp_path / "meta.yaml").read_text() + "wrote: somebody\n")
    recording.describe({"writer": "openai/n"}, [{"persona": "p1"}])
    assert recording.meta() == {"source": "a test", "writer": "openai/n", "wrote": "somebody"}
    assert json.loads((tmp_path / "dossiers.json").read_text()) == recording.dossiers() == [{"persona": "p1"}]


def test_a_meta_file_that_a_person_broke_is_said(tmp_path: Path) -> None:
    """Whoever wrote a colon into it would get a traceback."""
    recording = Recording(tmp_path, replay=False)
    (tmp_path / "meta.yaml").write_text("wrote: a script: the worst\n")
    with pytest.raises(StoreError, match=r"meta\.yaml':1 is not YAML"):
        recording.meta()


def test_no_recording_is_said(tmp_path: Path) -> None:
    """A wrong folder would look like a recording without answers."""
    with pytest.raises(StoreError, match="holds no recording"):
        Recording(tmp_path, replay=True)


@pytest.mark.parametrize("name", ["anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "ollama/llama3.2"])
def test_other_formats_are_replayed_as_well(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run written by another provider's model could be recorded and never replayed, its path being another there."""
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
