"""`egress`: what a run sent to models and embeddings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..models.ledger import Ledger
from ..store import Store


def egress(out: Path) -> list[dict[str, Any]]:
    """Everything that a run sent to a model or an embedding outside of its own process, in order."""
    path = Store.open(out).path("ledger.sqlite")
    return Ledger(path).all_sent() if path.is_file() else []
