"""Times in which a log says nothing of anybody: an outage, a season, or files of different years put together.

Takes the staged events; gives a sentence where a log of many days has such a time. Promises: it is far longer than the pauses
that the log has otherwise, and is told by its days alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import duckdb

DAYS = 28  # of silence, at least: a shop is closed for a fortnight, and months have no line of a club
LONGER = 10  # times the pause that all but one in twenty of the log's days have behind them, at most
SEEN = 20  # days with lines, before pauses are usual
SHOWN = 3  # silences in a sentence, the longest of them

_DAYS = "SELECT DISTINCT ts::DATE AS day FROM staging ORDER BY day"


def told_silences(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """That nothing was logged for long, between which days."""
    days: list[date] = [day for (day,) in connection.execute(_DAYS).fetchall()]
    if len(days) < SEEN:
        return
    pauses = [(after - before, before, after) for before, after in pairwise(days)]
    usual = sorted(pauses)[int(len(pauses) * 0.95) - 1][0]
    silent = [p for p in pauses if p[0] >= max(timedelta(days=DAYS), LONGER * usual)]
    if not silent:
        return
    longest = sorted(sorted(silent, reverse=True)[:SHOWN], key=lambda p: p[1])
    told = ", ".join(f"between {_day(before)} and {_day(after)}" for _, before, after in longest)
    n = len(silent) - SHOWN
    more = f", and {n} more time{'s' if n > 1 else ''}" if n > 0 else ""
    yield f"nothing at all was logged {told}{more}: what is told of change, and of the time between visits, runs across that"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
