"""What a trial of half of a group against the other half would show: the smallest change of a measure that it would see in a time
that somebody can wait for, and how many users it takes to see one that is worth having.

In: a measure, a group, the measure's figure today. Out: a `HalvesTest`. Promises: such a change is seen with 80 % power at the
two-sided 5 % level, if the members come and answer as they did in stretches of this log that are as long as the trial, and the
change is the same for all. Users are what is divided, and what is counted. Who is known when a stretch begins is whom a trial
that begins then could be with: how many of them come in it, and how differently they then answer, is taken from stretches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.optimize takes as long as duckdb
from scipy.special import stdtrit

from ..schema import Measure, Window
from .corpus import Corpus
from .evaluation import answers
from .intervals import Z_TWO_SIDED, Reals, median_interval
from .people import Bools, Population

POWER = 0.8  # the share of tests that see a change of that size; what trials are mostly planned with (Cohen 1988)
Z_POWER = 0.8416212335729143  # its percentile of the normal distribution
ROUNDING = 1e-9  # of what is counted up to whole users
FEWEST = 4  # members: two a side, below which there is no spread to speak of
WORTH_SEEING = (0.1, 0.2)  # changes, of today's figure, that one page or message may bring about: a tenth, and a fifth
# Days of a trial: twelve weeks, about a quarter. It is as long as teams wait for an answer, it has whole weeks, and most of those
# who come once a month come in it twice or more.
TRIAL_DAYS = 84
# Days of the shortest trial that is told apart from the whole log: in fewer than two weeks a single weekend weighs too much.
SHORTEST_TRIAL = 14
# Days of a trial that is as long as its log, since too few come in any shorter time: nobody waits for more than a year.
LONGEST_TRIAL = 366
MOST_STRETCHES = 4  # of the log, the latest: four quarters are a year, in which each season counts once
WEEK = 7  # days


@dataclass(frozen=True)
class HalvesTest:
    """`smallest` is the least change that half of the `tested` members against the other half would show in `days`, in the
    measure's own unit, None where no such test can tell, or only one of more than the figure itself. `tested` are those who
    would have an answer in that time, `needed` as many of them a side as it takes to see a change of WORTH_SEEING of the figure,
    None where nobody can say. `figure` is what the measure comes to in so many days, where it grows with the time (whoever ever
    did a thing), else None. `days` is None where a log has no days.
    """

    smallest: float | None
    tested: int
    needed: list[int] | None = None
    days: int | None = None
    figure: float | None = None


@dataclass(frozen=True)
class _Stretch:
    """The answers of the members who had them (n,), and how many members could have come: those of a time of the log."""

    own: Reals
    known: int


def trial_of(corpus: Corpus, measure: Measure, population: Population, today: float) -> HalvesTest:
    """The trial of a measure in a group, whose figure is `today`; members without an answer take no part."""
    members = int(corpus.people.mask(population).sum())
    # Of who stayed nothing is asked by dates, of which the outcome is made.
    whole_log = measure.window is not None or measure.statistic == "trend" or corpus.by_staying
    days = None if whole_log else trial_days(corpus.days)
    stretches = _stretches(corpus, measure, population, days)
    if sum(len(s.own) for s in stretches) < FEWEST:  # too new a log, or nobody came again: all of it is one stretch
        days, stretches = None, [_Stretch(_answered(corpus, measure, corpus.people.mask(population)), members)]
    known = sum(s.known for s in stretches)
    n = round(members * sum(len(s.own) for s in stretches) / known) if known else 0
    whole = None if corpus.days is None else (corpus.days[1] - corpus.days[0]).days + 1
    lasts = days or whole
    if lasts is not None and lasts > LONGEST_TRIAL:
        return HalvesTest(None, n)
    if n < FEWEST or measure.statistic == "trend" or today <= 0:
        return HalvesTest(None, n, days=lasts)
    grows = days is not None and _grows(measure)
    figure = _figure(measure, stretches) if grows else today
    if figure <= 0:
        return HalvesTest(None, n, days=lasts)
    change, sides = _shown(measure, stretches, n, figure)
    needed = [side for side in sides if side]
    return HalvesTest(
        change if change is not None and 0 < change <= figure else None,
        n,
        needed if len(needed) == len(WORTH_SEEING) else None,
        lasts,
        figure if grows else None,
    )


def trial_days(span: tuple[date, date] | None) -> int | None:
    """How long a trial is told for: TRIAL_DAYS, or the weeks of half of a shorter log, as the half before says who is known by
    then. None where that is under SHORTEST_TRIAL: then a trial is told for a time as long as the log.
    """
    if span is None:
        return None
    half = ((span[1] - span[0]).days + 1) // 2 // WEEK * WEEK
    return min(TRIAL_DAYS, half) if half >= SHORTEST_TRIAL else None


def stretches_of(span: tuple[date, date], days: int) -> list[Window]:
    """The latest times of the log that are as long as a trial, each after the other, with as long a time before the first."""
    n = min(MOST_STRETCHES, ((span[1] - span[0]).days + 1 - days) // days)
    ends = [span[1] - timedelta(days=days * i) for i in range(n)]
    return [Window(start=str(end - timedelta(days=days - 1)), end=str(end)) for end in reversed(ends)]


def _stretches(corpus: Corpus, measure: Measure, population: Population, days: int | None) -> list[_Stretch]:
    """The measure in each stretch, of the members who had come before it."""
    if days is None or corpus.days is None:
        return []
    members, found = corpus.people.mask(population), []
    for window in stretches_of(corpus.days, days):
        begins = (date.fromisoformat(window.start or "") - date(1970, 1, 1)).days
        there = members & (corpus.people.first_day < begins)
        asked = measure.model_copy(update={"window": window})
        found.append(_Stretch(_answered(corpus, asked, there), int(there.sum())))
    return found


def _answered(corpus: Corpus, measure: Measure, users: Bools) -> Reals:
    own = answers(corpus, measure).samples()[users]
    return own[~np.isnan(own)]


def _grows(measure: Measure) -> bool:
    """Does the figure grow with the time, as what users have ever done, or done in all?"""
    usual = measure.statistic == "median" and not measure.of.startswith(("matches", "things", "total "))
    return measure.unit == "users" and not usual


def _figure(measure: Measure, stretches: Sequence[_Stretch]) -> float:
    """What the measure comes to in a stretch, on average over those who answered."""
    some = [s.own for s in stretches if len(s.own)]
    middle = np.median if measure.statistic in ("median", "cadence") else np.mean
    return float(np.average([float(middle(own)) for own in some], weights=[len(own) for own in some]))


def _shown(
    measure: Measure, stretches: Sequence[_Stretch], n: int, figure: float
) -> tuple[float | None, list[int | None]]:
    """The smallest change that n members show of a figure, and the users a side for what is worth seeing. Answers are as far
    apart as they are within a stretch, over all of these.
    """
    worth = [part * figure for part in WORTH_SEEING]
    if measure.statistic == "share" and measure.unit == "users":
        share = min(figure, 1.0)
        return smallest_of_share(share, n), [needed_of_share(share, c) for c in worth]
    if measure.statistic in ("median", "cadence"):
        apart = [(variance_of_median(s.own), len(s.own)) for s in stretches]
        known = [(v, w) for v, w in apart if v is not None]
        if not known:
            return None, [None]
        variance = float(np.average([v for v, _ in known], weights=[w for _, w in known]))
        return smallest_of_median(variance, n), [needed_of_median(variance, c) for c in worth]
    several = [s.own for s in stretches if len(s.own) > 1]
    if not several:
        return None, [None]
    variance = float(np.average([own.var(ddof=1) for own in several], weights=[len(own) - 1 for own in several]))
    return smallest_of_mean(variance, n), [needed_of_mean(variance, c) for c in worth]


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


def variance_of_median(own: Reals) -> float | None:
    """What of users' own numbers, divided by how many they are, is the squared error of their median: told by the order
    statistics that hold the median in 95 % of samples. None where these run out.
    """
    between = median_interval(own, len(own))
    if between is None:
        return None
    error = (between[1] - between[0]) / (2 * Z_TWO_SIDED)
    return error * error * len(own)


def smallest_of_median(variance: float, n: int) -> float:
    """Of the median of n users' own numbers: the difference of two medians of n/2 users each, by the normal distribution;
    `variance` is that of variance_of_median.
    """
    return (Z_TWO_SIDED + Z_POWER) * math.sqrt(variance * 4 / n)


def needed_of_median(variance: float, change: float) -> int | None:
    """Users a side that see this change of a median: its error falls with the root of their number. None where it has none."""
    return math.ceil(2 * variance * ((Z_TWO_SIDED + Z_POWER) / change) ** 2 - ROUNDING) if variance else None
