"""How much there is of every user, and how surely that alone puts somebody into a given group.

Whoever did more has more often ever done anything: a group of those who ever did a thing, or of a random part of all lines, is a
group of those of whom there is more. In: lines, visits and days of users, and when they came. Out: `Propensity`, the chance of
each user to be a member by these alone (a propensity score, Rosenbaum & Rubin 1983), and the class of that chance which
comparable others share. Promises: nothing that anybody did is looked at, only how much and when; the same log gives the same
chances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import duckdb
import numpy as np
import scipy  # which imports its parts when one is asked for: scipy.stats takes a second
from scipy.special import expit

from ..schema import Measure
from ..schema.how_much import HowMuch
from .corpus import Bools, Corpus, Ints, Population
from .intervals import Reals
from .people import Amounts

# Of the chance of a member by lines, visits and days, in classes as large: within five of them nine tenths of what confounds are
# gone (Cochran 1968). With ten, a group of 45 users had a third of its members without anybody of their month to be held against.
CLASSES = 5
# Places at which the curve of a chance may bend, in each number: thirds of users. The chance to have ever done what one does at
# random bends twice, where it leaves none and where it nears all.
KNOTS = (1 / 3, 2 / 3)
# Weight of a standard normal prior on each slope (ridge; le Cessie & van Houwelingen 1992): groups of twenty users, or ones that
# a number settles, would else have none. It bends nothing where members are many.
RIDGE = 1.0
STEPS = 50  # of Newton's method, which takes under ten
SETTLED = 1e-8  # of a step, in standard deviations: behind that chances do not change as they are printed

# Times as much of one as of the other, as of any number on a card (write.dossiers.dossier.WORTH_RATIO).
WORTH_TELLING = 1.25
BY_CHANCE = 0.001  # of a rank test of how much there is of members and of others, as for claims (redrawing.REDRAWN)

# What a visit holds, lasts or comes to: as a number of it, and as a feature.
SIZES = frozenset({"matches", "things", "total", "value", "minutes", "total_of", "n_events", "n_objects"})
Exposure = Literal["all", "lines", "visits"]

_AMOUNTS = """
SELECT u, count(*) FILTER ({kept}) AS n, count(DISTINCT s) FILTER ({kept}) AS visits,
       count(DISTINCT date) FILTER ({kept}) AS days, min(date) - DATE '1970-01-01' AS first, max(date) - DATE '1970-01-01' AS last
FROM lines GROUP BY u ORDER BY u
"""
_BESIDE = "seq NOT IN (SELECT seq FROM made_of_lines)"


@dataclass(frozen=True)
class Propensity:
    """Of a group beside its others: `curves` (users, columns) of how much there is of each and when, the `chance` (users,) to be
    a member by these alone, and `among` (users,) the class of the chance by how much alone.
    """

    curves: Reals
    chance: Reals
    among: Ints


def amounts_of_users(connection: duckdb.DuckDBPyConnection, *, beside: bool = False) -> Amounts:
    """How much there is of each user, by the prepared lines; `beside` what their groups are made of (evidence.defining)."""
    rows = connection.execute(_AMOUNTS.format(kept=_BESIDE if beside else "true")).fetchnumpy()
    return Amounts(*(np.asarray(rows[name]).astype(np.int64) for name in ("n", "visits", "days", "first", "last")))


def propensity(corpus: Corpus, population: Population, by: Exposure = "all") -> Propensity | None:
    """The chances of a given group, over users of both folds, by lines, by visits and days, or by all of these; None where groups
    were found, or are an outcome: what somebody did afterwards is not made of how much they did before.
    """
    found = corpus.people.amounts
    if found is None or population.group is None:
        return None
    whole = Population(population.group)
    key = f"propensity {population.group} by {by}"
    if key not in corpus.memo:
        inside, outside = corpus.people.mask(whole), corpus.people.mask(Population(population.group, outside=True))
        corpus.memo[key] = of_amounts(found, inside, outside, by)
    held: Propensity = corpus.memo[key]
    return replace(held, chance=1 - held.chance) if population.outside else held


def how_much(corpus: Corpus, population: Population) -> HowMuch | None:
    """Visits or lines of members and others of a given group, in whichever they are further apart; None where neither is so far
    that it is worth telling, or may be chance.
    """
    found, others = corpus.people.amounts, population.others()
    if found is None or others is None:
        return None
    here, there = corpus.people.mask(population), corpus.people.mask(others)
    told = list[HowMuch]()
    for unit, own in (("visits", found.visits), ("lines", found.lines)):
        if scipy.stats.mannwhitneyu(own[here], own[there]).pvalue <= BY_CHANCE:
            told.append(HowMuch(unit=unit, here=float(np.median(own[here])), others=float(np.median(own[there]))))
    most = max(told, key=_times, default=None)
    return most if most is not None and _times(most) >= WORTH_TELLING else None


def _times(found: HowMuch) -> float:
    low, high = sorted((found.here, found.others))
    return high / low if low else high + 1


def exposures_of(measure: Measure) -> tuple[Exposure, ...]:
    """By what users are drawn anew for a measure: by all that there is of them. Beside lines and visits nothing is left of how
    large a visit is. There it is by lines, and by visits again: whoever has more lines in as many visits, and fewer visits for as
    many lines, has large visits, and no list of who ever did something is of such users, since either makes it likelier.
    """
    feature = measure.feature.name if measure.feature else ""
    counted = measure.statistic != "share" and measure.of.partition(" ")[0] in SIZES
    return ("lines", "visits") if measure.unit == "sessions" and (counted or feature in SIZES) else ("all",)


def of_amounts(found: Amounts, inside: Bools, outside: Bools, by: Exposure = "all") -> Propensity:
    """Chances from those inside and outside of a group; everybody else has one as well, and no part in it."""
    lines, visits = (found.lines,), (found.visits, found.days)
    counts = _curves(*{"lines": lines, "visits": visits, "all": (*lines, *visits)}[by])
    dates = _curves(found.first, found.last)
    there, curves = inside | outside, np.column_stack([counts, dates])
    # Who comes at the same time is compared beside it: dates would part users twice.
    alike = _chances(counts, inside, there)
    ends = np.quantile(alike[there], np.arange(1, CLASSES) / CLASSES) if there.any() else np.zeros(0)
    return Propensity(curves, _chances(curves, inside, there), np.digitize(alike, ends).astype(np.int64))


def _curves(*numbers: Ints) -> Reals:
    """(users, columns) numbers as a chance may depend on them: lines that bend at KNOTS, on logarithms."""
    columns = []
    for own in numbers:
        x = np.log1p((own - min(int(own.min(initial=0)), 0)).astype(np.float64))
        columns += [x, *(np.maximum(x - knot, 0.0) for knot in np.unique(np.quantile(x, KNOTS)))]
    told = np.column_stack(columns)
    spread = told.std(axis=0)
    return np.asarray(((told - told.mean(axis=0)) / np.maximum(spread, 1e-12))[:, spread > 1e-12])


def _chances(curves: Reals, inside: Bools, there: Bools) -> Reals:
    """(users,) by logistic regression with a ridge, by Newton's method."""
    x = np.column_stack([np.ones(len(curves)), curves])
    own, y = x[there], inside[there].astype(np.float64)
    prior = RIDGE * np.diag([0.0, *np.ones(curves.shape[1])])
    share = min(max(float(y.mean()) if len(y) else 0.5, 1e-6), 1 - 1e-6)
    slope = np.zeros(x.shape[1])
    slope[0] = np.log(share / (1 - share))
    for _ in range(STEPS):
        chance = expit(own @ slope)
        pull = own.T @ (y - chance) - prior @ slope
        step = np.linalg.solve(
            (own * (chance * (1 - chance))[:, None]).T @ own + prior + 1e-9 * np.eye(len(slope)), pull
        )
        slope += step
        if np.abs(step).max() < SETTLED:
            break
    return np.asarray(expit(x @ slope))
