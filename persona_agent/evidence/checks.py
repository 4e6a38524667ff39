"""`check` for one claim: the same question again, without a model, and what differs.

In: a corpus, a claim as it was written, its group. Out: differences in plain words, none if the claim still stands.
Promises: numbers are compared at their printed rounding of 3 significant digits; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.measures import Measured, evaluate
from persona_agent.evidence.quantifiers import rounded, verdict
from persona_agent.ids import event_id
from persona_agent.schema import Citation, Claim


@dataclass(frozen=True)
class Difference:
    """`unresolved`: a cited line is not there; `changed`: its hash is another; `outside`: it is not the group's;
    `value`, `verdict`: the measure says something else now.
    """

    kind: Literal["unresolved", "changed", "outside", "value", "verdict"]
    says: str


def recompute(corpus: Corpus, claim: Claim, population: Population) -> list[Difference]:
    """Everything in which a claim and the log now differ; UnsupportedMeasure as `evaluate`."""
    found = _lines(corpus, claim.citations, population)
    if claim.counter:
        found += _lines(corpus, claim.counter.lines, None)
    if claim.measure is None:
        return found
    measured = evaluate(corpus, claim.measure, population)
    found += _values(claim, measured)
    label = verdict(claim.measure, measured)[0]
    # A label that comparing or judging has changed since (artefact, conflict) is not this measure's to repeat.
    if claim.truthfulness.label == "true" and label != "true":
        found.append(Difference("verdict", f"was true, is {label}"))
    return found


def _lines(corpus: Corpus, citations: Sequence[Citation], population: Population | None) -> list[Difference]:
    places = corpus.locate(citations)
    inside = corpus.inside([p[0] for p in places if p], population or Population())
    found = []
    for citation, place in zip(citations, places, strict=True):
        name = event_id(citation.file, citation.line, citation.n)
        if place is None:
            found.append(Difference("unresolved", f"{name} is not in the log"))
        elif place[1] != citation.hash:
            found.append(Difference("changed", f"{name} has changed since it was cited"))
        elif place[0] not in inside:
            found.append(Difference("outside", f"{name} is not this group's"))
    return found


def _values(claim: Claim, measured: Measured) -> list[Difference]:
    was = claim.truthfulness
    pairs = [
        ("value", was.value, measured.value),
        ("others", was.matched, measured.other.value if measured.other else None),
    ]
    found = [
        Difference("value", f"{name} was {rounded(old)}, is {rounded(new)}")
        for name, old, new in pairs
        if rounded(old) != rounded(new)
    ]
    if was.n != measured.n:
        found.append(Difference("value", f"n was {was.n:,}, is {measured.n:,}"))
    return found
