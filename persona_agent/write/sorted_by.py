"""What users were sorted by: views of the groups package as fields of the log, and in words.

In: the views in use, by name. Out: the fields of the log that they look at, and a few plain words for each. Promise: a view of a
property is told in the codebook's words for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..evidence.made_of import Defined
from ..log.sensitive import topics
from ..redaction import looks_like_instruction
from ..schema import Names
from ..words.english.grammar import a_or_an
from ..words.wording import act_words, field_words

FIELDS = {
    "things": {"object", "theme"},
    "acts": {"action"},
    "hours": {"hour"},
    "weekend": {"weekday"},
    "popularity": {"object"},
    "again": {"object"},
}
WORDS = {
    "things": "what they come to",
    "acts": "what they do",
    "hours": "the time of day",
    "weekend": "weekends",
    "size": "how much a visit holds",
    "popularity": "how well known the things are",
    "again": "how much of it they had met before",
}
# Of a property: the kind of view, and what stands before its name.
OF_PROPERTY = {
    "field": "",
    "any": "whether there is ",
    "much": "",
    "dear": "the usual ",
    "against usual": "",
    "spread": "",
}


def fields_of_views(views: Iterable[str], category: str | None) -> frozenset[str]:
    """The fields of the log that views look at."""
    found: set[str] = set()
    for view in views:
        name = _property(view)
        found |= {f"properties.{name[1]}"} if name else FIELDS.get(view, set())
        found |= {f"properties.{category}"} if category and view == "things" else set()
    return frozenset(found)


def in_words(views: Iterable[str], names: Names, category: str | None) -> list[str]:
    """Each once, in the order of the views."""
    found = []
    for view in views:
        name = _property(view)
        if name is not None:
            told = field_words(name[1], names)
            found.append(f"{OF_PROPERTY[name[0]]}{f'{a_or_an(told)} ' if name[0] == 'any' else ''}{told}")
        else:
            found.append(field_words(category, names) if category and view == "things" else WORDS[view])
    return list(dict.fromkeys(found))


def defined_in_words(made_of: Defined | None, names: Names, told: Iterable[str]) -> list[str]:
    """By what value of the log given groups are told apart, where its column may be `told`; else by which column."""
    if made_of is None:
        return []
    value = min(made_of.values)
    hidden = len(made_of.values) > 1 or topics().of(value) is not None or looks_like_instruction(value)
    if made_of.field == "action":
        return ["what they do" if hidden else f"whether they ever do “{act_words(value, names)}”"]
    if made_of.field == "object":
        return ["what they come to" if hidden else f"whether they ever come to “{value}”"]
    field, known = field_words(made_of.field.removeprefix("properties."), names), {*told, *names.categories}
    bare = {name.removeprefix("properties.") for name in known}
    if hidden or made_of.field.removeprefix("properties.") not in bare:
        return [f"their “{field}” in the log"]
    return [f"whether they ever have “{value}” as {field}"]


def _property(view: str) -> tuple[str, str] | None:
    """Kind and name of a view of a property."""
    kind = next((k for k in OF_PROPERTY if view.startswith(f"{k} ")), None)
    return None if kind is None else (kind, view.removeprefix(f"{kind} "))
