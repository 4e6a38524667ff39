"""What a claim is about, so that a card takes one claim of each topic and a label knows what it may name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_serializer, model_validator

from .measures import Value

TopicKind = Literal[
    "act", "much", "sessions", "again", "thing", "amount", "value", "field", "unlike",
    "hours", "week", "days", "span", "cadence",
    "objects", "events", "repeats", "session", "steps",
    "then", "never",
]  # fmt: skip
NAMED: frozenset[TopicKind] = frozenset({"act", "sessions", "thing"})
HABITS: frozenset[TopicKind] = frozenset(
    {"hours", "week", "days", "span", "objects", "events", "repeats", "steps"}
)  # fmt: skip


class Topic(Value):
    """A kind, and what of the log it is about, as the log spells it; empty where the kind says it all.

    Written as text in a dossier: “amount quantity”, “thing buy rye loaf”, “hours”.
    """

    kind: TopicKind
    about: str = ""

    @property
    def names_an_act(self) -> bool:
        """Can a label name it: an act, alone or on a thing?"""
        return self.kind in NAMED

    @property
    def is_a_habit(self) -> bool:
        """Is it when, how often or how broadly they act, whatever their acts are?"""
        return self.kind in HABITS

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
