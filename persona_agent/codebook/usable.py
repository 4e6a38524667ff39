"""Whether a name or a noun can stand in a text. In: a name. Out: why it cannot, in words; empty where it can."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..log.sensitive import topics, who
from ..redaction import mask, says_who, speaks_to_a_model
from ..redaction.spelling import as_read
from ..schema.nouns import KINDS, Nouns
from ..words.sentences import identities

LONGEST_NAME = 60  # characters; a name stands inside a sentence
LONGEST_NOUN = 20  # the same; a noun stands behind figures, in heads of columns and several times in a sentence
# What a text is made of must not be in a name: quotation marks close it, braces are slots, the others are markup.
FORBIDDEN = re.compile('[“”"{}<>`\\[\\]\x00-\x1f\x7f-\x9f\u2028\u2029]')
NOUN = re.compile(r"[^\W\d_]+(?:[ -][^\W\d_]+)*")
# Who learns is told by the product, not by the person: in a log of a school all are this.
# What texts call other things: nobody would know which is meant.
OF_PAGES = frozenset(["persona", "personas", "other", "others", "value", "values", "group", "groups", "half", "halves"])
OF_A_SCHOOL = frozenset(["student", "students", "pupil", "pupils"])


def unusable(name: str) -> str:
    """Why a name cannot stand in a text; empty where it can."""
    if not any(c.isalnum() for c in name) or name != name.strip():
        return "it has no letter, or blanks at its ends"
    if len(name) > LONGEST_NAME or FORBIDDEN.search(name):
        return f"at most {LONGEST_NAME} characters, no quotation marks, brackets or line breaks"
    forms = as_read(name)
    if any(identities(form) or says_who(form) for form in forms):
        return "it says who somebody is"
    if any(map(topics().of, forms)):
        return "it names a topic that the law protects"
    if any(mask(form)[1] for form in forms[:2]):  # letters that are put together anew may look like anything
        return "it holds what identifies somebody"
    return "it speaks to a model" if speaks_to_a_model(*forms) else ""


def unusable_noun(word: str) -> str:
    """Why people, visits or lines cannot be called so; empty where they can."""
    if not NOUN.fullmatch(word) or len(word) > LONGEST_NOUN:
        return f"a word or two of letters, at most {LONGEST_NOUN} characters, no quotation marks"
    if word.casefold() in OF_PAGES:
        return "pages call something else so"
    if word.casefold() in OF_A_SCHOOL:
        return ""
    return unusable(word) or ("it says who somebody is" if any(map(who().of, as_read(word))) else "")


def clashing(nouns: Nouns) -> str:
    """Why these nouns cannot stand beside each other: each is one word and another word in the plural."""
    owner: dict[str, str] = {}
    for kind, number, word in spelled_nouns(nouns):
        other = owner.setdefault(word.casefold(), f"{number} of {kind}")
        if other != f"{number} of {kind}":
            return f"{other} and {number} of {kind} would both be called {word!r}"
    return ""


def spelled_nouns(nouns: Nouns) -> Iterator[tuple[str, str, str]]:
    """Every word with its kind and whether it is of one or of many."""
    for kind in KINDS:
        for number, word in getattr(nouns, kind).model_dump().items():
            yield kind, number, word
