"""A run as one side of a comparison.

In: the folder of a finished run. Out: a `RunSide`: its events, who is in which group, what it is called. Promises: nothing in the
folder changes; of a run that nobody here sealed no word is taken that may stand on no page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...codebook import Codebook
from ...edits.bounds import never
from ...errors import StoreError, UsageError
from ...groups.saving import GROUPS, load_groups
from ...log.mentions import names_a_user
from ...log.placed_halves import PlacedHalves
from ...options import Options
from ...runs import halves_of, memberships_of, options_of
from ...schema import ComparedRun, Persona, PersonaSet
from ...store import Store
from ...words.floors import of_users
from ...write.critique.slots import TextKind
from ..showing import personas_of


@dataclass(frozen=True)
class RunSide:
    """`groups` are user hashes by group, `ids` the group of each persona, `halves` where halves of visits put users; `views` are
    what users are told apart by (None: that is not kept), `within` the field that they are told apart in; `sealed`: by who
    compares them.
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
    sealed: bool = True

    @property
    def period(self) -> ComparedRun:
        found = self.personas
        labels = {p.id: p.called for p in found.personas}
        return ComparedRun(
            run_id=found.run_id, window=found.window, users=of_users(found.counts.get("users", 0)), labels=labels,
            not_sealed=None if self.sealed else True,
        )  # fmt: skip


def finished_side(store: Store, *, sealed: bool = True) -> RunSide:
    """The finished run of a folder; StoreError where events or codebook are gone, UsageError where groups are of occasions.
    Of one that nobody here `sealed`, words that may stand on no page are left out.
    """
    run: dict[str, Any] = store.read_json("run.json")
    personas = personas_of(store) if sealed else without_barred_words(store, personas_of(store))
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
        sealed,
    )


def without_barred_words(store: Store, personas: PersonaSet) -> PersonaSet:
    """A persona whose name may stand on no page (who somebody is, what the law protects or what identifies somebody, orders to a
    model) is called by its id; claims in such words are not compared.
    """

    def barred(text: str, kind: TextKind) -> bool:
        return bool(never(text, kind)) or names_a_user(store, text)

    def held(persona: Persona) -> Persona:
        label = persona.id if barred(persona.label, "name") else persona.label
        claims = [c for c in persona.claims if not barred(c.text, "claim")]
        return persona.model_copy(update={"label": label, "claims": claims})

    everyone = personas.everyone and held(personas.everyone)
    return personas.model_copy(update={"personas": [held(p) for p in personas.personas], "everyone": everyone})


def refuse_occasions(by: str, out: str) -> None:
    """UsageError where personas are what users come for: one user is in several of them."""
    if by != "users":
        raise UsageError(
            f"{out!r} is of occasions (--by intents), of which a user has several.", hint="Compare runs of users."
        )
