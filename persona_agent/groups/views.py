"""Views: what users may be told apart by, as counts and means of visits.

In: the events of a log as codes. Out: `Visits`, one entry a visit, which can be cut by users, halved, and exchanged between
users for a null log; and `Background`, what a visit's things are measured against, by which later visits are measured alike. A
view is either counts of a visit's lines by the values of something (themes, acts, fields, parts of the
day) or one number a visit (its size, amounts on their own and against what the same thing usually has, how well known its
things are, how many of them the user had met before). Lines of one visit with the same act on the same thing count once.
Activity and tenure are no view.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

DAY = 86_400_000_000  # microseconds
BLOCK = DAY // 8  # three hours: shorter ones hold too few visits of a user
NON_ZERO = (0.02, 0.98)  # of lines, between which having an amount at all is a choice
OF_THING = 0.5  # of an amount's variance that things explain: it is then a price, and not a choice
USUAL = 5  # lines from which a thing has a usual amount
HISTORIES = 2  # lengths of history from one to its double: shares met before rise by a few hundredths within one
SPREAD = 3  # lines of a visit from which amounts have a spread


@dataclass(frozen=True)
class CodedLines:
    """The lines of a log, sorted by user, visit and time; codes from 0, −1 for none. `visit` numbers the visits of all users;
    `start` (visits,) is in microseconds of local time, `clocked` (visits,) says whether it has an hour; `things` sort objects
    (a category or themes); `fields`, `amounts` and `places` (a store, a device) by name; `turn` (visits,) is that of `Visits`.
    Where a code of things or of a field stands for several values, `kinds` (codes, values) by view says for which.
    """

    user: Ints
    visit: Ints
    start: Ints
    clocked: Bools
    action: Ints
    object: Ints
    things: Ints
    fields: Mapping[str, Ints]
    amounts: Mapping[str, Reals]
    stratum: Ints
    n_users: int
    turn: Ints
    kinds: Mapping[str, sparse.csr_matrix] = field(default_factory=dict)
    places: Mapping[str, Ints] = field(default_factory=dict)


@dataclass(frozen=True)
class Visits:
    """One entry a visit, sorted by user and time. `counts` (visits, values) and `numbers` (visits,) by the name of their view,
    NaN where a visit has no such number; `stratum` bounds the exchange of visits in null logs; `turn` is from 0 which of its
    user's visits in the log it is, those that are no visit here counted too: evidence halves users by the same numbers.
    """

    user: Ints
    n_users: int
    stratum: Ints
    counts: Mapping[str, sparse.csr_matrix]
    numbers: Mapping[str, Reals]
    turn: Ints

    @property
    def per_user(self) -> Ints:
        return np.bincount(self.user, minlength=self.n_users).astype(np.int64)

    @property
    def place(self) -> Ints:
        """(visits,) from 0: which of its user's visits it is."""
        start = np.searchsorted(self.user, np.arange(self.n_users))
        return np.asarray(np.arange(len(self.user)) - start[self.user], dtype=np.int64)

    def of_users(self, users: Ints, among: Bools | None = None) -> Visits:
        """The visits of `users`, sorted and renumbered from 0; only those `among` (visits,) some."""
        code = np.full(self.n_users, -1, dtype=np.int64)
        code[users] = np.arange(len(users))
        theirs = code[self.user] >= 0
        keep = np.flatnonzero(theirs if among is None else theirs & among)
        return self._taken(keep, code[self.user[keep]], len(users))

    def only(self, visits: Bools) -> Visits:
        """Some visits; users who have none are still counted."""
        keep = np.flatnonzero(visits)
        return self._taken(keep, self.user[keep], self.n_users)

    def exchanged(self, rng: np.random.Generator, cohort: Ints) -> Visits:
        """A null log: whole visits exchanged between users of one cohort (users,) within a stratum; each keeps the number of
        visits.
        """
        own = cohort[self.user]
        content = np.empty(len(self.user), dtype=np.int64)
        content[np.lexsort((self.stratum, own))] = np.lexsort((rng.random(len(self.user)), self.stratum, own))
        return replace(
            self,
            counts={name: c[content] for name, c in self.counts.items()},
            numbers={name: x[content] for name, x in self.numbers.items()},
        )

    def _taken(self, keep: Ints, user: Ints, n_users: int) -> Visits:
        return Visits(
            user,
            n_users,
            self.stratum[keep],
            {name: c[keep] for name, c in self.counts.items()},
            {name: x[keep] for name, x in self.numbers.items()},
            self.turn[keep],
        )


@dataclass(frozen=True)
class Background:
    """What visits are measured against, of all users of a log: how many `met` each object (objects,), which share of them was
    `before` (histories,) met before, and the logarithm of what is `usual` (objects,) of each by amount, NaN for rare ones. Of
    `priced` amounts things explain most; of `chosen` ones having them at all is a choice.
    """

    met: Reals
    before: Reals
    usual: Mapping[str, Reals]
    priced: frozenset[str]
    chosen: frozenset[str]

    @classmethod
    def of(cls, lines: CodedLines) -> Background:
        once = _once(lines)
        met, before = _of_objects(lines, once)
        usual, priced, chosen = {}, set(), set()
        for name, x in lines.amounts.items():
            some, log = _logarithm(x[once])
            usual[name] = _usual(log, lines.object[once])
            own = _own(usual[name], lines.object[once])
            known = ~np.isnan(own) & ~np.isnan(log)
            if known.sum() > 1 and log[known].var() > 0 and 1 - (log - own)[known].var() / log[known].var() >= OF_THING:
                priced.add(name)
            if NON_ZERO[0] < some.mean() < NON_ZERO[1]:
                chosen.add(name)
        return cls(met, before, usual, frozenset(priced), frozenset(chosen))


def visits_of(lines: CodedLines, against: Background | None = None, *, by_place: bool = False) -> Visits:
    """All views that a log may have, measured against its own background or another's; which of them say anything of users is
    tested afterwards. How users move over places is one for groups that somebody else made (`by_place`): where groups are found,
    it took two of a grocer's five personas away and gave none, and stands beside them as a habit.
    """
    against = against or Background.of(lines)
    n = len(lines.start)
    user = np.zeros(n, dtype=np.int64)
    user[lines.visit] = lines.user
    once = _once(lines)
    counts = {
        "things": _of_kinds(_by(lines.visit[once], lines.things[once], n), lines.kinds.get("things")),
        "acts": _by(lines.visit[once], lines.action[once], n),
        **{
            f"field {name}": _of_kinds(_by(lines.visit[once], code[once], n), lines.kinds.get(f"field {name}"))
            for name, code in lines.fields.items()
        },
        "hours": _by(np.flatnonzero(lines.clocked), lines.start[lines.clocked] % DAY // BLOCK, n),
        # The first of January 1970 was a Thursday.
        "weekend": _by(np.arange(n), ((lines.start // DAY + 3) % 7 > 4).astype(np.int64), n),
    }
    per_visit = np.bincount(lines.visit[once], minlength=n).astype(float)
    numbers = {"size": np.log(np.maximum(per_visit, 1)), **_of_things(lines, once, n, against)}
    for name, x in lines.amounts.items():
        usual = _own(against.usual[name], lines.object[once])
        some, more = _of_amount(x[once], usual, lines.visit[once], n, priced=name in against.priced)
        numbers |= {f"{kind} {name}": values for kind, values in more.items()}
        if name in against.chosen:
            counts[f"any {name}"] = _by(lines.visit[once], some.astype(np.int64), n)
    for name, code in lines.places.items() if by_place else ():
        numbers[f"same {name}"] = _as_before(lines, code)
    return Visits(user, lines.n_users, lines.stratum, counts, numbers, lines.turn)


def _as_before(lines: CodedLines, code: Ints) -> Reals:
    """(visits,) 1 where a visit is at the place of its user's visit before, 0 where it is at another, NaN where one has none."""
    n = len(lines.start)
    place, user = np.full(n, -1, dtype=np.int64), np.zeros(n, dtype=np.int64)
    user[lines.visit] = lines.user
    first = np.unique(lines.visit[code >= 0], return_index=True)
    place[first[0]] = code[code >= 0][first[1]]
    before = np.concatenate([[-1], np.where(user[1:] == user[:-1], place[:-1], -1)])
    return np.where((place >= 0) & (before >= 0), (place == before).astype(float), np.nan)


def _once(lines: CodedLines) -> Ints:
    """Lines that are the first of their visit with an act on a thing."""
    width = int(lines.object.max(initial=-1)) + 2
    key = (lines.visit * (int(lines.action.max(initial=0)) + 1) + lines.action) * width + lines.object + 1
    return np.sort(np.unique(key, return_index=True)[1])


def _by(visit: Ints, code: Ints, n: int) -> sparse.csr_matrix:
    there = code >= 0
    width = int(code.max(initial=0)) + 1
    return sparse.csr_matrix((np.ones(there.sum()), (visit[there], code[there])), shape=(n, width))


def _of_kinds(counts: sparse.csr_matrix, kinds: sparse.csr_matrix | None) -> sparse.csr_matrix:
    """(visits, values) from (visits, codes), where each code stands for several values."""
    return counts if kinds is None else sparse.csr_matrix(counts @ kinds[: counts.shape[1]])


def mean_of(visit: Ints, x: Reals, n: int) -> Reals:
    """(n,) mean of the numbers of each visit, NaN where it has none."""
    there = ~np.isnan(x)
    seen = np.bincount(visit[there], minlength=n)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(seen > 0, np.bincount(visit[there], x[there], minlength=n) / seen, np.nan))


def _met_before(lines: CodedLines, once: Ints) -> tuple[Ints, Reals, Ints]:
    """The lines that are of an object, whether each meets one that its user had met in visits before, and how long a history the
    user had by then, in steps (−1: none).
    """
    kept = once[lines.object[once] >= 0]
    thing, visit, user = lines.object[kept], lines.visit[kept], lines.user[kept]
    width = int(thing.max(initial=-1)) + 1
    pairs, first = np.unique(user * width + thing, return_index=True)
    of_pair = np.searchsorted(pairs, user * width + thing)
    before = (visit > visit[first][of_pair]).astype(float)
    met = np.searchsorted(visit, visit) - np.searchsorted(user, user)
    return kept, before, np.where(met > 0, np.log2(np.maximum(met, 1)) * HISTORIES, -1).astype(np.int64)


def _of_objects(lines: CodedLines, once: Ints) -> tuple[Reals, Reals]:
    """(objects,) how many users met each, and (histories,) the share of lines on things met before."""
    kept, before, history = _met_before(lines, once)
    if not len(kept):
        return np.zeros(0), np.zeros(0)
    thing, user = lines.object[kept], lines.user[kept]
    width = int(thing.max()) + 1
    users = np.bincount(np.unique(user * width + thing) % width, minlength=width)
    had = history >= 0
    usual = np.bincount(history[had], before[had]) / np.maximum(np.bincount(history[had]), 1)
    return users.astype(float), np.asarray(usual)


def _of_things(lines: CodedLines, once: Ints, n: int, against: Background) -> dict[str, Reals]:
    """How well known a visit's things are, and which share of them the user had met in visits before, beyond what all users have
    who met as many by then: who comes often has met more, and activity is no view.
    """
    kept, before, history = _met_before(lines, once)
    if not len(kept):
        return {}
    usual = np.append(against.before, 0.0)[np.minimum(history, len(against.before))]
    more = np.where(history >= 0, before - usual, np.nan)
    return {
        "popularity": mean_of(lines.visit[kept], np.log(against.met[lines.object[kept]]), n),
        "again": mean_of(lines.visit[kept], more, n),
    }


def _logarithm(x: Reals) -> tuple[Bools, Reals]:
    """Which lines have an amount, and the logarithm of its size, NaN where there is none."""
    some = np.nan_to_num(x) != 0
    return some, np.where(some, np.log(np.where(some, np.abs(np.nan_to_num(x)), 1.0)), np.nan)


def _of_amount(x: Reals, usual: Reals, visit: Ints, n: int, *, priced: bool) -> tuple[Bools, dict[str, Reals]]:
    """Which lines have the amount, and how much a visit has where it has one. What mostly depends on the thing is told as how
    dear the things are, and as how far the visit is from what each usually has.
    """
    some, log = _logarithm(x)
    if priced:
        found = {"dear": mean_of(visit, usual, n), "against usual": mean_of(visit, log - usual, n)}
    else:
        found = {"much": mean_of(visit, log, n)}
    square = mean_of(visit, log**2, n) - mean_of(visit, log, n) ** 2
    lines = np.bincount(visit[some], minlength=n)
    found["spread"] = np.where(lines >= SPREAD, np.sqrt(np.maximum(np.nan_to_num(square), 0)), np.nan)
    return some, found


def _usual(log: Reals, thing: Ints) -> Reals:
    """(objects,) the median of each, NaN for rare ones."""
    there = np.flatnonzero(~np.isnan(log) & (thing >= 0))
    width = int(thing.max(initial=-1)) + 1
    if not len(there):
        return np.full(width, np.nan)
    order = there[np.lexsort((log[there], thing[there]))]
    sizes = np.bincount(thing[there], minlength=width)
    start = np.cumsum(sizes) - sizes
    middle = np.where(sizes > 0, log[order][np.minimum(start + sizes // 2, len(order) - 1)], np.nan)
    middle[sizes < USUAL] = np.nan
    return np.asarray(middle)


def _own(usual: Reals, thing: Ints) -> Reals:
    """What is usual of each line's thing, NaN where it has none."""
    return np.asarray(np.append(usual, np.nan)[np.where(thing >= 0, thing, len(usual))])


def summed(visits: Visits, names: Sequence[str]) -> dict[str, Reals]:
    """(users, values) of each view of counts."""
    return {name: counts_of(visits.counts[name], visits.user, visits.n_users) for name in names}


def counts_of(counts: sparse.csr_matrix, code: Ints, n: int) -> Reals:
    """(n, values) counts of the rows of each code from 0. (A product with a sparse matrix is the same, and for a small log takes
    several times as long to set up as to work out.)
    """
    width = counts.shape[1]
    place = np.repeat(code * width, np.diff(counts.indptr)) + counts.indices
    summed: Reals = np.bincount(place, counts.data, minlength=n * width).astype(np.float64, copy=False)
    return summed.reshape(n, width)


def sums_of(x: Reals, code: Ints, n: int) -> Reals:
    """(n, columns) sums of the rows of each code from 0, added in their order."""
    width = x.shape[1]
    place = code[:, None] * width + np.arange(width)
    summed: Reals = np.bincount(place.ravel(), x.ravel(), minlength=n * width).astype(np.float64, copy=False)
    return summed.reshape(n, width)
