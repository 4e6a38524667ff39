"""Figures, shares in words, quoted names and units of a text, each held against the claims that it rests on.

In: a text and its claims. Out: what is in none of them, in plain English. Promises: what is reported is exact: a figure that no
claim prints, a name that none is about, a unit that none counts in. What counts nothing of the log (“two things”) is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise

from ..schema import Claim, Names, Size
from .lexicon import FRACTION_WORDS, NUMBER_WORDS
from .wording import SLOT, number, percent, printed, size_values

NAME = re.compile(r"[“\"]([^”\"]*)[”\"]")
FIGURE = re.compile(r"(?<![\w.])(\d[\d,]*(?:\.\d+)?|\d*\.\d+)(?:e[+-]?\d+)?\s*(%|am\b|pm\b|:\d\d\b)?", re.IGNORECASE)
THAN_FRACTION = re.compile(
    r"\b(?:more|less|fewer) than (?:(?:an?|two|three|nine) )?(half|thirds?|quarters?|fifth|tenths?)\b", re.IGNORECASE
)
THAN_FIGURE = re.compile(r"\b(?:more|less|fewer) than (?=\d)", re.IGNORECASE)
BOUNDED_TIME = re.compile(
    r"\b(?:before|after|between|from|until)\b(?=[^.;]{0,25}(?:\b[ap]m\b|midnight|noon|:\d\d))", re.IGNORECASE
)
MASK = "¶"
NAMED = ("object", "text", "theme")  # fields whose values are names, with numbers in them
CODED = re.compile(r"\w*\d\w*[^\W\d]|[^\W\d]\w*\d")  # “x7b”: no word of a reader's
COUNTED = re.compile(
    r"[\s-]+(?:days?|weeks?|months?|years?|hours?|minutes?|visits?|sessions?|times|users|members|of them"
    r"|in (?:ten|three|four|five))\b",
    re.IGNORECASE,
)
RATIO = re.compile(
    r"\b(?:(twice|double|triple)|(two|three|four|five|ten) times) (?:as|the|more|of comparable)\b", re.IGNORECASE
)
RATIOS = {"twice": 2.0, "double": 2.0, "triple": 3.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "ten": 10.0}
WORD_ROOM = 0.1  # of a number in words, which is round: “twenty” is said of 18 to 22
RATIO_ROOM = 0.15  # of a ratio in words: “twice” is said of 1.7 to 2.3
SHARES = re.compile(r"\bper ?cent\b|\bpercent(?:age)?\b", re.IGNORECASE)
SPANS = (60, 3_600, 86_400)  # seconds, in which a span of time may be said
UNITS = r"%|per ?cent|minutes?|hours?|days?|weeks?|months?|years?"
IN_UNITS = re.compile(
    rf"(?<![\w.])(\d[\d,]*(?:\.\d+)?)\s*({UNITS})(?!\w)\s*({UNITS}|users|visits|sessions|times)?(?!\w)", re.IGNORECASE
)


def wrong_figures(text: str, claims: Sequence[Claim], size: Size | None) -> list[str]:
    """Figures, typed or in words, that none of the claims has, in its unit."""
    bare = _without_named(NAME.sub(MASK, text), claims)
    others = [c for c in claims if c.text != text]  # a text is no witness to itself
    return [*_figures(bare, claims, others, size), *_units(bare, claims), *_ratios(bare, claims)]


def any_figures(text: str, claims: Sequence[Claim] = ()) -> list[str]:
    """Figures of a text that may have none, typed or in words; what its claims count by (“after 4 pm”) is no figure of theirs."""
    bare = _without_named(NAME.sub(MASK, text), claims)
    known = {_figure(m.group(0)) for c in claims for told in _counted_by(c) for m in FIGURE.finditer(told)}
    found = [
        f"it has the figure {m.group(0).strip()}" for m in FIGURE.finditer(bare) if _figure(m.group(0)) not in known
    ]
    found += [f"{m.group(0)!r} is no word" for m in CODED.finditer(bare)]
    found += [f"it has a slot, {{{m.group(1)}}}" for m in SLOT.finditer(text)]
    found += [f"{m.group(0)!r} is a figure in words" for m in (*SHARES.finditer(bare), *RATIO.finditer(bare))]
    return found + [
        f"'{w} in ten' is a figure in words" for w in NUMBER_WORDS if whole_word(f"{w} in ten").search(bare)
    ]


def _without_named(bare: str, claims: Sequence[Claim]) -> str:
    """The text without numbers of names: “the 3-tier cakestand” is called so where a claim is about “cakestand 3 tier”, and the
    number beside its word was not counted.
    """
    conditions = [c for claim in claims if claim.measure for c in claim.measure.conditions if c.field in NAMED]
    for name in {str(v) for c in conditions for v in c.value}:
        words = re.findall(r"\w+", name)
        for word, then in pairwise(words):
            if word.isdecimal() != then.isdecimal():
                bare = re.sub(
                    rf"(?<!\w){re.escape(word)}[\s-]+{re.escape(then)}(?!\w)", MASK, bare, flags=re.IGNORECASE
                )
    return bare


def wrong_names(text: str, claims: Sequence[Claim], names: Collection[str], called: Names) -> list[str]:
    """Quoted names that are neither in a claim nor among `names`; `called` is what a person calls acts of the log."""
    others = [c for c in claims if c.text != text]
    known = {_folded(n) for n in names} | {_folded(n) for other in others for n in NAME.findall(other.text)}
    known |= {
        _folded(str(v))
        for claim in claims
        for c in (claim.measure.conditions if claim.measure else [])
        for v in c.value
    }
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
    thresholds = {t for c in claims for t in thresholds_of(c)} | {c.truthfulness.value for c in claims}
    texts = " ".join([*(NAME.sub(MASK, c.text) for c in others), *_names_of(claims)]).lower()
    plain = RATIO.sub(MASK, bare)
    for word, value in NUMBER_WORDS.items():
        counted = any(COUNTED.match(plain, m.end()) for m in whole_word(word).finditer(plain))
        if (
            counted
            and not any(_said_as(value, t) for t in thresholds)
            and not whole_word(word).search(texts)
            and not _of_fraction(bare, word)
        ):
            wrong.append(f"{word!r} is in none of its claims")
        if whole_word(f"{word} in ten").search(bare) and not any(
            abs(x - value / 10) <= 0.05 for c in claims for x in shares_of(c)
        ):
            wrong.append(f"{word!r} in ten is the share of none of its claims")
    return wrong


def _said_as(word: float, figure: float | None) -> bool:
    """Is a number in words that figure, as people say it? “Six days” are 6.3, and no text is mended for that."""
    return figure is not None and abs(word - figure) <= WORD_ROOM * max(abs(figure), 1.0)


def _names_of(claims: Sequence[Claim]) -> Iterator[str]:
    """What claims are about by name: “ten minutes” is no figure where recipes are called so."""
    for claim in claims:
        conditions = claim.measure.conditions if claim.measure else []
        yield from (str(v) for c in conditions if isinstance(c.value[0], str) for v in c.value)


def _figure(text: str) -> str:
    return re.sub(r"[\s,]", "", text).lower()


def _known_figures(claims: Sequence[Claim], size: Size | None) -> Iterator[str]:
    yield from size_values(size).values() if size else ()
    for claim in claims:
        t = claim.truthfulness
        yield from (printed(claim.measure, x) for x in (t.value, t.matched, t.raw) if x is not None)
        yield f"{t.n:,}"
        for x in thresholds_of(claim):
            yield from (number(x), percent(x))
        yield from _counted_by(claim)


def _counted_by(claim: Claim) -> Iterator[str]:
    """The thresholds of a claim as a text may write them: they say what is counted, not what came out."""
    said = claim.measure.says.value if claim.measure else None
    yield from (number(x) for x in thresholds_of(claim) if x != said)
    for c in claim.measure.conditions if claim.measure else []:
        if c.field == "hour":
            hours = [int(float(x)) for x in c.value]
            yield from _clocks([*hours, (hours[-1] + 1) % 24])


def _clocks(hours: Sequence[int]) -> Iterator[str]:
    """Hours as they may be written: 9 is “9 am” or “9:00”."""
    for h in hours:
        yield from (f"{(h - 1) % 12 + 1} {'am' if h < 12 else 'pm'}", f"{h}:00", f"{(h - 1) % 12 + 1}")


def thresholds_of(claim: Claim) -> Iterator[float]:
    m = claim.measure
    if m is None:
        return
    yield from (float(x) for x in (m.at_least, m.within, m.says.value) if x is not None)
    yield from (m.within / size for size in SPANS if m.within is not None and m.within >= size)
    if m.feature is not None:
        yield from (x for x in (m.feature.value, m.feature.upper) if x is not None)
    yield from (
        v for c in (claim.measure.conditions if claim.measure else []) for v in c.value if isinstance(v, float | int)
    )


def without_thresholds(bare: str, claims: Sequence[Claim]) -> tuple[str, list[str]]:
    """The text without “more than a third” and the like, which name a threshold and compare with nobody."""
    thresholds = [t for c in claims for t in thresholds_of(c)]
    wrong = []
    for m in THAN_FRACTION.finditer(bare):
        value = FRACTION_WORDS[m.group(1).lower()]
        more = m.group(0).lower().startswith("more")
        of_them = re.match(r" of (?:them|these|the group|this group)\b", bare[m.end() :]) is not None
        borne = of_them and any(x > value if more else x < value for c in claims for x in shares_of(c))
        if not borne and not any(abs(value - t) < 0.006 for t in thresholds):
            wrong.append(f"{m.group(0)!r} is the threshold of none of its claims")
    bare = THAN_FIGURE.sub("", THAN_FRACTION.sub("", bare))
    return BOUNDED_TIME.sub("", bare), wrong


def _of_fraction(bare: str, word: str) -> bool:
    """Is the number word a part of a fraction (“two thirds”), or of “seven in ten”?"""
    return re.search(rf"\b{word} (?:thirds|quarters|tenths|in ten)\b|\bin {word}\b", bare, re.IGNORECASE) is not None


def _units(bare: str, claims: Sequence[Claim]) -> Iterator[str]:
    """A figure in another unit than its claim's, or in two."""
    known: dict[str, set[str]] = {}
    for claim in claims:
        t = claim.truthfulness
        for value in (t.value, t.matched, t.raw):
            figure, _, unit = printed(claim.measure, value).rpartition(" ")
            if figure and value is not None:
                known.setdefault(figure.removeprefix("under ").removeprefix("over "), set()).add(_unit(unit))
    for m in IN_UNITS.finditer(bare):
        figure, unit, second = m.group(1), _unit(m.group(2)), m.group(3)
        if second:
            yield f"{m.group(0)!r} has two units"
        elif known.get(figure) and unit not in known[figure]:
            yield f"{m.group(0)!r}: its claim counts in {', '.join(sorted(known[figure]))}"


def _unit(word: str) -> str:
    return "%" if word.lower().startswith(("per", "%")) else word.lower().rstrip("s")


def _ratios(bare: str, claims: Sequence[Claim]) -> Iterator[str]:
    """“Twice as often” needs a claim whose figure is about twice that of others."""
    for m in RATIO.finditer(bare):
        said = RATIOS[(m.group(1) or m.group(2)).lower()]
        pairs = [(c.truthfulness.value, c.truthfulness.matched) for c in claims]
        ratios = [max(a, b) / min(a, b) for a, b in pairs if a and b and a > 0 and b > 0]
        if not any(abs(r / said - 1) <= RATIO_ROOM for r in ratios):
            yield f"{m.group(0)!r} is the ratio of none of its claims"


def shares_of(claim: Claim) -> Iterator[float]:
    t, m = claim.truthfulness, claim.measure
    if m is not None and m.statistic == "share" and t.value is not None:
        yield t.value


@cache
def whole_word(word: str) -> re.Pattern[str]:
    """The word as a whole, in any case."""
    return re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])", re.IGNORECASE)
