"""Events and memories to groups: who resembles whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook
from ..errors import UsageError
from ..log.events import Columns, Property, field_of, load_columns, open_events, properties
from ..options import Options
from ..store import Store
from .coded import ReadLines, chosen_acts, read_lines
from .cohorts import cohort_field
from .find import Grouping, find_groups
from .frozen import MIN_LINES, Frozen, freeze
from .gathering import ACTIONS, GatheredMemories, of_events
from .occasions import by_intents, occasion_stability
from .theme_names import called_themes, name_themes
from .themes import find_themes, spread_themes
from .views import Background, visits_of

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
    `frozen` places other users in these groups; it is in a file of its own, and not read back with the rest.
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
    frozen: Frozen | None = None


def group_users(
    store: Store, options: Options, gathered: GatheredMemories, book: Codebook, found_in: Collection[str] | None = None
) -> UserGroups:
    """The users of a run's memories in groups, which are found in the users of these hashes; without, in a seeded 70 %."""
    with store.connect() as connection:
        open_events(connection, store)
        columns = load_columns(connection, store.path(ACTIONS))
        memory, intent = of_events(connection, store)
        catalogue = properties(connection)
        _check_within(options.within, catalogue)
        known = {p.name: p for p in catalogue}
        n = len(columns.users)
        named = None if found_in is None else np.array([user in found_in for user in columns.users])
        fit = fit_fold(n, options.seed) if named is None else named
        fields = _fields(connection, columns, catalogue, fit)
        within = _bare(options.within) if options.within else cohort_field(connection, columns, book, known, fit)
        lines = read_lines(connection, columns, book, known, options.timezone, [within] if within else [])
        cohort, cohorts = _cohort(connection, within, n)
    counts = _memory_counts(columns.user, memory, intent)
    per_user = np.bincount(lines.lines.user, minlength=n)
    able = np.flatnonzero((per_user >= MIN_LINES) & (cohort >= 0)).astype(np.int64)
    lines, themes = _themed(lines, fit, options.seed, book.folding)
    background = Background.of(lines.lines)
    grouping = _found(lines, background, able, cohort, {k: v[able] for k, v in fields.items()}, fit, options)
    members = [np.flatnonzero(grouping.label == g).astype(np.int64) for g in range(grouping.chosen)]
    members = [] if grouping.state == "none" else members
    stability = np.array([f.refits or 0.0 for f in grouping.firmness])
    halves = grouping.halves
    if options.by == "intents" and counts.shape[1]:
        members, stability = by_intents(counts), occasion_stability(counts, options.seed)
        halves = np.full_like(halves, -1)
    amounts = list(lines.lines.amounts)
    return UserGroups(
        gathered,
        columns.users,
        counts,
        amounts,
        grouping,
        members,
        stability,
        fit,
        halves,
        within,
        lines.category,
        themes,
        _frozen(lines, background, grouping, book, within, _codes_of(cohort[able], cohorts)),
    )


def _found(
    read: ReadLines,
    background: Background,
    able: Ints,
    cohort: Ints,
    fields: dict[str, Ints],
    fit: NDArray[np.bool_],
    options: Options,
) -> Grouping:
    """The grouping of the users who have lines enough, with a place for all."""
    visits = visits_of(read.lines, background).of_users(able)
    own = np.unique(cohort[able], return_inverse=True)[1].astype(np.int64)
    found = find_groups(visits, own, fields, options.seed, options.personas, fit[able])
    return _all_users(found, able, len(cohort))


def _themed(
    read: ReadLines, fit: NDArray[np.bool_], seed: int, folding: Mapping[str, str]
) -> tuple[ReadLines, dict[str, list[str]]]:
    """The lines with themes in the place of things, where no field sorts these; themes are made from users of `fit` alone.
    `folding` are the themes that a model gave the commonest things, which then are those of all.
    """
    lines = read.lines
    if read.category is not None:
        return read, {}
    inside = fit[lines.user] & (lines.object >= 0)
    user, thing = lines.user[inside], lines.object[inside]
    called = list(dict.fromkeys(folding.values()))
    given = np.array([called.index(folding[name]) if name in folding else -1 for name in read.objects], dtype=np.int64)
    theme = (
        spread_themes(user, thing, read.objects, given, seed)
        if called
        else find_themes(user, thing, read.objects, seed)
    )
    met = np.unique(user * (len(read.objects) + 1) + thing) % (len(read.objects) + 1)
    users = np.bincount(met, minlength=len(read.objects)).astype(np.int64)
    named = called_themes(theme, read.objects, users, called) if called else name_themes(theme, read.objects, users)
    return replace(read, lines=replace(lines, things=np.append(theme, -1)[lines.object])), named


def _frozen(
    read: ReadLines,
    background: Background,
    grouping: Grouping,
    book: Codebook,
    within: str | None,
    cohorts: Mapping[str, int],
) -> Frozen | None:
    """What places others in these groups, where there are any."""
    if grouping.placer is None:
        return None
    return freeze(read, background, grouping.placer, chosen_acts(read.actions, book), within, cohorts)


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
    halves = np.full((n, 2), -1, dtype=np.int64)
    halves[able] = grouping.halves
    options = [replace(o, label=spread(o.label)) for o in grouping.options]
    return replace(
        grouping, label=spread(grouping.label), halves=halves, certainty=certainty, profile=profile, options=options
    )


def fit_fold(n: int, seed: int) -> NDArray[np.bool_]:
    """(users,) a seeded split of users in the order of their raw ids: 30 % are held out."""
    fit = np.ones(n, dtype=bool)
    fit[np.random.default_rng([seed, 17]).permutation(n)[: round(HELD_OUT * n)]] = False
    return fit
