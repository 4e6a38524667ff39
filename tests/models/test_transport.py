"""Where requests really go, for every SDK: watched from inside the whole process, with a proxy and a server that sends on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from persona_agent.errors import ProviderError
from persona_agent.models.routes import bounded, leave, route_to
from persona_agent.models.transport import Gate
from tests.models.loopback import Loopback, Reply
from tests.models.watched import EMBEDDINGS, MODELS

ROOT = Path(__file__).resolve().parents[2]
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
EVERY = [*(f"model {m}" for m in MODELS), *(f"embedding {e}" for e in EMBEDDINGS)]
KEYS = ("OPENAI", "ANTHROPIC", "GEMINI", "MISTRAL", "DEEPSEEK", "XAI", "OPENROUTER")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)


def watched(*urls: str, **environment: str) -> list[dict[str, Any]]:
    """What `tests.models.watched` saw at each address, in an environment without proxies but those given."""
    kept = {
        k: v for k, v in os.environ.items() if k.lower() not in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    }
    keys = {f"{name}_API_KEY": "sk-a-key-0123456789" for name in KEYS}
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.watched", *urls],
        cwd=ROOT, env={**kept, **keys, **environment}, capture_output=True, text=True, check=True, timeout=240,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def port(server: Loopback) -> int:
    return int(server.host.partition(":")[2])


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Loopback, Loopback]]:
    """One that is named, another that may get nothing."""
    with Loopback('{"animal":"dog"}') as named, Loopback('{"animal":"dog"}') as other:
        yield named, other


def test_proxies_are_not_used_for_a_server_on_this_machine(servers: tuple[Loopback, Loopback]) -> None:
    """Whatever the environment names, upper case or lower, each SDK connects to the server alone and looks nothing else up."""
    named, proxy = servers
    (found,) = watched(named.url, **dict.fromkeys(PROXIES, proxy.url))
    assert set(found) == set(EVERY)
    for name, told in found.items():
        assert told["ended"] == "answered", (name, told)
        assert set(told["connected"]) == {port(named)}, name
        assert set(told["looked_up"]) <= {"127.0.0.1"}, name
        assert {tuple(route) for route in told["told"]} == {(named.host, named.host)}, name
    assert not proxy.asked


def test_no_redirect_is_followed(servers: tuple[Loopback, Loopback]) -> None:
    """A server that sends requests on is an error that names both; nothing connects to where it points."""
    _, other = servers
    with Loopback() as moved, Loopback() as kept:
        to = {"location": f"{other.url}/v1/chat/completions?key=sk-secret"}
        moved.every, kept.every = Reply(status=301, headers=to), Reply(status=308, headers=to)
        found = watched(moved.url, kept.url)
    for server, of_name in zip((moved, kept), found, strict=True):
        for name, told in of_name.items():
            says = f"{server.host} sends its requests on to {other.url}/v1/chat/completions"
            assert says in told["ended"], (name, told)
            assert "sk-secret" not in told["ended"]
            assert set(told["connected"]) == {port(server)}, name
    assert not other.asked


def test_a_proxy_is_told_as_the_host_that_gets_the_bytes(servers: tuple[Loopback, Loopback]) -> None:
    """For a server elsewhere a proxy of the environment is used by each SDK, and told with the server before it is reached."""
    _, proxy = servers
    (found,) = watched("http://models.example", HTTP_PROXY=f"http://me:my-password@{proxy.host}")
    for name, told in found.items():
        assert told["ended"] == "answered", (name, told)
        assert set(told["connected"]) == {port(proxy)}, name
        assert {tuple(route) for route in told["told"]} == {(proxy.host, "models.example")}, name
    proxy.asked.clear()


@pytest.mark.parametrize(
    ("environment", "url", "host"),
    [
        ({"HTTPS_PROXY": "http://proxy:1"}, "https://api.openai.com/v1", "proxy:1"),
        ({"https_proxy": "proxy:1"}, "https://api.openai.com/v1", "proxy:1"),
        ({"ALL_PROXY": "http://proxy:1"}, "https://api.openai.com/v1", "proxy:1"),
        ({"HTTP_PROXY": "http://proxy:1"}, "https://api.openai.com/v1", "api.openai.com"),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "openai.com"}, "https://api.openai.com/v1", "api.openai.com"),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "*"}, "https://api.openai.com/v1", "api.openai.com"),
        ({"ALL_PROXY": "http://proxy:1"}, "http://localhost:8000/v1", "localhost:8000"),
        ({"ALL_PROXY": "http://proxy:1"}, "http://[::1]:8000/v1", "::1:8000"),
        ({"ALL_PROXY": "http://proxy:1"}, "http://127.8.8.8/v1", "127.8.8.8"),
    ],
)
def test_the_way_is_the_environments(
    environment: dict[str, str], url: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert route_to(url).host == host


def test_who_asks_this_machine_reaches_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another host is refused, and a name of this machine that leads elsewhere; ours is not."""
    with bounded(here=True):
        leave("http://127.0.0.1:1/")
        with pytest.raises(ProviderError, match=r"models\.example is not on this machine"):
            leave("http://models.example/")
        monkeypatch.setattr("socket.getaddrinfo", lambda *_: [(2, 1, 6, "", ("192.0.2.1", 0))])
        with pytest.raises(ProviderError, match=r"model\.localhost is not on this machine"):
            leave("http://model.localhost/")


def test_a_proxy_that_cannot_be_used_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheme that nothing speaks, and a proxy that is not there, are errors that name it."""
    import httpx

    for proxy, says in (("gopher://proxy:1", "proxy:1"), ("http://127.0.0.1:9", "through the proxy 127.0.0.1:9")):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        with bounded(here=False), httpx.Client(transport=Gate()) as client, pytest.raises(ProviderError, match=says):
            client.post("http://models.example/v1")
