"""A question in words of the log: which act it is about, on what, after what, or which side of behaviour.

In: the words of a question that mean something, the acts of the log with their things (commonest first), an embedding. Out: a
`ParsedQuestion`. Promises: a word counts as known only by the thresholds of `write.question`; a single word of a thing's long
name is no thing, unless an act is named beside it, for among thousands of things some name has any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models.base import Embed
from ..schema import Condition, Measure, Names
from ..words.lexicon import NUMBER_WORDS
from ..words.wording import act_words, readable
from ..write.question import SIDES, WORD, Act, near_words
from .everywhere import OPEN

HALF = 0.5  # of a thing's words that a question must have, where it names no act
MOST_THINGS = 10  # of one name in a measure
AFTER = re.compile(r"\bafter(?:wards)?\b|\bfollows?\b", re.IGNORECASE)
BEFORE = re.compile(r"\bbefore\b", re.IGNORECASE)
NUMBER = re.compile(rf"\b(?:\d[\d.,:]*|{'|'.join(NUMBER_WORDS)})\b", re.IGNORECASE)
NOT = re.compile(r"\b(?:not|never|without)\b|n't\b", re.IGNORECASE)
THEN = re.compile(r"\b(?:then|next)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ParsedQuestion:
    """`action`, and the one that `follows` it or is left out (`without`); what it is done to (`phrase` stands in the name, or it
    is one of `things`); the sides of behaviour (`kinds`), and the words that the log has nothing like. `by_name`: the question
    has the act's own word. `aside` are words of a side of behaviour, and numbers, that an act is not counted with, `either` acts
    of which nobody can tell which one is meant.
    """

    action: str = ""
    follows: str = ""
    without: str = ""
    phrase: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    kinds: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    read_as: str = ""
    by_name: bool = False

    @property
    def measure(self) -> Measure | None:
        """What is counted: visits with an act; users who did it to the thing; visits in which another follows or never comes."""
        on = [Condition(field="object", op="contains", value=[word]) for word in self.phrase]
        on += [Condition(field="object", op="in", value=list(self.things))] if self.things else []
        act = [_is(self.action)] if self.action else []
        if not act and not on:
            return None
        more: dict[str, Any] = {"statistic": "share", "versus": "matched", "says": OPEN}
        if self.follows:
            return Measure(unit="sessions", where=act, steps=[act, [_is(self.follows)]], ordered=True, **more)
        if self.without:
            return Measure(unit="sessions", where=act, absent=[[_is(self.without)]], **more)
        return Measure(unit="users" if on else "sessions", steps=[[*act, *on]], **more)


def understand(question: str, words: Sequence[str], acts: Sequence[Act], embed: Embed, names: Names) -> ParsedQuestion:
    """What the question is about."""
    sides = [w for w in words if any(w in own for own in SIDES.values())]
    kinds = frozenset(kind for kind, own in SIDES.items() if own & set(words))
    rest = [w for w in words if w not in sides]
    near = near_words(rest, acts, embed, names)
    actions = list(dict.fromkeys(a for a, _ in acts))
    named = _named(rest, near, actions, names)
    order = list(dict.fromkeys(named.values()))
    action, follows, without = _in_order(question, named, order)
    two = follows or without
    others = [w for w in rest if w not in named]
    phrase, things, on = ((), (), ()) if two else _things(others, near, acts, action)
    told = [f"“{w}” as “{act_words(a, names)}”" for w, a in named.items() if a in (action, follows, without)]
    if phrase or things:
        told.append(f"{' '.join(f'“{w}”' for w in on)} as things named “{' '.join(phrase) or things[0]}”")
    counts = bool(action or phrase or things)
    told += [] if counts else [f"claims on {kind}" for kind in sorted(kinds)]
    return ParsedQuestion(
        action=action,
        follows=follows,
        without=without,
        phrase=phrase,
        things=things,
        kinds=kinds,
        unknown=tuple(w for w in others if w not in on),
        aside=tuple(dict.fromkeys([*sides, *NUMBER.findall(question)])) if counts else (),
        either=() if two or len(order) < 2 else tuple(order),
        read_as=", ".join(told),
        by_name=any(a == action and _stem(w) in _stems(act_words(a, names)) for w, a in named.items()),
    )


def _named(words: Sequence[str], near: Mapping[str, set[str]], actions: Sequence[str], names: Names) -> dict[str, str]:
    """The act that each word names: by the very word first, then by what is near; of several the one that most words of the
    question name, then the commonest.
    """
    own = {a: _words(act_words(a, names)) for a in actions}
    hits = {a: sum(_stem(w) in {_stem(o) for o in own[a]} or bool(near[w] & own[a]) for w in words) for a in actions}
    found = {}
    for word in words:
        exact = [a for a in actions if _stem(word) in {_stem(o) for o in own[a]}]
        may = exact or [a for a in actions if near[word] & own[a]]
        if may:
            found[word] = max(may, key=lambda a: (hits[a], -actions.index(a)))
    return found


def _in_order(question: str, named: Mapping[str, str], order: Sequence[str]) -> tuple[str, str, str]:
    """The act, and the one that is asked to follow it or to be left out, where the question says so of two."""
    if len(order) < 2:
        return (order[0] if order else ""), "", ""
    for pattern in (NOT, AFTER, BEFORE):
        mark = pattern.search(question)
        behind = _first_behind(question, mark.end(), named) if mark else ""
        if behind:
            other = next(a for a in order if a != behind)
            return {NOT: (other, "", behind), AFTER: (behind, other, ""), BEFORE: (other, behind, "")}[pattern]
    return (order[0], order[1], "") if THEN.search(question) else (order[0], "", "")


def _first_behind(question: str, place: int, named: Mapping[str, str]) -> str:
    at = {w: question.lower().find(w, place) for w in named}
    behind = [w for w in named if at[w] >= 0]
    return named[min(behind, key=lambda w: at[w])] if behind else ""


def _things(
    words: Sequence[str], near: Mapping[str, set[str]], acts: Sequence[Act], action: str
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
    stems = {o: {_stem(w) for w in own} for o, own in of.items()}
    hits = {o: [w for w in words if _stem(w) in stems[o]] for o in of}  # what is only near is no name
    things = tuple(o for o, hit in hits.items() if hit and len(hit) >= HALF * len(of[o]))[:MOST_THINGS]
    return (), things, tuple(dict.fromkeys(w for o in things for w in hits[o]))


def _best(word: str, near: set[str], things: Iterable[set[str]]) -> str:
    """The word of things' names that a word means: itself or its plural first."""
    known: set[str] = set().union(*things)
    return next((w for w in sorted(known) if _stem(w) == _stem(word)), next(iter(sorted(near & known)), ""))


def _words(name: str) -> set[str]:
    return set(WORD.findall(name.lower()))


def _is(action: str) -> Condition:
    return Condition(field="action", op="is", value=[action])


def _stems(name: str) -> set[str]:
    return {_stem(w) for w in _words(name)}


def _stem(word: str) -> str:
    return word.removesuffix("s")
