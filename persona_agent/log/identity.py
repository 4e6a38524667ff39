"""Who a device belongs to: rows without a user, joined to the user that their anonymous id was seen with.

Segment and RudderStack give every row an anonymous id, and a user id once somebody has signed in; an anonymous id belongs to the
user it was seen with. Promises: an id that was seen with several users is joined to none; what is known of a user who opted out
or was forgotten takes the rows of their devices along, joined or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import duckdb

from .vendors.common import words

# By which columns a device or browser is known where nobody has signed in, in order of preference; compared like other names.
ANONYMOUS = words(
    """
    anonymous_id anonymous_user_id user_pseudo_id device_id visitor_id domain_userid cookie_id installation_id
    """
)


@dataclass(slots=True)
class Devices:
    """Anonymous ids with the users they were `seen` with, and those that stand for a user in rows that have none: raw ids, or
    their hashes.
    """

    seen: set[tuple[str, str]] = field(default_factory=set)
    nameless: set[str] = field(default_factory=set)

    def note(self, device: str, user: str) -> None:
        """A row of a device and a user; the device's own id is no user."""
        if device == user:
            self.nameless.add(device)
        else:
            self.seen.add((device, user))

    def add(self, other: Devices) -> None:
        """Those of another part of the log too."""
        self.seen |= other.seen
        self.nameless |= other.nameless

    def hashed(self, of: Callable[[str], str]) -> Devices:
        """The same with hashes for ids."""
        return Devices({(of(device), of(user)) for device, user in self.seen}, set(map(of, self.nameless)))


def settle_devices(
    connection: duckdb.DuckDBPyConnection, devices: Devices, gone: Sequence[str], join: bool
) -> tuple[int, list[str]]:
    """Takes the rows of devices of users who are `gone` out of `staging`, and joins the others if asked. Gives how many rows
    went, and what a person should know.
    """
    if not devices.nameless:
        return 0, []
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE nameless AS SELECT unnest(?::VARCHAR[]) AS device", [[*sorted(devices.nameless)]]
    )
    pairs = sorted(devices.seen)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE seen AS SELECT unnest(?::VARCHAR[]) AS device, unnest(?::VARCHAR[]) AS person",
        [[d for d, _ in pairs], [p for _, p in pairs]],
    )
    left = connection.execute(
        """DELETE FROM staging WHERE "user" IN (SELECT device FROM nameless JOIN seen USING (device)
           WHERE person IN (SELECT unnest(?::VARCHAR[]))) RETURNING 1""",
        [list(gone)],
    ).fetchall()
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE owners AS
           SELECT device, count(DISTINCT person) AS persons, min(person) AS person, any_value(n) AS n
           FROM (SELECT "user" AS device, count(*) AS n FROM staging SEMI JOIN nameless ON "user" = device GROUP BY ALL)
           LEFT JOIN seen USING (device) GROUP BY device"""
    )
    if join:
        connection.execute(
            """UPDATE staging SET "user" = owners.person FROM owners
               WHERE staging."user" = owners.device AND owners.persons = 1"""
        )
    return len(left), list(_told(connection, join))


def _told(connection: duckdb.DuckDBPyConnection, join: bool) -> Iterator[str]:
    row = connection.execute(
        """SELECT coalesce(sum(n), 0)::BIGINT, count(*), coalesce(sum(n) FILTER (persons = 1), 0)::BIGINT,
                  count(*) FILTER (persons = 1), coalesce(sum(n) FILTER (persons > 1), 0)::BIGINT, count(*) FILTER (persons > 1)
           FROM owners"""
    ).fetchone()
    rows, ids, known_rows, known, several_rows, several = row or (0,) * 6
    if not rows:
        return
    told = f"{rows:,} records have no user id, from {ids:,} anonymous ids"
    if join:
        told += (
            f"; {known_rows:,} of them were joined to the user that their anonymous id was seen with, the others are users of "
            "their own"
        )
    elif known:
        told += (
            f", and count as users of their own; {known:,} of these ids ({known_rows:,} records) were also seen with a user: "
            "--stitch joins them"
        )
    else:
        told += ", and count as users of their own"
    yield told
    if several:
        yield f"{several:,} anonymous ids were seen with several users: their {several_rows:,} records are joined to none"


def unread(column: str, user: str, records: int) -> Iterator[str]:
    """What a person should know of records that were rejected because they have no user, but an anonymous id in a `column`."""
    if column and records:
        yield f"{records:,} records have no {user} and were rejected; --stitch reads them by {column}"
