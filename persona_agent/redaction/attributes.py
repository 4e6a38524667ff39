"""Columns that say who somebody is: what the law protects, and what stands in for it.

A column's name comes in. Its values are neither stored nor used: they form no group, make no claim and reach no prompt. Where a
person maps the column as `declared`, its values are kept apart under `declared.` and its name, to be counted over a whole card
and nothing else. Names in their usual forms, English ones here, German, Spanish, French and Arabic ones in columns.toml; a column
called otherwise passes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from .spelling import as_read, folded

DECLARED = "declared."

NAMES = (
    r"age(?:[_ -]?(?:group|range|band|bracket|class|years))?|birth(?:[_ -]?(?:day|date|year|month|place|country))?|birthday"
    r"|date[_ -]of[_ -]birth|year[_ -]of[_ -]birth|dob|yob|gender(?:[_ -]?identity)?|sex|pronouns?|salutation|honorific",
    r"ethnic(?:ity|[_ -](?:group|origin))|race|caste|tribe|nationality|citizenship|skin[_ -]?colou?r|(?:mother|native)[_ -]tongue"
    r"|(?:native|home)[_ -]language|language[_ -](?:spoken[_ -])?at[_ -]home|(?:immigration|visa|residence)[_ -]status"
    r"|(?:migration|immigration|migrant)[_ -]?background",
    r"religion|religious[_ -]\w+|faith|denomination|church|political[_ -]\w+|party[_ -](?:affiliation|membership)"
    r"|(?:trade[_ -])?union[_ -]member(?:ship)?|veteran(?:[_ -]status)?|criminal[_ -]record|convictions?",
    r"sexuality|sexual[_ -]orientation|marital(?:[_ -]?status)?|(?:relationship|civil|family)[_ -]status|spouse"
    r"|(?:num(?:ber)?[_ -](?:of[_ -])?)?(?:children|kids|dependents)|household[_ -](?:size|income|type)|pregnan\w*|parity",
    r"diagnos[ie]s|disease|disabilit(?:y|ies)|disabled|medications?|symptoms?|medical[_ -]\w+|health[_ -](?:status|condition)"
    r"|blood[_ -](?:type|group)|smoker|smoking[_ -]status|bmi|hiv[_ -]status|allerg(?:y|ies)",
    r"income(?:[_ -]?(?:group|range|band|bracket|level))?|salary|wages?|net[_ -]worth|credit[_ -](?:score|rating)|wealth"
    r"|occupation|profession|job[_ -](?:title|role)|employer|education(?:[_ -]level)?|degree|social[_ -]class",
)
# What a warehouse writes behind a name says nothing else of the column.
BEHIND = r"(?:[_ -](?:cd|code|desc|descr|grp|group|bucket|band|flag|label))?[\W_]*"
SAYS_WHO = re.compile(rf"(?:^|[^a-z])(?:{'|'.join(NAMES)}){BEHIND}$", re.IGNORECASE)
CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def says_who(column: str) -> bool:
    """Whether a column of this name, or at the end of this path, says who somebody is."""
    forms = as_read(CAPITAL.sub("_", column))
    return any(SAYS_WHO.search(form) or _in_other_languages().search(folded(form)) for form in forms)


@cache
def _in_other_languages() -> re.Pattern[str]:
    """The names of columns.toml as one pattern, read once."""
    table = tomllib.loads(files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))
    names = "|".join(sorted({name for names in table.values() for name in _patterns(names)}))
    return re.compile(rf"(?:^|[\W_])(?:{names}){BEHIND}$")


def _patterns(names: str) -> Iterator[str]:
    for name in filter(None, map(str.strip, names.split(";"))):
        yield r"[\W_]*".join(map(re.escape, folded(name.replace(" ?", " ")).split()))


def declared_as(column: str, declared: tuple[str, ...]) -> str | None:
    """The name under which a column's values are kept apart; None where it is not mapped as declared."""
    for name in declared:
        if column == name or column.endswith("." + name) or name.endswith("." + column):
            return DECLARED + name
    return None
