"""Columns of pages, by their names.

Takes a column's name; says whether it holds pages of a site or screens of an app. Promises: the same name gives the same answer.
"""

from __future__ import annotations

from .guessing import parts_of_name
from .vendors.common import words

PAGES = frozenset(words("page screen view url path pathname uri seite bildschirm pagina pantalla tela schermata ecran"))
_KEYS = frozenset(words("name title path url location class"))


def holds_pages(path: str) -> bool:
    """Whether a name says that a column holds pages: `page`, `screen_name`, `pagePath`."""
    parts = parts_of_name(path)
    return parts[-1] in PAGES or (len(parts) > 1 and parts[-1] in _KEYS and parts[-2] in PAGES)
