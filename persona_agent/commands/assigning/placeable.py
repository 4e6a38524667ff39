"""Which run may place users: a finished one of people who are not at work, with personas that are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...groups.freezing import load_frozen
from ...groups.frozen import Frozen
from ...options import Options
from ...report import shown
from ...report.called import called
from ...runs import memberships_of, names_of, options_of
from ...schema import PersonaSet
from ...store import Store
from ..showing import personas_of


@dataclass(frozen=True)
class Placeable:
    """A finished run whose personas may be given out by user: `groups` is the group of each persona that is shown."""

    store: Store
    run: dict[str, Any]
    personas: PersonaSet
    frozen: Frozen
    groups: Mapping[str, int]

    @property
    def options(self) -> Options:
        return options_of(self.run, ())

    @property
    def names(self) -> dict[str, str]:
        """The personas that are shown, by id."""
        return {p.id: p.label for p in shown(called(self.personas, names_of(self.store))) if p.id in self.groups}


def placeable(out: Path) -> Placeable:
    """The run in `out`; UsageError where its users may not be placed, or there is nothing to place them in."""
    store = Store.open(out)
    personas, run = personas_of(store), store.read_json("run.json")
    if personas.staff is not None:
        raise UsageError(
            f"Nobody is placed: {personas.staff}, so staff mode is on, and it tells of teams, not of who is in them.",
            hint="Where a purpose speaks for it, run again with --no-staff PURPOSE.",
        )
    if personas.by == "intents":
        raise UsageError(
            "Nobody is placed by occasions: a user may be in several.", hint="Run again without --by intents."
        )
    frozen = load_frozen(store)
    here = {p.id for p in shown(personas)}
    groups = {p: g for p, g in memberships_of(store)[1].items() if p in here}
    if frozen is None or not groups:
        raise UsageError("The run shows no persona that anybody could be placed in.", hint="`show` says why.")
    return Placeable(store, run, personas, frozen, dict(sorted(groups.items(), key=lambda item: int(item[0][1:]))))
