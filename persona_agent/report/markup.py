"""Text of a log in Markdown.

In: texts. Out: Markdown that shows them. Promised: text of the log stays text. It starts no markup, no link, no mention and no
table cell, in CommonMark and in GitHub's dialect.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

RUNS = re.compile(r"\s+")
MARKUP = re.compile(r"([\\`*_\[\]~|$])")
# Written as an entity, these are inert in every dialect; a link or a mention needs its characters side by side.
ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
JOINED = re.compile(r"(?<=[@#])(?=\w)|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
LINE_START = re.compile(r"^(\s*)([-+=#]|\d+(?=[.)](?:\s|$)))")
WORD_JOINER = "\u2060"


def escaped(text: str) -> str:
    """A text that a Markdown reader shows as it is, on one line."""
    text = RUNS.sub(" ", text).strip()
    text = "".join(ENTITIES.get(ch, ch) for ch in text)
    text = JOINED.sub(WORD_JOINER, MARKUP.sub(r"\\\1", text))
    return LINE_START.sub(_unstarted, text)


def code(text: str) -> str:
    """A name as code; a name cannot end its own code span."""
    return f"`{RUNS.sub(' ', text).replace('`', chr(39)).replace('|', '¦')}`"


def _unstarted(match: re.Match[str]) -> str:
    space, mark = match.groups()
    return f"{space}{mark}{WORD_JOINER}" if mark.isdigit() else f"{space}\\{mark}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = f"|{'---|' * len(head)}"
    first, *rest = (f"| {' | '.join(row)} |" for row in (head, *rows))
    return "\n".join([first, rule, *rest])
