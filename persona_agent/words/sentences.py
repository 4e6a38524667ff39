"""What code has against a text, by the claims that it rests on: what is exact decides, what is a word points.

In: a text, the claims behind it, the group's size. Out: an `Examined`: what may not stand (a figure, a share in words, a quoted
name, a unit, a comparison with others, markup: each is in one of the claims or it is wrong), and what a reader should look
at (a word of degree, order, cause or identity that no claim bears). Promises: a list of words decides nothing, for no list
tells “two things” from a figure, or a handbook of engineering from an engineer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from ..schema import NO_NAMES, Claim, Names, Size
from .figures import MASK, NAME, any_figures, shares_of, whole_word, without_thresholds, wrong_figures, wrong_names
from .its_nouns import unsaid
from .lexicon import (
    CAUSES,
    FALLING,
    FRACTION_WORDS,
    IDENTITY,
    INSTEAD,
    LESS,
    MORE,
    NEUTRAL,
    OF_THINGS,
    ONLY,
    QUANTIFIERS,
    RISING,
    SEQUENCE,
)

MARKUP = re.compile(r"https?:\S+|www\.\S+|<[^>]*>|\]\(|`")
OF_GROUP = re.compile(
    r"\s+of (?:them|these|those|the group|this group|the members|all users|users|members)\b|\s+(?:users|members)\b",
    re.IGNORECASE,
)
THAN_OTHERS = re.compile(
    r"[^.;:]{0,60}?\bthan (?:of )?(?:comparable |all |the )?(?:others?|elsewhere|everyone else)\b", re.IGNORECASE
)
OTHERS = re.compile(r"\b(?:others|elsewhere|everyone else)\b", re.IGNORECASE)
# “As often as others”, “as with others”, “like everyone else”; “half as often as others”, “not as others do” say another thing.
AS_OTHERS = re.compile(
    r"\b(?:as|like)\b(?: (?:with|for|of|in|those of|among))?(?: (?:comparable|all|the|most))?"
    r" (?:others?\b|everyone else\b|elsewhere\b)",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"(?:\b(?:not|never|nor|nothing|half|twice|times|third|double|less|more|fewer)|n['’]t)\b[^.;:,]*$", re.IGNORECASE
)
DEGREE = re.compile(
    r"\b(?:as|no (?:more|less)) (?:often|many|few|usually|rarely)\b", re.IGNORECASE
)  # beside others, no share
NO_MORE = re.compile(r"\b(?:no|not|nor|never)(?: any)? $", re.IGNORECASE)
VAGUE = ("some", "several", "many")  # of a group whose share is not told: no figure of it


@dataclass(frozen=True)
class Examined:
    """`wrong` is why a text may not stand, `look_at` what its reader should weigh; each in plain English."""

    wrong: list[str]
    look_at: list[str]


def examine(
    text: str, claims: Sequence[Claim], size: Size | None, *, names: Collection[str] = (), called: Names = NO_NAMES
) -> Examined:
    """A label, a sentence or a claim's own words, filled in.

    `names`: further names that may be quoted; `called`: what a person calls acts of the log. Words and figures that stand in the
    text of another of the claims may be repeated; a text is no witness to itself.
    """
    text, claims = _in_our_words(text, claims, called)
    bare = NAME.sub(MASK, text)
    known = " ".join(NAME.sub(MASK, c.text) for c in claims if c.text != text).lower()
    wrong = [*wrong_names(text, claims, names, called), *wrong_figures(text, claims, size), *_markup(text)]
    bare, fractions = without_thresholds(bare, claims)
    wrong += [*fractions, *_alike(bare, claims)]
    bare = _without_neutral(bare)
    look_at: list[str] = []
    for word, why, exact in _words(bare, claims):
        if not whole_word(word).search(known):
            (wrong if exact else look_at).append(why)
    return Examined(wrong, [*look_at, *pointers(bare)])


TRIED_ON = ("half",)  # a test is shown to half of them: no share that was counted


def examine_open(
    text: str, claims: Sequence[Claim], *, names: Collection[str] = (), called: Names = NO_NAMES, guess: bool = False
) -> Examined:
    """A guess, a suggestion or a question: it tells nothing of the log, so it has no figure but what its claims count by, and no
    share in words. A `guess` may say why.
    """
    text, claims = _in_our_words(text, claims, called)
    bare = NAME.sub(MASK, text)
    wrong = [*wrong_names(text, claims, names, called), *any_figures(text, claims), *_markup(text)]
    look_at: list[str] = []
    for word, why, exact in _words(_without_neutral(bare), []):
        (wrong if exact and word not in (*MORE, *LESS, *VAGUE, *TRIED_ON) else look_at).append(why)
    return Examined(wrong, [*look_at, *pointers(bare, guess=guess)])


def _in_our_words(text: str, claims: Sequence[Claim], called: Names) -> tuple[str, Sequence[Claim]]:
    """A text and its claims in the program's words for people, visits and lines: “most households” is a share of users."""
    if not called.nouns.told():
        return text, claims
    return unsaid(text, called.nouns), [c.model_copy(update={"text": unsaid(c.text, called.nouns)}) for c in claims]


def pointers(bare: str, *, guess: bool = False) -> list[str]:
    """Words that may say why, or who somebody is; letters of two alphabets in one word, which can hide such a word."""
    found = [] if guess else [f"{w!r} may say why, or what somebody wants" for w in _found(bare, CAUSES)]
    found += [f"{w!r} may say who somebody is" for w in identity_words(bare)]
    return found + [f"{w!r} mixes alphabets" for w in re.findall(r"\w+", bare) if len(_alphabets(w)) > 1]


def identities(bare: str) -> list[str]:
    """Words that say who somebody is, with why a name that a person or a model gives to things of the log may not have them."""
    return [f"{w!r} says who somebody is: no line shows that" for w in identity_words(bare)]


def identity_words(bare: str) -> list[str]:
    """The words of IDENTITY in a text, but for those in set phrases for things."""
    bare = _THINGS.sub(MASK, bare)
    stems = "|".join(map(re.escape, sorted(IDENTITY, key=len, reverse=True)))
    only_whole = {"man", "men", "male", "rich", "poor", "boy", "gay", "dad", "mum", "hiv", "arab"}
    found = [(m.group(0), m.group(1).lower()) for m in re.finditer(rf"\b({stems})\w*", bare, re.IGNORECASE)]
    # The longest stem is met first: “manager” is one by itself, and “mango” begins with a word that is one whole alone.
    return [w for w, stem in found if stem not in only_whole or w.lower() in (stem, f"{stem}s")]


# As one word, or parted by blanks or hyphens; of one or of several.
_THINGS = re.compile(rf"\b(?:{'|'.join(phrase.replace(' ', '[ ‐‑–-]') for phrase in OF_THINGS)})s?\b", re.IGNORECASE)


def _alphabets(word: str) -> set[str]:
    """Latin, Cyrillic, Greek …; letters of full width count apart."""
    return {unicodedata.name(c, "OTHER").split(" ")[0] for c in word if c.isalpha()}


def _markup(text: str) -> list[str]:
    return [f"{m.group(0)!r} is markup" for m in MARKUP.finditer(text)]


def _without_neutral(bare: str) -> str:
    for phrase in NEUTRAL:
        bare = re.sub(rf"\b{re.escape(phrase)}\b", " ", bare, flags=re.IGNORECASE)
    return bare


def _words(bare: str, claims: Sequence[Claim]) -> Iterator[tuple[str, str, bool]]:
    """Words that need a claim which bears them and have none, with why, and whether that is exact: said of the group as a share,
    or in comparison with others.
    """
    of_group = DEGREE.sub(MASK, bare)
    for word, (low, high) in QUANTIFIERS.items():
        inside = any(word != longer and word in longer and _found(of_group, [longer]) for longer in QUANTIFIERS)
        if not inside and _found(of_group, [word]) and not any(_bears(c, word, low, high) for c in claims):
            yield word, f"{word!r} is borne by none of its claims", _followed(bare, word, OF_GROUP)
    for word in _found(bare, FRACTION_WORDS):
        if not any(abs(x - FRACTION_WORDS[word]) <= 0.05 for c in claims for x in shares_of(c)):
            yield word, f"{word!r} is the share of none of its claims", _followed(bare, word, OF_GROUP)
    rules: list[tuple[Sequence[str], Callable[[Claim], bool], str]] = [
        (ONLY, _exclusive, "needs a claim that holds for all or for none"),
        (SEQUENCE, _ordered, "needs a claim about an order"),
        (INSTEAD, _left_out, "needs a claim about something left out"),
        (RISING, lambda c: _trend(c) > 0, "needs a trend that rises"),
        (FALLING, lambda c: _trend(c) < 0, "needs a trend that falls"),
    ]
    for listed, bears, why in rules:
        for word in _found(bare, listed):
            if not any(bears(c) for c in claims):
                yield word, f"{word!r} {why}", False
    yield from _comparisons(bare, claims)


def _comparisons(bare: str, claims: Sequence[Claim]) -> Iterator[tuple[str, str, bool]]:
    """“More”, “no more”, “less” and “no less” without a claim that bears it: what is no more is less, or as with others."""
    for listed, more in ((MORE, True), (LESS, False)):
        for word in _found(bare, listed):
            found = list(whole_word(word).finditer(bare))
            plain = [m for m in found if not NO_MORE.search(bare, 0, m.start())]
            if plain and not any(_compares(c, more=more) for c in claims):
                side = "more" if more else "less"
                yield word, f"{word!r} needs a claim that they do {side} than others", _against_others(bare, plain)
            denied = [m for m in found if m not in plain]
            if denied and not any(_is_alike(c) or _compares(c, more=not more) for c in claims):
                yield word, f"'no {word}' needs a claim that they are as others in it", _against_others(bare, denied)


def _against_others(bare: str, found: Sequence[re.Match[str]]) -> bool:
    """Is it “more … than others”, or “more of them” beside others?"""
    beside = OTHERS.search(bare) is not None and any(OF_GROUP.match(bare, m.end()) for m in found)
    return beside or any(THAN_OTHERS.match(bare, m.end()) for m in found)


def _alike(bare: str, claims: Sequence[Claim]) -> list[str]:
    """“As others” without a claim that they are."""
    said = [m for m in AS_OTHERS.finditer(bare) if not OTHERWISE.search(bare, 0, m.start())]
    if not said or any(_is_alike(c) for c in claims):
        return []
    return [f"{said[0].group(0)!r} needs a claim that they are as others in it"]


def _followed(bare: str, word: str, by: re.Pattern[str]) -> bool:
    return any(by.match(bare, m.end()) for m in whole_word(word).finditer(bare))


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
    return any(low - 1e-9 <= x <= high + 1e-9 for x in shares_of(claim))


def _exclusive(claim: Claim) -> bool:
    return any(x in (0.0, 1.0) for x in shares_of(claim)) or bool(claim.measure and claim.measure.absent)


def _compares(claim: Claim, *, more: bool) -> bool:
    m, t = claim.measure, claim.truthfulness
    if m is None or m.versus is None:
        return False
    if m.says.alike:
        return False
    if m.says.sets_apart:
        return (m.says.comparator == "more_than_others") is more
    return t.value is not None and t.matched is not None and (t.value > t.matched if more else t.value < t.matched)


def _is_alike(claim: Claim) -> bool:
    return claim.measure is not None and claim.measure.says.alike


def _ordered(claim: Claim) -> bool:
    m = claim.measure
    return m is not None and m.ordered and (len(m.steps) > 1 or bool(m.absent))


def _left_out(claim: Claim) -> bool:
    return claim.measure is not None and bool(claim.measure.absent)


def _trend(claim: Claim) -> float:
    m = claim.measure
    return (claim.truthfulness.value or 0.0) if m is not None and m.statistic == "trend" else 0.0


def _found(text: str, words: Collection[str]) -> list[str]:
    return [w for w in words if whole_word(w).search(text)]
