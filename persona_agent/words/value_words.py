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
# Countries that take an article: those made of common nouns, those of many parts, and what is short for one.
_WITH_ARTICLE = re.compile(
    r"(?:uk|usa?|u\.k\.|u\.s\.(?:a\.)?|uae|ussr|netherlands|philippines|bahamas|maldives|seychelles|comoros|gambia"
    r"|united .*|.*\b(?:republic|kingdom|states|emirates|islands|federation|union))",
    re.IGNORECASE,
)
LONGEST_CODE = 3  # letters of a region's
SPELLED_SO = {
    name.lower(): name
    for name in (
        "Windows", "macOS", "Linux", "Android", "iOS", "Chrome OS", "Windows Phone", "tvOS", "webOS", "Tizen", "FreeBSD",
        "Chrome", "Firefox", "Safari", "Edge", "Opera", "Opera Mini", "Internet Explorer", "Samsung Internet", "Brave", "Vivaldi",
        "Chromium", "HarmonyOS", "TV",
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
    if country := country_of(field, value):
        return country
    if _REGION & {*parts} and len(value) <= LONGEST_CODE and value.isalpha():
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
    """“on a phone”, “on Linux”, “in Firefox”, “in Brazil”: where a line was made, by a value that is known; else empty."""
    kind, known = made_with(field), value.lower()
    if country := country_of(field, value):
        return f"in {with_its_article(country)}"
    if kind == "device" and known in _ARTICLE:
        return f"on a {value_words(field, value)}"
    if kind == "device" and known == "mobile":
        return "on a phone"
    if kind and known in SPELLED_SO:
        return f"{'in' if kind == 'browser' else 'on'} {SPELLED_SO[known]}"
    return "in an app" if kind == "browser" and known == "an app" else ""


def country_of(field: str, code: str) -> str:
    """The country of a code in a field of countries; empty where it is none."""
    found = countries_by_alpha2.get(code.upper()) or countries_by_alpha3.get(code.upper())
    if found is None or not code.isalpha() or _COUNTRY.isdisjoint(_parts(field)):
        return ""
    return _SHORT.get(found.alpha2) or found.apolitical_name.partition(",")[0].partition(" (")[0]


def with_its_article(country: str) -> str:
    """“the United Kingdom”, “France”."""
    return f"the {country}" if _WITH_ARTICLE.fullmatch(country) else country


def _parts(field: str) -> list[str]:
    return [part.lower() for part in _PART.split(field.removeprefix("properties.")) if part]
