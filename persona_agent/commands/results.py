"""What every command gives back: a value that reads as text for people and as JSON for programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any


class Result(ABC):
    """`remarks` are what went wrong, a line each; `exit_status` is how the command ends."""

    @abstractmethod
    def text(self) -> str:
        """At most 80 columns, safe to print."""

    @abstractmethod
    def as_json(self) -> Any:
        """Plain values."""

    @property
    def remarks(self) -> Sequence[str]:
        return ()

    @property
    def exit_status(self) -> int:
        return 0
