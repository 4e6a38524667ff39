"""A persona and the set of them that a run leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from .changes import Since
from .claims import Citation, Claim
from .faces import AccountedFor, AllAtOnce, Card, Compared, FirstPage, HabitBeside, TopTenth, ToWatch, Try, Unplaced
from .findings import Findings
from .grids import Grid
from .how_much import HowMuch
from .k_choices import KChoice
from .measures import Facet, LogState, PersonaStatus, Value, Window
from .nouns import NounsOfLog
from .told_edits import EditTold
from .told_fields import HeldValue
from .told_tenth import TenthFigures
from .told_visits import Visit

SCHEMA_VERSION = 1  # of personas.json; it rises when a reader of the old one would go wrong

# What only some runs have is left out of the file by all others.
_given: Any = Field(default=None, exclude_if=lambda value: value is None)


class Sentence(Value):
    """A sentence and the claims that it rests on; slots like {p1.c1.value} and {size.users} are filled by code."""

    template: str
    text: str
    claim_ids: list[str]


class Size(Value):
    """How many are in a group, and lean to it; where accounts are the unit, `users` are accounts and `persons` behind them."""

    users: int
    share_users: float
    share_activity: float
    share_value: float | None
    persons: int | None = _given
    leaning: int = 0


class IntentShare(Value):
    intent: int
    share: float


class Journey(Value):
    steps: list[str]
    support: int
    exemplar: list[Citation]


class DeclaredValue(Value):
    value: str
    users: int


class Declared(Value):
    """A column that a person mapped as declared, counted over the members: values of as many as the floor; `other` have another
    value or none.
    """

    column: str
    values: list[DeclaredValue]
    other: int


class NotKnown(Value):
    facet: Facet | None
    text: str


class Period(Value):
    period: str
    users: int


class Scores(Value):
    """Plain means over a persona's claims, null where there is nothing to average."""

    claims: int
    alignment: float | None
    truthfulness: float | None
    information: float | None
    distinguishing: int
    facet_recall: float | None


class DraftedPublished(Value):
    drafted: Scores
    published: Scores


FIRM, FAIR, SOFT = 0.55, 0.35, 0.2  # of kappa: firm is more than half of what chance leaves open; conventions


class Firmness(Value):
    """Do members land in the same persona again by the other half of their own visits? Users of two visits or more are tested,
    by a model made of other users.

    `same` of those who are members by one half of their visits, the earlier or the later, are placed there by the other; `random`
    is the same by every other visit. `chance` is the persona's share among all that are placed, `kappa` = (same − chance) ÷
    (1 − chance), `low` the lower end of its 95 % interval, `null` the 95th percentile of it in logs whose visits were exchanged
    between users. `refits` is the mean best Jaccard with a persona found anew in 70 % of users (Hennig 2007). `word` by kappa.

    Of a given group it is how well the log tells it apart: `same` of its members are placed in it by half of their visits, and
    `chance` of everybody; `null` is of groups exchanged between users, and there is nothing to refit.
    """

    word: Literal["firm", "fair", "soft", "none"]
    same: float | None
    chance: float | None
    kappa: float | None
    low: float | None
    random: float | None
    null: float | None
    refits: float | None
    tested: int
    members: int

    @property
    def of_given(self) -> bool:
        """Is it of a group that was given?"""
        return self.same is not None and self.refits is None


class Persona(Value):
    """`tension` is the claim that fits the picture least, `misreading` what a reader of the name would take for granted and it
    shows not to be so, in a model's words. `top_five` is the share of the group's value that its five largest users bring, where
    it is so large that figures hang on them. `trial` is what a trial with the group would watch, where nothing is suggested.
    `named` is what stands beside a `label` that a person gave: once on the card and once for the page. `how_much`
    is there where members of a given group are there more, or less, than others.
    """

    id: str = Field(pattern=r"^(p\d+|t)$")
    status: PersonaStatus
    reasons: list[str]
    label: str
    named: str = Field(default="", exclude_if=lambda mark: not mark)
    one_liner: Sentence
    narrative: list[Sentence]
    size: Size
    stability: float | None
    firmness: Firmness | None = _given
    how_much: HowMuch | None = _given
    intents: list[IntentShare]
    face: list[str]
    tension: str | None
    misreading: str | None = _given
    contrasting: list[Citation]
    sizes_over_time: list[Period]
    claims: list[Claim]
    hypotheses: list[Claim]
    withdrawn: list[Claim]
    journeys: list[Journey]
    visit: Visit | None = _given
    top_five: float | None = _given
    declared: list[Declared] = []
    not_known: list[NotKnown]
    suggestion: Try | None = _given
    trial: ToWatch | None = _given
    scores: DraftedPublished
    card: Card | None = _given

    @property
    def called(self) -> str:
        """The name with its mark behind it, for where no page stands around it."""
        return f"{self.label} ({self.named})" if self.named else self.label


class TenthCard(Value):
    """The card about the tenth of users who bring in most, who are members of personas as well, and what is counted of them."""

    persona: Persona
    figures: TenthFigures


class Chosen(Value):
    """The persona that an editor would try something with first, and why."""

    persona: str
    reason: Sentence


class Edited(Value):
    """What an editor wrote over all cards and a critic let stand, for the first page: its sentences by place (1 to 3), what the
    set does not support, and what to try `first`, where that is not left to code. Slots name a persona ({p2.c4.value},
    {p2.size.users}) or the set ({set.users}).
    """

    sentences: dict[int, Sentence]
    unsupported: list[str]
    first: Chosen | None = _given

    def worded(self, change: Callable[[str], str]) -> Edited:
        """The same with every text changed, as where a name in it became another."""

        def again(s: Sentence) -> Sentence:
            return s.model_copy(update={"template": change(s.template), "text": change(s.text)})

        first = self.first and self.first.model_copy(update={"reason": again(self.first.reason)})
        told = {place: again(s) for place, s in self.sentences.items()}
        return self.model_copy(
            update={"sentences": told, "unsupported": [change(text) for text in self.unsupported], "first": first}
        )


class IsItJust(Value):
    field: str
    ami: float


class Intent(Value):
    id: int
    label: str
    users: int
    memories: int
    xy: tuple[float, float]


class GroupPoint(Value):
    persona_id: str
    xy: tuple[float, float]


class Coverage(Value):
    """Shares of users, of activity and (where given) of value that are in shown personas; `leaning` of users who lean to one."""

    users: float
    activity: float
    value: float | None
    leaning: float = 0.0


class Question(Value):
    """What the run was asked: whether the log can speak to it, in words, and the claims that do, most to the point first.
    `unknown` are words of the question that nothing in the log is named like.
    """

    text: str
    answer: str
    claims: list[str]
    unknown: list[str]


class Provenance(Value):
    """`lowered` says which protections of people a person turned down for this run."""

    models: dict[str, str]
    prompt_versions: dict[str, str]
    seed: int
    ledger: dict[str, float]
    redaction: dict[str, int]
    self_judged: bool
    notes: list[str] = []
    lowered: list[str] = []


class Ungrouped(Value):
    """Why a log does not fall into groups: too `few_returned` to test, `nothing_returns` of what they do in their other visits,
    or the `halves_disagree` on where a user belongs, beyond chance. `tested` users have visits enough for the test.
    """

    why: Literal["few_returned", "nothing_returns", "halves_disagree"]
    tested: int


class Given(Value):
    """Groups that were given, not found: what they are groups `by`, in words; what by the log they are `made_of`; the group that
    others are held `against`; the `day` of an outcome, up to which all are looked at; whether each has a day of their own; the
    names of those that are too `small` to be described.
    """

    by: str
    made_of: list[str] | None = _given
    against: str | None = _given
    day: str | None = _given
    own_days: bool = False
    small: list[str] | None = _given

    @property
    def is_outcome(self) -> bool:
        """Is behaviour before a date held against what came after it?"""
        return self.own_days or self.day is not None


class PersonaSet(Value):
    """All of a run. `unit` is there where users are accounts, `staff` where they are people at work: it says what shows that.
    `nouns` are there where texts call people, visits or lines otherwise, `grids` where they were asked for, `findings` where
    something was found, `given` where groups were given, `since` where a run before was named, `edits` where a person changed a
    page, `ungrouped` where no groups were found, `unplaced` where groups were found and somebody is in none, `top_tenth` and
    `accounted` where users are many enough, `tenth` where those weigh enough for a card, `habits` where some are kept beside
    personas, `held` where these differ in a field of the user, `same_time` where comparable others came in the same quarter or
    year, since too few came in a month.
    """

    schema_version: int = SCHEMA_VERSION
    run_id: str
    window: Window
    counts: dict[str, int]
    coverage: Coverage
    state: LogState
    k_choice: KChoice | None
    is_it_just: list[IsItJust]
    by: Literal["users", "intents"]
    unit: Literal["account"] | None = _given
    nouns: NounsOfLog | None = _given
    staff: str | None = _given
    noun: Literal["persona", "occasion"]
    intents: list[Intent]
    groups_xy: list[GroupPoint]
    not_known: list[NotKnown]
    everyone: Persona | None
    question: Question | None = None
    provenance: Provenance
    personas: list[Persona]
    edited: Edited | None = _given
    first_page: FirstPage | None = _given
    compared: list[Compared] | None = _given
    grids: list[Grid] | None = _given
    findings: Findings | None = _given
    since: Since | None = _given
    given: Given | None = _given
    same_time: Literal["quarter", "year"] | None = _given
    edits: list[EditTold] | None = _given
    ungrouped: Ungrouped | None = _given
    unplaced: Unplaced | None = _given
    top_tenth: TopTenth | None = _given
    accounted: AccountedFor | None = _given
    all_at_once: AllAtOnce | None = _given
    tenth: TenthCard | None = _given
    habits: list[HabitBeside] | None = _given
    held: list[HeldValue] | None = _given

    @property
    def cards(self) -> list[Persona]:
        """Every card of the run, whether shown or withheld: personas, the page about everyone, the tenth that brings in most."""
        return [*self.personas, *([self.everyone] if self.everyone else []), *self.tenths]

    @property
    def tenths(self) -> list[Persona]:
        """The card about the tenth that brings in most, where there is one."""
        return [self.tenth.persona] if self.tenth else []
