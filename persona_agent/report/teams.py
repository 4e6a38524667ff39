"""Cards of people at work: counts stay, and what leads to one person goes.

In: a finished set. Out: the set without lines, sessions, times and sizes over time, where staff mode is on; else the same set.
Promises: claims keep their measure, value and how many are on either side, so that `check` counts them again.
"""

from __future__ import annotations

from ..schema import Claim, NotKnown, Persona, PersonaSet

UNTOLD = NotKnown(facet="rhythm", text="When, how often and how fast they work: nobody at work is looked at for that.")


def without_persons(personas: PersonaSet) -> PersonaSet:
    """The set as it may be shown."""
    if personas.staff is None:
        return personas
    everyone = personas.everyone
    gaps = [UNTOLD, *(gap for gap in personas.not_known if gap.facet != "rhythm")]
    return personas.model_copy(
        update={
            "personas": [_card(p) for p in personas.personas],
            "everyone": _card(everyone) if everyone else None,
            "not_known": gaps,
        }
    )


def only_counted(persona: Persona) -> Persona:
    """The card with what was counted, and nothing that leads to a line or a visit."""
    return persona.model_copy(
        update={
            "claims": [_counted(c) for c in persona.claims],
            "hypotheses": [_counted(c) for c in persona.hypotheses],
            "withdrawn": [_counted(c) for c in persona.withdrawn],
            "journeys": [j.model_copy(update={"exemplar": []}) for j in persona.journeys],
            "contrasting": [],
            "visit": None,
        }
    )


def _card(persona: Persona) -> Persona:
    return only_counted(persona).model_copy(
        update={
            "sizes_over_time": [],
            "card": persona.card and persona.card.model_copy(update={"strip": None}),
            "not_known": [gap for gap in persona.not_known if gap.facet != "rhythm"] or [UNTOLD],
        }
    )


def _counted(claim: Claim) -> Claim:
    """The claim with how many do and do not, and none of their lines."""
    counter = claim.counter.model_copy(update={"lines": []}) if claim.counter else None
    return claim.model_copy(update={"citations": [], "counter": counter})
