"""Visits of made-up users, of which it is known what tells them apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from persona_agent.groups import Visits

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

PER_USER, LINES, MONTHS = 10, 5, 5


def visits(
    views: Mapping[str, Reals], means: Mapping[str, Reals] | None = None, seed: int = 0, per_user: int = PER_USER
) -> Visits:
    """`per_user` visits of each user over MONTHS months. `views` (users, values) are mixes that LINES lines of a visit are
    drawn from; `means` (users,) what numbers of a visit lie around, with a deviation of 1.
    """
    rng = np.random.default_rng(seed)
    n = len(next(iter([*views.values(), *(means or {}).values()])))
    user = np.repeat(np.arange(n), per_user)
    counts = {
        name: sparse.csr_matrix(np.array([rng.multinomial(LINES, mix[u]) for u in user], dtype=float))
        for name, mix in views.items()
    }
    numbers = {name: mean[user] + rng.normal(size=len(user)) for name, mean in (means or {}).items()}
    stratum = np.tile(np.arange(per_user) * MONTHS // per_user, n)
    return Visits(user, n, stratum, counts, numbers, np.tile(np.arange(per_user), n))


def mixes(planted: Ints, values: int, share: float = 0.6) -> Reals:
    """(users, values) of users who have a share of their lines on the value of their class, and the rest on all alike."""
    return np.asarray((1 - share) / values + share * np.eye(values)[planted])


def alike(n: int) -> Ints:
    """One cohort."""
    return np.zeros(n, dtype=np.int64)
