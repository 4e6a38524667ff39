"""Values of fields as a reader would spell them: “Brazil” for the code BR, “macOS”, “TV”.

In: a field and one of its values, in any case. Out: its words. Promises: a value is only ever spelled otherwise, never another
one; what is not known stays as the log has it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from iso3166 import countries_by_alpha2, countries_by_alpha3

from .wording import readable

# As people call them, where the standard is formal, or one name would be of two.
_SHORT = {
    "US": "United States", "GB": "United Kingdom", "KR": "South Korea", "KP": "North Korea", "CD": "DR Congo", "RU": "Russia",
    "LA": "Laos", "SY": "Syria", "BN": "Brunei", "VG": "British Virgin Islands", "VI": "US Virgin Islands",
}  # fmt: skip
_PART = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\W_]+")
_COUNTRY, _REGION = (
    frozenset(["country", "countrycode", "pays", "pais", "paese"]),
    frozenset(["region", "regioncode", "province", "subdivision"]),
)
LONGEST_CODE = 3  # letters of a region's or a country's
SPELLED_SO = {
    name.lower(): name
    for name in (
        "Windows", "macOS", "Linux", "Android", "iOS", "Chrome OS", "Windows Phone", "tvOS", "webOS", "Tizen", "FreeBSD", "HarmonyOS",
        "Chrome", "Firefox", "Safari", "Edge", "Opera", "Opera Mini", "Internet Explorer", "Samsung Internet", "Brave", "Vivaldi",
        "Chromium", "TV",
    )
}  # fmt: skip
# By the last words of its name: what a line was made with.
MADE_WITH = {
    "device": frozenset(["device", "device type", "device category", "device class", "device kind", "form factor"]),
    "system": frozenset(["system", "os", "os name", "os family", "operating system"]),
    "browser": frozenset(["browser", "browser name", "browser family"]),
}
_ARTICLE = frozenset(["phone", "smartphone", "tablet", "computer", "desktop", "laptop", "tv", "watch", "console"])
_IN_FRONT = frozenset(["user", "client", "visitor", "customer", "member", "session", "visit"])


@lru_cache(maxsize=1 << 12)
def value_words(field: str, value: str) -> str:
    """A value of the field as it is told; `field` as the log has it, with or without `properties.` before it."""
    parts = _parts(field)
    if len(value) <= LONGEST_CODE and value.isalpha():
        if _COUNTRY & {*parts} and (name := _country(value.upper())):
            return name
        if _REGION & {*parts}:
            return value.upper()
    if made_with(field):
        return SPELLED_SO.get(value.lower(), readable(value))
    return readable(value)


def made_with(field: str) -> str:
    """Which of device, system and browser a field tells; empty where it tells none."""
    parts = _parts(field)
    while len(parts) > 1 and parts[0] in _IN_FRONT:
        parts = parts[1:]
    return next((kind for kind, called in MADE_WITH.items() if " ".join(parts[-2:]) in called), "")


def said_of_making(field: str, value: str) -> str:
    """“on a phone”, “on Linux”, “in Firefox”: where a line was made, by a value that is known; else empty."""
    kind, known = made_with(field), value.lower()
    if kind == "device" and known in _ARTICLE:
        return f"on a {value_words(field, value)}"
    if kind == "device" and known == "mobile":
        return "on a phone"
    if kind and known in SPELLED_SO:
        return f"{'in' if kind == 'browser' else 'on'} {SPELLED_SO[known]}"
    return "in an app" if kind == "browser" and known == "an app" else ""


def _country(code: str) -> str:
    found = countries_by_alpha2.get(code) or countries_by_alpha3.get(code)
    return (
        "" if found is None else _SHORT.get(found.alpha2) or found.apolitical_name.partition(",")[0].partition(" (")[0]
    )


def _parts(field: str) -> list[str]:
    return [part.lower() for part in _PART.split(field.removeprefix("properties.")) if part]
