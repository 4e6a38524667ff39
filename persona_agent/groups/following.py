"""What became of the groups of one log in a later one: which group is which, and what is more than chance.

In: users of both logs by one ruler, the group of each in its own log, and who is of both. Out: `Followed`: the counterpart of
each group, and tests of what grew, shrank, split, merged, came and went. Classes are learned from the members of OLD's groups and
from those of NEW's; each puts the users of *both* logs, so that sizes are compared by one rule. What only one of the two rules
sees may be how the other was cut: a group grew or shrank where both rules say so. Promises: users of the log that a rule is
learned from are put by a rule of other users; a person of both logs counts once in every error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from numpy.typing import NDArray
from scipy.special import ndtr

from .both import BothLogs
from .mixture import Profiles, fit_known_classes
from .trials import placed

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

FOLDS = 3  # nobody is placed by a fit that they were part of: each by the other two thirds; not tuned
# Of all members of either: half of those of each are then the same, below which two groups are no longer called one
# (the dissolution point of Hennig 2008 is a Jaccard of .5 in refits of the same data; another period is harder).
SAME = 1 / 3
FROM = 0.5  # of a group that comes out of one group before it: most of them
# Of the members of groups, from which persons tell where groups come from; below, so few may be odd ones.
TOLD_AGAIN = 0.2
# Of a share: what is left of a group that is gone, or was there of a new one, is less; the rest is misplaced.
HARDLY = 0.5
PART = 0.2  # of a group that a part of it must have been to be called one
APART = 0.2  # of kappa between halves of visits, from which parts are told apart, as a soft group is
DRAWS = 400  # of users, for the error of a kappa


@dataclass(frozen=True)
class Test:
    """One thing that may have changed: `was` and `now` are figures by one rule, `p` how often chance alone does as much,
    `error` that of the difference of two shares.
    """

    was: float
    now: float
    p: float
    error: float = 0.0


@dataclass(frozen=True)
class Followed:
    """`counterpart` maps groups of OLD to groups of NEW one to one, `alike` says how alike these are. `sizes` tests the shares of
    those that have one, `gone` the groups of OLD that have none, `new` those of NEW. `splits` maps a group of OLD to groups
    of NEW that came out of it, `merges` one of NEW to groups of OLD, with a test of each; `old_to_new` (OLD's groups, NEW's
    groups) are the users of NEW that OLD's rule puts there. `placed_old` (users of NEW,) is OLD's group of each by OLD's
    rule.
    """

    counterpart: Mapping[int, int]
    alike: Mapping[int, float]
    sizes: Mapping[int, Test]
    gone: Mapping[int, Test]
    new: Mapping[int, Test]
    splits: Mapping[int, tuple[list[int], Test]]
    merges: Mapping[int, tuple[list[int], Test]]
    placed_old: Ints


@dataclass(frozen=True)
class LogSide:
    """One log among both: which users are its (`mask`), the group of each (−1: none; users of the other log too), how many."""

    mask: Bools
    label: Ints
    k: int


def follow(
    both: BothLogs,
    old: Sequence[Sequence[str]],
    new: Sequence[Sequence[str]],
    *,
    same_key: bool,
    called: tuple[Sequence[str], Sequence[str]] | None = None,
) -> Followed:
    """Groups are lists of user hashes; users can be told again in the other log where both have the `same_key`. Where they were
    given in both, under the names `called`, a group is the one of its name, and whoever was put into it is in it.
    """
    n = len(both.users)
    is_old = np.arange(n) < both.n_old
    sides = (_side(both, is_old, old), _side(both, ~is_old, new))
    person = _persons(both, same_key=same_key)
    if called is not None:
        return _by_name(both, sides, person, called)
    # (users,) the group of each by the rule of OLD, and by that of NEW.
    by = [_put(both, side) for side in sides]
    shared = _shared(sides, person)
    alike = _alike(sides, by, shared)
    pairs = _pairs(alike)
    sizes = {g: _both_rules(sides, by, person, g, h) for g, h in pairs.items()}
    left = [_share_test(by[0], sides, person, g) for g in range(sides[0].k)]
    origin = _origins(sides[1], by[0], shared)
    # Who is hardly there any more was not merged into anything.
    target = {
        g: h
        for g, h in _origins(sides[0], by[1], shared.T).items()
        if left[g].now >= HARDLY * left[g].was or shared.any()
    }
    splits = _parts(both, sides, by, person, origin, range(sides[0].k), later=True)
    merges = _parts(both, sides[::-1], by[::-1], person, target, range(sides[1].k), later=False)
    return Followed(
        counterpart=pairs,
        alike={g: float(alike[g, h]) for g, h in pairs.items()},
        sizes=sizes,
        gone={g: test for g, test in enumerate(left) if g not in pairs},
        new={h: _share_test(by[1], sides, person, h) for h in range(sides[1].k) if h not in pairs.values()},
        splits=splits,
        merges=merges,
        placed_old=by[0][both.n_old :],
    )


def _by_name(
    both: BothLogs, sides: tuple[LogSide, LogSide], person: Ints, called: tuple[Sequence[str], Sequence[str]]
) -> Followed:
    """Given groups: nothing splits or merges but by whoever gives them."""
    number = {name: h for h, name in enumerate(called[1][: sides[1].k])}
    pairs = {g: number[name] for g, name in enumerate(called[0][: sides[0].k]) if name in number}
    back = {h: g for g, h in pairs.items()}
    put = [_numbered(sides[i], sides[1 - i], names) for i, names in ((0, back), (1, pairs))]
    left = [_share_test(put[0], sides, person, g) for g in range(sides[0].k)]
    return Followed(
        counterpart=pairs,
        alike=dict.fromkeys(pairs, 1.0),
        sizes={g: left[g] for g in pairs},
        gone={g: test for g, test in enumerate(left) if g not in pairs},
        new={h: _share_test(put[1], sides, person, h) for h in range(sides[1].k) if h not in back},
        splits={},
        merges={},
        placed_old=put[0][both.n_old :],
    )


def _numbered(side: LogSide, other: LogSide, names: Mapping[int, int]) -> Ints:
    """(users,) the group of each by the numbers of one side; `side.k` for groups of the other that it has none of."""
    theirs = [names.get(x, side.k) if x >= 0 else -1 for x in other.label.tolist()]
    return np.where(side.mask, side.label, np.array(theirs, dtype=np.int64))


def _side(both: BothLogs, mask: Bools, groups: Sequence[Sequence[str]]) -> LogSide:
    group = {user: g for g, members in enumerate(groups) for user in members}
    label = [group.get(user, -1) if mine else -1 for user, mine in zip(both.users, mask.tolist(), strict=True)]
    return LogSide(mask, np.array(label, dtype=np.int64), len(groups))


def _persons(both: BothLogs, *, same_key: bool) -> Ints:
    """(users,) the same number for the two users that one person is."""
    if not same_key:
        return np.arange(len(both.users))
    return np.asarray(np.unique(np.array(both.users, dtype=object).astype(str), return_inverse=True)[1], dtype=np.int64)


def _put(both: BothLogs, side: LogSide) -> Ints:
    """(users,) where the classes of one log put the users of both; its own by classes of its other users."""
    n = len(both.users)
    if side.k == 0 or not (side.label >= 0).any():
        return np.full(n, -1, dtype=np.int64)
    found = _placed(both.whole, side.label, side.k, both.visits, np.arange(n))
    fold = np.random.default_rng(0).permutation(n) % FOLDS
    for f in range(FOLDS):
        mine = np.flatnonzero((fold == f) & side.mask)
        label = np.where(fold == f, -1, side.label)
        if len(np.unique(label[label >= 0])) == side.k:
            found[mine] = _placed(both.whole, label, side.k, both.visits, mine)
    return found


def _placed(profiles: Profiles, label: Ints, k: int, visits: Ints, users: Ints) -> Ints:
    chances = fit_known_classes(profiles, label, k).chances(profiles.of(users))
    return placed(chances, visits[users])


def _shared(sides: tuple[LogSide, LogSide], person: Ints) -> Reals:
    """(OLD's groups, NEW's groups) persons of both logs that are in a group of either."""
    there = np.zeros((sides[0].k, sides[1].k))
    last = np.full(int(person.max(initial=-1)) + 1, -1, dtype=np.int64)
    last[person[sides[0].mask]] = sides[0].label[sides[0].mask]
    before, now = last[person[sides[1].mask]], sides[1].label[sides[1].mask]
    held = (before >= 0) & (now >= 0)
    np.add.at(there, (before[held], now[held]), 1)
    return there


def _alike(sides: tuple[LogSide, LogSide], by: Sequence[Ints], shared: Reals) -> Reals:
    """(OLD's groups, NEW's groups) how alike two groups are: the mean of the Jaccards of their members in NEW by OLD's rule,
    in OLD by NEW's rule and, where persons can be told again, among those of both logs.
    """
    old, new = sides
    found = [
        _jaccard(_table(by[0][new.mask], new.label[new.mask], old.k, new.k)),
        _jaccard(_table(old.label[old.mask], by[1][old.mask], old.k, new.k)),
    ]
    return np.asarray(np.mean([*found, *([_jaccard(shared)] if shared.sum() else [])], axis=0))


def _table(rows: Ints, columns: Ints, n: int, m: int) -> Reals:
    found = np.zeros((n, m))
    held = (rows >= 0) & (columns >= 0)
    np.add.at(found, (rows[held], columns[held]), 1)
    return found


def _jaccard(table: Reals) -> Reals:
    either = table.sum(axis=1, keepdims=True) + table.sum(axis=0, keepdims=True) - table
    return np.asarray(table / np.maximum(either, 1))


def _pairs(alike: Reals) -> dict[int, int]:
    """The one-to-one pairs that are most alike together (Kuhn 1955), those left out that are not alike enough."""
    rows, columns = scipy.optimize.linear_sum_assignment(-alike)
    return {g: h for g, h in zip(rows.tolist(), columns.tolist(), strict=True) if alike[g, h] >= SAME}


# --- sizes ---


def _both_rules(sides: tuple[LogSide, LogSide], by: Sequence[Ints], person: Ints, g: int, h: int) -> Test:
    """The share of a group that has a counterpart, by the mean of both rules: what a rule sees too much of in the log that it was
    learned from, the other sees too much of in the other log. Where they see different things, nothing is shown.
    """
    looks = [_look(put, sides, group) for put, group in zip(by, (g, h), strict=True)]
    one, other = looks
    both = _Look((one.was + other.was) / 2, (one.now + other.now) / 2, (one.pull + other.pull) / 2)
    test = _tested(both, by[0], sides, person)
    together = (looks[0].now - looks[0].was) * (looks[1].now - looks[1].was) > 0
    return test if together else replace(test, p=1.0)


def _share_test(put: Ints, sides: tuple[LogSide, LogSide], person: Ints, g: int) -> Test:
    """The share of the users whom one rule puts into a group, of those whom it puts anywhere, in OLD and in NEW; two-sided."""
    return _tested(_look(put, sides, g), put, sides, person)


@dataclass(frozen=True)
class _Look:
    """Two shares, and the pull of each user on their difference."""

    was: float
    now: float
    pull: Reals


def _look(put: Ints, sides: tuple[LogSide, LogSide], g: int) -> _Look:
    inside = (put == g).astype(float)
    old, new = (s.mask & (put >= 0) for s in sides)
    was, now = (float(inside[m].mean()) if m.any() else 0.0 for m in (old, new))
    after, before = (np.where(m, inside - x, 0.0) / max(m.sum(), 1) for m, x in ((new, now), (old, was)))
    return _Look(was, now, after - before)


def _tested(look: _Look, put: Ints, sides: tuple[LogSide, LogSide], person: Ints) -> Test:
    # A person of both logs pulls on both shares, and is one person.
    error = float(np.sqrt(np.square(np.bincount(person, weights=look.pull)).sum()))
    # As if one user more stood in and one outside, on either side: none of so few is no certainty (Agresti & Caffo 2000).
    floor = float(np.sqrt(sum(1 / ((s.mask & (put >= 0)).sum() + 2) ** 2 for s in sides)))
    error = max(error, floor)
    return Test(look.was, look.now, float(2 * ndtr(-abs(look.now - look.was) / error)), error)


# --- splits and merges ---


def _origins(later: LogSide, put: Ints, shared: Reals) -> dict[int, int]:
    """The group that most of each group of a log are of in the other: as persons, where these can be told again, else by the
    rule. A group of which few persons are in the other log is of none there.
    """
    inside = later.mask & (later.label >= 0)
    sizes = np.bincount(later.label[inside], minlength=later.k)
    again = float(shared.sum()) / max(int(inside.sum()), 1)
    found = {}
    for h in range(later.k):
        members = put[inside & (later.label == h)]
        told = np.bincount(members[members >= 0], minlength=shared.shape[0]).astype(float)
        if again >= TOLD_AGAIN:
            told = shared[:, h] if shared[:, h].sum() >= HARDLY * again * sizes[h] else np.zeros_like(told)
        if told.sum() and told.max() >= FROM * told.sum():
            found[h] = int(told.argmax())
    return found


def _parts(
    both: BothLogs, sides: tuple[LogSide, LogSide], by: Sequence[Ints], person: Ints, origin: Mapping[int, int],
    groups: range, *, later: bool,
) -> dict[int, tuple[list[int], Test]]:  # fmt: skip
    """Groups of the one side out of which two or more of the other came. They were not two before where halves of visits did not
    tell them apart then and do so now, or where hardly anybody was in one of them.
    """
    found = {}
    for g in groups:
        parts = [h for h, o in origin.items() if o == g]
        sizes = np.array([int((sides[1].mask & (sides[1].label == h)).sum()) for h in parts])
        parts = [h for h, n in zip(parts, sizes.tolist(), strict=True) if n >= PART * max(int(sizes.sum()), 1)]
        if len(parts) < 2:
            continue
        told = _told_apart(both, sides, by[0], parts, g)
        came = min((_share_test(by[1], sides, person, h) for h in parts), key=lambda t: t.p)
        rose = came.now > came.was if later else came.now != came.was
        tests = [told, *([came] if rose and came.was < came.now / 2 else [])]
        best = min(tests, key=lambda t: t.p)
        found[g] = (parts, Test(best.was, best.now, min(1.0, best.p * len(tests))))
    return found


def _told_apart(both: BothLogs, sides: tuple[LogSide, LogSide], put: Ints, parts: list[int], g: int) -> Test:
    """Kappa of the parts between halves of the visits of those who are in one of them: in the log where the group was one, and in
    that where it is several. One-sided: did telling them apart become possible?
    """
    one, several = sides
    label = np.where(np.isin(several.label, parts), np.searchsorted(np.sort(parts), several.label), -1)
    model = fit_known_classes(both.whole, label, len(parts))
    halves = [model.chances(p).argmax(axis=1) for p in both.parts]
    returning = both.visits >= 2
    # Whom the rule of the one log puts there, in both: parts that also took users from elsewhere are told apart by these.
    was = one.mask & (put == g) & returning
    now = several.mask & (label >= 0) & (put == g) & returning
    rng = np.random.default_rng(0)
    drawn = [_kappas(halves[0][m], halves[1][m], rng) for m in (was, now)]
    (before, e0), (after, e1) = drawn
    error = float(np.hypot(e0, e1))
    if before >= APART or after < APART or error == 0:
        return Test(before, after, 1.0)
    return Test(before, after, float(ndtr(-(after - before) / error)))


def _kappas(a: Ints, b: Ints, rng: np.random.Generator) -> tuple[float, float]:
    """Cohen's kappa of two labels of the same users, and its error over users drawn anew."""
    if len(a) < 2:
        return 0.0, 0.0
    draws = [rng.integers(0, len(a), len(a)) for _ in range(DRAWS)]
    return _kappa(a, b), float(np.std([_kappa(a[d], b[d]) for d in draws]))


def _kappa(a: Ints, b: Ints) -> float:
    k = int(max(a.max(), b.max())) + 1
    chance = float((np.bincount(a, minlength=k) / len(a)) @ (np.bincount(b, minlength=k) / len(b)))
    return (float((a == b).mean()) - chance) / max(1 - chance, 1e-9)
