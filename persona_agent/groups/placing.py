"""The frozen model of a grouping: who is in which persona, for the users that it was made from and for any others.

In: visits, and the cohort of each user in the ruler's codes. Out: `Placed`. Promises: nothing is fitted, so that a user's place
depends on that user's visits and on what was frozen; a model keeps no user.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from .mixture import Mixture
from .ruler import Ruler
from .trials import placed
from .views import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Placed:
    """`label` (users,) the group of each, −1: in none; `certainty` (users,) the chance that the other half of its visits would
    say the same, 0 where it is in none; `chances` (users, groups) how likely each group is. `leaning` (users,) is the group
    that somebody in none is likelier in than not, but not surely enough for a member; −1: none.
    """

    label: Ints
    certainty: Reals
    chances: Reals
    leaning: Ints


@dataclass(frozen=True)
class Calibration:
    """From how likely a model takes a persona to be, to how often the other half of the visits agreed: steps of an isotonic
    regression (Zadrozny & Elkan 2002), at chances `sure` the shares `alike`.
    """

    sure: Reals
    alike: Reals

    @classmethod
    def of(cls, sure: Reals, alike: NDArray[np.generic]) -> Calibration:
        found = _isotonic(sure, alike)
        return cls(found.X_thresholds_, found.y_thresholds_)

    def certainty(self, chance: Reals) -> Reals:
        return np.asarray(_isotonic(self.sure, self.alike).predict(chance))


def _isotonic(sure: Reals, alike: NDArray[np.generic]) -> Any:
    from sklearn.isotonic import IsotonicRegression  # a second to import, and only who groups users has to

    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(sure, alike)


@dataclass(frozen=True)
class Placer:
    """`counts` are the values in use by view of counts, `numbers` the other views; `group` (classes,) is the group that each
    class of the model is, −1 where nobody was in it; `sure` (classes,) how likely each has to be for its members.
    """

    counts: Mapping[str, Ints]
    numbers: tuple[str, ...]
    ruler: Ruler
    model: Mixture
    group: Ints
    calibration: Calibration
    sure: Reals

    def place(self, visits: Visits, cohort: Ints) -> Placed:
        """Users (cohort, users) by their visits; a cohort that the ruler has not met is expected to be like everybody."""
        seen = self.seen(visits)
        chances = self.model.chances(self.ruler.profiles(seen, cohort))
        label = np.append(self.group, -1)[placed(chances, visits.per_user, self.sure)]
        certainty = np.where(label >= 0, self.calibration.certainty(chances.max(axis=1)), 0.0)
        likelier = np.append(self.group, -1)[placed(chances, visits.per_user)]
        leaning = np.where(label >= 0, -1, likelier)
        # (users, groups): the classes that are groups, in the order of these.
        return Placed(label, certainty, chances[:, np.argsort(self.group)[(self.group < 0).sum() :]], leaning)

    def seen(self, visits: Visits) -> Visits:
        """The visits with nothing but what is in use; a log may lack some of it."""
        nothing = np.full(len(visits.user), np.nan)
        return replace(
            visits,
            counts={name: _of_values(visits.counts[name], values) for name, values in self.counts.items()},
            numbers={name: visits.numbers.get(name, nothing) for name in self.numbers},
        )


def _of_values(counts: sparse.csr_matrix, values: Ints) -> sparse.csr_matrix:
    width = int(values.max(initial=-1)) + 1
    if counts.shape[1] < width:
        counts = counts.copy()
        counts.resize(counts.shape[0], width)
    return counts[:, values]
