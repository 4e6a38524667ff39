"""Rejects that are no random part of a log: a run on the rest would tell of mornings, people or acts that are not there.

Takes the staged events and what is known of the rejected records; gives a sentence for each kind of value that lost far more of
its lines than others did. Promises: a value is named only where chance alone would hardly do it, among all values that were
looked at; users are named by their hashes alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from ..errors import InputError
from .events import RARE, SHARED_BY

SHARE = 0.2  # of the lines of a value that rejects take: a fifth of a morning is missed by nobody who looks for it
MORE = 0.05  # and so much more than elsewhere: else the log is bad throughout, which is said of it as a whole
LINES = 20  # of a value, before its share says anything
CHANCE = 0.001  # of so many lost by chance, divided by the values looked at

# By what the lines of a value are counted among the staged events; local is their time in the log's zone.
DOER = "user of an act"  # a kind of `lost`: its values are an act and a user with a mark between
_KEPT = {
    "hour": "hour(local)::VARCHAR",
    "weekday": "dayname(local)",
    "month": "strftime(local, '%Y-%m')",
    "user": "user",
    "act": "action",
    "file": "file",
}
_OF_TIME = frozenset({"hour", "weekday", "month"})
_HOUR = re.compile(r"(?<![0-9:.])([0-9]{1,2}):[0-9]{2}").search
_MONTH = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?(?![0-9])").search
# A date with a time of day, in a line that is no record.
_MOMENT = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[T ][0-9]{1,2}:[0-9]{2}").search


# By why most lines were rejected, what else than mending may help.
_WAYS = {
    "timestamp": "say how times are spelled by --time-format",
    "no_timestamp": "name a column that all lines have by --map timestamp=COLUMN",
    "no_action": "name a column of acts that all lines have by --map action=COLUMN (they have none in the one that was taken)",
    "no_user": "name a column of users that all lines have by --map user=COLUMN",
}


def stop_at_losses(losses: Sequence[str], codes: Mapping[str, int], *, allowed: bool) -> None:
    """InputError where rejects are no random part of the log, unless a person allowed them; `codes` says why they were."""
    if losses and not allowed:
        told, most = "; ".join(losses), max(codes, key=lambda code: codes[code], default="")
        way = _WAYS.get(most, "")
        raise InputError(
            f"{told[:1].upper()}{told[1:]}.",
            hint=f"`inspect` shows rejects with their reasons: mend the log, {f'{way}, ' if way else ''}or go on without these "
            "lines by --allow-rejects.",
        )


def traits_of(moment: Any, us: int | None, zone: str) -> Iterator[tuple[str, str]]:
    """What can be told of a rejected record's time: of its microseconds, else of how it is spelled."""
    if us is not None:
        at = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(ZoneInfo(zone or "UTC"))
        yield from (("hour", str(at.hour)), ("weekday", f"{at:%A}"), ("month", f"{at:%Y-%m}"))
        return
    text = moment if type(moment) is str else ""
    if (hour := _HOUR(text)) and int(hour[1]) <= 24:
        yield "hour", str(int(hour[1]) % 24)
    if (found := _MONTH(text)) and 1 <= int(found[2]) <= 12:
        yield "month", f"{found[1]}-{int(found[2]):02}"
        with suppress(ValueError):
            yield "weekday", f"{date(int(found[1]), int(found[2]), int(found[3] or 0)):%A}"


def traits_of_line(text: str, zone: str) -> Iterator[tuple[str, str]]:
    """What can be told of the time of a line that no one could read as a record: of the one date and time in it."""
    if found := _MOMENT(text):
        yield from traits_of(found[0], None, zone)


def find_losses(connection: duckdb.DuckDBPyConnection, lost: Mapping[tuple[str, str], int], zone: str) -> list[str]:
    """A sentence for each kind of value whose rejects are not by chance, about the value that lost most."""
    found = []
    for kind in _KEPT:
        gone = {value: n for (of, value), n in lost.items() if of == kind}
        # Of few, none can be too many of its value's lines: the staged events need not be counted.
        if gone and max(gone.values()) >= SHARE * LINES and (worst := _worst(gone, _kept(connection, kind, zone))):
            value, n, lines, elsewhere = worst
            if kind == "act" and value not in _shared_acts(connection, lost):
                value = RARE
            found.append(
                f"{n:,} of {lines:,} lines of the {kind} {value!r} were rejected ({n / lines:.0%}), and {elsewhere:.0%} of "
                "the other lines: what is left is no fair part of the log"
            )
    return found


def _kept(connection: duckdb.DuckDBPyConnection, kind: str, zone: str) -> dict[str, int]:
    # Quarters of an hour, of which zones are made, are few: the time of each is told once.
    rows = connection.execute(
        f"""SELECT {_KEPT[kind]} AS value, sum(n)::BIGINT FROM (
              SELECT *, timezone($zone, timezone('UTC', quarter)) AS local FROM (
                SELECT time_bucket(INTERVAL 15 MINUTES, ts) AS quarter, count(*) AS n FROM staging GROUP BY quarter))
            GROUP BY value"""
        if kind in _OF_TIME
        else f"SELECT {_KEPT[kind]} AS value, count(*) FROM staging WHERE $zone <> '' GROUP BY value",
        {"zone": zone or "UTC"},
    )
    return dict(rows.fetchall())


def _shared_acts(connection: duckdb.DuckDBPyConnection, lost: Iterable[tuple[str, str]]) -> set[str]:
    """The acts that may be named: as many users share them as everywhere, of what was kept or of what was lost."""
    rows = connection.execute(
        "SELECT action FROM staging GROUP BY action HAVING count(DISTINCT user) >= ?", [SHARED_BY]
    )
    doers = Counter(value.partition("\0")[0] for kind, value in lost if kind == DOER)
    return {action for (action,) in rows.fetchall()} | {act for act, users in doers.items() if users >= SHARED_BY}


def _worst(gone: Mapping[str, int], kept: Mapping[str, int]) -> tuple[str, int, int, float] | None:
    """The value with most rejects among those that lost too many; its rejects, its lines, and the share that others lost."""
    all_gone, all_lines = sum(gone.values()), sum(gone.values()) + sum(kept.values())
    values = Counter(gone) + Counter(kept)
    worst = None
    for value, n in sorted(gone.items()):
        lines = values[value]
        if lines < LINES or lines == all_lines or n < SHARE * lines:
            continue
        elsewhere = (all_gone - n) / (all_lines - lines)
        if n / lines < elsewhere + MORE or (worst is not None and n <= worst[1]):
            continue
        if _as_many(n, lines, elsewhere) * len(values) < CHANCE:
            worst = (value, n, lines, elsewhere)
    return worst


def _as_many(n: int, lines: int, share: float) -> float:
    """The chance that of so many lines, each of which goes with this share, as many go."""
    from scipy.stats import binom  # a second to import, for what reading seldom asks in any of its processes

    return float(binom.sf(n - 1, lines, share))
