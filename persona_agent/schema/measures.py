"""A measure: a typed question to the whole log. No text of it ever becomes SQL."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Unit = Literal["users", "sessions", "memories", "events", "things"]
Statistic = Literal["share", "median", "cadence", "trend", "sum", "distinct"]
Comparator = Literal["at_least", "at_most", "about", "equals", "more_than_others", "less_than_others", "as_others"]
Quantifier = Literal[
    "all", "almost_all", "n_in_ten", "most", "half", "a_third", "few", "hardly_any", "none",
    "usually", "often", "sometimes", "rarely",
]  # fmt: skip
FeatureName = Literal[
    "active_days",
    "span_days",
    "n_events",
    "n_objects",
    "repeat_share",
    "steps_per_session",
    "share_of_events",
    "median_of",
    "total_of",
]
ClaimKind = Literal["behaviour", "preference", "rhythm", "friction", "journey", "goal_hypothesis"]
Facet = Literal["behaviour", "preference", "rhythm", "friction", "journey"]
AlignmentLabel = Literal["full", "partial", "none", "contradict", "invalid_citation", "error"]
TruthLabel = Literal["true", "false", "artefact", "conflict", "not_enough", "not_checkable", "error"]
PersonaStatus = Literal["published", "pattern", "withheld"]
LogState = Literal["none", "groups"]

FACETS: tuple[Facet, ...] = ("behaviour", "preference", "rhythm", "friction", "journey")
# What is said of others; the first two set a group apart from them.
APART = frozenset({"more_than_others", "less_than_others"})
COMPARISONS = APART | {"as_others"}
NUMERIC_FIELDS = frozenset({"hour", "weekday", "month"})
# What a line is to its user's visits, yes or no.
OF_VISITS = frozenset({"opens_visit", "met_before", "met_last"})
SAME_AMOUNT = "same "  # before a numeric field: is there as much of it as the last time?
KEPT = "kept "  # before a property: is its value in the visit that of the visit before?
_PROPERTY = r"properties\.[^\x00-\x1f\"]{1,100}"
_NUMBER = rf"(value|{_PROPERTY})"
CONDITION_FIELD = re.compile(
    r"(action|object|text|theme|hour|weekday|month|date|opens_visit|met_before|met_last"
    rf"|{SAME_AMOUNT}{_NUMBER}|{KEPT}{_PROPERTY}|{_PROPERTY})"
)
MADE_OF = ("total ", "relative ", "biggest ")  # what stands before the numeric field that a unit's number is made of
OF = rf"^(matches|things|gap|minutes|((total|relative|biggest) )?{_NUMBER})$"
VERSUS = r"^(everyone_else|matched|within (action|object|properties\.[^\x00-\x1f\"]{1,100}))$"


class Value(BaseModel):
    """Frozen, and strict about keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def is_held_against_before(field: str) -> bool:
    """Does a condition on it ask whether something is as the last time?"""
    return field.startswith((SAME_AMOUNT, KEPT))


class Condition(Value):
    """One test on one field of an event. `between` is inclusive; hours and weekdays wrap (22 to 3 is a night).

    `hour` 0 to 23, `weekday` 1 (Monday) to 7, `month` 1 to 12 and `date` (ISO days) are in the run's time zone. `opens_visit`
    is yes for the first event of a session, else no; `met_before` is yes where the user had met the object in an earlier
    session, else no, and there is none in a user's first session; `met_last` is the same of the session just before.
    `same properties.x` is yes where the user's total of
    x on the object in the session, by the same action, is what it was the last time, else no, and there is none the first time.
    `kept properties.x` is yes where the session's value of x (its first) is that of the user's session before that has one, else
    no, and there is none in the first such session.
    `theme` is what the object was sorted by, where no field of
    the log sorts objects. Text is compared without regard to case; with `contains` one of the values is a part of it.
    `at_least` and `at_most` compare numbers, or ISO days for `date`.
    """

    field: str = Field(pattern=rf"^{CONDITION_FIELD.pattern}$")
    op: Literal["is", "in", "not_in", "contains", "between", "at_least", "at_most"]
    value: list[str] | list[float]

    @model_validator(mode="after")
    def _fits(self) -> Condition:
        need = {"is": 1, "at_least": 1, "at_most": 1, "between": 2}.get(self.op)
        if not self.value or (need is not None and len(self.value) != need):
            raise ValueError(f"{self.op!r} takes {need or 'at least 1'} value(s), not {len(self.value)}")
        if self.op == "contains" and not isinstance(self.value[0], str):
            raise ValueError("'contains' takes a text")
        texts = isinstance(self.value[0], str)
        if self.field in NUMERIC_FIELDS and texts:
            raise ValueError(f"{self.field!r} takes numbers")
        worded = self.field in {"action", "object", "text", "theme", "date", *OF_VISITS} or is_held_against_before(
            self.field
        )
        if worded and not texts:
            raise ValueError(f"{self.field!r} takes texts")
        if self.op in {"between", "at_least", "at_most"} and texts and self.field != "date":
            raise ValueError(f"{self.op!r} on {self.field!r} takes numbers")
        if self.field in NUMERIC_FIELDS and self.op == "contains":
            raise ValueError(f"{self.field!r} cannot contain a text")
        return self


OF_FIELDS = frozenset({"median_of", "total_of"})  # features of a numeric field


class Feature(Value):
    """A test on the unit itself, over those of its events that meet `where` (all of them if null).

    `active_days`, `span_days` (last day − first day + 1), `n_events`, `n_objects` (distinct), `repeat_share` (events on
    an object that the unit had met before ÷ events), `steps_per_session` (mean distinct actions of a session),
    `share_of_events` (events that meet `where` ÷ all events of the unit), `median_of` (median of the numeric `field`), `total_of`
    (the field added up; `between` is from `value` up to, and not with, `upper`).
    A unit without a defined feature (no such event) has none and fails the test.
    """

    name: FeatureName
    where: list[Condition] | None = None
    field: str | None = Field(default=None, pattern=r"^(value|properties\.[^\x00-\x1f\"]{1,100})$")
    op: Literal["at_least", "at_most", "above", "below", "equals", "between"]
    value: float
    upper: float | None = Field(default=None, exclude_if=lambda upper: upper is None)

    @model_validator(mode="after")
    def _fits(self) -> Feature:
        if (self.name in OF_FIELDS) != (self.field is not None):
            raise ValueError("'field' goes with 'median_of' and 'total_of', and only with them")
        if (self.op == "between") != (self.upper is not None) or (self.upper is not None and self.name != "total_of"):
            raise ValueError("'upper' goes with 'between', which is of 'total_of', and only with it")
        if self.name == "share_of_events" and not self.where:
            raise ValueError("'share_of_events' needs 'where'")
        return self


class Window(Value):
    """Days in the run's time zone, both inclusive; a null end is open."""

    start: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    end: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")


class Says(Value):
    """What the text asserts of the statistic: a quantifier word, or a comparator with a value.

    `n_in_ten` carries the number of tenths as `value`; `about` allows 10 % (5 points for shares). `as_others` is no more and no
    less than others, surely.
    """

    quantifier: Quantifier | None = None
    comparator: Comparator | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Says:
        if (self.quantifier is None) == (self.comparator is None):
            raise ValueError("say either a quantifier or a comparator")
        valued = self.comparator in {"at_least", "at_most", "about", "equals"} or self.quantifier == "n_in_ten"
        if valued != (self.value is not None):
            raise ValueError("a value goes with at_least, at_most, about, equals and n_in_ten, and only with them")
        return self

    @property
    def compares(self) -> bool:
        """Is something said of others? What is said of the group alone is plain, whatever stands beside it."""
        return self.comparator in COMPARISONS

    @property
    def sets_apart(self) -> bool:
        """Is the group said to be more, or less, than others?"""
        return self.comparator in APART

    @property
    def alike(self) -> bool:
        """Is the group said to be as others are?"""
        return self.comparator == "as_others"


class Measure(Value):
    """A typed question to the whole log; code compiles it to one parameterised SQL statement (evidence/queries.py).

    `where` selects the units having one event that meets all its conditions; `steps` is what a unit must contain, each
    step one event that meets all its conditions, in order if `ordered`, all `within` seconds; `absent` steps must not
    occur (after the last step, if ordered); `at_least` counts matches (one step) or complete passes (several). A unit of
    `things` is an object met in a session.

    `of` is the number of a unit, made of its events that match: how many they are (`matches`), how many different `things` they
    are about, the median of a field (`properties.x`), its `total`, or its median `relative` to what is usual for the same object
    (evidence/usual.py); of a session also the part of its total that its `biggest` object makes up (amounts above nothing alone),
    the days from the start of the session before it (`gap`) and its length in `minutes`.
    A median is that of users' own medians, so that each user weighs the same. `versus`: `matched` others are those first seen at
    about the same time and active on as many days; `within FIELD` those of them that also hold the same value of a field.
    `in_parts`: the field holds parts of one, and is told in per cent (a discount of 0.2); nothing is counted otherwise for it.
    """

    unit: Unit
    where: list[Condition] = []
    steps: list[list[Condition]] = []
    ordered: bool = False
    within: float | None = Field(default=None, gt=0, description="seconds")
    absent: list[list[Condition]] = []
    at_least: int = Field(default=1, ge=1)
    feature: Feature | None = None
    statistic: Statistic
    of: str = Field(default="matches", pattern=OF)
    versus: str | None = Field(default=None, pattern=VERSUS)
    window: Window | None = None
    says: Says
    in_parts: bool = Field(default=False, exclude_if=lambda told: not told)

    @model_validator(mode="after")
    def _fits(self) -> Measure:
        if any(not step for step in [*self.steps, *self.absent]):
            raise ValueError("a step without a condition matches everything: leave it out")
        if (self.ordered or self.within is not None) and not self.steps:
            raise ValueError("'ordered' and 'within' need steps")
        if self.unit == "events" and (len(self.steps) > 1 or self.absent or self.at_least > 1 or self.feature):
            raise ValueError(
                "an event is one step: several steps, 'absent', 'at_least' and features need a larger unit"
            )
        if self.says.compares and self.versus is None:
            raise ValueError("more or less than others, or as others, needs 'versus'")
        kind = self.of.partition(" ")[0]
        if kind in {"gap", "minutes", "biggest"} and self.unit != "sessions":
            raise ValueError(f"{self.of!r} is of sessions")
        if self.statistic != "median" and kind in {"things", "gap", "minutes", "total", "relative", "biggest"}:
            raise ValueError(f"{self.of!r} takes the statistic 'median'")
        if len(self.compared_amounts) > 1:
            raise ValueError("one measure asks of one amount whether it is the same as the last time")
        if len(self.kept_fields) > 1:
            raise ValueError("one measure asks of one field whether it is that of the visit before")
        return self

    @property
    def event_tests(self) -> list[list[Condition]]:
        """Every list of conditions that one event has to meet: those of units, of steps, of absent steps, of the feature."""
        return [self.where, *self.steps, *self.absent, (self.feature.where if self.feature else None) or []]

    @property
    def conditions(self) -> list[Condition]:
        """Every condition, wherever it stands."""
        return [condition for test in self.event_tests for condition in test]

    @property
    def compared_amounts(self) -> set[str]:
        """The numeric fields that are held against the last time."""
        return self._after(SAME_AMOUNT)

    @property
    def changes_place(self) -> bool:
        """Does it count visits at another place than the one before: less of keeping to one?"""
        return bool(self.kept_fields) and any("no" in c.value for step in self.steps for c in step)

    @property
    def kept_fields(self) -> set[str]:
        """The fields of which a visit's value is held against that of the visit before."""
        return self._after(KEPT)

    def _after(self, prefix: str) -> set[str]:
        return {c.field.removeprefix(prefix) for c in self.conditions if c.field.startswith(prefix)}

    @property
    def field(self) -> str:
        """What `of` is made of: the field, without what is made of it."""
        return next((self.of.removeprefix(kind) for kind in MADE_OF if self.of.startswith(kind)), self.of)

    @property
    def within_field(self) -> str | None:
        """The field whose value comparable others share, where there is one."""
        return self.versus.removeprefix("within ") if self.versus and self.versus.startswith("within ") else None
