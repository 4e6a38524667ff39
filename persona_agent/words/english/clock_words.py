"""What a column of local weeks, days or hours says of the clocks by which hours are told.

In: a column with the offsets from the clocks that times are written in at which it changes at midnight (log/clock_columns.py),
and the zone of the clocks. Out: a sentence without its end; an option that would make it otherwise ends it, behind a semicolon.
Promises: a column that changes at midnight of the times as they are written is not taken to say of which clocks both are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ..wording import clock

HOURS = 24  # of a day: an hour before midnight is 23, and not −1


def offsets_of(zone: str, first: str, last: str) -> list[float]:
    """The offsets from UTC, in hours, of clocks in a zone between two times of a log."""
    at, end = (datetime.fromisoformat(t).replace(tzinfo=UTC) for t in (first, last))
    found = set[float]()
    while at <= end:
        offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
        found.add(offset.total_seconds() / 3600)
        at += timedelta(days=1)
    return sorted(found)


def clock_told(column: Mapping[str, Any], zone: str, first: str, last: str, *, local: bool) -> str:
    """`zone` is that of the clocks by which hours are told, of a log from `first` to `last`; `local`: were the times read as what
    these show? Empty where the column says nothing, which it does not either where it is by the clocks that the times are written
    in and hours are told by these.
    """
    name, found = f"the column {column.get('column')}", [*column.get("offsets", [])]
    if not found or (found == [0] and (local or zone == "UTC")):
        return ""
    here = offsets_of(zone, first, last)
    if local:
        said = f"{name} changes at {clock(-found[0] % HOURS)} of these clocks, so the hours are off unless its days begin then"
        return said + ("; --times-are utc puts them right" if found == here else "")
    if found == here:
        return f"{name} changes at midnight of these clocks, so the hours are right"
    if found == [0]:
        return (
            f"{name} changes at midnight of the times as they are written, so both are UTC, or both are local; "
            "--times-are local then"
        )
    at = round(here[0] - found[0]) % HOURS
    if at == 0:  # it may be that no change falls in the other part of the year
        return f"{name} changes at midnight of these clocks where they {behind(found)}"
    said = f"{name} changes at {clock(at)} of these clocks, so the hours are off unless its days begin then"
    return f"{said}; --timezone of a place whose clocks {behind(found)} puts them right"


def clock_proposed(column: Mapping[str, Any]) -> str:
    """What such a column proposes of times that were read as UTC, where nobody named a zone."""
    if not column:
        return ""
    name, found = column["column"], [*column["offsets"]]
    if found == [0]:
        return (
            f"the column {name} changes at midnight of the times as they are written: both are UTC, or both are local"
        )
    return f"if they are UTC, the column {name} is by clocks that {behind(found)}: --timezone of such a place"


def behind(found: Sequence[int]) -> str:
    """“are 5 hours behind UTC, 4 for a part of the year”."""
    first, *rest = sorted(found, key=abs, reverse=found[0] < 0)
    side = "ahead of" if max(found) > 0 else "behind"
    told = f"are {abs(first)} hour{'' if abs(first) == 1 else 's'} {side} UTC" if first else "are on UTC"
    return told + "".join(f", {abs(o)}{'' if first else ' ahead of it'} for a part of the year" for o in rest)
