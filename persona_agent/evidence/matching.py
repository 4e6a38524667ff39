"""Fair comparison: others who were first seen at about the same time and were active on about as many days.

In: what is known of users, a measure, who answered it, a group and its others. Out: `Pairing`: a weight for every other,
so that the others as a whole have the group's mix of strata (direct standardisation; Fleiss, Levin & Paik 2003, ch. 19),
and which members have a partner at all. Promises: members without a partner are counted, never compared; a measure that
is about activity itself is matched on the time alone, because matching on its own outcome would erase it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..schema import Measure
from .conditions import text_expression
from .corpus import Binder, Bools, Corpus, Ints, People
from .intervals import Reals

# Upper ends are open: 5 and 6 active days are one bin, 80 and more another.
DAY_BINS = (1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40, 56, 80)
_ACTIVITY = {"active_days", "span_days", "n_events"}


@dataclass(frozen=True)
class Pairing:
    """`weights` (users,) of others, summing to 1 over those in shared strata; `members` and `others` mask who is compared;
    `unmatched` is the share of the members that have no partner.
    """

    weights: Reals
    members: Bools
    others: Bools
    unmatched: float


def match(
    people: People,
    measure: Measure,
    answered: Bools,
    here: Bools,
    there: Bools,
    held: Ints | None = None,
    among: Ints | None = None,
) -> Pairing:
    """Pair the members of a group with its others, both among those who have an answer to the measure; where `held` is given,
    with those alone that have the same code in it. `among` is the class of each user's chance to be a member (evidence.exposure),
    where groups were given.
    """
    strata = stratum(people, measure, among)
    if held is not None:
        strata = held * (int(strata.max(initial=0)) + 1) + strata
    inside, outside = here & answered, there & answered
    size = int(strata.max()) + 1 if len(strata) else 0
    members = np.bincount(strata[inside], minlength=size)
    others = np.bincount(strata[outside], minlength=size)
    shared = (members > 0) & (others > 0)
    total = int(members.sum())
    compared = int(members[shared].sum())
    share = np.where(shared, members / max(compared, 1), 0.0)
    weights = np.where(outside, (share / np.maximum(others, 1))[strata], 0.0)
    in_shared = shared[strata]
    return Pairing(weights, inside & in_shared, outside & in_shared, 1 - compared / total if total else 0.0)


def stratum(people: People, measure: Measure, among: Ints | None = None) -> Ints:
    """(users,) the code of each user's stratum."""
    came = people.first_seen - (people.first_seen.min() if len(people.first_seen) else 0)
    if among is not None:
        # How much there is of somebody, in full, whatever is asked: a given group may be made of it.
        return np.asarray(came * (int(among.max(initial=0)) + 1) + among, dtype=np.int64)
    if about_activity(measure):
        return came
    return np.asarray(came * (len(DAY_BINS) + 1) + np.digitize(people.active_days, DAY_BINS), dtype=np.int64)


def values_held(corpus: Corpus, field: str) -> Ints:
    """(users,) a code of the value of a field that each has on most of their lines, the first of the alphabet among equals; 0
    where they have none.
    """
    key = f"held {field}"
    if key not in corpus.memo:
        binder = Binder()
        sql = f"""
          WITH c AS (SELECT u, {text_expression(field, binder)} AS v, count(*) AS n FROM lines l GROUP BY ALL),
          r AS (SELECT u, v, row_number() OVER (PARTITION BY u ORDER BY n DESC, v) AS place FROM c WHERE v IS NOT NULL)
          SELECT u, dense_rank() OVER (ORDER BY v) AS code FROM r WHERE place = 1
        """
        rows, owner = corpus.rows(sql, binder), corpus.people.owner
        held = np.zeros(
            len(corpus.people.first_day) if owner is None else int(owner.max(initial=-1)) + 1, dtype=np.int64
        )
        held[rows["u"].astype(np.int64)] = rows["code"].astype(np.int64)
        corpus.memo[key] = held if owner is None else held[owner]
    found: Ints = corpus.memo[key]
    return found


def about_activity(measure: Measure) -> bool:
    """Does it ask how much or how often somebody was there, whatever was done?"""
    if measure.steps or measure.where or measure.absent:
        return False
    if measure.feature is not None:
        return measure.feature.name in _ACTIVITY and not measure.feature.where
    total = measure.of.partition(" ")[0] in {"matches", "total"} and measure.statistic in {"sum", "median"}
    rhythm = measure.statistic == "cadence" or measure.of == "gap"
    return rhythm or (total and measure.unit == "users") or measure.at_least > 1
