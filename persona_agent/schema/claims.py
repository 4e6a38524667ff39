"""A claim: a sentence, the measure behind it, the lines for and against, and what was decided."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .measures import AlignmentLabel, ClaimKind, Measure, Model, TruthLabel


class Citation(Model):
    """A line of the log that bears on a claim; `hash` is the record's, so that a changed line is noticed."""

    file: str
    line: int
    n: int
    hash: str
    relation: Literal["supports", "contradicts"]


class Counter(Model):
    """The case against: what it says, how many units are on either side, and lines of the other side."""

    says: str
    n_support: int
    n_contra: int
    lines: list[Citation]


class Alignment(Model):
    label: AlignmentLabel
    score: float | None
    reason: str


class Truthfulness(Model):
    """`value` with its `n` and 95 % interval `ci`; `pooled` is the share over units where `value` is a mean over users.

    Where a claim has `versus`: `matched` is the same statistic among comparable others, `raw` among all others, and
    `unmatched` the share of the members that have no comparable others.
    """

    label: TruthLabel
    score: float | None
    value: float | None
    n: int
    ci: tuple[float, float] | None
    pooled: float | None = None
    matched: float | None = None
    raw: float | None = None
    unmatched: float | None = None
    reason: str


class Replication(Model):
    holds: bool
    value: float | None
    matched: float | None
    n: int


class Replications(Model):
    held_out: Replication | None = None
    last_quarter: Replication | None = None


class Round(Model):
    text: str
    findings: list[str]


class HypothesisTest(Model):
    rival: str
    how_to_test: str


class Claim(Model):
    id: str = Field(pattern=r"^p\d+\.[ch]\d+$")
    kind: ClaimKind
    template: str
    text: str
    measure: Measure | None
    by_construction: bool
    citations: list[Citation]
    counter: Counter | None
    alignment: Alignment
    truthfulness: Truthfulness
    information_bits: float | None
    replication: Replications
    status: Literal["accepted", "withdrawn", "hypothesis"]
    reason: str = ""
    rounds: list[Round]
    judged_by: str
    hypothesis: HypothesisTest | None = None
