"""Models by name."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from persona_agent.errors import UsageError
from persona_agent.models import registry
from persona_agent.models.base import Answer, Request
from persona_agent.models.prices import Price
from persona_agent.models.registry import GROUP, catalogue, load_provider

LOCAL = "http://127.0.0.1:9/v1"


class Plugged:
    """A third party's model."""

    host = "plugged.example"

    def __init__(self, name: str, base_url: str | None, timeout: float, price: Price | None) -> None:
        self.name, self.told = name, (base_url, timeout, price)

    async def answer(self, request: Request) -> Answer:
        return Answer("{}", self.host, 0, 0, 0.0)

    async def aclose(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [EntryPoint("acme", f"{__name__}:Plugged", GROUP), EntryPoint("groq", f"{__name__}:Plugged", GROUP)]
    monkeypatch.setattr(registry, "entry_points", lambda group: found if group == GROUP else [])


def test_names_choose_the_sdk() -> None:
    """openai/… is asked through openai's SDK, other providers through litellm, at the host given."""
    assert type(load_provider("openai/x", base_url=LOCAL)).__name__ == "OpenAIProvider"
    for name in ("ollama/x", "anthropic/x"):
        provider = load_provider(name, base_url=LOCAL)
        assert type(provider).__name__ == "LiteLLMProvider"
        assert (provider.name, provider.host) == (name, "127.0.0.1:9")


@pytest.mark.parametrize("name", ["gpt-4o", "", "/x", "openai/"])
def test_a_name_without_a_provider_shows_the_form(name: str) -> None:
    """A name without a provider or a model is a usage error that shows the form."""
    with pytest.raises(UsageError, match="openai/NAME"):
        load_provider(name)


def test_a_plugged_in_provider_wins_over_litellm(plugged: None) -> None:
    """A provider that is plugged in is used under its name, also where litellm has one, and stands in the catalogue."""
    for name in ("acme/big", "groq/llama"):
        provider: Any = load_provider(name, base_url=LOCAL, timeout=5.0, price=Price(1.0, 2.0))
        assert isinstance(provider, Plugged)
        assert (provider.name, provider.told) == (name, (LOCAL, 5.0, Price(1.0, 2.0)))
    assert [entry.name for entry in catalogue() if "plugged in" in entry.note] == ["acme/NAME", "groq/NAME"]


def test_the_catalogue_says_what_is_set_and_never_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each name is ready, not ready or unknown by its variables, whose values do not show."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    listed = {(entry.kind, entry.name): entry for entry in catalogue()}
    assert listed["model", "offline"].ready
    assert listed["model", "anthropic/NAME"].ready is True
    assert listed["model", "openai/NAME"].ready is False
    assert listed["model", "openai/NAME"].variables == ("OPENAI_API_KEY",)
    assert listed["model", "ollama/NAME"].ready is None
    assert listed["embedding", "wordllama"].ready
    assert "sk-very-secret" not in str(listed)


def test_sdks_are_imported_when_they_are_needed() -> None:
    """The catalogue imports no SDK, and a model of openai's not litellm."""
    script = (
        "import sys; from persona_agent.models.registry import load_provider, catalogue; catalogue();"
        ""
        "print([m for m in ('openai', 'litellm', 'instructor') if m in sys.modules]);"
        "load_provider('openai/x', base_url='http://127.0.0.1:9/v1'); print('litellm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


def test_litellm_keeps_quiet_and_looks_nothing_up() -> None:
    """A call through litellm prints nothing and resolves no name but the server's."""
    script = (
        "import socket, asyncio\n"
        "asked = []\n"
        "real = socket.getaddrinfo\n"
        "socket.getaddrinfo = lambda host, *a, **k: (asked.append(host), real(host, *a, **k))[1]\n"
        "from persona_agent.models.registry import load_provider\n"
        "from persona_agent.models.base import Request\n"
        "from persona_agent.models.trial import TrialAnswer\n"
        "from persona_agent.errors import ProviderError\n"
        "async def main():\n"
        "    provider = load_provider('anthropic/claude-sonnet-4-5', base_url='http://127.0.0.1:9')\n"
        "    try:\n"
        "        await provider.answer(Request('s', 'p1', (('user', '?'),), TrialAnswer))\n"
        "    except ProviderError as error:\n"
        "        print(error.retryable)\n"
        "    await provider.aclose()\n"
        "asyncio.run(main())\n"
        "print({str(host) for host in asked if '127.0.0.1' not in str(host)})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)
    assert (done.stdout, done.stderr) == ("True\nset()\n", "")
