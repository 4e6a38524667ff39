"""`check` for one claim: the same question again, without a model, and what differs.

In: a corpus, a claim as it was written, its group. Out: differences in plain words, none if the claim still stands.
Promises: numbers are compared as they are published; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..ids import event_id
from ..schema import Bar, Citation, Claim, Measure, Replication, Standardised
from ..words.floors import published_mix, published_replications, published_truth
from .answers import Measured
from .corpus import Corpus, Population
from .evaluation import evaluate
from .quantifiers import rounded, verdict
from .replication import replicate
from .standardising import standardised
from .verdicts import truthfulness


@dataclass(frozen=True)
class Difference:
    """`unresolved`: a cited line is not there; `changed`: its hash is another; `outside`: it is not the group's;
    `value`, `verdict`, `replication`, `mix`: the measure says something else now.
    """

    kind: Literal["unresolved", "changed", "outside", "value", "verdict", "replication", "mix"]
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
    return found + _replications(corpus, claim, claim.measure, population)


def recompute_mix(corpus: Corpus, claim: Claim, bar: Bar, population: Population) -> list[Difference]:
    """What a bar says of the group's mix, where it is not what the log says now; figures alone, no words."""
    measure, was = bar.measure or claim.measure, _mix(bar.standardised)
    if measure is None:
        return []
    now = _mix(published_mix(standardised(corpus, measure, population), bar.truth or claim.truthfulness))
    return [] if was == now else [Difference("mix", f"with the group's mix others were {was}, are {now}")]


def _mix(found: Standardised | None) -> str:
    if found is None:
        return "not told"
    part = f"{found.explained:.2f} of the difference, {found.low:.2f} to {found.high:.2f}"
    return f"{rounded(found.expected)} by {found.field} ({part}: {found.verdict}; of {', '.join(found.looked)})"


def _replications(corpus: Corpus, claim: Claim, measure: Measure, population: Population) -> list[Difference]:
    was = claim.replication
    if was.held_out is None and was.last_quarter is None:
        return []
    now = published_replications(
        replicate(corpus, measure, population), measure, bounded=claim.truthfulness.bound is not None
    )
    pairs = [("held-out users", was.held_out, now.held_out), ("the last quarter", was.last_quarter, now.last_quarter)]
    return [
        Difference("replication", f"on {where} it was {_again(old)}, is {_again(new)}")
        for where, old, new in pairs
        if _again(old) != _again(new)
    ]


def _again(found: Replication | None) -> str:
    if found is None:
        return "not asked"
    return f"{rounded(found.value)} of {found.n:,} users and {'holds' if found.holds else 'does not hold'}"


def _lines(corpus: Corpus, citations: Sequence[Citation], population: Population | None) -> list[Difference]:
    inside = corpus.people.mask(population or Population())
    found = []
    for citation, place in zip(citations, corpus.locate(citations), strict=True):
        name = event_id(citation.file, citation.line, citation.n)
        if place is None:
            found.append(Difference("unresolved", f"{name} is not in the log"))
        elif place.hash != citation.hash:
            found.append(Difference("changed", f"{name} has changed since it was cited"))
        elif not inside[place.user]:
            found.append(Difference("outside", f"{name} is not this group's"))
    return found


def _values(claim: Claim, measured: Measured) -> list[Difference]:
    """What is printed, against what would be printed now."""
    was = claim.truthfulness
    now = published_truth(truthfulness(measured, was.label, was.reason), claim.measure)
    pairs = [
        ("value", was.value, now.value),
        ("comparable others", was.matched, now.matched),
        ("all others", was.raw, now.raw),
        ("over the whole log", was.whole, now.whole),
    ]
    found = [
        Difference("value", f"{name} was {rounded(old)}, is {rounded(new)}")
        for name, old, new in pairs
        if rounded(old) != rounded(new)
    ]
    if was.bound != now.bound:
        found.append(Difference("value", f"it was told as {was.bound or 'a figure'}, is {now.bound or 'a figure'}"))
    if was.n != now.n:
        found.append(Difference("value", f"n was {was.n:,}, is {now.n:,}"))
    return found
