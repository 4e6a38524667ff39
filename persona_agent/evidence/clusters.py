"""Users as the sampling unit where what answers are halves of users: two halves of one user are one answer, not two.

In: a mask of users or of halves, one number and one weight each. Out: one number and one weight a user. Promises: a user of
whom both halves count has the weight of both, so a pooled mean stays what it is; its error, and how many users a figure is
worth, are those of users.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .intervals import Reals
from .people import Bools, Ints


@dataclass(frozen=True, kw_only=True)
class OfUsers:
    """Whose answers these are: of users, or of halves of the users `owner`."""

    owner: Ints | None = None

    def heads(self, there: Bools) -> int:
        """How many users are behind a mask."""
        return int(there.sum()) if self.owner is None else int(np.count_nonzero(np.bincount(self.owner[there])))

    def weighed(self, there: Bools, weights: Reals | None) -> Reals | None:
        """The weights of those of a mask: None where each counts as one, which halves of users do not."""
        if weights is not None:
            return weights[there]
        return None if self.owner is None else np.ones(int(there.sum()))

    def by_user(self, there: Bools, sample: Reals, weights: Reals) -> tuple[Reals, Reals]:
        """One answer a user, with its weight, from those of a mask."""
        if self.owner is None:
            return sample, weights
        users = self.owner[there]
        mass = np.bincount(users, weights=weights).astype(np.float64)
        total = np.bincount(users, weights=weights * sample)
        some = mass > 0
        return total[some] / mass[some], mass[some]

    def worth(self, there: Bools, weights: Reals) -> float:
        """As many equal users as the weights of a mask are worth (Kish 1965)."""
        mass = self.by_user(there, weights, weights)[1]
        return float(mass.sum() ** 2 / np.square(mass).sum()) if len(mass) else 0.0
