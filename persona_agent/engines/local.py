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

from ..errors import PersonaAgentError, UsageError

P = TypeVar("P")
R = TypeVar("R")

TRIES = 3  # a part that kills its worker three times will do so again
MOST_WORKERS = 61  # as many as Windows can wait for


class LocalEngine:
    """So many processes, as many as processors unless told otherwise, from the first map of several parts to the end of the
    block; a single part stays in this process, and so do all where there is one worker.
    """

    name = "local"
    holds = False

    def __init__(self, workers: int | None = None) -> None:
        self._workers = min(workers or processors(), MOST_WORKERS)
        self._pool: ProcessPoolExecutor | None = None
        self._began: Any = None
        # A spawned process imports the main script again, and would do all of its work again.
        if self._workers > 1 and getattr(multiprocessing.current_process(), "_inheriting", False):
            raise unguarded()

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
                if not self._began.is_set():
                    raise unguarded() from None
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
            self._began = context.Event()
            self._pool = ProcessPoolExecutor(self._workers, context, initializer=_begin, initargs=(self._began,))
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def processors() -> int:
    """Those that this process may use, where the system says; else all there are."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def unguarded() -> UsageError:
    """Why no worker process could begin."""
    return UsageError(
        "Worker processes cannot begin: each imports the script that was started, which comes to this call again.",
        hint='Put the calls of that script under `if __name__ == "__main__":`, or go without processes: workers=1.',
    )


def _begin(began: Any) -> None:
    """A worker is there: what breaks from now on is its work, not its start."""
    began.set()
