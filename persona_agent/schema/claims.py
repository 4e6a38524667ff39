"""A claim: a sentence, the measure behind it, the lines for and against, what was decided, and how far it has come."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from .measures import AlignmentLabel, ClaimKind, Measure, TruthLabel, Value
from .topics import Topic


class Citation(Value):
    """A line of the log that bears on a claim; `hash` is the record's, so that a changed line is noticed."""

    file: str
    line: int
    n: int
    hash: str
    relation: Literal["supports", "contradicts"]


class Counter(Value):
    """The case against: what it says, how many units are on either side (on a card in fives, null for fewer than five), and
    lines of the other side. `few`: the side on which fewer than five users stand, nobody included; not on a card.
    """

    says: str
    n_support: int | None
    n_contra: int | None
    lines: list[Citation]
    few: Literal["support", "contra"] | None = Field(default=None, exclude_if=lambda value: value is None)


class Alignment(Value):
    label: AlignmentLabel
    score: float | None
    reason: str


class Truthfulness(Value):
    """`value` with its `n` and 95 % interval `ci`; where fewer than five users do, or do not, `bound` says that the share is over
    or under `value`, and no more is told. `few` is the side that they are on over the whole log, in files that are not published.
    `pooled` is the share over units where `value` is a mean over users.

    Where a claim has `versus`: `matched` is the same statistic among comparable others, `raw` among all others, and
    `unmatched` the share of the members that have no comparable others. A claim that compares is cross-placed: members are placed
    by one half of their visits and `value`, `matched` and `raw` are of the other half, both ways; `n` are the users of two
    visits or more behind it, and `whole` is the value over all visits of all members.
    """

    label: TruthLabel
    score: float | None
    value: float | None
    bound: Literal["over", "under"] | None = Field(default=None, exclude_if=lambda value: value is None)
    few: Literal["over", "under"] | None = Field(default=None, exclude_if=lambda value: value is None)
    n: int
    ci: tuple[float, float] | None
    pooled: float | None = None
    matched: float | None = None
    raw: float | None = None
    unmatched: float | None = None
    whole: float | None = Field(default=None, exclude_if=lambda value: value is None)
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
    "redundant", "forgotten", "rejected", "error",
]  # fmt: skip


class Withdrawal(Value):
    """Why a claim does not stand. The label is that of the verdict or of its lines, or else `redundant` (another claim says
    it), `forgotten` (it fell with the lines of a user), `rejected` (by a person) or `error` (nobody could decide).
    """

    label: WithdrawalLabel
    why: str

    def __str__(self) -> str:
        return f"{self.label}: {self.why}"


State = Literal["proposed", "drafted", "judged", "settled"]
Form = Literal["users", "sessions", "lines", "things", "times", "number"]


class Claim(Value):
    """One claim, from code's proposal to the card. `state` says how far it has come:

    - `proposed`: code measured it on the users that groups were made from; it stands in a dossier (`ProposedClaim`);
    - `drafted`: a writer makes it and code has run it over all users, but a critic must still read its words;
    - `judged`: nobody has to read it any more, since code rendered its words, a critic has read them, or it fell;
    - `settled`: it has its lines, the case against it, and what other users say. Claims of a finished run are.

    `write.states` leads from one to the next. In every state a claim may be withdrawn, and `withdrawal` says why;
    `told` is what its writer is told of that, in its own words. `state`, `topic` and `told` are for the making of a run: no file
    holds them.
    """

    id: str = Field(pattern=r"^(p\d+|t)\.[ch]\d+$")
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
    state: State = Field(default="settled", exclude=True)
    topic: Topic | None = Field(default=None, exclude=True)
    told: str = Field(default="", exclude=True)

    @model_validator(mode="after")
    def _is_withdrawn_for_a_reason(self) -> Claim:
        if (self.status == "withdrawn") != (self.withdrawal is not None):
            raise ValueError("a withdrawn claim says why, and no other does")
        return self


NOT_READ = Alignment(label="none", score=None, reason="its lines have not been looked up")


class ProposedClaim(Claim):
    """A claim that code proposes to a writer: measured, with words for it.

    `short` names it in a label; `said` completes “most of them …” (users), “… of their sessions” (sessions), “… of the
    times that …” (times) or “… is 12” (number). One that a plain comparison would make and a fair one refutes is withdrawn
    as an artefact already: a draft lists it with its figures.
    """

    id: str = Field(default="", pattern=r"^([cq]\d+)?$")
    measure: Measure
    topic: Topic
    short: str
    said: str
    form: Form
    text: str = ""
    citations: list[Citation] = []
    counter: Counter | None = None
    alignment: Alignment = NOT_READ
    replication: Replications = Replications()
    status: Literal["accepted", "withdrawn", "hypothesis"] = "accepted"
    rounds: list[Round] = []
    judged_by: str = "code"
    state: State = "proposed"
