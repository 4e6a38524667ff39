"""Columns that say who somebody is by what they hold: a sex or a birth date for each user, whatever they are called, and a name
for each where they are called so (`name`, `nome`, `login`).

Takes the table `property_values` (user, key, value, how often) of sampled events; gives the columns. Promises: a column is
taken only where users who come back have one value and hardly another, so that what is bought, seen or chosen (a shelf
of things for women, the year of a film, the name of a product) stays; under other words names and ages have no form of their
own and are not looked for.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache

import duckdb

from ..redaction.column_kinds import may_name_its_user
from ..redaction.spelling import as_read, folded
from .owned import LINES, SHARE, USERS
from .vendors.common import words

# What a column of sexes holds, in the languages of columns.toml, with titles that tell as much; folded.
_ONE = frozenset(
    words(
        "f w v female woman girl frau weiblich damen femme feminin mujer femenino feminino donna femmina vrouw vrouwelijk"
    )
    + words("mrs ms miss mme sra signora mevrouw ж жен женский انثي 女 女性 fem")
)
_OTHER = frozenset(
    words(
        "m h u male man boy mann mannlich herr homme masculin hombre masculino uomo maschio maschile man mannelijk mr monsieur sr"
    )
    + words("signor dhr м муж мужской ذكر 男 男性 masc")
)
_NEITHER = frozenset(
    words(
        "d x o n other others divers diverse unknown na none null undefined unbekannt inconnu otro outro altro anders u ? -"
    )
)
OLDEST = 1900  # the year of birth of nobody who is younger now, and what systems write for an unknown one
YOUNGEST = 15  # years before the log: accounts and contracts are rarely so old, and most people are older
MOST_OF_LIFE = 100  # years: a number that is further back is none of a year of birth
DIFFERENT = 10  # dates or years at least: fewer are the days on which something began for all
# Different names for each user: hundreds of people have hundreds of first names, and their teams, towns or plans are a few.
NAMED = 0.05
_FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%Y")
# A name: one to five words of letters, as long as any in a passport (ICAO 9303). That of an account has digits and signs as well.
_NAME = re.compile(r"(?=.{2,39}$)[^\W\d_]+[.'’]?(?:[ '’-]+[^\W\d_]+[.'’]?){0,4}|(?=[^ ]{3,39}$)[^\W\d_][\w.@-]*")
_LONGEST = 32  # characters of a date with a time of day

# Users of whom there are lines enough, with the value that nearly all of their lines have.
_ONE_EACH = f"""
WITH u AS (SELECT key, "user", sum(n) AS n, count(*) AS different, arg_max(value, n) AS value FROM property_values GROUP BY ALL),
k AS (SELECT key FROM u WHERE n >= {LINES} GROUP BY key HAVING count(*) >= {USERS} AND avg((different = 1)::INT) >= {SHARE})
SELECT key, value, count(*) FROM u SEMI JOIN k USING (key) GROUP BY ALL ORDER BY ALL
"""


def columns_of_people(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """By `sample_properties`, the properties whose values say each user's sex, birth date or name, sorted."""
    row = connection.execute("SELECT max(ts)::DATE FROM staging").fetchone()
    by_key: dict[str, dict[str, int]] = {}
    for key, value, users in connection.execute(_ONE_EACH).fetchall():
        by_key.setdefault(key, {})[value] = users
    last = row[0] if row else None
    return [
        key
        for key, held in by_key.items()
        if _are_sexes(held) or (last and _are_births(held, last)) or (may_name_its_user(key) and _are_names(held))
    ]


def _are_sexes(held: dict[str, int]) -> bool:
    """Both of two sexes, and nothing else but words for neither."""
    kinds = [_sex(value) for value in held]
    return None not in kinds and {"one", "other"} <= {*kinds}


@cache
def _sex(value: str) -> str | None:
    forms = {folded(form).strip(" .") for form in as_read(value[:_LONGEST])}
    for kind, known in (("one", _ONE), ("other", _OTHER), ("neither", _NEITHER)):
        if forms & known:
            return kind
    return None


def _are_births(held: dict[str, int], last: date) -> bool:
    """Days or years in which people of the age of users are born, of nearly all users, and many different."""
    if len(held) < DIFFERENT:
        return False
    born = [
        value
        for value in held
        if (year := _year(value)) and max(OLDEST, last.year - MOST_OF_LIFE) <= year <= last.year - YOUNGEST
    ]
    return len(born) >= DIFFERENT and sum(held[value] for value in born) >= SHARE * sum(held.values())


def _are_names(held: dict[str, int]) -> bool:
    """What nearly all users are called, of whom some may share a first name; fewer different ones are those of teams or towns."""
    named = [value for value in held if _NAME.fullmatch(value.strip())]
    users = sum(held.values())
    return len(named) >= max(DIFFERENT, NAMED * users) and sum(held[value] for value in named) >= SHARE * users


def _year(value: str) -> int | None:
    """The year of a day, or of a year alone; None of anything else."""
    text = value.strip()
    if not 4 <= len(text) <= _LONGEST or not text[:2].rstrip("./-").isdecimal():
        return None
    day = text.split("T")[0].split(" ")[0].removesuffix(".0")
    for form in _FORMS:
        try:
            return datetime.strptime(day, form).year
        except ValueError:
            continue
    return None
