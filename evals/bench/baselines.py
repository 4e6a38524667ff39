"""Others on the same worlds: BERTopic (Grootendorst 2022) with its defaults, and k-means told the true number.

In: a world and what the program made of it. Out: adjusted Rand indices by name. BERTopic gets the very vectors that the
program uses; its outliers are scored once as groups of their own and once as one group, and the better counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from persona_agent.columns import load_columns
from persona_agent.errors import UsageError
from persona_agent.providers.embeddings import load_embedding
from persona_agent.stages.groups.prediction import kmeans, nearest
from persona_agent.steps.grouping import Users
from persona_agent.store import Store, open_events

from ..worlds import World

SEED = 0


def compare(world: World, store: Store, users: Users, personas: list[int]) -> dict[str, float]:
    """Lines against planted intents, users against planted personas."""
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection)
        numbers = [n for (n,) in connection.execute("SELECT line FROM events ORDER BY i").fetchall()]
    vectors = load_embedding("wordllama").embed(columns.texts)
    truth = np.array([world.line_intents[n] for n in numbers])
    scored = truth >= 0
    texts = [columns.texts[t] for t in columns.text]
    topics = bertopic(texts, vectors[columns.text])
    n_intents = len(set(truth[scored].tolist()))
    points = vectors[columns.text].astype(np.float64)
    told = nearest(points, kmeans(points, n_intents, SEED))
    found = {
        "bertopic-lines": better(truth[scored], topics[scored]),
        "kmeans-lines": float(adjusted_rand_score(truth[scored], told[scored])),
    }
    if len(set(personas)) > 1:
        found |= _users(columns.user, texts, vectors[columns.text], users, personas)
    return found


def _users(
    user: NDArray[np.int64], texts: list[str], vectors: NDArray[np.float32], users: Users, personas: list[int]
) -> dict[str, float]:
    n, k = len(personas), len(set(personas))
    means = np.zeros((n, vectors.shape[1]), dtype=np.float32)
    np.add.at(means, user, vectors)
    means /= np.bincount(user, minlength=n)[:, None]
    documents = [""] * n
    for u, text in zip(user.tolist(), texts, strict=True):
        documents[u] += text + ". "
    mix = users.memories / np.maximum(users.memories.sum(axis=1, keepdims=True), 1)
    return {
        "bertopic-users": better(np.array(personas), bertopic(documents, means)),
        "kmeans-users": float(adjusted_rand_score(personas, nearest(mix, kmeans(mix, k, SEED)))),
    }


def bertopic(texts: list[str], vectors: NDArray[np.float32]) -> NDArray[np.int64]:
    """Topics of BERTopic's defaults (seeded UMAP), −1 for outliers."""
    try:
        from bertopic import BERTopic
        from umap import UMAP
    except ImportError:
        raise UsageError(
            "BERTopic is not installed.", hint="Install the extra: pip install 'persona-agent[bench]'."
        ) from None
    umap: Any = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    topics, _ = BERTopic(umap_model=umap, embedding_model=None).fit_transform(texts, vectors)
    return np.array(topics, dtype=np.int64)


def better(truth: NDArray[np.int64], topics: NDArray[np.int64]) -> float:
    """The better of outliers apart and outliers together."""
    apart = np.where(topics < 0, topics.max() + 1 + np.arange(len(topics)), topics)
    return float(max(adjusted_rand_score(truth, apart), adjusted_rand_score(truth, topics)))
