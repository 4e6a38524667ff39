"""What a text spells that is written in escapes: percent signs, JSON and HTML escapes, digits of other scripts.

A text comes in; the text as a person would read it comes out. It is looked at beside the text itself, since what an
escape hides from a pattern it hides from nobody who opens the report.
"""

from __future__ import annotations

import re
import sys
from html import unescape
from unicodedata import decimal, normalize
from urllib.parse import unquote

ROUNDS = 8  # an address in an address in an address


def may_be_encoded(text: str) -> bool:
    """Whether `spelled` could give anything else."""
    return ENCODED.search(text) is not None


def spelled(text: str) -> str:
    """The text without escapes, however often they were laid over each other up to `ROUNDS`, and with its digits as 0 to 9."""
    for _ in range(ROUNDS):
        before = text
        if "=" in text or "%" in text:  # as in the values of a form
            text = PLUS.sub(" ", text)
        text = unescape(ESCAPE.sub(_escaped, unquote(text)))
        if text == before:
            break
    return OTHER_DIGIT.sub(lambda match: str(decimal(match[0])), OTHER_POINT.sub(".", text))


def _escaped(match: re.Match[str]) -> str:
    """What a backslash, a letter and hexadecimal digits stand for; what stands for no sign stays."""
    code = int(match[match.lastindex or 0], 16)
    return chr(code) if code <= sys.maxunicode else match[0]


OTHER_POINT = re.compile(r"(?<=\w)[。｡．](?=\w)")  # what names of hosts are parted by as well
ESCAPE = re.compile(
    r"\\u([0-9a-fA-F]{4})|\\u\{0{0,8}([0-9a-fA-F]{1,6})\}|\\U([0-9a-fA-F]{8})|\\x([0-9a-fA-F]{2})|\\x\{0{0,8}([0-9a-fA-F]{1,6})\}"
)
PLUS = re.compile(r"(?<=[\w.,°º'′’\"″-])\+(?=[\w-])")
OTHER_DIGIT = re.compile(r"[^\D0-9]")
ENCODED = re.compile(r"%[0-9a-fA-F]{2}|\\[uUx]\{?[0-9a-fA-F]|&[#a-zA-Z]|[\w-]\+[\w-]|[^\D0-9]|\w[。｡．]\w|[＠﹫]")


def folded(text: str) -> str:
    """A text without case, accents, and letters that are written for each other."""
    if not text.isascii():
        text = ACCENTS.sub("", normalize("NFD", text.translate(SPELLINGS)))
    return text.lower()


def unmasked(text: str) -> str:
    """A short text as it is read, not as it is encoded: letters of other alphabets that look like Latin ones as these, a word
    whose letters stand apart (`W.O.M.E.N`) in one.
    """
    latin = text if text.isascii() else INVISIBLE_MARK.sub("", normalize("NFKC", text)).translate(LOOKALIKES)
    return APART.sub(lambda match: BETWEEN.sub("", match[0]), latin)


def as_read(text: str) -> list[str]:
    """The ways in which a reader may take a short text, each once: as it stands; unmasked; without accents
    and strokes over letters; with words that signs part (`Mu-slims`, `elder_ly`) in one; with words that capitals part
    (`ElderlyMen`) as several; and with digits and a capital i for the letters that they look like.
    """
    plain = unmasked(text)
    bare = ACCENTS.sub("", normalize("NFD", plain))
    whole = WITHIN.sub("", bare)
    like = [_for_letters(form, letters) for form in (bare, whole) for letters in FOR_LETTERS]
    return [*dict.fromkeys([text, plain, bare, whole, CAPITAL.sub(" ", bare), *like])]


def _for_letters(text: str, letters: dict[str, str]) -> str:
    return ALIKE.sub(lambda match: letters[match[0]], text)


SPELLINGS = str.maketrans({**dict(zip("أإآٱةىئؤ", "ااااهييو", strict=True)), "ß": "ss", "ـ": None})
ACCENTS = re.compile("[\u0300-\u036f\u064b-\u065f]")
# Cyrillic and Greek letters that no reader tells from Latin ones, and a few of Latin itself: from Unicode's confusables (UTS 39).
LOOKALIKES = str.maketrans(
    "аеорсухіјѕһԁԛԝґѵкмтАВЕКМНОРСТУХІЈЅԌԚԜѴΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχϲɡıӏⅼցօսհոզɛɑǝɩᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢꓰꓮꓴꓲꓖ",
    "aeopcyxijshdqwrvkmtABEKMHOPCTYXIJSGQWVABEZHIKMNOPTYXaikvopuxcgillgouhnqeaeiabcdefghijklmnoprstuvwyzEAUIG",
)
INVISIBLE_MARK = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
APART = re.compile(r"(?<![^\W_])[^\W\d_](?:[._ ·*-]{1,2}[^\W\d_]){2,}(?![^\W_])")
WITHIN = re.compile(r"(?<=[^\W\d_])(?:[^\w\s]|_){1,3}(?=[^\W\d_])")
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# What is put in the place of a letter in the middle of a word, or of an l at its end; a 1 and a bar may be an i or an l.
ALIKE = re.compile(r"(?<=[^\W_])[01345789$@|!](?=[^\W\d_])|(?<=[a-z])[I|](?=[a-z])|(?<=[A-Z])I(?=[a-z])")
FOR_LETTERS = tuple(dict(zip("01345789$@|!I", letters, strict=True)) for letters in ("oieastbgsaiil", "oleastbgsalll"))
BETWEEN = re.compile(r"[._ ·*-]+")
