"""Memories to intents: what people come for, over all users.

In: memories with the strand that each follows. Out: the intent of each memory (−1: noise), and places on a map. Memories
are clustered by their vectors (what is done, and in which company; spherical k-means in faiss) starting from the strands,
so that a memory whose company says otherwise than its strand changes sides; one that resembles no intent stays outside.
Centroids are trained on a sample where there are many memories, and applied to all, part by part. Promises:
deterministic; the biggest intent is 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .threads import one_thread

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

ITERATIONS = 5  # k-means starts from the strands, and is to correct them and not to wander off
TRAIN = 200_000  # memories; centroids of a few dozen intents hardly move with more
MIN_LIKENESS = 0.3  # cosine; a memory that resembles no intent more than that is noise


@dataclass(frozen=True)
class Intents:
    """`centroids` (n, dim) unit vectors."""

    centroids: Floats

    @property
    def n(self) -> int:
        return len(self.centroids)

    @one_thread()
    def of(self, vectors: Floats) -> Ints:
        """The intent of memories with unit `vectors` (n, dim), −1 for those that resemble none."""
        if not len(vectors) or not self.n:
            return np.full(len(vectors), -1, dtype=np.int64)
        index = faiss.IndexFlatIP(self.centroids.shape[1])
        index.add(self.centroids)
        likeness, nearest = index.search(np.ascontiguousarray(vectors), 1)
        return np.where(likeness[:, 0] >= MIN_LIKENESS, nearest[:, 0], -1).astype(np.int64)


def sums(vectors: Floats, strand: Ints, n_strands: int) -> Floats:
    """(n_strands, dim) sums of memories by strand, where intents start; they add up over users."""
    one = np.ones(len(strand), dtype=np.float32)
    members = sparse.csr_matrix((one, (strand, np.arange(len(strand)))), shape=(n_strands, len(strand)))
    return np.asarray(members @ vectors, dtype=np.float32)


def sample(vectors: Floats, share: float, seed: int, part: int = 0) -> Floats:
    """At most this share of TRAIN of the memories of a part, to train on; all of them where there are few."""
    most = math.ceil(TRAIN * share)
    if len(vectors) <= most:
        return vectors
    rng = np.random.default_rng([seed, 3, part] if part else [seed, 3])
    return vectors[np.sort(rng.choice(len(vectors), most, replace=False))]


@one_thread()
def find_intents(start: Floats, train: Floats, seed: int) -> Intents:
    """Intents from the `sums` over all memories and a `sample` of them."""
    if not len(train):
        return Intents(np.empty((0, start.shape[1]), np.float32))
    model = faiss.Kmeans(
        train.shape[1], len(start), niter=ITERATIONS, seed=seed + 1, spherical=True, min_points_per_centroid=1
    )
    model.train(np.ascontiguousarray(train), init_centroids=_unit(start))
    return Intents(_unit(np.asarray(model.centroids)))


def by_size(counts: Ints) -> Ints:
    """(n + 1,) the final number of each intent by how many memories it has, −1 for none; the last stands for noise."""
    kept = np.flatnonzero(counts)
    order = kept[np.lexsort((kept, -counts[kept]))]
    new = np.full(len(counts) + 1, -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return new


def on_a_map(centroids: Floats) -> NDArray[np.float64]:
    """(n, 2) two principal components, signs fixed so that the map does not flip from run to run."""
    if not len(centroids):
        return np.empty((0, 2))
    x = centroids.astype(np.float64) - centroids.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    xy = np.zeros((len(x), 2))
    xy[:, : min(2, len(s))] = (u * s)[:, :2]
    largest = np.abs(xy).argmax(axis=0)
    return np.asarray(xy * np.where(xy[largest, [0, 1]] < 0, -1.0, 1.0))


def _unit(x: Floats) -> Floats:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12), dtype=np.float32)
