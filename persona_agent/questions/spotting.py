"""Where a question names fields, values, amounts, times and units of its log.

In: a question in the program's words, the names of its log, the words of its acts. Out: `Spotted`. Promises: names are known by
their very words, a plural aside, the longest first, so that “Home Office” is no office; a value of one word that an act has too
is the act's, unless its field is named beside it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from ..schema import Condition
from ..words.lexicon import NUMBER_WORDS
from ..words.money import is_sum
from ..write.question import EMPTY
from .log_names import TOKEN, AmountInLog, FieldInLog, NamesInLog, stems
from .named_times import times_named
from .words import VAGUE

# What a log is made of, by the program's words; the question has them in place of the log's own.
UNITS = {
    "visit": frozenset(["visit", "session"]),
    "line": frozenset(["line", "event", "action"]),
    "user": frozenset(["user", "people", "person"]),
    "thing": frozenset(["thing", "product", "item", "article"]),
}


@dataclass
class Spotted:
    """What a question names; `words` are those that did, in lower case, `told` how each was read."""

    values: dict[FieldInLog, list[str]] = field(default_factory=dict)
    fields: list[FieldInLog] = field(default_factory=list)
    amounts: list[AmountInLog] = field(default_factory=list)
    themes: list[str] = field(default_factory=list)
    times: list[Condition] = field(default_factory=list)
    units: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)

    @property
    def names_more(self) -> bool:
        """Does it name more than what is counted: anything that is counted with an act?"""
        return bool(self.values or self.fields or self.amounts or self.themes or self.times)


class _FreeWords:
    """The words of a question, each of which one name takes."""

    def __init__(self, question: str) -> None:
        self.tokens = [w.lower() for w in TOKEN.findall(question)]
        self._stems = [w.removesuffix("s") for w in self.tokens]
        self.free = [True] * len(self.tokens)

    def at(self, name: tuple[str, ...]) -> int | None:
        n = len(name)
        return next(
            (
                i
                for i in range(len(self.tokens) - n + 1)
                if n and tuple(self._stems[i : i + n]) == name and all(self.free[i : i + n])
            ),
            None,
        )

    def without(self, question: str, names: Sequence[tuple[str, ...]]) -> str:
        """The question without these names, whose words are taken."""
        for name in sorted(names, key=len, reverse=True):
            if words := self.take(name):
                question = re.sub(r"[\W_]+".join(map(re.escape, words)), " ", question, flags=re.IGNORECASE)
        return question

    def take(self, name: tuple[str, ...]) -> list[str]:
        """The words of the question that are the name; none where it does not have them, or another has taken them."""
        i = self.at(name)
        if i is None:
            return []
        self.free[i : i + len(name)] = [False] * len(name)
        return self.tokens[i : i + len(name)]


def spot(question: str, log: NamesInLog, acts: Collection[str], things: Iterable[str] = ()) -> Spotted:
    """All that the question names; `acts` are the words of acts, `things` names of things: where it has one of several words as a
    whole (“sunday roast slot”), these name nothing else.
    """
    found, text = Spotted(), _FreeWords(question)
    named = {f for f in log.fields if text.at(stems(f.called)) is not None}
    of_acts = {w.removesuffix("s") for w in acts}
    whole = [own for thing in things if len(own := stems(thing)) > 1 and text.at(own) is not None]
    values = [(f, v) for f in log.fields for v in f.values if _may_be(v, named=f in named, acts=of_acts)]
    # The longest name first; of one that several fields hold, the field that is named, then the coarsest.
    for f, value in sorted(values, key=lambda fv: (-len(stems(fv[1])), fv[0] not in named, len(fv[0].values))):
        question = text.without(question, [own for own in whole if len(own) > len(stems(value))])
        if words := text.take(stems(value)):
            found.values.setdefault(f, []).append(value)
            _told(found, words, f"the {f.called} “{value}”")
    for f in sorted(log.fields, key=lambda f: -len(stems(f.called))):
        if words := text.take(stems(f.called)):
            found.fields += [] if f in found.values else [f]
            _told(found, words, f"the field {f.called}", again=f in found.values)
    _spot_amounts(found, text, log, of_acts)
    found.times, of_times = times_named(text.without(question, whole))
    if of_times:
        _told(found, [w for w in text.tokens if w in of_times], "the time")
    for unit, called in {**UNITS, "thing": UNITS["thing"].union(log.things)}.items():
        if any(w in called for w in text._stems):
            found.units.add(unit)
            found.words |= {w for w in text.tokens if w.removesuffix("s") in called}
    return found


def columns_named(question: str, columns: Sequence[str]) -> list[str]:
    """Those of the columns that the question names."""
    text = _FreeWords(question)
    return [c for c in columns if text.at(stems(c)) is not None]


def spot_themes(found: Spotted, question: str, log: NamesInLog) -> bool:
    """Whether the question names kinds of things that no field tells, by words that are free; they are then in `found`."""
    text = _FreeWords(question)
    text.free = [w not in found.words for w in text.tokens]
    for theme in sorted(log.themes, key=lambda t: -len(stems(t))):
        if _may_be(theme, named=False, acts=()) and (words := text.take(stems(theme))):
            found.themes.append(theme)
            _told(found, words, f"the kind “{theme}”")
    return bool(found.themes)


def _spot_amounts(found: Spotted, text: _FreeWords, log: NamesInLog, acts: Collection[str]) -> None:
    """Amounts by their names; what lines are worth also by any word for a sum of money, where the log calls it by one."""
    for amount in sorted(log.amounts, key=lambda a: -len(stems(a.called))):
        name = stems(amount.called)
        if set(name) <= set(acts):
            continue
        words = text.take(name)
        if not words and amount.is_sum:
            words = [w for w, free in zip(text.tokens, text.free, strict=True) if free and is_sum(w.removesuffix("s"))][
                :1
            ]
        if words:
            found.amounts.append(amount)
            _told(found, words, f"the amount {amount.called}")


def _may_be(value: str, *, named: bool, acts: Collection[str]) -> bool:
    """Can a word of a question be this value? Numbers and words of grammar are values only where their field is named."""
    own = stems(value)
    if not own or named:
        return bool(own)
    meant = [
        w
        for w in own
        if len(w) > 1 and not w.isdigit() and not any(w in words for words in (EMPTY, VAGUE, NUMBER_WORDS))
    ]
    return bool(meant) and not (len(own) == 1 and own[0] in acts)


def _told(found: Spotted, words: list[str], read: str, *, again: bool = False) -> None:
    found.words |= set(words)
    if not again:
        found.told.append(f"“{' '.join(words)}” as {read}")
