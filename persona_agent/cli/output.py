"""Printing: JSON or plain text on stdout, progress on stderr.

Progress is a moving bar on a terminal and plain lines elsewhere, one a stage and one every 15 seconds of a long one;
NO_COLOR is respected.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..progress import Progress

EVERY = 15.0  # seconds between lines of progress where there is no terminal


def write(text: str) -> None:
    print(text)


def write_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str))


def complain(text: str) -> None:
    """One line on stderr."""
    print("".join(ch if ch.isprintable() else "\ufffd" for ch in text), file=sys.stderr)


@contextmanager
def progress() -> Iterator[Progress]:
    """A `Progress` on stderr for the time of a command."""
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[done]}", markup=False),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        yield Moving(bars)


class PlainLines:
    """A line when a stage begins, how far it is every EVERY seconds, and how far it came when the next one begins."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._reached = ""
        self._begun = self._told = clock()

    def stage(self, name: str) -> None:
        self._end()
        self._begun = self._told = self._clock()
        print(name, file=sys.stderr, flush=True)

    def update(self, done: int, total: int | None, unit: str) -> None:
        self._reached, now = amount(done, total, unit), self._clock()
        if now - self._told >= EVERY:
            print(f"  {self._reached}{left(done, total, now - self._begun)}", file=sys.stderr, flush=True)
            self._told, self._reached = now, ""

    def note(self, text: str) -> None:
        self._end()
        print(f"  {text}", file=sys.stderr, flush=True)

    def _end(self) -> None:
        if self._reached:
            print(f"  {self._reached}", file=sys.stderr, flush=True)
        self._reached = ""


class Moving:
    """One bar per stage, made by rich; notes stay above it."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._task: Any = None

    def stage(self, name: str) -> None:
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(name, total=None, done="")

    def update(self, done: int, total: int | None, unit: str) -> None:
        if self._task is not None:
            self._bars.update(self._task, completed=done, total=total, done=amount(done, total, unit))

    def note(self, text: str) -> None:
        self._bars.console.print(text, markup=False, highlight=False)


def left(done: int, total: int | None, seconds: float) -> str:
    """What remains at the pace so far, in words; nothing where the total is not known."""
    if not total or not 0 < done < total:
        return ""
    rest = seconds * (total - done) / done
    return f", about {rest / 60:.0f} min left" if rest >= 90 else f", about {rest:.0f} s left"


def amount(done: int, total: int | None, unit: str) -> str:
    return f"{done:,} of {total:,} {unit}" if total is not None else f"{done:,} {unit}"
