"""When a call is made again, and how long all calls wait where a server asks for a pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from ..errors import ProviderError

TOLD = 5.0  # seconds: whoever looks on wonders what is going on


@dataclass(frozen=True)
class Patience:
    """How often a call is tried, and how many seconds lie between: `first`, doubled each time up to `longest`. A pause that
    a server asks for is kept, and a try that ended so does not count, `pauses` times, for the server is well; one of more than
    `longest_asked` (a limit of a day) ends the run, which goes on where it stopped.
    """

    attempts: int = 6
    first: float = 1.0
    longest: float = 30.0
    longest_asked: float = 3_600.0
    pauses: int = 40


class Retries:
    """The retries of one run: only what may succeed later is tried again; `made` counts them."""

    def __init__(self, patience: Patience, tell: Callable[[str], None] = lambda _: None) -> None:
        self.made = 0
        self._patience, self._tell = patience, tell
        self._not_before = 0.0

    def attempts(self) -> AsyncRetrying:
        """The tries of one call."""
        return AsyncRetrying(
            retry=retry_if_exception(lambda e: isinstance(e, ProviderError) and e.retryable),
            stop=self._stop(),
            wait=self._wait,
            before_sleep=self._count,
            reraise=True,
        )

    async def pause(self) -> None:
        """Until no server asks to wait. One that does means all calls: they would be refused, and counted against us."""
        while (wait := self._not_before - time.monotonic()) > 0:
            await asyncio.sleep(wait)

    def hear(self, error: ProviderError) -> ProviderError:
        """Keeps the pause that a server asked for. Out: the error to raise, which is fatal where nobody would wait so long."""
        wait = error.retry_after or 0.0
        if wait > self._patience.longest_asked:
            return ProviderError(
                f"{error.message} That is in {_span(wait)}: nobody waited.",
                hint="The same command goes on from here then: what was answered is not asked for again.",
                fatal=True,
            )
        until = time.monotonic() + wait
        if wait >= TOLD and until > self._not_before + TOLD:  # of calls at the same time one is told
            self._tell(f"{error.message} All calls wait {_span(wait)}.")
        self._not_before = max(self._not_before, until) if wait else self._not_before
        return error

    def _stop(self) -> Callable[[RetryCallState], bool]:
        paused = 0

        def enough(state: RetryCallState) -> bool:
            nonlocal paused
            if _asked(state) and paused < self._patience.pauses:
                paused += 1
            return state.attempt_number - paused >= self._patience.attempts

        return enough

    def _wait(self, state: RetryCallState) -> float:
        if _asked(state):
            return 0.0  # the pause of all calls covers it
        return min(self._patience.first * 2.0 ** (state.attempt_number - 1), self._patience.longest)

    def _count(self, _: RetryCallState) -> None:
        self.made += 1


def _asked(state: RetryCallState) -> bool:
    """Did the try end with a pause that the server asked for?"""
    error = state.outcome.exception() if state.outcome else None
    return isinstance(error, ProviderError) and bool(error.retry_after)


def _span(seconds: float) -> str:
    hours, minutes = seconds / 3600, seconds / 60
    return f"{hours:.0f} h" if hours >= 3 else f"{minutes:.0f} min" if minutes >= 3 else f"{seconds:.0f} s"
