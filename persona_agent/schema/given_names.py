"""What a person calls the acts and fields of a log, where that is not how the log spells them."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .measures import Value
from .nouns import NounsOfLog


class Names(Value):
    """Names that a person gave in a codebook: of acts, by the log's spelling in lower case, and of fields and amounts, by the
    property, units behind them. What is not in it is worded from the log's own spelling (words.wording). `categories` are the
    fields that sort objects, finest first, which nobody need have named; `themes` by the names that code gave them, in lower
    case; `main_act` is the act, as it is called, of which nearly all lines of users are. `sorts` are fields in which the acts of
    a user differ (brand, on offer), commonest first; `of_user` are fields of which each user
    holds one value (a country, a plan); `places` those that hold one value in a visit, and to
    whose values users come back (a store, a device). `done_to` are acts that are done to a user, and are no visit. `currency`
    is that of values, `value` what these are called where one field holds them; `uncounted` are objects, in lower case, that are
    none, or are counted in another unit than others: of them no number is told. `in_parts` are
    fields that hold parts of one, told in per cent. `nouns` are what people, visits and lines are
    called.
    """

    acts: dict[str, str] = {}
    fields: dict[str, str] = {}
    categories: list[str] = []
    sorts: list[str] = []
    themes: dict[str, str] = {}
    main_act: str | None = None
    of_user: list[str] = Field(default=[], exclude_if=lambda fields: not fields)
    places: list[str] = Field(default=[], exclude_if=lambda fields: not fields)
    done_to: list[str] = Field(default=[], exclude_if=lambda acts: not acts)
    currency: str | None = None
    value: str | None = Field(default=None, exclude_if=lambda name: name is None)
    uncounted: list[str] = Field(default=[], exclude_if=lambda things: not things)
    in_parts: list[str] = Field(default=[], exclude_if=lambda fields: not fields)
    nouns: NounsOfLog = Field(default=NounsOfLog(), exclude_if=lambda nouns: not nouns.told())

    def __bool__(self) -> bool:
        return bool(self.acts or self.fields or self.themes)

    def told(self) -> dict[str, dict[str, Any]]:
        """The plain names of acts, fields and themes by the log's, as prompts hold them; without kinds that have none. The nouns
        too: who writes is to say what the pages say.
        """
        named = {kind: called for kind in ("acts", "fields", "themes") if (called := getattr(self, kind))}
        return {**named, **({"nouns": nouns} if (nouns := self.nouns.told()) else {})}

    def field(self, name: str) -> str:
        """The field that a person may have called so."""
        return next((field for field, called in self.fields.items() if called == name), name)


NO_NAMES = Names()
