"""Kinds of things in words: phrases that stand in the names of things, as people would say them of many.

In: the names of the things of a kind, how many met each, and the words that tell the kind from others, most telling first. Out:
the one or two phrases that are true of most of what was met, each chosen for what it adds: “jumbo and lunch bags”, “hearts of
wicker”, “clocks”, “paper and bunting”; “and the like” where they are true of less than half. Promises: every word stands in names
of two things or more; no two phrases say one thing; a noun is in the plural only where names of the log have both of its forms,
since “javas” is no word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from .grammar import TIED, listed, plural_of
from .spoken import KIND_OF

LETTERS = re.compile(r"[^\W\d_]+")
APART = re.compile(r"[\d_/,;:()&+.!?\"|]+|\s-+\s")  # between words that do not belong together
JOINING = TIED | {"and", "or", "the", "a", "an"}
SHORTEST = 3  # letters of a word that means something by itself
LONGEST = 3  # words of a phrase
WHOLE = 0.75  # of where a phrase stands, that a longer one stands too: then it is only a part of that
SECOND = 0.25  # of the weight of the first phrase, that the next must add
MOST_PHRASES = 2  # more are not kept in mind
PRECISE = 1.5  # what a second telling word of a phrase counts, as a power; with less, names are single words
COVERED = 0.5  # of what was met of a kind, that the phrases must be true of: else they are an example
AND_THE_LIKE = " and the like"


def kind_words(things: Sequence[str], users: Sequence[int], telling: Sequence[str], known: Collection[str]) -> str:
    """What the things of a kind are called; `known` are all words of the log's names. Empty where no word tells it."""
    if not telling:
        return ""
    places = _phrases(things, users, telling)
    named: list[tuple[str, ...]] = []
    covered: set[int] = set()
    least = 1.0
    while len(named) < MOST_PHRASES:
        enough = _met(covered, users) >= COVERED * sum(users)
        fitting = [p for p in places if (_pairs(p, named) if enough else _beside(p, named))]
        left = {p: _met(places[p] - covered, users) * _weight(p, telling) for p in fitting}
        best = max(left, key=lambda p: (left[p], len(p), p), default=None)
        if best is None or left[best] < least:
            break
        least = least if named else SECOND * left[best]
        named.append(best)
        covered |= places[best]
    if not named:
        return plural_of(telling[0], known)
    rest = "" if _met(covered, users) >= COVERED * sum(users) else AND_THE_LIKE
    return f"{_said(named, known)}{rest}"


def _beside(phrase: tuple[str, ...], named: Sequence[tuple[str, ...]]) -> bool:
    """Can it stand beside those that are named already? “Jumbo and lunch bags” say two things, “cake cases and cakes” one."""
    said = [word for p in named for word in p]
    return _pairs(phrase, named) or not any(w.startswith(o) or o.startswith(w) for o in said for w in phrase)


def _pairs(phrase: tuple[str, ...], named: Sequence[tuple[str, ...]]) -> bool:
    """Does it end as those that are named, and say something else before?"""
    alike = all(len(p) == len(phrase) == 2 and p[-1] == phrase[-1] for p in named)
    return bool(named) and alike and phrase not in named


def _met(places: Collection[int], users: Sequence[int]) -> int:
    return sum(users[i] for i in places)


def _weight(phrase: tuple[str, ...], telling: Sequence[str]) -> float:
    """What a phrase counts beside how many it is true of: two words that tell the kind say more than one."""
    return float(min(sum(w in telling for w in phrase), 2) ** PRECISE)


def are_many(kind: str) -> bool:
    """Can one say of things that they “are” this?"""
    words = kind.removesuffix(AND_THE_LIKE).split(" ")
    of = next((i for i, w in enumerate(words) if w in TIED), len(words))
    return "," not in kind and words[of - 1].endswith("s") and not words[of - 1].endswith("ss")


def words_of(name: str) -> list[str]:
    """The words of a thing's name that mean something by themselves."""
    return [w for w in LETTERS.findall(KIND_OF.sub("", name).lower()) if len(w) >= SHORTEST and w not in JOINING]


def _phrases(things: Sequence[str], users: Sequence[int], telling: Sequence[str]) -> dict[tuple[str, ...], set[int]]:
    """The phrases that hold a telling word, and telling words alone, of names of two things or more: the places of these."""
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for i, name in enumerate(things):
        for run in APART.split(KIND_OF.sub("", name).lower()):
            words = LETTERS.findall(run)
            for n in range(1, LONGEST + 1):
                for at in range(len(words) - n + 1):
                    places[tuple(words[at : at + n])].add(i)
    found = {p: of for p, of in places.items() if len(of) > 1 and _stands_alone(p) and any(w in telling for w in p)}
    parts = {
        q for p, of in found.items() for q in _parts(p) if _met(of, users) >= WHOLE * _met(found.get(q, ()), users)
    }
    return {p: of for p, of in found.items() if p not in parts}


def _stands_alone(phrase: tuple[str, ...]) -> bool:
    return all(len(w) >= SHORTEST and w not in JOINING for w in (phrase[0], phrase[-1]))


def _parts(phrase: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [phrase[a:b] for a in range(len(phrase)) for b in range(a + 1, len(phrase) + 1) if b - a < len(phrase)]


def _said(phrases: Sequence[tuple[str, ...]], known: Collection[str]) -> str:
    if len({p[-1] for p in phrases}) == 1 < len(phrases) and all(len(p) == 2 for p in phrases):
        return f"{listed([p[0] for p in phrases])} {plural_of(phrases[0][-1], known)}"
    return listed([_one(p, known) for p in phrases])


def _one(first: tuple[str, ...], known: Collection[str]) -> str:
    last = plural_of(first[-1], known)
    tied = next((i for i, w in enumerate(first) if w in TIED), None)
    if tied:  # “hearts of wicker”: what is many stands first
        return " ".join([*first[: tied - 1], plural_of(first[tied - 1], known), *first[tied:]])
    return " ".join([*first[:-1], last])
