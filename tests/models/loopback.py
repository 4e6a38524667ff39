"""A server on this machine that speaks the wire formats of model providers, and fails in the ways that they do.

It understands OpenAI chat completions and embeddings, Anthropic messages, Gemini generateContent and Ollama chat and generate.
Every request is kept. `script` says what the next requests get; without a script each gets `text`.
"""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT_TOKENS, COMPLETION_TOKENS = 11, 7


@dataclass(frozen=True)
class Reply:
    """What one request gets: an answer with this text, or a failure."""

    text: str | None = None
    finish: str = "stop"  # stop, length or refusal
    as_content: bool = False  # prose although a tool call was asked for
    usage: bool = True
    status: int = 200
    message: str = ""
    param: str | None = None
    code: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None  # instead of all that
    reset: bool = False
    silent: bool = False


@dataclass(frozen=True)
class ReceivedRequest:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class Loopback:
    """`refuses` names what this server never takes: json_schema, json_object, tools, strict, temperature, max_tokens,
    max_completion_tokens.
    """

    def __init__(self, text: str = "{}", refuses: tuple[str, ...] = ()) -> None:
        self.text, self.refuses = text, refuses
        self.asked: list[ReceivedRequest] = []
        self.replies: list[Reply] = []
        self.every: Reply | None = None  # what each request gets, where it is no answer
        self.connections = 0
        self._changed = threading.Condition()
        self._over = threading.Event()
        self._sockets: set[socket.socket] = set()

    def __enter__(self) -> Loopback:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for open_socket in list(self._sockets):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def script(self, *replies: Reply) -> None:
        self.replies.extend(replies)

    def all_closed(self) -> bool:
        """Has every connection been closed by its client (after a moment to notice)?"""
        with self._changed:
            return self._changed.wait_for(lambda: self.connections == 0, timeout=20)

    def opened(self, connection: socket.socket) -> None:
        with self._changed:
            self._sockets.add(connection)
            self.connections += 1

    def closed(self, connection: socket.socket) -> None:
        with self._changed:
            self._sockets.discard(connection)
            self.connections -= 1
            self._changed.notify_all()

    def reply(self, asked: ReceivedRequest) -> Reply:
        with self._changed:
            self.asked.append(asked)
            refused = next((name for name in self.refuses if _sent(asked.body, name)), None)
            if refused:
                return Reply(status=400, message=f"Unsupported parameter: {refused!r} is not supported.", param=refused)
            return self.replies.pop(0) if self.replies else self.every or Reply()

    def wait(self) -> None:
        self._over.wait()


def _sent(body: dict[str, Any], name: str) -> bool:
    form = body.get("response_format", {})
    if name in ("json_schema", "json_object"):
        return form.get("type") == name
    if name == "strict":
        return bool(form.get("json_schema", {}).get("strict")) or any(
            t["function"].get("strict") for t in body.get("tools", [])
        )
    return name in body


def _handler(loopback: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            loopback.opened(self.connection)

        def finish(self) -> None:
            super().finish()
            loopback.closed(self.connection)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = ReceivedRequest(self.path, headers, body)
            reply = loopback.reply(asked)
            if reply.silent:
                loopback.wait()
            elif reply.reset:
                self._reset()
            else:
                self._send(reply, asked)

        def _reset(self) -> None:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

        def _send(self, reply: Reply, asked: ReceivedRequest) -> None:
            content = reply.body if reply.body is not None else json.dumps(_body(reply, asked, loopback.text)).encode()
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    return Handler


def _body(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    if reply.status >= 400:
        return {"error": {"message": reply.message, "type": "error", "param": reply.param, "code": reply.code}}
    told = text if reply.text is None else reply.text
    formats: dict[str, Callable[[Reply, ReceivedRequest, str], dict[str, Any]]] = {
        "/chat/completions": _openai,
        "/embeddings": _embeddings,
        "/messages": _anthropic,
        ":generateContent": _gemini,
        "/api/chat": _ollama,
        "/api/generate": _ollama,
    }
    path = asked.path.partition("?")[0]
    make = next((make for end, make in formats.items() if path.endswith(end)), None)
    return make(reply, asked, told) if make else {}


def _openai(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    finish = reply.finish
    if finish == "refusal":
        message, finish = {"role": "assistant", "content": None, "refusal": text}, "stop"
    elif "tools" in asked.body and not reply.as_content:
        call = {"name": asked.body["tools"][0]["function"]["name"], "arguments": text}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
        }
        finish = "tool_calls" if finish == "stop" else finish
    usage = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS, "total_tokens": 18}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": asked.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        **({"usage": usage} if reply.usage else {}),
    }


def _embeddings(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    told = asked.body["input"]
    rows = [{"object": "embedding", "index": i, "embedding": [3.0, 4.0, float(len(t))]} for i, t in enumerate(told)]
    usage = {"prompt_tokens": PROMPT_TOKENS, "total_tokens": PROMPT_TOKENS}
    # Backwards: the format gives an index because the order is not promised.
    return {"object": "list", "data": rows[::-1], "model": asked.body["model"], "usage": usage}


def _anthropic(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": text}]
    reason = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}[reply.finish]
    if "tools" in asked.body and not reply.as_content:
        name = asked.body["tools"][0]["name"]
        content = [{"type": "tool_use", "id": "toolu_1", "name": name, "input": json.loads(text)}]
        reason = "tool_use"
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": asked.body["model"],
        "content": content,
        "stop_reason": reason,
        "stop_sequence": None,
        "usage": {"input_tokens": PROMPT_TOKENS, "output_tokens": COMPLETION_TOKENS},
    }


def _gemini(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    reason = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}[reply.finish]
    return {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": reason, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": PROMPT_TOKENS,
            "candidatesTokenCount": COMPLETION_TOKENS,
            "totalTokenCount": PROMPT_TOKENS + COMPLETION_TOKENS,
        },
        "modelVersion": "gemini",
    }


def _ollama(reply: Reply, asked: ReceivedRequest, text: str) -> dict[str, Any]:
    said = {"message": {"role": "assistant", "content": text}} if asked.path.endswith("chat") else {"response": text}
    return {
        "model": asked.body["model"],
        "created_at": "2024-01-01T00:00:00Z",
        **said,
        "done": True,
        "done_reason": reply.finish,
        "prompt_eval_count": PROMPT_TOKENS,
        "eval_count": COMPLETION_TOKENS,
    }
