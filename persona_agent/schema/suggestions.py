"""What a model suggests of a log: names, units, doers, what belongs together. Code checks every entry (codebook.suggested)."""

from __future__ import annotations

from typing import Literal

from .measures import Value
from .nouns import Noun


class SuggestedAct(Value):
    """`act` as the log spells it; `follows` is the act that it is a side effect of, null where it is none."""

    act: str
    name: str
    doer: Literal["user", "product", "system"]
    clock: bool
    follows: str | None


class SuggestedField(Value):
    """`field` as the log spells it; `unit` of an amount, null for others."""

    field: str
    name: str
    unit: str | None
    use: Literal["as it is", "of the user", "bookkeeping"]


class SuggestedNouns(Value):
    """What a model calls people, their visits and the log's lines; the program's own words where it is not sure."""

    people: Noun
    visit: Noun
    line: Noun


class SuggestedCodebook(Value):
    """What a model makes of a log's vocabulary; `artefacts` are objects that are none."""

    nouns: SuggestedNouns
    acts: list[SuggestedAct]
    fields: list[SuggestedField]
    artefacts: list[str]


class SuggestedTheme(Value):
    """`theme` by its number in the list; `name` is null where its things have nothing in common that could be said."""

    theme: int
    name: str | None


class SuggestedThemes(Value):
    """What a model calls the themes that code sorted things into."""

    themes: list[SuggestedTheme]
