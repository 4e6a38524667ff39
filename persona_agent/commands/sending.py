"""`egress`: what a run sent to models and embeddings, to a database that its log came from, and to an agent that asked by `mcp`.

`host` got the bytes, `for` is the server that they were meant for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..models.ledger import LEDGER, Ledger
from ..report.blocks import in_blocks
from ..store import Store
from .results import SealedResult
from .serving.kept_answers import ASKED
from .showing import seal_of

# It grows with each answer, and a client ends a server by killing it, which leaves no moment to seal it in.
OF_AGENTS = f"What agents were answered is listed as it stands in {ASKED}, which no seal covers."


@dataclass(frozen=True)
class Egress(SealedResult):
    """Everything that a run sent out of its own process, in order: to a database for the log, to models and embeddings; and how
    its files stand to their seal, for a list of rows can be shortened. `agents`: some of it went to agents.
    """

    calls: list[dict[str, Any]]
    agents: bool = False

    @property
    def remarks(self) -> Sequence[str]:
        return [*super().remarks, *([OF_AGENTS] if self.agents else [])]

    def text(self) -> str:
        if not self.calls:
            return "Nothing left this machine for a model."
        seen: dict[tuple[str, ...], Counter[str]] = {}
        for call in self.calls:
            key = (call["host"], call["server"], call["model"], call["stage"])
            seen.setdefault(key, Counter()).update(calls=1, bytes=call["bytes"], masked=call["masked"])
        rows = [{"host": h, "for": t, "model": m or "(database)", "prompt": s, **n} for (h, t, m, s), n in seen.items()]
        return in_blocks({"sent": rows, "calls": len(self.calls), "bytes": sum(c["bytes"] for c in self.calls)})

    def as_json(self) -> list[dict[str, Any]]:
        return self.calls


def egress(out: Path, seal_key: Path | None = None) -> Egress:
    """What the run in `out` sent; nothing where it asked nobody."""
    store = Store.open(out)
    kept = [store.path(name) for name in (LEDGER, ASKED) if store.path(name).is_file()]
    sent = [*store.read_json("run.json").get("sent", []), *(row for path in kept for row in Ledger(path).all_sent())]
    return Egress(sent, store.path(ASKED).is_file(), seal=seal_of(out, seal_key))
