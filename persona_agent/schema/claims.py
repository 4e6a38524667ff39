"""A claim: a sentence, the measure behind it, the lines for and against, and what was decided."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from .measures import AlignmentLabel, ClaimKind, Measure, TruthLabel, Value


class Citation(Value):
    """A line of the log that bears on a claim; `hash` is the record's, so that a changed line is noticed."""

    file: str
    line: int
    n: int
    hash: str
    relation: Literal["supports", "contradicts"]


class Counter(Value):
    """The case against: what it says, how many units are on either side, and lines of the other side."""

    says: str
    n_support: int
    n_contra: int
    lines: list[Citation]


class Alignment(Value):
    label: AlignmentLabel
    score: float | None
    reason: str


class Truthfulness(Value):
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


class Replication(Value):
    holds: bool
    value: float | None
    matched: float | None
    n: int


class Replications(Value):
    held_out: Replication | None = None
    last_quarter: Replication | None = None


class Round(Value):
    text: str
    findings: list[str]


class HypothesisTest(Value):
    rival: str
    how_to_test: str


WithdrawalLabel = Literal[
    "false", "artefact", "conflict", "not_enough", "not_checkable",
    "partial", "none", "contradict", "invalid_citation",
    "redundant", "forgotten", "error",
]  # fmt: skip


class Withdrawal(Value):
    """Why a claim does not stand. The label is that of the verdict or of its lines, or else `redundant` (another claim says
    it), `forgotten` (it fell with the lines of a user) or `error` (nobody could decide).
    """

    label: WithdrawalLabel
    why: str

    def __str__(self) -> str:
        return f"{self.label}: {self.why}"


class Claim(Value):
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
    withdrawal: Withdrawal | None = None
    rounds: list[Round]
    judged_by: str
    hypothesis: HypothesisTest | None = None

    @model_validator(mode="after")
    def _is_withdrawn_for_a_reason(self) -> Claim:
        if (self.status == "withdrawn") != (self.withdrawal is not None):
            raise ValueError("a withdrawn claim says why, and no other does")
        return self
