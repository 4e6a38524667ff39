"""A finished `PersonaSet` as people read it: a page, a Markdown file, a terminal.

In: personas and the lines they cite. Out: texts. Promised: every sentence leads to its claim, every claim to its lines and
to those against it; text of the log stays text everywhere; the same values give the same bytes.
"""

from __future__ import annotations

from .cited import CitedLine, LineKey, Lines, cited
from .html import first_page, report_html
from .markdown import personas_markdown
from .phrasing import claim_or_none, shown
from .telling import shown_in_nouns
from .terminal import WIDTH, first_screen, fitted, plain, show_claim, show_persona, wrapped

__all__ = [
    "WIDTH",
    "CitedLine",
    "LineKey",
    "Lines",
    "cited",
    "claim_or_none",
    "first_page",
    "first_screen",
    "fitted",
    "personas_markdown",
    "plain",
    "report_html",
    "show_claim",
    "show_persona",
    "shown",
    "shown_in_nouns",
    "wrapped",
]
