"""What one may foretell of a user's visits: counts by view, the same for every method that is scored.

In: the events of a whole log. Out: `Views`, and of any part of that log a matrix of counts (users, values) a view.
Promises: what a view counts is read off the log without regard to users' personas; a property that hardly varies within
users (a course, a country) is no view, as it foretells itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from .events import DAY, Events

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

FEWEST_USERS = 10  # of a thing that is counted by itself
PURITY, MOST_CATEGORIES, PER_OBJECT = 0.9, 600, 1 / 3  # of a field that things determine: a category of things
FIELD_VALUES, COVERAGE = 30, 0.5
OF_USERS = 0.9  # of users' lines on their commonest value: above, a field is of users and not of acts
BLOCK = DAY // 8  # three hours
SIZES = 6  # visits of 1, 2 to 3, 4 to 7, … 32 lines and more


@dataclass(frozen=True)
class Views:
    """By name: the column that a view counts, the code of every value in it (−1: not counted), and how many there are."""

    tables: Mapping[str, tuple[str, Ints, int]]

    def counts(self, events: Events) -> dict[str, Reals]:
        """(users, values) of each view: in how many visits a user had the value. Lines of one visit are alike, and copies and
        reloads are no habit.
        """
        first = np.unique(events.visit, return_index=True)[1]
        found = {}
        for name, (source, table, width) in self.tables.items():
            rows, code = _codes(events, source, table, first)
            kept = code >= 0
            _, once = np.unique(events.visit[rows][kept] * width + code[kept], return_index=True)
            counts = np.zeros((len(events.users), width))
            np.add.at(counts, (events.user[rows][kept][once], code[kept][once]), 1)
            found[name] = counts
        return found


def _codes(events: Events, source: str, table: Ints, first: Ints) -> tuple[Ints, Ints]:
    """The rows that a view counts, and their codes."""
    rows = np.arange(len(events.user))
    if source == "hour":
        clocked = first[events.ts[first] % DAY != 0]
        return clocked, events.ts[clocked] % DAY // BLOCK
    if source == "day":
        # The first of January 1970 was a Thursday.
        return first, ((events.ts[first] // DAY + 3) % 7 > 4).astype(np.int64)
    if source == "lines":
        lines = np.bincount(events.visit)
        return first, np.minimum(np.log2(lines[events.visit[first]]).astype(np.int64), SIZES - 1)
    if source == "thing":
        return rows, table[events.action, events.object]
    return rows, table[getattr(events, source)]


def views_of(events: Events, within: str | None = None) -> Views:
    """The views of a log; `within` names a field that is none of them."""
    tables: dict[str, tuple[str, Ints, int]] = {
        "acts": ("action", np.arange(len(events.texts["action"])), len(events.texts["action"])),
        "hours": ("hour", np.empty(0, dtype=np.int64), DAY // BLOCK),
        "weekends": ("day", np.empty(0, dtype=np.int64), 2),
        "size": ("lines", np.empty(0, dtype=np.int64), SIZES),
    }
    bodies = [orjson.loads(p) if p else {} for p in events.texts["properties"]]
    things = None
    for name in sorted({key for body in bodies for key in body} - {within}):
        values = [body.get(name) for body in bodies]
        if sum(isinstance(v, int | float) and not isinstance(v, bool) for v in values) > 0.95 * sum(
            v is not None for v in values
        ):
            tables |= _amounts(events, name, values)
            continue
        table, width = _coded(values)
        code = table[events.properties]
        if width < 2 or (code >= 0).mean() < COVERAGE or _of_user(events, code, width):
            continue
        if _is_category(events, code, width):
            things = max(things or (0, ""), (width, name))
        elif width <= FIELD_VALUES:
            tables[name] = ("properties", table, width)
    if things:
        tables["things"] = ("properties", *_coded([body.get(things[1]) for body in bodies]))
    else:
        tables["things"] = ("thing", *_common_things(events))
    return Views(tables)


def _coded(values: list[Any]) -> tuple[Ints, int]:
    texts = ["" if v is None else str(v) for v in values]
    names = {text: i for i, text in enumerate(sorted(set(texts) - {""}))}
    return np.array([names.get(text, -1) for text in texts], dtype=np.int64), len(names)


def _of_user(events: Events, code: Ints, width: int) -> bool:
    """Is a field one of users: mostly the same in all lines of a user, and not of everybody?"""
    counts = np.zeros((len(events.users), width))
    np.add.at(counts, (events.user[code >= 0], code[code >= 0]), 1)
    several = counts[counts.sum(axis=1) > 1]
    of_one, of_all = several.max(axis=1, initial=0).sum(), counts.sum(axis=0).max()
    return bool(of_one >= OF_USERS * several.sum() and of_all < OF_USERS * counts.sum())


def _is_category(events: Events, code: Ints, width: int) -> bool:
    """Do things determine it, and is it coarser than they are?"""
    n = len(events.texts["object"])
    if not 3 <= width <= min(MOST_CATEGORIES, n * PER_OBJECT):
        return False
    inside = code >= 0
    pair, count = np.unique(events.object[inside] * width + code[inside], return_counts=True)
    best = np.zeros(n)
    np.maximum.at(best, pair // width, count)
    return bool(best.sum() >= PURITY * inside.sum())


def _common_things(events: Events) -> tuple[Ints, int]:
    """A code for every act on a thing that enough users did."""
    n = len(events.texts["object"])
    pairs = np.unique(np.column_stack([events.user, events.action * n + events.object]), axis=0)[:, 1]
    thing, users = np.unique(pairs, return_counts=True)
    common = thing[users >= FEWEST_USERS]
    table = np.full(len(events.texts["action"]) * n, -1, dtype=np.int64)
    table[common] = np.arange(len(common))
    return table.reshape(-1, n), len(common)


def _amounts(events: Events, name: str, values: list[Any]) -> dict[str, tuple[str, Ints, int]]:
    """A number by its quarters over the log, if it hardly ever is an id."""
    x = np.array([float(v) if isinstance(v, int | float) else np.nan for v in values])
    seen = x[events.properties]
    known = seen[~np.isnan(seen)]
    if len(known) < COVERAGE * len(seen) or not 5 <= len(np.unique(known)) < len(known) / 2:
        return {}
    cuts = np.unique(np.quantile(known, [0.25, 0.5, 0.75]))
    table = np.where(np.isnan(x), -1, np.searchsorted(cuts, x, side="right"))
    return {name: ("properties", table.astype(np.int64), len(cuts) + 1)}
