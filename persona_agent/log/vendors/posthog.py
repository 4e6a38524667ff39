"""PostHog: events as its API, its web export and its batch exports give them. Names of its own begin with `$`.

A person may have several distinct ids; `person_id`, where the export has it, is the person. Flags, groups and identification
are bookkeeping and no acts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .common import NOT_BEHAVIOUR, OBJECTS, TEXTS, Found, Members, Vendor, by_name, first, found_event, members, words

BOOKKEEPING = words(
    """
    $identify $set $create_alias $merge_dangerously $groupidentify $feature_flag_called $pageleave $web_vitals
    $opt_in $$heatmap $autocapture_disabled $performance_event $snapshot $experiment_started
    """
)
LOOKED_AT = ("$pathname", "$screen_name", "$current_url")
KEPT = ("$browser", "$os", "$device_type", "$lib", "$referring_domain", "$geoip_country_code")


def knows(record: Members) -> bool:
    props = _properties(record)
    if "event" not in record or not props:
        return False
    return ("distinct_id" in record and "uuid" in record) or (
        "distinct_id" in props and any(k.startswith("$lib") for k in props)
    )


def events(record: Members) -> Iterator[Found]:
    props = _properties(record)
    name = str(record.get("event") or "")
    looked = name in ("$pageview", "$screen")
    own = {k: v for k, v in props.items() if not k.startswith("$") and k not in ("distinct_id", "token")}
    kept = own | {k.removeprefix("$"): props[k] for k in KEPT if k in props}
    yield found_event(
        first(record, "person_id") or first(record, "distinct_id") or first(props, "distinct_id", "$device_id"),
        first(record, "timestamp") or first(props, "$time", "timestamp"),
        name.removeprefix("$"),
        object=first(props, *LOOKED_AT)
        if looked
        else first(props, "$el_text") or by_name(own, OBJECTS) or first(props, *LOOKED_AT),
        text=by_name(own, TEXTS),
        session=first(props, "$session_id"),
        event_id=first(record, "uuid") or first(props, "$insert_id"),
        properties=kept,
        aside=NOT_BEHAVIOUR if name in BOOKKEEPING else "",
    )


def _properties(record: Members) -> dict[str, Any]:
    """An object, or JSON text as Parquet and CSV exports hold it."""
    value = record.get("properties")
    if isinstance(value, str) and value[:1] == "{":
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return members(value)


VENDOR = Vendor("posthog", knows, events)
