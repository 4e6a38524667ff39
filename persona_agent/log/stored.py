"""Facts about what of a log is stored.

In: the staged events. Out: fields of a `ReadLog`, by name.
"""

from __future__ import annotations

from typing import Any

import duckdb

from .clock_columns import column_clock


def count_stored(connection: duckdb.DuckDBPyConnection, zone: str, accounts: bool, naive: bool) -> dict[str, Any]:
    """How many events and users there are, from when to when, and what their times are; `naive`: may some have no offset?."""
    row = connection.execute(
        "SELECT count(*), count(DISTINCT user), min(ts)::VARCHAR, max(ts)::VARCHAR, bool_and(second(ts) + microsecond(ts) = 0), "
        "bool_and(timezone(?, timezone('UTC', ts))::TIME = TIME '00:00') FROM staging",
        [zone],
    ).fetchone()
    events, users, first, last, to_the_minute, all_dated = row or (0, 0, None, None, None, None)
    persons = connection.execute("SELECT count(DISTINCT person) FROM staging").fetchone() if accounts else None
    return {
        "events": events,
        "users": users,
        "persons": persons[0] if persons else None,
        "first": first,
        "last": last,
        "times_to_the_minute": bool(to_the_minute),
        "all_dated": bool(all_dated),
        "times_are": zone,
        "clock": column_clock(connection, zone) if naive and not all_dated else {},
    }
