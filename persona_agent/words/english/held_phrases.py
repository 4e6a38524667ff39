"""What users hold alike on all of their lines (a country, a plan, a device), as people say it.

In: a field and a value of it. Out: phrases (“outside the United Kingdom”, “another plan than “free””). Promises: a value that
is no name of a country by its spelling stands in quotes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...schema import Names
from ..value_words import value_words, with_its_article
from ..wording import field_words
from .grammar import capital

# Fields whose values are where somebody is, in languages that logs are kept in: one may say that they are in, or outside, it.
COUNTRY = frozenset(["country", "country name", "land", "pays", "país", "pais", "paese", "kraj", "国家"])
FLAGS = frozenset(["yes", "no", "true", "false"])


@dataclass(frozen=True)
class HeldPhrase:
    """“are” with “outside France”, “have” with “another plan than “free””."""

    verb: str
    phrase: str

    @property
    def said(self) -> str:
        return f"{self.verb} {self.phrase}"

    @property
    def label(self) -> str:
        return capital(self.phrase)

    @property
    def among(self) -> str:
        """“outside France”, “with another plan than “free””."""
        return self.phrase if self.verb == "are" else f"with {self.phrase}"


def held_phrase(field: str, value: str, names: Names, *, other: bool) -> HeldPhrase:
    """Who holds a value of a field, or another one."""
    name, spelt = field_words(field, names), re.sub(r"[_\s]+", " ", value).strip()
    told = value_words(field, spelt)
    spelt = told if told.lower() != spelt.lower() else spelt
    if _of_countries(name) and _is_a_name(spelt):
        return HeldPhrase("are", f"{'outside' if other else 'in'} {with_its_article(spelt)}")
    if spelt.lower() in FLAGS and not other:
        return HeldPhrase("have", f"“{spelt}” as {name}")
    return HeldPhrase("have", f"another {name} than “{told}”" if other else f"the {name} “{told}”")


def _of_countries(name: str) -> bool:
    """Is a field of this name one of countries, whoever's it is: “user country”?"""
    return name.lower() in COUNTRY or name.lower().partition(" ")[2] in COUNTRY


def _is_a_name(value: str) -> bool:
    """Is it spelt as a country is, or its code? Letters of scripts without capitals will do."""
    return bool(re.fullmatch(r"[^\W\d_].*", value)) and not value[0].islower() and "(" not in value
