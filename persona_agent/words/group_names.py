"""Names of groups that somebody gave: which may be shown, and which say who somebody is.

In: masked names. Out: names for pages, each another. Promises: a name that says who somebody is, or names a topic that the law
protects, is refused; one that speaks to a model is shown to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..errors import UsageError
from ..log.sensitive import topics, who
from ..redaction import says_who, speaks_to_a_model
from ..redaction.spelling import as_read, folded, unmasked
from .sentences import identities

_AGES = re.compile(r"(?:age[ds]?\s*)?[1-9][0-9]\s*(?:-|–|to)\s*[1-9][0-9]\s*(?:y|yo|years?(?: old)?)?", re.IGNORECASE)
# Bounds that are usual of ages, with words for over, under and years in the languages that topics are found in; folded.
_BOUND = r"(?:18|21|[5-9][05])"
_OVER = r"(?:over|under|u|uber|unter|ab|mayores de|menores de|plus de|moins de|فوق|تحت)"
_YEARS = r"(?:years? old|jahre|jahrige?|ans|anos|سنه|عاما)"
_OLD = re.compile(
    rf"\bage[ds]?\b|\bgen(?:eration)?[ -]?[xyz]\b|\byears? old\b|\b[1-9][0-9]?\s?\+?\s?{_YEARS}\b"
    rf"|^(?:{_OVER}\s?)?{_BOUND}\s?(?:\+|plus)$|^\+\s?{_BOUND}$|^[<>≤≥]\s?{_BOUND}$|^{_OVER}\s?[1-9][0-9]s?$"
)
# Alone they are said of people; beside other words, of things.
_SKINS = re.compile("(?:black|white|noir|blanc|noire|blanche|negro|blanco|negra|blanca)s?|schwarze|weisse|سود")
# In front of a hyphen it is "across", as in the name of a railway; before words for people it is not, and who.toml has those.
_ACROSS = re.compile(r"\btrans[-‐‑–](\w)", re.IGNORECASE)
_SEXES = frozenset({"m", "f", "w"})
_NOT_SAID = _SEXES | {"h", "d", "x", "o", "u", "other", "others", "rest", "unknown", "n/a", "unbekannt", "inconnu"}
_HINT = (
    "Groups are made of what is done, not of who somebody is. If the name says nothing of that, call the group something else; "
    "--map declared=COLUMN counts a column on cards of other groups."
)


def shown_names(names: Sequence[str]) -> list[str]:
    """The names for pages; what speaks to a model is called by its number."""
    return [f"group {i}" if speaks_to_a_model(*as_read(name)) else name for i, name in enumerate(names, start=1)]


def refuse_who(names: Iterable[str], *, asked: bool = False) -> None:
    """UsageError for names that say who somebody is; those `asked` for as outcomes name things of the log, and are refused for
    protected topics alone.
    """
    known = sorted(names)
    if topic := next((name for name in known if any(map(topics().of, as_read(name)))), None):
        raise UsageError(f"A group cannot be called {topic!r}: it names a topic that the law protects.", hint=_HINT)
    if asked:
        return
    for name in known:
        if is_who(name):
            raise UsageError(f"A group cannot be called {name!r}: it says who somebody is.", hint=_HINT)
    names_folded = {folded(unmasked(name)).strip() for name in known}
    if (names_folded & _SEXES and names_folded <= _NOT_SAID) or sum(bool(_AGES.fullmatch(name)) for name in known) > 1:
        raise UsageError(f"Groups called {', '.join(known)} say who somebody is.", hint=_HINT)


def is_who(name: str) -> bool:
    """Does a name say who the users of a group are, in whatever letters it is written?"""
    return any(map(_says_who, as_read(_ACROSS.sub(lambda match: f"trans{match[1].lower()}", name))))


def alone_is_who(name: str) -> bool:
    """The same of a name that a card has by itself: one of two sexes, or a span of years, which among groups of a column may be
    sizes or prices, is nobody's habit.
    """
    return is_who(name) or folded(unmasked(name)).strip() in _SEXES or bool(_AGES.fullmatch(name.strip()))


def _says_who(name: str) -> bool:
    bare = folded(name).strip()
    parts = (part.strip() for part in re.split(r"[:=]", name))
    return bool(
        identities(name) or _OLD.search(bare) or who().of(name) or _SKINS.fullmatch(bare) or any(map(says_who, parts))
    )
