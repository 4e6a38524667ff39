"""A parsed record into one event, by a mapping that was settled before.

Takes a record (a dict of JSON values) and a `Plan`; gives an `Event`. Promises: a record without user, time or action
raises `Rejected`; ids are exact; property names and texts are normalised; nesting as deep as the parser allows does
not break it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from ..redaction import mask_key
from .agents import NO_AGENTS, Agents
from .guessing import FIELDS
from .identity import Devices
from .lists import listed_values
from .losses import traits_of
from .shapes import NO_SHAPE, UNFOLDED, Shape, as_object, shaped
from .times import NO_FORM, Clock, TimeForm
from .values import EXACT, Rejected, as_id, as_text, cell_id, cell_value, clean, says_nothing

DEPTH = 8  # levels of nesting that become dotted names; deeper ones are kept as one text

MISSING = "is empty or missing"  # how a reason ends that a column holds nothing
BOT = "[bot]"
NAMES_OF_USERS = ("login", "username", "user_name", "display_login", "name", "nickname")

NO_LISTS: Mapping[str, str] = MappingProxyType({})
clean_name = lru_cache(maxsize=1 << 14)(clean)
clean_value = lru_cache(maxsize=1 << 14)(clean)  # acts, things and values of fields come back; texts do not
key_name = lru_cache(maxsize=1 << 14)(mask_key)


class Event(NamedTuple):
    """In the order of a `Batch`'s columns, but for `naive`: its time had no offset."""

    user: str
    session: str | None
    ts: int
    action: str
    object: str
    text: str
    properties: dict[str, Any]
    event_id: str | None
    account: str | None
    naive: bool


class Plan:
    """Where each field is found, and how times are spelled. `cells` says that the values are CSV cells, in which numbers are
    text; `act` is what every record tells, if no column says it; records
    without a user have the id in the column `anonymous`, and `devices` learns who was seen with which; columns to go `without`
    are nowhere. `lists` are properties that hold several values, with what parts them; `agents` are read as what they
    tell. A plan is of one file, read in order.
    """

    def __init__(
        self,
        mapping: Mapping[str, str],
        times: TimeForm = NO_FORM,
        shape: Shape = NO_SHAPE,
        *,
        cells: bool,
        act: str = "",
        anonymous: str = "",
        devices: Devices | None = None,
        without: Collection[str] = (),
        lists: Mapping[str, str] = NO_LISTS,
        agents: Agents = NO_AGENTS,
    ) -> None:
        self._time, self._shape, self._act = Clock(times).read, shape, clean(act)
        self._zone = times.zone
        self._accounts, self._lists, self._agents = "account" in mapping, lists, agents
        self.mapping = mapping
        self.cells = cells
        self._mapped = frozenset((*mapping.values(), *([anonymous] if anonymous else []), *without))
        self._paths: list[Any] = [mapping.get(field) for field in FIELDS]
        parent = mapping.get("user", "").rpartition(".")[0]
        self._kind = f"{parent}.type" if parent else "user_type"
        self._beside = {self._kind, *(f"{parent}.{name}" if parent else name for name in NAMES_OF_USERS)}
        self._anonymous, self._devices = anonymous, devices if devices is not None else Devices()
        self._flat = not any("." in path for path in self._mapped)

    def event(self, raw: bytes, record: dict[str, Any]) -> Event:
        """The event of a record; `raw` is read again where a number lost digits."""
        shaped(record, self._shape)
        who, moment, act, thing, words, visit, own_id, whose = self._values(record)
        action = self._act or _told(act)
        user = self._id(raw, who, "user")
        if self._anonymous:
            user = self._known(record, user)
        if not user:
            raise Rejected("no_user", f"{self.mapping['user']} {MISSING}")
        if moment is None or moment == "":
            raise Rejected("no_timestamp", f"{self.mapping['timestamp']} {MISSING}")
        ts, naive = self._time(moment)
        if not action:
            raise Rejected("no_action", f"{self.mapping['action']} {MISSING}")
        account = self._id(raw, whose, "account") if self._accounts else None
        if self._accounts and not account:
            raise Rejected("no_account", f"{self.mapping['account']} {MISSING}")
        return Event(
            user,
            None if visit is None else self._id(raw, visit, "session"),
            ts,
            action,
            _told(thing),
            as_text(words),
            self._agents.read(self._properties(record)),
            None if own_id is None else self._id(raw, own_id, "event_id"),
            account,
            naive,
        )

    def _known(self, record: dict[str, Any], user: str | None) -> str | None:
        """The user of a record, or its anonymous id where it has none."""
        device = as_id(dig(record, self._anonymous))
        if device is not None:
            user = user or device
            self._devices.note(device, user)
        return user

    def traits(self, record: dict[str, Any]) -> Iterator[tuple[str, str]]:
        """What can be told of a record that is no event: its user's raw id, its act, and what is known of its time."""
        who, moment, act, *_ = self._values(record)
        if user := as_id(who):
            yield "user", user
        if action := self._act or as_text(act):
            yield "act", action
        try:
            us = self._time(moment)[0]
        except Rejected:
            us = None
        yield from traits_of(moment, us, self._zone)

    def is_machine(self, event: Event) -> bool:
        """Whether the user's own id, name or kind says that it is a program, as code hosts mark them."""
        held = event.properties
        if event.user.endswith(BOT):
            return True
        if self._beside.isdisjoint(held):
            return False
        names = (str(held[name]) for name in self._beside if name in held and name != self._kind)
        return any(name.endswith(BOT) for name in names) or str(held.get(self._kind)).lower() == "bot"

    def _values(self, record: dict[str, Any]) -> list[Any]:
        """What stands in the place of each of `FIELDS`; None for a field without a place."""
        if self._flat:
            return list(map(record.get, self._paths))
        return [None if path is None else dig(record, path) for path in self._paths]

    def _id(self, raw: bytes, value: Any, field: str) -> str | None:
        if value is None:
            return None
        if type(value) is str:
            return (cell_id(value) if self.cells else value).strip() or None
        if type(value) is float and abs(value) >= EXACT:
            value = dig(exact(raw, self._shape), self.mapping[field])
        return as_id(value)

    def _properties(self, record: dict[str, Any]) -> dict[str, Any]:
        mapped = self._mapped
        found: dict[str, Any] = {}
        for key, value in record.items():
            if key in mapped:
                continue
            if type(value) is str:
                kept = cell_value(value) if self.cells else value
                kept = clean_value(kept) if type(kept) is str else kept
                if kept != "" and not (self.cells and says_nothing(kept)):
                    found[clean_name(key)] = kept
            elif key in UNFOLDED and type(value) is dict:
                for name, inner in value.items():
                    if f"{key}.{name}" not in mapped and clean_name(name) not in found:
                        _put(found, key_name(name), inner, f"{key}.{name}", mapped, DEPTH)
            else:
                _put(found, key, value, key, mapped, DEPTH)
        for name, delimiter in self._lists.items():
            if type(text := found.get(name)) is str:
                found[name] = listed_values(text, delimiter) or text
        return found


def _told(value: Any) -> str:
    """As `as_text` has it."""
    return clean_value(value) if type(value) is str else as_text(value)


def dig(record: dict[str, Any], path: str) -> Any:
    """The value at a dotted path; a name that holds dots itself is found as well."""
    value = record.get(path)
    if value is not None or "." not in path:
        return value
    cut = path.find(".")
    while cut > 0:
        inner = as_object(record.get(path[:cut]))
        if inner is not None and (value := dig(inner, path[cut + 1 :])) is not None:
            return value
        cut = path.find(".", cut + 1)
    return None


def exact(raw: bytes, shape: Shape) -> dict[str, Any]:
    """A record with its whole numbers at full length, which the fast parser gives as floats beyond 64 bits."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    if type(value) is not dict:
        return {}
    shaped(value, shape)
    return value


def _put(found: dict[str, Any], name: str, value: Any, path: str, mapped: frozenset[str], depth: int) -> None:
    kind = type(value)
    if value is None:
        return
    if kind is int or kind is bool:
        found[clean_name(name)] = value
    elif kind is float:
        if math.isfinite(value):
            found[clean_name(name)] = value
    elif depth and (members := as_object(value)) is not None:
        for inner, held in members.items():
            if f"{path}.{inner}" not in mapped:
                _put(found, f"{name}.{key_name(inner)}", held, f"{path}.{inner}", mapped, depth - 1)
    elif text := as_text(value):
        found[clean_name(name)] = text
