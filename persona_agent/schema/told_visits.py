"""What a visit looks like: one of a group's in order, and the middle of all of its visits."""

from __future__ import annotations

from pydantic import Field

from .claims import Citation
from .measures import Value


class VisitStep(Value):
    """One thing done: `act` as the codebook calls it, `thing` as the log spells it where at least five members share it, and the
    `quantity` of it rounded as people say it, where lines have one that counts things.
    """

    act: str
    thing: str | None = None
    quantity: float | None = None


class VisitFact(Value):
    """What visits of a group are more often than those of comparable `others`: at a time, or of a kind of things. `what` names it
    in plain words, `unit` is what the `share` is of, `label` is that of a bar about it.
    """

    what: str
    unit: str
    label: str
    share: float
    others: float


class Visit(Value):
    """A visit of a group near to the middle of all of its visits, in its order; `composed` of the commonest steps
    where none can be told, and where no step can be either, of figures alone, cross-placed: with `times` and `kinds` of things
    that set the group's visits apart, and `holds` for what its lines are called. `more` are the lines of it that are not told.

    What stands beside it is of the group, not of this visit, each member weighing the same: `size` the usual number of lines,
    `things` of different things, `value` what a visit is usually worth, where lines have a value (in `currency`, where that is
    known), `minutes` how long it usually takes (None where visits are stamped with one time), `hour` at which it usually begins,
    in the run's time zone (None without clock). `lines` are those told, to be shown only where lines may be. No date, no user.
    `shows` are the claims of the card's bars for which it was chosen among the visits near to the middle, and its steps among its
    own: what they say is so of it; of none it is the nearest one.
    """

    steps: list[VisitStep]
    composed: bool
    more: int = Field(ge=0)
    size: float
    things: float
    value: float | None
    minutes: float | None
    hour: int | None = Field(ge=0, le=23)
    lines: list[Citation]
    currency: str | None = Field(default=None, exclude_if=lambda currency: currency is None)
    holds: str = Field(default="", exclude_if=lambda holds: not holds)
    times: list[VisitFact] = Field(default=[], exclude_if=lambda facts: not facts)
    kinds: list[VisitFact] = Field(default=[], exclude_if=lambda facts: not facts)
    shows: list[str] = Field(default=[], exclude_if=lambda claims: not claims)
