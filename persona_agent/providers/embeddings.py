"""Embeddings by name: `wordllama`, a 16 MB static model that its own wheel carries, or any installed entry point.

Third parties register a callable without arguments under the entry-point group `persona_agent.embeddings`. Promises:
`wordllama` never touches the network.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import UsageError
from .base import Embedding, Floats

GROUP = "persona_agent.embeddings"
BATCH = 4096


def load_embedding(name: str) -> Embedding:
    """The embedding called `name`; UsageError lists what is installed."""
    if name == "wordllama":
        return WordLlamaEmbedding()
    found = {e.name: e for e in entry_points(group=GROUP)}
    if name not in found:
        known = ", ".join(["wordllama", *sorted(found)])
        raise UsageError(f"No embedding is called {name!r}.", hint=f"Installed: {known}.")
    embedding: Embedding = found[name].load()()
    return embedding


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
        norm = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(norm, 1e-12), dtype=np.float32)


def _wordllama() -> Any:
    # The package looks for its tokenizer beside a cache folder: its own folder holds both files.
    from wordllama import WordLlama

    spec = importlib.util.find_spec("wordllama")
    if spec is None or spec.origin is None:  # pragma: no cover - a broken installation
        raise UsageError("The package wordllama is not installed.", hint="Install persona-agent again.")
    return WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)
