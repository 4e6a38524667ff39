"""What a writer may know of a group.

A dossier names lines e1…en, users u1…un and no path or hash. `candidates` are claims that code has measured already; a
draft points at them by id, so a writer never counts and never writes a number.
"""

from __future__ import annotations

from typing import Literal

from .claims import Truthfulness
from .measures import ClaimKind, Facet, LogState, Measure, Value
from .personas import IntentShare, Size
from .topics import Topic

EVERYONE = -1  # the number of the group that all users are in
Form = Literal["users", "sessions", "times", "number"]


class Candidate(Value):
    """A claim that holds: its measure with what it says, its words with slots, and what running it gave.

    `topic` is what the claim is about, for choosing claims that differ; `short` names it in a label (acts only); `said`
    completes “most of them …” (users), “… of their sessions” (sessions), “… of the times that …” (times) or “… is 12”
    (number). `fallen` marks what a
    plain comparison would claim and a fair one refutes: a draft lists it, and it is withdrawn with its figures.
    """

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


class Related(Value):
    """Two candidates that are much the same people: the absolute correlation of their users' answers."""

    one: str
    other: str
    overlap: float


class ToldStep(Value):
    """A step of a session as it may be told: the time of the first one as a part of the day, no names, no dates."""

    text: str
    minutes: int


class ToldSession(Value):
    """One session in order: the weekday and part of the day at which it began, and its steps."""

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
    """A numeric property: its name, and the 10th, 50th and 90th percentile of its values."""

    name: str
    low: float
    median: float
    high: float


class FieldValues(Value):
    name: str
    values: list[str]


class Vocabulary(Value):
    """What can be asked of a log: the names that stand in it, commonest first. The same for all groups of a run."""

    timezone: str
    first_day: str
    last_day: str
    actions: list[str]
    objects: list[str]
    amounts: list[Amount]
    fields: list[FieldValues]
    value: str | None


class Dossier(Value):
    """One group as a writer sees it. `facets` are those that this log can show at all; `formed_by` says in words what
    the group was made from; `intents` are the group's, largest first, with labels in `intent_labels`; `related` pairs
    candidates that say much the same; `told` is one real session and `acts` are
    the group's commonest, as a reader would spell them; `place` is the group's among its siblings, so that no
    two cards need read alike. `lines` are examples of what members did, `others` is in a sentence each what the other
    groups are about. `question` is what the run was asked, and `asked` are the candidates that speak to it.
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
    place: int = 0
    lines: list[ShownLine] = []
    others: list[str] = []
    question: str | None = None
    asked: list[str] = []
