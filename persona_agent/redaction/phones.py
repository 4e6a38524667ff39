"""Phone numbers as a country writes them, by Google's metadata (phonenumbers), where no sign or word says that it is one.

A number in groups comes in; whether it is one comes out. Promised: it is a number that its country gives out, grouped as that
country groups it, or a mobile number between spaces, which people group as they like; never a bare run of digits. Numbers with
a + or 00, an area code behind a 0, or a word beside them have rules of their own, which find more.
"""

from __future__ import annotations

import re
from functools import lru_cache

from phonenumbers import (
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    format_number,
    is_valid_number,
    number_type,
    parse,
)

# Countries whose numbers do not begin with a 0 when they are written at home, by how many people live there.
REGIONS = ("IN", "CN", "BR", "MX", "RU", "PK", "IT", "ES", "PL", "CO", "PT", "GR")
DIGITS = re.compile(r"[0-9]+")
FORM = (
    r"(?<![\w.,/+£$€-])(?<![£$€0-9][ -])(\(?[0-9]{1,5}\)?(?:[ -]{1,2}[0-9]{2,7}){1,4}"
    r"|[0-9] ?\(?[0-9]{3}\)? ?[0-9]{3}(?:[ -]?[0-9]{2}){2})(?![\w%£$€-]|[.,][0-9]| [£$€%0-9])"
)


@lru_cache(maxsize=1 << 14)
def is_phone(number: str) -> bool:
    """Whether it is a number of one of these countries, in one of their spellings."""
    groups = DIGITS.findall(number)
    if not 9 <= sum(map(len, groups)) <= 11:
        return False
    return any(_is_written(number, groups, region) for region in REGIONS)


def _is_written(number: str, groups: list[str], region: str) -> bool:
    found = _valid(number, region)
    if found is None:
        return False
    usual = DIGITS.findall(format_number(found, PhoneNumberFormat.NATIONAL))
    if groups in (usual, [usual[0].removeprefix("0"), *usual[1:]]):
        return True
    freely = "-" not in number and min(map(len, groups)) > 1
    return freely and number_type(found) == PhoneNumberType.MOBILE


def _valid(number: str, region: str) -> PhoneNumber | None:
    try:
        found = parse(number, region)
    except NumberParseException:
        return None
    return found if is_valid_number(found) else None
