"""One text as a date and a time of day, in the spellings of programs and people.

Takes a text and the order of day, month and year where all three are short numbers; gives a datetime, aware where the text says
a zone, or None. Promises: every part of the text is understood or none is; months by name in the languages of `_MONTHS`, zones by
the names of RFC 2822 and Europe's, by offset, or as Java adds them in brackets.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE]\+?[0-9]{1,2})?").fullmatch

# Beginnings in English, German, Dutch, French, Spanish, Portuguese, Italian, Polish, Turkish and Russian, without accents.
_MONTHS = (
    "jan gen ene sty oca янв",
    "feb fev lut sub фев",
    "mar mrz mae mrt maa мар",
    "apr avr abr kwi nis апр",
    "may mai mag mei maj маи мая",
    "jun jui giu cze haz июн",
    "jul juil lug lip tem июл",
    "aug aou ago sie авг",
    "sep set wrz eyl сен",
    "oct okt ott out paz eki окт",
    "nov lis kas ноя",
    "dec dez dic gru ara дек",
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONES = {"": 0, "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "cet": 1, "west": 1, "cest": 2, "eet": 2, "eest": 3}
_ZONES |= {"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}
_ZONES |= {"msk": 3, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13}

_ASP_NET = re.compile(r"\\?/Date\((-?[0-9]{1,16})(?:[+-][0-9]{4})?\)\\?/").fullmatch
_NAMED_ZONE = re.compile(r"(.*\S) ?(?:\[([A-Za-z][\w/+-]*)\]| ([A-Z][a-z]+/[\w/+-]+))").fullmatch
_WORD = r"[^\W\d_]{3,12}"
_C_TIME = re.compile(rf"(?:{_WORD},? )?({_WORD}) ([0-9]{{1,2}}) ([0-9:.]+)(.*) ([0-9]{{4}})").fullmatch
_DATES = tuple(
    re.compile(rf"(?<![\w.:]){pattern}(?![0-9])")
    for pattern in (
        r"(?P<y>[0-9]{4})(?P<gap>[-/. _])(?P<m>[0-9]{1,2})(?P=gap)(?P<d>[0-9]{1,2})",
        r"(?P<a>[0-9]{1,2})(?P<gap>[-/.])(?P<b>[0-9]{1,2})(?P=gap)\s?(?P<c>[0-9]{4}|[0-9]{2})",
        rf"(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|\.|º)?[-/ .,]*(?:de |of )?(?P<name>{_WORD})\.?[-/ .,]*(?:de |del )?"
        r"(?P<y>[0-9]{4}|[0-9]{2}(?![:.]))",
        rf"(?P<name>{_WORD})\.?[- ]?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,?[- ]+(?P<y>[0-9]{{4}})",
        rf"(?P<y>[0-9]{{4}})[-/. ](?P<name>{_WORD})[-/. ](?P<d>[0-9]{{1,2}})",
        r"(?P<y>[0-9]{4})-(?P<day>[0-9]{3})",
    )
)
_WEEKDAY = re.compile(r"(?:[^\W\d_]{2,12}\.?,?)?").fullmatch
_CLOCK = re.compile(
    r"(?P<h>[0-9]{1,2})(?:[:.h](?P<m>[0-9]{1,2})(?:[:.](?P<s>[0-9]{1,2})(?:[.,:](?P<f>[0-9]{1,9}))?)?)?"
    r"(?:\s?(?P<half>[ap])\.?\s?m\.?(?![a-z]))?\s?(?P<zone>[a-z]{0,4}?)\s?(?P<offset>[+-][0-9]{1,2}(?::?[0-9]{2})?)?",
    re.IGNORECASE,
).fullmatch
_COMPACT = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{2})?(?![0-9:])").match
_AT = re.compile(r"(?<!\w)(?:at|um|kl\.|uhr|à|às|a las|alle|ore|г\.|в)(?=\s|$)\s*", re.IGNORECASE)
# Db2 has points between hours and minutes and a dash before, names of files have dashes throughout.
_DASHED = re.compile(r"[-T_ ]?([0-9]{2})([-_.])([0-9]{2})\2([0-9]{2})(?![0-9])").match
_OFFSET_NAMED = re.compile(r"([+-][0-9]{2}:?[0-9]{2}) [A-Z]{3,5}$")  # Go has both, of which the name says nothing more
_CJK = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "时": ":", "時": ":", "点": ":", "分": ":", "秒": "", "\u2212": "-"}
)


def date_orders(text: str) -> frozenset[str] | None:
    """The orders that a date of three short numbers can be read in; None for any other text."""
    found = _DATES[1].search(text)
    if found is None or (not _WEEKDAY(text[: found.start()].strip()) and not _is_clock(text[: found.start()])):
        return None
    if _DATES[0].search(text):
        return None
    orders = ["dmy", "mdy"] + (["ymd"] if len(found["c"]) == 2 and found["gap"] == "-" else [])
    return frozenset(order for order in orders if _is_date(*_in_order(found, order)))


def time_spelled(text: str, order: str) -> datetime | None:
    """The time of a text, None if it is none; ValueError or KeyError where a part of it can be no date or time."""
    if asp := _ASP_NET(text):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(asp[1]))
    text = " ".join(text.translate(_CJK).split()).strip().removesuffix(":")
    zone = None
    if named := _NAMED_ZONE(text):
        text, zone = named[1].rstrip(), named[2] or named[3]
    elif text[:1] == "[":
        text = text.strip("[] ")
    text = _OFFSET_NAMED.sub(r"\1", re.sub(r"\s*\([^)]*\)$", "", text.removeprefix("'")))
    if c := _C_TIME(text):
        text = f"{c[2]} {c[1]} {c[5]} {c[3]}{c[4]}"
    for pattern in _DATES:
        if found := pattern.search(text):
            before, after = text[: found.start()].strip(" ,"), text[found.end() :]
            if _WEEKDAY(before):
                rest = after
            elif not after.strip():
                rest = before
            else:
                continue
            return _moment(_date(found, order), _AT.sub("", rest).lstrip(" ,;:Tt_").rstrip(" ,;"), zone)
    return None


def _is_clock(text: str) -> bool:
    return bool(_CLOCK(text.strip(" ,")))


def _date(found: re.Match[str], order: str) -> datetime:
    named = found.groupdict()
    if "a" in named:
        if not order:
            raise ValueError(found[0])
        return datetime(*_in_order(found, order))
    if "day" in named:
        return datetime(int(named["y"]), 1, 1) + timedelta(days=int(named["day"]) - 1)
    month = _month(named["name"]) if "name" in named else int(named["m"])
    return datetime(_year(named["y"]), month, int(named["d"]))


def _in_order(found: re.Match[str], order: str) -> tuple[int, int, int]:
    parts = dict(zip(order, (found["a"], found["b"], found["c"]), strict=True))
    return _year(parts["y"]), int(parts["m"]), int(parts["d"])


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        datetime(year, month, day)
    except ValueError:
        return False
    return True


def _year(digits: str) -> int:
    year = int(digits)  # of two digits: no log is older than Unix time, which begins in 1970
    return year if len(digits) == 4 else year + (2000 if year < 70 else 1900)


def _month(name: str) -> int:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(c))
    return _MONTH.get(plain[:4]) or _MONTH[plain[:3]]


def _moment(day: datetime, rest: str, zone: str | None) -> datetime:
    """A day with what else stands in the text: a time of day and a zone, or nothing."""
    if dashed := _DASHED(rest):
        rest = ":".join(dashed.group(1, 3, 4)) + rest[dashed.end() :]
    if compact := _COMPACT(rest):
        rest = ":".join(part for part in compact.groups() if part) + rest[compact.end() :]
    clock = _CLOCK(rest) if rest else None
    if rest and (clock is None or not (clock["m"] or clock["half"])):
        raise ValueError(rest)
    moment = day + (_since_midnight(clock) if clock else timedelta())
    offset = _offset(clock) if clock else None
    if offset is not None:
        return moment.replace(tzinfo=offset)
    return moment if zone is None else moment.replace(tzinfo=_zone(zone))


def _since_midnight(clock: re.Match[str]) -> timedelta:
    hour, minute, second = int(clock["h"]), int(clock["m"] or 0), int(clock["s"] or 0)
    half = (clock["half"] or "").lower()
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    # 24:00 is the end of a day, and 23:59:60 happens.
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second)):
        raise ValueError(clock[0])
    micros = int((clock["f"] or "0")[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


def _offset(clock: re.Match[str]) -> timezone | None:
    """The offset that is told, None if none is; KeyError for a name that is no zone's or several zones'."""
    name, digits = clock["zone"].lower(), clock["offset"]
    if not name and not digits:
        return None
    offset = timedelta(hours=_ZONES[name])
    if digits:
        sign, plain = (-1 if digits[0] == "-" else 1), digits[1:].replace(":", "")
        hours, minutes = (plain, "0") if len(plain) <= 2 else (plain[:-2], plain[-2:])
        offset += sign * timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KeyError(name) from None
