"""Printing: JSON or plain text on stdout, progress on stderr.

Progress is a moving bar on a terminal and plain lines elsewhere, one a stage and one every 15 seconds of a long one;
NO_COLOR is respected.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..inert import inert, inert_lines, json_escaped
from ..progress import PlainLines, Progress, how_far


def write_output(text: str) -> None:
    """The one place where a result is printed: whatever it quotes (a log, a name of a file), no terminal acts on it."""
    print(inert_lines(text))


def write_json(value: Any) -> None:
    """The same, where what a terminal would act on is json_escaped as JSON has it, and so stays what it is."""
    print(json_escaped(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True, default=str)))


def complain(text: str) -> None:
    """One line on stderr."""
    print(inert(text), file=sys.stderr)


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
            self._bars.update(self._task, completed=done, total=total, done=how_far(done, total, unit))

    def note(self, text: str) -> None:
        self._bars.console.print(inert(text), markup=False, highlight=False)
