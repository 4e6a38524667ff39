"""Names of themes: what most of their things are called, as people would say it.

In: a theme for each thing, the things' names, and how many users each has. Out: the things of each theme by its name. A word's
weight in a theme is the users of its things with that word; it tells as much as it adds to the divergence of the theme's words
from all words (weight in the theme × logarithm of its lift). The words that tell most are said as the names of things say them:
“jumbo and lunch bags” where they stand before one word, “hearts of wicker” where they stand in a row, in the plural where the
log has both. Promises: no word that only one thing of the theme has, or fewer than five users; no word that says who somebody
is; no two themes have one name. A theme of which the words leave out most has no name, and nothing is said of it: measured on a
shop's 20 themes, the words of 18 stand in 60 to 100 % of what is bought of them, those of the two that are a rest in 31 and
35 %. Things whose names share no words are called by the commonest and how many more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..codebook import unusable
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..words.english.kinds_told import kind_words, words_of
from ..words.wording import readable

Ints = NDArray[np.int64]

MOST_LOOKED_AT = 8  # words among which phrases are sought
MOST_WORDS = 3  # that a theme is told by: more are not kept in mind
TELLING = 0.15  # of what the first word tells, that the next ones must: what tells less is of a few things
LIFT = 2.0  # of a word in the theme against all things: what is half as common elsewhere names nothing
COVERED = 0.5  # of what users met of a theme, that has one of its words: below, most of it is something else
LONGEST_NAME = 6  # words of a thing whose name stands for its theme


def name_themes(theme: Ints, names: Sequence[str], users: Ints) -> dict[str, list[str]]:
    """The things of each theme that has several, commonest first. `theme` (things,) of each, −1 for none; `users` (things,) who
    met it.
    """
    weights = _weights(theme, names, users)
    everywhere: dict[str, float] = defaultdict(float)
    for own in weights.values():
        for word, (weight, _) in own.items():
            everywhere[word] += weight
    telling = {t: _telling(own, everywhere) for t, own in weights.items()}
    known = frozenset(w for name in names for w in words_of(name))
    worded = any(telling.values())
    found: dict[str, list[str]] = {}
    total = np.bincount(theme[theme >= 0], users[theme >= 0])
    # The larger a theme is, the better its right to a name.
    for t in sorted(weights, key=lambda t: (-total[t], t)):
        things = np.flatnonzero(theme == t)
        things = things[np.lexsort((things, -users[things]))]
        ranked = [names[i] for i in things.tolist()]
        name = _by_words(ranked, users[things], telling[t], known) if worded else _and_more(ranked)
        taken = {n.casefold() for n in found}
        # Where two themes say the same, or a phrase says who somebody is, the words that tell the theme are left.
        names_it = (
            n for n in (name, ", ".join(telling[t][:MOST_WORDS])) if n and n.casefold() not in taken and not unusable(n)
        )
        called = next(names_it, "") if name else ""
        if called and len(ranked) > 1:
            found[called] = ranked
    return found


def _by_words(things: Sequence[str], users: Ints, words: Sequence[str], known: Collection[str]) -> str:
    """Empty where the words are not true of most that users met of these things, commonest first."""
    has = [any(w.startswith(tuple(words[:MOST_WORDS])) for w in words_of(thing)) for thing in things]
    enough = words and users[np.array(has)].sum() >= COVERED * users.sum()
    return kind_words(things, users.tolist(), words, known) if enough else ""


def _and_more(things: Sequence[str]) -> str:
    return f"{' '.join(readable(things[0]).split(' ')[:LONGEST_NAME])} and {len(things) - 1} more"


def _weights(theme: Ints, names: Sequence[str], users: Ints) -> dict[int, dict[str, tuple[float, int]]]:
    """By theme and word, the users of its things with that word, and how many things these are."""
    found: dict[int, dict[str, tuple[float, int]]] = {int(t): {} for t in np.unique(theme[theme >= 0])}
    for i in np.flatnonzero(theme >= 0).tolist():
        own = found[int(theme[i])]
        for word in set(words_of(names[i])):
            weight, things = own.get(word, (0.0, 0))
            own[word] = (weight + float(users[i]), things + 1)
    return found


def _telling(own: Mapping[str, tuple[float, int]], everywhere: Mapping[str, float]) -> list[str]:
    """The words that tell a theme, most telling first."""
    here, all_in_all = sum(w for w, _ in own.values()), sum(everywhere.values())
    shared = {w: weight for w, (weight, things) in own.items() if things > 1 and weight >= FLOOR}
    lift = {w: (weight / here) / (everywhere[w] / all_in_all) for w, weight in shared.items()}
    told = {w: weight * float(np.log(lift[w])) for w, weight in shared.items() if lift[w] >= LIFT}
    ranked = sorted(told, key=lambda w: (-told[w], w))
    chosen: list[str] = []
    for word in ranked:
        if told[word] < TELLING * told[ranked[0]] or len(chosen) == MOST_LOOKED_AT:
            break
        # “bag” and “bags” are one word.
        if not any(word.startswith(c) or c.startswith(word) for c in chosen) and not unusable(word):
            chosen.append(word)
    return chosen
