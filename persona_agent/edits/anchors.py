"""Which persona and which claims of a later run an entry is about.

A claim is known again by its question and by the side of comparable others on which its figure lies, a persona by the claims that
it shares. In: cards and entries. Out: the card or None; ids now by ids then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..schema import TENTH_ID, Claim, Measure, Persona
from .digests import digest_of

# Of the claims of a persona that must be there again; below, another has as much in common with it by chance.
SHARED = 0.3


def sided(claim: Claim) -> str:
    """The question of a claim, and whether its figure is above comparable others’ (+), below (-) or said to be as theirs (=)."""
    truth = claim.truthfulness
    value, other = truth.value, truth.matched if truth.matched is not None else truth.raw
    side = "" if value is None or other is None else "+" if value >= other else "-"
    side = "=" if claim.measure is not None and claim.measure.says.alike else side
    return f"{digest_of(claim.measure)}{side}" if claim.measure else ""


def anchors_of(persona: Persona) -> str:
    """The claims of a persona, for an entry."""
    return " ".join(sorted({s for c in persona.claims if (s := sided(c))}))


def card_meant(cards: Sequence[Persona], name: str, called: str, anchors: str) -> Persona | None:
    """The card that shares most claims; of an entry that says nothing of whom it means, the one of that id. Ties go to the
    same id, then to the same name, then to the first. Of the tenth that brings in most there is one, whatever it claims, and
    what is said of them is meant of no persona.
    """
    cards = [p for p in cards if (p.id == TENTH_ID) == (name == TENTH_ID)]
    if name == TENTH_ID:
        return next(iter(cards), None)
    if not anchors and not called:
        return next((p for p in cards if p.id == name), None)
    wanted = set(anchors.split())

    def likeness(p: Persona) -> float:
        return len(wanted & set(anchors_of(p).split())) / len(wanted) if wanted else 0.0

    ranked = sorted(cards, key=lambda p: (-likeness(p), p.id != name, p.label != called, int(p.id[1:])))
    best = ranked[0] if ranked else None
    if best is not None and (likeness(best) >= SHARED or best.label == called):
        return best
    return next((p for p in cards if p.label == called), None)


def ids_known_again(persona: Persona, rests_on: Mapping[str, Measure]) -> dict[str, str]:
    """Ids of claims of this card by the ids that they had; those that ask nothing that the card claims are left out."""
    now = {digest_of(c.measure): c.id for c in persona.claims if c.measure}
    return {then: now[digest_of(m)] for then, m in rests_on.items() if digest_of(m) in now}


def shown_again(cards: Iterable[Persona]) -> list[Persona]:
    """Cards that are shown, for a group that is not described has no text to change."""
    return [p for p in cards if p.status != "withheld" or p.id == "p0"]
