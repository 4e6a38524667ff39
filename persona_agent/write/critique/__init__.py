"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round, `is_better` says whether a round is kept.
"""

from .deciding import CritiqueContext, objection, settle
from .rounds import Critic, Critique, Notebook, critique, fingerprint
from .slots import Text, texts_of, whole

__all__ = [
    "Critic",
    "Critique",
    "CritiqueContext",
    "Notebook",
    "Text",
    "critique",
    "fingerprint",
    "objection",
    "settle",
    "texts_of",
    "whole",
]  # fmt: skip
