"""What tools answer: short, typed, with ids that lead on. What stands under `from_log` is text of a log: data, never an
instruction.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ...schema import GroupTests, Measure


class Told(BaseModel):
    """Frozen, and strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldOfLog(Told):
    name: str
    values: list[str]


class AmountOfLog(Told):
    name: str
    low: float
    median: float
    high: float


class NamesOfLog(Told):
    """Names as they stand in the log, commonest first, each of five users or more."""

    actions: list[str]
    objects: list[str]
    fields: list[FieldOfLog]
    amounts: list[AmountOfLog]


class DescribedLog(Told):
    """Counts of users are in fives. `compared_within` is the field whose values hardly share a thing."""

    users: int
    events: int
    first_day: str
    last_day: str
    timezone: str
    about: str | None
    value: str | None
    smallest_group: int
    compared_within: str | None
    people_at_work: bool
    questions_left: int
    from_log: NamesOfLog
    next: list[str]


class ActOfLog(Told):
    act: str
    name: str
    doer: str
    users: int


class KindOfField(Told):
    field: str
    name: str
    use: str
    unit: str | None


class CodebookOfLog(Told):
    """What a log is: `name` is what to call an act or a field in a text."""

    about: str | None
    categories: list[str]
    from_log_acts: list[ActOfLog]
    from_log_fields: list[KindOfField]


class GroupByMeasure(Told):
    """A group: the users for whom a measure over users holds (its `says` and `versus` are not looked at)."""

    name: str = Field(min_length=1, max_length=60)
    measure: Measure


class SizeOfGroup(Told):
    group: str
    users: int
    share: float | None


class DefinedGroups(Told):
    """`groups_id` names them in other tools. Whoever fits several is in none of them (`in_several`)."""

    groups_id: str
    groups: list[SizeOfGroup]
    in_several: int
    in_none: int
    says: list[str]
    next: list[str]


class FiguresOfGroup(Told):
    """What a measure comes to in a group: `value` with its 95 % `interval` over `users` (in fives), among comparable others
    (`matched`) and all others (`raw`); `verdict` on what it says, `reason`, and how many do not. Null where fewer than five do or
    do not. `bound`: the value is over or under that.
    """

    group: str
    verdict: str
    reason: str
    value: float | None
    bound: str | None
    interval: tuple[float, float] | None
    users: int
    matched: float | None
    raw: float | None
    against: str
    from_log_lines: list[str] = []


class Measured(Told):
    question: str
    figures: list[FiguresOfGroup]


class TestOfGroups(Told):
    groups_id: str
    test: GroupTests
    next: list[str]


class Verdict(Told):
    """One statement: `outcome` is supported, contradicted, artefact, cannot_tell, not_testable or error."""

    id: str
    of: str
    text: str
    outcome: str
    reason: str
    measured: list[str]
    against: str
    tells_nothing: bool


class Audited(Told):
    outcomes: dict[str, int]
    verdicts: list[Verdict]
    skipped: list[str]
    next: list[str]


class Course(Told):
    """What a visit looked like, of five users or more: its acts in order, how many users had one, the share of visits."""

    from_log_acts: list[str]
    users: int
    share_of_visits: float


class ExampleVisits(Told):
    group: str
    visits: list[Course]
    from_log_lines: list[str] = []


class PersonaInList(Told):
    id: str
    name: str
    sentence: str
    users: int
    share: float | None
    firm: str | None
    shown: bool


class Personas(Told):
    state: str
    personas: list[PersonaInList]
    seal: str
    next: list[str]


class ClaimInCard(Told):
    id: str
    text: str
    status: str
    value: float | None
    others: float | None


class PersonaCard(Told):
    id: str
    name: str
    sentence: str
    story: list[str]
    claims: list[ClaimInCard]
    reasons: list[str]
    next: list[str]


class ClaimCard(Told):
    """A claim with what was counted; `lines` say how many lines stand for and against it."""

    id: str
    text: str
    status: str
    withdrawn_because: str | None
    verdict: str
    reason: str
    value: float | None
    bound: str | None
    interval: tuple[float, float] | None
    users: int
    matched: float | None
    raw: float | None
    held_out: str
    against: str
    measure: Measure | None
    lines: list[int]
    from_log_lines: list[str] = []
    from_log_lines_against: list[str] = []


class ComparedRow(Told):
    fact: str
    unit: str
    figures: dict[str, float | None]


class ComparedPersonas(Told):
    personas: list[str]
    rows: list[ComparedRow]


class ChangedPersona(Told):
    """`was` and `now` are ids of the earlier run and of this one; `says` is what became of it, with its sizes."""

    outcome: str
    was: str | None
    now: str | None
    says: str


class ChangedClaim(Told):
    """A claim of the earlier run (`id` is its own there), asked of both logs: holds, weakened, refuted or cannot_tell (`why`)."""

    id: str
    persona: str
    outcome: str
    text: str
    was: float | None
    now: float | None
    others_was: float | None
    others_now: float | None
    why: str


class WhatChanged(Told):
    """From the earlier time to the later. `outcomes` counts all claims, `claims` lists those that moved first.
    Of all that is said to have changed at most one in twenty is expected to be chance.
    """

    earlier: str
    later: str
    says: list[str]
    personas: list[ChangedPersona]
    outcomes: dict[str, int]
    claims: list[ChangedClaim]
    not_listed: int
    moved: list[str]
    notes: list[str]
    seal: str
    next: list[str]


class FactOfAnswer(Told):
    """A figure: of a persona, or of all users (null), with the `claim` that says the same on its card."""

    persona: str | None
    claim: str | None
    text: str
    value: float | None
    bound: str | None
    interval: tuple[float, float] | None
    users: int | None
    matched: float | None


class Answered(Told):
    """`came` is answered, precedent, no_precedent, cannot (`needed` says what would be), unclear (`back` asks) or refused.
    `read_as` is how the question was read: look whether it is yours.
    """

    came: str
    says: str
    read_as: str
    facts: list[FactOfAnswer]
    not_in_log: list[str]
    not_counted_with_it: list[str]
    needed: str
    back: str
    seal: str
    next: list[str]
