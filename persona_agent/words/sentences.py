"""Does a sentence say more than the claims that it rests on? Decided by code, word by word.

In: a text, the claims behind it, the group's size. Out: problems in plain English, none if the text may stand. Promises:
a number, a quoted name, a quantifier, a comparison or an order must be borne by one of the claims; causes, motives and
identities are borne by none. It reads words, not meaning: what is implied without any of these words passes, and is for
a critic to find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache

from ..schema import NO_NAMES, Claim, Condition, Names, Size
from .lexicon import (
    CAUSES,
    FALLING,
    FRACTION_WORDS,
    IDENTITY,
    INSTEAD,
    LESS,
    MORE,
    NEUTRAL,
    NUMBER_WORDS,
    ONLY,
    QUANTIFIERS,
    RISING,
    SEQUENCE,
)
from .wording import number, percent, printed, size_values

NAME = re.compile(r"[“\"]([^”\"]*)[”\"]")
FIGURE = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?|\d*\.\d+)(?:e[+-]?\d+)?\s*(%|am\b|pm\b|:\d\d\b)?", re.IGNORECASE)
THAN_FRACTION = re.compile(
    r"\b(?:more|less|fewer) than (?:(?:an?|two|three|nine) )?(half|thirds?|quarters?|fifth|tenths?)\b", re.IGNORECASE
)
THAN_FIGURE = re.compile(r"\b(?:more|less|fewer) than (?=\d)", re.IGNORECASE)
BOUNDED_TIME = re.compile(
    r"\b(?:before|after|between|from|until)\b(?=[^.;]{0,25}(?:\b[ap]m\b|midnight|noon|:\d\d))", re.IGNORECASE
)
MARKUP = re.compile(r"https?:\S+|www\.\S+|<[^>]*>|\]\(|`")
MASK = "¶"


def problems(
    text: str,
    claims: Sequence[Claim],
    size: Size | None,
    *,
    names: Collection[str] = (),
    called: Names = NO_NAMES,
    guess: bool = False,
) -> list[str]:
    """What a label, a one-liner, a sentence or a claim's own text says beyond its claims.

    `names`: further names that may be quoted; `called`: what a person calls acts of the log; a `guess` may say why and
    what somebody wants. Words and figures that stand in the text of another of the claims may be repeated; a text is no
    witness to itself.
    """
    bare = NAME.sub(MASK, text)
    others = [c for c in claims if c.text != text]  # a text is no witness to itself
    found = [*_names(text, claims, others, names, called), *_figures(bare, claims, others, size)]
    known = " ".join(NAME.sub(MASK, c.text) for c in others).lower()
    bare, fractions = _without_thresholds(bare, claims)
    found += fractions
    for phrase in NEUTRAL:
        bare = re.sub(rf"\b{re.escape(phrase)}\b", " ", bare, flags=re.IGNORECASE)
    for word, why in _words(bare, claims):
        if not _stands_in(word, known):
            found.append(why)
    return (
        found
        + [f"{w!r} says why or what somebody wants: no line shows that" for w in _found(bare, CAUSES) if not guess]
        + identities(bare)
        + [f"{m.group(0)!r} is markup" for m in MARKUP.finditer(text)]
    )


def _names(
    text: str, claims: Sequence[Claim], others: Sequence[Claim], names: Collection[str], called: Names
) -> list[str]:
    known = {_folded(n) for n in names} | {_folded(n) for other in others for n in NAME.findall(other.text)}
    known |= {_folded(str(v)) for claim in claims for c in _conditions(claim) for v in c.value}
    known |= {_folded(name) for old, name in [*called.acts.items(), *called.themes.items()] if _folded(old) in known}
    wrong = []
    for name in NAME.findall(text):
        parts = [_folded(part) for part in name.split(": ", 1)]
        if _folded(name) not in known and not all(part in known for part in parts):
            wrong.append(f"“{name}” is in none of its claims")
    return wrong


def _folded(name: str) -> str:
    return re.sub(r"[_\s]+", " ", name).strip(" .").lower()


def _figures(bare: str, claims: Sequence[Claim], others: Sequence[Claim], size: Size | None) -> list[str]:
    # “under 1 %” holds the figure 1 %.
    known = {_figure(m.group(0)) for f in _known_figures(claims, size) for m in FIGURE.finditer(f)}
    known |= {_figure(m.group(0)) for c in others for m in FIGURE.finditer(NAME.sub(MASK, c.text))}
    found = [m.group(0) for m in FIGURE.finditer(bare) if _figure(m.group(0)) not in known]
    wrong = [f"the figure {f.strip()} is in none of its claims" for f in found]
    thresholds = {t for c in claims for t in _thresholds(c)} | {c.truthfulness.value for c in claims}
    texts = " ".join(NAME.sub(MASK, c.text) for c in others).lower()
    for word, value in NUMBER_WORDS.items():
        if (
            _found(bare, [word])
            and value not in thresholds
            and not _stands_in(word, texts)
            and not _of_fraction(bare, word)
        ):
            wrong.append(f"{word!r} is in none of its claims")
        if _found(bare, [f"{word} in ten"]) and not any(
            abs(x - value / 10) <= 0.05 for c in claims for x in _shares(c)
        ):
            wrong.append(f"{word!r} in ten is the share of none of its claims")
    return wrong


def _figure(text: str) -> str:
    return re.sub(r"[\s,]", "", text).lower()


def _known_figures(claims: Sequence[Claim], size: Size | None) -> Iterator[str]:
    yield from size_values(size).values() if size else ()
    for claim in claims:
        t = claim.truthfulness
        yield from (printed(claim.measure, x) for x in (t.value, t.matched, t.raw) if x is not None)
        yield f"{t.n:,}"
        for x in _thresholds(claim):
            yield from (number(x), percent(x))
        for c in _conditions(claim):
            if c.field == "hour":
                hours = [int(float(x)) for x in c.value]
                yield from _clocks([*hours, (hours[-1] + 1) % 24])


def _clocks(hours: Sequence[int]) -> Iterator[str]:
    """Hours as they may be written: 9 is “9 am” or “9:00”."""
    for h in hours:
        yield from (f"{(h - 1) % 12 + 1} {'am' if h < 12 else 'pm'}", f"{h}:00", f"{(h - 1) % 12 + 1}")


def _thresholds(claim: Claim) -> Iterator[float]:
    m = claim.measure
    if m is None:
        return
    yield from (float(x) for x in (m.at_least, m.within, m.says.value) if x is not None)
    if m.feature is not None:
        yield m.feature.value
    yield from (v for c in _conditions(claim) for v in c.value if isinstance(v, float | int))


def _conditions(claim: Claim) -> Iterator[Condition]:
    m = claim.measure
    if m is not None:
        for step in [m.where, *m.steps, *m.absent, (m.feature.where if m.feature else None) or []]:
            yield from step


def _without_thresholds(bare: str, claims: Sequence[Claim]) -> tuple[str, list[str]]:
    """The text without “more than a third” and the like, which name a threshold and compare with nobody."""
    thresholds = [t for c in claims for t in _thresholds(c)]
    wrong = []
    for m in THAN_FRACTION.finditer(bare):
        value = FRACTION_WORDS[m.group(1).lower()]
        more = m.group(0).lower().startswith("more")
        of_them = re.match(r" of (?:them|these|the group|this group)\b", bare[m.end() :]) is not None
        borne = of_them and any(x > value if more else x < value for c in claims for x in _shares(c))
        if not borne and not any(abs(value - t) < 0.006 for t in thresholds):
            wrong.append(f"{m.group(0)!r} is the threshold of none of its claims")
    bare = THAN_FIGURE.sub("", THAN_FRACTION.sub("", bare))
    return BOUNDED_TIME.sub("", bare), wrong


def _of_fraction(bare: str, word: str) -> bool:
    """Is the number word a part of a fraction (“two thirds”), or of “seven in ten”?"""
    return re.search(rf"\b{word} (?:thirds|quarters|tenths|in ten)\b|\bin {word}\b", bare, re.IGNORECASE) is not None


def _words(bare: str, claims: Sequence[Claim]) -> Iterator[tuple[str, str]]:
    """Words that need a claim which bears them and have none, with why."""
    for word, (low, high) in QUANTIFIERS.items():
        inside = any(word != longer and word in longer and _found(bare, [longer]) for longer in QUANTIFIERS)
        if not inside and _found(bare, [word]) and not any(_bears(c, word, low, high) for c in claims):
            yield word, f"{word!r} is borne by none of its claims"
    for word in _found(bare, FRACTION_WORDS):
        if not any(abs(x - FRACTION_WORDS[word]) <= 0.05 for c in claims for x in _shares(c)):
            yield word, f"{word!r} is the share of none of its claims"
    rules: list[tuple[Sequence[str], Callable[[Claim], bool], str]] = [
        (ONLY, _exclusive, "needs a claim that holds for all or for none"),
        (MORE, lambda c: _compares(c, more=True), "needs a claim that they do more than others"),
        (LESS, lambda c: _compares(c, more=False), "needs a claim that they do less than others"),
        (SEQUENCE, _ordered, "needs a claim about an order"),
        (INSTEAD, _left_out, "needs a claim about something left out"),
        (RISING, lambda c: _trend(c) > 0, "needs a trend that rises"),
        (FALLING, lambda c: _trend(c) < 0, "needs a trend that falls"),
    ]
    for listed, bears, why in rules:
        for word in _found(bare, listed):
            if not any(bears(c) for c in claims):
                yield word, f"{word!r} {why}"


def _bears(claim: Claim, word: str, low: float, high: float) -> bool:
    m = claim.measure
    if m is not None and m.says.quantifier is not None and m.says.quantifier.replace("_", " ") == word:
        return True
    if m is not None and word in ("never", "none", "nobody") and m.absent:
        return True
    if (
        m is not None
        and m.feature is not None
        and low <= m.feature.value <= high
        and m.feature.name == "share_of_events"
    ):
        return True
    return any(low - 1e-9 <= x <= high + 1e-9 for x in _shares(claim))


def _shares(claim: Claim) -> Iterator[float]:
    t, m = claim.truthfulness, claim.measure
    if m is not None and m.statistic == "share" and t.value is not None:
        yield t.value


def _exclusive(claim: Claim) -> bool:
    return any(x in (0.0, 1.0) for x in _shares(claim)) or bool(claim.measure and claim.measure.absent)


def _compares(claim: Claim, *, more: bool) -> bool:
    m, t = claim.measure, claim.truthfulness
    if m is None or m.versus is None:
        return False
    if m.says.comparator in ("more_than_others", "less_than_others"):
        return (m.says.comparator == "more_than_others") is more
    return t.value is not None and t.matched is not None and (t.value > t.matched if more else t.value < t.matched)


def _ordered(claim: Claim) -> bool:
    m = claim.measure
    return m is not None and m.ordered and (len(m.steps) > 1 or bool(m.absent))


def _left_out(claim: Claim) -> bool:
    return claim.measure is not None and bool(claim.measure.absent)


def _trend(claim: Claim) -> float:
    m = claim.measure
    return (claim.truthfulness.value or 0.0) if m is not None and m.statistic == "trend" else 0.0


def identities(bare: str) -> list[str]:
    """Words that say who somebody is, with why they may not be said."""
    stems = "|".join(map(re.escape, sorted(IDENTITY, key=len, reverse=True)))
    whole = {"man", "men", "male", "rich", "poor", "boy", "gay", "dad", "mum", "hiv", "arab"}
    found = [m.group(0) for m in re.finditer(rf"\b(?:{stems})\w*", bare, re.IGNORECASE)]
    named = [w for w in found if not any(w.lower().startswith(x) and w.lower() not in (x, f"{x}s") for x in whole)]
    return [f"{w!r} says who somebody is: no line shows that" for w in named]


def _found(text: str, words: Collection[str]) -> list[str]:
    return [w for w in words if _whole(w).search(text)]


def _stands_in(word: str, known: str) -> bool:
    return _whole(word).search(known) is not None


@cache
def _whole(word: str) -> re.Pattern[str]:
    """The word as a whole, in any case."""
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
