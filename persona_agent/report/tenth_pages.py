"""The card about the tenth of users who bring in most, as pages show it beside what any card has; and as it may be forwarded.

In: a set of personas. Out: rows of title and text, a published card. Promises: a set without that card gives none of it.
"""

from __future__ import annotations

from ..schema import Persona, PersonaSet, TenthFigures
from ..words.english import first_pages, tenth_told
from ..words.english.value_sources import sources_title
from ..words.floors import FEW, of_users, share, share_in_fives
from ..words.wording import percent
from . import drawn
from .phrasing import shown

BESIDE, MORE_OF_THEM = tenth_told.BESIDE, tenth_told.MORE_OF_THEM


def is_tenth(personas: PersonaSet | None, persona: Persona) -> bool:
    return personas is not None and personas.tenth is not None and personas.tenth.persona is persona


def firm_of(personas: PersonaSet | None, persona: Persona) -> tuple[str, str]:
    """How firm a card is, whichever it is: a word, and the figure behind it."""
    if personas is not None and personas.tenth is not None and personas.tenth.persona is persona:
        return tenth_told.tenth_firmness(personas.tenth.figures)
    return drawn.firm(persona)


def firm_on_card(personas: PersonaSet | None, persona: Persona) -> tuple[str, str]:
    """The same for the head of a card: whom it was tested on stands with the evidence."""
    if personas is not None and personas.tenth is not None and personas.tenth.persona is persona:
        return tenth_told.tenth_on_card(personas.tenth.figures)
    return first_pages.firmness_on_card(persona.firmness, persona.stability)


def evidence_of_head(personas: PersonaSet, persona: Persona) -> list[tuple[str, str]]:
    """What stands behind the head of a card, by title: how firm it is with whom that was tested on, how many lean to it, its
    part of all that is logged, and what is counted of the tenth that their card does not tell.
    """
    if persona is personas.everyone:
        return []
    firm = ": ".join(part for part in firm_of(personas, persona) if part)
    told = f"{firm}. {first_pages.and_leaning(persona.size.leaning)}".strip()
    beside = beside_of_tenth(personas) if is_tenth(personas, persona) else []
    counted = [(title.lower(), text) for title, text in beside]
    return [("how firm", told), ("share of activity", percent(persona.size.share_activity)), *counted]


def note_of_tenth(personas: PersonaSet) -> str:
    """Whom the bars are held against, and in which time."""
    return tenth_told.tenth_note(personas.window)


def lead_of_tenth(personas: PersonaSet) -> str:
    """By what they bring in so much: what the first page says of them."""
    return personas.first_page.sources if personas.tenth and personas.first_page else ""


def rows_of_tenth(personas: PersonaSet) -> list[tuple[str, str]]:
    """Title and text of what is counted of them beside the claims."""
    if personas.tenth is None:
        return []
    return tenth_told.tenth_rows(personas.tenth.figures, {p.id: p.label for p in shown(personas)})


def beside_of_tenth(personas: PersonaSet) -> list[tuple[str, str]]:
    """The same of what stands with the evidence of their card."""
    if personas.tenth is None:
        return []
    return tenth_told.tenth_beside(personas.tenth.figures, {p.id: p.label for p in shown(personas)})


def lead_and_rows(personas: PersonaSet) -> list[tuple[str, str]]:
    """All that is told beside the claims, for a page that has no place of its own for the sentence of the first page."""
    title, lead = sources_title(personas.top_tenth) if personas.top_tenth else "", lead_of_tenth(personas)
    first = [(title, lead)] if lead else []
    return [
        *first,
        *rows_of_tenth(personas),
        *beside_of_tenth(personas),
        ("How it is counted", note_of_tenth(personas)),
    ]


def published_figures_of_tenth(told: TenthFigures, members: int) -> TenthFigures:
    """Users in fives, and shares of them as well: whole per cent of forty users tell how many they are."""
    again, quiet = told.again, told.quiet
    shares = {name: share(getattr(again, name)) for name in ("chance", "value")}
    shares |= {name: share_in_fives(getattr(again, name), again.users) for name in ("same", "came")}
    users = {name: _of_five(getattr(quiet, name)) for name in ("unseen", "longer", "tested")}
    worth = share(quiet.unseen_value) if quiet.unseen >= FEW else 0.0
    return TenthFigures(
        again=again.model_copy(update={"users": of_users(again.users), **shares}),
        parts=[p.model_copy(update={"them": share_in_fives(p.them, members), "all": share(p.all)}) for p in told.parts],
        to_lose=None if told.to_lose is None else of_users(told.to_lose),
        quiet=quiet.model_copy(update={**users, "unseen_value": worth}),
    )


def _of_five(n: int) -> int:
    """So many users in fives; of fewer than five none is told."""
    return of_users(n) if n >= FEW else 0
