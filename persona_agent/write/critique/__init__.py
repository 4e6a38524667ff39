"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round, `is_better` says whether a round is kept.
"""

from .deciding import CritiqueContext, objection, settle
from .rounds import Critic, Critique, Notebook, coverage_of, critique, fingerprint, is_better

__all__ = [
    "Critic",
    "Critique",
    "CritiqueContext",
    "Notebook",
    "coverage_of",
    "critique",
    "fingerprint",
    "is_better",
    "objection",
    "settle",
]  # fmt: skip
