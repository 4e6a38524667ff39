"""What a claim is about, so that a card takes one claim of each topic and a label knows what it may name."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import model_serializer, model_validator

from .measures import Value

TopicKind = Literal[
    "act", "sessions", "thing", "category", "theme", "field", "amount", "any", "price", "worth", "value", "unlike",
    "hours", "week", "gap", "minutes", "session", "repeats", "then",
    # What a writer asked of the log; about is the question's id.
    "asked",
    # Asked no more; they stand in dossiers that were recorded.
    "much", "again", "days", "span", "cadence", "objects", "events", "steps", "never",
]  # fmt: skip
# What a reader would call one fact: a card tells one line of each family and what it is about.
Family = Literal[
    "act",
    "thing",
    "category",
    "field",
    "amount",
    "money",
    "size",
    "hours",
    "week",
    "gap",
    "repeats",
    "path",
    "unlike",
    "asked",
]
FAMILIES: dict[TopicKind, Family] = {
    "act": "act", "much": "act", "sessions": "act", "again": "act", "thing": "thing", "category": "category",
    "theme": "category", "field": "field",
    "amount": "amount", "any": "amount", "price": "amount", "worth": "money", "value": "money", "unlike": "unlike",
    "hours": "hours", "week": "week", "gap": "gap", "cadence": "gap", "days": "gap", "span": "gap", "events": "gap",
    "minutes": "size", "session": "size", "steps": "size", "objects": "repeats", "repeats": "repeats", "then": "path",
    "never": "path", "asked": "asked",
}  # fmt: skip
NAMED: frozenset[TopicKind] = frozenset({"act", "sessions", "thing"})
HABITS: frozenset[TopicKind] = frozenset(
    {"hours", "week", "days", "span", "gap", "minutes", "session", "objects", "events", "repeats", "steps"}
)  # fmt: skip


class Topic(Value):
    """A kind, and what of the log it is about, as the log spells it; empty where the kind says it all.

    Written as text in a dossier: “amount quantity”, “thing buy rye loaf”, “hours”.
    """

    kind: TopicKind
    about: str = ""

    @property
    def family(self) -> Family:
        """The fact that it is a line of: claims of one family and one `about` tell a reader the same."""
        return FAMILIES[self.kind]

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
