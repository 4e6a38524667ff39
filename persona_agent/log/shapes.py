"""What a record's members are made of, where it is not what they look like: JSON in a text, lists of pairs, decimal commas, a
date and a time of day in columns of their own.

Takes the first records of a log; gives a `Shape`, by which `shaped` changes every record in place. Promises: a column is JSON or
has decimal commas only if all of its values in the sample are so; a date and a time of day become one only where there is one
column of each, or one of dates beside that of times; what cannot be read stays as it stood.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

# Members that vendors keep an event's own fields in; their names are no part of a property's name.
UNFOLDED = frozenset(("properties", "event_properties", "params", "event_params"))
_COMMA = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+").fullmatch
_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)").fullmatch


_DAY = re.compile(
    r"[0-9]{4}([-/.])[0-9]{1,2}\1[0-9]{1,2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2([0-9]{4}|[0-9]{2})|(19|20)[0-9]{6}"
).fullmatch
_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?( ?[AaPp]\.?[Mm]\.?)?").fullmatch


@dataclass(frozen=True, slots=True)
class Shape:
    """`nested` columns hold JSON as text, `decimal` ones numbers with a comma before the decimals; `moment` are a column of dates
    and one of times of day, which are read as one under the name of the first.
    """

    nested: frozenset[str] = UNFOLDED
    decimal: frozenset[str] = frozenset()
    moment: tuple[str, str] | None = None


NO_SHAPE = Shape()


def find_shape(records: Iterable[dict[str, Any]], commas: bool, mapped: Collection[str] = ()) -> Shape:
    """The shape of records; `commas` says that a comma does not part the cells of a table. `1,234` alone may be a thousand. What
    is `mapped` by hand stays as it is.
    """
    filled, nested, decimals, numbers = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    days, of_day = Counter[str](), Counter[str]()
    for record in records:
        for name, value in record.items():
            if type(value) is not str or not value.strip():
                continue
            filled[name] += 1
            days[name] += _DAY(value) is not None
            of_day[name] += _OF_DAY(value) is not None
            nested[name] += value[:1] in "{[" and _loaded(value) is not None
            if commas and (_COMMA(value) or _WHOLE(value)):
                numbers[name] += 1
                decimals[name] += "," in value and len(value.partition(",")[2]) != 3
    return Shape(
        nested=UNFOLDED | {name for name, n in nested.items() if n == filled[name]},
        decimal=frozenset(name for name, n in decimals.items() if n and numbers[name] == filled[name]),
        moment=_moment(filled, days, of_day, mapped),
    )


def _moment(
    filled: Mapping[str, int], days: Mapping[str, int], of_day: Mapping[str, int], mapped: Collection[str]
) -> tuple[str, str] | None:
    """The column of dates and the one of times of day, if it is plain which."""
    names = [*filled]
    dates, clocks = ([n for n in names if filled[n] == counted[n]] for counted in (days, of_day))
    if len(clocks) != 1 or clocks[0] in mapped:
        return None
    place = names.index(clocks[0])
    beside = dates if len(dates) == 1 else [name for name in dates if abs(names.index(name) - place) == 1]
    return (beside[0], clocks[0]) if len(beside) == 1 else None


def dates_beside(records: Iterable[Mapping[str, Any]], clock: str) -> str | None:
    """The column of dates, of several the one next to `clock`; None where no other column holds dates alone."""
    filled, days = Counter[str](), Counter[str]()
    for record in records:
        for name, value in record.items():
            if type(value) is str and value.strip():
                filled[name] += 1
                days[name] += _DAY(value) is not None
    names = [*filled]
    dates = [name for name in names if filled[name] == days[name] and name != clock]
    if clock not in filled:
        return None
    return min(dates, key=lambda name: abs(names.index(name) - names.index(clock)), default=None)


def said_of_moment(shape: Shape) -> Iterator[str]:
    """What a person should know of times that stand in two columns."""
    if shape.moment:
        day, clock = shape.moment
        yield f"{day} and {clock} are a date and a time of day: they were read as one, {day}"


def shaped(record: dict[str, Any], shape: Shape) -> None:
    """Changes a record in place to what it means."""
    if not shape.nested.isdisjoint(record):
        for key in shape.nested & record.keys():
            value = record[key]
            if type(value) is str and value[:1] in ("{", "["):
                found = _loaded(value)
                value = value if found is None else found
            record[key] = as_object(value) or value
    if shape.moment:
        day, clock = shape.moment
        at = record.pop(clock, None)
        if type(record.get(day)) is str and record[day]:
            # A day whose time of day is missing is no midnight.
            record[day] = f"{record[day]} {at if type(at) is str and at else f'without {clock}'}"
    for key in shape.decimal or ():
        value = record.get(key)
        if type(value) is str and (_COMMA(value) or _WHOLE(value)):
            record[key] = value.replace(".", "").replace(",", ".")


def as_object(value: Any) -> dict[str, Any] | None:
    """An object, or a list of `{key, value}` pairs (GA4's parameters, with the type as one more layer) as one."""
    if type(value) is dict:
        return value
    if type(value) is not list or not value:
        return None
    pairs: dict[str, Any] = {}
    for pair in value:
        if type(pair) is not dict or type(pair.get("key")) is not str or "value" not in pair:
            return None
        held = pair["value"]
        if type(held) is dict:
            held = next((inner for name, inner in held.items() if inner is not None and name.endswith("_value")), None)
        pairs[pair["key"]] = held
    return pairs


def as_list(value: Any) -> list[Any] | None:
    """A list, or the JSON text of one."""
    if type(value) is str and value[:1] == "[":
        value = _loaded(value)
    return value if type(value) is list else None


def _loaded(text: str) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if type(value) in (dict, list) else None
