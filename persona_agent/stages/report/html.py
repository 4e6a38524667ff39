"""report.html: one file that needs no network, no script and no server.

Promised: every text is escaped by the template engine; the content policy allows one style sheet, by its hash, and
nothing else, so not even markup that slipped through could load or run anything.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...evidence.wording import percent
from ...schema import Persona, PersonaSet
from . import words
from .flags import MOSTLY, flags
from .lines import Lines, show, where

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = 10
LABELLED = 0.12  # a narrower piece of the bar has no room for its figure on a phone


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the bar of shares, in per cent of its width; colour 0 is for users without a persona."""

    left: float
    width: float
    colour: int
    text: str


def report_html(personas: PersonaSet, lines: Lines) -> str:
    """The text of report.html."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    environment.filters["percent"] = percent
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    pages = [*([personas.everyone] if personas.everyone else []), *words.shown(personas)]
    return environment.get_template("report.html.j2").render(
        set=personas,
        pages=pages,
        shown=words.shown(personas),
        withheld=words.withheld(personas),
        flags=flags(personas),
        mostly=MOSTLY,
        bar=bar(personas),
        intents={i.id: i.label for i in personas.intents},
        colours={p.id: colour(i) for i, p in enumerate(words.shown(personas))},
        style=Markup(style),
        style_hash=style_hash(style),
        show=lambda citations: show(citations, lines),
        where=where,
        words=words,
    )


def unbroken(value: object) -> object:
    """A figure and its sign stay on one line."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value


def style_hash(style: str) -> str:
    """The content policy's name of a style sheet."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def bar(personas: PersonaSet) -> list[Piece]:
    """Pieces of the bar of users. Occasions overlap, so they have none."""
    if personas.by != "users":
        return []
    left, pieces = 0.0, []
    for i, persona in enumerate(words.shown(personas)):
        pieces.append(_piece(left, persona, colour(i)))
        left += persona.size.share_users
    rest = max(0.0, 1 - left)
    if pieces and rest > 0.001:
        pieces.append(Piece(_cent(left), _cent(rest), 0, percent(rest) if rest >= LABELLED else ""))
    return pieces


def colour(place: int) -> int:
    return 1 + place % COLOURS


def _piece(left: float, persona: Persona, fill: int) -> Piece:
    share = persona.size.share_users
    return Piece(_cent(left), _cent(share), fill, percent(share) if share >= LABELLED else "")


def _cent(share: float) -> float:
    return round(100 * share, 2)
