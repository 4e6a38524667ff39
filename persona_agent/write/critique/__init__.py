"""Critique: what code decides of a draft, what a critic is asked, and what its answers are worth.

`critique` decides one round; `texts_of` lists all that a model wrote, and `read_texts`
has a critic read texts that stand on no card, such as those of a page about all.
"""

from .calls import Critic, read_texts
from .canaries import Known, known_facts
from .deciding import CritiqueContext, objection, settle
from .judging import CriticsMaterial
from .rounds import Critique, Notebook, bench_of, critique, fingerprint
from .slots import Text, all_texts_stand, fill_text, texts_of
from .texts import TextToRead
from .unsaid import UNSAID, without_unsaid

__all__ = [
    "UNSAID",
    "Critic",
    "CriticsMaterial",
    "Critique",
    "CritiqueContext",
    "Known",
    "Notebook",
    "Text",
    "TextToRead",
    "all_texts_stand",
    "bench_of",
    "critique",
    "fill_text",
    "fingerprint",
    "known_facts",
    "objection",
    "read_texts",
    "settle",
    "texts_of",
    "without_unsaid",
]  # fmt: skip
