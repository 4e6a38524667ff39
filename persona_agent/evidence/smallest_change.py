"""What a test of half of a group against the other half would show: the smallest change of a measure that it would see, and how
many users it takes to see one that is worth having.

In: a measure, a group, the measure's figure today. Out: a `HalvesTest`. Promises: such a change is seen with 80 % power at the
two-sided 5 % level, if the members answer as differently as they do in this log and the change is the same for all; where that
takes a change of more than half of today's figure, no such test is worth it and none is named. Users are what is divided, and
what is counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from scipy.special import stdtrit

from ..schema import Measure
from .corpus import Corpus
from .evaluation import answers
from .intervals import Z_TWO_SIDED, Reals, median_interval
from .people import Population

POWER = 0.8  # the share of tests that see a change of that size; what trials are mostly planned with (Cohen 1988)
Z_POWER = 0.8416212335729143  # its percentile of the normal distribution
MOST_CHANGE = (
    0.5  # of today's figure: what one page or message changes is less, so a test that needs more would show nothing
)
ROUNDING = 1e-9  # of what is counted up to whole users
FEWEST = 4  # members: two a side, below which there is no spread to speak of
WORTH_SEEING = (0.1, 0.2)  # changes, of today's figure, that one page or message may bring about: a tenth, and a fifth


@dataclass(frozen=True)
class HalvesTest:
    """`smallest` is the least change that half of the `tested` members against the other half would show, in the measure's own
    unit, None where no such test can tell. `needed` are the users a side that a test takes to see a change of WORTH_SEEING of
    today's figure, None where nobody can say.
    """

    smallest: float | None
    tested: int
    needed: list[int] | None = None


def trial_of(corpus: Corpus, measure: Measure, population: Population, today: float) -> HalvesTest:
    """The trial of a measure in a group, whose figure is `today`; members without an answer take no part."""
    own = answers(corpus, measure).samples()[corpus.people.mask(population)]
    own = own[~np.isnan(own)]
    n = len(own)
    if n < FEWEST or measure.statistic == "trend" or today <= 0:
        return HalvesTest(None, n)
    worth = [part * today for part in WORTH_SEEING]
    sides: list[int | None]
    if measure.statistic == "share" and measure.unit == "users":
        change, sides = smallest_of_share(today, n), [needed_of_share(today, c) for c in worth]
    elif measure.statistic in ("median", "cadence"):
        change, sides = smallest_of_median(own), [needed_of_median(own, c) for c in worth]
    else:
        variance = float(own.var(ddof=1))
        change, sides = smallest_of_mean(variance, n), [needed_of_mean(variance, c) for c in worth]
    known = [side for side in sides if side]
    return HalvesTest(
        change if change is not None and 0 < change <= MOST_CHANGE * today else None,
        n,
        known if len(known) == len(WORTH_SEEING) else None,
    )


def smallest_of_share(share: float, n: int) -> float | None:
    """Of a share of n users, towards one half, where it takes more: the difference of two shares of n/2 users each (Fleiss, Levin
    & Paik 2003, 4.2, without the correction for continuity). None where even none or all would not be seen.
    """
    side, room = n / 2, max(share, 1 - share)

    def lacking(change: float) -> float:
        return _spread_of_shares(share, change) - change * math.sqrt(side)

    least = 1e-9
    if lacking(room) > 0 or lacking(least) <= 0:
        return None
    found: float = scipy.optimize.brentq(lacking, least, room)
    return found


def needed_of_share(share: float, change: float) -> int:
    """Users a side that see this change of a share: the same the other way round."""
    return math.ceil((_spread_of_shares(share, change) / change) ** 2 - ROUNDING)


def _spread_of_shares(share: float, change: float) -> float:
    """What a difference of two shares of n users each, times √n, must come to: a change towards one half, where it takes more."""
    other = share + change if share <= 1 / 2 else share - change
    middle = (share + other) / 2
    alike, apart = 2 * middle * (1 - middle), share * (1 - share) + other * (1 - other)
    return Z_TWO_SIDED * math.sqrt(alike) + Z_POWER * math.sqrt(max(apart, 0.0))


def smallest_of_mean(variance: float, n: int) -> float:
    """Of a mean over n users with this variance: the difference of two means of n/2 users each, by Student's t (Cohen 1988)."""
    freedom = max(n - 2, 1)
    quantiles = float(stdtrit(freedom, 0.975) + stdtrit(freedom, POWER))
    return quantiles * math.sqrt(variance * 4 / n)


def needed_of_mean(variance: float, change: float) -> int:
    """Users a side that see this change of a mean: by the normal distribution, and as many more as Student's t takes."""
    side = max(FEWEST // 2, math.floor(2 * variance * ((Z_TWO_SIDED + Z_POWER) / change) ** 2))
    while smallest_of_mean(variance, 2 * side) > change:
        side += 1
    return side


def smallest_of_median(own: Reals) -> float | None:
    """Of the median of users' own numbers: the difference of two medians of n/2 users each, their error from the order statistics
    that hold the median in 95 % of samples. None where these run out.
    """
    between = median_interval(own, len(own))
    if between is None:
        return None
    error = (between[1] - between[0]) / (2 * Z_TWO_SIDED)
    return (Z_TWO_SIDED + Z_POWER) * 2 * error


def needed_of_median(own: Reals, change: float) -> int | None:
    """Users a side that see this change of a median: its error falls with the root of their number. None where it has none."""
    smallest = smallest_of_median(own)
    return math.ceil(len(own) / 2 * (smallest / change) ** 2 - ROUNDING) if smallest else None
