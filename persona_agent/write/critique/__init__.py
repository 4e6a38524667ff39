"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round, `is_better` says whether a round is kept; `texts_of` lists all that a model wrote, and `read_texts`
has a critic read texts that stand on no card, such as those of a page about all.
"""

from .calls import Critic, read_texts
from .canaries import Known, known_facts
from .deciding import CritiqueContext, objection, settle
from .judging import Bench
from .rounds import Critique, Notebook, bench_of, coverage_of, critique, fingerprint, is_better
from .slots import Text, texts_of, whole
from .texts import TextToRead
from .unsaid import UNSAID, without_unsaid

__all__ = [
    "UNSAID",
    "Bench",
    "Critic",
    "Critique",
    "CritiqueContext",
    "Known",
    "Notebook",
    "Text",
    "TextToRead",
    "bench_of",
    "coverage_of",
    "critique",
    "fingerprint",
    "is_better",
    "known_facts",
    "objection",
    "read_texts",
    "settle",
    "texts_of",
    "whole",
    "without_unsaid",
]  # fmt: skip
