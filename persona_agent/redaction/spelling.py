"""What a text spells that is written in escapes: percent signs, JSON and HTML escapes, digits of other scripts.

A text comes in; the text as a person would read it comes out. It is looked at beside the text itself, since what an
escape hides from a pattern it hides from nobody who opens the report.
"""

from __future__ import annotations

import re
from html import unescape
from unicodedata import decimal
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
        text = unescape(ESCAPE.sub(lambda match: chr(int(match[1], 16)), unquote(text)))
        if text == before:
            break
    return OTHER_DIGIT.sub(lambda match: str(decimal(match[0])), text)


ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
PLUS = re.compile(r"(?<=[\w.,°º'′’\"″-])\+(?=[\w-])")
OTHER_DIGIT = re.compile(r"[^\D0-9]")
ENCODED = re.compile(r"%[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|&[#a-zA-Z]|[\w-]\+[\w-]|[^\D0-9]")
