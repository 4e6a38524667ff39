"""What people and visits are called where the log's own columns say it: `household_id` is of households.

In: the columns of users and sessions. Out: nouns. Promises: a column that is called otherwise, or by two words, decides nothing:
the program's own words stand until a person or a model says better.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from ..schema.nouns import ACCOUNT, LINE, USER, VISIT, Noun, Nouns

# A last resort: only words that are plain beyond doubt, and whose plural ends in s. A model or a person knows more.
PEOPLE = frozenset(
    ["customer", "household", "learner", "listener", "member", "passenger", "player", "reader", "shopper", "student",
     "subscriber", "visitor"]
)  # fmt: skip
VISITS = frozenset(["basket", "booking", "case", "invoice", "order", "ticket", "trip"])
KEYS = frozenset(["id", "key", "no", "nr", "number", "hash", "uuid", "guid", "code"])
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def nouns_of_columns(columns: Mapping[str, str], *, accounts: bool = False) -> Nouns:
    """The nouns that columns say, by `user` and `session`; accounts are called that."""
    people = ACCOUNT if accounts else _noun(columns.get("user", ""), PEOPLE, USER)
    return Nouns(people=people, visit=_noun(columns.get("session", ""), VISITS, VISIT), line=LINE)


def _noun(column: str, known: Collection[str], usual: Noun) -> Noun:
    """The one word of a column's name beside those that say it is a key."""
    last = column.rpartition(".")[2]
    words = [w for w in re.split(r"[\W_]+", CAPITAL.sub("_", last).lower()) if w and w not in KEYS]
    word = words[0].removesuffix("id") if len(words) == 1 else ""
    return Noun(one=word, many=f"{word}s") if word in known else usual
