"""One value of a log at a time: texts, ids, numbers.

Takes what JSON or a CSV cell holds; gives normalised text, exact ids, numbers. Promises: a text
that comes out is NFKC, at most `TEXT_LIMIT` characters, without control, bidi or zero-width characters and without
double spaces; `Rejected` is the only exception.
"""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Any

import orjson

TEXT_LIMIT = 2_000  # characters of a text, so that no line fills a prompt; a round number
# An int in JSON is exact in a float up to here.
EXACT = 2**53

_SPACES = re.compile(r"\s+")
_MARKS = re.compile(r"[-–—,.'\"`_=~:;/\\ ]{2,}").fullmatch
# Cc and Cf but for the visible Arabic number signs, lone surrogates, and the fillers that are letters without a shape.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch
_FLOAT_ID = re.compile(r"([0-9]+)\.0+").fullmatch


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


def says_nothing(value: Any) -> bool:
    """Whether a cell holds a dash or a mark of repetition (“--”, “-,,-”), and no value that anybody chose; stars and signs of
    money are values.
    """
    return type(value) is str and _MARKS(value) is not None


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
    # A double keeps 15 digits; with a sign and a point these are 17 characters.
    if not cell or cell[-1] not in "0123456789" or len(cell) > 17 or not _PLAIN_NUMBER(cell):
        return cell
    if sum(map(str.isdigit, cell)) > 15:
        return cell
    return float(cell) if "." in cell else int(cell)
