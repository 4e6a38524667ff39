"""The embedding of a run, loaded when the first text comes; what it sends to another machine is written down first."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..options import Options
from ..store import Store
from .base import Embed, Embedding
from .embeddings import load_embedding
from .ledger import Ledger

BUILT_IN = "wordllama"


def embedding_of(store: Store, options: Options) -> Embed:
    """Texts to unit vectors (n, dim)."""

    @cache
    def loaded() -> Embedding:
        if options.embedding == BUILT_IN:
            return load_embedding(options.embedding)
        return load_embedding(options.embedding, sent=Ledger(store.path("ledger.sqlite")).sent_texts)

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray(loaded().embed(texts), dtype=np.float32)

    return embed
