"""Charts of the page as plain numbers: where each mark stands, and what it says in words.

Promises: positions are inside their box; areas, not radii, grow with users; every mark has a text, so a chart can be read
without being seen. The template draws them, in the page's colours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..schema import Persona, PersonaSet
from ..words.english.grammar import plural
from . import phrasing as words

WIDE, HIGH, EDGE = 320, 240, 34  # of a map in its own units: a phone's width, and room for names
LARGEST, SMALLEST = 26.0, 3.0  # radii
NAMED = 6  # so many of the largest intents are named on the map


@dataclass(frozen=True, slots=True)
class Mark:
    """A circle: `name` stands in it or beside it, empty where there is no room; `text` says what it is."""

    x: float
    y: float
    r: float
    name: str
    text: str
    colour: int = 0


@dataclass(frozen=True, slots=True)
class UsersByPeriod:
    """One group's users by period: heights in per cent of the highest of all groups."""

    persona: Persona
    colour: int
    bars: list[tuple[str, int, float]]


def groups_map(personas: PersonaSet, colours: dict[str, int]) -> list[Mark]:
    """Groups that are shown; near to each other where their users do alike."""
    size = {p.id: p for p in words.shown(personas)}
    points = [g for g in personas.groups_xy if g.persona_id in size]
    if len(points) < 2:
        return []
    places = _placed([g.xy for g in points])
    most = max(p.size.users for p in size.values())
    found = []
    for (x, y), g in zip(places, points, strict=True):
        p = size[g.persona_id]
        text = f"{p.id} {p.label}: {plural(p.size.users, 'user')}"
        found.append(Mark(x, y, _radius(p.size.users, most), p.id, text, colours[p.id]))
    return sorted(found, key=lambda m: -m.r)


def intents_map(personas: PersonaSet) -> list[Mark]:
    """What people come for; near to each other where the words of the log are alike."""
    seen = sorted(personas.intents, key=lambda i: (-i.users, i.id))
    if len(seen) < 2:
        return []
    places = _placed([i.xy for i in seen])
    most = max(i.users for i in seen)
    return [
        Mark(
            x,
            y,
            _radius(i.users, most, 16.0),
            str(n) if n <= NAMED else "",
            f"{i.label}: {plural(i.users, 'user')}",
        )
        for n, ((x, y), i) in enumerate(zip(places, seen, strict=True), start=1)
    ]


def users_by_period(personas: PersonaSet, colours: dict[str, int]) -> list[UsersByPeriod]:
    """Users of each group by period, on one scale."""
    seen = [p for p in words.shown(personas) if len(p.sizes_over_time) > 1]
    most = max((t.users for p in seen for t in p.sizes_over_time), default=0) or 1
    return [
        UsersByPeriod(
            p, colours[p.id], [(t.period, t.users, round(100 * t.users / most, 1)) for t in p.sizes_over_time]
        )
        for p in seen
    ]


def _placed(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points in the box, both axes on one scale, so that distances stay distances."""
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    span = max((max(xs) - min(xs)) / (WIDE - 2 * EDGE), (max(ys) - min(ys)) / (HIGH - 2 * EDGE)) or 1.0

    def place(value: float, values: Iterable[float], room: int) -> float:
        own = list(values)
        middle = (max(own) + min(own)) / 2
        return round(room / 2 + (value - middle) / span, 1)

    return [(place(x, xs, WIDE), place(y, ys, HIGH)) for x, y in points]


def _radius(users: int, most: int, largest: float = LARGEST) -> float:
    return round(max(SMALLEST, largest * math.sqrt(users / max(most, 1))), 1)
