"""Others on the same worlds: BERTopic (Grootendorst 2022) with its defaults, and k-means told the true number.

In: a world and what the program made of its log. Out: adjusted Rand indices by name:

- `bertopic-lines`: one document a line; `bertopic-texts`: one document a distinct text, where texts repeat (ten thousand
  copies of a hundred texts would be unfair to a method that expects documents).
- `bertopic-users`: one document a user, with the mean vector of the user's lines.
- `kmeans-lines`, `kmeans-users` (mean vectors), `kmeans-mix` (the program's own intents), all told the true number.

Promises: everybody gets the very vectors that the program uses and is scored on the same lines and users; BERTopic's
outliers are scored once as groups of their own and once as one group, and the better counts.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from persona_agent.errors import UsageError
from persona_agent.groups.gathering import ACTIONS
from persona_agent.groups.grouping import UserGroups
from persona_agent.log.events import Columns, load_columns, open_events
from persona_agent.models.embeddings import load_embedding
from persona_agent.store import Store

from ..worlds import World
from .scoring import Ints, ari, ari_of_lines, label_of_planted, personas, places

SEED = 0
RESTARTS = 10
REPEATS = 2.0  # lines a distinct text from which one document a text is tried too
SEVERAL = 2
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class _Log:
    """The log as the program read it: `lines` are physical line numbers; `vectors` one row a distinct text."""

    columns: Columns
    lines: list[int]
    vectors: Floats


def need_bertopic() -> None:
    """UsageError where the extra is not installed: before a long run, not in the middle of it."""
    try:
        import bertopic  # noqa: F401
        import umap  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"--baselines needs BERTopic, and {error.name!r} is not installed.",
            hint="Install the extra: pip install 'persona-agent[bench]'.",
        ) from None


def compare(world: World, store: Store, groups: UserGroups) -> dict[str, float]:
    """Every baseline on this world."""
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        lines = [n for (n,) in connection.execute("SELECT line FROM events ORDER BY i").fetchall()]
    log = _Log(columns, lines, load_embedding("wordllama").embed(columns.texts))
    found = _lines(world, log)
    if len(set(world.user_personas.values())) >= SEVERAL:
        found |= _users(world, store, groups, log)
    return found


def _lines(world: World, log: _Log) -> dict[str, float]:
    text = log.columns.text
    n_intents = len({i for i in world.line_intents.values() if i >= 0})
    points = log.vectors[text]
    documents = [log.columns.texts[t] for t in text]
    found = {
        "bertopic-lines": _better_of_lines(world, log, bertopic(documents, points)),
        "kmeans-lines": _told(world, log, points, n_intents),
    }
    if len(text) >= REPEATS * len(log.columns.texts):
        topics = bertopic(log.columns.texts, log.vectors)
        found["bertopic-texts"] = _better_of_lines(world, log, topics[text])
    return found


def _told(world: World, log: _Log, points: Floats, k: int) -> float:
    label = kmeans(points.astype(np.float64), k)
    return ari_of_lines(world, dict(zip(log.lines, label.tolist(), strict=True)))


def _better_of_lines(world: World, log: _Log, topics: Ints) -> float:
    together = np.where(topics < 0, topics.max() + 1, topics)
    return max(ari_of_lines(world, dict(zip(log.lines, t.tolist(), strict=True))) for t in (topics, together))


def _users(world: World, store: Store, groups: UserGroups, log: _Log) -> dict[str, float]:
    truth, place = personas(world), places(world, store.key(), log.columns.users)
    k = len(set(truth.tolist()))
    means, documents = _of_users(log)
    mix = groups.memories / np.maximum(groups.memories.sum(axis=1, keepdims=True), 1)

    def told(x: NDArray[np.float64]) -> float:
        return ari(truth, label_of_planted(place, kmeans(x, k)))

    return {
        "bertopic-users": better(truth, label_of_planted(place, bertopic(documents, means))),
        "kmeans-users": told(means.astype(np.float64)),
        "kmeans-mix": told(mix),
    }


def _of_users(log: _Log) -> tuple[Floats, list[str]]:
    """Each user's mean vector and all of the user's text."""
    columns = log.columns
    means = np.zeros((len(columns.users), log.vectors.shape[1]), dtype=np.float32)
    np.add.at(means, columns.user, log.vectors[columns.text])
    means /= np.bincount(columns.user, minlength=len(means))[:, None].astype(np.float32)
    words: list[list[str]] = [[] for _ in columns.users]
    for user, text in zip(columns.user.tolist(), columns.text.tolist(), strict=True):
        words[user].append(columns.texts[text])
    return means, [". ".join(w) for w in words]


def kmeans(x: NDArray[np.float64], k: int) -> Ints:
    return np.asarray(KMeans(k, n_init=RESTARTS, random_state=SEED).fit_predict(x), dtype=np.int64)


def bertopic(texts: list[str], vectors: Floats) -> Ints:
    """Topics of BERTopic's defaults (its own UMAP options, seeded), −1 for outliers."""
    need_bertopic()
    from bertopic import BERTopic
    from umap import UMAP

    umap: Any = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # UMAP says that a seed makes it use one thread
        topics, _ = BERTopic(umap_model=umap, embedding_model=None).fit_transform(texts, vectors)
    return np.array(topics, dtype=np.int64)


def better(truth: Ints, topics: Ints) -> float:
    """The better of outliers apart and outliers together."""
    return max(ari(truth, topics), float(adjusted_rand_score(truth, topics)))
