"""Names of groups that somebody gave: which may be shown, and which say who somebody is.

In: masked names. Out: names for pages, each another. Promises: a name that says who somebody is, or names a topic that the law
protects, is refused; one that speaks to a model is shown to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..errors import UsageError
from ..log.sensitive import topics
from ..redaction import looks_like_instruction, says_who
from .sentences import identities

_AGES = re.compile(r"(?:age[ds]?\s*)?[1-9][0-9]\s*(?:-|–|to)\s*[1-9][0-9]\s*(?:y|yo|years?(?: old)?)?", re.IGNORECASE)
_OLD = re.compile(r"\bage[ds]?\b|\byears? old\b|\bgen(?:eration)?[ -]?[xyz]\b", re.IGNORECASE)
_SEXES = frozenset({"m", "f"})
_NOT_SAID = frozenset({"m", "f", "d", "x", "o", "u", "other", "unknown", "n/a"})
_HINT = (
    "Groups are made of what is done, not of who somebody is. If the name says nothing of that, call the group something else; "
    "--map declared=COLUMN counts a column on cards of other groups."
)


def shown_names(names: Sequence[str]) -> list[str]:
    """The names for pages; what speaks to a model is called by its number."""
    return [f"group {i}" if looks_like_instruction(name) else name for i, name in enumerate(names, start=1)]


def refuse_who(names: Iterable[str], *, asked: bool = False) -> None:
    """UsageError for names that say who somebody is; those `asked` for as outcomes name things of the log, and are refused for
    protected topics alone.
    """
    known = sorted(names)
    if topic := next((name for name in known if topics().of(name)), None):
        raise UsageError(f"A group cannot be called {topic!r}: it names a topic that the law protects.", hint=_HINT)
    if asked:
        return
    for name in known:
        if identities(name) or _OLD.search(name) or any(says_who(part.strip()) for part in re.split(r"[:=]", name)):
            raise UsageError(f"A group cannot be called {name!r}: it says who somebody is.", hint=_HINT)
    folded = {name.casefold() for name in known}
    if _SEXES <= folded <= _NOT_SAID or sum(bool(_AGES.fullmatch(name)) for name in known) > 1:
        raise UsageError(f"Groups called {', '.join(known)} say who somebody is.", hint=_HINT)
