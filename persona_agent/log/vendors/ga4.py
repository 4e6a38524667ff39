"""GA4 and Firebase: rows of the BigQuery export, web and app.

`event_timestamp` is in microseconds. Parameters are lists of `{key, value: {string_value, int_value, …}}`. A session is a
user's `ga_session_id`. `session_start`, `first_visit` and the like are marks that the library sets by itself. A purchase
of three items is three events of one row. Rows that SQL flattened to plain columns are not of this layout.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..shapes import as_object
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
    objects,
    words,
)

MARKS = words(
    """
    session_start first_visit first_open user_engagement firebase_campaign os_update app_update app_clear_data
    app_store_subscription_convert notification_receive notification_foreground
    """
)
TAKEN = frozenset(("purchase", "in_app_purchase", "refund", "add_to_cart", "remove_from_cart"))
# Parameters that say how an event was measured.
TECHNICAL = words(
    """
    ga_session_id ga_session_number session_engaged engaged_session_event engagement_time_msec entrances debug_mode
    clean_event all_data firebase_event_origin firebase_screen_id firebase_previous_id firebase_conversion gclid
    dclid gclsrc batch_page_id batch_ordering_id timestamp
    """
)
OF_ITEM = ("item_name", "item_id")
NESTED = ("event_params", "user_properties", "items", "device", "geo", "traffic_source", "app_info")


def knows(record: Members) -> bool:
    named = {"event_name", "event_timestamp", "user_pseudo_id"} <= record.keys()
    return named and any(isinstance(record.get(name), dict | list) for name in NESTED)


def events(record: Members) -> Iterator[Found]:
    params = as_object(record.get("event_params")) or {}
    name = first(record, "event_name")
    user = first(record, "user_id", "user_pseudo_id")
    visit = params.get("ga_session_id")
    device, geo = members(record.get("device")), members(record.get("geo"))
    own = {k: v for k, v in params.items() if k not in TECHNICAL and v is not None}
    own |= {
        k: v
        for k, v in (
            ("device", device.get("category")),
            ("os", device.get("operating_system")),
            ("country", geo.get("country")),
        )
        if v
    }
    items = [i for i in objects(record.get("items")) if _named(i)]
    seen: list[dict[str, Any]] = items if name in TAKEN and items else items[:1] or [{}]
    for item in seen:
        bought = {
            k: item[k] for k in ("quantity", "price", "item_category") if item.get(k) not in (None, "", "(not set)")
        }
        yield found_event(
            user,
            first(record, "event_timestamp"),
            name,
            object=_named(item) or by_name(own, OBJECTS),
            text=by_name(own, TEXTS),
            session=None if visit is None else f"{first(record, 'user_pseudo_id')}.{visit}",
            properties=own | bought,
            aside=NOT_BEHAVIOUR if name in MARKS else "",
        )


def _named(item: Members) -> Any:
    return next((item[k] for k in OF_ITEM if item.get(k) not in (None, "", "(not set)")), None)


VENDOR = Vendor("ga4", knows, events)
