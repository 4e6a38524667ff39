"""Somebody else's groups on trial: do they come back, as they were given, and are they more than chance?

In: visits, and the group of each user, from wherever. Out: of each group a `GroupOnTrial`. Users are cut into folds; classes are
described from the labels of the users outside of a fold, and put on either half of the visits of those inside, so that whoever
sorted the users by all of their visits has no advantage. Held against two kinds of null: the same classes on logs whose visits
were exchanged between users, and classes described from labels that were dealt out anew. Promises: users with one visit are
in no figure; users of no group, and of groups too small to describe, are a class of their own, which is nobody's group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..schema.personas import FAIR, FIRM, SOFT
from .find import A_THIRD, JUST_AMI, NULLS, SMALLEST, drawn_users, just_fields
from .mixture import Profiles, described
from .ruler import Ruler
from .screening import Ints, Reals, halves_of_visits, screen
from .telling_apart import activity, dealt, profile_columns
from .threads import one_thread
from .trials import DRAWS, FOLDS, SURE, Halves, agreement, foretold
from .views import Visits

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

HOWS = ("time", "random")


@dataclass(frozen=True)
class GroupOnTrial:
    """`tested` of `members` came twice. Of those whom one half of their visits puts here, `same` are put here by the other half
    (by time, and at `random`), `chance` by chance; `kappa` is beyond chance, `low` the end of its 95 % interval, `null` what 95 %
    of exchanged logs stay under. `own`: of its members' halves, the share put where the members were given, `own_chance` by
    chance; `own_kappa` beyond chance, `own_null` what 95 % of the largest of dealt-out labels stay under.
    """

    word: Literal["firm", "fair", "soft", "none", "untested"]
    members: int
    tested: int
    same: float = 0.0
    chance: float = 0.0
    kappa: float = 0.0
    low: float = 0.0
    random: float = 0.0
    null: float = 0.0
    own: float = 0.0
    own_chance: float = 0.0
    own_kappa: float = 0.0
    own_null: float = 0.0


@dataclass(frozen=True)
class GroupsOnTrial:
    """`gain` is nats a user by which the group that one half of the visits gives foretells the other, over everybody's mix, with
    its 95 % interval; `null_gain` what 95 % of nulls stay under. `just` is how much each field tells of the groups
    (adjusted mutual information). `tested` of `users` could be tested.
    """

    groups: list[GroupOnTrial]
    users: int
    tested: int
    gain: float | None = None
    gain_ends: tuple[float, float] | None = None
    null_gain: float | None = None
    just: Mapping[str, float] | None = None
    views: tuple[str, ...] = ()

    @property
    def mostly(self) -> str | None:
        """The field that the groups mostly are, if there is one."""
        told = {name: x for name, x in (self.just or {}).items() if x >= JUST_AMI}
        return max(told, key=lambda name: told[name], default=None)


@one_thread()
def try_labels(
    visits: Visits, cohort: Ints, label: Ints, k: int, fields: Mapping[str, Ints], seed: int, smallest: int = SMALLEST
) -> GroupsOnTrial:
    """The trial of `label` (users,) from 0 to k − 1, −1 for no group. `cohort` and `fields` as in `find_groups`."""
    members = np.bincount(label[label >= 0], minlength=k)
    several = visits.per_user >= 2
    tested = np.bincount(label[(label >= 0) & several], minlength=k)
    just = just_fields(label, fields)
    classes = _classes(label, members, smallest)
    n_classes = int(classes.max(initial=-1)) + 1
    untested = [GroupOnTrial("untested", int(m), int(t)) for m, t in zip(members, tested, strict=True)]
    users = int((label >= 0).sum())
    if n_classes < 2 or (several & (label >= 0)).sum() < 2 * smallest:
        return GroupsOnTrial(untested, users, int(tested.sum()), just=just)
    inside = drawn_users(np.flatnonzero(visits.per_user > 0), visits.per_user, seed)
    trial = _CrossValidation.of(visits.of_users(inside), cohort[inside], classes[inside], n_classes, seed)
    large = np.flatnonzero(members >= smallest)
    found = trial.groups(len(large))
    groups = [
        _worded(found[int(np.searchsorted(large, g))], int(members[g]), int(tested[g]))
        if members[g] >= smallest
        else untested[g]
        for g in range(k)
    ]
    gain, ends, null_gain = trial.gains(len(large))
    return GroupsOnTrial(groups, users, int(tested.sum()), gain, ends, null_gain, just, trial.views)


def _classes(label: Ints, members: Ints, smallest: int) -> Ints:
    """Groups of `smallest` users and more as classes from 0; everybody else is one class more, where they are as many."""
    large = np.flatnonzero(members >= smallest)
    code = np.full(len(members) + 1, len(large), dtype=np.int64)
    code[large] = np.arange(len(large))
    found = code[label]
    return found if (found == len(large)).sum() >= smallest else np.where(found == len(large), -1, found)


@dataclass(frozen=True)
class _CrossValidation:
    """Visits of some users with their classes, which fold each user is of, and what is expected of their visits."""

    visits: Visits
    cohort: Ints
    classes: Ints
    k: int
    ruler: Ruler
    fold: Ints
    seed: int
    views: tuple[str, ...]

    @classmethod
    def of(cls, visits: Visits, cohort: Ints, classes: Ints, k: int, seed: int) -> _CrossValidation:
        screened = screen(visits, cohort, seed)
        # Where nothing comes back no group will: it is tried on everything that there is.
        seen = screened.of(visits) if screened.counts or screened.numbers else visits
        ruler = Ruler.of(seen, tuple(seen.counts), tuple(seen.numbers), cohort)
        fold = np.random.default_rng([seed, 83]).permutation(seen.n_users) % FOLDS
        return cls(seen, cohort, classes, k, ruler, fold, seed, (*seen.counts, *seen.numbers))

    def groups(self, k: int) -> list[GroupOnTrial]:
        """Of the first `k` classes."""
        rng = np.random.default_rng([self.seed, 89])
        several = self.visits.per_user >= 2
        sides = {how: self._halves(self.visits, how, rng) for how in HOWS}
        by_halves = _by_halves(sides["time"], self.classes, self.fold)
        put = {how: self._put(by_halves, both) for how, both in sides.items()}
        a, b = (side[several] for side in put["time"])
        by_time = Halves.certain(a, b)
        share, chance, kappa = agreement(by_time, self.k)
        drawn = [agreement(by_time.of_users(rng.integers(0, len(a), len(a))), self.k)[2] for _ in range(DRAWS)]
        at_random = agreement(Halves.certain(*put["random"]).of_users(several), self.k)[0]
        own, own_chance, own_kappa = _as_given(self.classes[several], a, b, self.k)
        null, own_null = self._nulls(by_halves, sides["time"], rng)
        low = np.percentile(np.array(drawn), 2.5, axis=0)
        columns = (share, chance, kappa, low, at_random, null, own, own_chance, own_kappa, own_null)
        return [GroupOnTrial("none", 0, 0, *(float(x[g]) for x in columns)) for g in range(k)]

    def gains(self, k: int) -> tuple[float, tuple[float, float], float]:
        """Nats a user with their interval, and the bar of exchanged logs and of dealt-out labels: classes that say nothing of
        users still put alike users alike.
        """
        rng = np.random.default_rng([self.seed, 97])
        profiles = self._whole(self.visits)
        sides = self._halves(self.visits, "time", rng)
        real = self._gain(profiles, self.classes, sides, k)
        exchanged, named = list[float](), list[float]()
        for _ in range(NULLS):
            null = self._halves(self.visits.exchanged(rng, self.cohort), "time", rng)
            exchanged.append(float(self._gain(profiles, self.classes, null, k).mean()))
            named.append(float(self._gain(profiles, dealt(self._alike(), self.classes, rng), sides, k).mean()))
        error = 1.96 * float(real.std()) / max(float(np.sqrt(len(real))), 1.0)
        mean = float(real.mean())
        bar = max(float(np.percentile(exchanged, 95)), float(np.percentile(named, 95)))
        return mean, (mean - error, mean + error), bar

    def _nulls(
        self, by_halves: Sequence[Pipeline], sides: tuple[Profiles, Profiles], rng: np.random.Generator
    ) -> tuple[Reals, Reals]:
        """What 95 % of nulls stay under: kappa of halves on exchanged visits, and of members under dealt-out labels, there the
        largest of all groups, since any of them could be told (Westfall & Young 1993). Users keep to what they do whatever they
        are called: halves agree under dealt-out labels too, members do not.
        """
        several, kappas, own = self.visits.per_user >= 2, list[Reals](), list[Reals]()
        for _ in range(NULLS):
            null = self.visits.exchanged(rng, self.cohort)
            there = Halves.certain(*self._put(by_halves, self._halves(null, "time", rng)))
            kappas.append(agreement(there.of_users(several), self.k)[2])
        for _ in range(NULLS):
            given = dealt(self._alike(), self.classes, rng)
            a, b = (side[several] for side in self._put(_by_halves(sides, given, self.fold), sides))
            own.append(_as_given(given[several], a, b, self.k)[2])
        largest = float(np.percentile(np.array(own).max(axis=1), 95))
        return np.percentile(np.array(kappas), 95, axis=0), np.full(self.k, largest)

    def _alike(self) -> Ints:
        """(users,) who is of one cohort and has as much in the log: much is told apart better, whatever its name."""
        return np.unique(np.column_stack([self.cohort, activity(self.visits)]), axis=0, return_inverse=True)[1].ravel()

    def _whole(self, visits: Visits) -> Profiles:
        return self.ruler.profiles(visits, self.cohort)

    def _halves(self, visits: Visits, how: str, rng: np.random.Generator) -> tuple[Profiles, Profiles]:
        """Profiles of either half of everybody's visits."""
        cut = halves_of_visits(visits, how, rng)
        return self._whole(visits.only(cut)), self._whole(visits.only(~cut))

    def _put(self, by_halves: Sequence[Pipeline], sides: tuple[Profiles, Profiles]) -> tuple[Ints, Ints]:
        """The class (users,) that either half gives each user by the labels of users of other folds."""
        found = tuple(np.full(self.visits.n_users, -1, dtype=np.int64) for _ in sides)
        for f, model in enumerate(by_halves):
            mine = np.flatnonzero(self.fold == f)
            for put, side in zip(found, sides, strict=True):
                put[mine] = model.predict(profile_columns(side.of(mine)))
        return found[0], found[1]

    def _gain(self, profiles: Profiles, classes: Ints, sides: tuple[Profiles, Profiles], k: int) -> Reals:
        """(users who came twice,) nats that the class of the first half foretells of the second."""
        first, second = sides
        nats = np.zeros(self.visits.n_users)
        for f in range(FOLDS):
            model = described(profiles, np.where(self.fold != f, classes, -1), self.k)
            mine = np.flatnonzero(self.fold == f)
            chances = model.chances(first.of(mine))
            label = np.where(chances.max(axis=1) >= SURE, chances.argmax(axis=1), -1)
            nats[mine] = foretold(model.told(second.of(mine)), np.where(label < k, label, -1))
        return nats[self.visits.per_user >= 2]


def _by_halves(sides: tuple[Profiles, Profiles], classes: Ints, fold: Ints) -> list[Pipeline]:
    """A linear discriminant of each fold, of the halves of the users outside of it that have a class (covariance shrunk as Ledoit
    & Wolf 2004 have it). All classes weigh alike, or the largest, who are mostly those of no group, would take everybody and no
    small group would ever come back.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis  # a second to import
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    columns, found = [profile_columns(side) for side in sides], []
    for f in range(FOLDS):
        others = (fold != f) & (classes >= 0)
        own = classes[others]
        alike = np.full(len(np.unique(own)), 1 / len(np.unique(own)))
        model = make_pipeline(
            StandardScaler(), LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=alike)
        )
        found.append(model.fit(np.vstack([side[others] for side in columns]), np.tile(own, len(columns))))
    return found


def _as_given(given: Ints, a: Ints, b: Ints, k: int) -> tuple[Reals, Reals, Reals]:
    """Per class: of the halves of its members, the share put in it; the share of everybody's halves that are; kappa."""
    put, of = np.concatenate([a, b]), np.concatenate([given, given])
    there = put >= 0
    mine = np.bincount(of[there & (of >= 0)], minlength=k)
    right = np.bincount(put[there & (put == of)], minlength=k)
    share = right / np.maximum(mine, 1)
    chance = np.bincount(put[there], minlength=k) / max(int(there.sum()), 1)
    return share, chance, np.where((mine > 0) & (chance < 1), (share - chance) / np.maximum(1 - chance, 1e-9), 0.0)


def _worded(found: GroupOnTrial, members: int, tested: int) -> GroupOnTrial:
    """The figures with their word: a group that comes back, but is not the one that was given, has none."""
    word: Literal["firm", "fair", "soft", "none"] = "none"
    if found.kappa >= SOFT and found.low > found.null and found.own_kappa > max(found.own_null, 0.0):
        word = "firm" if found.kappa >= FIRM else "fair" if found.kappa >= FAIR else "soft"
        word = "soft" if tested < A_THIRD * members else word
    return replace(found, word=word, members=members, tested=tested)
