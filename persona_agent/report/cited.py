"""Cited lines as a report shows them.

`shown_lines` looks up every line that a `PersonaSet` cites, once, in the redacted events, and hands them in as `Lines`. A
line that is missing there is shown by its place alone, never left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from ..ids import event_id
from ..schema import Citation, Claim, Persona, PersonaSet
from ..words.english.grammar import plural

USER_CHARS = 8  # of a user's hash, enough to see that two lines are one user's


@dataclass(frozen=True, slots=True)
class CitedLine:
    """One event: `user` is a keyed hash, `time` a UTC text, the rest is redacted log text."""

    user: str
    time: str
    action: str
    object: str
    text: str


LineKey: TypeAlias = tuple[str, int, int]
Lines: TypeAlias = Mapping[LineKey, CitedLine]


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A cited line, ready to be shown."""

    where: str
    user: str
    time: str
    what: str
    text: str


def cited(personas: PersonaSet) -> set[LineKey]:
    """The lines that a report may show: those of claims, counters, journeys, sessions and contrasts."""
    return {key(c) for persona in personas.cards for c in _citations(persona)}


def key(citation: Citation) -> LineKey:
    return citation.file, citation.line, citation.n


def where(citation: Citation) -> str:
    return event_id(citation.file, citation.line, citation.n)


def quote_lines(citations: Iterable[Citation], lines: Lines) -> list[QuotedLine]:
    return [_shown(citation, lines.get(key(citation))) for citation in citations]


def _shown(citation: Citation, line: CitedLine | None) -> QuotedLine:
    if line is None:
        return QuotedLine(where(citation), "", "", "(not in events.parquet)", "")
    what = " · ".join(part for part in (line.action, line.object) if part)
    return QuotedLine(where(citation), line.user[:USER_CHARS], line.time, what, line.text)


def _citations(persona: Persona) -> Iterable[Citation]:
    yield from persona.contrasting
    for journey in persona.journeys:
        yield from journey.exemplar
    yield from persona.visit.lines if persona.visit else []
    for claim in [*persona.claims, *persona.hypotheses, *persona.withdrawn]:
        yield from _of_claim(claim)


def _of_claim(claim: Claim) -> Iterable[Citation]:
    yield from claim.citations
    yield from claim.counter.lines if claim.counter else []


def lines_for(claim: Claim, most: int) -> str:
    """“Lines for it: 20, of 136 users who do”, with how many of them are shown."""
    whole = f", of {_units(claim, claim.counter.n_support)} that do" if claim.counter and claim.measure else ""
    return f"Lines for it: {_many(len(claim.citations), most)}{whole}"


def lines_against(claim: Claim, most: int) -> str:
    """The same of the other side."""
    if claim.counter is None:
        return "Lines against it"
    whole = f", of {_units(claim, claim.counter.n_contra)} that do not" if claim.measure else ""
    return f"Lines against it: {_many(len(claim.counter.lines), most)}{whole}"


def _many(n: int, most: int) -> str:
    return f"{n}" if n <= most else f"{most} of {n}"


def _units(claim: Claim, n: int | None) -> str:
    unit = claim.measure.unit.removesuffix("s") if claim.measure else "line"
    if n is None:
        return f"{'fewer than five' if unit == 'user' else 'few'} {'memories' if unit == 'memorie' else f'{unit}s'}"
    return f"{n:,} {'memories' if unit == 'memorie' and n != 1 else plural(n, unit).partition(' ')[2]}"
