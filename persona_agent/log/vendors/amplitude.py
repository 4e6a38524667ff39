"""Amplitude: one JSON object a line, as its Export API gives them.

`user_id` is empty for those who did not sign in; `device_id` stands in. `event_time` is the client's time put right by
Amplitude, in UTC. `$insert_id` tells repeats.
"""

from __future__ import annotations

from collections.abc import Iterator

from .common import NOT_BEHAVIOUR, OBJECTS, TEXTS, Found, Members, Vendor, by_name, first, found_event, members

# Amplitude's own marks of sessions and of changes to a user's properties.
MARKS = frozenset(
    (
        "session_start",
        "session_end",
        "$identify",
        "$groupidentify",
        "[Amplitude] Start Session",
        "[Amplitude] End Session",
    )
)
KEPT = ("platform", "os_name", "device_type", "country", "language", "version_name", "library")


def knows(record: Members) -> bool:
    return "event_type" in record and ("amplitude_id" in record or {"client_event_time", "device_id"} <= record.keys())


def events(record: Members) -> Iterator[Found]:
    own = members(record.get("event_properties"))
    name = first(record, "event_type")
    session = first(record, "session_id")
    user = first(record, "user_id", "device_id", "amplitude_id")
    yield found_event(
        user,
        first(record, "event_time", "client_event_time", "server_received_time"),
        name,
        object=by_name(own, OBJECTS),
        text=by_name(own, TEXTS),
        # -1 is an event outside of any session; an id is the session's start and may be another user's too.
        session=None if session in (None, -1, "-1") else f"{user}.{session}",
        event_id=first(record, "$insert_id", "insert_id", "uuid"),
        properties=own | {k: record[k] for k in KEPT if record.get(k) not in (None, "")},
        aside=NOT_BEHAVIOUR if name in MARKS else "",
    )


VENDOR = Vendor("amplitude", knows, events)
