"""Google Analytics 360: a row a session, its hits nested in it; each hit is an event of that row.

A hit's time is in milliseconds from `visitStartTime` (seconds). Ids may be longer than a float holds, so they are texts here.
Hits that are no interaction were not done by anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .common import NOT_BEHAVIOUR, Found, Members, Vendor, first, found_event, members, objects

COMMERCE = {
    "1": "click product", "2": "view product", "3": "add to cart", "4": "remove from cart", "5": "check out", "6": "purchase",
    "7": "refund",
}  # fmt: skip
MISSING = (None, "", "(not set)", "not available in demo dataset", "(not provided)")


def knows(record: Members) -> bool:
    return {"fullvisitorid", "hits", "visitid"} <= {k.lower() for k in record}


def events(record: Members) -> Iterator[Found]:
    row = {k.lower(): v for k, v in record.items()}
    user = first(row, "userid", "fullvisitorid", "visitorid")
    start, visit = row.get("visitstarttime"), row.get("visitid")
    device, place = members(row.get("device")), members(row.get("geonetwork"))
    of_row = {
        "device": device.get("deviceCategory"), "channel": row.get("channelgrouping"), "country": place.get("country"),
        "source": members(row.get("trafficsource")).get("source"),
    }  # fmt: skip
    for hit in objects(row.get("hits")):
        action, seen = _act(hit)
        page = members(hit.get("page"))
        yield found_event(
            user,
            _time(start, hit.get("time")),
            action,
            object=seen,
            text=_there(page.get("searchKeyword")),
            session=f"{user}.{visit}" if visit is not None else None,
            properties={k: v for k, v in (of_row | _goods(hit)).items() if v not in MISSING},
            aside=NOT_BEHAVIOUR if hit.get("isInteraction") is False else "",
        )


def _act(hit: Members) -> tuple[Any, Any]:
    """What was done, and to what."""
    page, told = members(hit.get("page")), members(hit.get("eventInfo"))
    product = next((_there(p.get("v2ProductName")) for p in objects(hit.get("product"))), None)
    commerce = COMMERCE.get(str(members(hit.get("eCommerceAction")).get("action_type")))
    path = _there(page.get("pagePath")) or _there(page.get("pageTitle"))
    if commerce and (product or commerce in ("check out", "purchase", "refund")):
        return commerce, product or path
    if hit.get("type") == "EVENT":
        return _there(told.get("eventAction")) or _there(told.get("eventCategory")) or "event", _there(
            told.get("eventLabel")
        ) or path
    if hit.get("type") == "APPVIEW":
        return "view screen", _there(members(hit.get("appInfo")).get("screenName"))
    return ("view page" if hit.get("type") in ("PAGE", None) else str(hit.get("type")).lower()), path


def _goods(hit: Members) -> dict[str, Any]:
    sold = next(iter(objects(hit.get("product"))), {})
    price = sold.get("productPrice")
    return {
        "quantity": sold.get("productQuantity"),
        # Prices are in millionths of the currency.
        "price": price / 1_000_000 if isinstance(price, int | float) and not isinstance(price, bool) else None,
        "category": sold.get("v2ProductCategory"),
    }


def _time(start: Any, offset: Any) -> Any:
    """Milliseconds since 1970."""
    try:
        return int(start) * 1000 + int(offset or 0)
    except (TypeError, ValueError):
        return start


def _there(value: Any) -> Any:
    return None if value in MISSING else value


VENDOR = Vendor("ga360", knows, events)
