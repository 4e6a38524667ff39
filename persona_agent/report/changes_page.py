"""`Changes` as people read them: a page, Markdown, a terminal. They read as release notes about users.

Promised: every text is escaped; the page asks no host for anything and runs nothing; the same values give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..schema import Changes, ClaimChange, GroupChange
from ..words.english import changes_told as told
from ..words.wording import percent
from .html import TEMPLATES, hash_of, unbroken
from .markup import escaped
from .phrasing import window_words
from .telling import shown_in_nouns
from .terminal import WIDTH, fitted, wrapped


def changes_html(changes: Changes) -> str:
    """A file of its own for a browser."""
    return shown_in_nouns(changes.nouns, _html, changes)


def changes_markdown(changes: Changes) -> str:
    """The same for wikis and messages."""
    return shown_in_nouns(changes.nouns, _markdown, changes)


def changes_screen(changes: Changes, width: int = WIDTH) -> str:
    """The same for a terminal: what changed, and how much did not."""
    return fitted(changes.nouns, width, lambda room: shown_in_nouns(changes.nouns, _screen, changes, room))


def changes_title(changes: Changes) -> str:
    """What this is, and between which times."""
    return f"{told.TITLE}: {window_words(changes.new.window)}, against {window_words(changes.old.window)}"


def _html(changes: Changes) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=unbroken,
    )
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    return environment.get_template("changes.html.j2").render(
        changes=changes,
        title=changes_title(changes),
        told=told,
        rows=[(row, _was(row), _now(row), _chance(row)) for row in changes.personas],
        claims=told.by_outcome(changes.claims),
        style=Markup(style),
        style_hash=hash_of(style),
    )


def _markdown(changes: Changes) -> str:
    blocks = [
        f"# {escaped(changes_title(changes))}",
        *(escaped(line) for line in told.front_lines(changes)),
        "## Personas",
        _bullets(told.group_sentence(changes, row) for row in changes.personas),
    ]
    if changes.moves and changes.moves.flows:
        blocks += ["## Who moved", _bullets(told.move_sentence(changes, move) for move in changes.moves.flows)]
    for outcome, claims in told.by_outcome(changes.claims).items():
        texts = [f"{c.id}: {told.claim_sentence(c)}" for c in claims]
        texts += told.of_the_gone(changes) if outcome == "cannot_tell" else []
        if texts:
            blocks += [f"## {told.TITLES[outcome]}", _bullets(texts)]
    notes = [note for note in changes.notes if note not in told.front_lines(changes)]
    blocks += ["## How this was found", _bullets([*notes, *told.HOW])]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _screen(changes: Changes, width: int) -> str:
    return "\n".join("\n".join(part) for part in _parts(changes, width))


def _parts(changes: Changes, width: int) -> Iterator[list[str]]:
    yield [*wrapped(changes_title(changes), width), ""]
    for line in told.front_lines(changes):
        yield list(wrapped(line, width))
    stayed = [row for row in changes.personas if row.outcome not in told.CHANGED]
    yield from _titled("Personas", (told.group_sentence(changes, row) for row in stayed), width)
    flows = changes.moves.flows if changes.moves else []
    yield from _titled("Who moved", (told.move_sentence(changes, move) for move in flows), width)
    for outcome, claims in told.by_outcome(changes.claims).items():
        if outcome != "holds":
            gone = told.of_the_gone(changes) if outcome == "cannot_tell" else []
            yield from _titled(told.TITLES[outcome], [*map(_claim, claims), *gone], width)
    shown = told.front_lines(changes)
    yield from _titled("Notes", (note for note in changes.notes if note not in shown), width)


def _claim(claim: ClaimChange) -> str:
    return f"{claim.id}  {told.claim_sentence(claim)}"


def _titled(head: str, texts: Iterable[str], width: int) -> Iterator[list[str]]:
    items = [line for text in texts for line in wrapped(f"- {text}", width, "  ")]
    if items:
        yield ["", head, *items]


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(text)}" for text in texts)


def _was(row: GroupChange) -> str:
    return _size(row.share_was, row.users_was)


def _now(row: GroupChange) -> str:
    return _size(row.share_now, row.users_now)


def _size(share: float | None, users: int | None) -> str:
    return "–" if share is None else f"{percent(share)} ({users or 0:,})"


def _chance(row: GroupChange) -> str:
    if row.chance is None:
        return "–"
    return " to ".join(percent(end) for end in row.chance)
