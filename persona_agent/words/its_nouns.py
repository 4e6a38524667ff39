"""What a page calls people, visits and lines: the one place where the words are chosen.

In: a text of the program, which says "user", "visit" and "line", and the nouns of the log. Out: the same text in these. Promises:
the program's own nouns change nothing; a text in its nouns stays as it is; words of the log stay as they are, in quotes or marked
by `shielded`; slots, options and names with dots too; what shows that a claim is so stays a line of the log.
"""

from __future__ import annotations

import re
from functools import cache

from ..schema.nouns import USUAL_NOUNS, Noun, Nouns

GUARD = "\ue000"  # of the private use area: no font shows it, and no log has a reason to hold it
# Quotes, slots, names of classes and whole scripts are left alone.
LEFT_ALONE = r"“[^”]*”|`[^`]*`|\{[^}]*\}|<(?:script|style)\b.*?</(?:script|style)>|\bclass=\"[^\"]*\""
BEFORE, AFTER = r"(?<![\w.\-/:=@<#])", r"(?![\w\-/=@]|[.:]\w)"
OWN = r"(?P<own>(?:'|’|&#39;)(?!s))?"
# A log's line as a thing that is counted. All other lines are evidence: lines for and against, lines that are read.
LINE = (
    r"(?:(?<=their )|(?<=number of )|(?<=have )|(?<=\bon )|(?<=\d\s)|(?<=\}\s)|(?<=one )|(?<=any )|(?<=\b[Aa] )(?<!copies of a )"
    r"|(?<=(?:more|ewer) )(?=lines? in an? )|(?=[Ll]ines of an? )|^(?=lines$))"
    r"(?P<line>[Ll]ines?)(?! a claim|;)"
)
# What stands before a visit in a label of the program: there the log's own acts and fields stand without quotes.
OF_LABELS = re.compile(
    r"(?:^|[\s(])(?:an?|the|their|these|one|two|in|later|earlier|first|second|next|usual|average|long|short|busy|brief|longer"
    r"|shorter|busier|briefer|quick|quicker|high-value|low-value|higher-value|lower-value|[\d.]+|\{\w+\}(?: of)?|% of) $",
    re.IGNORECASE,
)
ONE_OF_PEOPLE = re.compile(r"\bof a $")
SOUNDS_LIKE_A_VOWEL = re.compile(r"(?!eu|on(?:c?e)\b)[aeio]|u(?!s|ni|t)|hour|heir", re.IGNORECASE)


def said(text: str, nouns: Nouns | None) -> str:
    """A text in the nouns of its log, None for the program's own; guards are taken off."""
    if nouns is None:
        return text
    return _words(nouns).sub(lambda found: _called(found, nouns), text).replace(GUARD, "")


def said_in_label(text: str, nouns: Nouns | None) -> str:
    """The same of a label or a clause, in which names of the log stand without quotes: only where the word is the program's."""
    if nouns is None:
        return text
    return _words(nouns).sub(lambda found: _called(found, nouns) if _of_program(found) else found[0], text)


def shielded(text: str) -> str:
    """A text of the log in which `said` will find no word of the program's."""
    return re.sub(r"(?i)\b(u(?=ser)|v(?=isit)|s(?=ession)|l(?=ine))", rf"\1{GUARD}", text)


@cache
def _words(nouns: Nouns) -> re.Pattern[str]:
    """The program's words for what is called otherwise. What holds such a word already (an order line) is left alone."""
    own = {
        w
        for kind in Nouns.model_fields
        for w in vars(getattr(nouns, kind)).values()
        if re.search("user|visit|session|line", w)
    }
    kept = "".join(rf"|\b{re.escape(w)}\b" for w in sorted(own, key=len, reverse=True))
    parts = [
        *([r"(?P<people>[Uu]sers?)"] if nouns.people != USUAL_NOUNS.people else []),
        *([r"(?P<visit>[Vv]isits?|[Ss]essions?)"] if nouns.visit != USUAL_NOUNS.visit else []),
        *([LINE] if nouns.line != USUAL_NOUNS.line else []),
    ]
    changed = rf"|{BEFORE}(?:(?P<article>[Aa]) )?(?:{'|'.join(parts)}){AFTER}{OWN}" if parts else ""
    return re.compile(f"(?s:{LEFT_ALONE}){kept}{changed}", re.MULTILINE)


def _called(found: re.Match[str], nouns: Nouns) -> str:
    kind = _kind(found)
    if kind is None:
        return found[0]
    word, article, own = found[kind], found["article"], found["own"] or ""
    noun: Noun = getattr(nouns, kind)
    called = noun.many if word.endswith("s") else noun.one
    if word[0].isupper() and not article:
        called = called[0].upper() + called[1:]
    if own and not called.endswith("s"):
        own += "s"
    return f"{with_an(called, article)}{own}" if article else f"{called}{own}"


def _kind(found: re.Match[str]) -> str | None:
    there = found.groupdict()
    return next((kind for kind in Nouns.model_fields if there.get(kind)), None)


def with_an(called: str, article: str) -> str:
    """“an order”, “a user”: the article as it is spoken."""
    return f"{article}{'n' if SOUNDS_LIKE_A_VOWEL.match(called) else ''} {called}"


def _of_program(found: re.Match[str]) -> bool:
    """Does the program say this word itself, in a label?"""
    kind = _kind(found)
    if kind in (None, "line"):
        return True
    before = found.string[: found.start(kind)]
    if kind == "people":
        return ONE_OF_PEOPLE.search(before) is not None
    begins = not before and re.match(r"\w+ (?:of|that) ", found.string) is not None
    return begins or OF_LABELS.search(before) is not None
