"""Text as a terminal may have it: nothing in it that a terminal acts on, or hides.

In: a text, which may quote a log, somebody else's file or a model's answer. Out: the same with such characters made visible.
"""

from __future__ import annotations

import json
import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, bidi and unseen signs, halves of signs, ends of lines


def inert(text: str) -> str:
    """The text with every character that a terminal would act on, or hide, made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(ch) in HIDDEN else ch for ch in text)


def inert_lines(text: str) -> str:
    """The same of a text of several lines, with its tabs."""
    return "\n".join("\t".join(map(inert, line.split("\t"))) for line in text.split("\n"))


def json_escaped(text: str) -> str:
    """JSON with such characters of its strings as JSON escapes them; its own lines stay."""
    if text.isascii():
        return text
    return "".join(json.dumps(ch)[1:-1] if ch != "\n" and unicodedata.category(ch) in HIDDEN else ch for ch in text)
