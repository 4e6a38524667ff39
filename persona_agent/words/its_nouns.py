"""What a page calls people, visits and lines: the one place where the words are chosen.

In: a text of the program, which says "user", "visit" and "line", and the nouns of the log. Out: the same text in these. Promises:
the program's own nouns change nothing; a text in its nouns stays as it is; words of the log stay as they are, in quotes or marked
by `shielded`; slots, options and names with dots too; what shows that a claim is so stays a line of the log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..schema.nouns import KINDS, USUAL_NOUNS, Noun, Nouns, NounsOfLog
from .english.grammar import a_or_an

GUARD = "\ue000"  # of the private use area: no font shows it, and no log has a reason to hold it
# Quotes, slots, names of classes and whole scripts are left alone.
LEFT_ALONE = r"“[^”]*”|`[^`]*`|\{[^}]*\}|<(?:script|style)\b.*?</(?:script|style)>|\bclass=\"[^\"]*\""
BEFORE, AFTER = r"(?<![\w.\-/:=@<#])", r"(?![\w\-/=@]|[.:]\w)"
OWN = r"(?P<own>(?:'|’|&#39;)(?!s))?"
NO_COLUMN = r"(?<!as the )(?<!be the )"  # which column was read as the user, or could be the session
# A log's line as a thing that is counted. All other lines are evidence: lines for and against, lines that are read.
LINE = (
    r"(?:(?<=their )|(?<=number of )|(?<=have )|(?<=\bon )|(?<=\bof )|(?<=\d\s)|(?<=\}\s)|(?<=one )|(?<=any )"
    r"|(?<=\b[Aa] )(?<!copies of a )|(?<=(?:more|ewer) )(?=lines? in an? )|(?=[Ll]ines of an? )|^(?=lines$)"
    r"|(?<=\| )(?=lines \|)|(?<=>)(?=lines<))"
    r"(?P<line>[Ll]ines?)(?! a claim|; cite)"
)
OF_PROGRAM = re.compile(r"\b(?:user|visit|session|line)s?\b", re.IGNORECASE)
# Beside which a word tells nothing: “a user”, “of visits”.
TIES = frozenset(
    ["a", "an", "the", "of", "in", "to", "from", "for", "with", "by", "on", "at", "and", "or", "has", "is"]
)


def said(text: str, nouns: Nouns | None) -> str:
    """A text in the nouns of its log, None for the program's own; guards are taken off."""
    if nouns is None:
        return text
    return _words(nouns).sub(lambda found: _called(found, nouns), text).replace(GUARD, "")


def unsaid(text: str, nouns: Nouns) -> str:
    """A text in the program's words again, so that what is true of users is asked of households: people in both numbers, visits
    and lines in the plural, since one order may be one of things. Quotes are left alone.
    """
    back = {
        noun: usual
        for kind, numbers in (("people", ("one", "many")), ("visit", ("many",)), ("line", ("many",)))
        for number in numbers
        if (noun := getattr(getattr(nouns, kind), number)) != (usual := getattr(getattr(USUAL_NOUNS, kind), number))
    }
    if not back:
        return text
    words = "|".join(map(re.escape, sorted(back, key=len, reverse=True)))
    pattern = re.compile(rf"“[^”]*”|\{{[^}}]*\}}|\b(?P<noun>{words})\b", re.IGNORECASE)
    folded = {noun.casefold(): usual for noun, usual in back.items()}
    return pattern.sub(lambda m: folded[m["noun"].casefold()] if m["noun"] else m[0], text)


def own_pairs(name: str) -> Iterator[str]:
    """Each word of the program's in a name of the log with the word beside it, by which it is told from the program's."""
    words = re.findall(r"\w+", name.lower())
    for i, word in enumerate(words):
        if OF_PROGRAM.fullmatch(word):
            one = word.removesuffix("s")
            yield from (f"{other} {one}" for other in words[max(i - 1, 0) : i] if other not in TIES)
            yield from (f"{one} {other}" for other in words[i + 1 : i + 2] if other not in TIES)


def shielded(text: str) -> str:
    """A text of the log in which `said` will find no word of the program's."""
    return re.sub(r"(?i)\b(u(?=ser)|v(?=isit)|s(?=ession)|l(?=ine))", rf"\1{GUARD}", text)


@cache
def _words(nouns: Nouns) -> re.Pattern[str]:
    """The program's words for what is called otherwise. What holds such a word already is left alone: a noun (order line), a
    name of the log (user list).
    """
    own = {w for kind in KINDS for w in vars(getattr(nouns, kind)).values() if OF_PROGRAM.search(w)}
    kept = [rf"{re.escape(w)}\b" for w in sorted(own, key=len, reverse=True)]
    if isinstance(nouns, NounsOfLog):
        kept += [" ".join(rf"{re.escape(w)}\w*" for w in pair.split(" ")) for pair in nouns.kept]
    left = rf"|\b(?:an? )?(?i:{'|'.join(kept)})" if kept else ""
    parts = [
        *([rf"(?P<people>{NO_COLUMN}[Uu]sers?)"] if nouns.people != USUAL_NOUNS.people else []),
        *([rf"(?P<visit>[Vv]isits?|{NO_COLUMN}[Ss]essions?)"] if nouns.visit != USUAL_NOUNS.visit else []),
        *([LINE] if nouns.line != USUAL_NOUNS.line else []),
    ]
    changed = rf"|{BEFORE}(?:(?P<article>[Aa]) )?(?:{'|'.join(parts)}){AFTER}{OWN}" if parts else ""
    return re.compile(f"(?s:{LEFT_ALONE}){left}{changed}", re.MULTILINE)


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
    return f"{article}{a_or_an(called)[1:]} {called}{own}" if article else f"{called}{own}"


def _kind(found: re.Match[str]) -> str | None:
    there = found.groupdict()
    return next((kind for kind in KINDS if there.get(kind)), None)
