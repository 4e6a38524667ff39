"""Whom a page speaks of: users, or where accounts are the unit, accounts. The one place where the word is chosen.

In: a text of the program, which says "user", and the unit. Out: the same text in the unit's own word. Promises: the default unit
changes nothing; words of the log stay as they are, in quotes or marked by `shielded`; slots, options and names with dots too.
"""

from __future__ import annotations

import re

GUARD = "\ue000"  # of the private use area: no font shows it, and no log has a reason to hold it
# Quotes, slots, names of classes and whole scripts are left alone.
WORD = re.compile(
    r"“[^”]*”|`[^`]*`|\{[^}]*\}|<(?:script|style)\b.*?</(?:script|style)>|\bclass=\"[^\"]*\""
    r"|(?<![\w.\-/:=@])(?:(?P<article>[Aa]) )?(?P<user>[Uu]sers?)(?![\w\-/:=@]|\.\w)",
    re.DOTALL,
)


def said(text: str, unit: str | None) -> str:
    """A text in the words of the unit, None for users; guards are taken off."""
    return WORD.sub(_account, text).replace(GUARD, "") if unit == "account" else text


def shielded(text: str) -> str:
    """A text of the log in which `said` will find no word of the program's."""
    return re.sub(r"(?i)(u)(?=ser)", rf"\1{GUARD}", text)


def _account(match: re.Match[str]) -> str:
    user, article = match["user"], match["article"]
    if not user:
        return match[0]
    account = ("A" if user[0] == "U" else "a") + "ccount" + user[4:]
    return f"{article}n {account}" if article else account
