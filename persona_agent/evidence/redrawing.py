"""Would a group that was drawn by how much there is of everybody differ as much? The conditional randomisation test (Candès et
al. 2018): members are drawn anew, each user with the chance that lines, visits, days and dates alone give, and the difference of
such groups is held beside that of the group at hand.

In: the numbers of users, who is a member, and the chances. Out: how often a redrawn group differs as much, to either side.
Promises: nothing is drawn: what so many drawings would come to is worked out (saddlepoint approximation of Lugannani & Rice
1980, which holds far out in the tails), so that the same log gives the same answer. What the numbers owe to how much there is
of a user is taken from them before, so that it does not matter how exactly the chances are known (Shah & Peters 2020).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from scipy.special import expit, logit, ndtr

from .answers import Measured
from .corpus import Bools
from .exposure import Propensity
from .intervals import Reals

# Of groups drawn by how much there is of everybody, those that may differ as much as a given one of which that is claimed. Some
# two hundred questions are asked of a run's groups, and one false answer in twenty runs is what a false discovery rate of 5 %
# comes to where there is nothing to find.
REDRAWN = 0.001
AS_DRAWN = 0.05  # from where on it is no news at all that they do
FURTHEST = 60.0  # of the tilt, in standard deviations of a user's pull: beyond it a tail is under what is told of it
NEAR = 0.5  # standard errors, within which the approximation divides by next to nothing and the normal one is as good


def as_drawn(measured: Measured) -> tuple[Literal["artefact", "not_enough"], str] | None:
    """Why a difference is none, where groups that are drawn by how much there is of everybody differ as much, or where it is what
    the groups are made of; None where neither is so.
    """
    if measured.parts:
        return "artefact", "it parts members from others nearly without exception: it is what they were sorted by"
    if measured.redrawn is None or measured.redrawn <= REDRAWN:
        return None
    seen = "a group drawn by nothing but how much there is of everybody differs as much"
    if measured.redrawn > AS_DRAWN:
        return "artefact", seen
    return "not_enough", f"{seen} about one time in {1 / measured.redrawn:,.0f}"


def redrawn(found: Propensity, numbers: Reals, inside: Bools, there: Bools) -> tuple[float, bool]:
    """How often a redrawn group differs at least so much, from 0 to 1 (twice the smaller tail), and whether the members have more
    than such groups. `numbers` (users,) are each user's own; `inside` and `there` mask the members, and them with their others,
    all with a number.
    """
    if not there.any():  # of nobody nothing is known to differ
        return 1.0, False
    chance = np.clip(found.chance[there], 1e-9, 1 - 1e-9)
    pull = _beyond_amounts(found.curves[there], numbers[there], chance * (1 - chance))
    spread = float(np.sqrt((chance * (1 - chance) * pull**2).sum()))
    if not spread > 0:
        return 1.0, False
    seen = float(((inside[there] - chance) * pull).sum()) / spread
    tail = _tail(abs(seen), chance, np.sign(seen) * pull / spread)
    return min(2 * tail, 1.0), seen > 0


def _beyond_amounts(curves: Reals, numbers: Reals, weight: Reals) -> Reals:
    """What is left of numbers once all is taken that goes with the curves, users weighing by how open their membership is."""
    x = np.column_stack([np.ones(len(curves)), curves])
    weighed = x * weight[:, None]
    # As much ridge as keeps two columns that are nearly one from dividing by nothing.
    normal = weighed.T @ x + 1e-6 * weight.sum() * np.eye(x.shape[1])
    return np.asarray(numbers - x @ np.linalg.solve(normal, weighed.T @ numbers))


def _tail(seen: float, chance: Reals, pull: Reals) -> float:
    """P(sum of (drawn − chance) × pull ≥ seen), where that sum has a variance of 1."""
    if seen < NEAR:
        return float(ndtr(-seen))
    odds = logit(chance)
    centre = float((chance * pull).sum())

    def slope(tilt: float) -> float:
        return float((expit(odds + tilt * pull) * pull).sum()) - centre - seen

    if slope(FURTHEST) <= 0:  # hardly any drawing reaches so far
        return 0.0
    tilt = float(scipy.optimize.brentq(slope, 0.0, FURTHEST))
    own = expit(odds + tilt * pull)
    log_moment = float(np.logaddexp(np.log1p(-chance), np.log(chance) + tilt * pull).sum()) - tilt * centre
    far = np.sqrt(max(2 * (tilt * seen - log_moment), 0.0))
    wide = tilt * np.sqrt(float((own * (1 - own) * pull**2).sum()))
    if far < NEAR / 10 or wide <= 0:
        return float(ndtr(-seen))
    return float(min(max(ndtr(-far) + np.exp(-(far**2) / 2) / np.sqrt(2 * np.pi) * (1 / wide - 1 / far), 0.0), 1.0))
