"""Times, in whatever way logs spell them, as microseconds since 1970 UTC.

A `TimeForm` says how the times of one log are spelled where values alone cannot say it: the order of day and month, days of a
spreadsheet, a pattern, the zone of a clock on the wall. `decide_form` makes one from a column's values; a `Clock` reads by it.
Promises: what is not sure is not read (`Rejected`, or `Undecided` for the column), and a text gives the same time in every log of
the same form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from ..option_fields import TIME_FORMS
from .spellings import NUMBER, date_orders, time_spelled
from .values import Rejected

ORDERS = dict(zip(TIME_FORMS[:3], ("dmy", "mdy", "ymd"), strict=True))
SPREADSHEET = TIME_FORMS[3]

SHORT_DATES = 20  # different days of six digits, at least: fewer numbers may be days by chance
SHORT_LOOKED_AT = 100_000  # of them, where the first thousand lines are of a few days: a second's reading
CENTURY = 69  # as in C: years of two digits from here on are of the 1900s
CLOSER = 3  # times: read day by day of the month, the days of two years lie over thirty
_YEAR_0 = re.compile(r"\s*00(\d\d)(?=[-/.]\d)").match
_EPOCH = datetime(1970, 1, 1)
_EPOCH_UTC = _EPOCH.replace(tzinfo=UTC)
_FIRST, _LAST = 631_152_000, 4_133_980_800  # 1990 and 2101 began
TOO_OLD = " is before 1970, where no log begins"
_DAY = 86_400  # seconds
_SPREADSHEET_EPOCH = 25_569  # the day 1970-01-01 of a spreadsheet
_SECOND = 1_000_000
_TICKS = 621_355_968_000_000_000  # of 100 nanoseconds from the year 1 to 1970
_QUARTER = 900 * _SECOND  # clocks are put forward and back at quarters of an hour
_BACK = 60 * _SECOND  # lines may stand a little out of order


@dataclass(frozen=True, slots=True)
class TimeForm:
    """`order` of day, month and year in `01/02/2024` ("" if no such date was met), `days` that numbers are days of a
    spreadsheet, `pattern` for strptime, `short` that years stand without their century (`0014-11-18`), and the `zone` of times
    without offset (else UTC).
    """

    order: str = ""
    days: bool = False
    pattern: str = ""
    zone: str = ""
    short: bool = False

    @property
    def said(self) -> Iterator[str]:
        """What a person should know of how times were read."""
        if self.short:
            yield "years stand without their century (0014): they were read as of the 2000s, from 69 on as of the 1900s"


NO_FORM = TimeForm()


class Undecided(Exception):
    """The values of a column can be read in several orders; `value` is one of them."""

    def __init__(self, value: str, orders: frozenset[str]) -> None:
        super().__init__(value)
        self.value, self.orders = value, orders


def form_of(asked: str) -> TimeForm:
    """What `--time-format` asks for: one of `TIME_FORMS`, or a pattern."""
    if asked in ORDERS:
        return TimeForm(order=ORDERS[asked])
    return TimeForm(days=True) if asked == SPREADSHEET else TimeForm(pattern=asked)


def decide_form(sample: Iterable[Any], more: Iterable[Any]) -> TimeForm:
    """The form of a column by a sample of it; `more` is read only where the sample leaves the order open."""
    values = [value for value in sample if value is not None and value != ""]
    if values and all(map(_is_spreadsheet_day, values)):
        return TimeForm(days=True)
    if values and all(map(_is_short_date, values)):
        seen = values if len({*values}) >= SHORT_DATES else [*islice(filter(_is_short_date, more), SHORT_LOOKED_AT)]
        return _short_form([str(value) for value in seen])
    if len({*values}) >= SHORT_DATES and all(map(_lacks_century, values)):
        return TimeForm(short=True)
    left, value = _orders(values, None, "")
    if left is not None and len(left) > 1:
        left, value = _orders(more, left, value, until=1)
    if left is None:
        return TimeForm()
    if len(left) != 1:
        raise Undecided(value, left)
    return TimeForm(order=next(iter(left)))


def _orders(
    values: Iterable[Any], left: frozenset[str] | None, shown: str, until: int = 0
) -> tuple[frozenset[str] | None, str]:
    """The orders that all dates allow, None without any such date, and a value; stops where `until` orders are left."""
    for value in values:
        found = date_orders(value) if type(value) is str else None
        if found is None:
            continue
        if left is None or found & left != left:
            left, shown = found if left is None else found & left, value
        if len(left) <= until:
            break
    return left, shown


def _lacks_century(value: Any) -> bool:
    """A year of two digits that a program took for one of the first hundred years, and wrote with four."""
    return type(value) is str and _YEAR_0(value) is not None


def _is_short_date(value: Any) -> bool:
    """Six digits, as `930331`: no epoch and no day of a spreadsheet has so many."""
    return type(value) in (str, int) and len(text := str(value).strip()) == 6 and text.isdecimal() and text.isascii()


def _short_form(values: list[str]) -> TimeForm:
    """The pattern of days of six digits: the one by which all are days, and of several that by which they lie far closer
    together.
    """
    spans = dict[str, timedelta]()
    if len({*values}) >= SHORT_DATES:
        for pattern in ("%y%m%d", "%d%m%y", "%m%d%y"):
            with suppress(ValueError):
                days = [datetime.strptime(value.strip(), pattern) for value in values]
                spans[pattern] = max(days) - min(days)
    ranked = sorted(spans, key=lambda pattern: spans[pattern])
    if not ranked:
        return TimeForm()
    if len(ranked) > 1 and spans[ranked[1]] < CLOSER * spans[ranked[0]]:
        raise Undecided(values[0], frozenset(ORDERS.values()))
    return TimeForm(pattern=ranked[0])


def _is_spreadsheet_day(value: Any) -> bool:
    number = _number(value)
    return number is not None and _FIRST <= (number - _SPREADSHEET_EPOCH) * _DAY < _LAST


def _number(value: Any) -> int | float | None:
    if type(value) is str:
        text = value.strip().replace(",", ".")
        if not NUMBER(text):
            return None
        return int(text) if len(text) <= 19 and text.isdigit() else float(text)
    return value if type(value) in (int, float) else None


class Clock:
    """Reads the times of one file in their order: the hour that a clock on the wall shows twice is told by those before it."""

    def __init__(self, form: TimeForm = NO_FORM) -> None:
        spelling = replace(form, zone="")
        self._text = _from_text if spelling == NO_FORM else _reader(spelling)
        self._days = form.days
        self._wall = _Wall(ZoneInfo(form.zone)) if form.zone else None

    def read(self, value: Any) -> tuple[int, bool]:
        """Microseconds since 1970 UTC, and whether the value had a time without offset."""
        if type(value) is str:
            found: tuple[int, bool] = self._text(value)
            if self._wall is None or not found[1]:
                return found
            return found[0] - self._wall.offset(found[0]), True
        if type(value) is int or type(value) is float:
            if not self._days:
                return _from_number(value), False
            us = _from_days(value)
            return (us if self._wall is None else us - self._wall.offset(us)), True
        raise Rejected("timestamp", "the timestamp is neither text nor a number")


def timestamp(value: Any) -> tuple[int, bool]:
    """The time of a value that needs no form."""
    return Clock().read(value)


def may_be_time(value: Any) -> bool:
    """Whether a value is a time, if only it were known in which order its day and month stand."""
    try:
        timestamp(value)
    except Rejected:
        return type(value) is str and bool(date_orders(value))
    return True


class _Wall:
    """Offsets of a zone, in microseconds, for what its clocks show, in the order of a file."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, tuple[int, int]] = {}
        self._before: int | None = None  # the last time that was no other's
        self._twice: int | None = None  # the last time, if it may be another's
        self._falling = self._second = False

    def offset(self, us: int) -> int:
        first, second = self._offsets(us)
        if first <= second:
            self._before, self._twice = us, None
            return first
        if self._twice is None:
            self._falling = self._second = self._before is not None and self._before > us
        elif self._falling == (us > self._twice) and abs(us - self._twice) > _BACK:
            self._second = not self._falling
        self._twice = us
        return second if self._second else first

    def _offsets(self, us: int) -> tuple[int, int]:
        """The offset the first and the second time that clocks show this; the same where they show it once."""
        quarter = us // _QUARTER
        found = self._known.get(quarter)
        if found is None:
            moment = (_EPOCH + timedelta(microseconds=quarter * _QUARTER)).replace(tzinfo=self._zone)
            pair = [m.utcoffset() or timedelta() for m in (moment, moment.replace(fold=1))]
            found = self._known[quarter] = (pair[0] // timedelta(microseconds=1), pair[1] // timedelta(microseconds=1))
        return found


@lru_cache(maxsize=8192)
def _from_text(text: str) -> tuple[int, bool]:
    text = text.strip()
    if text[4:5] != "-" and text[:1].isdigit() and (number := _number(text)) is not None:
        return _from_digits(text, number)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _spelled(text, "")
    return _micros(text, moment)


@lru_cache(maxsize=16)
def _reader(form: TimeForm) -> Any:
    """How texts of a form are read, each of them once."""

    def by_pattern(text: str) -> tuple[int, bool]:
        try:
            return _micros(text, datetime.strptime(text.strip(), form.pattern))
        except ValueError:
            raise Rejected("timestamp", f"{_shape(text)} is not of the form {form.pattern!r}") from None

    def by_form(text: str) -> tuple[int, bool]:
        if form.days and (number := _number(text)) is not None:
            return _from_days(number), True
        if form.short and (year := _YEAR_0(text)):
            text = f"{19 if int(year[1]) >= CENTURY else 20}{year[1]}{text[year.end() :]}"
        found = date_orders(text) if form.order else None
        return _from_text(text) if found is None else _spelled(text, form.order)

    return lru_cache(maxsize=8192)(by_pattern if form.pattern else by_form)


def _spelled(text: str, order: str) -> tuple[int, bool]:
    try:
        found = time_spelled(text, order)
    except (ValueError, OverflowError, KeyError):
        found = None
    if found is None:
        raise _bad_time(text)
    return _micros(text, found)


def _micros(text: str, moment: datetime) -> tuple[int, bool]:
    since = moment - _EPOCH if moment.tzinfo is None else moment - _EPOCH_UTC
    seconds = since.days * _DAY + since.seconds
    if seconds < 0:
        raise Rejected("timestamp", f"a time of {moment.year}{TOO_OLD}")
    if seconds >= _LAST:
        raise _bad_time(text)
    return seconds * _SECOND + since.microseconds, moment.tzinfo is None


def _from_digits(text: str, number: int | float) -> tuple[int, bool]:
    """Digits are epoch time, or, with 8 or 14 of them, a date without its dashes."""
    pattern = {8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(text))
    if pattern and text.isdigit():
        try:
            return _micros(text, datetime.strptime(text, pattern))
        except ValueError:
            raise _bad_time(text) from None
    return _from_number(number), False


def _from_number(value: int | float) -> int:
    """Seconds, milli-, micro- or nanoseconds, told apart by size: none of them is plausible as another. What would be nanoseconds
    of 1990 are ticks of .NET, of which 2024 has as many.
    """
    if _TICKS <= value < _TICKS + _LAST * 10_000_000:
        return (int(value) - _TICKS) // 10
    for scale in (1, 10**3, 10**6, 10**9):
        if _FIRST * scale <= value < _LAST * scale:
            if type(value) is int:
                return value * (10**6 // scale) if scale <= 10**6 else value // 1000
            return round(value * 10**6 / scale)
    raise _bad_time(str(value)[:40])


def _from_days(value: int | float) -> int:
    """A spreadsheet's day and the part of it that is gone, to the millisecond, as wide as its cells are."""
    if not _is_spreadsheet_day(value):
        raise _bad_time(str(value)[:40])
    return round((value - _SPREADSHEET_EPOCH) * _DAY * 1_000) * 1_000


def _bad_time(text: str) -> Rejected:
    if date_orders(text):
        return Rejected("timestamp", f"{text[:40]!r} may be day first or month first; --time-format says which")
    return Rejected("timestamp", f"{_shape(text)} is no time that is known; --time-format says how to read it")


def _shape(text: str) -> str:
    """A value by its form, which is said: what is no time may be anything, also what a person typed."""
    signs = ("9" if c.isdigit() else "a" if c.isalpha() else c if " " <= c <= "~" else "?" for c in text[:40])
    return f"a value like '{''.join(signs)}' (9 for any digit, a for any letter)"
