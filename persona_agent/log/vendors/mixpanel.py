"""Mixpanel: the raw export (`{"event": …, "properties": {…}}` a line), and the same flattened by a connector.

Exports are not de-duplicated: `$insert_id` tells repeats. `time` is in seconds since 1970, of the project's clock in old
projects; it is taken as UTC.
"""

from __future__ import annotations

from collections.abc import Iterator

from .common import (
    NOT_BEHAVIOUR,
    OBJECTS,
    TEXTS,
    Found,
    Members,
    Vendor,
    by_name,
    first,
    found_event,
    members,
    without,
    words,
)

BOOKKEEPING = frozenset(("$identify", "$create_alias", "$merge", "$mp_session_start", "$mp_session_end", "$opt_in"))
# What the library notes of the device and the person: none of it is an act, some of it names people.
OWN = words(
    """
    time distinct_id insert_id user_id device_id identified_id anon_id email first_name last_name name created
    avatar phone initial_referrer initial_referring_domain import radio carrier wifi
    """
)


def knows(record: Members) -> bool:
    if "event" not in record:
        return False
    held = members(record.get("properties"))
    if held:
        return "time" in held and ("$insert_id" in held or any(k.startswith(("mp_", "$mp_")) for k in held))
    return "time" in record and "distinct_id" in record and any(k.startswith("mp_") for k in record)


def events(record: Members) -> Iterator[Found]:
    held = members(record.get("properties")) or without(record, "event")
    plain = {k.removeprefix("$"): v for k, v in held.items()}
    own = {k: v for k, v in plain.items() if k not in OWN and not k.startswith("mp_")}
    name = str(record.get("event") or "")
    yield found_event(
        first(plain, "user_id", "distinct_id", "device_id"),
        first(plain, "time"),
        name.removeprefix("$"),
        object=by_name(own, OBJECTS),
        text=by_name(own, TEXTS),
        session=first(plain, "session_id"),
        event_id=first(plain, "insert_id"),
        properties=own,
        aside=NOT_BEHAVIOUR if name in BOOKKEEPING else "",
    )


VENDOR = Vendor("mixpanel", knows, events)
