"""Snowplow: its atomic table, and its enriched events (tab-separated, without a header).

A user is `domain_userid`, the tracker's own id; `user_id` is whatever a site put there. `derived_tstamp` is the device's time
put right by the collector's. Event ids repeat where a tracker sent twice. `page_ping` is a clock and no act.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..values import cell_value
from .common import NOT_BEHAVIOUR, OBJECTS, TEXTS, Found, Members, Vendor, by_name, first, found_event, members, words

# The canonical order of the enriched event's fields.
HEADER = words(
    """
    app_id platform etl_tstamp collector_tstamp dvce_created_tstamp event event_id txn_id name_tracker v_tracker
    v_collector v_etl user_id user_ipaddress user_fingerprint domain_userid domain_sessionidx network_userid
    geo_country geo_region geo_city geo_zipcode geo_latitude geo_longitude geo_region_name ip_isp ip_organization
    ip_domain ip_netspeed page_url page_title page_referrer page_urlscheme page_urlhost page_urlport page_urlpath
    page_urlquery page_urlfragment refr_urlscheme refr_urlhost refr_urlport refr_urlpath refr_urlquery
    refr_urlfragment refr_medium refr_source refr_term mkt_medium mkt_source mkt_term mkt_content mkt_campaign
    contexts se_category se_action se_label se_property se_value unstruct_event tr_orderid tr_affiliation tr_total
    tr_tax tr_shipping tr_city tr_state tr_country ti_orderid ti_sku ti_name ti_category ti_price ti_quantity
    pp_xoffset_min pp_xoffset_max pp_yoffset_min pp_yoffset_max useragent br_name br_family br_version br_type
    br_renderengine br_lang br_features_pdf br_features_flash br_features_java br_features_director
    br_features_quicktime br_features_realplayer br_features_windowsmedia br_features_gears br_features_silverlight
    br_cookies br_colordepth br_viewwidth br_viewheight os_name os_family os_manufacturer os_timezone dvce_type
    dvce_ismobile dvce_screenwidth dvce_screenheight doc_charset doc_width doc_height tr_currency tr_total_base
    tr_tax_base tr_shipping_base ti_currency ti_price_base base_currency geo_timezone mkt_clickid mkt_network
    etl_tags dvce_sent_tstamp refr_domain_userid refr_device_tstamp derived_contexts domain_sessionid derived_tstamp
    event_vendor event_name event_format event_version event_fingerprint true_tstamp
    """
)
CLOCKS = frozenset(("page_ping", "pp"))
KEPT = (
    "platform",
    "app_id",
    "mkt_source",
    "mkt_campaign",
    "refr_medium",
    "geo_country",
    "dvce_type",
    "se_category",
    "se_property",
    "se_value",
)
NUMBERS = ("se_value", "ti_price", "ti_quantity", "tr_total")


def knows(record: Members) -> bool:
    return {"collector_tstamp", "event_id", "domain_userid"} <= record.keys()


def events(record: Members) -> Iterator[Found]:
    kind = str(record.get("event") or "")
    own = _own(record)
    name = first(record, "event_name") or kind
    action = first(record, "se_action") if kind in ("struct", "se") else name
    page = first(record, "page_title", "page_urlpath", "page_url")
    seen = {
        "struct": first(record, "se_label"),
        "se": first(record, "se_label"),
        "transaction_item": first(record, "ti_name", "ti_sku"),
    }
    kept = {
        k: cell_value(str(record[k])) if k in NUMBERS else record[k]
        for k in (*KEPT, *NUMBERS)
        if record.get(k) not in (None, "")
    }
    yield found_event(
        first(record, "domain_userid", "network_userid", "user_id"),
        first(record, "derived_tstamp", "collector_tstamp"),
        action or kind,
        object=seen.get(kind) or by_name(own, OBJECTS) or page,
        text=by_name(own, TEXTS) or first(record, "refr_term") if own else None,
        session=first(record, "domain_sessionid"),
        event_id=first(record, "event_id"),
        properties=own | kept,
        aside=NOT_BEHAVIOUR if kind in CLOCKS else "",
    )


def _own(record: Members) -> dict[str, Any]:
    """What a self-describing event says: a JSON column of its own in the table, `unstruct_event` in the enriched event."""
    for column, value in record.items():
        if not column.startswith("unstruct_event") or not value:
            continue
        try:
            held = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            continue
        while isinstance(held, dict) and "data" in held and "schema" in held:
            held = held["data"]
        held = held[0] if isinstance(held, list) and held else held
        return {k: v for k, v in members(held).items() if not isinstance(v, dict | list)}
    return {}


VENDOR = Vendor("snowplow", knows, events, HEADER)
