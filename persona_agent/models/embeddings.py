"""Embeddings by name: `wordllama`, a 16 MB static model that its own wheel carries, a provider's, or an installed entry point.

In: a name and texts; out: unit vectors. `openai/NAME` goes through the openai SDK (any compatible server), every other
`provider/NAME` through litellm; third parties register a callable without arguments under the entry-point group
`persona_agent.embeddings`. Promises: `wordllama` never touches the network; nothing is retried here, an error says whether
it may pass.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ProviderError, UsageError
from ..options import DEFAULT_TIMEOUT
from .base import Embedding, Floats
from .failures import failure
from .hosts import base_of, host_of, is_here, key_for
from .routes import Route, bounded, check_seen, telling

GROUP = "persona_agent.embeddings"
BATCH = 4096  # texts embedded at once, some megabytes
SENT_AT_ONCE = 96  # the smallest limit among providers

Vectors = Callable[[list[str]], list[list[float]]]
Sent = Callable[[Route, str, Sequence[str]], None]


def load_embedding(
    name: str, *, base_url: str | None = None, timeout: float = DEFAULT_TIMEOUT, sent: Sent | None = None
) -> Embedding:
    """The embedding called `name`; UsageError lists what is installed, ProviderError names a missing key. `sent` is told the way,
    the name and the texts before they leave.
    """
    if name == "wordllama":
        return WordLlamaEmbedding()
    found = {e.name: e for e in entry_points(group=GROUP)}
    if name in found:
        embedding: Embedding = found[name].load()()
        return embedding
    prefix, _, bare = name.partition("/")
    if not prefix or not bare:
        known = ", ".join(["wordllama", "openai/NAME", *sorted(found)])
        raise UsageError(f"No embedding is called {name!r}.", hint=f"There are: {known}.")
    return RemoteEmbedding(name, base_url, timeout, sent)


class RemoteEmbedding:
    """A provider's embedding, asked in batches; texts without a character are not sent and become 0."""

    def __init__(self, name: str, base_url: str | None, timeout: float, sent: Sent | None = None) -> None:
        self.name = name
        prefix = name.partition("/")[0]
        base = base_of(prefix, base_url)
        self._host, self._sent = host_of(prefix, base), sent or (lambda *_: None)
        self._here = is_here(name, base_url)
        make = _through_openai if prefix == "openai" else _through_litellm
        self._vectors = make(name, base, key_for(prefix, base), timeout)

    def embed(self, texts: Sequence[str]) -> Floats:
        told = [i for i, text in enumerate(texts) if text.strip()]
        blocks = [
            self._asked([texts[i] for i in told[at : at + SENT_AT_ONCE]]) for at in range(0, len(told), SENT_AT_ONCE)
        ]
        if len({block.shape[1] for block in blocks}) > 1:
            raise ProviderError(f"{self.name} at {self._host} sent vectors of several lengths.")
        vectors = np.zeros((len(texts), blocks[0].shape[1] if blocks else 1), dtype=np.float32)
        if blocks:
            vectors[told] = np.vstack(blocks)
        return _of_length_1(vectors)

    def _asked(self, texts: list[str]) -> Floats:
        try:
            with telling(lambda route: self._sent(route, self.name, texts)), bounded(here=self._here) as bounds:
                vectors = np.asarray(self._vectors(texts), dtype=np.float32)
            check_seen(bounds, self.name)
        except Exception as error:
            raise failure(error, self.name, self._host) from error
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ProviderError(f"{self.name} at {self._host} did not send one vector for each text.")
        return vectors


class WordLlamaEmbedding:
    """Static token embeddings, 256 dimensions, mean-pooled (WordLlama `l2_supercat`)."""

    name = "wordllama"

    def __init__(self) -> None:
        self._model = _wordllama()

    def embed(self, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.zeros((0, 256), dtype=np.float32)
        blocks = [self._model.embed(list(texts[i : i + BATCH])) for i in range(0, len(texts), BATCH)]
        vectors = np.nan_to_num(np.vstack(blocks).astype(np.float32))
        return _of_length_1(vectors)


def _through_openai(name: str, base: str | None, key: str | None, timeout: float) -> Vectors:
    import httpx
    from openai import OpenAI

    from .transport import Gate  # with httpx

    def vectors(texts: list[str]) -> list[list[float]]:
        # A client lives as long as one batch, so nothing has to be closed later. The SDK takes httpx's, too.
        http: Any = httpx.Client(transport=Gate())
        with OpenAI(api_key=key, base_url=base, timeout=timeout, max_retries=0, http_client=http) as client:
            # Base64, the SDK's own choice, is not understood by every compatible server.
            sent = client.embeddings.create(model=name.partition("/")[2], input=texts, encoding_format="float")
        return [row.embedding for row in sorted(sent.data, key=lambda row: row.index)]

    return vectors


def _through_litellm(name: str, base: str | None, key: str | None, timeout: float) -> Vectors:
    from .litellm_sdk import quiet_litellm  # with instructor

    litellm = quiet_litellm()
    fixed = {k: v for k, v in (("api_base", base), ("api_key", key)) if v is not None}

    def vectors(texts: list[str]) -> list[list[float]]:
        sent = litellm.embedding(model=name, input=texts, timeout=timeout, num_retries=0, max_retries=0, **fixed)
        return [row["embedding"] for row in sorted(sent.data, key=lambda row: row["index"])]

    return vectors


def _of_length_1(vectors: Floats) -> Floats:
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norm, 1e-12), dtype=np.float32)


@cache
def _wordllama() -> Any:
    """The model, read once a process: it takes a tenth of a second, and does not change."""
    # The package looks for its tokenizer beside a cache folder: its own folder holds both files. At import it would send
    # every library's messages to stderr; it does not where somebody has set up logging before.
    root, quiet = logging.getLogger(), logging.NullHandler()
    root.addHandler(quiet)
    try:
        from wordllama import WordLlama
    finally:
        root.removeHandler(quiet)
    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:  # pragma: no cover - a broken installation
        raise UsageError("The package wordllama is not installed.", hint="Install persona-agent again.")
    return WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)
