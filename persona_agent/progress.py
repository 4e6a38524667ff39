"""How long work tells a person where it is: a seam that the command line fills and everything else may ignore."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told what happens; shows it or not."""

    def stage(self, name: str) -> None:
        """A new stage begins."""
        ...

    def update(self, done: int, total: int | None, unit: str) -> None:
        """So much of the stage is done; `total` is None where it cannot be known."""
        ...

    def note(self, text: str) -> None:
        """Something worth a line of its own."""
        ...


class Silent:
    """Says nothing."""

    def stage(self, name: str) -> None:
        return None

    def update(self, done: int, total: int | None, unit: str) -> None:
        return None

    def note(self, text: str) -> None:
        return None
