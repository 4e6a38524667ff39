"""A run's groups frozen: what reads a log as the run read its own, and places the users of it without fitting anything.

In: the lines that a run grouped, and its `Placer`; later a connection with the view `events`. Out: `Frozen`, and then the place
of every user. Promises: the run's own events give the run's own places; a value that the run did not know is what its rare
values were, an act that it did not know is no line; things are measured as they were then, those that fewer than SHARED_BY
users had met, and new ones, as in the log at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ..log.events import SHARED_BY, event_codes, field_of, numbers
from .coded import Coded, ReadLines, coded, coded_lists, kinds_of, lines_of, property_of
from .placing import Placed, Placer
from .views import Background, CodedLines, visits_of

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

MIN_LINES = 4  # a user with fewer lines has no profile, and is in no group
OF_AMOUNT = ("any", "much", "dear", "against usual", "spread")  # views of an amount, before its name


@dataclass(frozen=True)
class Frozen:
    """`acts` in the order of their codes, of which `chosen` are what users do; `category` is the field that things are the values
    of, `things` its values in the order of their codes, or where there is none, the theme of each object; `fields` and
    `amounts` are those in use; `objects` are those that `background` knows; `cohorts` are the values of `within` by their codes.
    """

    placer: Placer
    acts: Sequence[str]
    chosen: frozenset[str]
    category: str | None
    things: Mapping[str, int]
    fields: Mapping[str, Sequence[str]]
    amounts: Sequence[str]
    objects: Sequence[str]
    background: Background
    within: str | None
    cohorts: Mapping[str, int]


@dataclass(frozen=True)
class PlacedUsers:
    """Users of a log by their hashes, with how many lines each has and where it is placed; of `events`, `known` are lines."""

    users: list[str]
    lines: Ints
    placed: Placed
    events: int
    known: int


def freeze(
    read: ReadLines,
    background: Background,
    placer: Placer,
    chosen: frozenset[str],
    within: str | None,
    cohorts: Mapping[str, int],
) -> Frozen:
    """What places users as this run does; `read` are its lines, with themes where no field sorts things."""
    objects = np.flatnonzero(background.met >= SHARED_BY) if _measured(placer, read.lines) else np.array([], dtype=int)
    amounts = [name for name in read.lines.amounts if _uses(placer, name)]
    return Frozen(
        placer,
        read.actions,
        chosen,
        read.category,
        _codes(read.things) if read.category is not None else _themes(read),
        {name: values for name, values in read.fields.items() if f"field {name}" in placer.counts},
        amounts,
        [read.objects[i] for i in objects.tolist()],
        replace(
            background,
            met=background.met[objects],
            usual={name: background.usual[name][objects] for name in amounts},
            priced=background.priced & set(amounts),
            chosen=background.chosen & set(amounts),
        ),
        within,
        cohorts,
    )


def place_users(connection: duckdb.DuckDBPyConnection, frozen: Frozen, timezone: str) -> PlacedUsers:
    """Every user of a log; who has fewer than MIN_LINES lines, or no cohort where there are cohorts, is in no group."""
    lines, users, objects = _read(connection, frozen, timezone)
    per_user = np.bincount(lines.user, minlength=len(users))
    cohort = _cohort(connection, frozen, len(users))
    able = np.flatnonzero((per_user >= MIN_LINES) & (cohort >= 0)).astype(np.int64)
    label, certainty = np.full(len(users), -1, dtype=np.int64), np.zeros(len(users))
    leaning = label.copy()
    chances = np.zeros((len(users), int((frozen.placer.group >= 0).sum())))
    if len(able):
        visits = visits_of(lines, _background(frozen, lines, objects)).of_users(able)
        own = frozen.placer.place(visits, cohort[able])
        label[able], certainty[able], chances[able], leaning[able] = own.label, own.certainty, own.chances, own.leaning
    events = connection.execute("SELECT count(*) FROM events").fetchone()
    found = Placed(label, certainty, chances, leaning)
    return PlacedUsers(users, per_user, found, events[0] if events else 0, len(lines.user))


def _read(
    connection: duckdb.DuckDBPyConnection, frozen: Frozen, timezone: str
) -> tuple[CodedLines, list[str], list[str]]:
    """The lines that users chose, in the run's codes; the users and the objects of the log."""
    columns = event_codes(connection)
    action = _as_known(*coded(connection, "lower(action)"), _codes(frozen.acts), -1)
    named = np.array([*(act in frozen.chosen for act in frozen.acts), False], dtype=bool)
    objects, thing = coded(connection, "nullif(object, '')")
    kinds: dict[str, sparse.csr_matrix] = {}

    def held_in(name: str, view: str, known: Mapping[str, int]) -> Ints:
        names, code, lists = coded_lists(connection, property_of(name))
        if lists is None:
            return _as_known(names, code, known, _rest(frozen, view))
        kinds[view] = kinds_of(lists, _as_known(names, np.arange(len(names)), known, _rest(frozen, view)))
        return code

    if frozen.category is None:
        things = _as_known(objects, thing, frozen.things, -1)
    else:
        things = held_in(frozen.category, "things", frozen.things)
    fields = {name: held_in(name, f"field {name}", _codes(values)) for name, values in frozen.fields.items()}
    amounts = {name: numbers(connection, name) for name in frozen.amounts}
    held = Coded(action, thing, things, fields, amounts, kinds)
    return lines_of(connection, columns, named[action], timezone, held), columns.users, objects


def _as_known(names: Sequence[str], code: Ints, known: Mapping[str, int], other: int) -> Ints:
    """The codes of a log as those of the run; `other` for names that it did not know."""
    return np.append(np.array([known.get(name, other) for name in names], dtype=np.int64), -1)[code]


def _rest(frozen: Frozen, view: str) -> int:
    """The code of a value that is counted with the rare ones, −1 where none is."""
    if view not in frozen.placer.counts:
        return -1
    rare = frozen.placer.counts[view][~frozen.placer.ruler.kept[view]]
    return int(rare[0]) if len(rare) else -1


def _cohort(connection: duckdb.DuckDBPyConnection, frozen: Frozen, n: int) -> Ints:
    """(users,) the cohort of each in the ruler's codes, one more for those that it has not met; −1 for none."""
    if frozen.within is None:
        return np.zeros(n, dtype=np.int64)
    code, names = field_of(connection, "user", frozen.within)
    return _as_known(names, code, frozen.cohorts, len(frozen.cohorts))


def _background(frozen: Frozen, lines: CodedLines, objects: Sequence[str]) -> Background:
    """The run's background in the codes of a log's objects."""
    here = Background.of(lines)
    known = _codes(frozen.objects)
    there = [(i, known[name]) for i, name in enumerate(objects) if name in known]
    now, then = (np.array([pair[side] for pair in there], dtype=np.int64) for side in (0, 1))

    def as_then(own: Reals, frozen_ones: Reals) -> Reals:
        found = own.copy()
        found[now[now < len(own)]] = frozen_ones[then[now < len(own)]]
        return found

    return Background(
        as_then(here.met, frozen.background.met),
        frozen.background.before,
        {name: as_then(here.usual[name], frozen.background.usual[name]) for name in frozen.amounts},
        frozen.background.priced,
        frozen.background.chosen,
    )


def _measured(placer: Placer, lines: CodedLines) -> bool:
    """Does any view in use measure things against what is known of them?"""
    return "popularity" in placer.numbers or any(_uses(placer, name) for name in lines.amounts)


def _uses(placer: Placer, amount: str) -> bool:
    return any(f"{kind} {amount}" in (*placer.counts, *placer.numbers) for kind in OF_AMOUNT)


def _themes(read: ReadLines) -> dict[str, int]:
    """The theme of each object that has one."""
    there = read.lines.things >= 0
    pairs = np.unique(np.column_stack([read.lines.object[there], read.lines.things[there]]), axis=0)
    return {read.objects[thing]: theme for thing, theme in pairs.tolist()}


def _codes(names: Sequence[str]) -> dict[str, int]:
    return {name: code for code, name in enumerate(names)}
