"""Names that only a machine reads: numbers of many digits, hashes, keys in which letters and digits take turns.

In: the name of a thing. Out: whether it tells a reader nothing. Promises: a name with a word in it does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..schema import Measure

# Of things that are called by keys or numbers, from which on they are sorted into no kinds: nobody could name one.
KEYS_ALONE = 0.5
# Six digits: a year, a model and a number on a door are shorter, and nobody keeps more of them in mind.
_OPAQUE = re.compile(
    r"[-+#]?\d{6,}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[0-9a-f]*\d)[0-9a-f]{16,}"
    r"|(?=[^\W_]*\d[^\W_]*[^\W\d_]+[^\W_]*\d)[^\W_]{16,}",
    re.IGNORECASE,
).fullmatch
_WORD = re.compile(r"[^\W\d_]{2}").search


def is_opaque(name: str) -> bool:
    """Is it a key, which names nothing to a reader?"""
    return _OPAQUE(name.strip()) is not None


def called_by_keys(names: Sequence[str]) -> bool:
    """Are most things called by keys, or by numbers alone?"""
    return sum(is_opaque(name) or _WORD(name) is None for name in names) > KEYS_ALONE * len(names)


def names_a_key(measure: Measure) -> bool:
    """Is it about one thing that has a key for its name?"""
    return any(c.field == "object" and any(is_opaque(str(v)) for v in c.value) for c in measure.conditions)
