"""Drafts: what a writer is asked, and what becomes of its answer.

`draft_request` and `revise_request` ask, `revised` merges, `persona` makes the card of what a critique left standing.
"""

from .asking import (
    MAX_QUESTIONS,
    check_draft,
    check_revision,
    draft_request,
    findings,
    revise_request,
    revised,
    with_fallbacks,
)
from .card import Outcome, Place, persona, scores

__all__ = [
    "MAX_QUESTIONS",
    "Outcome",
    "Place",
    "check_draft",
    "check_revision",
    "draft_request",
    "findings",
    "persona",
    "revise_request",
    "revised",
    "scores",
    "with_fallbacks",
]
