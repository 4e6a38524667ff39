"""Segment: its calls as destinations and warehouses' raw files hold them.

`track`, `page` and `screen` are acts; `identify`, `alias` and `group` say who somebody is. `timestamp` is the client's time
put right by the clock of Segment. `messageId` tells repeats.
"""

from __future__ import annotations

from collections.abc import Iterator

from .common import NOT_BEHAVIOUR, OBJECTS, TEXTS, Found, Members, Vendor, by_name, event, first, members

ACTS = {"page": "view page", "screen": "view screen"}


def knows(record: Members) -> bool:
    return (
        {"messageId", "type"} <= record.keys()
        and bool({"anonymousId", "userId"} & record.keys())
        and bool({"originalTimestamp", "receivedAt", "sentAt"} & record.keys())
    )


def events(record: Members) -> Iterator[Found]:
    kind = str(record.get("type") or "")
    own = members(record.get("properties"))
    context = members(record.get("context"))
    page = members(context.get("page"))
    seen = first(record, "name") or first(own, "name", "title", "path") or first(page, "title", "path")
    device, system = members(context.get("device")), members(context.get("os"))
    yield event(
        first(record, "userId", "anonymousId"),
        first(record, "timestamp", "originalTimestamp", "receivedAt"),
        first(record, "event") if kind == "track" else ACTS.get(kind, kind),
        object=by_name(own, OBJECTS) or first(page, "path") if kind == "track" else seen,
        text=by_name(own, TEXTS),
        event_id=first(record, "messageId"),
        properties=own | {k: v for k, v in (("device", device.get("type")), ("os", system.get("name"))) if v},
        aside="" if kind in ("track", *ACTS) else NOT_BEHAVIOUR,
    )


VENDOR = Vendor("segment", knows, events)
