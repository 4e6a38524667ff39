"""A question in words of the log: which fields, amounts, times, acts and things it is about, or which side of behaviour.

In: the words of a question that mean something, the acts of the log with their things (commonest first), its fields and amounts,
an embedding. Out: a `ParsedQuestion`. Promises: a word counts as known only by the thresholds of `write.question`; a single
word of a thing's long name is no thing, unless an act is named beside it, for among thousands of things some name has any word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..models.base import Embed
from ..schema import Condition, Measure, Names
from ..words.lexicon import NUMBER_WORDS
from ..words.wording import act_words, readable
from ..write.question import SIDES, WORD, Act, near_words
from .asked_measures import measures_of, used_by_forms, visits_of_a_user
from .commonest import USED, commonest_things
from .everywhere import OPEN
from .log_names import NOTHING_NAMED, NamesInLog
from .spotting import Spotted, spot, spot_themes

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
    of which nobody can tell which one is meant. `counted` are the measures where it names fields, amounts, times or units, and
    `spotted` are these.
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
    counted: tuple[Measure, ...] = ()
    spotted: Spotted = field(default_factory=Spotted)

    @property
    def on(self) -> list[Condition]:
        """What it is done to."""
        on = [Condition(field="object", op="contains", value=[word]) for word in self.phrase]
        return on + ([Condition(field="object", op="in", value=list(self.things))] if self.things else [])

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What is counted, in the order in which it is told."""
        of_act = self._of_act
        return self.counted or ((of_act,) if of_act else ())

    @property
    def _of_act(self) -> Measure | None:
        """Visits with an act; users who did it to the thing; visits in which another follows or never comes."""
        act, on = [_is(self.action)] if self.action else [], self.on
        if not act and not on:
            return None
        more: dict[str, Any] = {"statistic": "share", "versus": "matched", "says": OPEN}
        if self.follows:
            return Measure(unit="sessions", where=act, steps=[act, [_is(self.follows)]], ordered=True, **more)
        if self.without:
            return Measure(unit="sessions", where=act, absent=[[_is(self.without)]], **more)
        return Measure(unit="users" if on else "sessions", steps=[[*act, *on]], **more)


def understand(
    question: str,
    words: Sequence[str],
    acts: Sequence[Act],
    embed: Embed,
    names: Names,
    log: NamesInLog = NOTHING_NAMED,
) -> ParsedQuestion:
    """What the question is about: its fields with their values first, then kinds of things, then words in names."""
    spotted = spot(question, log, _act_words(acts, names), _things_of(acts))
    free = [w for w in words if w not in spotted.words]
    of_act = _of_acts(question, free, acts, embed, names)
    if not of_act.action and spot_themes(spotted, question, log):  # an act is more than a kind of things
        of_act = _of_acts(question, [w for w in free if w not in spotted.words], acts, embed, names)
    single = of_act.action if not (of_act.follows or of_act.without) else ""
    one_act = [_is(single)] if single and not _is_only_act(single, acts) else []
    most = [] if of_act.on else commonest_things(question, spotted, acts, single)
    counted = most or measures_of(question, spotted, [*one_act, *of_act.on])
    # Of the one act of a log how often they come is asked.
    if not counted and single and not (one_act or of_act.on or of_act.unknown):
        counted = [visits_of_a_user()]
    if not counted:
        return replace(of_act, unknown=tuple(w for w in of_act.unknown if w not in spotted.words), spotted=spotted)
    used = spotted.words | used_by_forms(question) | (USED if most else frozenset())
    told = [*spotted.told, *([of_act.read_as] if of_act.read_as and (single or of_act.on) else [])]
    return replace(
        of_act,
        counted=tuple(counted),
        unknown=tuple(w for w in of_act.unknown if w not in used),
        aside=tuple(w for w in of_act.aside if w not in used),
        either=(),
        read_as=", ".join(told),
        by_name=True,
        spotted=spotted,
    )


def _is_only_act(action: str, acts: Sequence[Act]) -> bool:
    """Is every line this act, so that naming it says nothing?"""
    return {a for a, _ in acts} == {action}


def _things_of(acts: Sequence[Act]) -> list[str]:
    return list(dict.fromkeys(readable(thing) for _, thing in acts if thing))


def _act_words(acts: Sequence[Act], names: Names) -> set[str]:
    return {w for a in dict.fromkeys(a for a, _ in acts) for w in WORD.findall(act_words(a, names).lower())}


def _of_acts(question: str, words: Sequence[str], acts: Sequence[Act], embed: Embed, names: Names) -> ParsedQuestion:
    """What it is about by acts, things and sides of behaviour alone."""
    sides = [w for w in words if any(w in own for own in SIDES.values())]
    kinds = frozenset(kind for kind, own in SIDES.items() if own & set(words))
    rest = [w for w in words if w not in sides]
    near = near_words(rest, acts, embed, names)
    actions = list(dict.fromkeys(a for a, _ in acts))
    named = _named(rest, near, actions, names, embed)
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


def _named(
    words: Sequence[str], near: Mapping[str, set[str]], actions: Sequence[str], names: Names, embed: Embed
) -> dict[str, str]:
    """The act that each word names: by the very word first, then by what is near; of several the one that most words of the
    question name, then the commonest, or, of those that have no such word, the one whose name is nearest.
    """
    own = {a: _words(act_words(a, names)) for a in actions}
    hits = {a: sum(_stem(w) in {_stem(o) for o in own[a]} or bool(near[w] & own[a]) for w in words) for a in actions}
    found = {}
    for word in words:
        exact = [a for a in actions if _stem(word) in {_stem(o) for o in own[a]}]
        may = exact or [a for a in actions if near[word] & own[a]]
        if may:
            like = {} if exact else _likeness(word, may, embed, names)
            found[word] = max(may, key=lambda a: (hits[a], like.get(a, 0.0), -actions.index(a)))
    return found


def _likeness(word: str, actions: Sequence[str], embed: Embed, names: Names) -> dict[str, float]:
    row = embed([word])[0] @ embed([act_words(a, names) for a in actions]).T
    return dict(zip(actions, row.tolist(), strict=True))


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
