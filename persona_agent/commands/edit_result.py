"""What became of an edit, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..manifest import Standing
from ..report import WIDTH, wrapped
from ..schema import EditTold
from .results import SealedResult

DID = {
    "worded": "reworded",
    "proposed": "a claim of a person's own",
    "accepted": "accepted",
    "rejected": "rejected",
    "locked": "locked",
    "noted": "noted",
}


@dataclass(frozen=True)
class EditResult(SealedResult):
    """What became of the change at `at` (empty: of all edits), and what stands there now. `refused` says why it may not stand;
    then nothing was changed. `edits` are all of the run, `words` what people wrote in those that do not stand.
    """

    # Who sealed the run is no matter of a change of words; that it was tampered with is.
    remarked: ClassVar[frozenset[Standing]] = frozenset({"changed"})

    at: str
    refused: list[str]
    reads: str
    mark: str
    edits: list[EditTold]
    words: dict[str, str]

    def text(self) -> str:
        if self.refused:
            return "\n".join(["Refused, and nothing was changed.", *self._lines(self.refused)])
        if self.at:
            behind = f" ({self.mark})" if self.mark and self.mark not in self.reads else ""
            conflicts = [e for e in self.edits if e.outcome == "conflict"]
            return "\n".join([*wrapped(f"{self.at}: {self.reads}{behind}", WIDTH), *self._told(conflicts)])
        return "\n".join(self._told(self.edits) or ["Nobody has changed anything on these pages."])

    def _told(self, edits: Sequence[EditTold]) -> list[str]:
        found: list[str] = []
        for e in edits:
            mark = f" ({e.mark})" if e.mark else ""
            found += wrapped(f"{e.at}, {DID[e.did]}: {e.outcome}{mark} [{e.id}]", WIDTH)
            found += self._lines([x for x in (e.why, f"note: {e.note}" if e.note else "") if x])
            found += self._lines([f"what was written: {self.words[e.id]}"]) if e.outcome == "conflict" else []
        return found

    @staticmethod
    def _lines(texts: Sequence[str]) -> list[str]:
        return [f"  {line}" for text in texts for line in wrapped(text, WIDTH - 2)]

    def as_json(self) -> dict[str, Any]:
        return {
            "at": self.at,
            "refused": self.refused,
            "reads": self.reads,
            "mark": self.mark,
            "edits": [e.model_dump(mode="json") for e in self.edits],
            "seal": self.seal.standing,
        }

    @property
    def exit_status(self) -> int:
        """That of the change: `check` is what fails where files are not as they were sealed."""
        return 1 if self.refused or any(e.outcome == "conflict" for e in self.edits) else 0
