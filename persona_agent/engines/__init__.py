"""Where functions run that take one part of a log at a time: on this machine or on a cluster.

An `Engine` maps a pure function over parts; parts, functions and results can be pickled. Promises: results come in the order
of the parts, whatever the order in which they are done, so a sum over them is the same on every engine; an error that
a function raises is raised here; what a function leaves in files is there when its result is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from ..errors import UsageError
from .local import LocalEngine

__all__ = ["LOCAL", "Engine", "Held", "LocalEngine", "open_engine"]

P = TypeVar("P")
R = TypeVar("R")

LOCAL, RAY = "local", "ray"


class Held(Protocol):
    """Parts that are kept loaded between questions, until the engine is closed."""

    def ask(self, question: object) -> list[Any]:
        """Every part's answer to the question, in the order of the parts."""
        ...


class Engine(AbstractContextManager["Engine"], Protocol):
    """Closed at the end of a `with`."""

    @property
    def name(self) -> str: ...

    def map(self, function: Callable[[P], R], parts: Sequence[P]) -> Iterator[R]:
        """`function` of every part, in order."""
        ...

    @property
    def holds(self) -> bool:
        """Whether parts can be held apart from this process; where they cannot, one database asks them all just as well."""
        ...

    def hold(self, load: Callable[[P], Callable[[Any], Any]], parts: Sequence[P]) -> Held:
        """What `load` makes of every part, each where it stays."""
        ...


def open_engine(name: str, workers: int | None = None) -> Engine:
    """`local` with so many workers, `ray` (one that this starts here) or `ray:ADDRESS` (a cluster); UsageError where there is
    no such engine.
    """
    kind, _, address = name.partition(":")
    if kind == RAY:
        from .ray import RayEngine  # takes a second to import, and may not be installed

        return RayEngine(address or None)
    if name != LOCAL:
        raise UsageError(f"There is no engine {name!r}.", hint="Use local, ray or ray:ADDRESS.")
    return LocalEngine(workers)
