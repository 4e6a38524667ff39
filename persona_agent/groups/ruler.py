"""A ruler: what is expected of a visit, and the scale of numbers, from the users that personas are found in.

In: visits of some users, the cohort of each. Out: `Profiles` of these or any other users, on one scale. What is expected of a
visit is what visits of its month and cohort hold, shrunk towards the cohort's and everybody's. Promises: what is estimated comes
from the visits given to `Ruler.of` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .mixture import Profiles
from .views import Visits, counts_of, summed, sums_of

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]

FEWEST_USERS = 10  # of a value that is counted by itself; the rest of a view is one value more
FEWEST_SHARE = 0.01  # of users, the same
PRIOR_LINES = 100.0  # of the cohort's mix in that of a month, and of everybody's in the cohort's
PRIOR_VISITS = 20.0  # the same for means
CLIP = 4.0  # standard deviations: one extreme user must not make a class


@dataclass(frozen=True)
class Ruler:
    """`kept` (values,) by view; `strata` (strata,) sorted codes, with the shares (strata + 1, values) and means (strata + 1,
    numbers) of each and of everybody as the last; `scale` and `noise` (numbers,).
    """

    kept: Mapping[str, Bools]
    numbers: tuple[str, ...]
    strata: Ints
    shares: Mapping[str, Reals]
    means: Reals
    scale: Reals
    noise: Reals

    @classmethod
    def of(
        cls, visits: Visits, views: tuple[str, ...], numbers: tuple[str, ...], cohort: Ints, *, fold: bool = True
    ) -> Ruler:
        """From these visits; values of few users are one value together, unless not to `fold`."""
        strata, where = np.unique(_stratum(visits, cohort), return_inverse=True)
        of_cohort = np.unique(strata // MONTHS, return_inverse=True)[1]
        kept, shares = {}, {}
        for name, counts in summed(visits, views).items():
            common = (counts > 0).sum(axis=0) >= max(FEWEST_USERS, FEWEST_SHARE * visits.n_users)
            kept[name] = common if fold else np.ones_like(common)
            totals = _folded(counts_of(visits.counts[name], where, len(strata)), kept[name])
            shares[name] = _shrunk(totals, of_cohort)
        x = _columns(visits, numbers)
        means = _means(x, where, of_cohort)
        left = x - means[where]
        scale, noise = _scales(visits, left)
        return cls(kept, numbers, strata, shares, means, scale, noise)

    def profiles(self, visits: Visits, cohort: Ints) -> Profiles:
        """Of users whose cohort is `cohort` (users,); a stratum that the ruler has not met is expected to be like everybody."""
        code = _stratum(visits, cohort)
        at = np.minimum(np.searchsorted(self.strata, code), len(self.strata) - 1)
        where = np.where(self.strata[at] == code, at, len(self.strata))
        counts, expected = {}, {}
        width = len(self.strata) + 1
        # Which strata each user came in is the same for every view; only how many lines there were is its own.
        pairs, pair = np.unique(visits.user * width + where, return_inverse=True)
        ends = np.searchsorted(pairs, np.arange(visits.n_users + 1) * width)
        for name, kept in self.kept.items():
            own = visits.counts[name]
            counts[name] = _folded(counts_of(own, visits.user, visits.n_users), kept)
            lines = np.bincount(np.repeat(pair, np.diff(own.indptr)), own.data, minlength=len(pairs))
            weight = sparse.csr_matrix((lines, pairs % width, ends), shape=(visits.n_users, width))
            hoped = np.asarray(weight @ self.shares[name])
            total = hoped.sum(axis=1, keepdims=True)
            expected[name] = np.where(total > 0, hoped / np.maximum(total, 1e-9), self.shares[name][-1])
        x = (_columns(visits, self.numbers) - self.means[where]) / self.scale
        there = ~np.isnan(x)
        seen = sums_of(there.astype(float), visits.user, visits.n_users)
        mean = sums_of(np.where(there, x, 0.0), visits.user, visits.n_users) / np.maximum(seen, 1)
        return Profiles(counts, expected, np.clip(mean, -CLIP, CLIP), seen, self.noise)


MONTHS = 1 << 20  # more than there are months; cohorts count in them


def _stratum(visits: Visits, cohort: Ints) -> Ints:
    return np.asarray(cohort[visits.user] * MONTHS + visits.stratum)


def _folded(counts: Reals, kept: Bools) -> Reals:
    return np.column_stack([counts[:, kept], counts[:, ~kept].sum(axis=1)]) if not kept.all() else counts


def _shrunk(totals: Reals, of_cohort: Ints) -> Reals:
    """(strata + 1, values) shares."""
    mean = (totals.sum(axis=0) + 0.5) / (totals.sum() + 0.5 * totals.shape[1])
    cohorts = np.array([totals[of_cohort == c].sum(axis=0) for c in range(int(of_cohort.max()) + 1)])
    own = (cohorts + PRIOR_LINES * mean) / (cohorts.sum(axis=1, keepdims=True) + PRIOR_LINES)
    rows = (totals + PRIOR_LINES * own[of_cohort]) / (totals.sum(axis=1, keepdims=True) + PRIOR_LINES)
    return np.vstack([rows, mean])


def _columns(visits: Visits, numbers: tuple[str, ...]) -> Reals:
    return np.column_stack([visits.numbers[n] for n in numbers]) if numbers else np.zeros((len(visits.user), 0))


def _means(x: Reals, where: Ints, of_cohort: Ints) -> Reals:
    """(strata + 1, numbers)."""
    there = ~np.isnan(x)
    n = sums_of(there.astype(float), where, len(of_cohort))
    total = sums_of(np.where(there, x, 0.0), where, len(of_cohort))
    mean = total.sum(axis=0) / np.maximum(n.sum(axis=0), 1)
    c = int(of_cohort.max()) + 1
    cn, ct = (np.array([m[of_cohort == i].sum(axis=0) for i in range(c)]) for m in (n, total))
    own = (ct + PRIOR_VISITS * mean) / (cn + PRIOR_VISITS)
    rows = (total + PRIOR_VISITS * own[of_cohort]) / (n + PRIOR_VISITS)
    return np.vstack([rows, mean])


def _scales(visits: Visits, left: Reals) -> tuple[Reals, Reals]:
    """Standard deviation of users beyond the noise of few visits, and the variance of one visit in its square."""
    there = ~np.isnan(left)
    n = sums_of(there.astype(float), visits.user, visits.n_users)
    mean = sums_of(np.where(there, left, 0.0), visits.user, visits.n_users) / np.maximum(n, 1)
    within = np.square(np.where(there, left - mean[visits.user], 0.0)).sum(axis=0) / np.maximum(
        (n - 1).clip(0).sum(axis=0), 1
    )
    users = np.maximum((n > 0).sum(axis=0), 1)
    total = (np.square(mean) * (n > 0)).sum(axis=0) / users
    chance = ((n > 0) * within / np.maximum(n, 1)).sum(axis=0) / users
    # A view that is nearly all chance is taken to have a tenth that is not: else its noise would weigh as much as what is real.
    scale = np.sqrt(np.maximum(total - chance, 0.1 * total)) + 1e-9
    return scale, within / np.square(scale)
