"""Events and memories to groups: who resembles whom."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook
from ..errors import UsageError
from ..log.events import Columns, Property, field_of, load_columns, open_events, properties
from ..log.given_groups import Cohorts, load_given
from ..log.opaque import called_by_keys
from ..log.placed_halves import PlacedHalves
from ..options import Options
from ..store import Store
from ..words.group_names import refuse_who
from .coded import ReadLines, chosen_acts, read_lines
from .cohorts import cohort_field
from .find import JUST_AMI, Grouping, find_groups, just_fields
from .frozen import MIN_LINES, Frozen, freeze
from .gathering import ACTIONS, GatheredMemories, of_events
from .occasions import by_intents, occasion_stability
from .telling_apart import tell_apart
from .theme_names import name_themes
from .themes import find_themes
from .views import Background, Visits, visits_of

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

HELD_OUT = 0.3  # of users: enough to test claims of groups of twenty, and most are left to find them with


@dataclass(frozen=True)
class UserGroups:
    """Who is in which group, and what that was made from.

    `users` are keyed hashes in the order of raw ids, by which all else numbers users; `memories` (users, intents) counts;
    `amounts` names the numeric properties in use; `members` are the users of each group, with how stable it is; `fit` marks
    the users that groups were made from, the others are held out. `gathered` is what the groups package found before. `halves`
    (users, 2) is the group of each user by every other visit: by the first, third and so on in the order of time, and by the
    others; −1 where that half places nobody. `within` is the field that users are told apart within, found or given;
    `category` the one that things are the values of; `themes` are the things of each theme by its name, where there is none.
    `given` says whose groups these are, where they were not found: then no half places anybody. `frozen` places other users in
    groups that were found; it is in a file of its own, and not read back with the rest.
    """

    gathered: GatheredMemories
    users: list[str]
    memories: Reals
    amounts: list[str]
    grouping: Grouping
    members: list[Ints]
    stability: Reals
    fit: NDArray[np.bool_]
    halves: Ints
    within: str | None = None
    category: str | None = None
    themes: Mapping[str, list[str]] = field(default_factory=dict)
    given: Cohorts | None = None
    frozen: Frozen | None = None

    @property
    def placed_halves(self) -> PlacedHalves:
        """Where halves of visits put users, and how surely."""
        return PlacedHalves(self.users, self.halves, self.grouping.half_chances, self.grouping.leaning)


@dataclass(frozen=True)
class SeenUsers:
    """What groups are made from: the chosen `read` lines with their `themes`, who is in the `fit`, who is `able` to have a
    profile, the `cohort` of each user (a place in `cohorts`, −1 for none) by the field `within`, the codes of `fields`, and the
    `memories` (users, intents). Visits are held against the `background`. `users` are as in `UserGroups`.
    """

    users: list[str]
    read: ReadLines
    fit: NDArray[np.bool_]
    able: Ints
    cohort: Ints
    cohorts: list[str]
    fields: Mapping[str, Ints]
    memories: Reals
    themes: Mapping[str, list[str]]
    within: str | None
    background: Background

    def visits(self, *, by_place: bool = False) -> tuple[Visits, Ints]:
        """The visits of those who are able, and their cohorts from 0; `by_place` as in `visits_of`."""
        own = np.unique(self.cohort[self.able], return_inverse=True)[1].astype(np.int64)
        return visits_of(self.read.lines, self.background, by_place=by_place).of_users(self.able), own


def see_users(
    store: Store,
    options: Options,
    book: Codebook,
    found_in: Collection[str] | None = None,
    given: Cohorts | None = None,
) -> SeenUsers:
    """The users of a log as groups are found in them; what is estimated rests on the users of these hashes, or a seeded 70 % (of
    each of the `given` groups). What says who is in a given group is not looked at.
    """
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        memory, intent = of_events(connection, store)
        catalogue = properties(connection)
        _check_within(options.within, catalogue)
        known = {p.name: p for p in catalogue}
        n = len(columns.users)
        label = None if given is None else _given_label(given, columns.users)
        named = None if found_in is None else np.array([user in found_in for user in columns.users])
        fit = fit_fold(n, options.seed, label) if named is None else named
        fields = _fields(connection, columns, catalogue, fit)
        within = _bare(options.within) if options.within else cohort_field(connection, columns, book, known, fit)
        if label is not None and within and just_fields(label, {within: fields[within]})[within] > JUST_AMI:
            within = None  # in a field that the groups are, nobody has comparable others
        by = _bare(given.field or "") if given else ""
        lines = read_lines(connection, columns, book, known, options.timezone, [n for n in (within, by) if n])
        cohort, cohorts = _cohort(connection, within, n)
    fields.pop(by, None)
    per_user = np.bincount(lines.lines.user, minlength=n)
    able = np.flatnonzero((per_user >= MIN_LINES) & (cohort >= 0)).astype(np.int64)
    lines, themes = with_themes(lines, fit, options.seed)
    counts = _memory_counts(columns.user, memory, intent)
    background = Background.of(lines.lines)
    return SeenUsers(columns.users, lines, fit, able, cohort, cohorts, fields, counts, themes, within, background)


def group_users(
    store: Store, options: Options, gathered: GatheredMemories, book: Codebook, found_in: Collection[str] | None = None
) -> UserGroups:
    """The users of a run's memories in groups: those that are given, else groups which are found in the users of these hashes;
    without, in a seeded 70 %.
    """
    given = load_given(store)
    if given is not None:
        refuse_who(given.names, asked=given.kind == "outcome")
    seen = see_users(store, options, book, found_in, given)
    grouping = _as_given(given, seen, options.seed) if given else _found(seen, options)
    members = [np.flatnonzero(grouping.label == g).astype(np.int64) for g in range(grouping.chosen)]
    members = [] if grouping.state == "none" else members
    stability = np.array([f.refits or 0.0 for f in grouping.firmness] if given is None else [])
    halves, counts = grouping.halves, seen.memories
    if options.by == "intents" and counts.shape[1]:
        members, stability = by_intents(counts), occasion_stability(counts, options.seed)
        halves = np.full_like(halves, -1)
    return UserGroups(
        gathered,
        seen.users,
        counts,
        list(seen.read.lines.amounts),
        grouping,
        members,
        stability,
        seen.fit,
        halves,
        seen.within,
        seen.read.category,
        seen.themes,
        given,
        _frozen(seen, grouping, book),
    )


def _given_label(given: Cohorts, users: Sequence[str]) -> Ints:
    """(users,) the given group of each, −1 for none."""
    code = dict(zip(given.users, given.label.tolist(), strict=True))
    return np.array([code.get(user, -1) for user in users], dtype=np.int64)


def _as_given(given: Cohorts, seen: SeenUsers, seed: int) -> Grouping:
    """The given groups, with how well half of the visits tells them apart."""
    n, k = len(seen.users), len(given.names)
    label = _given_label(given, seen.users)
    sure = dict(zip(given.users, given.certainty.tolist(), strict=True))
    return Grouping(
        "groups",
        f"the groups were given, by {given.by}, and not found",
        label,
        np.full((n, 2), -1, dtype=np.int64),
        np.zeros((n, 2)),
        np.array([sure.get(user, 0.0) for user in seen.users]),
        np.zeros((n, 0)),
        np.full(n, -1, dtype=np.int64),
        k,
        tell_apart(visits_of(seen.read.lines, by_place=True), label, k, seed),
        just=just_fields(label, seen.fields),
    )


def _found(seen: SeenUsers, options: Options) -> Grouping:
    """The grouping of the users who have lines enough, with a place for all."""
    visits, own = seen.visits()
    fields = {name: code[seen.able] for name, code in seen.fields.items()}
    grouping = find_groups(visits, own, fields, options.seed, options.personas, seen.fit[seen.able])
    return _all_users(grouping, seen.able, len(seen.users))


def with_themes(read: ReadLines, fit: NDArray[np.bool_], seed: int) -> tuple[ReadLines, dict[str, list[str]]]:
    """The lines with themes in the place of things, where no field sorts these; themes are made from users of `fit` alone. Kinds
    of things that are called by keys nobody could name or serve: there users are told apart by what they do, and when.
    """
    lines = read.lines
    if read.category is not None:
        return read, {}
    if called_by_keys(read.objects):
        return replace(read, lines=replace(lines, things=np.full(len(lines.object), -1, dtype=np.int64))), {}
    inside = fit[lines.user] & (lines.object >= 0)
    user, thing = lines.user[inside], lines.object[inside]
    theme = find_themes(user, thing, read.objects, seed)
    met = np.unique(user * (len(read.objects) + 1) + thing) % (len(read.objects) + 1)
    users = np.bincount(met, minlength=len(read.objects)).astype(np.int64)
    named = name_themes(theme, read.objects, users)
    return replace(read, lines=replace(lines, things=np.append(theme, -1)[lines.object])), named


def _frozen(seen: SeenUsers, grouping: Grouping, book: Codebook) -> Frozen | None:
    """What places others in these groups, where they were found."""
    if grouping.placer is None:
        return None
    codes = _codes_of(seen.cohort[seen.able], seen.cohorts)
    return freeze(seen.read, seen.background, grouping.placer, chosen_acts(seen.read.actions, book), seen.within, codes)


def _codes_of(cohort: Ints, names: list[str]) -> dict[str, int]:
    """The codes that grouping gives the cohorts of these users, by their names."""
    return {names[c]: code for code, c in enumerate(np.unique(cohort).tolist())} if names else {}


def _cohort(connection: duckdb.DuckDBPyConnection, within: str | None, n: int) -> tuple[Ints, list[str]]:
    """(users,) the value of a field that each user mostly has, −1 for none, and the values; all alike without a field."""
    return (np.zeros(n, dtype=np.int64), []) if within is None else field_of(connection, "user", within)


def _memory_counts(user: Ints, memory: Ints, intent: Ints) -> Reals:
    """(users, intents) memories of each user by intent."""
    counts = np.zeros((int(user.max()) + 1, int(intent.max()) + 1 if len(intent) else 0))
    of_intent = np.flatnonzero((memory >= 0) & (intent >= 0))
    _, first = np.unique(memory[of_intent], return_index=True)
    np.add.at(counts, (user[of_intent[first]], intent[of_intent[first]]), 1)
    return counts


def _fields(
    connection: duckdb.DuckDBPyConnection, columns: Columns, catalogue: list[Property], fit: NDArray[np.bool_]
) -> dict[str, Ints]:
    """Codes of each user by low-cardinality field, and by activity (thirds of `fit`) and month of first sight."""
    found = {p.name: field_of(connection, "user", p.name)[0] for p in catalogue if p.is_field}
    lines = np.bincount(columns.user)
    found["activity"] = np.searchsorted(np.quantile(lines[fit], [1 / 3, 2 / 3]), lines).astype(np.int64)
    start = np.full(len(lines), np.iinfo(np.int64).max)
    np.minimum.at(start, columns.user, columns.ts)
    found["month of first sight"] = _month(start)
    return found


def _check_within(within: str | None, catalogue: list[Property]) -> None:
    known = sorted(p.name for p in catalogue if p.is_field)
    if within is not None and _bare(within) not in {p.name for p in catalogue}:
        raise UsageError(
            f"--within: the log has no property {within!r}.",
            hint=f"Fields with few values: {', '.join(known) or 'none'}.",
        )


def _month(ts: Ints) -> Ints:
    """Calendar months since 1970 of microseconds: nulls must exchange what belongs to one term, not to two halves."""
    return ts.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64)


def _bare(name: str) -> str:
    return name.removeprefix("properties.")


def _all_users(grouping: Grouping, able: Ints, n: int) -> Grouping:
    """The grouping with a place for every user of the log; those without a profile are in no group."""

    def spread(label: Ints) -> Ints:
        full = np.full(n, -1, dtype=np.int64)
        full[able] = label
        return full

    certainty = np.zeros(n)
    certainty[able] = grouping.certainty
    profile = np.zeros((n, grouping.profile.shape[1]))
    profile[able] = grouping.profile
    halves, half_chances = np.full((n, 2), -1, dtype=np.int64), np.zeros((n, 2))
    halves[able], half_chances[able] = grouping.halves, grouping.half_chances
    return replace(
        grouping,
        label=spread(grouping.label),
        halves=halves,
        half_chances=half_chances,
        certainty=certainty,
        profile=profile,
        leaning=spread(grouping.leaning),
        options=[replace(o, label=spread(o.label)) for o in grouping.options],
    )


def fit_fold(n: int, seed: int, label: Ints | None = None) -> NDArray[np.bool_]:
    """(users,) a seeded split of users in the order of their raw ids: 30 % are held out, of each given group alike."""
    fit, drawn = np.ones(n, dtype=bool), np.random.default_rng([seed, 17]).permutation(n)
    if label is None:
        fit[drawn[: round(HELD_OUT * n)]] = False
        return fit
    for g in np.unique(label):
        members = drawn[label[drawn] == g]
        fit[members[: math.ceil(HELD_OUT * len(members))]] = False
    return fit
