"""What nobody would say aloud, found in the pages of a finished run: what a reader sees of it before anything is opened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

from persona_agent.report import drawn
from persona_agent.report.phrasing import gaps
from persona_agent.schema import Persona, PersonaSet

RAW = re.compile(r"\w_\w|“[^”]*_[^”]*”|\b\w+: (?=[a-z]+\s*”)")  # names as programs spell them
SHARE_OF_A_SHARE = re.compile(r"(?:do|does) (?:more|less) than .* of what they do|more than an? \w+ of what they do")
FILLER = re.compile(r"no errors, repetitions or absences|No habit of their own|is something that", re.IGNORECASE)
CLOSED = frozenset(["details", "template", "svg", "style", "script", "head"])  # what a reader does not see at once
BLOCKS = frozenset(["p", "li", "td", "th", "h1", "h2", "h3", "dt", "dd", "figcaption", "summary", "button", "label"])
FIGURE = re.compile(r"^(?:over |under )?[\d.,]+(?: %)?")
LEGEND = "“Others” everywhere are "
MOST_WORDS = 6  # of a name
MOST_GAPS = 2
LONG = 20  # characters: shorter blocks are labels


def faults(out: Path) -> list[str]:
    """Every fault of the report in a folder."""
    personas = PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8"))
    page = (out / "report.html").read_text(encoding="utf-8")
    shown = [p for p in personas.personas if p.status != "withheld"]
    pages = [*shown, *([personas.everyone] if personas.everyone else [])]
    return [
        *_of_names([p.label for p in shown]),
        *(f"{p.id}: {fault}" for p in pages for fault in _of_card(p)),
        *_of_page(page),
    ]


def _of_names(names: list[str]) -> Iterator[str]:
    if len(set(names)) < len(names):
        yield f"two names are one: {names}"
    for name in names:
        stems = "," in name and not re.search(r", (often|seldom) ", name)
        if stems or "“" in name or RAW.search(name) or FILLER.search(name) or not 1 < len(name.split()) <= MOST_WORDS:
            yield f"a name that nobody would say: {name}"


def _of_card(p: Persona) -> Iterator[str]:
    bars = drawn.bars(p)
    labels = [b.label for b in bars]
    if len(set(labels)) < len(labels):
        yield f"a fact twice: {labels}"
    for b in bars:
        if RAW.search(b.label):
            yield f"an act as the log spells it: {b.label}"
        if not FIGURE.sub("", b.here).strip():
            yield f"a figure without unit or base: {b.label}: {b.here}"
    told = gaps(p)
    if len(set(told)) < len(told) or len(told) > MOST_GAPS:
        yield f"what is not known, twice or too much: {told}"


class Seen(HTMLParser):
    """The blocks of text that a reader sees, with the tag of each."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self._closed = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._closed += tag in CLOSED
        if tag in (*BLOCKS, "article", "section"):
            self.blocks.append((tag, ""))

    def handle_endtag(self, tag: str) -> None:
        self._closed -= tag in CLOSED
        if tag in ("article", "section"):
            self.blocks.append((f"/{tag}", ""))

    def handle_data(self, data: str) -> None:
        if not self._closed and self.blocks:
            tag, text = self.blocks[-1]
            self.blocks[-1] = (tag, f"{text}{data}")


def _of_page(page: str) -> Iterator[str]:
    blocks = [(tag, " ".join(text.split())) for tag, text in Seen(page).blocks]
    told = [(tag, text) for tag, text in blocks if text or tag in ("article", "/article", "/section")]
    for (tag, text), (next_tag, _) in pairwise(told):
        if tag in ("h2", "h3") and next_tag in ("h2", "h3", "/article", "/section"):
            yield f"a heading with nothing under it: {text}"
    card: list[str] | None = None
    for tag, text in told:
        card = [] if tag == "article" else None if tag == "/article" else card
        plain = re.sub(r"“[^”]*”", "", text.replace(LEGEND, ""))  # what stands in quotation marks is of the log
        for rule in (SHARE_OF_A_SHARE, FILLER, re.compile("comparable others"), re.compile(r"[a-z]_[a-z]")):
            if found := rule.search(plain):
                yield f"{found[0]!r} in: {text}"
        if card is not None and tag in ("p", "li") and len(text) > LONG:
            if text in card:
                yield f"a sentence twice: {text}"
            card.append(text)
