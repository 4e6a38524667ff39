"""The report in a terminal: plain text, no colour, no markup.

Promised: nothing of the log can move a cursor, change a colour or hide a character, because every text passes `plain`;
no line is wider than asked, counted in cells.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from ..inert import HIDDEN, inert
from ..schema import Citation, Claim, NotPlaced, Persona, PersonaSet
from ..schema.nouns import Nouns
from ..words.english import attempts, everyone_told, first_pages, first_trials, mixes_told, tenth_told
from ..words.english.cards import UNFIT_TITLE, UNKNOWN
from ..words.english.grammar import plural
from ..words.wording import percent
from . import drawn
from . import phrasing as words
from .cited import Lines, QuotedLine, quote_lines
from .claim_facts import facts_of_claim
from .flags import flags
from .front import first_page_of
from .telling import shown_in_nouns

WIDTH = 80  # columns where a terminal does not say its own
NARROWER = 4  # columns by which lines are broken sooner for the sake of long nouns, at most down to half. Not tuned
BAR = 20  # columns of the longest bar: a quarter of the line
NO_BREAK = "\u00a0"


def first_screen(personas: PersonaSet, width: int = WIDTH) -> str:
    """What a reader needs first: the state of the log, who there is, and what speaks for caution."""
    return fitted(personas.nouns, width, lambda room: shown_in_nouns(personas.nouns, _first_screen, personas, room))


def fitted(nouns: Nouns | None, width: int, render: Callable[[int], str]) -> str:
    """What `render` makes of a number of columns, such that no line is wider where it can be helped: nouns, which may be longer
    than the program's words, are put in when lines are broken.
    """
    if nouns is None:
        return render(width)
    fewest, best = -1, ""
    for room in range(width, width // 2 - 1, -NARROWER):
        text = render(room)
        over = sum(cells(line) > width for line in text.split("\n"))
        if fewest < 0 or over < fewest:
            fewest, best = over, text
        if over == 0:
            break
    return best


def _first_screen(personas: PersonaSet, width: int) -> str:
    front = personas.first_page or first_page_of(personas, [])
    parts = [[*wrapped(" ".join(s for s in (*front.sentences, words.mostly_sentence(personas)) if s), width)]]
    parts.append([*_titled("Since the run before", personas.since.sentences if personas.since else [], width)])
    column = drawn.last_column(personas)
    parts += [[*_row(p, column, width)] for p in words.shown(personas)]
    if personas.everyone:
        parts += [[*_titled(heading, map(_beside, rows), width)] for heading, rows in drawn.sections(personas.everyone)]
        parts.append([*_titled(everyone_told.CARRIED, (": ".join(c) for c in drawn.carried(personas.everyone)), width)])
        watch = drawn.watched(personas.everyone)
        parts.append([*wrapped(f"To watch: {watch.label}, {watch.here} today", width)] if watch else [])
    parts += [[*_not_placed(left, words.without_card(personas, left), width)] for left in front.not_placed]
    parts += [[*_left_out(p, width)] for p in words.withheld(personas)]
    if front.first:
        told = (f"{what}: {text}" for what, text in first_trials.rows(front.first))
        parts.append([*_titled(f"{first_trials.trial_title(front.first)}: {front.first.label}", told, width)])
    cards = [f"{tenth_told.THEIR_CARD}: {p.label} ({p.id})." for p in personas.tenths]
    parts.append([*wrapped(" ".join([front.sources, *cards]), width)] if front.sources else [])
    parts.append([*wrapped(front.tells, width)] if front.tells else [])
    parts += [[*wrapped(f"By {field}: {text}", width)] for field, text in front.by_field.items()]
    if personas.question:
        asked = personas.question
        found = [(i, words.claim_of(personas, i)) for i in asked.claims]
        rows = [line for i, c in found if c for line in wrapped(f"{i}  {_like(c.text)}", width, "      ")]
        parts.append([*wrapped(f"? {asked.text} {asked.answer}", width, "  "), *rows])
    cautions = [f"! {f.title}: {f.text}" for f in flags(personas)] + [f"~ {text}" for text in front.mended]
    return _joined([*parts, [line for text in cautions for line in wrapped(text, width, "  ")]])


def _not_placed(left: NotPlaced, called: str, width: int) -> list[str]:
    return [*wrapped(f"    {percent(left.share)} {called.lower()}: {left.users:,} users, {left.why}.", width, "    ")]


def _left_out(p: Persona, width: int) -> list[str]:
    """A group that is not described, with why."""
    head = f"{p.id}  not described: {p.label}, {plural(p.size.users, 'user')}. {words.why_withheld(p)}"
    return [*wrapped(head, width, "    ")]


def show_persona(
    persona: Persona,
    width: int = WIDTH,
    beside: Sequence[tuple[str, str]] = (),
    firm: tuple[str, str] | None = None,
) -> str:
    """A card: what sets them apart, who does not fit, the claims with their ids; `beside` is what else is told of them, by title,
    `firm` how firm they are where it is not the persona's own.
    """
    figures = " · ".join(f"{figure} {of}" for figure, of in words.sizes(persona))
    sure = ": ".join(part for part in firm or drawn.firm(persona) if part)
    status = "; ".join(
        [*([words.STATUS[persona.status]] if persona.status != "published" else []), sure, *persona.reasons]
    )
    leaning = first_pages.and_leaning(persona.size.leaning)
    way, odd, tension = drawn.path(persona), drawn.unfit(persona), drawn.tension(persona)
    watch = None if persona.suggestion else drawn.to_watch(persona)
    unfit = [told[0] for told in (tension, odd) if told]
    order = [f"{', then '.join(way[0].steps)}: {way[1]} [{way[0].claim}]"] if way else []
    parts = [
        [
            *_heading(f"{persona.label} ({persona.id})", width),
            *(wrapped(f"Named {persona.named}.", width) if persona.named else []),
            *wrapped(_like(persona.one_liner.text), width),
        ],
        [*wrapped(figures, width), *wrapped(status, width), *wrapped(leaning, width)],
        [*_titled("What sets them apart", (_compared(b) for b in drawn.bars(persona)), width)],
        *([*_titled(title, [text], width)] for title, text in beside),
        [*wrapped(" ".join(_like(s.text) for s in persona.narrative), width)],
        [*_titled("In order", order, width)],
        [*_titled(words.visit_title(persona), words.visit(persona), width)],
        [*_titled(mixes_told.TITLE, (told for told, _ in drawn.just(persona)), width)],
        [*_titled(UNFIT_TITLE, unfit, width)],
        [*_titled("To watch", [watch[0]] if watch else [], width)],
        [*_titled(attempts.TITLE, drawn.to_try(persona), width)],
        [*wrapped(f"{UNKNOWN} {unknown}", width)] if (unknown := words.unknown_told(persona)) else [],
        [*_titled("Claims", (f"{c.id}  {_like(c.text)}" for c in persona.claims), width)],
        [*_titled("Guesses", (f"{c.id}  {c.text}" for c in persona.hypotheses), width)],
        [*_titled("Withdrawn", (f"{c.id}  {_like(c.text)} ({c.withdrawal})" for c in persona.withdrawn), width)],
    ]
    return _joined(parts)


def show_claim(claim: Claim, lines: Lines, width: int = WIDTH, just: str = "") -> str:
    """A claim, what was counted, its lines, and the lines against it; `just` is what its bar says of a mix."""
    against = claim.counter.lines if claim.counter else []
    state = claim.status if claim.status != "withdrawn" else f"withdrawn: {claim.withdrawal}"
    counted = (line for term, text in facts_of_claim(claim, just) for line in wrapped(f"{term}: {text}", width, "  "))
    parts = [
        [*wrapped(f"{claim.id}  {claim.text}", width), *wrapped(state, width)],
        list(counted),
        [*_lines("Lines for", claim.citations, lines, width)],
        [*_lines("Lines against", against, lines, width)],
    ]
    return _joined(parts)


def plain(text: str) -> str:
    """The text on one line, with every character that a terminal would act on, or hide, made visible."""
    return inert(" ".join(text.split()))


def wrapped(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Lines of at most `width` cells; all but the first begin with `indent`."""
    line = ""
    # A figure and its sign stay together.
    for word in plain(text).replace(" %", f"{NO_BREAK}%").split(" "):
        for piece in _pieces(word, width - len(indent)):
            if line and cells(line) + 1 + cells(piece) > width:
                yield line.replace(NO_BREAK, " ")
                line = indent + piece
            else:
                line = f"{line} {piece}" if line else piece
    if line:
        yield line.replace(NO_BREAK, " ")


def cells(text: str) -> int:
    """How many columns a text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


@lru_cache(maxsize=4_096)  # characters: more than the texts of a log are mostly written in
def _cells(ch: str) -> int:
    if unicodedata.combining(ch):
        return 0
    return 2 if unicodedata.east_asian_width(ch) in "WF" else 1


def _pieces(word: str, width: int) -> Iterator[str]:
    """The word, cut where it is longer than a line."""
    if cells(word) <= width:
        yield word
        return
    piece, taken = "", 0
    for ch in word:
        size = _cells(ch)
        if taken + size > width:
            yield piece
            piece, taken = "", 0
        piece, taken = piece + ch, taken + size
    yield piece


def _row(persona: Persona, column: str, width: int) -> Iterator[str]:
    share = persona.size.share_users
    full = "█" * round(BAR * min(1.0, share))
    mark = "(pattern only)" if persona.status == "pattern" else ""
    value = persona.size.share_value
    worth = f", {percent(value)} of value" if value is not None else ""
    leaning = f" + {persona.size.leaning:,} leaning" if persona.size.leaning else ""
    head = f"{persona.id:<4}{full or '▏':<{BAR}} {percent(share):>10}   {persona.size.users:,} users{leaning}{worth}"
    beside = f"{head}  {mark}" if mark and cells(head) + 2 + cells(mark) <= width else head
    yield beside
    last = drawn.to_do(persona, column)
    firm = ": ".join(part for part in drawn.firm(persona) if part)
    lines = [
        *([mark] if mark and beside == head else []),
        persona.label,
        firm,
        *([f"{column}: {last.whole}"] if last else []),
    ]
    for text in lines:
        yield from ("    " + line for line in wrapped(text, width - 4))


def _heading(text: str, width: int) -> Iterator[str]:
    heading = list(wrapped(text, width))
    yield from heading
    yield "─" * max(map(cells, heading), default=0)


def _compared(bar: drawn.DrawnBar) -> str:
    others = f", {bar.others}" if bar.others else ""
    return f"{bar.label}: {bar.whole}{others} [{bar.claim}]"


def _beside(bar: drawn.DrawnBar) -> str:
    return f"{bar.label}: {bar.here}{f' ({bar.others})' if bar.others else ''}"


def _like(text: str) -> str:
    return words.like_for_like(text)


def _titled(title: str, texts: Iterable[str], width: int) -> Iterator[str]:
    """A title and one item per text; nothing if there is none."""
    items = [line for text in texts for line in wrapped(f"- {text}", width - 2, "  ")]
    if items:
        yield title
        yield from ("  " + line for line in items)


def _lines(title: str, citations: list[Citation], lines: Lines, width: int) -> Iterator[str]:
    yield f"{title}: {len(citations) or 'none'}"
    for line in quote_lines(citations, lines):
        yield from ("  " + text for text in wrapped(_line(line), width - 2, "    "))


def _line(line: QuotedLine) -> str:
    quoted = f"“{line.text}”" if line.text else ""
    return "  ".join(part for part in (line.where, line.time, line.user, line.what, quoted) if part)


def _joined(parts: Iterable[list[str]]) -> str:
    text = "\n\n".join("\n".join(part) for part in parts if part)
    assert all(ch == "\n" or unicodedata.category(ch) not in HIDDEN for ch in text), "a text was not made plain"
    return text
