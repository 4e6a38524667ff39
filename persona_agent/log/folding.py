"""Ids inside the names of acts, folded: `view_product_00017` is `view_product`, and where the log has no objects the id is one.

Takes the staged events; changes their acts and objects. Promises: it is decided by how many names there are and how many users
share each, never by words, so `step_1`, `level3`, `ga4_view` and `404` stay; what is folded is said in a sentence, and so is a
log in which hardly two events have one name.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import duckdb
import numpy as np

# That differ in one place alone, before it is a place for ids; products of steps, levels and codes are fewer.
NAMES = 20
FEW_USERS = 2  # share a name with an id of an event or of a thing of their own, or so small a part of all
FEW_SHARE = 0.02  # of users: the same in a large log, where steps, levels and codes are met by far more
# Of users at most share an id of a thing; a level of a game is met by more, and levels are counted on from 1:
SOME_SHARE = 0.25
SPARSE = 2.0  # times as large as there are different ones: numbers that count no steps
THINGS = 10  # that stand behind acts, and more than there are acts: a matter of what is done has a few states
SHARED = 0.5  # of what stands behind one act stands behind another too, if these are things and the log has no other
NAMELESS = 0.5  # names an event, from which on names tell acts no more
MANY = 100  # names; fewer are few whatever the events

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
# A run in which letters and digits take turns is an id, `Product00017` a word and its number.
_RUN = r"(?<![^\W_])(?=[^\W_]{6})(?:[^\W\d_]+[0-9]+[^\W\d_]|[0-9]+[^\W\d_]+[0-9])[^\W_]*"
_HEX = r"(?<![^\W_])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{8,}(?![^\W_])"
_ID = re.compile(rf"{_UUID}|{_HEX}|{_RUN}|[0-9]+")
_MASKED = re.compile(r"\[[a-z][a-z0-9 -]*\]")  # what redaction left of an id, as it is known to be one
_SLOT = "\0"
_AROUND = re.compile(r"([\W_]*)\0([\W_]*)")
_TOKEN = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of an act with how many events and users it has; `template` has a mark in the place of each of `ids`."""

    text: str
    events: int
    users: int
    template: str
    ids: tuple[str, ...]


def fold_names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Folds the acts of `staging` where they hold ids; returns what a person should know of it."""
    rows = connection.execute(
        """SELECT action, count(*), count(DISTINCT "user"), count(*) FILTER (object <> '') FROM staging
           ANTI JOIN dropped USING (ord) GROUP BY action ORDER BY action"""
    ).fetchall()
    if len(rows) < NAMES and not any(_MASKED.search(name) for name, *_ in rows):
        return []
    ((users,),) = connection.execute(
        'SELECT count(DISTINCT "user") FROM staging ANTI JOIN dropped USING (ord)'
    ).fetchall()
    names = [_parsed(name, events, by) for name, events, by, _ in rows]
    events = sum(name.events for name in names)
    # Where fewer than one event in twenty has a thing, the names hold the things.
    bare = 20 * sum(filled for *_, filled in rows) < events
    folds = find_folds(names, users, things=bare)
    if folds:
        _rename(connection, folds, with_things=bare)
    left = len({folds.get(name.text, (name.text, ""))[0] for name in names})
    return list(_said(len(names), left, events, bool(folds), bare))


def find_folds(names: Sequence[Name], users: int, *, things: bool) -> dict[str, tuple[str, str]]:
    """The act and what was folded of each name that holds an id; with `things`, also of names that end in the name of a thing."""
    few, some = max(FEW_USERS, FEW_SHARE * users), SOME_SHARE * users
    found = {
        name.text: (_without(_MASKED.sub(_SLOT, name.text)), list[str]()) for name in names if _MASKED.search(name.text)
    }
    found.update(_numbered([name for name in names if name.text not in found], few, some))
    found.update(_slugs([name for name in names if name.text not in found], few, things))
    acts = _acts({base for base, _ in found.values()})
    found = {name: (base, ids) for name, (base, ids) in found.items() if base}
    return {name: (acts[base], _words(base[len(acts[base]) :]) or " ".join(ids)) for name, (base, ids) in found.items()}


def _parsed(text: str, events: int, users: int) -> Name:
    return Name(text, events, users, _ID.sub(_SLOT, text), tuple(_ID.findall(text)))


def _said(before: int, after: int, events: int, folded: bool, bare: bool) -> Iterator[str]:
    if folded:
        into = ", and became the objects, of which the log has no others" if bare else ""
        yield f"ids inside the names of acts were folded{into}: {before:,} names are {after:,} acts"
    if after >= MANY and after >= NAMELESS * events:
        yield (
            f"{after:,} names for {events:,} events: hardly two events have the same act, so acts say little. Name another "
            "column by --map action=COLUMN, or say --act TEXT where all records are of one act"
        )


def _rename(connection: duckdb.DuckDBPyConnection, folds: Mapping[str, tuple[str, str]], *, with_things: bool) -> None:
    table = {
        "action": np.array(list(folds), dtype=object),
        "act": np.array([act for act, _ in folds.values()], dtype=object),
        "thing": np.array([thing for _, thing in folds.values()], dtype=object),
    }
    connection.register("fold_rows", table)
    thing = "CASE WHEN object = '' THEN thing ELSE object END" if with_things else "object"
    connection.execute(
        f"""UPDATE staging SET action = act, object = {thing}
            FROM (SELECT * FROM fold_rows) AS f WHERE staging.action = f.action"""
    )
    connection.unregister("fold_rows")


def _numbered(names: Sequence[Name], few: float, some: float) -> dict[str, tuple[str, list[str]]]:
    """Names without their ids, and these: of templates with names enough, and of the others by what their names look like."""
    by_template: dict[str, list[Name]] = defaultdict(list)
    for name in names:
        if name.ids:
            by_template[name.template].append(name)
    found: dict[str, tuple[str, list[str]]] = {}
    pooled: dict[tuple[object, ...], list[Name]] = defaultdict(list)
    for template, alike in by_template.items():
        if len(alike) >= NAMES:
            found.update(_without_ids(alike, few, some))
        elif median(name.users for name in alike) <= few:
            pooled[_look(template, alike[0].ids)] += alike
    for alike in pooled.values():
        if len(alike) >= NAMES and median(name.events for name in alike) <= FEW_USERS:
            found.update(_without_ids(alike, few, some))
    return found


def _look(template: str, ids: Sequence[str]) -> tuple[object, ...]:
    """What names with ids in the same manner have in common: the kinds of ids, and where they stand."""
    ends = template.startswith(_SLOT), template.endswith(_SLOT)
    return (*ends, *(id.isdecimal() for id in ids))


def _without_ids(alike: Sequence[Name], few: float, some: float) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """Names that differ in the places of ids, without those that are."""
    by = median(name.users for name in alike)
    folded = []
    for values in zip(*(name.ids for name in alike), strict=True):
        different = set(values)
        folded.append(len(different) >= NAMES and (by <= few or (by <= some and _sparse(different))))
    if not any(folded):
        return
    for name in alike:
        pieces = name.template.split(_SLOT)
        text = pieces[0]
        for value, gone, piece in zip(name.ids, folded, pieces[1:], strict=True):
            text += (_SLOT if gone else value) + piece
        base = _without(text)
        if _TOKEN.search(base):
            yield name.text, (base, [value for value, gone in zip(name.ids, folded, strict=True) if gone])


def _without(text: str) -> str:
    """A text without its marks, and with one sign where each stood between two."""
    return _AROUND.sub(lambda m: m[1] if m.start() > 0 and m.end() < len(m.string) else "", text)


def _sparse(values: Iterable[str]) -> bool:
    numbers = [int(value) for value in values if value.isdecimal()]
    return 2 * len(numbers) < len(set(values)) or max(numbers) >= SPARSE * len(numbers)


def _acts(bases: Iterable[str]) -> dict[str, str]:
    """Of names that ended in an id, the part before things are named: things follow several acts, or many follow one."""
    splits = {base: [(base[:end], base[start:]) for (_, end), (start, _) in pairwise(_ends(base))] for base in bases}
    behind = Counter(rest.lower() for found in splits.values() for _, rest in found)
    following: dict[str, set[str]] = defaultdict(set)
    for act, rest in (pair for found in splits.values() for pair in found):
        following[act.lower()].add(_first(rest))
    shared = [next((pair for pair in found if behind[pair[1].lower()] > 1), None) for found in splits.values()]
    known = {pair[0].lower() for pair in shared if pair}
    things = {pair[1].lower() for pair in shared if pair}
    if len(things) >= THINGS and len(things) > len(known):
        # Names end in things: then also behind an act whose things no other act is about.
        starts = Counter(act.lower() for found in splits.values() for act, _ in found)
        alone = [found for found in splits.values() if not any(act.lower() in known for act, _ in found)]
        known |= {
            max(acts, key=len) for found in alone if (acts := [a.lower() for a, _ in found if starts[a.lower()] > 1])
        }
    else:
        known = set()
    known |= {act for act, found in following.items() if len(found) >= THINGS}
    return {base: _forced(base, next((i for i, s in enumerate(found) if s[0].lower() in known), -1), found, following)
            for base, found in splits.items()}  # fmt: skip


def _forced(base: str, place: int, splits: Sequence[tuple[str, str]], following: Mapping[str, set[str]]) -> str:
    """The act at a place of the splits, with what always follows before ways part: in `view_page_…` the page is no thing."""
    if place < 0:
        return base
    ways = [len(following[act.lower()]) for act, _ in splits]
    last = place
    while last + 1 < len(ways) and ways[last] == 1:
        last += 1
    return splits[last if ways[last] > 1 else place][0]


def _slugs(names: Sequence[Name], few: float, things: bool) -> dict[str, tuple[str, list[str]]]:
    """Names that begin alike and go on in many ways: with few users each, or with the same things behind other acts."""
    by_start: dict[str, list[tuple[Name, int]]] = defaultdict(list)
    for name in names:
        for _, end in _ends(name.text)[:-1]:
            by_start[name.text[:end].lower()].append((name, end))
    many = {start: found for start, found in by_start.items() if len(found) >= NAMES}
    rests = {start: {name.text[end:].lower() for name, end in found} for start, found in many.items()}
    behind = Counter(rest for found in rests.values() for rest in found)
    folds: dict[str, tuple[str, list[str]]] = {}
    for start, found in sorted(many.items(), key=lambda pair: len(pair[0])):
        nexts = {_first(name.text[end:]) for name, end in found}
        shared = sum(behind[rest] > 1 for rest in rests[start]) >= SHARED * len(rests[start])
        own = median(name.users for name, _ in found) <= few and 2 * sum(
            n.events <= FEW_USERS for n, _ in found
        ) >= len(found)
        if len(nexts) >= THINGS and (own or (things and shared)):
            folds.update({n.text: (n.text[:end], [_words(n.text[end:])]) for n, end in found if n.text not in folds})
    return folds


def _first(text: str) -> str:
    """The first word of a text, in lower case."""
    found = _ends(text)
    return text[found[0][0] : found[0][1]].lower() if found else ""


def _ends(text: str) -> list[tuple[int, int]]:
    """Where the words of a name begin and end; a capital begins a word."""
    found = []
    for run in _TOKEN.finditer(text):
        cuts = [run.start(), *(run.start() + m.start() for m in _CAMEL.finditer(run[0])), run.end()]
        found += list(pairwise(cuts))
    return found


def _words(text: str) -> str:
    return " ".join(text[start:end] for start, end in _ends(text))
