"""The investigation: what an analyst asks of all groups at once, and what the log answers."""

from __future__ import annotations

from pydantic import Field

from .claims import Truthfulness
from .drafts import WrittenMeasure
from .measures import Measure, Value


class WrittenInquiry(Value):
    """A question as a model writes it: `why` says what a card could tell by the answer."""

    id: str
    why: str
    measure: WrittenMeasure


class Inquiries(Value):
    """A round of questions; `done` where no further round is needed."""

    questions: list[WrittenInquiry]
    done: bool


class Answered(Value):
    """What a question comes to in one group: its figure, cross-placed, with that of comparable others, the interval and the users
    behind it, and the bits that it tells. `candidate` is the claim of the group's dossier that says it: the question's own, or an
    earlier one that tells the same fact; None where nothing worth a sentence holds.
    """

    persona: str
    result: Truthfulness
    information_bits: float | None
    candidate: str | None = None


class AskedMeasure(Value):
    """A question that was put to the log, in `words` of code's, and its answers by group; `because` says why it could not be
    asked, empty where it could. `told` are the claims of shown cards that tell it. `why` and `detail`
    (of `because`) hold words of the model's that nobody has read: they are for the writer, and no file holds them.
    """

    id: str
    round: int
    words: str
    why: str = Field(default="", exclude=True)
    measure: Measure | None
    answers: list[Answered] = []
    because: str = ""
    detail: str = Field(default="", exclude=True)
    told: list[str] = []
