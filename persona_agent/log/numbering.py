"""Whole numbers that number what a text names: ids of things, kinds or places, which are nobody's amount.

In: a connection with the view `events`, and the names of number columns and of texts with how many values each has. Out: those of
the numbers that are ids. Promises: what a number is called decides nothing here; a number with decimals, one that several names
share, and one that ends as prices do is no id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

SAME = 0.98  # each value with one value of the other, both ways, as far as values come back: it is the same thing spelled twice
SETTLED = 0.9  # of an object's users, that meet one value of what the object settles; a catalogue keeps a few errors
FEW = 20  # lines on which a value comes back with another user: on fewer it is alike by chance
NEAR = 0.9  # of the values of one, that the other has at least: what numbers the other has about as many. Spares counting pairs
# Of numbers, those that end in 0, 5 or 9: prices and packs do, ids do three times in ten.
ROUND = 0.6
DENSE = 2.0  # times their count that numbers reach at most, if they are a scale: marks of 1 to 10 have names as well

_LINES = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT user, object, CASE WHEN object <> '' THEN object END AS "0"{columns} FROM events WHERE i % ? = 0
"""
# A text that holds the number spells it (`12 EUR`), and names nothing.
_ONE_TO_ONE = """
WITH c AS (
    SELECT {x} AS x, {y} AS y, count(DISTINCT user) AS n FROM numbered WHERE {x} IS NOT NULL AND {y} IS NOT NULL GROUP BY ALL),
by_x AS (SELECT sum(n) AS n, max(n) AS most FROM c GROUP BY x),
by_y AS (SELECT sum(n) AS n, max(n) AS most FROM c GROUP BY y)
SELECT (SELECT sum(n - 1) FROM by_x), (SELECT sum(most - 1) FILTER (n > 1) / sum(n - 1) FILTER (n > 1) FROM by_x),
       (SELECT sum(most - 1) FILTER (n > 1) / sum(n - 1) FILTER (n > 1) FROM by_y),
       (SELECT avg(contains(y, x)::INT) FROM c)
"""
_ENDS = """
WITH v AS (SELECT DISTINCT try_cast({x} AS DOUBLE) AS v FROM numbered WHERE {x} IS NOT NULL)
SELECT coalesce(bool_and(v = round(v)), false), avg((abs(v) % 10 IN (0, 5, 9))::INT), max(v), count(*) FROM v WHERE isfinite(v)
"""


@dataclass(frozen=True, slots=True)
class _OneToOne:
    """How two columns settle each other: `back` lines on which the first comes back, shares of them left one out, and of the
    pairs those in which the second holds the first.
    """

    back: int
    settles: float
    settled: float
    spelled: float

    @property
    def both(self) -> bool:
        return self.back >= FEW and min(self.settles, self.settled) >= SAME and self.spelled < 0.5


def numbers_of_things(
    connection: duckdb.DuckDBPyConnection,
    numbers: Mapping[str, int],
    texts: Mapping[str, int],
    paths: list[str],
    step: int,
) -> set[str]:
    """Which of `numbers` are ids; both are how many values a column has, `paths` theirs as JSON, numbers first; of every
    `step`th event.
    """
    if not numbers:
        return set()
    names = [*numbers, *texts]
    columns = "".join(f', json_extract_string(properties, ?) AS "{k}"' for k in range(1, len(names) + 1))
    connection.execute(_LINES.format(columns=columns), [*paths, step])
    ((things,),) = connection.execute('SELECT count(DISTINCT "0") FROM numbered').fetchall()
    sizes = {"object": things, **texts}
    place = {"object": 0, **{name: k for k, name in enumerate(names, 1)}}
    found = set(_found(connection, numbers, sizes, place))
    connection.execute("DROP TABLE numbered")
    return found


def _found(
    connection: duckdb.DuckDBPyConnection,
    numbers: Mapping[str, int],
    sizes: Mapping[str, int],
    place: Mapping[str, int],
) -> Iterator[str]:
    for name, different in numbers.items():
        x = f'"{place[name]}"'
        near = [text for text, n in sizes.items() if min(n, different) >= NEAR * max(n, different)]
        if not near:
            continue
        ((whole, ending, most, count),) = connection.execute(_ENDS.format(x=x)).fetchall()
        if not whole or ending >= ROUND or not any(_pair(connection, x, f'"{place[text]}"').both for text in near):
            continue
        if most > DENSE * count or _pair(connection, '"0"', x).settles >= SETTLED:
            yield name


def _pair(connection: duckdb.DuckDBPyConnection, x: str, y: str) -> _OneToOne:
    ((back, settles, settled, spelled),) = connection.execute(_ONE_TO_ONE.format(x=x, y=y)).fetchall()
    return _OneToOne(int(back or 0), settles or 0.0, settled or 0.0, spelled or 0.0)
