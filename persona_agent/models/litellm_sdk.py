"""`provider/NAME` for every provider that litellm knows: anthropic, gemini, ollama, mistral, bedrock and many more.

In: a request; out: what the model answered. Promises: litellm is imported when a model is made and not before (it takes
seconds), asks the network for nothing but answers, prints nothing, retries nothing and drops no parameter by itself; its
clients of this event loop are closed by `aclose`.
"""

from __future__ import annotations

import asyncio
import inspect
from typing import Any

from .base import Answer, Request
from .failures import failure
from .hosts import base_of, host_of, key_for, quiet_litellm
from .prices import Price, price_of
from .structured import Structured


class LiteLLMProvider:
    """`timeout`: seconds for a whole answer; `price` wins over the table."""

    def __init__(
        self, name: str, *, base_url: str | None = None, timeout: float = 600.0, price: Price | None = None
    ) -> None:
        self.name = name
        prefix, _, bare = name.partition("/")
        if prefix.startswith("ollama"):
            # Its own chat format; as plain `ollama` litellm would put all messages into one text.
            prefix, self._model = "ollama", f"ollama_chat/{bare}"
        else:
            self._model = name
        base = base_of(prefix, base_url)
        self.host = host_of(prefix, base)
        self._timeout = timeout
        self._fixed: dict[str, Any] = {"model": self._model, "timeout": timeout, "num_retries": 0, "max_retries": 0}
        self._fixed |= {k: v for k, v in (("api_base", base), ("api_key", key_for(prefix, base))) if v is not None}
        self._structured = Structured(name, self.host, price or price_of(name), self._send)
        self._litellm = quiet_litellm()
        if prefix == "ollama":
            # A model that is in litellm's table is not looked up on the server, once for each answer.
            self._litellm.model_cost.setdefault(self._model, {"litellm_provider": "ollama", "mode": "chat"})

    @property
    def mode(self) -> str:
        """How this model is asked for JSON."""
        return self._structured.mode

    async def answer(self, request: Request) -> Answer:
        return await self._structured.answer(request)

    async def aclose(self) -> None:
        # litellm keeps clients by event loop for the whole process; those of a loop that has ended cannot be closed any more.
        cache: Any = self._litellm.in_memory_llm_clients_cache
        mine = f"-{id(asyncio.get_running_loop())}"
        for key in [key for key in cache.cache_dict if key.endswith(mine)]:
            client = cache.cache_dict.pop(key)
            cache.ttl_dict.pop(key, None)
            closing = client.close()
            if inspect.isawaitable(closing):
                await closing

    async def _send(self, **arguments: Any) -> Any:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._litellm.acompletion(**self._fixed, **arguments)
        except Exception as error:
            raise failure(error, self.name, self.host) from error
