"""report.html: one file that needs no network and no server.

Promised: every text is escaped by the template engine; the content policy allows one style sheet and one script, by their
hashes, and nothing else, so not even markup that slipped through could load or run anything. The script opens, finds and
copies; without it the page reads as well. A page is at most LIMIT bytes: where it would be more, fewer lines of each claim
are on it, and it says how many.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..schema import Persona, PersonaSet
from ..words.english import (
    attempts,
    crossed,
    first_trials,
    habits_told,
    mixes_told,
    tenth_told,
    value_sources,
    what_they_tell,
)
from ..words.english.cards import UNFIT_TITLE, UNKNOWN, hardly_apart, lowered
from ..words.wording import percent
from . import charts, drawn, tenth_pages
from . import phrasing as words
from .cited import Lines, lines_against, lines_for, quote_lines
from .claim_facts import facts_of_claim
from .flags import flags
from .front import first_page_of
from .markdown import card_markdown, face_markdown
from .telling import in_nouns

TEMPLATES = Path(__file__).parent / "templates"
COLOURS = 10  # that can be told apart side by side; then they begin again
LABELLED = 0.12  # a narrower piece of the bar has no room for its figure on a phone
LIMIT = 5_000_000  # bytes: still small enough to be mailed, and to open on a phone
FIRST = 5  # lines of a side that are seen at once, so that the other side is on the same screen
FEWER = (10, 5, 3, 1)  # lines of a claim, where all of them would be too much


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the bar of shares, in per cent of its width; colour 0 is for users without a persona. `text` stands in it,
    `what` says what it is; `faint` are those who lean to a persona.
    """

    left: float
    width: float
    colour: int
    text: str
    what: str
    faint: bool = False


@in_nouns
def report_html(personas: PersonaSet, lines: Lines, *, with_lines: bool = True) -> str:
    """The text of report.html, with as many lines of each claim as LIMIT allows; `with_lines` off leaves lines and visits out."""
    every = _most_lines(personas)
    for most in [every, *(n for n in FEWER if n < every)]:
        text = _rendered(personas, lines, most, every, with_lines=with_lines)
        if len(text.encode()) <= LIMIT:
            break
    return text


@in_nouns
def first_page(personas: PersonaSet) -> str:
    """What a reader needs first, as a piece of HTML that can stand in any page: no script, no style but its own, no link."""
    template = environment().get_template("first_page.html.j2")
    return template.render(
        set=personas,
        front=personas.first_page or first_page_of(personas, []),
        shown=words.shown(personas),
        withheld=words.withheld(personas),
        flags=flags(personas),
        words=words,
        drawn=drawn,
        column=drawn.last_column(personas),
        first_trials=first_trials,
    )


@cache
def environment() -> Environment:
    """Made once a process: compiling the page takes longer than rendering it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    environment.filters["percent"] = percent
    environment.filters["of_value"] = words.of_value
    environment.filters["facts"] = facts_of_claim
    environment.filters["like"] = words.like_for_like
    environment.filters["lowered"] = lowered
    return environment


def _rendered(personas: PersonaSet, lines: Lines, most: int, every: int, *, with_lines: bool) -> str:
    style, script = ((TEMPLATES / f"report.{kind}").read_text(encoding="utf-8") for kind in ("css", "js"))
    colours = {p.id: colour(i) for i, p in enumerate(words.shown(personas))}
    pages = [*([personas.everyone] if personas.everyone else []), *words.shown(personas), *personas.tenths]
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            set=personas,
            pages=pages,
            shown=words.shown(personas),
            withheld=words.withheld(personas),
            flags=flags(personas),
            mostly=words.MOSTLY,
            bar=bar(personas),
            colours=colours,
            style=Markup(style),
            style_hash=hash_of(style),
            script=Markup(script),
            script_hash=hash_of(script),
            most=most,
            first=FIRST,
            all_lines=every,
            kinds=list(_kinds(pages).items()),
            front=personas.first_page or first_page_of(personas, []),
            drawn=drawn,
            attempts=attempts,
            unfit_title=UNFIT_TITLE,
            unknown_title=UNKNOWN,
            mixes_told=mixes_told,
            first_trials=first_trials,
            value_sources=value_sources,
            what_they_tell=what_they_tell,
            tenth_pages=tenth_pages,
            habits_told=habits_told,
            tenth_told=tenth_told,
            column=drawn.last_column(personas),
            heat=drawn.heat(personas),
            hardly_apart=hardly_apart(personas.compared or []),
            with_lines=with_lines,
            groups_map=charts.groups_map(personas, colours),
            intents_map=charts.intents_map(personas),
            courses=charts.users_by_period(personas, colours),
            markdown=lambda p: card_markdown(personas, p) if p else face_markdown(personas),
            show=lambda citations: quote_lines(citations, lines),
            lines_for=lines_for,
            lines_against=lines_against,
            words=words,
            crossed=crossed,
        )
    )


def unbroken(value: object) -> object:
    """A figure and its sign stay on one line."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value


def hash_of(text: str) -> str:
    """The content policy's name of a style sheet or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _most_lines(personas: PersonaSet) -> int:
    """The most lines that any claim has on one side."""
    sides = [
        len(side)
        for p in personas.cards
        for c in [*p.claims, *p.withdrawn]
        for side in (c.citations, c.counter.lines if c.counter else [])
    ]
    return max([1, *sides])


def _kinds(pages: list[Persona]) -> Mapping[str, str]:
    """The kinds of claim that the page has, in words."""
    seen = {c.kind for p in pages for c in [*p.claims, *p.withdrawn]}
    return {kind: name for kind, name in words.KIND.items() if kind in seen}


def bar(personas: PersonaSet) -> list[Piece]:
    """Pieces of the bar of users. Occasions overlap, so they have none."""
    if personas.by != "users":
        return []
    left, pieces = 0.0, []
    for i, persona in enumerate(words.shown(personas)):
        pieces.append(_piece(left, persona, colour(i)))
        left += persona.size.share_users
        leaning = persona.size.leaning / max(personas.counts.get("users", 0), 1)
        if leaning > 0.001:
            what = f"{percent(leaning)} lean to {persona.label}"
            pieces.append(Piece(_cent(left), _cent(leaning), colour(i), "", what, faint=True))
            left += leaning
    rest = max(0.0, 1 - left)
    if pieces and rest > 0.001:
        text = percent(rest) if rest >= LABELLED else ""
        pieces.append(Piece(_cent(left), _cent(rest), 0, text, f"in no {personas.noun} shown: {percent(rest)}"))
    return pieces


def colour(place: int) -> int:
    return 1 + place % COLOURS


def _piece(left: float, persona: Persona, fill: int) -> Piece:
    share = persona.size.share_users
    text = percent(share) if share >= LABELLED else ""
    return Piece(_cent(left), _cent(share), fill, text, f"{persona.label}: {percent(share)}")


def _cent(share: float) -> float:
    return round(100 * share, 2)
