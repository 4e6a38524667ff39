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

from persona_agent.errors import PersonaAgentError

P = TypeVar("P")
R = TypeVar("R")

TRIES = 3


class LocalEngine:
    """As many processes as processors, for the time of a map; a single part stays in this one."""

    name = "local"

    def __init__(self, workers: int | None = None) -> None:
        self._workers = workers or len(os.sched_getaffinity(0))

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(self, *_: object) -> None:
        return

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
                tries += 1
                if tries >= TRIES:
                    raise PersonaAgentError(
                        "A worker process was killed, and again when its part was done anew.",
                        hint="It may have run out of memory: free some, and run the same command again.",
                    ) from None

    def hold(self, load: Callable[[P], Callable[[object], object]], parts: Sequence[P]) -> None:  # noqa: ARG002
        """Nothing: one database asks all parts at once, on all processors."""
        return

    def _in_order(self, function: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        # A fork would copy locks that threads of duckdb and faiss may hold.
        context: Any = multiprocessing.get_context("spawn")
        left = iter(parts)
        with ProcessPoolExecutor(min(self._workers, len(parts)), mp_context=context) as pool:
            waiting: deque[Future[R]] = deque(pool.submit(function, p) for p in islice(left, self._workers + 1))
            try:
                while waiting:
                    yield waiting.popleft().result()
                    waiting.extend(pool.submit(function, p) for p in islice(left, 1))
            finally:
                for future in waiting:
                    future.cancel()
