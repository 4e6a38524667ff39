"""`openai/NAME`: OpenAI, and every server that speaks its chat completions, through the openai SDK.

In: a request; out: what the model answered. Promises: the SDK retries nothing; the client is made in the event loop that
first asks and closed by `aclose`; a server on this machine needs no key; requests leave through the gate of `transport.py`.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

import httpx
from openai import AsyncOpenAI, Timeout

from ..addresses import is_local
from ..options import DEFAULT_TIMEOUT
from .base import Answer, Request
from .failures import failure
from .hosts import base_of, host_of, key_for
from .prices import Price, most_answered, price_of
from .routes import bounded
from .structured import Structured
from .transport import AsyncGate

STREAMED = re.compile(r"\s*(?:event:.*\n|:.*\n)*\s*data:")
CONNECT = 20.0  # seconds: a host that has not accepted a connection by then is not there


class OpenAIProvider:
    """`timeout`: seconds for a whole answer; `price` wins over the table."""

    watched = True

    def __init__(
        self, name: str, *, base_url: str | None = None, timeout: float = DEFAULT_TIMEOUT, price: Price | None = None
    ) -> None:
        self.name = name
        self._base = base_of("openai", base_url)
        self._key = key_for("openai", self._base)
        self._timeout = timeout
        self.host = host_of("openai", self._base)
        self._structured = Structured(name, self.host, price or price_of(name), self._send, _most(name, self._base))
        self._client: AsyncOpenAI | None = None

    @property
    def mode(self) -> str:
        """How this model is asked for JSON."""
        return self._structured.mode

    async def answer(self, request: Request) -> Answer:
        return await self._structured.answer(request)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _send(self, **arguments: Any) -> Any:
        try:
            with bounded(here=is_local(self._base)):
                async with asyncio.timeout(self._timeout):
                    came = await self._opened().chat.completions.create(model=self.name.partition("/")[2], **arguments)
                    return _joined(came) if isinstance(came, str) and STREAMED.match(came) else came
        except Exception as error:
            raise failure(error, self.name, self.host) from error

    def _opened(self) -> AsyncOpenAI:
        if self._client is None:
            http: Any = httpx.AsyncClient(transport=AsyncGate())  # which the SDK takes, though it is typed for httpx2's
            self._client = AsyncOpenAI(
                api_key=self._key,
                base_url=self._base,
                timeout=Timeout(self._timeout, connect=min(self._timeout, CONNECT)),
                max_retries=0,
                http_client=http,
            )
        return self._client


def _most(name: str, base: str | None) -> int | None:
    """What the table says of OpenAI's own models; elsewhere the same name may be another model."""
    return most_answered(name) if base is None else None


def _joined(stream: str) -> Any:
    """One answer of the pieces that some servers send, though nobody asked for pieces."""
    from openai.lib.streaming.chat import ChatCompletionStreamState
    from openai.types.chat import ChatCompletionChunk

    state: ChatCompletionStreamState[Any] = ChatCompletionStreamState()
    told = (line.removeprefix("data:").strip() for line in stream.splitlines() if line.startswith("data:"))
    for piece in told:
        if piece != "[DONE]":
            state.handle_chunk(ChatCompletionChunk.model_validate_json(piece))
    return state.current_completion_snapshot
