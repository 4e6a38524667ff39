"""`facts`: what a data-protection assessment asks of a run, from what the run wrote down itself.

In: a run directory. Out: purpose, data, columns, what was masked and left out, floors, the key, how long it is kept, who
got what.
Promise: no id, no text of a log and no key is part of it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..log.events import open_events
from ..manifest import Standing
from ..options import DEFAULT_MIN_CLAIM_USERS
from ..report.blocks import in_blocks
from ..runs import options_of
from ..store import Store, forgotten
from ..words.floors import FEW
from ..write.vocabulary import QUOTED
from .results import SealedResult
from .sending import egress

KEPT = "until you delete the folder: nothing is deleted by itself"
COLUMNS = """
SELECT DISTINCT unnest(json_keys(properties)) AS name FROM events WHERE properties IS NOT NULL ORDER BY name
"""


@dataclass(frozen=True)
class Assessment(SealedResult):
    """The facts by name, `seal` first: how the files that they rest on stand to theirs."""

    remarked: ClassVar[frozenset[Standing]] = frozenset()  # the first of the facts says it

    facts: dict[str, Any]

    def text(self) -> str:
        return in_blocks(self.facts)

    def as_json(self) -> dict[str, Any]:
        return self.facts


def facts(out: Path, seal_key: Path | None = None) -> Assessment:
    """The facts of the run in `out`."""
    store = Store.open(out)
    run: dict[str, Any] = store.read_json("run.json")
    options, read = options_of(run, ()), run["facts"]["read"]
    within = store.key_path == store.path(".key")
    sent = egress(out, seal_key)
    return Assessment(
        {
            "seal": sent.seal.says,
            "purpose": run.get("purpose") or "not given (--purpose)",
            "log": [entry["path"] for entry in run["inputs"]],
            "window": f"{read['first'] or '?'} to {read['last'] or '?'}",
            "users": read["users"],
            "events": read["events"],
            "columns kept": _columns(store),
            "columns sent to models": [*options.allow],
            "columns counted on cards alone": [*options.declared],
            "columns dropped, as they say who somebody is": read["withheld"],
            "identifiers masked": read["redacted"],
            "records set aside": read["reasons"],
            "forgotten on request": len(forgotten(store)),
            "floors, in users": {
                "a card": options.min_users,
                "a claim": DEFAULT_MIN_CLAIM_USERS,
                "an action or an object that a model sees": FEW,
                "a text that a model sees": QUOTED,
            },
            "key of the user hashes": "in this folder: whoever has a copy of it and your user ids can tell who is in which group"
            if within
            else f"at {store.key_path}: a copy of this folder alone joins nobody",
            "kept": KEPT,
            "hosts": _hosts(sent.calls),
        },
        seal=sent.seal,
    )


def _columns(store: Store) -> list[str]:
    """Names of the fields of events that stand in the run, besides user, time, act, thing, text and session."""
    with store.connect() as connection:
        open_events(connection, store)
        return [name for (name,) in connection.execute(COLUMNS).fetchall()]


def _hosts(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who got how many bytes of text, for which server."""
    got: dict[tuple[str, str], Counter[str]] = {}
    for call in calls:
        got.setdefault((call["host"], call["server"]), Counter()).update(calls=1, bytes=call["bytes"])
    return [{"host": host, "for": server, **counts} for (host, server), counts in got.items()]
