"""Questions about how many there are: users, personas, and how large each is. Answered from the set, in fives."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schema import TENTH_ID, Persona, PersonaSet, ReplyFigure
from ..words.floors import of_users, published_size
from ..words.wording import size_values

WHO = r"(?:users?|people|persons?|customers?|members?|visitors?|readers?|buyers?|accounts?|learners?|players?)"
HOW_MANY = re.compile(
    rf"\bhow many (?:different )?{WHO} (?:are|is|were|do we have|does|did|has|have|use|used|in|on)\b(?! (?:also|of|who))",
    re.IGNORECASE,
)
HOW_MANY_GROUPS = re.compile(r"\bhow many (?:personas|groups|segments|kinds|types)\b", re.IGNORECASE)
HOW_LARGE = re.compile(
    r"\bhow (?:large|big|small)\b|\b(?:largest|biggest|smallest) (?:group|persona|segment)\b|\bsize of\b", re.IGNORECASE
)
MOST_AFTER = 4  # words after “how many users are”: “in this log”, “the platform in total”; longer ones are a condition


def asked_size(personas: PersonaSet, cards: Sequence[Persona], question: str) -> list[ReplyFigure]:
    """The sizes that a question asks for; nothing where it asks for something else."""
    groups = [p for p in cards if p.id != TENTH_ID]
    if HOW_MANY_GROUPS.search(question):
        return [_fact(None, f"{len(groups)} {personas.noun}s are described.")]
    if HOW_LARGE.search(question):
        ranked = sorted(groups, key=lambda p: (-p.size.users, p.id))
        if re.search(r"\bsmall", question, re.IGNORECASE):
            ranked = ranked[::-1]
        return [_fact(p, _size(p)) for p in [*ranked, *(p for p in cards if p.id == TENTH_ID)]]
    if (asked := HOW_MANY.search(question)) and _nothing_more(question[asked.end() :]):
        return [_fact(None, f"{of_users(personas.counts.get('users', 0)):,} users are in this log.")]
    return []


def _nothing_more(rest: str) -> bool:
    """Does the question ask for all users? “… were active on at least 10 days” asks for some of them."""
    return len(rest.split()) <= MOST_AFTER and not re.search(r"\d", rest)


def _size(persona: Persona) -> str:
    told = size_values(published_size(persona.size))
    return f"“{persona.label}” ({persona.id}): {told['size.users']} users, {told['size.share_users']} of all."


def _fact(persona: Persona | None, text: str) -> ReplyFigure:
    return ReplyFigure(persona=persona.id if persona else None, claim=None, text=text, measure=None, truth=None)
