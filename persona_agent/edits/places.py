"""The places of a card that a person may change: what stands there, and the card with something else in its place."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UsageError
from ..schema import Claim, Persona, PersonaSet, Sentence
from ..words.published_claims import published_claim
from ..write.critique.slots import TextKind

SUGGESTION = {"try": "text", "whom": "whom", "stop": "stop"}


@dataclass(frozen=True)
class CardText:
    """A text of a card: its template, the claims that it rests on, and what kind of text it is."""

    kind: TextKind
    template: str
    claim_ids: tuple[str, ...]


def place_named(persona: Persona, part: str) -> CardText | None:
    """What stands at a place of a card; None where there is nothing."""
    if part == "name":
        return CardText("name", persona.label, tuple(persona.one_liner.claim_ids))
    if part == "sentence":
        return CardText("motto", persona.one_liner.template, tuple(persona.one_liner.claim_ids))
    if part in SUGGESTION:
        told = persona.suggestion
        ids = () if told is None else tuple(dict.fromkeys([*told.claim_ids, told.measure]))
        return None if told is None else CardText("suggestion", getattr(told, SUGGESTION[part]), ids)
    if part.startswith("s") and part[1:].isdigit():
        n = int(part[1:])
        return _of_sentence(persona.narrative[n - 1]) if n <= len(persona.narrative) else None
    claim = claim_named(persona, part)
    return None if claim is None else CardText("claim", claim.template, (claim.id,))


def claim_named(persona: Persona, part: str) -> Claim | None:
    return next((c for c in persona.claims if c.id == f"{persona.id}.{part}"), None)


def text_at(personas: PersonaSet, at: str) -> str:
    """What stands at a place now, with its figures; empty where there is nothing."""
    head, _, part = at.partition(".")
    persona = next((p for p in personas.cards if p.id == head), None)
    if persona is None:
        return ""
    if part == "sentence":
        return persona.one_liner.text
    if part.startswith("s") and part[1:].isdigit():
        return persona.narrative[int(part[1:]) - 1].text if int(part[1:]) <= len(persona.narrative) else ""
    if part.startswith("c"):
        return next((published_claim(c).text for c in persona.claims if c.id == at), "")
    place = place_named(persona, part)
    return place.template if place else ""


def with_text(
    persona: Persona, part: str, template: str, text: str, claim_ids: tuple[str, ...], mark: str = ""
) -> Persona:
    """The card with these words there; a sentence that is no longer there is added as its last. The mark stands behind the words,
    but for a name, which stands in many places and has it once.
    """
    if part == "name":
        return persona.model_copy(update={"label": text, "named": mark})
    behind = f" ({mark})" if mark else ""
    template, text = template + behind, text + behind
    said = Sentence(template=template, text=text, claim_ids=list(claim_ids))
    if part == "sentence":
        return persona.model_copy(update={"one_liner": said})
    if part in SUGGESTION:
        told = persona.suggestion and persona.suggestion.model_copy(update={SUGGESTION[part]: text})
        return persona.model_copy(update={"suggestion": told})
    if part.startswith("s"):
        n, story = int(part[1:]), list(persona.narrative)
        story[n - 1 : n] = [said]
        return persona.model_copy(update={"narrative": story})
    claims = [
        c.model_copy(update={"template": template, "text": text}) if c.id == f"{persona.id}.{part}" else c
        for c in persona.claims
    ]
    return persona.model_copy(update={"claims": claims})


def find_place(personas: PersonaSet, at: str) -> tuple[Persona, str]:
    """The card and the part that `p1.name` means; UsageError lists those that there are."""
    head, _, part = at.partition(".")
    cards = {p.id: p for p in personas.cards}
    if head not in cards:
        raise UsageError(f"No persona is called {head!r}.", hint=f"There are: {', '.join(cards) or 'none'}.")
    persona = cards[head]
    known = texts_of_card(persona)
    known += [c.id.partition(".")[2] for c in persona.claims]
    if part not in known:
        raise UsageError(
            f"{head} has no place {part!r}." if part else f"{head!r} names a card, and no place on it.",
            hint=f"There are: {', '.join(f'{head}.{p}' for p in known)}.",
        )
    return persona, part


def texts_of_card(persona: Persona) -> list[str]:
    """The parts of a card that are texts, in the order in which it is read."""
    return [p for p in ("name", "sentence", *_story(persona), *SUGGESTION) if place_named(persona, p)]


def _story(persona: Persona) -> list[str]:
    return [f"s{i}" for i in range(1, len(persona.narrative) + 1)]


def _of_sentence(sentence: Sentence) -> CardText:
    return CardText("sentence", sentence.template, tuple(sentence.claim_ids))
