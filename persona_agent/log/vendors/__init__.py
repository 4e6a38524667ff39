"""Layouts that vendors export, each in a file of its own: how one is known, and how its records become plain ones.

A further vendor is one more file with a `VENDOR`, and its name here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import amplitude, ga4, ga360, matomo, mixpanel, posthog, segment, snowplow
from .common import ANONYMOUS_FIELD, NOT_BEHAVIOUR, Found, Vendor

# In the order in which they are tried; no record is known to two of them but by the more telling one first.
VENDORS = {
    v.name: v
    for v in (
        ga360.VENDOR, ga4.VENDOR, amplitude.VENDOR, snowplow.VENDOR, segment.RUDDERSTACK, segment.VENDOR, posthog.VENDOR,
        mixpanel.VENDOR, matomo.VENDOR,
    )
}  # fmt: skip
MOST = 0.8  # of the first records: an export may hold a few records of another kind, a mixed log is no export

__all__ = ["ANONYMOUS_FIELD", "NOT_BEHAVIOUR", "VENDORS", "Found", "Vendor", "find_vendor"]


def find_vendor(records: Sequence[dict[str, Any]]) -> str:
    """The vendor whose layout at least 0.8 of these records have, else an empty text."""
    for name, vendor in VENDORS.items():
        if records and sum(map(vendor.knows, records)) >= MOST * len(records):
            return name
    return ""
