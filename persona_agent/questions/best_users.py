"""“Who are our best customers?”: whether a question, in the program's words, asks for that."""

from __future__ import annotations

import re

from .sizes import WHO

BEST = re.compile(
    rf"\b(?:who|which|what)\b.{{0,20}}\b(?:best|top|biggest|largest|most (?:valuable|important|profitable)|vip|key|heaviest)"
    rf" (?:paying )?{WHO}\b|\bwho (?:are|is) (?:the |our )?(?:best|most valuable|most important)\b",
    re.IGNORECASE,
)


def asks_for_best(question: str) -> bool:
    """Does the question ask who the best users are?"""
    return BEST.search(question) is not None
