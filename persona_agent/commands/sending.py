"""`egress`: what a run sent to models and embeddings: `host` got the bytes, `for` is the server that they were meant for."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..models.ledger import Ledger
from ..report.blocks import in_blocks
from ..store import Store
from .results import Result


@dataclass(frozen=True)
class Egress(Result):
    """Everything that a run sent to a model or an embedding outside of its own process, in order."""

    calls: list[dict[str, Any]]

    def text(self) -> str:
        if not self.calls:
            return "Nothing left this machine for a model."
        seen: dict[tuple[str, ...], Counter[str]] = {}
        for call in self.calls:
            key = (call["host"], call["server"], call["model"], call["stage"])
            seen.setdefault(key, Counter()).update(calls=1, bytes=call["bytes"], masked=call["masked"])
        rows = [{"host": h, "for": t, "model": m, "prompt": s, **counts} for (h, t, m, s), counts in seen.items()]
        return in_blocks({"sent": rows, "calls": len(self.calls), "bytes": sum(c["bytes"] for c in self.calls)})

    def as_json(self) -> list[dict[str, Any]]:
        return self.calls


def egress(out: Path) -> Egress:
    """What the run in `out` sent; nothing where it asked nobody."""
    path = Store.open(out).path("ledger.sqlite")
    return Egress(Ledger(path).all_sent() if path.is_file() else [])
