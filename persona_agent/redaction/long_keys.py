"""Keys of things that are numbers as long as a card's.

In: names of things as they stand in the log, and masked. Out: the latter, with keys as they were. Promises: asked only where
things are known to have such numbers for names; nothing but the whole name comes back, and only where it was taken for a card.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

LONG_NUMBER = re.compile(r"-?\d{12,}")
AS_CARD = ("[card]", "-[card]")


def with_keys(texts: Sequence[str], masked: list[str]) -> tuple[list[str], int]:
    """The masked names with those that are keys, and how many these were: a tenth of all numbers pass a card's test."""
    kept = {i for i, text in enumerate(masked) if text in AS_CARD and LONG_NUMBER.fullmatch(texts[i])}
    return [texts[i] if i in kept else text for i, text in enumerate(masked)], len(kept)
