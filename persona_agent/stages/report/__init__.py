"""A finished `PersonaSet` as people read it: a page, a Markdown file, a terminal.

In: personas and the lines they cite. Out: texts. Promised: every sentence leads to its claim, every claim to its lines and
to those against it; text of the log stays text everywhere; the same values give the same bytes.
"""

from __future__ import annotations

from .audits import audit_markdown, audit_screen, cited_by
from .html import report_html
from .lines import Key, Line, Lines, cited
from .markdown import personas_markdown
from .terminal import first_screen, plain, show_claim, show_persona, wrapped
from .words import find_claim, shown

__all__ = [
    "Key",
    "Line",
    "Lines",
    "audit_markdown",
    "audit_screen",
    "cited",
    "cited_by",
    "find_claim",
    "first_screen",
    "personas_markdown",
    "plain",
    "report_html",
    "show_claim",
    "show_persona",
    "shown",
    "wrapped",
]
