"""What was found in a log beside its personas: concentrations worth a look, as questions with their figure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .asked import AskedMeasure
from .measures import Measure, Value


class Again(Value):
    """The same on users who were set aside, opened once, after everything was chosen: the ratio there, and whether it is surely
    on the same side. `n` users are behind it.
    """

    ratio: float | None
    holds: bool | None
    n: int


class PiledAmong(Value):
    """The same pile-up among some users: a `persona`, or those of a `measure` over a `field` of theirs, as they are `said`
    (“outside France”). `users`, `across`, `visits` and `visits_across` as in a `Concentration`; `ratio` is of visits, times what
    the bands on either side suggest.

    `shows`: surely there (`yes`), and in a persona surely more than among all others (`most`), or less (`least`); surely not,
    or not as much as would be worth asking about (`no`); or nobody can say (`unsure`).
    """

    persona: str | None = None
    field: str | None = Field(default=None, exclude_if=lambda field: field is None)
    said: str = Field(default="", exclude_if=lambda said: not said)
    measure: Measure | None = Field(default=None, exclude_if=lambda measure: measure is None)
    users: int
    across: int
    visits: int
    visits_across: int
    ratio: float
    shows: Literal["yes", "most", "least", "no", "unsure"]


class Concentration(Value):
    """Something that is not smooth. `pile_up`: `users` have an amount from `low` up to `high`, `expected` by the bands beside it;
    `across` so many have one in the band on the other side of the `round` sum; `visits` and `visits_across` are how many of
    their visits that are. `currency` is that of values, where it is known; of another `amount`, in words, it may be `in_money`.
    `among` are parts of the users. What piles up was chosen without the users set aside, and is told over all.
    `step`: so many users a week came in the weeks after `date`, `expected` by those before. `change`: the share of users' visits
    with an act after `date` (`ratio` of it to the share before, both in the question).

    `about` is the field (`value`, `properties.x`) whose amounts of a visit pile up, the act, or `users`. `question` says it with
    its figure, as a question: nobody knows why from the log.
    """

    kind: Literal["pile_up", "step", "change"]
    about: str
    low: float | None = None
    high: float | None = None
    round: float | None = Field(default=None, exclude_if=lambda at: at is None)
    across: int | None = Field(default=None, exclude_if=lambda users: users is None)
    visits: int | None = Field(default=None, exclude_if=lambda visits: visits is None)
    visits_across: int | None = Field(default=None, exclude_if=lambda visits: visits is None)
    amount: str = Field(default="", exclude_if=lambda amount: not amount)
    in_money: bool = Field(default=True, exclude_if=lambda money: money)
    among: list[PiledAmong] = Field(default=[], exclude_if=lambda parts: not parts)
    currency: str | None = Field(default=None, exclude_if=lambda currency: currency is None)
    date: str | None = None
    users: int
    expected: float
    ratio: float
    question: str
    again: Again


class Findings(Value):
    """`fields` are the amounts that were looked at; `looks` counts everything that was tried, so that what was found can be held
    against it; users set aside were looked at `openings` times, once for all that was found or never. `asked` is every question
    that a writer put to the log before the cards were written, told on one or not.
    """

    concentrations: list[Concentration]
    fields: list[str] = []
    looks: int
    openings: int
    asked: list[AskedMeasure] = Field(default=[], exclude_if=lambda asked: not asked)
