"""`provider/NAME` for every provider that litellm knows: anthropic, gemini, ollama, mistral, bedrock and many more.

In: a request; out: what the model answered. Promises: litellm is imported when a model is made and not before (it takes
seconds), asks the network for nothing but answers, prints nothing, retries nothing and drops no parameter by itself; what
it sends goes through the gate of `transport.py`, or is an error; its clients of this event loop are closed by `aclose`.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging
import os
from typing import Any

import httpx

from ..options import DEFAULT_TIMEOUT
from .base import Answer, Request
from .failures import failure
from .hosts import base_of, host_of, is_here, key_for
from .prices import Price, most_answered, price_of
from .routes import bounded, check_seen
from .structured import Structured
from .transport import AsyncGate, Gate

LOOKS_NOTHING_UP = ("LITELLM_LOCAL_MODEL_COST_MAP", "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS")
LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy")


class LiteLLMProvider:
    """`timeout`: seconds for a whole answer; `price` wins over the table."""

    watched = True

    def __init__(
        self, name: str, *, base_url: str | None = None, timeout: float = DEFAULT_TIMEOUT, price: Price | None = None
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
        self._here = is_here(f"{prefix}/{bare}", base_url)
        self._timeout = timeout
        self._fixed: dict[str, Any] = {"model": self._model, "timeout": timeout, "num_retries": 0, "max_retries": 0}
        self._fixed |= {k: v for k, v in (("api_base", base), ("api_key", key_for(prefix, base))) if v is not None}
        self._structured = Structured(name, self.host, price or price_of(name), self._send, most_answered(name))
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
            with bounded(here=self._here) as bounds:
                async with asyncio.timeout(self._timeout):
                    answer = await self._litellm.acompletion(**self._fixed, **arguments)
                check_seen(bounds, self.name)
                return answer
        except Exception as error:
            raise failure(error, self.name, self.host) from error


def quiet_litellm() -> Any:
    """litellm, told to look nothing up, to print nothing and to drop nothing; importing it takes seconds."""
    for variable in LOOKS_NOTHING_UP:
        os.environ.setdefault(variable, "True")
    import litellm

    litellm.suppress_debug_info = True  # else it prints where to give feedback
    litellm.telemetry = False
    litellm.drop_params = False
    litellm.disable_aiohttp_transport = True  # httpx alone closes when it is told to, and goes through the gate
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    _without_accounts()
    _through_the_gate()
    return litellm


def _without_accounts() -> None:
    """After each call litellm would start accounts in a task that outlives the event loop, and complain at its end."""
    with contextlib.suppress(ImportError):
        from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER

        worker: Any = GLOBAL_LOGGING_WORKER
        worker.ensure_initialized_and_enqueue = lambda async_coroutine: async_coroutine.close()


def _through_the_gate() -> None:
    """Every client that litellm makes, for any provider, gets its transport from one of these three."""
    from litellm.llms.custom_httpx.http_handler import AsyncHTTPHandler, HTTPHandler
    from litellm.llms.openai.common_utils import BaseOpenAILLM

    def for_loops(ssl_context: Any = None, ssl_verify: bool | None = None, shared_session: Any = None) -> AsyncGate:  # noqa: ARG001
        return AsyncGate(ssl_context or (True if ssl_verify is None else ssl_verify))

    handlers: tuple[Any, ...] = (AsyncHTTPHandler, HTTPHandler, BaseOpenAILLM)
    for_async, for_sync, for_openai = handlers
    for_async._create_async_transport = staticmethod(for_loops)
    for_sync._create_sync_transport = lambda _: Gate()
    for_openai._get_sync_http_client = staticmethod(lambda: httpx.Client(transport=Gate()))
