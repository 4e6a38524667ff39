"""How names of columns and members are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=1 << 14)
def bare(name: str) -> str:
    """A name without case, accents and punctuation, as names are compared."""
    plain = name if name.isascii() else unicodedata.normalize("NFKD", name)
    return re.sub(r"[\W_]", "", plain).lower()
