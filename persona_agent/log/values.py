"""One value of a log at a time: texts, ids, times, numbers.

Takes what JSON or a CSV cell holds; gives normalised text, exact ids, microseconds since 1970 UTC. Promises: a text
that comes out is NFKC, at most `TEXT_LIMIT` characters, without control, bidi or zero-width characters and without
double spaces; `Rejected` is the only exception.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

TEXT_LIMIT = 2_000  # characters of a text, so that no line fills a prompt; a round number
# An int in JSON is exact in a float up to here.
EXACT = 2**53

_SPACES = re.compile(r"\s+")
# Cc and Cf but for the visible Arabic number signs, lone surrogates, and the fillers that are letters without a shape.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
_FLOAT_ID = re.compile(r"([0-9]+)\.0+").fullmatch
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?").fullmatch
_ZONE = re.compile(r"\s*(?:(z|utc|gmt)|([+-][0-9]{2}:?[0-9]{2}))$", re.IGNORECASE)

_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_FIRST, _LAST = 631_152_000, 4_133_980_800  # 1990 and 2101 began


class Rejected(Exception):
    """Why a record is no event: `code` for programs, `reason` for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def clean(text: str) -> str:
    """`text` as it may be shown: normalised, one line, capped."""
    if not (text.isascii() and text.isprintable()):
        text = _SPACES.sub(" ", text[: 8 * TEXT_LIMIT])
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _INVISIBLE.sub("", _SPACES.sub(" ", text))
    if "  " in text:
        text = _SPACES.sub(" ", text)
    return text.strip()[:TEXT_LIMIT].rstrip()


def as_text(value: Any) -> str:
    """Any JSON value as normalised text; absent is ""."""
    if type(value) is str:
        return clean(value)
    return "" if value is None else clean(as_json(value))


def as_json(value: Any) -> str:
    """JSON text of a value; "" where it is nested too deep to be written."""
    try:
        return orjson.dumps(value).decode()
    except (TypeError, RecursionError):
        return ""


def as_id(value: Any) -> str | None:
    """A user, session or event id: text as it is but for the spaces around it, whole numbers in decimal, else None."""
    if type(value) is str:
        return value.strip() or None
    if type(value) is int:
        return decimal(value)
    if type(value) is float and math.isfinite(value):
        return decimal(int(value)) if value.is_integer() else repr(value)
    return None


def decimal(value: int) -> str | None:
    """The digits of an int; None beyond the 4,300 that Python is ready to spell."""
    try:
        return str(value)
    except ValueError:
        return None


def cell_id(cell: str) -> str:
    """`17850.0`, a number that passed through a float column, is the id `17850`."""
    found = _FLOAT_ID(cell.strip())
    return found[1] if found else cell


def cell_value(cell: str) -> str | int | float:
    """A CSV cell that looks like a plain number as that number; leading zeros and long digits make a name."""
    if not cell or cell[-1] not in "0123456789" or len(cell) > 17 or not _PLAIN_NUMBER(cell):
        return cell
    if sum(map(str.isdigit, cell)) > 15:
        return cell
    return float(cell) if "." in cell else int(cell)


def timestamp(value: Any) -> tuple[int, bool]:
    """Microseconds since 1970 UTC, and whether the text had a time without offset (taken as UTC)."""
    if type(value) is str:
        return _from_text(value)
    if type(value) is int or type(value) is float:
        return _from_number(value), False
    raise Rejected("timestamp", "the timestamp is neither text nor a number")


@lru_cache(maxsize=8192)
def _from_text(text: str) -> tuple[int, bool]:
    text = text.strip()
    if text[4:5] != "-" and _NUMBER(text):
        return _from_digits(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = _from_loose_text(text)
    since = moment - _EPOCH if moment.tzinfo is None else moment - _EPOCH_UTC
    seconds = since.days * 86_400 + since.seconds
    if not 0 <= seconds < _LAST:
        raise _bad_time(text)
    return seconds * 1_000_000 + since.microseconds, moment.tzinfo is None


def _from_loose_text(text: str) -> datetime:
    """Spellings that `fromisoformat` does not know: ` UTC`, a space before the offset."""
    zone = _ZONE.search(text)
    if not zone:
        raise _bad_time(text)
    try:
        return datetime.fromisoformat(text[: zone.start()] + (zone[2] or "+00:00"))
    except ValueError:
        raise _bad_time(text) from None


def _from_digits(text: str) -> tuple[int, bool]:
    """Digits are epoch time, or, with 8 or 14 of them, a date without its dashes."""
    pattern = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(text))
    if pattern and text.isdigit():
        try:
            moment = datetime.strptime(text, pattern)
        except ValueError:
            raise _bad_time(text) from None
        return _from_text(moment.isoformat())
    return _from_number(int(text) if len(text) <= 19 and text.isdigit() else float(text)), False


def _from_number(value: int | float) -> int:
    """Seconds, milli-, micro- or nanoseconds, told apart by size: none of them is plausible as another."""
    for scale in (1, 10**3, 10**6, 10**9):
        if _FIRST * scale <= value < _LAST * scale:
            if type(value) is int:
                return value * (10**6 // scale) if scale <= 10**6 else value // 1000
            return round(value * 10**6 / scale)
    raise _bad_time(str(value)[:40])


def _bad_time(text: str) -> Rejected:
    return Rejected("timestamp", f"{text[:40]!r} is not a time: ISO 8601, or seconds to nanoseconds since 1970")
