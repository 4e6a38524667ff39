"""The card about the tenth of users who bring in most: written as any card, and never withheld for what a writer could not do.

In: a briefing with what is known of them, open models. Out: a `TenthCard`, None where nothing that was counted sets them apart.
Promises: its name is code's own; where a recording has no answer about them, or the writer cannot write, code's words stand.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from ..schema import TENTH, TENTH_ID, Sentence, TenthCard
from ..words.english.tenth_told import NAME
from .briefs import Brief, Briefed
from .cards import make_cards
from .dossiers import with_visit
from .drafts import Outcome, make_persona, suggestions_of
from .editing import WrittenTenth
from .writing import said_by_code, settle_outcome, worded_by_code

UNSAID = Sentence(template="", text="", claim_ids=[])


async def card_of_tenth(briefed: Briefed, refine: Callable[[Brief], Awaitable[Outcome]]) -> WrittenTenth | None:
    """Their card; `refine` drafts and criticises as for any persona."""
    brief, known = briefed.tenth, briefed.briefing.tenth
    if brief is None or known is None:
        return None
    outcome = await refine(brief) if briefed.ask_of_tenth else await said_by_code(brief)
    if outcome.unwritten:
        outcome = replace(await said_by_code(brief), errors=[outcome.unwritten])
    outcome, corpus = settle_outcome(brief, outcome), brief.context.corpus
    persona = make_persona(corpus, brief.dossier, outcome, brief.placement)
    if persona.status == "withheld":
        return None
    worded = worded_by_code(brief, outcome)
    others = suggestions_of(outcome)[1:]
    spare = {TENTH_ID: others[0]} if others else {}
    cards = make_cards(corpus, [persona], None, {TENTH_ID: TENTH}, {TENTH_ID: worded}, spare=spare)
    made = with_visit(corpus, cards.personas[0], TENTH, briefed.briefing.drawn_by)
    # Where no model says it better, what the first page says of them stands first on their card.
    told = {"one_liner": UNSAID} if worded.one_liner else {}
    card = TenthCard(persona=made.model_copy(update={"label": NAME, **told}), figures=known.figures)
    return WrittenTenth(card, cards.spare.get(TENTH_ID))
