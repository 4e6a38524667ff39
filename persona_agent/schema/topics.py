"""What a claim is about, so that a card takes one claim of each topic."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_serializer, model_validator

from .measures import Value

TopicKind = Literal[
    "act", "sessions", "thing", "category", "theme", "field", "amount", "any", "price", "worth", "value", "unlike",
    "hours", "week", "gap", "minutes", "session", "repeats", "then",
    "biggest", "last", "same", "exact", "total", "held", "place",
    # Of everyone: visits of a user, whether they return, lately; what goes together, what one thing brings back.
    "often", "lately", "together", "back",
    # What a writer asked of the log; about is the question's id.
    "asked",
    # Asked no more; they stand in dossiers of older runs.
    "much", "again", "days", "span", "cadence", "objects", "events", "steps", "never",
]  # fmt: skip


class Topic(Value):
    """A kind, and what of the log it is about, as the log spells it; empty where the kind says it all.

    Written as text in a dossier: “amount quantity”, “thing buy rye loaf”, “hours”.
    """

    kind: TopicKind
    about: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.about}" if self.about else self.kind

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, given: Any) -> Any:
        if not isinstance(given, str):
            return given
        kind, _, about = given.partition(" ")
        return {"kind": kind, "about": about}

    @model_serializer
    def _write(self) -> str:
        return str(self)
