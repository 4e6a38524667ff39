"""What a brief is, and what it rests on: one true claim of a persona, its place in the log, a measure that says the brief.

In: a corpus, a dossier. Out: `BriefContext` (where briefs are made and tried) and `Brief`. Promises: which claims are taken is a
matter of hashes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from persona_agent.evidence import Corpus, Population, UnsupportedMeasure, result_of
from persona_agent.schema import Candidate, Dossier, Measure, Says, Truthfulness
from persona_agent.words.wording import printed


@dataclass(frozen=True)
class Base:
    """A true claim of the persona's dossier with its printed figures."""

    candidate: Candidate
    text: str
    value: float
    other: float | None

    @property
    def measure(self) -> Measure:
        return self.candidate.measure


@dataclass(frozen=True)
class Brief:
    """`say` is what the writer of words is told; `measure` says the same to code, None where no measure can."""

    kind: str
    say: str
    measure: Measure | None
    expected: tuple[str, ...]
    base: str


@dataclass(frozen=True)
class BriefContext:
    """One persona's place in its log."""

    corpus: Corpus
    group: int
    dossier: Dossier
    siblings: Sequence[Dossier]
    salt: str

    def label(self, measure: Measure) -> str:
        try:
            return result_of(self.corpus, measure, Population(self.group))[0].label
        except UnsupportedMeasure:
            return "not_checkable"

    def value(self, measure: Measure) -> float | None:
        return result_of(self.corpus, measure, Population(self.group))[0].value

    def order(self, *parts: object) -> str:
        return hashlib.sha256("\0".join(map(str, (self.salt, *parts))).encode()).hexdigest()

    def bases(self, *, fallen: bool = False, of: Dossier | None = None) -> list[Base]:
        """Claims with the figures of all members: a dossier's are of those that the groups were formed on."""
        dossier = of or self.dossier
        plain = [c for c in dossier.candidates if c.fallen == fallen and c.measure.unit != "memories"]
        found = [base_of(c, result_of(self.corpus, c.measure, Population(dossier.group))[0]) for c in plain]
        return sorted((b for b in found if b), key=lambda b: self.order(b.candidate.id))


def base_of(candidate: Candidate, r: Truthfulness) -> Base | None:
    if r.value is None:
        return None
    other = r.matched if r.matched is not None else r.raw
    text = candidate.template.replace("{value}", printed(candidate.measure, r.value))
    for slot, value in (("{matched}", r.matched), ("{raw}", r.raw), ("{n}", float(r.n))):
        text = text.replace(slot, printed(candidate.measure, value))
    return Base(candidate, text, r.value, other)


def saying(measure: Measure, *, alone: bool = False, **says: Any) -> Measure:
    """The measure with other words about its number; `alone` leaves the others out."""
    versus = None if alone else measure.versus
    return measure.model_copy(update={"says": Says(**says), "versus": versus})


def is_share(b: Base) -> bool:
    return b.measure.statistic == "share"


def figure(b: Base, value: float) -> str:
    return printed(b.measure, value)
