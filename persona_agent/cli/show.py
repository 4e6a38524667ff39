"""`show`: a run, one of its personas, or a claim with the lines for and against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError
from . import options, output

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ..schema import Claim, Persona, PersonaSet

Name = Annotated[
    str | None, typer.Argument(metavar="[PERSONA|CLAIM]", help="An id such as p1 or p1.c2.", show_default=False)
]


def show(out: options.Out, name: Name = None, json: options.Json = False) -> None:
    """Show a run, a persona, or a claim with its lines.

    The lines for a claim come first, then those against it.
    """
    from .. import commands
    from ..report import first_screen, show_claim, show_persona

    personas, lines = commands.show(out)
    found: BaseModel = personas
    if name is None:
        text = first_screen(personas, output.WIDTH)
    elif "." in name:
        found = claim = _claim(personas, name)
        text = show_claim(claim, lines, output.WIDTH)
    else:
        found = persona = _persona(personas, name)
        text = show_persona(persona, output.WIDTH)
    if json:
        output.write_json(found.model_dump(mode="json"))
    else:
        output.write(text)


def _persona(personas: PersonaSet, name: str) -> Persona:
    known = {p.id: p for p in _pages(personas)}
    if name not in known:
        raise UsageError(f"No persona is called {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def _claim(personas: PersonaSet, name: str) -> Claim:
    persona = _persona(personas, name.partition(".")[0])
    known = {c.id: c for c in [*persona.claims, *persona.hypotheses, *persona.withdrawn]}
    if name not in known:
        raise UsageError(f"{persona.id} has no claim {name!r}.", hint=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def _pages(personas: PersonaSet) -> list[Persona]:
    return [*personas.personas, *([personas.everyone] if personas.everyone else [])]
