"""A question in words of the log: which act it is about, on what, after what, or which side of behaviour.

In: the words of a question that mean something, the acts of the log with their things (commonest first), an embedding. Out: a
`Reading`. Promises: a word counts as known only by the thresholds of `write.question`; a single word of a thing's long name is no
thing, unless an act is named beside it, for among thousands of things some name has any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..models.embedding import Embed
from ..schema import Condition, Measure, Names
from ..words.wording import act_words, readable
from ..write.question import SIDES, WORD, near_words
from .counted import OPEN

Act = tuple[str, str | None]
HALF = 0.5  # of a thing's words that a question must have, where it names no act
MOST_THINGS = 10  # of one name in a measure
AFTER = re.compile(r"\bafter(?:wards)?\b|\bfollows?\b", re.IGNORECASE)
BEFORE = re.compile(r"\bbefore\b", re.IGNORECASE)
THEN = re.compile(r"\b(?:then|next)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Reading:
    """`action` and then `follows`, what it is done to (`phrase` stands in the name, or it is one of `things`), the sides of
    behaviour (`kinds`), and the words that the log has nothing like. `by_name`: the question has the act's own word.
    """

    action: str = ""
    follows: str = ""
    phrase: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    read_as: str = ""
    by_name: bool = False

    @property
    def measure(self) -> Measure | None:
        """What is counted: visits with the act; users who ever did it to the thing; visits in which one act follows another."""
        on = [Condition(field="object", op="contains", value=[word]) for word in self.phrase]
        on += [Condition(field="object", op="in", value=list(self.things))] if self.things else []
        act = [Condition(field="action", op="is", value=[self.action])] if self.action else []
        if not act and not on:
            return None
        if self.follows:
            then = [Condition(field="action", op="is", value=[self.follows])]
            return Measure(
                unit="sessions",
                where=act,
                steps=[act, then],
                ordered=True,
                statistic="share",
                versus="matched",
                says=OPEN,
            )
        unit = "users" if on else "sessions"
        return Measure(unit=unit, steps=[[*act, *on]], statistic="share", versus="matched", says=OPEN)


def read(question: str, words: Sequence[str], acts: Sequence[Act], embed: Embed, names: Names) -> Reading:
    """What the question is about."""
    kinds = frozenset(kind for kind, own in SIDES.items() if own & set(words))
    rest = [w for w in words if not any(w in own for own in SIDES.values())]
    near = near_words(rest, acts, embed, names)
    actions = list(dict.fromkeys(a for a, _ in acts))
    named = {w: a for w in rest if (a := _action(near[w], w, actions, names))}
    order = list(dict.fromkeys(named.values()))
    action, follows = _in_order(question, named, order)
    others = [w for w in rest if w not in named]
    phrase, things, on = ((), (), ()) if follows else _things(others, near, acts, action)
    unknown = tuple(w for w in others if w not in on)
    told = [f"“{w}” as “{act_words(a, names)}”" for w, a in named.items() if a in (action, follows)]
    if phrase or things:
        told.append(f"{' '.join(f'“{w}”' for w in on)} as things named “{' '.join(phrase) or things[0]}”")
    told += [f"claims on {kind}" for kind in sorted(kinds)] if not action and not things else []
    by_name = any(a == action and _stem(w) in _stems(act_words(a, names)) for w, a in named.items())
    return Reading(action, follows, phrase, things, kinds, unknown, ", ".join(told), by_name)


def _action(near: set[str], word: str, actions: Sequence[str], names: Names) -> str:
    """The act that a word names: by the very word first, then by what is near; the commonest of several."""
    exact = [a for a in actions if _stem(word) in _stems(act_words(a, names))]
    return next(iter([*exact, *(a for a in actions if near & _words(act_words(a, names)))]), "")


def _in_order(question: str, named: dict[str, str], order: Sequence[str]) -> tuple[str, str]:
    """The act, and the one that is asked to follow it, where the question says an order of two."""
    if len(order) < 2:
        return (order[0] if order else ""), ""
    for pattern, first in ((AFTER, True), (BEFORE, False)):
        if mark := pattern.search(question):
            at = {w: question.lower().find(w, mark.end()) for w in named}
            behind = [w for w in named if at[w] >= 0]
            if behind:
                one = named[min(behind, key=lambda w: at[w])]
                other = next(a for a in order if a != one)
                return (one, other) if first else (other, one)
    return (order[0], order[1]) if THEN.search(question) else (order[0], "")


def _things(
    words: Sequence[str], near: dict[str, set[str]], acts: Sequence[Act], action: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Words in names of things (as a phrase where they are one), or things by their names; and the words that named them."""
    objects = list(dict.fromkeys(o for a, o in acts if o and (not action or a == action)))
    of = {o: _words(readable(o)) for o in objects}
    if action:
        found = [(w, n) for w in words if (n := _best(w, near[w], of.values()))]
        told, on = tuple(n for _, n in found), tuple(w for w, _ in found)
        both = " ".join(told)
        if len(told) > 1 and any(both in readable(o).lower() for o in objects):
            return (both,), (), on
        if told and not any(set(told) <= own for own in of.values()):
            return told[:1], (), on[:1]
        return told, (), on
    hits = {o: [w for w in words if near[w] & own] for o, own in of.items()}
    things = tuple(o for o, hit in hits.items() if hit and len(hit) >= HALF * len(of[o]))[:MOST_THINGS]
    return (), things, tuple(dict.fromkeys(w for o in things for w in hits[o]))


def _best(word: str, near: set[str], things: Iterable[set[str]]) -> str:
    """The word of things' names that a word means: itself or its plural first."""
    known: set[str] = set().union(*things)
    return next((w for w in sorted(known) if _stem(w) == _stem(word)), next(iter(sorted(near & known)), ""))


def _words(name: str) -> set[str]:
    return set(WORD.findall(name.lower()))


def _stems(name: str) -> set[str]:
    return {_stem(w) for w in _words(name)}


def _stem(word: str) -> str:
    return word.removesuffix("s")
