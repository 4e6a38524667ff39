"""Text as a terminal may have it: nothing in it that a terminal acts on, or hides.

In: a text, which may quote a log, somebody else's file or a model's answer. Out: the same with such characters made visible.
"""

from __future__ import annotations

import unicodedata

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})  # controls, bidi and unseen signs, halves of signs, ends of lines


def inert(text: str) -> str:
    """The text with every character that a terminal would act on, or hide, made visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(ch) in HIDDEN else ch for ch in text)
