"""`show`: a finished run, one of its personas, or a claim with the lines for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import StoreError, UsageError
from ..manifest import Verification, verify
from ..report import WIDTH, Lines, first_screen, fitted, show_claim, show_persona, shown_in_nouns, wrapped
from ..report.called import called, called_claim, called_persona
from ..report.drawn import just_of
from ..report.shown_lines import cited_lines
from ..report.tenth_pages import firm_of, is_tenth, lead_and_rows
from ..runs import names_of
from ..schema import NO_NAMES, Claim, Names, Persona, PersonaSet
from ..schema.nouns import Nouns
from ..seal import find_seal
from ..store import Store
from .results import SealedResult


@dataclass(frozen=True)
class Showing(SealedResult):
    """What was asked for, with the lines that the run cites, in the nouns of its log, and how its files stand to their seal;
    `just` is what the bar of a claim says of a mix; `beside` and `firm` are what is told beside the claims of the tenth.
    """

    found: PersonaSet | Persona | Claim
    lines: Lines
    nouns: Nouns | None = None
    names: Names = NO_NAMES
    just: str = ""
    beside: Sequence[tuple[str, str]] = ()
    firm: tuple[str, str] | None = None

    def text(self) -> str:
        said = "\n".join(wrapped(self.seal.says, WIDTH))
        shown = self._shown()
        # What cannot be trusted is said before it is shown.
        return f"{shown}\n\n{said}" if self.seal.standing == "verified" else f"{said}\n\n{shown}"

    def _shown(self) -> str:
        if isinstance(self.found, PersonaSet):
            return first_screen(called(self.found, self.names))
        if isinstance(self.found, Claim):
            told = called_claim(self.found, self.names)
            return fitted(
                self.nouns,
                WIDTH,
                lambda room: shown_in_nouns(self.nouns, show_claim, told, self.lines, room, just=self.just),
            )
        persona = called_persona(self.found, self.names)
        return fitted(
            self.nouns,
            WIDTH,
            lambda room: shown_in_nouns(self.nouns, show_persona, persona, room, beside=self.beside, firm=self.firm),
        )

    def as_json(self) -> dict[str, Any]:
        return self.found.model_dump(mode="json")


def show(out: Path, name: str | None = None, seal_key: Path | None = None) -> Showing:
    """The run in `out`, or the persona (`p1`) or claim (`p1.c2`) of it that has this name."""
    personas, lines = finished(out)
    names, seal = names_of(Store(out)), seal_of(out, seal_key)
    if name is None:
        return Showing(personas, lines, names=names, seal=seal)
    if "." not in name:
        found = find_persona(personas, name)
        if not is_tenth(personas, found):
            return Showing(found, lines, personas.nouns, names, seal=seal)
        beside, firm = [*lead_and_rows(personas)], firm_of(personas, found)
        return Showing(found, lines, personas.nouns, names, seal=seal, beside=beside, firm=firm)
    just = just_of(find_persona(personas, name.partition(".")[0]), name)
    return Showing(find_claim(personas, name), lines, personas.nouns, names, just, seal=seal)


def finished(out: Path) -> tuple[PersonaSet, Lines]:
    """The personas of a finished run, with the lines that they cite."""
    store = Store.open(out)
    personas = personas_of(store)
    return personas, cited_lines(store, personas)


def seal_of(out: Path, seal_key: Path | None = None) -> Verification:
    """How the files of the run in `out` stand to the seal of who asks."""
    return verify(Store.open(out), find_seal(seal_key))


def personas_of(store: Store, name: str = "personas.json") -> PersonaSet:
    """The personas of a finished run; StoreError where there are none, or they are not as a run writes them."""
    if not store.path(name).is_file():
        raise StoreError(
            f"The run in {str(store.out)!r} did not finish.", hint="Run the same command again: it goes on."
        )
    try:
        return PersonaSet.model_validate(store.read_json(name))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "personas"
        raise StoreError(
            f"{str(store.path(name))!r} is not as a run writes it: {where}: {first['msg']}.",
            hint="Run the same command again: it is made anew.",
        ) from None


def find_persona(personas: PersonaSet, name: str) -> Persona:
    """The card called so, a persona, everyone or the tenth that brings in most; UsageError lists those there are."""
    known = {p.id: p for p in personas.cards}
    if name not in known:
        raise UsageError(f"No persona is called {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def find_claim(personas: PersonaSet, name: str) -> Claim:
    """The claim called so, also a hypothesis or a withdrawn one; UsageError lists those there are."""
    persona = find_persona(personas, name.partition(".")[0])
    known = {c.id: c for c in [*persona.claims, *persona.hypotheses, *persona.withdrawn]}
    if name not in known:
        raise UsageError(f"{persona.id} has no claim {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]
