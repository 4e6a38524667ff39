"""Settings as one frozen value, made once from the command line and passed down. No globals.

Precedence, written here only: defaults < environment (`PERSONA_AGENT_…`) < flag. What changes results is in `options()`,
which is hashed into the run id; what does not (output folder, progress) is not.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

DEFAULT_MIN_USERS = 20
DEFAULT_MIN_CLAIM_USERS = 5
DEFAULT_SEED = 0
DISTINGUISHING_BITS = 0.05  # what a claim must tell against comparable others to set a group apart (METRICS 5)
MAPPED_FIELDS = ("user", "timestamp", "action", "object", "text", "session", "event_id")
NOT_HASHED = frozenset({"inputs", "out", "fresh"})


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on. `mapping` maps our fields to columns; `allow` lists further properties whose values
    may reach a prompt; `value` is an arithmetic expression over properties, e.g. `properties.quantity*properties.price`.
    """

    inputs: tuple[str, ...] = ()
    out: Path = Path("out")
    mapping: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    format: str | None = None
    keep: tuple[str, ...] = ()
    allow_rejects: bool = False
    opt_out: Path | None = None
    by: str = "users"
    personas: int | None = None
    within: str | None = None
    value: str | None = None
    seed: int = DEFAULT_SEED
    min_users: int = DEFAULT_MIN_USERS
    timezone: str = "UTC"
    model: str = "offline"
    embedding: str = "wordllama"
    fresh: bool = False

    def options(self) -> dict[str, Any]:
        """What can change a result, as JSON values."""
        return {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in NOT_HASHED}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
