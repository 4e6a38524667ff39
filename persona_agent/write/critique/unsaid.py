"""Words of a model that no reader let stand: no file and no page has them.

In: a claim as it was decided. Out: the same with its words where they may be shown, else with a note in their place; its measure,
figures and reasons stay. Promises: of a claim that was withdrawn only code's own words are shown, and of earlier rounds of one
that stands as well; the ledger keeps what was written.
"""

from __future__ import annotations

from ...evidence import question
from ...schema import Claim
from ...words.english.claim_words import claim_template
from ...words.wording import claim_values, fill, renamed
from .deciding import CritiqueContext

UNSAID = "Words of the writer's that no reader let stand."


def without_unsaid(context: CritiqueContext, claim: Claim) -> Claim:
    """The claim as it may leave the loop."""
    by_code = _templates(context, claim)
    stands = claim.status == "accepted" or claim.template in by_code
    values = claim_values(claim)
    shown = {fill(renamed(t, context.corpus.names), values) for t in by_code} | ({claim.text} if stands else set())
    rounds = [r if r.text in shown else r.model_copy(update={"text": UNSAID}) for r in claim.rounds]
    said = {} if stands else {"template": UNSAID, "text": UNSAID}
    return claim.model_copy(update={**said, "rounds": rounds})


def _templates(context: CritiqueContext, claim: Claim) -> set[str]:
    """What code would say of the claim's measure."""
    if claim.measure is None:
        return set()
    same = {c.template for c in context.dossier.candidates if question(c.measure) == question(claim.measure)}
    return {*same, claim_template(claim.measure, context.corpus.names)}
