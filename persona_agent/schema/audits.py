"""What an audit asks a model for, and what it reports: other people's statements held against a log."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .claims import Citation, Counter, Replication, Truthfulness
from .drafts import WrittenMeasure
from .measures import Measure, Value

# `cannot_tell`: the log could show it, and what it has is too little either way; `not_testable`: no log of acts shows it;
# `no_statement`: it asserts nothing of users: a heading, an advice, a remark on method.
StatementOutcome = Literal[
    "supported", "contradicted", "artefact", "cannot_tell", "not_testable", "no_statement", "error"
]


class StatedPart(Value):
    """One thing that a statement asserts: its words, the question that decides it, the figure given for others, how many times
    as much as with others it is said to be, and whether a number may be `either` an average or a middle one.
    """

    words: str
    measure: WrittenMeasure
    others_value: float | None
    times_others: float | None
    either: bool


class Restatements(Value):
    """A statement as questions to a log. `of_them`: is it of the users that it is put to? `members` are numbers of users, or
    parts of all users, that the group is said to have; `beyond` the words that no log can decide, `unaskable` those that no
    measure says.
    """

    id: str
    of_them: bool
    parts: list[StatedPart]
    members: list[float]
    beyond: str
    unaskable: str


class StatedMeasures(Value):
    items: list[Restatements]


class Membership(Value):
    """Whom a persona is about: a question that picks its users, null if none can, and why."""

    id: str
    measure: WrittenMeasure | None
    why: str


class Memberships(Value):
    items: list[Membership]


class AuditedPart(Value):
    """A part with what its measure came to; `measure` is null where it could not be asked, and `result` says why, and where it
    speaks of how many users there are. `set_aside` is the same on three tenths of the users, drawn by code, against the others.
    """

    words: str
    measure: Measure | None
    others_value: float | None
    result: Truthfulness
    information_bits: float | None = None
    defines: bool = False
    set_aside: Replication | None = Field(default=None, exclude_if=lambda value: value is None)


class AuditedStatement(Value):
    """A statement with its outcome. `lines` show it, `counter` is the case against; `tells_nothing` marks what is as true
    of everybody else.
    """

    id: str
    text: str
    where: str
    under: str
    outcome: StatementOutcome
    reason: str
    parts: list[AuditedPart]
    beyond: str
    unaskable: str = Field(default="", exclude_if=lambda value: not value)
    lines: list[Citation]
    counter: Counter | None
    tells_nothing: bool = False


class AuditedPersona(Value):
    """`members` are the users that it was held against, and `how` says how they were found."""

    name: str
    members: int
    how: str
    membership: Measure | None
    statements: list[AuditedStatement]
    outcomes: dict[str, int]


class Audit(Value):
    """All personas of a file against a log. `skipped` is what of the file was not taken for a statement."""

    schema_version: int
    personas_file: str
    judged_by: str
    prompts: dict[str, str]
    users: int
    events: int
    personas: list[AuditedPersona]
    outcomes: dict[str, int]
    skipped: list[str]
    unasked: list[str]
    usage: dict[str, int]
