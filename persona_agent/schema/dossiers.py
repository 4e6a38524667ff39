"""What a writer may know of a group.

A dossier names lines e1…en, users u1…un and no path or hash. `candidates` are claims that code has measured already; a
draft points at them by id, so a writer never counts and never writes a number.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer

from .claims import Form, ProposedClaim, Truthfulness, Withdrawal
from .measures import ClaimKind, Facet, LogState, Measure, Value
from .personas import IntentShare, Size
from .topics import Topic

EVERYONE = -1  # the number of the group that all users are in
TENTH = -2  # of the tenth who bring in most, who are in other groups as well
TENTH_ID = "t"  # of their card and, before a dot, of its claims: t.c1


class CandidateRow(Value):
    """A proposed claim as dossiers.json has it; `fallen` if it is withdrawn, as an artefact always."""

    id: str
    kind: ClaimKind
    topic: Topic
    short: str
    said: str
    form: Form
    template: str
    measure: Measure
    by_construction: bool
    result: Truthfulness
    information_bits: float | None
    fallen: bool = False

    @classmethod
    def of(cls, claim: ProposedClaim) -> CandidateRow:
        same = {name: getattr(claim, name) for name in cls.model_fields if name not in ("result", "fallen")}
        return cls(**same, result=claim.truthfulness, fallen=claim.withdrawal is not None)

    def claim(self) -> ProposedClaim:
        same = {name: getattr(self, name) for name in type(self).model_fields if name not in ("result", "fallen")}
        fell = Withdrawal(label="artefact", why=self.result.reason) if self.fallen else None
        status = "withdrawn" if fell else "accepted"
        return ProposedClaim(**same, truthfulness=self.result, status=status, withdrawal=fell)


def _read(given: Any) -> ProposedClaim:
    return given if isinstance(given, ProposedClaim) else CandidateRow.model_validate(given).claim()


Candidate = Annotated[ProposedClaim, BeforeValidator(_read), PlainSerializer(CandidateRow.of)]


class Related(Value):
    """Two candidates that are much the same people: the absolute correlation of their users' answers."""

    one: str
    other: str
    overlap: float


class ToldStep(Value):
    """A step of a visit as it may be told; `minutes` stand in dossiers of older runs."""

    text: str
    minutes: int | None = None


class ToldSession(Value):
    """A visit in order: the part of the day at which the group usually comes, and its steps."""

    when: str
    steps: list[ToldStep]


class ShownLine(Value):
    """A line of the log as a prompt shows it: e1…en, by user u1…un; things and texts that few users share are left out."""

    id: str
    user: str
    when: str
    action: str
    object: str | None
    text: str | None


class Amount(Value):
    """A numeric property: its name, the 10th, 50th and 90th percentile of its values, and whether it holds parts of one."""

    name: str
    low: float
    median: float
    high: float
    in_parts: bool = Field(default=False, exclude_if=lambda told: not told)


class FieldValues(Value):
    name: str
    values: list[str]


class Vocabulary(Value):
    """What can be asked of a log: the names that stand in it, commonest first. The same for all groups of a run. `themes` are
    what objects were sorted by where no field of the log sorts them; `places` are fields (a store, a device) of which only
    whether it is that of the visit before can be asked.
    """

    timezone: str
    first_day: str
    last_day: str
    actions: list[str]
    objects: list[str]
    amounts: list[Amount]
    fields: list[FieldValues]
    value: str | None
    themes: list[str] = Field(default=[], exclude_if=lambda themes: not themes)
    places: list[str] = Field(default=[], exclude_if=lambda places: not places)


class Dossier(Value):
    """One group as a writer sees it. `facets` are those that this log can show at all; `formed_by` says in words what
    the group was made from; `intents` are the group's, largest first, with labels in `intent_labels`; `related` pairs
    candidates that say much the same; `told` is one real session and `acts` are the group's commonest, as a reader would
    spell them. `lines` are examples of what members did, `others` is in a sentence each what the other groups are about.
    `question` is what the run was asked, and `asked` are the candidates that speak to it.
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
    related: list[Related]
    told: ToldSession | None
    acts: list[str]
    outside_intents: float
    lines: list[ShownLine] = []
    others: list[str] = []
    question: str | None = None
    asked: list[str] = []
