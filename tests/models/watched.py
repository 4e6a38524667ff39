"""Asks every provider and embedding once, in a process of its own, and prints which machines the whole process dealt with.

`python -m tests.models.watched '[[URL, {VARIABLE: VALUE}], ...]'`: at each address, with these variables set, and for each name
what was told before it left, where sockets were connected, which names were looked up, and how it ended. The audit hook sees
every socket of Python's, whoever opens it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from persona_agent.errors import ProviderError
from persona_agent.models.base import Request
from persona_agent.models.embeddings import load_embedding
from persona_agent.models.registry import load_provider
from persona_agent.models.routes import Route, telling

MODELS = (
    "openai/m", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-flash", "ollama/m", "mistral/mistral-large-latest",
    "deepseek/deepseek-chat", "xai/m", "openrouter/m",
)  # fmt: skip
EMBEDDINGS = ("openai/e", "mistral/mistral-embed")
OWN_PATH = ("anthropic", "gemini", "ollama")  # the others' addresses end in /v1


class Form(BaseModel):
    """An animal."""

    model_config = ConfigDict(extra="forbid")

    animal: Literal["dog", "cat"]


QUESTION = Request("draft", "p1", (("user", "A secret about users."),), Form, max_tokens=100)


def main() -> None:
    seen: dict[str, list[Any]] = {"connected": [], "looked_up": []}

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "socket.connect" and isinstance(args[1], tuple):
            seen["connected"].append(args[1][1])
        elif event == "socket.getaddrinfo":
            seen["looked_up"].append(args[0].decode() if isinstance(args[0], bytes) else args[0])

    sys.addaudithook(hook)
    found = []
    for url, variables in json.loads(sys.argv[1]):
        os.environ.update(variables)
        found.append(every_name(url, seen))
        for name in variables:
            del os.environ[name]
    print(json.dumps(found))


def every_name(base: str, seen: dict[str, list[Any]]) -> dict[str, Any]:
    """What was seen of each name at one address."""
    found = {}
    for kind, names in (("model", MODELS), ("embedding", EMBEDDINGS)):
        for name in names:
            seen["connected"], seen["looked_up"] = [], []
            told: list[Route] = []
            url = base + ("" if name.startswith(OWN_PATH) else "/v1")
            with telling(told.append):
                ended = _asked(kind, name, url, told)
            found[f"{kind} {name}"] = {**seen, "told": [[r.host, r.server] for r in told], "ended": ended}
    return found


def _asked(kind: str, name: str, url: str, told: list[Route]) -> str:
    async def answered() -> None:
        provider = load_provider(name, base_url=url, timeout=20.0)
        try:
            await provider.answer(QUESTION)
        finally:
            await provider.aclose()

    try:
        if kind == "model":
            asyncio.run(answered())
        else:
            embedding = load_embedding(name, base_url=url, timeout=20.0, sent=lambda route, *_: told.append(route))
            embedding.embed(["a text"])
    except ProviderError as error:
        return str(error)
    return "answered"


if __name__ == "__main__":
    main()
