"""Parts on the processors of this machine, one process each."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Any, TypeVar

from ..errors import PersonaAgentError

P = TypeVar("P")
R = TypeVar("R")

TRIES = 3  # a part that kills its worker three times will do so again


class LocalEngine:
    """As many processes as processors, from the first map of several parts to the end of the block; a single part stays in
    this process.
    """

    name = "local"
    holds = False

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def map(self, function: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """`function` of every part, in order; no more results wait than there are workers. What a killed process was at
        is done again, `TRIES` times at most.
        """
        if len(parts) == 1 or self._workers == 1:
            yield from map(function, parts)
            return
        done = tries = 0
        while done < len(parts):
            try:
                for result in self._in_order(function, parts[done:]):
                    yield result
                    done, tries = done + 1, 0
            except BrokenProcessPool:
                self._close()
                tries += 1
                if tries >= TRIES:
                    raise PersonaAgentError(
                        "A worker process was killed, and again when its part was done anew.",
                        hint="It may have run out of memory: free some, and run the same command again.",
                    ) from None

    def hold(self, load: Callable[[P], Callable[[Any], Any]], parts: Sequence[P]) -> Any:
        """Not here: a database in this process uses all processors by itself."""
        raise NotImplementedError

    def _in_order(self, function: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        pool, left = self._opened(), iter(parts)
        waiting: deque[Future[R]] = deque(pool.submit(function, p) for p in islice(left, self._workers + 1))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(function, p) for p in islice(left, 1))
        finally:
            for future in waiting:
                future.cancel()

    def _opened(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fork would copy locks that threads of duckdb and faiss may hold.
            context: Any = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._workers, mp_context=context)
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
