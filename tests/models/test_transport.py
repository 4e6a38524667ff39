"""Where requests really go, for every SDK: watched from inside the whole process, with a proxy and a server that sends on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

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


class Seen(NamedTuple):
    """The servers that were named, the one that all others point at and that may get nothing, and a proxy that is used; what one
    process that asked them all saw at each.
    """

    here: Loopback
    moved: tuple[Loopback, Loopback]
    other: Loopback
    proxy: Loopback
    found: list[dict[str, Any]]


@pytest.fixture(scope="module")
def seen() -> Iterator[Seen]:
    """One process, as the SDKs take seconds to load: it asks a server on this machine, two that send on, and one elsewhere."""
    with (
        Loopback('{"animal":"dog"}') as here, Loopback() as moved, Loopback() as kept,
        Loopback('{"animal":"dog"}') as other, Loopback('{"animal":"dog"}') as proxy,
    ):  # fmt: skip
        to = {"location": f"{other.url}/v1/chat/completions?key=sk-secret"}
        moved.every, kept.every = Reply(status=301, headers=to), Reply(status=308, headers=to)
        found = watched(
            (here.url, dict.fromkeys(PROXIES, other.url)),
            (moved.url, {}),
            (kept.url, {}),
            ("http://models.example", {"HTTP_PROXY": f"http://me:my-password@{proxy.host}"}),
        )
        yield Seen(here, (moved, kept), other, proxy, found)


def watched(*addresses: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    """What `tests.models.watched` saw at each address, with the proxies given for it and no others."""
    kept = {
        k: v for k, v in os.environ.items() if k.lower() not in ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
    }
    keys = {f"{name}_API_KEY": "sk-a-key-0123456789" for name in KEYS}
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.watched", json.dumps(addresses)],
        cwd=ROOT, env={**kept, **keys}, capture_output=True, text=True, check=True, timeout=240,
    )  # fmt: skip
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def port(server: Loopback) -> int:
    return int(server.host.partition(":")[2])


def test_proxies_are_not_used_for_a_server_on_this_machine(seen: Seen) -> None:
    """Whatever the environment names, upper case or lower, each SDK connects to the server alone and looks nothing else up."""
    found = seen.found[0]
    assert set(found) == set(EVERY)
    for name, told in found.items():
        assert told["ended"] == "answered", (name, told)
        assert set(told["connected"]) == {port(seen.here)}, name
        assert set(told["looked_up"]) <= {"127.0.0.1"}, name
        assert {tuple(route) for route in told["told"]} == {(seen.here.host, seen.here.host)}, name
    assert not seen.other.asked


def test_no_redirect_is_followed(seen: Seen) -> None:
    """A server that sends requests on is an error that names both; nothing connects to where it points."""
    for server, of_name in zip(seen.moved, seen.found[1:3], strict=True):
        assert set(of_name) == set(EVERY)
        for name, told in of_name.items():
            says = f"{server.host} sends its requests on to {seen.other.url}/v1/chat/completions"
            assert says in told["ended"], (name, told)
            assert "sk-secret" not in told["ended"]
            assert set(told["connected"]) == {port(server)}, name
    assert not seen.other.asked


def test_a_proxy_is_told_as_the_host_that_gets_the_bytes(seen: Seen) -> None:
    """For a server elsewhere a proxy of the environment is used by each SDK, and told with the server before it is reached."""
    found = seen.found[3]
    assert set(found) == set(EVERY)
    for name, told in found.items():
        assert told["ended"] == "answered", (name, told)
        assert set(told["connected"]) == {port(seen.proxy)}, name
        assert {tuple(route) for route in told["told"]} == {(seen.proxy.host, "models.example")}, name


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
    """A request goes by the proxy that the environment names for its address, or by none."""
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
