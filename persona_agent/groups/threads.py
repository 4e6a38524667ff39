"""One thread for faiss: with several, its sums come out in another order on every machine, and so do its clusters.

Promise: inside the block or the decorated function the same vectors give the same result whatever the number of processors;
what was set before is set again behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import faiss


@contextmanager
def one_thread() -> Iterator[None]:
    """A context, or a decorator as `@one_thread()`."""
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)
