"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round, `better` says whether a round is kept.
"""

from .deciding import Desk, objection, settle
from .rounds import Critic, Critique, Notebook, better, covered, critique, fingerprint

__all__ = [
    "Critic",
    "Critique",
    "Desk",
    "Notebook",
    "better",
    "covered",
    "critique",
    "fingerprint",
    "objection",
    "settle",
]  # fmt: skip
