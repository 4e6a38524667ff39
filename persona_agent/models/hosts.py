"""Where models are, and which environment variable holds the key to them.

In: a provider's prefix (`openai`, `anthropic`, …) and perhaps a base URL. Out: the host that requests go to, and the key.
Promises: a server on this machine needs no key; a missing key is an error that names the variable before anything is sent;
no message holds a key.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import urlsplit

from ..addresses import is_local
from ..errors import ProviderError, UsageError

BUILT_IN = ("offline", "wordllama")
NO_KEY = "none"  # what SDKs that insist on a key get where none is needed


@dataclass(frozen=True)
class Home:
    """A provider: its host, and the variables of which one has to hold the key (none: it needs no key, or finds its own)."""

    host: str
    variables: tuple[str, ...]
    note: str = ""


HOMES = {
    "openai": Home("api.openai.com", ("OPENAI_API_KEY",), "or --base-url of a server"),
    "anthropic": Home("api.anthropic.com", ("ANTHROPIC_API_KEY",)),
    "gemini": Home("generativelanguage.googleapis.com", ("GEMINI_API_KEY", "GOOGLE_API_KEY")),
    "mistral": Home("api.mistral.ai", ("MISTRAL_API_KEY",)),
    "groq": Home("api.groq.com", ("GROQ_API_KEY",)),
    "deepseek": Home("api.deepseek.com", ("DEEPSEEK_API_KEY",)),
    "xai": Home("api.x.ai", ("XAI_API_KEY",)),
    "openrouter": Home("openrouter.ai", ("OPENROUTER_API_KEY",)),
    "together_ai": Home("api.together.xyz", ("TOGETHERAI_API_KEY",)),
    "ollama": Home("localhost:11434", (), "a server on this machine; OLLAMA_API_BASE for another"),
    "bedrock": Home("bedrock (AWS)", (), "signs in as AWS tools do"),
    "vertex_ai": Home("vertex_ai (Google Cloud)", (), "signs in as Google Cloud tools do"),
}


def base_of(prefix: str, base_url: str | None) -> str | None:
    """The base URL that was given, else the environment's (the SDKs read it too), else None; UsageError if it is no URL."""
    names = (f"{prefix.upper()}_BASE_URL", f"{prefix.upper()}_API_BASE")
    base = base_url or next((os.environ[n] for n in names if os.environ.get(n)), None)
    if base is None:
        return None
    parts = urlsplit(base if "//" in base else f"http://{base}" if base_url is None else base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"{base!r} is no address of a server.", hint="For example --base-url http://127.0.0.1:8000/v1."
        )
    return parts.geturl()


def host_of(prefix: str, base: str | None) -> str:
    """Host and port that requests go to."""
    if base is None:
        return HOMES[prefix].host if prefix in HOMES else prefix
    return address_of(base)


def address_of(url: str) -> str:
    """Host and, where it is not the scheme's own, port of a URL."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def is_here(name: str, base_url: str | None) -> bool:
    """Does a model or an embedding of this name run on this machine? Of what is plugged in nobody can tell: no."""
    prefix, _, bare = name.partition("/")
    base = base_of(prefix, base_url) or (f"http://{HOMES[prefix].host}" if prefix in HOMES else None)
    return not bare if prefix in BUILT_IN else is_local(base)


def key_for(prefix: str, base: str | None) -> str | None:
    """The key, `NO_KEY` for a server on this machine where none is set, None for a provider that finds its own."""
    variables = HOMES[prefix].variables if prefix in HOMES else ()
    key = next((os.environ[v] for v in variables if os.environ.get(v)), None)
    if key is None and is_local(base):
        return NO_KEY
    if key is None and variables:
        raise ProviderError(
            f"There is no key for {prefix}/… models: {' or '.join(variables)} is not set.",
            hint="A server on this machine (--base-url http://127.0.0.1:PORT/v1) needs none.",
            fatal=True,
        )
    return key
