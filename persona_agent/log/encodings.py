"""Texts that are not UTF-8: which encoding they are in, and their bytes as UTF-8.

Takes a stream of bytes; gives the name of an encoding ("" for UTF-8), or the ones it may be. By a byte order mark, by the
zeros of UTF-16, else by charset-normalizer and by whose letters come out: an encoding is certain where what it gives is
written in the letters of one language and what others give is not. Promises: a text that is UTF-8 but for a few lines, or that
is damaged, stays UTF-8.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import BinaryIO, cast

from charset_normalizer import from_bytes

from .lines import split_lines

CHUNK = 1 << 20  # bytes read at once; a round number
LOOKED_AT = (
    100_000  # bytes of lines that are not UTF-8, from all over the first such lines: what makes letters countable
)
BROKEN_SHARE = 0.5  # of the lines beyond ASCII that must not be UTF-8: a few are damage, and cost themselves alone
ZEROS = 0.3  # of the bytes of one half of pairs, if it is UTF-16: a log is mostly digits and signs
FEW_LETTERS = 12  # fewer than this can be read in too many ways, and are rejected with the lines they stand in
SHOWN = 3  # words in an error, never a line: it names its user
PLAUSIBLE = 0.8  # what must fit, or the bytes are damage rather than text
FIT = 0.95  # of the letters must be of one language
CLEANER = 0.05  # what charset-normalizer's coherence less its chaos must say more for it, where letters say nothing
IDEOGRAPHS = 0.3  # for coherence, which charset-normalizer finds in letters alone: about what a language of letters has
CAPITALS = 0.1  # of the letters within words: KOI8 and Windows-1251 take each other's capitals for small letters
MINGLED = 0.97  # what letters of several languages of Western Europe count: goods and pages have names of all of them
CLEARLY = 0.02  # so much less must fit what another encoding gives: one letter in fifty is the Spanish ñ

_MARKS = ((codecs.BOM_UTF8, ""), (codecs.BOM_UTF32_LE, "utf_32"), (codecs.BOM_UTF32_BE, "utf_32"),
          (codecs.BOM_UTF16_LE, "utf_16"), (codecs.BOM_UTF16_BE, "utf_16"))  # fmt: skip

_WEST = (
    "äöüß",
    "àâæçéèêëîïôœùûü",
    "áéíñóúüªº",
    "áâãàçéêíóôõú",
    "àèéìíîòóùú",
    "åäöé",
    "æøåé",
    "áðéíóúýþæö",
    "àçèéíïòóúü",
)
_CENTRE = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţșț", "čćđšž", "äöüß")
_CYRILLIC = ("абвгдежзийклмнопрстуфхцчшщъыьэюяё", "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя")
_GREEK = ("αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋΐΰς",)
# The letters of languages beyond a to z, by encoding, the likelier one of equals first. None: told by `_IN_USE`.
_LETTERS: dict[str, tuple[str, ...] | None] = {
    "cp1252": _WEST,
    "cp1250": _CENTRE,
    "iso8859_2": _CENTRE,
    "cp1254": ("çğıöşüâîû",),
    "cp1257": ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž"),
    "cp1251": _CYRILLIC,
    "koi8_r": _CYRILLIC,
    "cp866": _CYRILLIC,
    "cp1253": _GREEK,
    "iso8859_7": _GREEK,
    "cp1255": ("אבגדהוזחטיךכלםמןנסעףפץצקרשת",),
    "cp1256": ("ابتثجحخدذرزسشصضطظعغفقكلمنهويىةأإآؤئءپچژگکی",),
    "mac_roman": _WEST,
    "cp850": _WEST,
    "gb18030": None,
    "big5": None,
    "cp932": None,
    "euc_jp": None,
    "cp949": None,
}
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254", "cp1257", "mac_roman", "cp850")
# Hebrew letters that only end a word; Cyrillic words that are read as Hebrew have them anywhere.
_NO_END = re.compile(r"[ךםןףץ](?=[א-ת])")
# Letters of another script inside a word of a to z.
_MIXED = re.compile(r"(?<=[a-z])[^\W\d_a-z]+|[^\W\d_a-z]+(?=[a-z])")
_WITHIN = re.compile(r"(?<=[^\W\d_])[^\W\d_a-zA-Z]").findall
_WORDS = re.compile(r"[^\W\d_]*[^\W\d_a-zA-Z][^\W\d_]*").findall
# What stands between words in any language.
_SIGNS = frozenset("\xa0–—‘’‚“”„…•€£¥¢©®™°±§¶·«»¿¡½¼¾²³×÷‰†‡′″、。，．：ー；！？（）「」『』【】《》・～　￥％－／")
# In each standard, where the characters that are in use stand: kana, hangul and the first level, but all of China's.
_IN_USE = {
    "gb18030": ("gb2312", 0xB0, 0xF7), "big5": ("big5", 0xA4, 0xC6), "cp932": ("euc_jp", 0xA4, 0xCF),
    "euc_jp": ("euc_jp", 0xA4, 0xCF), "cp949": ("euc_kr", 0xB0, 0xC8),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundEncoding:
    """The `encoding` of a text, "" for UTF-8. `likely` are those it may be where none is certain, `example` are words of it in
    the likeliest, `lines` and their `share` are those that are not UTF-8.
    """

    encoding: str = ""
    likely: tuple[str, ...] = ()
    example: str = ""
    share: float = 0.0
    lines: int = 0


UTF_8 = FoundEncoding()


def find_encoding(opened: Callable[[], AbstractContextManager[BinaryIO]]) -> FoundEncoding:
    """The encoding of a text, which is read once, and once more where it is not UTF-8."""
    with opened() as stream:
        head = stream.read(CHUNK)
        for mark, name in _MARKS:
            if head.startswith(mark):
                return FoundEncoding(name)
        if wide := _wide(head):
            return FoundEncoding(wide)
        if _is_utf8(head, stream):
            return UTF_8
    with opened() as stream:
        sample, broken, beyond, lines = _broken_lines(stream)
    return UTF_8 if broken < BROKEN_SHARE * beyond else replace(_told(sample), share=broken / lines, lines=broken)


def utf_8_or(name: str) -> str:
    """The name of an encoding as Python has it, "" for UTF-8."""
    known = codecs.lookup(name).name
    return "" if known in ("utf-8", "utf-8-sig", "ascii") else known


def decoded(stream: BinaryIO, encoding: str) -> BinaryIO:
    """The text of a stream as UTF-8. What its encoding does not know becomes a byte that is not UTF-8 either, so that its record
    is rejected and no other.
    """
    return cast(BinaryIO, _Decoded(stream, encoding))


class _Decoded:
    """A stream for reading alone."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder(encoding)(_UNKNOWN).decode
        self._held, self._ended = b"", False

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._held) < size):
            piece = self._stream.read(CHUNK)
            self._ended = not piece
            self._held += self._decode(piece, self._ended).encode("utf-8", "surrogateescape")
        given, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        return given


def _unknown(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


_UNKNOWN = "persona_agent.unknown"
codecs.register_error(_UNKNOWN, _unknown)


def _wide(head: bytes) -> str:
    """UTF-16 without a mark, by the zeros that every sign and digit has."""
    first, second = (half.count(0) / max(len(half), 1) for half in (head[0::2], head[1::2]))
    if max(first, second) < ZEROS or min(first, second) > ZEROS / 10:
        return ""
    return "utf_16_le" if second > first else "utf_16_be"


def _is_utf8(piece: bytes, stream: BinaryIO) -> bool:
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        while piece:
            decode(piece)
            piece = stream.read(CHUNK)
        decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _broken_lines(stream: BinaryIO) -> tuple[bytes, int, int, int]:
    """Different lines that are not UTF-8, and how many such lines there are, how many beyond ASCII, and how many at all."""
    kept: dict[bytes, None] = {}
    size = broken = beyond = number = 0
    for number, line in split_lines(stream):  # noqa: B007
        if line.isascii():
            continue
        beyond += 1
        try:
            line.decode()
        except UnicodeDecodeError:
            broken += 1
            if size < LOOKED_AT and line not in kept:
                kept[line] = None
                size += len(line)
    return b"\n".join(kept), broken, beyond, number


def _told(sample: bytes) -> FoundEncoding:
    """The encoding that gives the letters of a language, certain where no other gives them as well."""
    order = list(_LETTERS)
    readings: dict[str, _Decoding] = {}
    for match in from_bytes(sample, cp_isolation=order):
        names = sorted(set(match.could_be_from_charset) & _LETTERS.keys(), key=order.index)
        text = str(match)
        for name in names:
            coherence = IDEOGRAPHS if _LETTERS[name] is None else match.coherence
            one = _Decoding(name, text, _fit(text, name), coherence - match.chaos, _shouted(text))
            readings[text] = max(readings.get(text, one), one, key=lambda r: r.fit)
    ranked = sorted(readings.values(), key=lambda r: (-r.fit, -r.clean))
    close = [r for r in ranked if r.fit > ranked[0].fit - CLEARLY]
    close.sort(key=lambda r: -r.clean + r.shouted / 2)
    if not close:
        return UTF_8
    best = close[0]
    alone = all(best.clean >= other.clean + CLEANER and best.shouted < CAPITALS for other in close[1:])
    if sum(c > "\x7f" and c not in _SIGNS for c in best.text) < FEW_LETTERS or best.fit < PLAUSIBLE:
        return UTF_8
    likely = tuple(dict.fromkeys(r.encoding for r in (*close, *ranked)))[:3]
    sure = alone and best.fit >= FIT
    return FoundEncoding(best.encoding if sure else "", likely, " ".join(_WORDS(best.text)[:SHOWN]))


@dataclass(frozen=True, slots=True)
class _Decoding:
    """A text as an encoding gives it: the share of its letters that fit, how clean it is, and how much of it is capitals."""

    encoding: str
    text: str
    fit: float
    clean: float
    shouted: float


def _fit(text: str, encoding: str) -> float:
    """The share of the characters beyond ASCII that belong to a language, half of it to the one language that has most."""
    alphabets = _LETTERS[encoding]
    text = text.lower()
    total = sum(c > "\x7f" and c not in _SIGNS for c in text)
    if not total:
        return 0.0
    if alphabets is None:
        return sum(n for c, n in Counter(text).items() if c > "\x7f" and _in_use(c, encoding)) / total
    if encoding not in _LATIN:
        text = _NO_END.sub(" ", _MIXED.sub(" ", text))
    counts = Counter(text)
    shares = [sum(counts[c] for c in alphabet) / total for alphabet in alphabets]
    together = sum(counts[c] for c in set("".join(alphabets))) / total
    own = (max(shares) + together) / 2
    return max(own, MINGLED * together) if alphabets is _WEST else own


def _shouted(text: str) -> float:
    """The share of letters beyond ASCII within words that are capitals: all of them where one case is taken for the other."""
    cased = _WITHIN(text)
    return sum(map(str.isupper, cased)) / max(len(cased), 1)


def _in_use(character: str, encoding: str) -> bool:
    standard, first, last = _IN_USE[encoding]
    try:
        return first <= character.encode(standard)[0] <= last
    except UnicodeEncodeError:
        return False
