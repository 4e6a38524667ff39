"""Which views say something of users that comes back in the other half of their visits.

In: visits, and the cohort of each user. Out: how well each view comes back, by time and at random, beside logs whose visits were
exchanged between users; and the visits with what does not come back left out. A view's figure is the correlation of users'
profiles over halves of their visits, pooled over its values by their variance. Promises: nothing is compared that visits of the
same month and cohort would give anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .mixture import Profiles
from .ruler import Ruler
from .views import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

SCREEN_NULLS = 8  # their mean and deviation are then known to a third of the deviation
BEYOND = 3.0  # deviations over the mean of null logs: one view in a thousand by chance
LEAST_R = 0.05  # of correlation, over all values of a view; less tells next to nothing of a user
# A view that tells less than a fifth of a user's other half blurs what the others tell: personas of fewer, better views foretold
# more of real logs. Where the best tells little itself, half of that is asked; where fewer than ENOUGH tell as much, nothing is:
# the categories of a shop of thin visits tell a seventh, and most of what there is.
TELLS, ENOUGH = 0.2, 4
SHRINK_LINES = 10.0  # a user's mix counts for half at ten lines
TESTED_VISITS = 4  # of a user, two in each half


@dataclass(frozen=True)
class Reliability:
    """How well a view comes back: correlations over halves by `time` and at `random`, and the most that null logs explain; it
    `enters` above that, unless better views leave it far behind.
    """

    time: float
    random: float
    null: float
    enters: bool


@dataclass(frozen=True)
class Screened:
    """`views` says how well each comes back; `counts` are the values in use by view of counts, `numbers` the others."""

    views: Mapping[str, Reliability]
    counts: Mapping[str, Ints]
    numbers: list[str]

    def of(self, visits: Visits) -> Visits:
        """The visits with nothing but these."""
        return replace(
            visits,
            counts={name: visits.counts[name][:, values] for name, values in self.counts.items()},
            numbers={name: visits.numbers[name] for name in self.numbers},
        )


def halves_of_visits(visits: Visits, how: str, rng: np.random.Generator) -> Bools:
    """(visits,) the first half of each user's visits in time; every other one (`alternate`); or a random half."""
    n, place = visits.per_user, visits.place
    if how == "time":
        return np.asarray(place < (n[visits.user] + 1) // 2)
    if how == "alternate":
        return np.asarray(visits.turn % 2 == 0)
    order = np.lexsort((rng.random(len(place)), visits.user))
    drawn = np.empty(len(place), dtype=np.int64)
    drawn[order] = place
    return np.asarray((drawn + rng.integers(0, 2, visits.n_users)[visits.user]) % 2 == 0)


def screen(visits: Visits, cohort: Ints, seed: int) -> Screened:
    """The views that come back. Themes that do not are no theme."""
    rng = np.random.default_rng([seed, 41])
    real = {how: _correlations(visits, cohort, how, rng) for how in ("time", "random")}
    nulls: list[Mapping[str, Reals]] = []
    for _ in range(SCREEN_NULLS):
        null = visits.exchanged(rng, cohort)
        both = [_correlations(null, cohort, how, rng) for how in ("time", "random")]
        nulls.append({name: (r + both[1][name]) / 2 for name, r in both[0].items()})
    found = {}
    for name, time in real["time"].items():
        chance = np.array([n[name][0] for n in nulls])
        bar = max(float(chance.mean() + BEYOND * chance.std()), LEAST_R)
        random = float(real["random"][name][0])
        steady = min(float(time[0]), random) > LEAST_R
        found[name] = Reliability(float(time[0]), random, bar, bool(steady and (time[0] + random) / 2 > bar))
    tells = {name: min(r.time, r.random) for name, r in found.items() if r.enters}
    floor = min(TELLS, max(tells.values(), default=0.0) / 2)
    if sum(told >= floor for told in tells.values()) >= ENOUGH:
        found = {name: replace(r, enters=r.enters and tells[name] >= floor) for name, r in found.items()}
    kept = {name: np.arange(c.shape[1]) for name, c in visits.counts.items() if found[name].enters}
    if "things" in kept:
        kept["things"] = _steady(real["time"]["things"][1:], [n["things"][1:] for n in nulls])
    return Screened(found, kept, [name for name in visits.numbers if found[name].enters])


def _steady(r: Reals, nulls: list[Reals]) -> Ints:
    """Themes that come back above null logs; what does not is told of nobody."""
    chance = np.array(nulls)
    steady = r > np.maximum(chance.mean(axis=0) + 2 * chance.std(axis=0), LEAST_R)
    return np.flatnonzero(steady) if steady.sum() > 1 else np.arange(len(r))


def _correlations(visits: Visits, cohort: Ints, how: str, rng: np.random.Generator) -> dict[str, Reals]:
    """By view: the pooled correlation, then that of each value of a view of counts."""
    ruler = Ruler.of(visits, tuple(visits.counts), tuple(visits.numbers), cohort, fold=False)
    half = halves_of_visits(visits, how, rng)
    both = np.flatnonzero(visits.per_user >= TESTED_VISITS)
    a, b = (ruler.profiles(visits.only(h), cohort).of(both) for h in (half, ~half))
    found = {}
    for name in visits.counts:
        x, y = _mix(a, name), _mix(b, name)
        there = (a.counts[name].sum(axis=1) > 0) & (b.counts[name].sum(axis=1) > 0)
        found[name] = _pooled(x[there], y[there])
    for j, name in enumerate(visits.numbers):
        there = (a.seen[:, j] > 0) & (b.seen[:, j] > 0)
        found[name] = _pooled(a.means[there][:, [j]], b.means[there][:, [j]])
    return found


def _mix(p: Profiles, name: str) -> Reals:
    """(users, values) how far a user's mix is from what was expected, shrunk where lines are few, on the scale of roots."""
    counts, hoped = p.counts[name], p.expected[name]
    n = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt((counts + SHRINK_LINES * hoped) / (n + SHRINK_LINES)) - np.sqrt(hoped))


def _pooled(x: Reals, y: Reals) -> Reals:
    if len(x) < 2:
        return np.zeros(x.shape[1] + 1)
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)
    both, size = (x * y).sum(axis=0), np.sqrt(np.square(x).sum(axis=0) * np.square(y).sum(axis=0))
    own = np.where(size > 1e-12, both / np.maximum(size, 1e-12), 0.0)
    return np.concatenate([[both.sum() / max(float(size.sum()), 1e-12)], own])
