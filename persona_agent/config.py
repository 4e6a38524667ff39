"""Settings as one frozen value, made once from the command line and passed down. No globals.

Precedence, written here only: defaults < file (`persona-agent.toml`) < environment (`PERSONA_AGENT_…`)
< flag. What changes results is in `options()`,
which is hashed into the run id; what does not (output folder, progress) is not.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

DEFAULT_MIN_USERS = 20
DEFAULT_MIN_CLAIM_USERS = 5
DEFAULT_SEED = 0
DEFAULT_MAX_ROUNDS = 3
DEFAULT_CONCURRENCY = 8
DEFAULT_TIMEOUT = 600.0
OFFLINE = "offline"
DISTINGUISHING_BITS = 0.05  # what a claim must tell against comparable others to set a group apart (METRICS 5)
# Why records are set aside unless `--keep` says otherwise; the last is what vendors themselves call no behaviour.
KEEPABLE = ("fees", "sensitive", "automation", "flood", "not_behaviour")
MAPPED_FIELDS = ("user", "timestamp", "action", "object", "text", "session", "event_id")
# What says where and how a model is reached, but not what it is asked.
NOT_HASHED = frozenset(
    {
        "inputs", "out", "fresh", "base_url", "critic_base_url", "timeout", "max_cost", "concurrency", "record", "record_source",
        "replay", "engine", "local",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Everything a run depends on. `mapping` maps our fields to columns; `allow` lists further properties whose values
    may reach a prompt, `declared` what is counted over a card and nothing else; `value` is an arithmetic expression over
    properties, e.g. `properties.quantity*properties.price`; `names` is a model of spaCy's that finds names of people.
    """

    inputs: tuple[str, ...] = ()
    out: Path = Path("out")
    mapping: tuple[tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    format: str | None = None
    query: str | None = None
    keep: tuple[str, ...] = ()
    allow_rejects: bool = False
    opt_out: Path | None = None
    names: str | None = None
    by: str = "users"
    personas: int | None = None
    within: str | None = None
    value: str | None = None
    question: str | None = None
    seed: int = DEFAULT_SEED
    min_users: int = DEFAULT_MIN_USERS
    timezone: str = "UTC"
    model: str = OFFLINE
    critic_model: str | None = None
    base_url: str | None = None
    critic_base_url: str | None = None
    timeout: float = DEFAULT_TIMEOUT
    price: str | None = None
    max_cost: float | None = None
    max_rounds: int = DEFAULT_MAX_ROUNDS
    concurrency: int = DEFAULT_CONCURRENCY
    record: Path | None = None
    record_source: str | None = None
    replay: Path | None = None
    embedding: str = "wordllama"
    engine: str = "local"
    local: bool = False
    fresh: bool = False

    @property
    def judges(self) -> str:
        """Who judges: the model that was named, else the writer's own; `offline` means that code alone decides."""
        return self.critic_model or self.model

    def options(self) -> dict[str, Any]:
        """What can change a result, as JSON values."""
        plain = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name not in NOT_HASHED}
        return {**plain, "critic_model": self.judges}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    return str(value) if isinstance(value, Path) else value
