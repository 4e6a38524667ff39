"""Segment and RudderStack: their calls as destinations and raw files hold them, and their tables in a warehouse.

`track`, `page` and `screen` are acts; `identify`, `alias` and `group` say who somebody is. `timestamp` is the client's time
put right by the clock of the server. `messageId`, in tables `id`, tells repeats. In a warehouse each kind of call has a
table whose columns are in snake_case: `tracks` and the tables of single events name the event, `pages` and `screens` what was
looked at, `identifies` only who somebody is; `context_…` is what was in `context`, and properties stand beside.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..values import cell_value
from .common import NOT_BEHAVIOUR, OBJECTS, TEXTS, Found, Members, Vendor, by_name, first, found_event, members, words

ACTS = {"page": "view page", "screen": "view screen"}
TIMES = frozenset(("original_timestamp", "received_at", "sent_at"))
# Columns of a warehouse's table that are no properties of the event.
COLUMNS = frozenset(
    words(
        """
        id anonymous_id user_id event event_text received_at original_timestamp sent_at timestamp uuid uuid_ts channel
        _metadata loaded_at rudder_id
        """
    )
)
LOOKED_AT = ("name", "title", "path", "screen_name", "url")
RUDDER = frozenset(("rudderId", "rudder_id", "context_ruddertyper", "channel"))


def knows(record: Members) -> bool:
    return _is_call(record) or _is_row(record)


def _is_call(record: Members) -> bool:
    return (
        {"messageId", "type"} <= record.keys()
        and bool({"anonymousId", "userId"} & record.keys())
        and bool({"originalTimestamp", "receivedAt", "sentAt"} & record.keys())
    )


def _is_row(record: Members) -> bool:
    return {"id", "anonymous_id", "user_id"} <= record.keys() and len(TIMES & record.keys()) >= 2


def events(record: Members) -> Iterator[Found]:
    yield _of_call(record) if _is_call(record) else _of_row(record)


def _of_call(record: Members) -> Found:
    kind = str(record.get("type") or "")
    own = members(record.get("properties"))
    context = members(record.get("context"))
    page = members(context.get("page"))
    seen = first(record, "name") or first(own, "name", "title", "path") or first(page, "title", "path")
    device, system = members(context.get("device")), members(context.get("os"))
    return found_event(
        first(record, "userId", "anonymousId"),
        first(record, "timestamp", "originalTimestamp", "receivedAt"),
        first(record, "event") if kind == "track" else ACTS.get(kind, kind),
        object=by_name(own, OBJECTS) or first(page, "path") if kind == "track" else seen,
        text=by_name(own, TEXTS),
        event_id=first(record, "messageId"),
        properties=own | {k: v for k, v in (("device", device.get("type")), ("os", system.get("name"))) if v},
        aside="" if kind in ("track", *ACTS) else NOT_BEHAVIOUR,
        anonymous=first(record, "anonymousId"),
    )


def _of_row(record: Members) -> Found:
    own = {k: _number(v) for k, v in record.items() if not _is_own(k) and v not in (None, "")}
    named = first(record, "event_text", "event")
    looked = first(record, *LOOKED_AT)
    kind = "screen" if "screen_name" in record else "page" if {"url", "path"} & record.keys() else ""
    told = (("device", record.get("context_device_type")), ("os", record.get("context_os_name")))
    return found_event(
        first(record, "user_id", "anonymous_id"),
        first(record, "timestamp", "original_timestamp", "received_at"),
        named or ACTS.get(kind, "identify"),
        object=by_name(own, OBJECTS) or first(record, "context_page_path") if named else looked,
        text=by_name(own, TEXTS),
        event_id=first(record, "id"),
        properties=own | {k: v for k, v in told if v},
        aside="" if named or kind else NOT_BEHAVIOUR,
        anonymous=first(record, "anonymous_id"),
    )


def _is_own(column: str) -> bool:
    return column in COLUMNS or column.startswith("context_")


def _number(value: object) -> object:
    return cell_value(value) if isinstance(value, str) else value


def is_rudderstack(record: Members) -> bool:
    library = str(
        record.get("context_library_name") or members(members(record.get("context")).get("library")).get("name")
    )
    return knows(record) and ("rudder" in library.lower() or bool(RUDDER & record.keys()))


VENDOR = Vendor("segment", knows, events)
RUDDERSTACK = Vendor("rudderstack", is_rudderstack, events)
