"""Where what is brought in comes from: the tenth of users who bring in most of it, beside all others; and who is in no group.

In: a corpus. Out: `TopTenth` with how often these users come, what a visit of theirs is worth and how much it holds, as medians
over users; `Unplaced`. Promises: exact figures, rounded where they are published; nothing of people at work beside their number;
a tenth of too few users is told of nobody.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from ..schema import TopTenth, Unplaced
from ..words.floors import FEW
from .corpus import Bools, Corpus, Ints, Population
from .intervals import Reals

PART = 10  # a tenth: what a team can name and write to, and more than the handful of whom a card says that figures hang on them
FEWEST = 20  # users in it: of fewer, one large account moves the medians
NEARLY_ALL = 0.9  # of visits that bring in something, from which "visits" says the same

# A visit that brings in nothing is one in which nothing was bought: whoever looks more often brings in no more by it.
OF_USERS = """
WITH v AS (SELECT u, sum(value) AS worth, count(*) AS n FROM lines WHERE s IS NOT NULL GROUP BY u, s),
b AS (SELECT u, count(*) AS visits, median(worth) AS worth, median(n) AS n FROM v WHERE {brings} GROUP BY u),
w AS (SELECT u, count(*) AS visits FROM v GROUP BY u),
t AS (SELECT u, CAST({amount} AS DOUBLE) AS total FROM lines GROUP BY u)
SELECT t.u, coalesce(t.total, 0) AS total, coalesce(w.visits, 0) AS every, coalesce(b.visits, 0) AS visits,
       CAST(b.worth AS DOUBLE) AS worth, CAST(b.n AS DOUBLE) AS n
FROM t LEFT JOIN w USING (u) LEFT JOIN b USING (u) ORDER BY t.u
"""


def top_tenth(corpus: Corpus) -> TopTenth | None:
    """What the tenth of users who bring in most bring in, and by what; None of people at work, and of too few users."""
    if corpus.staff:
        return None
    valued = corpus.valued
    brings, amount = ("worth > 0", "sum(value)") if valued else ("true", "count(*)")
    found = corpus.connection.execute(OF_USERS.format(brings=brings, amount=amount)).fetchnumpy()
    rows: dict[str, Reals] = {name: np.ma.filled(column.astype(np.float64), np.nan) for name, column in found.items()}
    users, total = round(len(rows["u"]) / PART), float(rows["total"].sum())
    if users < FEWEST or total <= 0:
        return None
    top = biggest(rows["total"])
    share = float(rows["total"][top].sum()) / total
    if share > 1:  # what others brought in was taken back: shares of the rest say nothing
        return None
    every, visits = float(rows["every"].sum()), float(rows["visits"].sum())
    return TopTenth(
        of="value" if valued else "activity",
        users=users,
        share=round(share, 6),
        bringing=bool(valued and visits < NEARLY_ALL * every),
        visits=_middles(rows["visits"], top),
        worth=_middles(rows["worth"], top) if valued else None,
        lines=_middles(rows["n"], top),
        currency=corpus.names.currency if valued else None,
    )


def tenth_users(corpus: Corpus) -> Bools:
    """(users,) who they are, by value."""
    found = corpus.connection.execute(OF_USERS.format(brings="true", amount="sum(value)")).fetchnumpy()
    return biggest(np.ma.filled(found["total"].astype(np.float64), np.nan))


def biggest(totals: Reals) -> Bools:
    """(users,) the tenth with the greatest totals, the first of the log among equals."""
    top = np.zeros(len(totals), dtype=bool)
    top[np.argsort(-totals, kind="stable")[: round(len(totals) / PART)]] = True
    return top


def _middles(each: Reals, top: Bools) -> tuple[float, float] | None:
    """The medians of these users and of all others; None where there is nothing of either."""
    own, rest = each[top & ~np.isnan(each)], each[~top & ~np.isnan(each)]
    return (float(np.median(own)), float(np.median(rest))) if len(own) and len(rest) else None


def unplaced(corpus: Corpus, groups: Collection[int]) -> Unplaced:
    """Users in none of the groups: who leans to one of them, who came too rarely to say, and what they bring in."""
    worth_of = "CAST(coalesce(sum(value), 0) AS DOUBLE) AS worth"
    sql = f"SELECT u, count(DISTINCT s) AS visits, {worth_of} FROM lines GROUP BY u ORDER BY u"
    rows = corpus.connection.execute(sql).fetchnumpy()
    visits, worth = (np.asarray(rows[name]) for name in ("visits", "worth"))
    out = np.ones(len(visits), dtype=bool)
    for g in groups:
        out &= ~corpus.people.mask(Population(g))
    to = corpus.people.leaning
    leaning = np.zeros_like(out) if to is None else out & np.isin(to, list(groups))
    enough = enough_visits(visits, out & ~leaning)
    rare, whole = out & ~leaning & (visits < enough), float(worth.sum())
    once, more = (int((out & ~leaning & came).sum()) for came in (visits <= 1, visits > 1))
    told_once = once if min(once, more) >= FEW else None
    found = Unplaced(leaning=int(leaning.sum()), rare=int(rare.sum()), visits=enough, once=told_once)
    if not corpus.valued or whole <= 0:
        return found
    others = out & ~leaning & ~rare  # theirs is what the parts leave of all
    told = {"leaning_value": [leaning], "rare_value": [rare, others], "value": [out]}
    # Of fewer than five users it would be what one of them brings in.
    return found.model_copy(
        update={
            name: round(float(worth[whom[0]].sum()) / whole, 6)
            for name, whom in told.items()
            if min(int(mask.sum()) for mask in whom) >= FEW
        }
    )


def enough_visits(visits: Ints, out: Bools) -> int:
    """The number of visits that best tells who is in a group from who is in none: with fewer most are in none, from it on most
    are in one. The fewest users are on the wrong side of it.
    """
    tried = range(1, int(visits.max(initial=0)) + 2)
    wrong = [int((~out & (visits < n)).sum() + (out & (visits >= n)).sum()) for n in tried]
    return tried[int(np.argmin(wrong))]
