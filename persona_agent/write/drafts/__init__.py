"""Drafts: what a writer is asked, and what becomes of its answer.

`draft_request` and `revise_request` ask, `apply_revision` merges, `best_of` keeps of two rounds what stands, `make_persona` makes
the card of what a critique left standing.
"""

from .asking import MAX_CLAIMS, Finding, ToldGroup, check_draft, check_revision, draft_request, revise_request
from .card import Outcome, Placement, make_persona, score_claims, suggestions_of
from .data_blocks import Figures
from .revising import DraftStanding, apply_revision, best_of, with_fallbacks

__all__ = [
    "MAX_CLAIMS",
    "DraftStanding",
    "Figures",
    "Finding",
    "Outcome",
    "Placement",
    "ToldGroup",
    "apply_revision",
    "best_of",
    "check_draft",
    "check_revision",
    "draft_request",
    "make_persona",
    "revise_request",
    "score_claims",
    "suggestions_of",
    "with_fallbacks",
]
