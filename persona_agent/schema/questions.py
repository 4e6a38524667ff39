"""A question that a reader puts to a finished run, and what it comes to."""

from __future__ import annotations

from typing import Literal

from .claims import Truthfulness
from .drafts import WrittenMeasure
from .measures import Measure, Value

ReplyOutcome = Literal["answered", "precedent", "no_precedent", "cannot", "unclear", "refused"]


class ReplyFigure(Value):
    """One figure of a reply: of a persona, or of all users (None), in `text`; `claim` is the claim of the card that says it, if
    one does, and `truth` the figure with its comparison, interval and users, as a card would tell it.
    """

    persona: str | None
    claim: str | None
    text: str
    measure: Measure | None
    truth: Truthfulness | None


class Reply(Value):
    """What came of a question: `answered` with facts; what they did in the nearest case (`precedent`), or that there is none;
    `cannot`, and what would be `needed`; `unclear`, with a question back; `refused`, since it asks who somebody is. `says` is
    code's own; `read_as` says how the question was read, `unknown` are its words that the log has
    nothing like, `aside` those that the figures do not reckon with.
    """

    question: str
    came: ReplyOutcome
    says: str
    read_as: str = ""
    unknown: list[str] = []
    aside: list[str] = []
    facts: list[ReplyFigure] = []
    needed: str = ""
    back: str = ""


class WrittenReply(Value):
    """A question as a model reads it: measures, or what would be needed, or a question back."""

    kind: Literal["measures", "precedent", "cannot", "unclear"]
    measures: list[WrittenMeasure]
    needed: str
    back: str
