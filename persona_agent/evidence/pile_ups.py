"""Amounts of a visit that pile up beside a round number, held against the bands around it.

In: a corpus and a field. Out: concentrations, and how many bands were looked at. Promises: a user counts once a band, so that one
who always comes for the same sum is one; prices of single things are none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import ndtri

from ..schema import Again, Concentration, Measure
from ..schema.findings import PiledAmong
from ..words.english.piled_up import Band, pile_told
from ..words.floors import FEW, nearest, of_users
from ..words.money import is_money
from ..words.wording import field_words
from .conditions import number_expression as number_sql
from .corpus import Binder, Bools, Corpus, Ints
from .evaluation import ALL_USERS, satisfying_users
from .intervals import Reals
from .outstanding import ALSO, FEWEST, MOST_OF_A_KIND, WORTH_RATIO, digits, stands_out
from .usual import goes_with_objects

Shows = Literal["yes", "most", "least", "no", "unsure"]
BAND = 1 / 15  # of an amount: 300 to 320, as wide as a reader would call “just above 300”
ROUND = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 7.5, 8.0)  # times a power of ten: where limits, offers and fees are
POINTS = 10  # places for an amount in a band; with fewer, bands hold uneven numbers of possible amounts
# Steps that amounts may be multiples of, the coarsest first; ON_GRAIN of them must be, for a few may be typed wrong.
GRAINS = (1000.0, 100.0, 50.0, 10.0, 5.0, 1.0, 0.5, 0.1, 0.05, 0.01)
ON_GRAIN = 0.99  # one in a hundred typed wrong does not hide the step
AROUND = (
    np.array([-1.0, 4.0, 0.0, 4.0, -1.0]) / 6
)  # the curve through the bands on either side, at the middle of the five
# Of pile-ups that all groups share alike, in which some group is said to show it most, and in which least: one in twenty.
BY_CHANCE = 0.05
BETWEEN = (0.05, 0.98)  # quantiles of the amounts: further out, bands hold too few users


@dataclass(frozen=True)
class _Seen:
    """A place looked at, in one population: the figure, what surrounds it suggest, and by how many standard errors it is more."""

    users: int
    expected: float
    z: float

    @property
    def ratio(self) -> float:
        return self.users / max(self.expected, 1e-9)


def pile_ups(corpus: Corpus, field: str, halves: Sequence[Bools]) -> tuple[list[Concentration], int]:
    if field != "value" and goes_with_objects(corpus, field):
        return [], 0  # added up over a visit, prices of things are nothing that anybody pays
    (u, x), several = _of_visits(corpus, field), _of_several_things(corpus, field)
    if len(x) < FEWEST:
        return [], 0
    places = list(_places(x))
    kept: list[tuple[float, float, float]] = []
    for low, high in places:
        one, two = (_band(u, x, low, high, half) for half in halves[:2])
        if _stands(one, two) and (
            several is None or _stands(*(_band(*several, low, high, half) for half in halves[:2]))
        ):
            kept.append((one.z + two.z, low, high))
    told: list[Concentration] = []
    for _, low, high in sorted(kept, key=lambda k: (-k[0], k[1])):
        apart = all(high <= t.low or low >= t.high for t in told if t.low is not None and t.high is not None)
        if apart and len(told) < MOST_OF_A_KIND:
            told.append(_pile_up(corpus, field, (u, x), (low, high), halves))
    return told, len(places)


def _stands(one: _Seen, two: _Seen) -> bool:
    """Does a place stand out in either half of the users, by enough to be asked about?"""
    return bool(stands_out(one.z, two.z)) and min(one.ratio, two.ratio) >= WORTH_RATIO


def _of_several_things(corpus: Corpus, field: str) -> tuple[Ints, Reals] | None:
    """The same of visits with several things: what visits of one thing come to may be its price, a pile-up that is a list of
    prices is gone without them. None where a log has no such visits, and nobody could tell.
    """
    found = _of_visits(corpus, field, "AND count(DISTINCT object) > 1")
    return found if len(found[0]) else None


def _of_visits(corpus: Corpus, field: str, having: str = "") -> tuple[Ints, Reals]:
    """User and total of every visit that comes to something."""
    binder = Binder()
    sql = f"""
      SELECT u, sum(x) AS x FROM (
        SELECT l.u, l.s, l.object, {number_sql(field, binder)} AS x FROM lines l WHERE l.s IS NOT NULL)
      GROUP BY u, s HAVING sum(x) > 0 {having} ORDER BY u, s
    """
    rows = corpus.rows(sql, binder)
    x: Reals = rows["x"].astype(np.float64)
    return rows["u"].astype(np.int64), np.round(x, 6)


def _places(x: Reals) -> Iterator[tuple[float, float]]:
    """Bands just above and just below round numbers, wide enough for the grain of the amounts."""
    low, high = (float(q) for q in np.quantile(x, BETWEEN))
    grain = next((g for g in GRAINS if np.mean(np.abs(x / g - np.round(x / g)) < 1e-6) >= ON_GRAIN), 0.0)
    for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for first in ROUND:
            at, width = first * 10.0**power, first * 10.0**power * BAND
            if low <= at - 2 * width and at + 3 * width <= high and width >= POINTS * grain:
                yield at, at + width
                yield at - width, at


def _band(u: Ints, x: Reals, low: float, high: float, users: Bools) -> _Seen:
    """The users with a visit in a band, against the two bands on either side: the curve through the four, in logarithms, at the
    middle. A user counts once a band, so that one who always comes for the same sum is one.
    """
    width = high - low
    inside = users[u]
    n = np.array([
        len(np.unique(u[inside & (x >= low + k * width - 1e-9) & (x < high + k * width - 1e-9)])) for k in (-2, -1, 0, 1, 2)
    ], dtype=np.float64)  # fmt: skip
    beside, weights = n[[0, 1, 3, 4]], AROUND[[0, 1, 3, 4]]
    if n[2] < FEWEST / 2 or (beside < 1).any():
        return _Seen(int(n[2]), float(beside.mean()), 0.0)
    expected = float(np.exp((weights * np.log(beside)).sum()))
    spread = math.sqrt(1 / n[2] + float((weights**2 / beside).sum()))
    return _Seen(int(n[2]), expected, (math.log(n[2]) - math.log(expected)) / spread)


def _pile_up(
    corpus: Corpus, field: str, visits: tuple[Ints, Reals], band: Band, halves: Sequence[Bools]
) -> Concentration:
    low, high = band
    everybody = halves[0] | halves[1] | halves[2]
    seen, aside = _band(*visits, *band, everybody), _band(*visits, *band, halves[2])
    # A band above a round sum is so much of its own lower end; any other is below one.
    above = math.isclose(high - low, low * BAND)
    name, in_value = field.removeprefix("properties."), field == "value"
    made = Concentration(
        kind="pile_up", about=field, low=low, high=high, round=low if above else high, **_counts(visits, band, everybody),
        amount="" if in_value else field_words(name, corpus.names),
        in_money=in_value or (is_money(name) and name not in corpus.names.in_parts),
        currency=corpus.names.currency if in_value else None, expected=digits(seen.expected), ratio=digits(seen.ratio),
        question="", again=_again(aside),
    )  # fmt: skip
    return made.model_copy(update={"question": pile_told(made)})


def _counts(visits: tuple[Ints, Reals], band: Band, users: Bools) -> dict[str, int]:
    """How many users and visits are in a band and in the one that a round sum parts it from, as they are told."""
    u, x = visits
    low, high = band
    width = high - low
    next_to = (low - width, low) if math.isclose(width, low * BAND) else (high, high + width)
    told: dict[str, int] = {}
    for one, many, (start, end) in (("users", "visits", band), ("across", "visits_across", next_to)):
        there = u[users[u] & (x >= start - 1e-9) & (x < end - 1e-9)]
        people = len(np.unique(there))
        told |= {one: of_users(people), many: nearest(len(there), len(there) / max(people, 1)) if people >= FEW else 0}
    return told


@dataclass(frozen=True)
class PartOfUsers:
    """Some users in whom a pile-up is looked for: those of a `measure` over a `field` of theirs, as they are `said`."""

    field: str
    said: str
    measure: Measure


def _by_number(group: tuple[str, int]) -> tuple[int, str]:
    """p2 before p10, so that groups stand in one order however they were read."""
    return len(group[0]), group[0]


def among(
    corpus: Corpus, pile: Concentration, groups: Mapping[str, int], parts: Sequence[PartOfUsers]
) -> Concentration:
    """A pile-up with how it is in the groups, by the ids of their personas, and among parts of the users. What piles up with
    everybody is a rule of the product, and no habit of one group's.
    """
    if pile.kind != "pile_up" or pile.low is None or pile.high is None or corpus.staff:
        return pile
    visits, band = _of_visits(corpus, pile.about), (pile.low, pile.high)
    none = np.zeros(len(corpus.people.first_day), dtype=bool)
    asked = [({"persona": p}, corpus.people.groups.get(g, none)) for p, g in sorted(groups.items(), key=_by_number)]
    asked += [(vars(part), satisfying_users(corpus, part.measure, ALL_USERS)) for part in parts]
    sure = float(ndtri(1 - BY_CHANCE / max(len(groups), 1)))
    rows = [row for who, users in asked if (row := _among(visits, band, users, who, sure))]
    found = pile.model_copy(update={"among": rows})
    return found.model_copy(update={"question": pile_told(found)})


def _among(
    visits: tuple[Ints, Reals], band: Band, users: Bools, who: Mapping[str, Any], sure: float
) -> PiledAmong | None:
    """None where fewer than five users are in the band or in the one beside it; `sure`: standard errors from all others by which
    a group shows it more, or less.
    """
    counts = _counts(visits, band, users)
    own, others = _of_all_visits(*visits, *band, users), _of_all_visits(*visits, *band, ~users)
    if own is None or min(counts["visits"], counts["visits_across"]) == 0:
        return None
    (size, spread), gap = own, 0.0
    if who.get("persona") and others:
        gap = (size - others[0]) / math.hypot(spread, others[1])
    shows: Shows = "unsure"
    if size >= ALSO * spread and size >= math.log(WORTH_RATIO) and counts["users"] >= FEWEST:
        shows = "most" if gap >= sure else "least" if gap <= -sure else "yes"
    elif size < ALSO * spread and size + ALSO * spread < math.log(WORTH_RATIO):
        shows = "no"
    return PiledAmong(**who, **counts, ratio=digits(math.exp(size)), shows=shows)


def _of_all_visits(u: Ints, x: Reals, low: float, high: float, users: Bools) -> tuple[float, float] | None:
    """How many times as many visits are in a band as those around suggest, in logarithms, and its standard error over users, of
    whom one may come for the same sum again and again. None where a band has none.
    """
    width, inside = high - low, users[u]
    there = [inside & (x >= low + k * width - 1e-9) & (x < high + k * width - 1e-9) for k in (-2, -1, 0, 1, 2)]
    n = np.array([np.bincount(u[band], minlength=len(users)) for band in there], dtype=np.float64)
    whole = n.sum(axis=1)
    if (whole < 1).any():
        return None
    weights = np.where(np.arange(5) == 2, 1.0, -AROUND)
    each = weights @ (n / whole[:, None])
    return float(weights @ np.log(whole)), float(np.sqrt((each**2).sum()))


def _again(aside: _Seen) -> Again:
    few = aside.users < FEWEST / 2
    ratio, holds = (None, None) if few else (digits(aside.ratio), aside.z >= ALSO)
    return Again(ratio=ratio, holds=holds, n=of_users(aside.users))
