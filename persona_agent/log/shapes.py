"""What a record's members are made of, where it is not what they look like: JSON in a text, lists of pairs, decimal commas.

Takes the first records of a log; gives a `Shape`, by which `shaped` changes every record in place. Promises: a column is JSON or
has decimal commas only if all of its values in the sample are so; what cannot be read stays as it stood.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

# Members that vendors keep an event's own fields in; their names are no part of a property's name.
UNFOLDED = frozenset(("properties", "event_properties", "params", "event_params"))
_COMMA = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+").fullmatch
_WHOLE = re.compile(r"-?(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+)").fullmatch


@dataclass(frozen=True, slots=True)
class Shape:
    """`nested` columns hold JSON as text, `decimal` ones numbers with a comma before the decimals."""

    nested: frozenset[str] = UNFOLDED
    decimal: frozenset[str] = frozenset()


NO_SHAPE = Shape()


def find_shape(records: Iterable[dict[str, Any]], commas: bool) -> Shape:
    """The shape of records; `commas` says that a comma does not part the cells of a table. `1,234` alone may be a thousand."""
    filled, nested, decimals, numbers = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for record in records:
        for name, value in record.items():
            if type(value) is not str or not value.strip():
                continue
            filled[name] += 1
            nested[name] += value[:1] in "{[" and _loaded(value) is not None
            if commas and (_COMMA(value) or _WHOLE(value)):
                numbers[name] += 1
                decimals[name] += "," in value and len(value.partition(",")[2]) != 3
    return Shape(
        nested=UNFOLDED | {name for name, n in nested.items() if n == filled[name]},
        decimal=frozenset(name for name, n in decimals.items() if n and numbers[name] == filled[name]),
    )


def shaped(record: dict[str, Any], shape: Shape) -> None:
    """Changes a record in place to what it means."""
    if not shape.nested.isdisjoint(record):
        for key in shape.nested & record.keys():
            value = record[key]
            if type(value) is str and value[:1] in ("{", "["):
                found = _loaded(value)
                value = value if found is None else found
            record[key] = as_object(value) or value
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
