"""`show`: a finished run, as it stands, and what stands in the lines that it cites."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import StoreError, UsageError
from ..report import Lines
from ..report.cited import key
from ..report.finishing import cited_lines, lines_at
from ..schema import Citation, Claim, Persona, PersonaSet
from ..store import Store


class CitedLine(Citation):
    """A cited line with what stands in it, redacted: `user` is a keyed hash, `time` is UTC; all empty where it is gone."""

    user: str = ""
    time: str = ""
    action: str = ""
    object: str = ""
    text: str = ""


def show(out: Path) -> tuple[PersonaSet, Lines]:
    """The personas of a finished run, with the lines that they cite."""
    store = Store.open(out)
    personas = personas_of(store)
    return personas, cited_lines(store, personas)


def personas_of(store: Store) -> PersonaSet:
    """What a run found; StoreError where it did not finish."""
    if not store.path("personas.json").is_file():
        raise StoreError(
            f"The run in {str(store.out)!r} did not finish.", hint="Run the same command again: it goes on."
        )
    return PersonaSet.model_validate(store.read_json("personas.json"))


def find_persona(personas: PersonaSet, name: str) -> Persona:
    """The persona called so, or the page about everyone; UsageError lists those there are."""
    pages = [*personas.personas, *([personas.everyone] if personas.everyone else [])]
    known = {p.id: p for p in pages}
    if name not in known:
        raise UsageError(f"No persona is called {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def find_claim(personas: PersonaSet, name: str) -> Claim:
    """The claim called so, accepted, withdrawn or a hypothesis; UsageError lists those there are."""
    persona = find_persona(personas, name.partition(".")[0])
    known = {c.id: c for c in [*persona.claims, *persona.hypotheses, *persona.withdrawn]}
    if name not in known:
        raise UsageError(f"{persona.id} has no claim {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def read_lines(store: Store, citations: Sequence[Citation]) -> list[CitedLine]:
    """What stands in each cited line."""
    found = lines_at(store, {key(c) for c in citations})
    told = ("user", "time", "action", "object", "text")
    return [
        CitedLine(**c.model_dump(), **({name: getattr(line, name) for name in told} if line else {}))
        for c in citations
        for line in [found.get(key(c))]
    ]
