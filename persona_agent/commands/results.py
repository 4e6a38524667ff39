"""What every command gives back: a value that reads as text for people and as JSON for programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..manifest import AS_SEALED, Standing, Verification


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


@dataclass(frozen=True, kw_only=True)
class SealedResult(Result):
    """What rests on the files of a run; `seal` says how they stand. It fails where they are not as they were sealed, or what was
    asked came out badly (`failed`); a line is said of standings that are `remarked`.
    """

    remarked: ClassVar[frozenset[Standing]] = frozenset({"changed", "not_yours", "unfinished"})

    seal: Verification = AS_SEALED

    @property
    def failed(self) -> bool:
        return False

    @property
    def remarks(self) -> Sequence[str]:
        return seal_remarks([self.seal], self.remarked)

    @property
    def exit_status(self) -> int:
        return 1 if self.failed or self.seal.standing == "changed" else 0


def seal_remarks(seals: Iterable[Verification], remarked: Container[Standing]) -> Sequence[str]:
    """What is said of the seals whose standing is among these."""
    return [seal.says for seal in seals if seal.standing in remarked]
