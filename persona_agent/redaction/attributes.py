"""Columns that say who somebody is: what the law protects, and what stands in for it; and those that hold names and addresses.

A column's name comes in. Its values are neither stored nor used: they form no group, make no claim and reach no prompt. Where a
person maps the column as `declared`, its values are kept apart under `declared.` and its name, to be counted over a whole card
and nothing else. Names in their usual forms, the common English ones here, all others in columns.toml; a column called
otherwise passes, unless log/told_people.py knows it by its values.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from .spelling import CAPITAL, as_read, folded

DECLARED = "declared."

_PERSON = (
    r"age(?:[_ -]?(?:group|grp|range|band|bracket|class|years))?"
    r"|birth(?:[_ -]?(?:day|date|dt|year|yr|month|place|country|city|town))?|b(?:irth)?day|bdate"
    r"|(?:date|year|month|place|country|city)[_ -]of[_ -]birth|born[_ -]?(?:on|in|date|year)|dob|yob|pob"
    r"|gender(?:[_ -]?identity)?|sex|(?:fe)?male|is[_ -]?(?:wo)?man|pronouns?|salutation|honorific"
    r"|(?:mr|mrs|ms)[_ -](?:mr|mrs|ms)"
)
_PROTECTED = (
    r"ethnic(?:ity|[_ -](?:group|origin))|race|caste|tribe|nationality|citizenship|skin[_ -]?colou?r|(?:mother|native)[_ -]tongue"
    r"|(?:native|home)[_ -]language|language[_ -](?:spoken[_ -])?at[_ -]home|(?:immigration|visa|residence)[_ -]status"
    r"|(?:migration|immigration|migrant)[_ -]?background|hispanic",
    r"relig(?:ion)?|religious[_ -]\w+|faith|denomination|church|political(?:[_ -]\w+)?|party[_ -](?:affil(?:iation)?|membership)"
    r"|(?:trade[_ -])?union[_ -]member(?:ship)?|veteran(?:[_ -]status)?|criminal[_ -]record|convictions?",
    r"sexuality|sexual[_ -]orientation|marital(?:[_ -]?status)?|(?:relationship|civil|family)[_ -]status|spouse"
    r"|(?:num(?:ber)?[_ -](?:of[_ -])?)?(?:children|kids|dependents)|household[_ -](?:size|income|type)|pregnan\w*|parity",
    r"diagnos[ie]s|icd|disease|disabilit(?:y|ies)|disabled|medications?|symptoms?|medical[_ -]\w+|health[_ -](?:status|condition)"
    r"|blood[_ -](?:type|group)|smoker|smoking[_ -]status|bmi|hiv[_ -]status|allerg(?:y|ies)",
    r"income(?:[_ -]?(?:group|range|band|bracket|level))?|salary|wages?|net[_ -]worth|credit[_ -](?:score|rating)|wealth"
    r"|occupation|profession|job[_ -](?:title|role)|employer|edu(?:c|cation)?[_ -]?(?:level|lvl|attainment)|education|degree"
    r"|social[_ -]class",
)
NAMES = (_PERSON, *_PROTECTED)  # English ones as patterns; case is nothing
USER = (
    "users?|usr|cust(?:omer)?s?|clients?|members?|persons?|patients?|employees?|visitors?|household|kunden?|personen|patienten"
    "|nutzer|benutzer|mitarbeiter|clientes?|usuari[oa]s?|utilisateurs?|utenti|utente|klant(?:en)?|gebruikers?"
)
# What stands in front of a name without a sign between (`usergender`): whose it is, or that it is so.
FRONT = rf"(?:^|[\W_])(?:{USER}|demo|hh|is|has|用户|客户|会员)?"
# What a warehouse writes behind a name says nothing else of the column; it may stand there without a sign as well (`GENDERCODE`).
_WORDS_BEHIND = (
    "codes?|cd|descr?|description|group|grp|bucket|band|flag|label|ind|raw|txt|yn|kennzeichen|kennz|kz|gruppe|grupo|groupe|gruppo|groep"
    f"|klasse|clase|classe|rango|tranche|fascia|faixa|(?:of|del?|do|du|van)?[\\W_]*(?:{USER})"
)
# Behind other names these say what it is of: the type of a race, the class of a degree, the category of a thing for children.
_OF_PERSON = (
    "category|kategorie|categori[ae]|categorie|cat|class|type|text|value|val|number|num|nr|date|dat|dt|years?|yrs?|status|level"
    "|range"
)
_FLAGS = "[ymfn]"
_AMOUNTS = r"k|usd|eur|gbp|(?:u|under|over)[\W_]*+\d++|\d++"
# Words behind a name that say nothing: more than anybody writes, and bounded, so that no name takes long.
MOST_BEHIND = 4


def _behind(words: str, apart: str) -> str:
    return rf"(?:[\W_]*+(?:{words})|[\W_]++(?:{apart})){{0,{MOST_BEHIND}}}[\W_]*+$"


BEHIND = _behind(_WORDS_BEHIND, _AMOUNTS)
_SAYS_WHO = re.compile(
    rf"{FRONT}(?:(?:{_PERSON}){_behind(f'{_WORDS_BEHIND}|{_OF_PERSON}', f'{_FLAGS}|{_AMOUNTS}')}"
    rf"|(?:{'|'.join(_PROTECTED)}){BEHIND})",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def says_who(column: str) -> bool:
    """Whether a column of this name, or at the end of this path, says who somebody is."""
    return any(_SAYS_WHO.search(form) or in_other_languages("who", form) for form in column_forms(column))


def column_forms(column: str) -> list[str]:
    """The ways in which a column's name may be read, words and numbers in it parted by signs."""
    return [*dict.fromkeys(_DIGITS.sub("_", form) for form in as_read(CAPITAL.sub("_", column)))]


def in_other_languages(what: str, form: str) -> bool:
    """Whether a form of a column's name ends in one of `what` (a section of columns.toml) in another language than English."""
    return _names_of(what).search(folded(form)) is not None


@cache
def _names_of(what: str) -> re.Pattern[str]:
    return re.compile(rf"{FRONT}(?:{names_in_other_languages(what)}){BEHIND}")


@cache
def _table() -> dict[str, dict[str, str]]:
    """columns.toml, read once."""
    return tomllib.loads(files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))


@cache
def words_by_value(what: str) -> tuple[str, ...]:
    """The words of a section of columns.toml for what a column holds, of all languages, folded."""
    return tuple(folded(word) for words in _table()[what].values() for word in map(str.strip, words.split(";")) if word)


@cache
def names_in_other_languages(what: str) -> str:
    """The names of a section of columns.toml as one pattern, to be held against folded names; read once."""
    table = _table()[what]
    return "|".join(sorted({name for names in table.values() for name in _patterns(names)}, key=len, reverse=True))


def _patterns(names: str) -> Iterator[str]:
    for name in filter(None, map(str.strip, names.split(";"))):
        yield r"[\W_]*".join(map(re.escape, folded(name.replace(" ?", " ")).split()))


def declared_as(column: str, declared: tuple[str, ...]) -> str | None:
    """The name under which a column's values are kept apart; None where it is not mapped as declared."""
    for name in declared:
        if column == name or column.endswith("." + name) or name.endswith("." + column):
            return DECLARED + name
    return None
