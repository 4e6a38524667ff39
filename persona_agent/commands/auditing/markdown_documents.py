"""Personas in Markdown: one under each heading, with a statement for every sentence, bullet, row of a table and quote.

In: the text of a file. Out: its personas, and what of it is no statement. Promises: what is a heading, a list, a quote, a
table, code or markup is CommonMark's to say (and GitHub's for tables); a line without a mark of its own is never drawn into
the quote or bullet above it, since notes are written a line at a time; a place is the line on which the words begin.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.common.html_blocks import block_names
from markdown_it.tree import SyntaxTreeNode

from .statements import FoundPersona, sentences, spaced

EVERYONE = "Everyone"

# Notes are indented at will, so indented is not code; a definition of a link shows nothing, so its words would be lost.
# Depth has no limit here: the parser drops what is nested deeper than its limit.
PARSER = MarkdownIt("commonmark", {"maxNesting": 10**6}).enable(["table", "strikethrough"])
PARSER.disable(["code", "reference"])
IN_HTML = MarkdownIt("commonmark", {"maxNesting": 10**6}).enable(["table", "strikethrough"])
IN_HTML.disable(["code", "reference", "html_block"])

INLINE_TAGS = (
    "a abbr b bdi bdo big br cite code data del dfn em font i img ins kbd label mark pre q s samp small span strike strong "
    "sub sup time tt u var wbr"
)
# A tag that HTML does not know is words: “<user name> prints”.
TAG = re.compile(rf"<!--.*?(?:-->|\Z)|</?(?:{'|'.join([*block_names, *INLINE_TAGS.split()])})\b[^>]*>", re.I | re.S)
CODE_IN_HTML = re.compile(r"\s*<(?:script|style)\b", re.IGNORECASE)
TASK = re.compile(r"^\[[ xX]\]\s+")
BOLD, END_OF_BOLD = "\x02", "\x03"  # no document holds them once its control characters are gone
TITLED = re.compile(rf"^{BOLD}([^{BOLD}{END_OF_BOLD}]{{1,40}}?)\s*(?:[:.]{END_OF_BOLD}|{END_OF_BOLD}:)\s*(.*)$")
UNBOLD = str.maketrans("", "", BOLD + END_OF_BOLD)
HEADED = 3  # columns of a table from which a cell is understood only with the name of its column
CELL_END = re.compile(r"(?<!\\)\|")

BlockKind = Literal["heading", "line", "item", "row", "quote", "skipped"]


@dataclass(frozen=True)
class Passage:
    """What begins on one line: words of some kind with the title before them, a title alone, or why it was `skipped`."""

    line: int
    kind: BlockKind
    text: str
    title: str = ""
    level: int = 0

    @property
    def title_only(self) -> bool:
        return self.kind == "heading" or bool(self.title and not self.text)


def personas_of_markdown(path: Path, text: str, skipped: list[str], groups: Sequence[str] = ()) -> list[FoundPersona]:
    """The personas of a Markdown file: the headings of the level that occurs more than once, else of the highest. Where `groups`
    are named, each section whose heading and each row that begins with a group's name is of that group.
    """
    passages = list(_passages(text))
    if groups:
        return _by_group(path, passages, skipped, groups)
    levels = [p.level for p in passages if p.kind == "heading"]
    top = next((k for k in sorted(set(levels)) if levels.count(k) > 1), min(levels, default=0))
    found: list[FoundPersona] = [] if levels else [FoundPersona(EVERYONE)]
    under, described = "", False
    titles: list[tuple[str, str]] = []
    for p in passages:
        where = f"{path.name}:{p.line}"
        if p.kind == "skipped":
            skipped.append(f"{where}: {p.text}")
        elif p.kind == "heading" and p.level == top:
            found.append(FoundPersona(p.title or EVERYONE))
            under, described = "", False
        elif found and p.title_only and (p.kind != "heading" or p.level > top):
            under, described = p.title, True
            titles.append((where, p.title))
        elif p.kind == "heading":
            skipped.append(f"{where}: “{p.title}” is a title")
        elif not found:
            words = ": ".join(w for w in (p.title, p.text) if w)
            skipped.append(f"{where}: “{words}” stands before the first persona")
        else:
            described = described or p.kind in ("item", "row")
            _add(found[-1], where, p, _said(p), under, described)
    used = {under for persona in found for _, _, under in persona.said}
    skipped += [f"{where}: nothing stands under “{title}”" for where, title in titles if title and title not in used]
    return found


def _by_group(path: Path, passages: Sequence[Passage], skipped: list[str], groups: Sequence[str]) -> list[FoundPersona]:
    """One persona a group that is spoken of, in the order of the document, and one of all that is said of nobody by name."""
    found: dict[str, FoundPersona] = {}
    here, level, under, described = EVERYONE, 0, "", False
    for p in passages:
        where = f"{path.name}:{p.line}"
        if p.kind == "skipped":
            skipped.append(f"{where}: {p.text}")
        elif p.kind == "heading":
            named = group_named(p.title, groups)
            if named or p.level <= level:
                here, level, described = named or EVERYONE, p.level, False
            under = "" if named else p.title
        elif p.title_only:
            under, described = p.title, True
        else:
            own = (group_named(p.title or p.text, groups) if p.kind in ("row", "item") else None) or here
            described = described or p.kind in ("item", "row") or own == EVERYONE
            for said in _said(p):
                # What stands before or after the groups' own sections says whom it is of by a name.
                of_groups = groups_named(said, groups) if own == EVERYONE else ()
                whose = of_groups[0] if len(of_groups) == 1 else own
                _add(found.setdefault(whose, FoundPersona(whose)), where, p, [said], under, described or whose != own)
    return list(found.values())


def groups_named(text: str, groups: Sequence[str]) -> tuple[str, ...]:
    """The groups whose names a text holds, each word for word, none that is a part of a longer one that stands there."""
    left, named = f" {_bare(text)} ", []
    for group in sorted(groups, key=lambda g: -len(_bare(g))):
        own = f" {_bare(group)} "
        if own in left and A_NAME.search(own):
            named.append(group)
            left = left.replace(own, "  ")
    return tuple(g for g in groups if g in named)


def group_named(text: str, groups: Sequence[str]) -> str | None:
    """The group whose name a text begins with, behind the number or letter of a list (“1.”, “Persona 3:”), the longest where
    several do; letters and digits alone are compared.
    """
    begins = {_bare(text), _bare(NUMBERED.sub("", text, count=1))}
    fit = [
        g for g in groups if (own := _bare(g)) and any(words == own or words.startswith(f"{own} ") for words in begins)
    ]
    return max(fit, key=len, default=None)


# Not a letter or a number alone, which any sentence may hold: “4 of 5 do”, “a visit”.
A_NAME = re.compile(r"[^\W\d]{4}|[^\W\d]\d|\w \w")

# “1. ”, “2) ”, “(3) ”, “A – ”, “Persona 4: ”, “Group B. ”: what authors put before the names of their groups.
NUMBERED = re.compile(r"^\W*(?:[^\W\d_]+ )?(?:\d{1,2}|[A-Za-z])\s*(?:[.):]|[–—-]\s)\s*")


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _said(p: Passage) -> list[str]:
    return [p.text] if p.kind in ("item", "row") else sentences(p.text)


def _add(persona: FoundPersona, where: str, p: Passage, said: list[str], under: str, described: bool) -> None:
    """What is said in one passage; a first line that no list, table or heading came before also says who they are."""
    persona.said += [(s, where, p.title or ("Quote" if p.kind == "quote" else under)) for s in said]
    if p.kind == "line" and not (p.title or described):
        persona.about += said


def _passages(text: str) -> Iterator[Passage]:
    lines = ["".join(c if c.isprintable() or c == "\t" else " " for c in line) for line in re.split("\r\n|\r|\n", text)]
    front = _front_matter(lines)
    if front:
        yield Passage(1, "skipped", f"front matter of {front} lines")
    lines[:front] = [""] * front
    yield from _of_blocks(SyntaxTreeNode(PARSER.parse("\n".join(lines))), lines, "line")


def _front_matter(lines: Sequence[str]) -> int:
    """How many lines of front matter there are."""
    if lines[0].strip() != "---":
        return 0
    return next((i for i, line in enumerate(lines[1:], start=2) if line.strip() == "---"), 0)


def _of_blocks(parent: SyntaxTreeNode, lines: Sequence[str], kind: BlockKind) -> Iterator[Passage]:
    """What the blocks inside another one say; `kind` is that of a paragraph among them."""
    for i, node in enumerate(parent.children):
        start = node.map[0] if node.map else 0
        if node.type == "heading" and parent.is_root:
            yield Passage(start + 1, "heading", "", spaced(_words(node).translate(UNBOLD)), level=int(node.tag[1:]))
        elif node.type in ("paragraph", "heading"):
            own: BlockKind = "item" if parent.type == "list_item" and i == 0 and kind != "quote" else kind
            yield from _of_paragraph(node, lines, own)
        elif node.type == "table":
            yield from _of_table(node, lines)
        elif node.type == "html_block":
            yield from _of_html(node, lines, kind)
        elif node.type in ("fence", "hr"):
            yield Passage(start + 1, "skipped", "code" if node.type == "fence" else "a rule")
        else:
            yield from _of_blocks(node, lines, "quote" if node.type == "blockquote" else kind)


def _of_paragraph(node: SyntaxTreeNode, lines: Sequence[str], kind: BlockKind) -> Iterator[Passage]:
    """A passage a line; an indented line goes on with the bullet above it, an unmarked one leaves bullet and quote."""
    first, last = node.map or (0, 0)
    texts = _words(node).split("\n")
    numbers = range(first, last) if len(texts) == last - first else [first] * len(texts)
    found: list[tuple[int, BlockKind, str]] = []
    for i, (number, text) in enumerate(zip(numbers, texts, strict=True)):
        line = lines[number]
        if i and found[-1][1] == "item" and line[:1] in (" ", "\t"):
            found[-1] = (found[-1][0], "item", f"{found[-1][2]} {text}")
        elif i and (kind == "item" or (kind == "quote" and not line.lstrip().startswith(">"))):
            found.append((number, "line", text))
        else:
            found.append((number, kind, text))
    for number, own, text in found:
        if spaced(text.translate(UNBOLD)):
            yield _passage(number + 1, own, text.strip())
        else:
            shown = any(n.type == "image" for n in node.walk())
            yield Passage(number + 1, "skipped", "an image" if shown else "no words")
    if "<!--" in "".join(n.content for n in node.walk() if n.type == "html_inline"):
        yield Passage(first + 1, "skipped", "a comment")


def _passage(line: int, kind: BlockKind, text: str) -> Passage:
    text = TASK.sub("", text) if kind == "item" else text
    if text.startswith("|"):
        return Passage(line, "row", _row(text.translate(UNBOLD).strip("|").split("|")))
    titled = TITLED.match(text)
    title, words = titled.groups() if titled else ("", text)
    return Passage(line, kind, spaced(words.translate(UNBOLD)), spaced(title))


def _of_table(table: SyntaxTreeNode, lines: Sequence[str]) -> Iterator[Passage]:
    """A passage a row; of a table of several columns each cell but the first with what its column is called, so that it can be
    understood alone, and the header is none. Of one or two columns the header is like the others.
    """
    heads: list[str] = []
    for tr in (n for n in table.walk() if n.type == "tr"):
        number = tr.map[0] if tr.map else 0
        cells = [_words(cell) for cell in tr.children]
        # Cells beyond the header's are dropped by the parser.
        source = lines[number][max(lines[number].find(tr.children[0].children[0].content), 0) :]
        cells += CELL_END.split(source.strip().strip("|"))[len(cells) :]
        if tr.parent and tr.parent.type == "thead" and len(cells) >= HEADED:
            heads = [spaced(c.translate(UNBOLD)) for c in cells]
            yield Passage(number + 1, "skipped", f"the header of a table, “{_row(cells)}”, stands with its rows")
            yield Passage(number + 2, "skipped", "a rule")
            continue
        words = _headed_row(heads, cells) if heads else _row(cells)
        if words:
            yield Passage(number + 1, "row", words)
        else:
            yield Passage(number + 1, "skipped", "no words")
        if tr.parent and tr.parent.type == "thead":
            yield Passage(number + 2, "skipped", "a rule")


def _headed_row(heads: Sequence[str], cells: Sequence[str]) -> str:
    """“Night owls: users 120; share 12 %” of a row's cells, under the names of their columns."""
    first, *rest = (spaced(c.translate(UNBOLD)) for c in cells)
    told = [
        " ".join(w for w in (head, words) if w) for head, words in zip_longest(heads[1:], rest, fillvalue="") if words
    ]
    return ": ".join(w for w in (first, "; ".join(told)) if w)


def _row(cells: Sequence[str]) -> str:
    """“Device: phone” of a row's cells."""
    return ": ".join(words for c in cells if (words := spaced(c.translate(UNBOLD))))


def _of_html(node: SyntaxTreeNode, lines: Sequence[str], kind: BlockKind) -> Iterator[Passage]:
    """What HTML shows, read as Markdown once its tags are gone."""
    start = node.map[0] if node.map else 0
    if CODE_IN_HTML.match(node.content):
        yield Passage(start + 1, "skipped", "code")
        return
    comment = "<!--" in node.content
    if comment:
        yield Passage(start + 1, "skipped", "a comment")
    shown = TAG.sub(_in_place_of_tag, node.content)
    if spaced(shown):
        yield from _of_blocks(SyntaxTreeNode(IN_HTML.parse("\n" * start + shown)), lines, kind)
    elif not comment:
        yield Passage(start + 1, "skipped", "no words")


def _in_place_of_tag(tag: re.Match[str]) -> str:
    return "\n" * tag.group().count("\n") or (" " if tag.group().lower().startswith("<br") else "")


def _words(node: SyntaxTreeNode) -> str:
    """The text that a reader would see, its lines kept, with bold marked."""
    if node.type in ("softbreak", "hardbreak"):
        return "\n"
    if node.type == "image":
        return " "
    if node.type == "html_inline":
        return TAG.sub(_in_place_of_tag, node.content).replace("\n", " ")
    if node.type == "strong":
        return BOLD + "".join(_words(n) for n in node.children) + END_OF_BOLD
    return "".join(_words(n) for n in node.children) if node.children else node.content
