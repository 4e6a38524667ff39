"""Steps in how many come a week, and acts that change after a date.

In: a corpus and its users in halves. Out: concentrations, and how many dates were looked at. A move at a date is held against how
the same figure moves at all other dates, so that a slope, a season and a trend are none. Promises: users are the sampling unit;
of very many users every so manieth is looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..schema import Again, Concentration
from ..words.floors import of_users
from ..words.wording import act_words, percent
from .corpus import Binder, Bools, Corpus, Ints
from .intervals import Reals
from .outstanding import ALSO, FEWEST, MOST_OF_A_KIND, WORTH_RATIO, digits, stands_out

WORTH_POINTS = 0.1  # of a share of visits
LEAST = 0.01  # of visits before, in a ratio: that to a share of nearly none would be beyond all sense
WINDOW = 4  # weeks on either side of a date: shorter is noise, longer sees other things
UNUSUAL = 4.0  # times the middle move of the same figure over all other dates
MOST_USERS = 20_000  # looked at: the error of a share is then a third of a point
MOST_ACTS = 20  # commonest first; what few do has no figure


def steps(corpus: Corpus, halves: Sequence[Bools]) -> tuple[list[Concentration], int]:
    """Dates after which many more, or many fewer, come a week than before."""
    every, seen = _every(corpus), _weeks(corpus)
    came = [_came(seen, half[::every]) for half in halves]
    dates = range(WINDOW, came[0].shape[1] - WINDOW + 1)
    moves = [np.array([_move(c, d) for d in dates]) for c in came[:2]]
    if len(dates) <= 2 * WINDOW:
        return [], 0
    best = _best(moves, [np.array([_noise(c, d) for d in dates]) for c in came[:2]], math.log(WORTH_RATIO))
    if best is None:
        return [], len(dates)
    at = dates[best]
    before, after = (every * _a_week(came[0] | came[1], at, side) for side in (-1, 1))
    aside = _move(came[2], at) if came[2].any() else None
    date = _date(corpus, at)
    question = (
        f"From the week of {date} on {of_users(round(after)):,} users come a week, against {of_users(round(before)):,} in the "
        f"{WINDOW} weeks before. What began or ended then?"
    )
    same = aside is not None and aside * (after - before) > 0 and abs(aside) >= ALSO * _noise(came[2], at)
    return [
        Concentration(
            kind="step", about="users", date=date, users=of_users(round(after)), expected=digits(before),
            ratio=digits(after / max(before, every)), question=question,  # nobody in the weeks before is less than one looked at
            again=Again(ratio=None if aside is None else digits(math.exp(aside)), holds=None if aside is None else same,
                        n=of_users(every * int(came[2].any(axis=1).sum()))),
        )
    ], len(dates)  # fmt: skip


def changes(corpus: Corpus, halves: Sequence[Bools]) -> tuple[list[Concentration], int]:
    """Acts that stand in many more, or many fewer, of users' visits after a date than before."""
    told: list[tuple[float, Concentration]] = []
    looks = 0
    every = _every(corpus)
    one, two, aside = (half[::every] for half in halves)
    for act in _acts(corpus):
        share = _shares(corpus, act)
        if share.shape[1] < 4 * WINDOW:
            continue
        dates = range(WINDOW, share.shape[1] - WINDOW + 1)
        looks += len(dates)
        moves = [np.array([_changed(share[half], d) for d in dates]) for half in (one, two)]
        best = _best([m[:, 0] for m in moves], [m[:, 1] for m in moves], WORTH_POINTS)
        if best is None:
            continue
        at = dates[best]
        everybody = share[one | two]
        (before, n), (after, m) = (_mean(everybody, at, side) for side in (-1, 1))
        if min(n, m) >= FEWEST:
            told.append((abs(after - before), _change(corpus, act, at, (before, after, every * m), share[aside])))
    told.sort(key=lambda t: (-t[0], t[1].about))
    return [c for _, c in told[:MOST_OF_A_KIND]], looks


def _change(corpus: Corpus, act: str, at: int, figures: tuple[float, float, int], aside: Reals) -> Concentration:
    before, after, n = figures
    move, error = _changed(aside, at)
    known = len(aside) > 0 and math.isfinite(error)
    date = _date(corpus, at)
    question = (
        f"“{act_words(act, corpus.names)}” stands in {percent(after)} of visits from the week of {date} on, against "
        f"{percent(before)} in the {WINDOW} weeks before. What was changed then?"
    )
    return Concentration(
        kind="change", about=act, date=date, users=of_users(n), expected=digits(before),
        ratio=digits(after / max(before, LEAST)), question=question,
        again=Again(
            ratio=digits(max(before + move, 0.0) / max(before, LEAST)) if known else None,
            holds=move * (after - before) > 0 and abs(move) >= ALSO * error if known else None,
            n=of_users(_mean(aside, at, 1)[1]),
        ),
    )  # fmt: skip


def _best(moves: Sequence[Reals], errors: Sequence[Reals], worth: float) -> int | None:
    """The date at which both halves move most: the same way, by more than chance, by enough to be worth a question, and by far
    more than they do elsewhere.
    """
    one, two = moves
    usual = [max(float(np.nanmedian(np.abs(m))), 1e-9) for m in moves]
    good = stands_out(one / errors[0], two / errors[1])
    good &= np.minimum(np.abs(one), np.abs(two)) >= worth
    good &= (np.abs(one) >= UNUSUAL * usual[0]) & (np.abs(two) >= UNUSUAL * usual[1])
    return int(np.argmax(np.where(good, np.abs(one + two), -1.0))) if good.any() else None


def _every(corpus: Corpus) -> int:
    """Every so manieth user is looked at."""
    return math.ceil(len(corpus.people.first_day) / MOST_USERS) or 1


def _weeks(corpus: Corpus) -> tuple[Ints, Ints, int]:
    """User (of those looked at) and week of every visit, in whole weeks from the first day on, and how many there are. Leaves the
    table `weeks` of these visits.
    """
    first, last = corpus.days or (None, None)
    n = (last - first).days // 7 if first and last else 0
    key = "weeks"
    if key not in corpus.memo:
        corpus.connection.execute(_WEEKS, {"every": _every(corpus), "n": n})
        rows = corpus.rows("SELECT u, w FROM weeks ORDER BY u, s", Binder())
        corpus.memo[key] = rows["u"].astype(np.int64), rows["w"].astype(np.int64), n
    found: tuple[Ints, Ints, int] = corpus.memo[key]
    return found


def _came(seen: tuple[Ints, Ints, int], users: Bools) -> Bools:
    """(users, weeks) who came in which week; rows of others are empty."""
    u, w, weeks = seen
    came = np.zeros((len(users), weeks), dtype=bool)
    came[u, w] = True
    return came & users[:, None]


def _a_week(came: Bools, at: int, side: int) -> float:
    part = came[:, at : at + WINDOW] if side > 0 else came[:, at - WINDOW : at]
    return float(part.sum(axis=0).mean())


def _move(came: Bools, at: int) -> float:
    """The logarithm of how many came a week after a date to how many before."""
    return math.log((_a_week(came, at, 1) + 0.5) / (_a_week(came, at, -1) + 0.5))


def _noise(came: Bools, at: int) -> float:
    """Its standard error, were each user's weeks one draw: users are the sampling unit."""
    before, after = (np.maximum(_a_week(came, at, side) * WINDOW, 1.0) for side in (-1, 1))
    weeks = came[:, at - WINDOW : at + WINDOW]
    own = weeks.sum(axis=1)
    each = max(float((own**2).sum()) / max(float(own.sum()), 1.0), 1.0)  # weeks that come with one user
    return math.sqrt(each * (1 / before + 1 / after))


def _acts(corpus: Corpus) -> list[str]:
    rows = corpus.connection.execute(
        "SELECT action FROM lines WHERE action IS NOT NULL AND u NOT IN (SELECT u FROM held) GROUP BY action "
        "HAVING count(DISTINCT u) >= ? ORDER BY count(DISTINCT u) DESC, action LIMIT ?",
        [FEWEST, MOST_ACTS],
    ).fetchall()
    return [act for (act,) in rows]


def _shares(corpus: Corpus, act: str) -> Reals:
    """(users, weeks) the share of each user's visits of a week with the act; NaN without a visit."""
    u, w, weeks = _weeks(corpus)
    shape = (math.ceil(len(corpus.people.first_day) / _every(corpus)), weeks)
    visits, having = np.zeros(shape), np.zeros(shape)
    np.add.at(visits, (u, w), 1.0)
    binder = Binder()
    sql = f"""
      SELECT v.u, v.w, count(*) AS n FROM weeks v
      WHERE v.s IN (SELECT s FROM lines WHERE action = {binder.bind(act)}) GROUP BY v.u, v.w
    """
    rows = corpus.rows(sql, binder)
    having[rows["u"].astype(np.int64), rows["w"].astype(np.int64)] = rows["n"].astype(np.float64)
    return np.where(visits > 0, having / np.maximum(visits, 1.0), np.nan)


def _mean(share: Reals, at: int, side: int) -> tuple[float, int]:
    """The mean over users of their own mean share in a window, and how many they are."""
    own = _own(share, at, side)
    return (float(own.mean()) if len(own) else 0.0), len(own)


def _own(share: Reals, at: int, side: int) -> Reals:
    part = share[:, at : at + WINDOW] if side > 0 else share[:, at - WINDOW : at]
    there = ~np.isnan(part)
    some = there.any(axis=1)
    return np.asarray(np.nansum(part[some], axis=1) / there[some].sum(axis=1))


def _changed(share: Reals, at: int) -> tuple[float, float]:
    """By how much the mean share moves at a date, and its standard error; infinite below FEWEST / 2 users on either side."""
    before, after = _own(share, at, -1), _own(share, at, 1)
    if min(len(before), len(after)) < FEWEST / 2:
        return 0.0, math.inf
    # Two users who always do it and two who never do keep a share of nothing from having no error.
    spread = [(float(x.var()) * len(x) + 1) / (len(x) + 4) / len(x) for x in (before, after)]
    return float(after.mean() - before.mean()), math.sqrt(sum(spread))


def _date(corpus: Corpus, week: int) -> str:
    row: Any = corpus.connection.execute(
        "SELECT (min(date) + CAST(? AS INTEGER))::DATE FROM lines", [7 * week]
    ).fetchone()
    return str(row[0])


_WEEKS = """
CREATE OR REPLACE TEMP TABLE weeks AS
SELECT u // $every AS u, s, w FROM (
  SELECT u, s, CAST(min(date) - (SELECT min(date) FROM lines) AS INTEGER) // 7 AS w FROM lines
  WHERE s IS NOT NULL AND u % $every = 0 GROUP BY u, s)
WHERE w < $n
"""
