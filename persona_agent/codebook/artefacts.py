"""Objects that look like no object: what a system writes where it does not know better.

In: a connection with the tables `long` (traits.py), categories and amounts. Out: objects with why. The evidence is how one
object is held against the others: it stands in many categories where objects stand in one, its prices spread far wider than
theirs, or what counts pieces of others counts something else of it (gasoline, in thousandths of a gallon). A name that reads
like a placeholder makes less evidence do, and is none alone. Promises: an object is named only if five users share it.
"""

from __future__ import annotations

import re
from collections.abc import Collection

import duckdb

from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR

MIN_EVENTS = 20  # of an object: fewer say little of how wide it spreads
MIXED = 0.5  # of its users at most see one value, where nine in ten do of a usual object
MANY_KINDS = 10  # values that it stands in; a command of several systems stands in up to six of thirteen
SOME_KINDS = 3  # the same where its name is a placeholder, which no name alone makes it: a page may be called “test”
# Of an amount, between an object's tenth and ninetieth value, as a ratio: sales and wholesale prices reach 4.
WIDE_SPREAD = 10.0
SOME_SPREAD = 2.0  # where its name is a placeholder
SPREAD = 2.0  # the same in logarithms, over what nine objects in ten stay within
OTHER_UNIT = 300.0  # times as many as of the usual object: a wholesaler's usual box holds up to a hundred and more
OF_OBJECT = 0.5  # of an amount's variance (of logarithms) that lies between objects, for it to be a price of theirs
MOST = 20  # listed, those with most evidence first
PLACEHOLDER = re.compile(
    r"^[\W_]*(unknown|unspecified|undefined|undef|none|null|nil|n ?/ ?a|na|not (set|provided|available|known)|missing|default"
    r"|test|dummy|placeholder|tbd|tba|no name|unnamed|untitled|misc)[\W_]*$"
    r"|^(unknown|unspecified|undefined|unnamed|dummy|placeholder)\b|\b(unknown|unspecified|undefined)$",
    re.IGNORECASE,
)

# Objects in several values of a field, by how mixed they are.
IN_MANY = """
WITH c AS (SELECT object, value, count(DISTINCT user) AS n, count(*) AS e FROM long
           WHERE name = $name AND object <> '' GROUP BY ALL),
u AS (SELECT object FROM long WHERE name = $name GROUP BY object HAVING count(DISTINCT user) >= $floor)
SELECT object, count(*) AS kinds FROM c SEMI JOIN u USING (object) GROUP BY object
HAVING sum(e) >= $events AND kinds >= $kinds AND max(n) / sum(n) <= $mixed ORDER BY kinds DESC, object
"""
# Amounts above nothing, by object: how far apart the tenth and the ninetieth value are, and what lies between objects.
WIDE = """
WITH x AS (SELECT object, user, ln(try_cast(value AS DOUBLE)) AS x FROM long
           WHERE name = $name AND object <> '' AND try_cast(value AS DOUBLE) > 0),
o AS (SELECT object, count(*) AS n, count(DISTINCT user) AS users, quantile_cont(x, 0.9) - quantile_cont(x, 0.1) AS spread,
             var_pop(x) AS own FROM x GROUP BY object HAVING n >= $events AND users >= $floor),
t AS (SELECT var_pop(x.x) AS total, (SELECT median(own) FROM o) AS usual, (SELECT quantile_cont(spread, 0.9) FROM o) AS most
      FROM x)
SELECT object, exp(spread), exp(most) FROM o, t
WHERE usual <= (1 - $of_object) * total AND spread > most AND spread >= ln($least) ORDER BY spread DESC, object
"""
# Numbers of pieces, by object: how many there usually are, and how many of the usual object.
IN_OTHER_UNITS = """
WITH x AS (SELECT object, user, abs(try_cast(value AS DOUBLE)) AS x FROM long WHERE name = $name AND object <> ''),
o AS (SELECT object, count(*) AS n, count(DISTINCT user) AS users, median(x) AS middle FROM x WHERE x > 0 GROUP BY object),
t AS (SELECT median(middle) AS usual FROM o)
SELECT object, middle, usual FROM o, t
WHERE n >= $events AND users >= $floor AND middle >= $apart * usual ORDER BY middle DESC, object
"""


def find_artefacts(
    connection: duckdb.DuckDBPyConnection,
    categories: Collection[str],
    amounts: Collection[str],
    counts: Collection[str],
) -> dict[str, str]:
    """Objects that look like artefacts, with why; `counts` are those of the amounts that count pieces."""
    found: dict[str, list[str]] = {}
    given = {"floor": FLOOR, "events": MIN_EVENTS}
    for name in categories:
        rows = connection.execute(IN_MANY, {**given, "name": name, "kinds": SOME_KINDS, "mixed": MIXED}).fetchall()
        for obj, kinds in rows:
            if kinds >= MANY_KINDS or is_placeholder(obj):
                found.setdefault(obj, []).append(f"it stands in {kinds} values of {name}, where others stand in one")
    for name in amounts:
        rows = connection.execute(
            WIDE, {**given, "of_object": OF_OBJECT, "least": SOME_SPREAD, "name": name}
        ).fetchall()
        for obj, ratio, most in rows:
            if ratio >= max(WIDE_SPREAD, most**SPREAD) or is_placeholder(obj):
                found.setdefault(obj, []).append(f"its {name} spreads {ratio:,.0f} times, others' up to {most:,.1f}")
    for name in counts:
        for obj, middle, usual in connection.execute(
            IN_OTHER_UNITS, {**given, "apart": OTHER_UNIT, "name": name}
        ).fetchall():
            found.setdefault(obj, []).append(
                f"its {name} is usually {middle:,.0f}, others' {usual:,.0f}: of another unit"
            )
    ranked = sorted(found.items(), key=lambda x: (-len(x[1]), x[0]))[:MOST]
    return {obj: "; ".join(why) for obj, why in ranked}


def is_placeholder(name: str) -> bool:
    """Does a name say that there is none?"""
    return PLACEHOLDER.search(name.strip()) is not None
