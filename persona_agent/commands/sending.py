"""`egress`: what a run sent to models and embeddings, to a database that its log came from, and to an agent that asked by `mcp`.

`host` got the bytes, `for` is the server that they were meant for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..manifest import AS_SEALED, Verification, verify
from ..models.ledger import LEDGER, Ledger
from ..report.blocks import in_blocks
from ..seal import find_seal
from ..store import Store
from .results import SealedResult
from .serving.kept_answers import keeps_answers_alone
from .serving.sealed_answers import ASKED, keeps_answers, verify_answers

OF_AGENTS = f"What agents were answered is listed as it stands in {ASKED}, which you did not seal."
NOT_LISTED = "Nothing is listed, and of what went to agents the list is not whole."
OF_CHANGED = "What agents were answered is not as it was sealed: {}."


@dataclass(frozen=True)
class Egress(SealedResult):
    """Everything that a run sent out of its own process, in order: to a database for the log, to models and embeddings; and how
    its files stand to their seal, for a list of rows can be shortened. `agents`: how those stand that went to agents, if any did.
    """

    calls: list[dict[str, Any]]
    agents: Verification | None = None

    @property
    def remarks(self) -> Sequence[str]:
        stands = self.agents.standing if self.agents else "verified"
        of_agents = [OF_AGENTS] if stands == "not_yours" else []
        if self.agents and stands == "changed":
            of_agents = [OF_CHANGED.format("; ".join(self.agents.problems))]
        return [*super().remarks, *of_agents]

    @property
    def failed(self) -> bool:
        return self.agents is not None and self.agents.standing == "changed"

    def text(self) -> str:
        if not self.calls and self.failed:
            return NOT_LISTED
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
    seal = find_seal(seal_key)
    found = verify_answers(store, seal)
    agents = found if found.standing == "changed" or keeps_answers(store) else None
    served = agents is not None and keeps_answers_alone(store)  # such a folder has nothing else
    return Egress(sent, agents, seal=AS_SEALED if served else verify(store, seal))
