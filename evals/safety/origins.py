"""Two servers of the program as they run, asked as another page, another machine or another program would ask them.

In: a finished run. Out: requests tried and refused, of `review` and of `mcp --http`, each started by its command on a port of
its own. Raw bytes over a socket, since no browser and no client library sends what these hold. Promises: a request counts as
refused where its status is not of a success and its answer holds nothing of the run; one that must be answered counts too,
so that a server that refuses everybody holds nothing.
"""

from __future__ import annotations

import json
import os
import re
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = "127.0.0.1"
STARTS = 120  # seconds that a server has to begin to answer; it takes ten on a busy machine
ANSWERS = 20  # seconds for an answer
ELSEWHERE = (
    "evil.example",
    "localhost.evil.example",
    f"{HERE}.evil.example",
    "127.0.0.2",
    "[::1]",
    "2130706433",
    "0x7f.1",
)
CLIENT = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "somebody", "version": "1"}}
BEGIN = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": CLIENT})
CALLED = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@dataclass(frozen=True)
class Serving:
    """A server that answers: its port and its token."""

    port: int
    token: str

    @property
    def host(self) -> str:
        return f"{HERE}:{self.port}"


@dataclass(frozen=True)
class Asked:
    """One request, and whether it is one that has to be answered."""

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: str = ""
    good: bool = False


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HERE, 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(arguments: Sequence[str], port: int, said: str) -> Iterator[Serving]:
    """The command with these arguments, when it has printed the token that `said` finds; ended with the block."""
    command = [sys.executable, "-m", "persona_agent", *arguments]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert process.stderr is not None
    try:
        told, until = "", time.monotonic() + STARTS
        while not (found := re.search(said, told)):
            ready, _, _ = select.select([process.stderr], [], [], max(0.0, until - time.monotonic()))
            part = os.read(process.stderr.fileno(), 65_536).decode() if ready else ""
            if not part:
                raise RuntimeError(f"{' '.join(arguments)} did not begin to answer: {told}")
            told += part
        yield Serving(port, found[1])
    finally:
        process.terminate()
        process.wait(timeout=STARTS)
        process.stderr.close()


def answer(server: Serving, asked: Asked, host: str = HERE) -> tuple[int, str]:
    """Status and all that came back; status 0 where the connection was closed or refused without one."""
    head = [f"{asked.method} {asked.path} HTTP/1.1", *(f"{n}: {v}" for n, v in asked.headers), "connection: close"]
    if asked.method == "POST":
        head.append(f"content-length: {len(asked.body.encode())}")
    got = b""
    with suppress(OSError), socket.create_connection((host, server.port), timeout=ANSWERS) as there:
        there.sendall("\r\n".join([*head, "", asked.body]).encode("latin-1"))
        while part := there.recv(65_536):
            got += part
    status = re.match(rb"HTTP/1\.\d (\d{3})", got)
    return (int(status[1]) if status else 0), got.decode("utf-8", "replace")


def strangers(server: Serving, key: tuple[str, str]) -> Iterator[list[tuple[str, str]]]:
    """Headers of requests that come from elsewhere, with the token: what a browser sends that another page leads here."""
    mine = ("host", server.host)
    for name in ELSEWHERE:
        yield [("host", f"{name}:{server.port}"), key]
        yield [mine, ("origin", f"http://{name}:{server.port}"), key]
    for host in (
        HERE,
        f"{HERE}:{server.port}.evil.example",
        f"{HERE}:{server.port + 1}",
        f"me@{server.host}",
        f"{server.host},evil",
    ):
        yield [("host", host), key]
    yield [mine, ("host", "evil.example"), key]
    yield [("host", "evil.example"), mine, key]
    yield [key]
    yield [mine, ("origin", f"http://localhost:{server.port}"), key]
    yield [("host", f"localhost:{server.port}"), ("origin", f"http://{server.host}"), key]
    for origin in (
        "null",
        f"https://{server.host}",
        f"http://{HERE}",
        f"http://{server.host}/",
        f"http://{server.host}.evil.example",
    ):
        yield [mine, ("origin", origin), key]
    yield [mine, ("origin", f"http://{server.host}"), ("origin", "http://evil.example"), key]


def review(made: Path) -> tuple[int, int]:
    """`review` of a run: every page to strangers and to who has no token, changes without an origin, forms, other addresses."""
    port, label = free_port(), json.loads((made / "personas.json").read_text(encoding="utf-8"))["personas"][0]["label"]
    before = (made / "personas.json").read_bytes()
    with serving(["review", str(made), "--port", str(port)], port, r"\?token=([\w-]+)") as server:
        cookie = ("cookie", f"persona_agent_review_{port}={server.token}")
        change = json.dumps({"at": "p1.name", "note": "taken over"})
        mine, own = ("host", server.host), ("origin", f"http://{server.host}")
        requests = [Asked("GET", "/", [mine, cookie], good=True), Asked("GET", "/report", [mine, cookie], good=True)]
        for headers in strangers(server, cookie):
            requests += [Asked("GET", page, headers) for page in ("/", "/report", f"http://{server.host}/")]
            requests.append(Asked("POST", "/edit", [*headers, ("content-type", "application/json")], change))
        for keys in (
            [],
            [("cookie", f"persona_agent_review_{port}=")],
            [("cookie", f"persona_agent_review_{port + 1}={server.token}")],
        ):
            requests += [
                Asked("GET", page, [mine, own, *keys])
                for page in ("/", "/report", "/?token=", "/report?token=" + server.token)
            ]
            requests.append(Asked("POST", "/edit", [mine, own, *keys, ("content-type", "application/json")], change))
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            requests.append(Asked("POST", "/edit", [mine, own, cookie, ("content-type", kind)], change))
        requests.append(Asked("POST", "/edit", [mine, cookie, ("content-type", "application/json")], change))
        requests += [
            Asked("GET", path, [mine, cookie])
            for path in (
                "/run.json",
                "/personas.json",
                "/../run.json",
                "/%2e%2e/run.json",
                "/report/../run.json",
                "//run.json",
            )
        ]
        held = sum(_held(server, asked, (label, "taken over")) for asked in requests)
        held += _not_elsewhere(server)
    return len(requests) + 2, held + ((made / "personas.json").read_bytes() == before)


def agents(log: Path, folder: Path) -> tuple[int, int]:
    """`mcp --http` on a log: the beginning of a session to strangers, and to who has no token."""
    port = free_port()
    arguments = ["mcp", str(log), "-o", str(folder / "served"), "--http", str(port), "--min-users", "8"]
    with serving(arguments, port, r"Bearer ([\w-]+)") as server:
        key, rest = ("authorization", f"Bearer {server.token}"), [*CALLED.items()]
        mine = ("host", server.host)
        requests = [Asked("POST", "/mcp", [mine, key, *rest], BEGIN, good=True)]
        requests += [Asked("POST", "/mcp", [*headers, *rest], BEGIN) for headers in strangers(server, key)]
        for keys in (
            [],
            [("authorization", "Bearer ")],
            [("authorization", server.token)],
            [("cookie", f"token={server.token}")],
        ):
            requests.append(Asked("POST", "/mcp", [mine, *keys, *rest], BEGIN))
        requests.append(Asked("POST", f"/mcp?token={server.token}", [mine, *rest], BEGIN))
        held = sum(_held(server, asked, ("serverInfo",)) for asked in requests)
        held += _not_elsewhere(server)
    return len(requests) + 1, held


def _held(server: Serving, asked: Asked, words: Sequence[str]) -> bool:
    status, text = answer(server, asked)
    told = any(word in text for word in words)
    return told and status == 200 if asked.good else not told and not 200 <= status < 300


def _not_elsewhere(server: Serving) -> bool:
    """On another address of this machine nothing listens."""
    return answer(server, Asked("GET", "/", [("host", f"127.0.0.2:{server.port}")]), "127.0.0.2") == (0, "")
