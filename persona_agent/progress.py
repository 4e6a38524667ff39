"""What a long command says while it works: which stage, how far, what is worth knowing.

Whoever runs a command hands in a `Progress`; stages only call it. Promised: nothing depends on what it does, so `Silent`
gives the same result.
"""

from __future__ import annotations

from typing import Protocol


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
