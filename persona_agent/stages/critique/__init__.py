"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round, `better` says whether a round is kept.
"""

from .claims import Desk, objection, settle
from .rounds import Critic, Critique, Notebook, better, covered, critique, fingerprint
from .stating import (
    BATCH,
    Asked,
    Bench,
    answered,
    decided,
    failed,
    members_request,
    membership,
    misread,
    stating,
)

__all__ = [
    "BATCH",
    "Asked",
    "Bench",
    "Critic",
    "Critique",
    "Desk",
    "Notebook",
    "answered",
    "better",
    "covered",
    "critique",
    "decided",
    "failed",
    "fingerprint",
    "members_request",
    "membership",
    "misread",
    "objection",
    "settle",
    "stating",
]  # fmt: skip
