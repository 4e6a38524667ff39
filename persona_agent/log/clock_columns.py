"""What a column that counts local weeks, days or hours tells of the clocks that a log's times are of.

In: staged events, and the zone in which times without offset were read. Out: the column and the offsets from the clocks that
these times are written in (mostly UTC), in whole hours, at which its values change at midnight (one, or two neighbours where
clocks are set forward for a part of the year); empty where no column settles one. Promises: nothing is said unless one offset
leaves next to no line that its day does not explain and every other leaves many times as many; nobody's hours are changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from .events import property_path

Ints = npt.NDArray[np.int64]

OFFSETS = range(-12, 15)  # whole hours from UTC at which there are clocks
LOOKED_AT = 50_000  # lines by which columns are chosen that could do: an hour of them has one value. Round
ALIKE = 0.98  # of these lines: a few times may be wrong
NEARLY = 0.01  # of the lines may have another value than their day has, at the offset that is accepted
BY_FAR = 10  # times as many must at every other offset
FEWEST = 20  # lines, too: fewer are near midnight by chance
HOURS = 24
# Of the lines that are looked at: a table of thousands is a survey, or features, and looking at each takes minutes. Round.
MOST_COLUMNS = 200


def column_clock(connection: duckdb.DuckDBPyConnection, zone: str) -> dict[str, Any]:
    """`column` and `offsets`, or nothing; of several columns the one that most lines speak for. `zone` is that of the times."""
    connection.execute(_LINES.format(zone="'" + zone.replace("'", "") + "'"))
    found = [(name, told) for name in _candidates(connection) if (told := _settled(connection, name))]
    best = max(found, key=lambda f: (f[1][1], f[0]), default=None)
    return {"column": best[0], "offsets": best[1][0]} if best else {}


def _candidates(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Properties that have one value in nearly every hour, and not only where an hour has one line."""
    row = connection.execute("SELECT count(*) FROM clock_lines").fetchone()
    every = max(1, (row[0] if row else 0) // LOOKED_AT)
    columns = connection.execute(_COLUMNS, {"every": every}).fetchone()
    if columns is None or columns[0] > MOST_COLUMNS:
        return []
    found = connection.execute(_CANDIDATES, {"every": every, "alike": ALIKE, "fewest": FEWEST}).fetchall()
    return [name for (name,) in found]


def _settled(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[list[int], int] | None:
    """The offsets that a column settles, and how many lines speak against the next best."""
    lines = connection.execute(_VALUES, {"path": property_path(name)}).fetchnumpy()
    hours, n = lines["hour"].astype(np.int64), lines["n"].astype(np.int64)
    values, codes = np.unique(lines["value"].astype(str), return_inverse=True)
    if len(values) < 2:
        return None
    days = int(hours.max() - hours.min()) // HOURS + 2
    column = _ByHour(hours, codes, n, _as_hours(values))
    if column.clocked is None and len(values) > days:
        return None
    offsets = [o for o in OFFSETS if column.clocked is None or -HOURS < 2 * o <= HOURS]
    off = {o: column.unexplained(o) for o in offsets}
    found = _best({(o,): int(off[o].sum()) for o in offsets}, int(n.sum()))
    two = {(o, o + 1): int(np.minimum(off[o], off[o + 1]).sum()) for o in offsets[:-1]}
    return found or _best(two, int(n.sum()))


def _best(off: Mapping[Any, int], lines: int) -> tuple[list[int], int] | None:
    """The offsets that leave fewest lines unexplained, if these are next to none and all others leave many."""
    (best, least), (_, next_best) = sorted(off.items(), key=lambda f: f[1])[:2]
    settles = least <= NEARLY * lines and next_best >= max(FEWEST, BY_FAR * least)
    return ([*best], next_best) if settles else None


@dataclass(frozen=True)
class _ByHour:
    """A column's values (`codes`) by hours since 1970 in UTC, of `n` lines each; `clocked` are its values as hours of a day."""

    hours: Ints
    codes: Ints
    n: Ints
    clocked: Ints | None

    def unexplained(self, offset: int) -> Ints:
        """By day of clocks at this offset, lines whose value most of the day do not have; of hours, not that of the clocks."""
        hours = self.hours + offset
        first = (int(self.hours.min()) + OFFSETS[0]) // HOURS  # so that any offset's days have the same places
        days = hours // HOURS - first
        room = (int(self.hours.max()) + OFFSETS[-1]) // HOURS - first + 1
        if self.clocked is not None:
            lost = np.where(self.clocked[self.codes] == hours % HOURS, 0, self.n)
            return np.bincount(days, weights=lost, minlength=room).astype(np.int64)
        width = int(self.codes.max()) + 1
        pairs, place = np.unique(days * width + self.codes, return_inverse=True)
        most = np.zeros(room)
        np.maximum.at(most, pairs // width, np.bincount(place, weights=self.n))
        return (np.bincount(days, weights=self.n, minlength=room) - most).astype(np.int64)


def _as_hours(values: npt.NDArray[np.str_]) -> Ints | None:
    """The values as hours of a clock, where they are nothing else and more than half a day of them."""
    told = [
        int(v) if v.isdecimal() else int(float(v)) if v.endswith(".0") and v[:-2].isdecimal() else -1 for v in values
    ]
    clocked = all(0 <= t < HOURS for t in told) and 2 * len({*told}) > HOURS
    return np.array(told, dtype=np.int64) if clocked else None


_LINES = """
CREATE OR REPLACE TEMP VIEW clock_lines AS
SELECT date_diff('hour', TIMESTAMP '1970-01-01', timezone({zone}, timezone('UTC', ts))) AS hour, properties FROM staging
"""
_COLUMNS = """
SELECT count(DISTINCT key) FROM (SELECT unnest(json_keys(properties)) AS key FROM clock_lines WHERE hash(hour) % $every = 0)
"""
_CANDIDATES = """
WITH keys AS (SELECT hour, properties, unnest(json_keys(properties)) AS key FROM clock_lines WHERE hash(hour) % $every = 0),
cells AS (SELECT key, hour, json_extract_string(properties, '$."' || replace(key, '"', '\\"') || '"') AS value, count(*) AS n
          FROM keys GROUP BY ALL),
hours AS (SELECT key, hour, sum(n) AS n, max(n) AS most FROM cells WHERE value IS NOT NULL GROUP BY key, hour)
SELECT key FROM hours GROUP BY key HAVING sum(most) >= $alike * sum(n) AND sum(n) - count(*) >= $fewest ORDER BY key
"""
_VALUES = """
SELECT hour, json_extract_string(properties, $path) AS value, count(*) AS n
FROM clock_lines WHERE json_extract_string(properties, $path) IS NOT NULL GROUP BY ALL ORDER BY hour, value
"""
