"""What the vendors' layouts share: a record of theirs as one or several plain ones.

A `Found` holds an event's fields by our names (`guessing.FIELDS`) and its own properties. `aside` says why it is no behaviour;
such a record is set aside and listed, and read all the same with `--keep not_behaviour`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..column_names import bare

NOT_BEHAVIOUR = "not_behaviour"
ANONYMOUS_FIELD = "anonymous"  # what knows a device where nobody has signed in


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# What an act was done to, by the names that properties usually have; compared without case and punctuation.
OBJECTS = words(
    """
    item_name product_name product item title name label screen screen_name screen_class firebase_screen
    firebase_screen_class level_name content_name content_id page_title pathname path page url button element_text
    el_text feature plan category
    """
)
TEXTS = ("search_term", "search_query", "query", "search", "keyword", "term", "message", "comment", "feedback")

Members = Mapping[str, Any]


class Found(NamedTuple):
    fields: dict[str, Any]
    aside: str = ""


@dataclass(frozen=True)
class Vendor:
    """`knows` says whether a record is of this layout, `events` makes plain records of one; `header` names the columns of a
    table that has none of its own.
    """

    name: str
    knows: Callable[[Members], bool]
    events: Callable[[Members], Iterator[Found]]
    header: tuple[str, ...] = ()


def found_event(
    user: Any,
    timestamp: Any,
    action: Any,
    *,
    object: Any = None,
    text: Any = None,
    session: Any = None,
    event_id: Any = None,
    properties: Members | None = None,
    aside: str = "",
    anonymous: Any = None,
) -> Found:
    fields = {
        "user": user,
        "timestamp": timestamp,
        "action": action,
        "object": object,
        "text": text,
        "session": session,
    }
    told = [v for v in (object, text) if v not in (None, "")]
    own = {k: v for k, v in (properties or {}).items() if v not in told}
    fields = {**fields, "event_id": event_id, "properties": own}
    return Found(fields if anonymous is None else {**fields, ANONYMOUS_FIELD: anonymous}, aside)


def members(value: Any) -> dict[str, Any]:
    """An object, or nothing."""
    return dict(value) if isinstance(value, Mapping) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    return [dict(v) for v in value if isinstance(v, Mapping)] if isinstance(value, list | tuple) else []


def first(source: Members, *names: str) -> Any:
    """The first of these members that holds something."""
    return next((v for n in names if (v := source.get(n)) not in (None, "")), None)


def by_name(source: Members, names: tuple[str, ...]) -> Any:
    """The first text among members of these names, in their order, however they are spelt."""
    spelt = {bare(k): v for k, v in source.items() if isinstance(v, str) and v.strip()}
    return next((spelt[bare(n)] for n in names if bare(n) in spelt), None)


def without(source: Members, *names: str) -> dict[str, Any]:
    return {k: v for k, v in source.items() if k not in names}
