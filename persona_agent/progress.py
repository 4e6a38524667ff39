"""What a long command says while it works: which stage, how far, what is worth knowing.

Whoever runs a command hands in a `Progress`; stages only call it. Promised: nothing depends on what it does, so `Silent`
gives the same result.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Protocol

from .inert import inert

EVERY = 15.0  # seconds between lines of progress where there is no terminal


class Progress(Protocol):
    """Calls come in order and from one thread; a stage ends where the next begins."""

    def stage(self, name: str) -> None:
        """A stage begins; `name` says in words what is being done."""

    def update(self, done: int, total: int | None, unit: str) -> None:
        """So many units of the stage are done, out of `total` where that is known."""

    def note(self, text: str) -> None:
        """One line that a person may want to know."""


class Silent:
    """Says nothing."""

    def stage(self, name: str) -> None: ...

    def update(self, done: int, total: int | None, unit: str) -> None: ...

    def note(self, text: str) -> None: ...


class PlainLines:
    """A line on stderr when a stage begins, how far it is every EVERY seconds, and how far it came when the next one begins."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reached = ""
        self._begun = self._told = clock()

    def stage(self, name: str) -> None:
        self._end()
        self._begun = self._told = self._clock()
        print(name, file=sys.stderr, flush=True)

    def update(self, done: int, total: int | None, unit: str) -> None:
        self._reached, now = how_far(done, total, unit), self._clock()
        if now - self._told >= EVERY:
            print(f"  {self._reached}{left(done, total, now - self._begun)}", file=sys.stderr, flush=True)
            self._told, self._reached = now, ""

    def note(self, text: str) -> None:
        self._end()
        print(f"  {inert(text)}", file=sys.stderr, flush=True)

    def _end(self) -> None:
        if self._reached:
            print(f"  {self._reached}", file=sys.stderr, flush=True)
        self._reached = ""


def left(done: int, total: int | None, seconds: float) -> str:
    """What remains at the pace so far, in words; nothing where the total is not known."""
    if not total or not 0 < done < total:
        return ""
    rest = seconds * (total - done) / done
    return f", about {rest / 60:.0f} min left" if rest >= 90 else f", about {rest:.0f} s left"


def how_far(done: int, total: int | None, unit: str) -> str:
    return f"{done:,} of {total:,} {unit}" if total is not None else f"{done:,} {unit}"
