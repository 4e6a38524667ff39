"""What an audited document comes to: personas, each with its statements and their places.

Promises of `sentences`: nothing is lost, nothing is cut short; quoted parts and abbreviations are not cut.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...schema import Measure

ABBREVIATIONS = ("e.g.", "i.e.", "vs.", "approx.", "etc.", "no.")
SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"”’)]))\s+(?=[A-Z0-9“\"‘(])")


@dataclass(frozen=True)
class Statement:
    """One sentence or bullet: `id` is 1.3 for the third of the first persona, `under` the heading or key above it. `measure` is
    what decides it, where the document says so itself; `groups` are those that it names, of a sentence that is of no group's own.
    """

    id: str
    text: str
    where: str
    under: str = ""
    measure: Measure | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class StatedPersona:
    """One persona as somebody wrote it. `about` says who they are; `users` are its members where the document lists them."""

    name: str
    about: str
    users: tuple[str, ...] | None
    statements: tuple[Statement, ...]


@dataclass
class FoundPersona:
    """A persona while its document is read; `said` holds a text, its place and what it stands under, `measures` what is to be
    measured by the place of a text.
    """

    name: str
    about: list[str] = field(default_factory=list)
    users: tuple[str, ...] | None = None
    said: list[tuple[str, str, str]] = field(default_factory=list)
    measures: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def sentences(text: str) -> list[str]:
    """The sentences of a text, whitespace normalised."""
    found: list[str] = []
    for part in SENTENCE_END.split(spaced(text)):
        before = found[-1] if found else ""
        open_quote = before.count("“") > before.count("”") or before.count('"') % 2 == 1
        if found and (open_quote or before.lower().endswith(ABBREVIATIONS)):
            found[-1] = f"{before} {part}"
        elif part.strip():
            found.append(part.strip())
    return found


def spaced(text: str) -> str:
    """Without control characters, whitespace normalised."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
