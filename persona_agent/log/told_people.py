"""Columns that say who somebody is by what they hold: for each user a sex, a faith, an orientation, a record, a marriage, a
generation or a birth, whatever they are called (words in redaction/columns.toml), and a name where they are called so.

Takes the table `property_values` (user, key, value, how often) of sampled events; gives the columns. Promises: a column is
taken only where users who come back have one value and hardly another, so that what is bought, seen or chosen (a shelf
of things for women, the year of a film, the name of a product) stays; under other words names and ages have no form of their
own and are not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime
from functools import cache

import duckdb

from ..redaction.attributes import words_by_value
from ..redaction.column_kinds import may_name_its_user
from ..redaction.spelling import as_read, folded
from .owned import LINES, SHARE, USERS

NEITHER = "neither sex by value"
SAID_WITH = "said with it by value"
OLDEST = 1900  # the year of birth of nobody who is younger now, and what systems write for an unknown one
YOUNGEST = 15  # years before the log: accounts and contracts are rarely so old, and most people are older
MOST_OF_LIFE = 100  # years: a number that is further back is none of a year of birth
DIFFERENT = 10  # dates or years at least: fewer are the days on which something began for all
DECADES = 3  # different decades at least, of which no more are there
# Kinds of words in columns.toml that say who somebody is where each user has one of them; two sexes are looked at apart.
_OF_ONE_KIND = tuple(f"{kind} by value" for kind in ("generation", "faith", "orientation", "record", "marriage"))
# Whatever parts words; the signs for sexes and pictures of people are words.
_BETWEEN = re.compile(r"[^\w\u2640\u2642\u26a5\u26a7\U0001f300-\U0001faff]+|_+")
_SPLIT = re.compile(
    r"(?<=[\u2640\u2642\u26a5\u26a7\U0001f300-\U0001faff])(?=.)|(?<=.)(?=[\u2640\u2642\u26a5\u26a7\U0001f300-\U0001faff])"
)
_TWO_DIGITS = re.compile(r"\d{2}")  # an age or an end of one
# Different names for each user: hundreds of people have hundreds of first names, and their teams, towns or plans are a few.
NAMED = 0.05
_FORMS = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%Y"),
    *("%Y-%m", "%Y/%m", "%Y.%m", "%m/%Y", "%m.%Y", "%m-%Y"),
)
# The one year in a value with other words around it, as in "Jahrgang 1985", "born in 1985", "12 Mar 1985", "1985年3月".
_ONE_YEAR = re.compile(r"(?:19|20)\d{2}")
_WORDED = re.compile(r"(?:^|[^\W\d_]{3}|[\s年]|born)[ .:/-]?(?:19|20)\d{2}(?![\d.,])")
_OTHER_DIGITS = re.compile(r"\d{3,}")
_DAY_OF_YEAR = re.compile(r"(\d\d)[./-](\d\d)\.?")  # a birthday without its year
_DECADE = re.compile(
    r"(?:\w+ )?((?:19|20)\d0)(?: ?(?:s|'s|er|ern|年代|年代生|-e|х|-х|s born)|\s*[-–/]\s*(?:(?:19|20)?\d9))"
)
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
        if _say_who(held) or (last and _are_births(held, last)) or (may_name_its_user(key) and _are_names(held))
    ]


def _say_who(held: dict[str, int]) -> bool:
    """Words for who somebody is, of one kind and nothing else."""
    return _are_sexes(held) or any(_are_of_kind(held, kind) for kind in _OF_ONE_KIND)


def _are_sexes(held: dict[str, int]) -> bool:
    """Both of two sexes, and hardly anything else but words for neither."""
    kinds = {"one sex by value", "other sex by value"}
    if _nearly_all(held, (*kinds, NEITHER)) and all(any(_is_of(value, kind) for value in held) for kind in kinds):
        return True
    return any(_are_pair(held, pair) for pair in _pairs())


def _are_pair(held: dict[str, int], pair: frozenset[str]) -> bool:
    """These two and nothing else but words of several letters for neither: letters alone are of anything."""
    rest = [value for value in held if not _read_as(value) & pair]
    both = all(any(one in _read_as(value) for value in held) for one in pair)
    return both and all(len(value) > 1 and _is_of(value, NEITHER) and value.lower() != "none" for value in rest)


def _are_of_kind(held: dict[str, int], kind: str) -> bool:
    """Two words of a kind at least, and hardly anything else but words for neither."""
    return len({value for value in held if _is_of(value, kind)}) > 1 and _nearly_all(held, (kind, NEITHER))


def _nearly_all(held: dict[str, int], kinds: Iterable[str]) -> bool:
    """Have nearly all users a word of these kinds?"""
    known = sum(n for value, n in held.items() if any(_is_of(value, kind) for kind in kinds))
    return known >= SHARE * sum(held.values())


def _is_of(value: str, kind: str) -> bool:
    return not _words_of(kind).isdisjoint(_read_as(value))


@cache
def _read_as(value: str) -> frozenset[str]:
    """The ways in which a reader may take a value, without what is said with it; "" where nothing is left."""
    return frozenset(map(_bare, as_read(value[:_LONGEST])))


def _bare(form: str) -> str:
    said = words_by_value(SAID_WITH)
    every = _BETWEEN.sub(" ", _SPLIT.sub(" ", folded(form))).split()
    left = [word for word in every if word not in said] or every
    named = [word for word in left if not _TWO_DIGITS.fullmatch(word)]
    return " ".join(named if any(len(word) > 2 for word in named) else left)


@cache
def _words_of(kind: str) -> frozenset[str]:
    found = {_bare(word) for word in words_by_value(kind)}
    return frozenset({*found, ""} if kind == NEITHER else found)


@cache
def _pairs() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(_bare, pair.split("/"))) for pair in words_by_value("two sexes by value"))


def _are_births(held: dict[str, int], last: date) -> bool:
    """Days, months or years in which people of the age of users are born, of nearly all users, and many different; or decades of
    them; or days of the year.
    """
    oldest, youngest = max(OLDEST, last.year - MOST_OF_LIFE), last.year - YOUNGEST

    def nearly_all(born: Collection[str], different: int) -> bool:
        return len(born) >= different and sum(held[value] for value in born) >= SHARE * sum(held.values())

    decades = [value for value in held if (year := _decade(value)) and oldest <= year <= youngest]
    if nearly_all(decades, DECADES):
        return True
    if len(held) < DIFFERENT:
        return False
    born = [value for value in held if (year := _year(value)) and oldest <= year <= youngest]
    return nearly_all(born, DIFFERENT) or nearly_all([value for value in held if _is_day_of_year(value)], DIFFERENT)


def _decade(value: str) -> int | None:
    found = _DECADE.fullmatch(value.strip().lower())
    return int(found[1]) if found else None


def _is_day_of_year(value: str) -> bool:
    found = _DAY_OF_YEAR.fullmatch(value.strip())
    low, high = sorted(map(int, found.groups())) if found else (0, 0)
    return 1 <= low <= 12 and high <= 31


def _are_names(held: dict[str, int]) -> bool:
    """What nearly all users are called, of whom some may share a first name; fewer different ones are those of teams or towns."""
    named = [value for value in held if _NAME.fullmatch(value.strip())]
    users = sum(held.values())
    return len(named) >= max(DIFFERENT, NAMED * users) and sum(held[value] for value in named) >= SHARE * users


def _year(value: str) -> int | None:
    """The year of a day or a month, or of a year alone, in signs or in words; None of anything else."""
    text = value.strip()
    if not 4 <= len(text) <= _LONGEST:
        return None
    day = text.split("T")[0].split(" ")[0].removesuffix(".0")
    for form in _FORMS if text[:2].rstrip("./-").isdecimal() else ():
        try:
            return datetime.strptime(day, form).year
        except ValueError:
            continue
    years = _ONE_YEAR.findall(text)
    worded = len(years) == 1 and not _OTHER_DIGITS.search(_ONE_YEAR.sub(" ", text)) and _WORDED.search(text)
    return int(years[0]) if worded else None
