"""What a writer may know of a group, and what a writer returns.

A dossier names lines e1…en and no user, path or hash. `candidates` are claims that code has measured already; a draft
points at them by id, so a writer never counts and never writes a number.
"""

from __future__ import annotations

from .claims import HypothesisTest, Truthfulness
from .measures import ClaimKind, Facet, LogState, Measure, Model
from .personas import IntentShare, Size


class Candidate(Model):
    """A claim that holds: its measure with what it says, its words with slots, and what running it gave.

    `topic` is what the claim is about, for choosing claims that differ; `short` names it in a label (acts only).
    """

    id: str
    kind: ClaimKind
    topic: str
    short: str
    template: str
    measure: Measure
    by_construction: bool
    result: Truthfulness
    information_bits: float | None


class Dossier(Model):
    """One group as a writer sees it. `facets` are those that this log can show at all; `formed_by` says in words what
    the group was made from; `intents` are the group's, largest first, with labels in `intent_labels`.
    """

    group: int
    state: LogState
    noun: str
    size: Size
    formed_by: list[str]
    intents: list[IntentShare]
    intent_labels: dict[int, str]
    facets: list[Facet]
    candidates: list[Candidate]
    outside_intents: float


class DraftSentence(Model):
    """A sentence with slots ({c1.value}, {size.users}, …) and the candidates that it rests on."""

    template: str
    claim_ids: list[str]


class DraftHypothesis(Model):
    text: str
    rests_on: list[str]
    test: HypothesisTest


class Draft(Model):
    """What a writer returns: candidates chosen by id, words around them, nothing counted."""

    label: str
    one_liner: DraftSentence
    narrative: list[DraftSentence]
    claims: list[str]
    face: list[str]
    tension: str | None
    hypotheses: list[DraftHypothesis]
    not_known: list[str]
