"""Kinds of things in words: phrases that stand in the names of things, as people would say them of many.

In: the names of the things of a kind, how many met each, and the words that tell the kind from others, most telling first. Out: a
phrase like “jumbo and lunch bags”, “hearts of wicker”, “alarm clocks and the like”. Promises: every word stands in names of two
things or more; a noun is in the plural only where names of the log have both of its forms, since “javas” is no word.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from .grammar import TIED, plural_of
from .spoken import KIND_OF

LETTERS = re.compile(r"[^\W\d_]+")
APART = re.compile(r"[\d_/,;:()&+.!?\"|]+|\s-+\s")  # between words that do not belong together
JOINING = TIED | {"and", "or", "the", "a", "an"}
SHORTEST = 3  # letters of a word that means something by itself
LONGEST = 3  # words of a phrase
WHOLE = 0.75  # of where a phrase stands, that a longer one stands too: then it is only a part of that
SECOND = 0.4  # of the weight of the first phrase, from which another is named beside it
COVERED = 0.5  # of what was met of a kind, that the phrases must be true of: else they are an example
AND_THE_LIKE = " and the like"


def kind_words(things: Sequence[str], users: Sequence[int], telling: Sequence[str], known: Collection[str]) -> str:
    """What the things of a kind are called; `known` are all words of the log's names. Empty where no word tells it."""
    if not telling:
        return ""
    weight, places = _phrases(things, users)
    best = _best(weight, telling)
    if best is None:
        return plural_of(telling[0], known)
    pair = _beside(best, weight, telling)
    named = [best, *([pair] if pair else [])]
    covered = set().union(*(places[phrase] for phrase in named))
    rest = "" if sum(users[i] for i in covered) >= COVERED * sum(users) else AND_THE_LIKE
    return f"{_said(named, known)}{rest}"


def are_many(kind: str) -> bool:
    """Can one say of things that they “are” this?"""
    words = kind.removesuffix(AND_THE_LIKE).split(" ")
    of = next((i for i, w in enumerate(words) if w in TIED), len(words))
    return "," not in kind and words[of - 1].endswith("s") and not words[of - 1].endswith("ss")


def words_of(name: str) -> list[str]:
    """The words of a thing's name that mean something by themselves."""
    return [w for w in LETTERS.findall(KIND_OF.sub("", name).lower()) if len(w) >= SHORTEST and w not in JOINING]


def _phrases(
    things: Sequence[str], users: Sequence[int]
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], set[int]]]:
    """The phrases of two words or more that stand in names of two things or more: users of these, and which things."""
    places: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for i, name in enumerate(things):
        for run in APART.split(KIND_OF.sub("", name).lower()):
            words = LETTERS.findall(run)
            for n in range(2, LONGEST + 1):
                for at in range(len(words) - n + 1):
                    places[tuple(words[at : at + n])].add(i)
    found = {p: sum(users[i] for i in of) for p, of in places.items() if len(of) > 1 and _stands_alone(p)}
    parts = {q for p in found for q in _parts(p) if found[p] >= WHOLE * found.get(q, 0)}
    return {p: weight for p, weight in found.items() if p not in parts}, places


def _stands_alone(phrase: tuple[str, ...]) -> bool:
    return all(len(w) >= SHORTEST and w not in JOINING for w in (phrase[0], phrase[-1]))


def _parts(phrase: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [phrase[a:b] for a in range(len(phrase)) for b in range(a + 2, len(phrase) + 1) if b - a < len(phrase)]


def _best(weight: Mapping[tuple[str, ...], int], telling: Sequence[str]) -> tuple[str, ...] | None:
    """The phrase with most users that has the first telling word, or another where none has; more telling words count more."""
    for word in telling:
        having = {p: w * _told(p, telling) for p, w in weight.items() if word in p}
        if having:
            return max(having, key=lambda p: (having[p], len(p), p))
    return None


def _told(phrase: tuple[str, ...], telling: Sequence[str]) -> int:
    return sum(w in telling for w in phrase)


def _beside(
    best: tuple[str, ...], weight: Mapping[tuple[str, ...], int], telling: Sequence[str]
) -> tuple[str, ...] | None:
    """Another phrase of two words that ends as the first does: “lunch bag” beside “jumbo bag”."""
    if len(best) > 2:
        return None
    alike = [
        p for p in weight if len(p) == 2 and p[-1] == best[-1] and p != best and weight[p] >= SECOND * weight[best]
    ]
    return max(alike, key=lambda p: (_told(p, telling), weight[p], p), default=None)


def _said(phrases: Sequence[tuple[str, ...]], known: Collection[str]) -> str:
    first, last = phrases[0], plural_of(phrases[0][-1], known)
    if len(phrases) > 1:
        return f"{first[0]} and {phrases[1][0]} {last}"
    tied = next((i for i, w in enumerate(first) if w in TIED), None)
    if tied:  # “hearts of wicker”: what is many stands first
        return " ".join([*first[: tied - 1], plural_of(first[tied - 1], known), *first[tied:]])
    return " ".join([*first[:-1], last])
