"""Memories to intents: what people come for, over all users.

In: memories with the strand that each follows. Out: the intent of each memory (−1: noise), with centroids and a place
on a map. Memories are clustered by their vectors (what is done, and in which company; spherical k-means in faiss)
starting from the strands, so that a memory whose company says otherwise than its strand changes sides; one that
resembles no intent stays outside. Promises: deterministic; the biggest intent is 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

ITERATIONS = 5
TRAIN = 200_000
MIN_LIKENESS = 0.3


@dataclass(frozen=True)
class Intents:
    """`of_memory`: intent of each memory; `centroids` (n, dim) unit vectors; `xy` (n, 2) a map, unitless."""

    of_memory: Ints
    centroids: Floats
    xy: NDArray[np.float64]

    @property
    def n(self) -> int:
        return len(self.centroids)


def cluster(vectors: Floats, strand: Ints, seed: int) -> Intents:
    """Intents of memories with unit `vectors` (n, dim); `strand` (n) is where each starts."""
    if len(vectors) == 0:
        return Intents(np.empty(0, np.int64), np.empty((0, 0), np.float32), np.empty((0, 2)))
    start = _means(vectors, strand)
    centroids = _refine(vectors, start, seed)
    nearest, likeness = _nearest(vectors, centroids)
    label = np.where(likeness >= MIN_LIKENESS, nearest, -1)
    kept, counts = np.unique(label[label >= 0], return_counts=True)
    order = kept[np.lexsort((kept, -counts))]
    new = np.full(len(centroids) + 1, -1, dtype=np.int64)
    new[order] = np.arange(len(order))
    return Intents(new[label], centroids[order], _map(centroids[order]))


def _means(vectors: Floats, label: Ints) -> Floats:
    sums = np.zeros((int(label.max()) + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, label, vectors)
    return _unit(sums)


def _refine(vectors: Floats, start: Floats, seed: int) -> Floats:
    rng = np.random.default_rng([seed, 3])
    sample = vectors if len(vectors) <= TRAIN else vectors[np.sort(rng.choice(len(vectors), TRAIN, replace=False))]
    model = faiss.Kmeans(
        vectors.shape[1], len(start), niter=ITERATIONS, seed=seed + 1, spherical=True, min_points_per_centroid=1
    )
    model.train(np.ascontiguousarray(sample), init_centroids=start)
    return _unit(np.asarray(model.centroids))


def _nearest(vectors: Floats, centroids: Floats) -> tuple[Ints, Floats]:
    index = faiss.IndexFlatIP(centroids.shape[1])
    index.add(centroids)
    likeness, nearest = index.search(np.ascontiguousarray(vectors), 1)
    return nearest[:, 0].astype(np.int64), likeness[:, 0]


def _map(centroids: Floats) -> NDArray[np.float64]:
    """Two principal components, signs fixed so that the map does not flip from run to run."""
    x = centroids.astype(np.float64) - centroids.mean(axis=0)
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    xy = np.zeros((len(x), 2))
    xy[:, : min(2, len(s))] = (u * s)[:, :2]
    largest = np.abs(xy).argmax(axis=0)
    return np.asarray(xy * np.where(xy[largest, [0, 1]] < 0, -1.0, 1.0))


def _unit(x: Floats) -> Floats:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12), dtype=np.float32)
