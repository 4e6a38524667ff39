"""The fields of a log: what each is for, its unit, what it repeats, and which of them sort objects.

In: a connection with the view `events`. Out: fields by name. Everything is counted over a sample of whole users. A field is a
*category* where the object determines it: of two users who met the same object, how often they saw the same value, beyond what
the commonest value alone would give (Goodman and Kruskal's lambda, left one out). Promises: fields that fewer than five users
have, and what is declared of people, are not listed; no value of a field is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from ..log.column_names import bare
from ..log.events import MAX_FIELD_VALUES, NUMERIC_SHARE, Property, counts_nothing, properties, property_path
from ..log.lists import values_sql
from ..log.numbering import SAME
from ..log.vendors.common import words
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ..redaction import is_masked
from ..words.money import CURRENCIES
from .book import DescribedField, Use
from .unit_names import MONEY, SHARE, as_received, is_of_one, unit_of

MOST_FIELDS = 100  # in a file that a person reads; those of most events
SAMPLE_EVENTS = 100_000
PURE = 0.9  # of an object's users, that see one value; a catalogue keeps a few errors
BEYOND_MODE = 0.8  # of what the commonest value leaves open: 91 % of an online shop's lines are from one country
MIN_VALUES, MAX_VALUES = 3, 600  # of a category: two are a flag, more are objects under another name
OBJECTS_PER_VALUE = 3  # at least, or the field does not sort them
OF_USER = 0.95  # of users with several events hold one value: it says who they are, not what they do
# A circumstance: of visits of several lines so many hold one value, and so much of a user's lines has that user's commonest, that
# it says where and with what somebody came (a country, a browser) rather than what they did. Fewer visits tell nothing of that.
ONE_IN_VISIT, KEPT, FEWEST_VISITS = 0.95, 0.85, 50
# What a product is used on is chosen anew each time, by those who have both, and is what a product team builds for.
CHOSEN = frozenset(words("device devicetype devicecategory deviceclass formfactor platform channel"))
OF_VISIT = 0.95  # of values met several times are met in one visit alone: it numbers visits (an invoice, a session)
ID_LIKE = 0.5  # of values that are different
ALIKE = 0.99  # of events have one value: it tells next to nothing
# Of pairs of lines, in which the later has the same one of two values: it says when a line was, not what anybody does.
BY_THE_DAY = 0.95
COMPARED = 12  # fields that are held against each other: pairs grow with the square

LONG = """
CREATE OR REPLACE TEMP TABLE long AS
WITH u AS (SELECT user, row_number() OVER (ORDER BY min(i)) AS place FROM events GROUP BY user),
s AS (SELECT e.i, e.user, e.session, e.object, e.properties
      FROM events e JOIN u USING (user) WHERE place % $every = 0),
k AS (SELECT unnest($names::VARCHAR[]) AS name, unnest($paths::VARCHAR[]) AS path),
v AS (SELECT i, user, session, object, name, json_extract_string(properties, path) AS value FROM s, k)
FROM v WHERE value <> ''
"""
# Per field: users; of those with several sessions, how many hold one value, and how much of their lines has their commonest; of
# values met several times, how many in one session alone; how many visits have several lines, and how many of these one value;
# how many values, those of a list each for itself; the share of the commonest, of a list all of it.
HELD = """
WITH v AS (SELECT name, value, count(*) AS n FROM long GROUP BY ALL),
uv AS (SELECT name, user, value, count(*) AS n FROM long GROUP BY ALL),
um AS (SELECT name, user, max(n) / sum(n) AS kept FROM uv GROUP BY ALL),
u AS (SELECT name, user, count(DISTINCT session) AS n, count(DISTINCT value) AS d FROM long GROUP BY ALL),
y AS (SELECT name, user, session, count(*) AS n, count(DISTINCT value) AS d FROM long GROUP BY ALL),
hy AS (SELECT name, count(*) FILTER (n > 1) AS visits, avg((d = 1)::INTEGER) FILTER (n > 1) AS one FROM y GROUP BY name),
x AS (SELECT name, value, count(*) AS n, count(DISTINCT session) AS d FROM long GROUP BY ALL),
hu AS (SELECT name, count(*) AS users, avg((d = 1)::INTEGER) FILTER (n > 1) AS one, avg(kept) FILTER (n > 1) AS kept
       FROM u JOIN um USING (name, user) GROUP BY name),
hx AS (SELECT name, avg((d = 1)::INTEGER) FILTER (n > 1) AS one FROM x GROUP BY name),
hv AS (SELECT name, sum(n) AS n, max(n) / sum(n) AS mode FROM v GROUP BY name),
hd AS (SELECT name, count(DISTINCT one) AS d FROM (SELECT name, unnest({values}) AS one FROM v) GROUP BY name)
SELECT name, hu.users, hu.one, hu.kept, hx.one, hy.visits, hy.one, hd.d, hv.n, hv.mode
FROM hu JOIN hx USING (name) JOIN hy USING (name) JOIN hv USING (name) JOIN hd USING (name) ORDER BY name
""".format(values=values_sql("value"))
# Of users who met the same object, how often two saw the same value; and the same the other way round.
BY_OBJECT = """
WITH c AS (SELECT name, object, value, count(DISTINCT user) AS n FROM long WHERE object <> '' GROUP BY ALL),
o AS (SELECT name, object, sum(n) AS n, max(n) AS most FROM c GROUP BY ALL),
v AS (SELECT name, value, sum(n) AS n, max(n) AS most FROM c GROUP BY ALL),
m AS (SELECT name, max(n) / sum(n) AS mode FROM (SELECT name, value, sum(n) AS n FROM c GROUP BY ALL) GROUP BY name),
p AS (SELECT name, count(*) AS objects, sum(most - 1) FILTER (n > 1) / sum(n - 1) FILTER (n > 1) AS pure FROM o GROUP BY name),
q AS (SELECT name, sum(most - 1) FILTER (n > 1) / sum(n - 1) FILTER (n > 1) AS back FROM v GROUP BY name)
SELECT name, objects, pure, back, mode FROM p JOIN q USING (name) JOIN m USING (name) ORDER BY name
"""
# Each field of a pair by the other: the share of events that have the commonest value of the first given the second.
PAIRS = """
WITH l AS (SELECT i, name, value FROM long WHERE name IN (SELECT unnest($names::VARCHAR[]))),
c AS (SELECT a.name AS a, b.name AS b, a.value AS x, b.value AS y, count(*) AS n
      FROM l a JOIN l b USING (i) WHERE a.name <> b.name GROUP BY ALL),
g AS (SELECT a, b, x, sum(n) AS n, max(n) AS most FROM c GROUP BY a, b, x)
SELECT a, b, sum(most - 1) FILTER (n > 1) / sum(n - 1) FILTER (n > 1) FROM g GROUP BY a, b ORDER BY a, b
"""


# What numbers a field holds: the least, the most, and how many different ones lie between none and one.
NUMBERS = """
SELECT name, min(x), max(x), count(DISTINCT x) FILTER (x > 0 AND x < 1)
FROM (SELECT name, TRY_CAST(value AS DOUBLE) AS x FROM long) WHERE isfinite(x) GROUP BY name
"""

# Of each field of two values, how surely the later of two lines has the same one of them: a half by chance, one where a value
# gives way to the other on a day.
BY_TIME = """
WITH v AS (SELECT name, value, row_number() OVER (PARTITION BY name ORDER BY ts, i) AS place
           FROM long JOIN (SELECT i, ts FROM events) USING (i)),
c AS (SELECT name, value, sum(place) AS places, count(*) AS n FROM v GROUP BY ALL),
t AS (SELECT name, max(value) AS value, sum(n) AS n FROM c GROUP BY name HAVING count(*) = 2)
SELECT name FROM c JOIN t USING (name, value)
WHERE abs((places - c.n * (c.n + 1) / 2) / (c.n * (t.n - c.n)) - 0.5) >= $sure - 0.5 ORDER BY name
"""


@dataclass(frozen=True)
class HeldField:
    """How one field is held: `of_user` is the share of users of several sessions that hold one value, `kept` that of their lines
    that have their commonest; `one_session` is the share of values met several times that one session alone has, `in_visit` that
    of the `visits` of several lines that hold one value; `mode` is the commonest value's.
    """

    users: int
    of_user: float
    kept: float
    one_session: float
    visits: int
    in_visit: float
    distinct: int
    filled: int
    mode: float


@dataclass(frozen=True)
class ByObject:
    """What objects tell of a field, and it of them: shares left one out; `mode` is the commonest value's."""

    objects: int
    pure: float
    back: float
    mode: float

    @property
    def determined(self) -> bool:
        beyond = (self.pure - self.mode) / max(1 - self.mode, 1e-9)
        return self.pure >= PURE and beyond >= BEYOND_MODE

    @property
    def same(self) -> bool:
        return self.pure >= SAME and self.back >= SAME


def describe_fields(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, DescribedField], list[str]]:
    """The fields of a log by name, those of most events first, and its categories, finest first. Leaves the table `long`."""
    own = [p for p in properties(connection) if not is_masked(p.name)]
    catalogue = sorted(own, key=lambda p: (-p.coverage, p.name))[:MOST_FIELDS]
    held = _long(connection, catalogue)
    objects = {
        name: ByObject(n, pure or 0.0, back or 0.0, mode or 1.0)
        for name, n, pure, back, mode in connection.execute(BY_OBJECT).fetchall()
    }
    known = [p for p in catalogue if p.name in held and held[p.name].users >= FLOOR]
    kinds = [p.name for p in known if MIN_VALUES <= held[p.name].distinct <= MAX_VALUES and not p.is_amount]
    given = _pairs(connection, kinds[:COMPARED])
    repeats = dict(_repeats(known, objects, given))
    categories = _categories(known, held, objects, repeats)
    of_one = _of_one(connection, known)
    told = {name for name, by in objects.items() if by.determined}
    found = {
        p.name: _described(
            p,
            held[p.name],
            repeats.get(p.name),
            is_category=p.name in categories,
            of_one=p.name in of_one,
            of_object=p.name in told,
        )
        for p in known
    }
    of_time = {name for (name,) in connection.execute(BY_TIME, {"sure": BY_THE_DAY}).fetchall()}
    for name in of_time & found.keys():
        if found[name].use == "field":
            found[name] = found[name].model_copy(update={"use": "bookkeeping"})
    return found, categories


def _of_one(connection: duckdb.DuckDBPyConnection, known: list[Property]) -> set[str]:
    """The fields that hold parts of one, where there is a sum of money that they can be parts of."""
    found = {name for name, *of in connection.execute(NUMBERS).fetchall() if is_of_one(name, *of)}
    of_money = [p.name for p in known if p.name not in found and p.numeric >= NUMERIC_SHARE and _is_money(p.name)]
    return found if of_money else set()


def _is_money(name: str) -> bool:
    unit = unit_of(name)[1]
    return unit == MONEY or (unit or "").lower() in CURRENCIES


def _long(connection: duckdb.DuckDBPyConnection, catalogue: list[Property]) -> dict[str, HeldField]:
    row = connection.execute("SELECT count(*) FROM events").fetchone()
    given = {
        "every": math.ceil((row[0] if row else 0) / SAMPLE_EVENTS) or 1,
        "names": [p.name for p in catalogue],
        "paths": [property_path(p.name) for p in catalogue],
    }
    connection.execute(LONG, given)
    rows = connection.execute(HELD).fetchall()
    return {
        name: HeldField(n, of_user or 0.0, kept or 0.0, one or 0.0, visits, in_visit or 0.0, d, filled, mode)
        for name, n, of_user, kept, one, visits, in_visit, d, filled, mode in rows
    }


def _pairs(connection: duckdb.DuckDBPyConnection, names: list[str]) -> dict[tuple[str, str], float]:
    rows = connection.execute(PAIRS, {"names": names}).fetchall()
    return {(a, b): share or 0.0 for a, b, share in rows}


def _repeats(
    known: list[Property], objects: dict[str, ByObject], given: dict[tuple[str, str], float]
) -> Iterator[tuple[str, str]]:
    """Fields that tell what another tells: the object, or a field of more events (by name among equals)."""
    names = [p.name for p in known]
    for place, name in enumerate(names):
        if name in objects and objects[name].same:
            yield name, "object"
            continue
        other = next((n for n in names[:place] if min(given.get((n, name), 0), given.get((name, n), 0)) >= SAME), None)
        if other is not None:
            yield name, other


def _categories(
    known: list[Property], held: dict[str, HeldField], objects: dict[str, ByObject], repeats: dict[str, str]
) -> list[str]:
    """Fields that the object determines, finest first. What each user holds one value of, such as a course with pages of its own,
    says who the user is.
    """
    found = []
    for p in known:
        of, by = held[p.name], objects.get(p.name)
        few = MIN_VALUES <= of.distinct <= MAX_VALUES and of.of_user < OF_USER
        sorts = by is not None and by.determined and by.objects >= OBJECTS_PER_VALUE * of.distinct
        if few and sorts and not p.is_amount and p.name not in repeats:
            found.append(p.name)
    return sorted(found, key=lambda name: (-held[name].distinct, name))


def _described(
    p: Property, held: HeldField, repeats: str | None, *, is_category: bool, of_one: bool, of_object: bool
) -> DescribedField:
    name, unit = unit_of(p.name)
    unit = SHARE if of_one else unit
    return DescribedField(
        name=as_received(name) if p.numeric >= NUMERIC_SHARE else name,
        unit=unit if p.numeric >= NUMERIC_SHARE else None,
        use="category" if is_category else _use(p, held, repeats, unit, of_object=of_object),
        repeats=repeats,
        values=held.distinct,
        coverage=round(p.coverage, 3),
    )


def _use(p: Property, held: HeldField, repeats: str | None, unit: str | None, *, of_object: bool) -> Use:
    numeric = p.numeric >= NUMERIC_SHARE
    if p.is_amount or (numeric and unit and not p.of_time and not counts_nothing(p.name)):
        return "amount"
    counts_visits = held.one_session >= OF_VISIT and held.distinct > MAX_FIELD_VALUES
    alike = held.mode >= ALIKE or held.distinct >= ID_LIKE * held.filled
    if repeats or numeric or alike or counts_visits or p.of_time:
        return "bookkeeping"
    of_user = held.of_user >= OF_USER or (not of_object and _is_circumstance(p.name, held))
    return "of the user" if of_user else "field"


def _is_circumstance(name: str, held: HeldField) -> bool:
    constant = held.visits >= FEWEST_VISITS and held.in_visit >= ONE_IN_VISIT
    return constant and held.kept >= KEPT and bare(name.rpartition(".")[2]) not in CHOSEN
