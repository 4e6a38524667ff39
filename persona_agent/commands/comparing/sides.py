"""A run as one side of a comparison.

In: the folder of a finished run. Out: a `RunSide`: its events, who is in which group, what it is called. Promises: nothing in the
folder changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...codebook import Codebook
from ...errors import StoreError, UsageError
from ...groups.saving import GROUPS, load_groups
from ...log.placed_halves import PlacedHalves
from ...options import Options
from ...runs import halves_of, memberships_of, options_of
from ...schema import ComparedRun, PersonaSet
from ...store import Store
from ...words.floors import of_users
from ..showing import personas_of


@dataclass(frozen=True)
class RunSide:
    """`groups` are user hashes by group, `ids` the group of each persona, `halves` where halves of visits put users; `views` are
    what users are told apart by (None: that is not kept), `within` the field that they are told apart in.
    """

    store: Store
    options: Options
    personas: PersonaSet
    groups: list[list[str]]
    ids: Mapping[str, int]
    halves: PlacedHalves
    views: list[str] | None
    within: str | None
    book: Codebook

    @property
    def period(self) -> ComparedRun:
        found = self.personas
        labels = {p.id: p.label for p in found.personas}
        return ComparedRun(
            run_id=found.run_id, window=found.window, users=of_users(found.counts.get("users", 0)), labels=labels
        )


def finished_side(store: Store) -> RunSide:
    """The finished run of a folder; StoreError where events or codebook are gone, UsageError where groups are of occasions."""
    run: dict[str, Any] = store.read_json("run.json")
    personas = personas_of(store)
    refuse_occasions(personas.by, str(store.out))
    named = run.get("facts", {}).get("name")
    if named is None or not store.path("events.parquet").is_file():
        raise StoreError(f"{str(store.out)!r} does not keep what is compared.", hint="Run again with --fresh.")
    groups, ids, _ = memberships_of(store)
    kept = load_groups(store) if store.path(GROUPS).is_file() else None
    return RunSide(
        store,
        options_of(run, tuple(run["paths"])),
        personas,
        groups,
        ids,
        halves_of(store),
        kept.grouping.in_use if kept else None,
        kept.within if kept else None,
        Codebook.model_validate(named["book"]),
    )


def refuse_occasions(by: str, out: str) -> None:
    """UsageError where personas are what users come for: one user is in several of them."""
    if by != "users":
        raise UsageError(
            f"{out!r} is of occasions (--by intents), of which a user has several.", hint="Compare runs of users."
        )
