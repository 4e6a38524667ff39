"""Events and memories to groups: who resembles whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..errors import UsageError
from ..log.events import Columns, Property, field_of, load_columns, numbers, open_events, properties
from ..options import Options
from ..progress import Progress
from ..store import Store
from . import Grouping, Sessions, by_intents, find_groups, occasion_stability
from .gathering import ACTIONS, GatheredMemories, of_events

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

MIN_LINES = 4  # a user with fewer lines has no profile, and is in no group
HELD_OUT = 0.3  # of users: enough to test claims of groups of twenty, and most are left to find them with


@dataclass(frozen=True)
class UserGroups:
    """Who is in which group, and what that was made from.

    `users` are keyed hashes in the order of raw ids, by which all else numbers users; `memories` (users, intents) counts;
    `amounts` names the numeric properties in use; `members` are the users of each group, with how stable it is; `fit` marks
    the users that groups were made from, the others are held out. `gathered` is what the groups package found before. `halves`
    (users, 2) is the group of each user by every other visit: by the first, third and so on in the order of time, and by the
    others; −1 where that half places nobody.
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


def group_users(
    store: Store, options: Options, gathered: GatheredMemories, found_in: Collection[str] | None = None
) -> UserGroups:
    """The users of a run's memories in groups, which are found in the users of these hashes; without, in a seeded 70 %."""
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        memory, intent = of_events(connection, store)
        catalogue = properties(connection)
        _check_within(options.within, catalogue)
        sessions, amounts = _sessions(connection, columns, intent, catalogue, options.within)
        lines = np.bincount(columns.user)
        named = None if found_in is None else np.array([user in found_in for user in columns.users])
        fit = fit_fold(len(lines), options.seed) if named is None else named
        fields = _fields(connection, columns, catalogue, fit)
    counts = _memory_counts(columns.user, memory, intent)
    able = np.flatnonzero(lines >= MIN_LINES).astype(np.int64)
    grouping = find_groups(
        sessions.of_users(able),
        counts[able],
        {k: v[able] for k, v in fields.items()},
        options.seed,
        options.personas,
        fit[able],
    )
    grouping = _all_users(grouping, able, len(lines))
    members, stability = _members(grouping), grouping.stability
    if options.by == "intents" and counts.shape[1]:
        members, stability = by_intents(counts), occasion_stability(counts, options.seed)
    return UserGroups(
        gathered,
        columns.users,
        counts,
        amounts,
        grouping,
        members,
        stability,
        fit,
        _everywhere(members if options.by == "users" else [], len(lines)),
    )


def split_groups(
    store: Store, options: Options, groups: UserGroups, doubted: Mapping[int, str], progress: Progress
) -> UserGroups | None:
    """The groups with every one in two that a critic took for two, where both halves beat null logs and the floor; None
    where none does. The trial is the test of groups itself, among the members alone.
    """
    found = None
    for g, why in sorted(doubted.items()):
        halves = _halves(store, options, groups, g) if options.by == "users" else None
        progress.note(f"a critic takes group {g + 1} for two ({why}): {'split' if halves else 'it stays one'}")
        found = _in_two(found or groups, g, halves) if halves else found
    return found


def _halves(store: Store, options: Options, groups: UserGroups, g: int) -> tuple[Ints, Ints] | None:
    """The two halves of a group, if they are there."""
    members = groups.members[g]
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        _, intent = of_events(connection, store)
        sessions, _ = _sessions(connection, columns, intent, properties(connection), options.within)
    trial = find_groups(sessions.of_users(members), groups.memories[members], {}, options.seed, 2, groups.fit[members])
    one, two = (members[trial.label == k] for k in (0, 1))
    enough = min(len(one), len(two)) >= options.floor
    return (one, two) if trial.state == "groups" and trial.chosen == 2 and enough else None


def _in_two(groups: UserGroups, g: int, halves: tuple[Ints, Ints]) -> UserGroups:
    """The groups with the first half in the place of group `g` and the second as a group of its own."""
    grouping, stability = groups.grouping, np.append(groups.stability, groups.stability[g])
    label = grouping.label.copy()
    label[halves[1]] = len(groups.members)
    grouping = replace(grouping, label=label, cohesion=[*grouping.cohesion, grouping.cohesion[g]])
    members = [*groups.members[:g], halves[0], *groups.members[g + 1 :], halves[1]]
    of_halves = _everywhere(members, len(groups.users))
    return replace(groups, grouping=grouping, members=members, stability=stability, halves=of_halves)


def _everywhere(members: list[Ints], n: int) -> Ints:
    """(users, 2): both halves of a user's visits say what the whole says, until users are placed by halves."""
    halves = np.full((n, 2), -1, dtype=np.int64)
    for g, users in enumerate(members):
        halves[users] = g
    return halves


def _memory_counts(user: Ints, memory: Ints, intent: Ints) -> Reals:
    """(users, intents) memories of each user by intent."""
    counts = np.zeros((int(user.max()) + 1, int(intent.max()) + 1 if len(intent) else 0))
    of_intent = np.flatnonzero((memory >= 0) & (intent >= 0))
    _, first = np.unique(memory[of_intent], return_index=True)
    np.add.at(counts, (user[of_intent[first]], intent[of_intent[first]]), 1)
    return counts


def _sessions(
    connection: duckdb.DuckDBPyConnection,
    columns: Columns,
    intent: Ints,
    catalogue: list[Property],
    within: str | None,
) -> tuple[Sessions, list[str]]:
    n = int(columns.session.max()) + 1
    first = np.unique(columns.session, return_index=True)[1]
    stratum = _month(columns.ts[first])
    if within is not None:
        value, names = field_of(connection, "session", _bare(within))
        stratum = stratum * (len(names) + 1) + value + 1
    intents = _counts(n, columns.session, intent, int(intent.max()) + 1)
    verbs = _counts(n, columns.session, columns.action[columns.text], len(columns.actions))
    amounts = [p.name for p in catalogue if p.is_amount]
    logs, seen = np.zeros((n, len(amounts))), np.zeros((n, len(amounts)))
    for j, name in enumerate(amounts):
        x = numbers(connection, name)
        there = ~np.isnan(x)
        np.add.at(logs[:, j], columns.session[there], np.log1p(np.abs(x[there])))
        np.add.at(seen[:, j], columns.session[there], 1)
    return Sessions(columns.user[first], stratum.astype(np.int64), intents, verbs, logs, seen), amounts


def _counts(n: int, session: Ints, code: Ints, width: int) -> Reals:
    counts = np.zeros((n, max(width, 0)))
    inside = code >= 0
    np.add.at(counts, (session[inside], code[inside]), 1)
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
    options = [replace(o, label=spread(o.label)) for o in grouping.options]
    return replace(grouping, label=spread(grouping.label), certainty=certainty, profile=profile, options=options)


def _members(grouping: Grouping) -> list[Ints]:
    if grouping.state == "none":
        return []
    return [np.flatnonzero(grouping.label == g).astype(np.int64) for g in range(grouping.chosen)]


def fit_fold(n: int, seed: int) -> NDArray[np.bool_]:
    """(users,) a seeded split of users in the order of their raw ids: 30 % are held out."""
    fit = np.ones(n, dtype=bool)
    fit[np.random.default_rng([seed, 17]).permutation(n)[: round(HELD_OUT * n)]] = False
    return fit
