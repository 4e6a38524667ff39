"""What was found in a log beside its personas: concentrations worth a look, as questions with their figure."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .asked import AskedMeasure
from .measures import Value


class Again(Value):
    """The same on users who were set aside, opened once, after everything was chosen: the ratio there, and whether it is surely
    on the same side. `n` users are behind it.
    """

    ratio: float | None
    holds: bool | None
    n: int


class Concentration(Value):
    """Something that is not smooth. `pile_up`: `users` have an amount from `low` up to `high`, `expected` by the bands beside it;
    `across` so many have one in the band on the other side of the `round` sum. `currency` is that of values, where it is known.
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
