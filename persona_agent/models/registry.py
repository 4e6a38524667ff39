"""Models by name, and what there is to choose from.

In: `offline`, `openai/NAME` or `provider/NAME`. Out: an open provider, or a `UsageError` that shows the form of a name. Third
parties register a callable (name, base_url, timeout, price) under the entry-point group `persona_agent.providers`, named like
the prefix before the slash; it wins over litellm. Promise: an SDK is imported only when a model of it is asked for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Literal

from ..errors import UsageError
from ..options import DEFAULT_TIMEOUT, OFFLINE
from .base import Provider
from .embeddings import GROUP as EMBEDDINGS
from .hosts import HOMES
from .prices import Price

GROUP = "persona_agent.providers"
OWN_EMBEDDINGS = ("openai", "gemini", "mistral", "ollama")


@dataclass(frozen=True)
class Listed:
    """One line of the catalogue. `variables`: which may hold the key; `ready`: is one of them set, None where that cannot be
    told without asking.
    """

    name: str
    kind: Literal["model", "embedding"]
    ready: bool | None
    variables: tuple[str, ...]
    note: str


def load_provider(
    name: str, *, base_url: str | None = None, timeout: float = DEFAULT_TIMEOUT, price: Price | None = None
) -> Provider:
    """The model called `name`. Raises UsageError for a name of another form, ProviderError where its key is missing."""
    prefix, _, bare = name.partition("/")
    if not prefix or not bare:
        raise UsageError(f"{name!r} is no name of a model.", hint="Names are offline, openai/NAME, anthropic/NAME, … .")
    if prefix in (plugged := _plugged(GROUP)):
        provider: Provider = plugged[prefix].load()(name, base_url, timeout, price)
        return provider
    if prefix == "openai":
        from .openai_sdk import OpenAIProvider  # with openai and instructor, a second and a half

        return OpenAIProvider(name, base_url=base_url, timeout=timeout, price=price)
    from .litellm_sdk import LiteLLMProvider  # with instructor, and then litellm

    return LiteLLMProvider(name, base_url=base_url, timeout=timeout, price=price)


def catalogue() -> list[Listed]:
    """Models, then embeddings; ours first, then the usual providers, then what is plugged in."""
    homes = [
        Listed(f"{prefix}/NAME", "model", _ready(home.variables), home.variables, home.note)
        for prefix, home in HOMES.items()
    ]
    vectors = [
        Listed(f"{prefix}/NAME", "embedding", _ready(HOMES[prefix].variables), HOMES[prefix].variables, "")
        for prefix in OWN_EMBEDDINGS
    ]
    return [
        Listed(OFFLINE, "model", True, (), "built in: writes from statistics, needs no key"),
        *homes,
        *(Listed(f"{e.name}/NAME", "model", None, (), f"plugged in: {e.value}") for e in _plugged(GROUP).values()),
        Listed("wordllama", "embedding", True, (), "built in: 16 MB, needs no network"),
        *vectors,
        *(Listed(e.name, "embedding", True, (), f"plugged in: {e.value}") for e in _plugged(EMBEDDINGS).values()),
    ]


def _plugged(group: str) -> dict[str, EntryPoint]:
    return {e.name: e for e in sorted(entry_points(group=group), key=lambda e: e.name)}


def _ready(variables: tuple[str, ...]) -> bool | None:
    return any(os.environ.get(v) for v in variables) if variables else None
