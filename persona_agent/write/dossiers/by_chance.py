"""What goes together, follows and comes back beyond chance, over all users.

In: a corpus. Out: pairs of things, kinds or acts with how many times as often they meet as chance has it (`lift`), and the shares
at which things come back, or a visit has the store of the one before, where nobody had a taste of their own. Chance is what
exchange leaves: things between visits of one month (each visit keeps its size, each thing its number), the order of acts within a
visit, visits between users of one month. Promises: what is given as beyond chance is so in all users and in either half of them;
what is met by fewer than FLOOR users is not told; the same log gives the same figures; a log of any size takes seconds, since
visits beyond MOST_VISITS are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...evidence import Binder, Corpus
from ...evidence.conditions import text_expression
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR

Ints = NDArray[np.int64]
Reals = NDArray[np.float64]
Bools = NDArray[np.bool_]
MOST_VISITS = 40_000  # of whole users, read in order: a lift over so many is known to a few per cent
COMMONEST = 40  # values that are paired: a pair of rarer ones is in too few visits to be told
EXCHANGES = 20  # the mean of so many is known to a quarter of what one of them strays
BEYOND = 5.0  # standard errors of exchanged logs: 780 pairs are looked at, and none is to pass by chance
WORTH_LIFT = 1.3  # times as often as by chance, over all; what is less is not noticed
HALF_LIFT = 1.1  # and in either half of users
FEWEST = 20  # visits with both
WORTH_SHARE = 0.05  # of the visits with the one that hold the other
FEWEST_VALUES = 3  # of two values the one is where the other is not
TINY = 1e-9  # in the place of none below a line, where what stands above is none too
ALWAYS = 0.97  # a step that nearly always follows is how the product works, and no choice


@dataclass(frozen=True)
class Pair:
    """`one` meets (or is followed by) `other` `lift` times as often as by chance."""

    one: str
    other: str
    lift: float


@dataclass(frozen=True)
class _Slots:
    """Values of visits: which visit, user and month each slot is of, its `thing` among all values and its `value` among the
    commonest (−1: none of them), whose names these are. Slots of a visit follow one another in the order of its lines.
    """

    names: list[str]
    visit: Ints
    user: Ints
    month: Ints
    time: Ints
    thing: Ints
    value: Ints

    @property
    def visits(self) -> int:
        return int(self.visit.max(initial=-1)) + 1


def pairs_beyond_chance(corpus: Corpus, field: str) -> list[Pair]:
    """Values of a field that are in one visit more often than exchange of them between visits has it, the surest first; `one` is
    the rarer, or the commoner where the rarer never comes without it.
    """
    found: list[Pair] = _kept(corpus, f"pairs {field}", lambda: _pairs(_slots(corpus, field, distinct=True)))
    return found


def orders_beyond_chance(corpus: Corpus) -> list[Pair]:
    """Acts that follow another in a visit more often than in any order."""
    found: list[Pair] = _kept(corpus, "orders", lambda: _orders(_slots(corpus, "action", distinct=False)))
    return found


def returns(corpus: Corpus) -> tuple[float, dict[str, float]]:
    """By chance: the share of the things in later visits that were met before, and of each of the commonest the share of its
    users who meet it again, where visits are exchanged between users of one month.
    """
    found: tuple[float, dict[str, float]] = _kept(
        corpus, "returns", lambda: _returns(_slots(corpus, "object", distinct=True))
    )
    return found


def kept_by_chance(corpus: Corpus, field: str) -> float | None:
    """By chance: over users the mean share of their later visits that have the value of a property which the visit before had,
    where visits of one month exchange their values. None where nobody has two visits with one.
    """
    found: float | None = _kept(corpus, f"kept {field}", lambda: _kept_values(corpus, field))
    return found


def _kept(corpus: Corpus, key: str, made: Any) -> Any:
    memo = corpus.memo.setdefault("by chance", {})
    if key not in memo:
        memo[key] = made()
    return memo[key]


def _slots(corpus: Corpus, field: str, *, distinct: bool) -> _Slots:
    """The values of visits; `distinct` has each once a visit."""
    binder = Binder()
    value = text_expression(field, binder)
    once = "GROUP BY l.s, {value}" if distinct else "GROUP BY l.s, {value}, l.seq"
    rows = corpus.rows(
        f"""
        WITH n AS (SELECT greatest(1, ceil(count(DISTINCT s) / {binder.bind(MOST_VISITS)}))::INTEGER AS each FROM lines),
        f AS (SELECT l.s, any_value(l.u) AS u, {value} AS value, min(l.us) AS t, min(l.seq) AS place,
                     any_value(year(l.date) * 12 + month(l.date)) AS month
              FROM lines l, n WHERE l.s IS NOT NULL AND l.u % n.each = 0 AND {value} IS NOT NULL {once.format(value=value)}),
        c AS (SELECT value, count(DISTINCT u) AS users FROM f GROUP BY value
              HAVING users >= {binder.bind(FLOOR)} ORDER BY users DESC, value LIMIT {binder.bind(COMMONEST)}),
        k AS (SELECT value, row_number() OVER (ORDER BY users DESC, value) - 1 AS code FROM c)
        SELECT s, u, month, t, code, dense_rank() OVER (ORDER BY value) - 1 AS thing, value AS name
        FROM f LEFT JOIN k USING (value) ORDER BY s, place
        """,
        binder,
    )
    code = np.nan_to_num(rows["code"].astype(np.float64), nan=-1).astype(np.int64)
    first = {int(c): str(name) for c, name in zip(code, rows["name"], strict=True) if c >= 0}
    visit = np.unique(rows["s"], return_inverse=True)[1].astype(np.int64)
    user, month, time, thing = (rows[name].astype(np.int64) for name in ("u", "month", "t", "thing"))
    return _Slots([first[i] for i in sorted(first)], visit, user, month, time, thing, code)


def _pairs(slots: _Slots) -> list[Pair]:
    if len(slots.names) < FEWEST_VALUES:
        return []
    sides = _sides(slots)
    seen, half = (_together(slots, slots.value, side) for side in sides)
    drawn = [[_together(slots, value, side) for side in sides] for value in _exchanged(slots)]
    mean, own = (_expected(found, [d[i] for d in drawn]) for i, found in enumerate((seen, half)))
    ok, lift, sure = _beyond(seen, half, mean, own, np.std([d[0] for d in drawn], axis=0))
    ok &= _users_of_pairs(slots) >= FLOOR
    alone = np.diag(seen)
    found = []
    for a, b in zip(*np.nonzero(np.triu(ok, 1)), strict=True):
        rarer = [(a, b), (b, a)] if alone[a] <= alone[b] else [(b, a), (a, b)]
        told = next(((i, j) for i, j in rarer if WORTH_SHARE <= seen[a, b] / alone[i] < ALWAYS), None)
        if told:
            one, other = (slots.names[i] for i in told)
            found.append((-sure[a, b], Pair(one, other, float(lift[a, b]))))
    return [pair for _, pair in sorted(found, key=lambda f: (f[0], f[1].one, f[1].other))]


def _orders(slots: _Slots) -> list[Pair]:
    k = len(slots.names)
    if k < FEWEST_VALUES:
        return []
    sides, rng = _sides(slots), np.random.default_rng(0)
    seen, half = (_followed(slots, slots.value, side) for side in sides)
    drawn = []
    for _ in range(EXCHANGES):
        order = np.lexsort((rng.random(len(slots.visit)), slots.visit))
        drawn.append([_followed(slots, slots.value[order], side) for side in sides])
    mean, own = np.mean(drawn, axis=0)
    ok, lift, sure = _beyond(seen, half, mean, own, np.std([d[0] for d in drawn], axis=0))
    known = slots.value >= 0
    alone = np.bincount(np.unique(slots.visit[known] * k + slots.value[known]) % k, minlength=k)
    found = [
        (-sure[a, b], Pair(slots.names[a], slots.names[b], float(lift[a, b])))
        for a, b in zip(*np.nonzero(ok), strict=True)
        if a != b and WORTH_SHARE <= seen[a, b] / alone[a] < ALWAYS
    ]
    return [pair for _, pair in sorted(found, key=lambda f: (f[0], f[1].one, f[1].other))]


def _sides(slots: _Slots) -> tuple[Bools, Bools]:
    """All users, and every other one."""
    return np.ones(len(slots.user), dtype=bool), slots.user // max(int(np.gcd.reduce(slots.user)), 1) % 2 == 0


def _beyond(seen: Reals, half: Reals, mean: Reals, own: Reals, spread: Reals) -> tuple[Bools, Reals, Reals]:
    """What is surely more than in exchanged logs, how many times as often, and by how many of their standard errors. `half` and
    `own` are the same of every other user.
    """
    lift, first = seen / np.maximum(mean, TINY), half / np.maximum(own, TINY)
    second = (seen - half) / np.maximum(mean - own, TINY)
    sure = (seen - mean) / np.maximum(spread, 1.0)
    both = np.minimum(first, second) >= HALF_LIFT
    return (seen >= FEWEST) & (sure >= BEYOND) & (lift >= WORTH_LIFT) & both, lift, sure


def _exchanged(slots: _Slots) -> Iterator[Ints]:
    """The values dealt out anew among the slots of each month."""
    rng = np.random.default_rng(0)
    order = np.argsort(slots.month, kind="stable")
    for _ in range(EXCHANGES):
        value = np.empty_like(slots.value)
        value[order] = slots.value[np.lexsort((rng.random(len(order)), slots.month))]
        yield value


def _together(slots: _Slots, value: Ints, some: Bools) -> Reals:
    """(values, values) visits with both; of one, with it."""
    held = np.zeros((slots.visits, len(slots.names)), dtype=np.float32)
    there = (value >= 0) & some
    held[slots.visit[there], value[there]] = 1
    return np.asarray((held.T @ held).astype(np.float64))


def _expected(seen: Reals, drawn: list[Reals]) -> Reals:
    """The mean of exchanged logs. There a value falls twice into one visit, and so into fewer: it is put right by as much."""
    mean = np.mean(drawn, axis=0)
    lost = np.diag(seen) / np.maximum(np.diag(mean), 1.0)
    return np.asarray(mean * lost[:, None] * lost[None, :])


def _users_of_pairs(slots: _Slots) -> Ints:
    """(values, values) users with a visit that holds both."""
    k = len(slots.names)
    held = np.zeros((slots.visits, k), dtype=bool)
    there = slots.value >= 0
    held[slots.visit[there], slots.value[there]] = True
    owner = np.zeros(slots.visits, dtype=np.int64)
    owner[slots.visit] = slots.user
    users = np.zeros((k, k), dtype=np.int64)
    for a in range(k):
        of = owner[held[:, a]]
        for b in range(a + 1, k):
            users[a, b] = users[b, a] = len(np.unique(of[held[held[:, a], b]]))
    return users


def _followed(slots: _Slots, value: Ints, some: Bools) -> Reals:
    """(values, values) visits in which the one is followed, at once or later, by the other."""
    k, n = len(slots.names), slots.visits
    place = np.arange(len(value), dtype=np.int64)
    first, last = np.full((n, k), len(value), dtype=np.int64), np.full((n, k), -1, dtype=np.int64)
    there = (value >= 0) & some
    np.minimum.at(first, (slots.visit[there], value[there]), place[there])
    np.maximum.at(last, (slots.visit[there], value[there]), place[there])
    return np.array([(first[:, [a]] < last).sum(axis=0) for a in range(k)], dtype=np.float64)


def _returns(slots: _Slots) -> tuple[float, dict[str, float]]:
    if not slots.names:
        return 0.0, {}
    owner, when, month = (np.zeros(slots.visits, dtype=np.int64) for _ in range(3))
    owner[slots.visit[::-1]], when[slots.visit[::-1]] = slots.user[::-1], slots.time[::-1]
    month[slots.visit] = slots.month
    rng = np.random.default_rng(0)
    order = np.argsort(month, kind="stable")
    all_shares, each = [], []
    for _ in range(EXCHANGES):
        dealt = np.empty_like(owner)
        dealt[order] = owner[np.lexsort((rng.random(len(order)), month))]
        share, own = _again(slots, dealt, when)
        all_shares.append(share)
        each.append(own)
    told = np.mean(each, axis=0)
    return float(np.mean(all_shares)), {name: float(x) for name, x in zip(slots.names, told, strict=True)}


def _kept_values(corpus: Corpus, field: str) -> float | None:
    binder = Binder()
    value = text_expression(field, binder)
    rows = corpus.rows(
        f"""
        WITH n AS (SELECT greatest(1, ceil(count(DISTINCT s) / {binder.bind(MOST_VISITS)}))::INTEGER AS each FROM lines)
        SELECT u, year(date) * 12 + month(date) AS month, dense_rank() OVER (ORDER BY value) AS value
        FROM (SELECT l.s, any_value(l.u) AS u, min(l.date) AS date, arg_min({value}, l.seq) AS value FROM lines l, n
              WHERE l.s IS NOT NULL AND l.u % n.each = 0 AND {value} IS NOT NULL GROUP BY l.s) ORDER BY u, s
        """,
        binder,
    )
    user, month, values = (rows[column].astype(np.int64) for column in ("u", "month", "value"))
    later = user[1:] == user[:-1]
    if not later.any():
        return None
    units = np.bincount(user[1:][later])
    rng, order, shares = np.random.default_rng(0), np.argsort(month, kind="stable"), []
    for _ in range(EXCHANGES):
        dealt = np.empty_like(values)
        dealt[order] = values[np.lexsort((rng.random(len(order)), month))]
        hits = np.bincount(user[1:][later], weights=dealt[1:][later] == dealt[:-1][later])
        shares.append(float((hits[units > 0] / units[units > 0]).mean()))
    return float(np.mean(shares))


def _again(slots: _Slots, owner: Ints, when: Ints) -> tuple[float, Reals]:
    """Where visits are of these owners: over users the mean share of the things of later visits that were met before, and of each
    of the commonest things the share of its users who meet it in a second visit.
    """
    user, time, k = owner[slots.visit], when[slots.visit], len(slots.names)
    first_visit = np.full(int(owner.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first_visit, owner, when)
    later = time > first_visit[user]
    thing = user * (int(slots.thing.max(initial=0)) + 1) + slots.thing
    order = np.lexsort((time, thing))
    met = np.zeros(len(user), dtype=bool)
    met[order[1:]] = thing[order][1:] == thing[order][:-1]
    units, hits = (np.bincount(user[mask], minlength=len(first_visit)) for mask in (later, later & met))
    there, known = units > 0, slots.value >= 0
    share = float((hits[there] / units[there]).mean()) if there.any() else 0.0
    of, again = (np.unique(user[mask] * k + slots.value[mask]) % k for mask in (known, known & met))
    return share, np.bincount(again, minlength=k) / np.maximum(np.bincount(of, minlength=k), 1)
