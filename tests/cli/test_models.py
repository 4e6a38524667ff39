"""The command `models`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from persona_agent.cli.app import app
from persona_agent.errors import OutputError, ProviderError, UsageError
from tests.models.loopback import Loopback, Reply

GOOD = '{"animal":"dog","legs":4}'


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback(GOOD) as running:
        yield running


def invoke(*arguments: str) -> None:
    """The command as it is called from a shell, with its errors raised."""
    with app.make_context("persona-agent", ["models", *arguments]) as context:
        app.invoke(context)


def test_the_catalogue_fits_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines have at most 80 columns and say which names are ready by which variable, whose value is not printed."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret")
    invoke()
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    assert "sk-very-secret" not in out
    lines = {line.split()[0]: line for line in out.splitlines() if line.startswith("  ")}
    assert "ready  ANTHROPIC_API_KEY is set" in lines["anthropic/NAME"]
    assert "-      OPENAI_API_KEY is not set" in lines["openai/NAME"]
    assert "ready" in lines["offline"]


def test_the_catalogue_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json the first entry is `offline` with all its fields, and embeddings are listed by name."""
    invoke("--json")
    listed = json.loads(capsys.readouterr().out)
    assert listed[0] == {
        "name": "offline",
        "kind": "model",
        "ready": True,
        "variables": [],
        "note": "built in: writes from statistics, needs no key",
    }
    assert {"wordllama", "openai/NAME"} <= {entry["name"] for entry in listed if entry["kind"] == "embedding"}


def test_a_trial_says_what_a_model_took(capsys: pytest.CaptureFixture[str]) -> None:
    """A trial tells host, tokens, cost, the form asked for and what was changed, as JSON and in 80 columns."""
    with Loopback(GOOD, ("json_schema", "temperature")) as server:
        invoke("--try", "openai/x", "--base-url", f"{server.url}/v1", "--price", "1000000,0", "--json")
        told = json.loads(capsys.readouterr().out)
        invoke("--try", "openai/x", "--base-url", f"{server.url}/v1")
        text = capsys.readouterr().out
    assert told.pop("seconds") >= 0
    assert sorted(told.pop("changed")) == [
        "openai/x does not take a JSON schema: it is asked for a tool call instead.",
        "openai/x does not take temperature 0: its answers may differ from run to run.",
    ]
    assert told == {
        "model": "openai/x",
        "answered": True,
        "host": server.host,
        "asked_for": "a tool call",
        "calls": 1,
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "cost_usd": 11.0,
    }
    assert "asked for: a tool call" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (Reply(status=401, message="no"), ProviderError, "does not accept the key"),
        (Reply(text="Sorry."), OutputError, "not in the form"),
        (Reply(finish="length", text="{"), OutputError, "cut off"),
        (Reply(finish="refusal", text="No."), OutputError, "would not answer"),
    ],
)
def test_a_failed_trial_is_an_error_of_the_provider(
    server: Loopback, reply: Reply, kind: type[ProviderError], said: str
) -> None:
    """A failed trial is an error of exit 4 that says what went wrong, and its connections are closed."""
    server.every = reply
    with pytest.raises(kind, match=said) as caught:
        invoke("--try", "openai/x", "--base-url", f"{server.url}/v1")
    assert caught.value.exit_status == 4
    assert server.all_closed()


def test_offline_needs_no_trial(capsys: pytest.CaptureFixture[str]) -> None:
    """A trial of `offline` says that it answered."""
    invoke("--try", "offline", "--json")
    assert json.loads(capsys.readouterr().out)["answered"] is True


def test_wrong_names_and_prices_are_usage(tmp_path: Path) -> None:
    """A name without a provider and a price that is no number are usage errors."""
    for arguments in (["--try", "gpt"], ["--try", "openai/x", "--price", "cheap"]):
        with pytest.raises(UsageError):
            invoke(*arguments)
