"""The page about everyone where groups were found, or given, and no persona of them can be shown.

In: a briefing, the cards of its personas with their status. Out: the same cards, with the page about everyone where none is
shown. Promises: where one is shown nothing changes; code words the page, so no model is asked and a recording has all it needs.
"""

from __future__ import annotations

from dataclasses import replace

from .briefs import Briefed
from .cards import Cards, make_cards
from .drafts import make_persona
from .writing import said_by_code, settle_outcome, worded_by_code

OF_ALL = "it tells of all users, since no group of them can be shown"


async def tell_of_everyone(briefed: Briefed, cards: Cards) -> Cards:
    """Whether any persona is shown is known only once all are written and judged, and so this is done after them."""
    if cards.everyone or any(p.status != "withheld" for p in cards.personas):
        return cards
    brief = briefed.of_everyone()
    outcome = settle_outcome(brief, await said_by_code(brief))
    persona = make_persona(brief.context.corpus, brief.dossier, outcome, brief.placement)
    persona = persona.model_copy(update={"reasons": [OF_ALL]})
    made = make_cards(brief.context.corpus, [], persona, {}, {persona.id: worded_by_code(brief, outcome)})
    return replace(cards, everyone=made.everyone)
