"""A document with verdicts in its margin: one HTML file that needs no network.

In: the text of a document, and notes for its lines. Out: a page. Promises: the document is shown as its own text, with no markup
of its own but headings, lists, quotes and tables: no HTML, image or link of it is left; everything else is escaped by the
template engine; the content policy allows one style sheet by its hash, and no script.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from .cited import QuotedLine
from .html import TEMPLATES, environment, hash_of

PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
PARSER.disable(["image", "link", "autolink", "reference", "code"])  # an indented note is no code, as the audit reads it


@dataclass(frozen=True)
class Note:
    """A verdict in the margin: what kind, in a word, why, and further facts; lines for and against behind a click."""

    kind: str
    word: str
    text: str
    why: str
    facts: Sequence[str] = ()
    lines: Sequence[QuotedLine] = ()
    against: Sequence[QuotedLine] = ()


@dataclass(frozen=True)
class Block:
    """A piece of the document, rendered, from one line to another (from 1, the last excluded), with its notes."""

    html: Markup
    start: int
    end: int
    notes: list[Note] = field(default_factory=list)


def margin_page(title: str, lead: Sequence[str], groups: Sequence[Note], blocks: Sequence[Block]) -> str:
    """The text of the page; `groups` are verdicts on the groups as such."""
    style = (TEMPLATES / "margin.css").read_text(encoding="utf-8")
    return (
        environment()
        .get_template("margin.html.j2")
        .render(title=title, lead=lead, groups=groups, blocks=blocks, style=Markup(style), style_hash=hash_of(style))
    )


def markdown_blocks(text: str, notes: Mapping[int, Sequence[Note]]) -> list[Block]:
    """The blocks of a Markdown text in order, the notes of a line beside the block that holds it; of lists and tables each item
    is a block, so that a verdict stands beside its words.
    """
    blocks: list[Block] = []
    level = 1
    for tokens in _pieces(PARSER.parse(text)):
        first = tokens[0]
        if first.type == "heading_open":
            # Under the page's own heading, and never two levels at once.
            level = min(int(first.tag[1:]) + 1, level + 1, 6)
            first.tag = tokens[-1].tag = f"h{level}"
        start, end = first.map or [0, 0]
        # Escaped by the parser, which knows no HTML, link or image.
        html = Markup(PARSER.renderer.render(tokens, PARSER.options, {}))
        blocks.append(Block(html, start + 1, max(end, start + 1) + 1))
    for line, found in sorted(notes.items()):
        home = [b for b in blocks if b.start <= line < b.end] or blocks[-1:]
        home[-1].notes.extend(found)
    return blocks


def plain_blocks(parts: Sequence[tuple[str, Sequence[Note]]]) -> list[Block]:
    """Blocks of plain texts, each with its notes."""
    return [Block(Markup("<p>{}</p>").format(text), i, i + 1, list(notes)) for i, (text, notes) in enumerate(parts)]


def _pieces(tokens: Sequence[Token]) -> list[list[Token]]:
    """Top-level blocks, with the items of each outermost list apart; a whole table is one piece."""
    found: list[list[Token]] = []
    depth, inside = 0, list[Token]()
    for token in tokens:
        inside.append(token)
        depth += token.nesting
        if depth == 0:
            found += _items(inside)
            inside = []
    return found


def _items(tokens: list[Token]) -> list[list[Token]]:
    """Each item of a list as a list of its own."""
    head, tail = tokens[0], tokens[-1]
    if head.type not in ("bullet_list_open", "ordered_list_open"):
        return [tokens]
    items: list[list[Token]] = []
    depth = 0
    number = int(head.attrGet("start") or 1)
    for token in tokens[1:-1]:
        if depth == 0:
            opened = Token(head.type, head.tag, 1, map=token.map)
            if head.type == "ordered_list_open":
                opened.attrSet("start", str(number + len(items)))
            items.append([opened])
        items[-1].append(token)
        depth += token.nesting
    for item in items:
        item.append(tail)
    return items
