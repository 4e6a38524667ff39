"""Matomo: visits as `Live.getLastVisitsDetails` gives them, JSON with what was done in the list `actionDetails`.

A visitor is `userId`, where the site told one, else `visitorId`, the tracker's own. An action's time is `timestamp`, in seconds
since 1970; one without it has the visit's. Each action of a visit is an event of its record, and so is each article of an order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..values import cell_value
from .common import NOT_BEHAVIOUR, Found, Members, Vendor, first, found_event, members, objects

# What `type` says of an action, in words; whatever else it says stands as it is.
ACTS = {
    "action": "view page", "search": "search", "outlink": "follow link", "download": "download", "goal": "reach goal",
    "ecommerceOrder": "order", "ecommerceAbandonedCart": "leave cart", "form": "fill form", "media": "play media",
    "contentInteraction": "use content",
}  # fmt: skip
SHOWN = ("content", "contentImpression")  # what a page showed was done by nobody
ORDERS = ("ecommerceOrder", "ecommerceAbandonedCart")
KEPT = ("deviceType", "browserName", "operatingSystemName", "country", "referrerType", "visitorType")


def knows(record: Members) -> bool:
    return "actionDetails" in record and bool({"visitorId", "idVisit"} & record.keys())


def events(record: Members) -> Iterator[Found]:
    user = first(record, "userId", "visitorId", "fingerprint")
    visit = first(record, "idVisit")
    of_visit = {k: record[k] for k in KEPT if record.get(k) not in (None, "")}
    for action in objects(record.get("actionDetails")):
        kind = str(action.get("type") or "")
        articles: list[dict[str, Any]] = objects(action.get("itemDetails")) if kind in ORDERS else []
        for article in articles or [{}]:
            yield found_event(
                user,
                first(action, "timestamp") or first(record, "serverTimestamp", "firstActionTimestamp"),
                first(action, "eventAction") or ACTS.get(kind, kind),
                object=first(article, "itemName", "itemSKU") or _seen(action, kind),
                text=first(action, "siteSearchKeyword"),
                session=None if visit is None else f"{user}.{visit}",
                properties=of_visit | _own(action, article),
                aside=NOT_BEHAVIOUR if kind in SHOWN else "",
                anonymous=first(record, "visitorId", "fingerprint"),
            )


def _seen(action: Members, kind: str) -> Any:
    if action.get("eventAction"):
        return first(action, "eventName", "eventCategory", "pageTitle", "url")
    if kind == "goal":
        return first(action, "goalName", "url")
    if kind == "search":
        return None
    return first(action, "pageTitle", "url", "contentName", "orderId")


def _own(action: Members, article: Members) -> dict[str, Any]:
    category = members(article).get("itemCategory") or action.get("eventCategory")
    told = {
        "category": category, "event_value": action.get("eventValue"), "time_spent": action.get("timeSpent"),
        "price": article.get("price"), "quantity": article.get("quantity"),
        "revenue": None if article else action.get("revenue"),
    }  # fmt: skip
    return {k: cell_value(v) if isinstance(v, str) else v for k, v in told.items() if v not in (None, "")}


VENDOR = Vendor("matomo", knows, events)
