"""Drafts: what a writer is asked, and what becomes of its answer.

`draft_request` and `revise_request` ask, `apply_revision` merges, `make_persona` makes the card of what a critique left standing.
"""

from .asking import (
    apply_revision,
    check_draft,
    check_revision,
    draft_request,
    list_findings,
    revise_request,
    with_fallbacks,
)
from .card import Outcome, Placement, make_persona, score_claims

__all__ = [
    "Outcome",
    "Placement",
    "apply_revision",
    "check_draft",
    "check_revision",
    "draft_request",
    "list_findings",
    "make_persona",
    "revise_request",
    "score_claims",
    "with_fallbacks",
]
