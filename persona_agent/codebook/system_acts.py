"""Side effects: acts that the system logs because of another act of the same user, and nobody chooses.

In: a connection with the table `moments` of some users (acts.py). Out: for each such act the act that it follows. An act is
one if, near always and more than chance would have it, another act of the same user on the same thing comes before it or with
it within the log's own step of time: a minute where times are to the minute, else a second. Who follows whom is a matter of
order. Where the times of two acts are mostly the same, order is not known (a page that a choice opens comes with it as often
as a record of it does): then the choice must mostly have its effect too. Of two that always come together the effect is the
one that falls into the next step now and then, else the rarer. Logs that stamp whole visits with one time (receipts, commits)
tell nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

ALWAYS = 0.95  # of its moments: a clock's step cuts about one in sixty pairs that are a second apart
MOSTLY = 0.8  # with some act or other: worth a question to a person, and no more
PARTNER = 0.5  # with the act that it is named beside
ABOVE_CHANCE = 0.9  # of what chance leaves open
HAS_EFFECT = 0.5  # of the choice's moments, that have the effect, where order is not known
SLIPS = 0.002  # of an effect's moments fall into the next step: a tenth of a second of a minute
MIN_MOMENTS = 20  # fewer may be together by chance
MIN_USERS = 5  # one user's habit is no rule of the system; as the floor of a claim
STAMPED_APART = (
    0.5  # of visits of three events and more that have two times or more; receipts .09, commits 0, clicks .88 to 1
)

# By chance, an act on a thing is as likely in any of its user's moments as in another.
# Every moment of an act, beside every other act on the same thing at the same time and in the step before.
PAIRS = """
WITH a AS (SELECT user, object, act, t, bucket + d AS bucket FROM moments, (SELECT unnest([0, 1]) AS d)),
h AS (
  SELECT b.act AS b, a.act AS a, b.id, any_value(b.user) AS user, bool_or(a.t = b.t) AS same,
         bool_or(a.t < b.t AND b.t - a.t <= $step) AS before
  FROM moments b JOIN a USING (user, object, bucket) WHERE a.act <> b.act GROUP BY ALL),
n AS (SELECT act, count(*) AS n FROM moments GROUP BY act),
p AS (SELECT b, a, count(*) FILTER (same) AS same, count(*) AS at_or_after, count(DISTINCT user) AS users
      FROM h WHERE same OR before GROUP BY ALL),
x AS (SELECT b, count(DISTINCT id) FILTER (same) AS same, count(DISTINCT id) AS at_or_after
      FROM h WHERE same OR before GROUP BY b),
u AS (SELECT user, object, act, count(DISTINCT bucket) AS n FROM moments GROUP BY ALL),
w AS (SELECT user, count(DISTINCT bucket) AS n FROM moments GROUP BY user),
c AS (
  SELECT b.act AS b, a.act AS a, sum(b.n * a.n / w.n) / any_value(t.n) AS chance
  FROM u b JOIN u a USING (user, object) JOIN w USING (user) JOIN (SELECT act, sum(n) AS n FROM u GROUP BY act) t ON t.act = b.act
  WHERE a.act <> b.act GROUP BY ALL)
SELECT p.b, p.a, p.same / nb.n, p.at_or_after / nb.n, p.same / na.n, c.chance, nb.n, na.n,
       x.same / nb.n, x.at_or_after / nb.n
FROM p JOIN x USING (b) JOIN c USING (b, a) JOIN n nb ON nb.act = p.b JOIN n na ON na.act = p.a
WHERE nb.n >= $moments AND p.users >= $users AND p.at_or_after / nb.n >= $partner
ORDER BY p.b, p.at_or_after DESC, p.a
"""
VISITS = """
SELECT avg((times >= 2)::INTEGER) FROM (
  SELECT count(DISTINCT bucket) AS times, sum(n) AS n FROM moments GROUP BY user, session) WHERE n >= 3
"""


@dataclass(frozen=True)
class Together:
    """How often one act has another on the same thing with it or before it within a step: in `share` of its own moments, at
    the very same time in `same`; `back` is the share of the other's moments that have this one at the same time, `with_any` that
    of its own that have any other act, `after` that with the other at the same time or in the step before.
    """

    act: str
    other: str
    share: float
    same: float
    back: float
    chance: float
    moments: int
    of_other: int
    with_any: float
    after: float

    @property
    def beyond_chance(self) -> float:
        return (self.share - self.chance) / max(1 - self.chance, 1e-9)

    @property
    def is_effect(self) -> bool:
        in_order = self.same < self.share / 2
        always = self.share >= ALWAYS and self.beyond_chance >= ABOVE_CHANCE
        return always and (in_order or self.back >= HAS_EFFECT)

    @property
    def rank(self) -> tuple[float, int, str]:
        """Most often together first, then with the commonest."""
        return (-round(self.share, 3), -self.of_other, self.other)


def together(connection: duckdb.DuckDBPyConnection, *, to_the_minute: bool) -> list[Together]:
    """Pairs of acts that go together; none where visits are stamped as a whole."""
    row = connection.execute(VISITS).fetchone()
    if row is None or row[0] is None or row[0] < STAMPED_APART:
        return []
    step = 60_000_000 if to_the_minute else 1_000_000  # microseconds
    given = {"step": step, "moments": MIN_MOMENTS, "users": MIN_USERS, "partner": PARTNER}
    found = []
    for act, other, same, share, back, chance, n, m, with_any, after_any in connection.execute(PAIRS, given).fetchall():
        # What comes in the minute before is mostly another choice of the user's; in the second before it is not.
        own, some = (same, with_any) if to_the_minute else (share, after_any)
        found.append(Together(act, other, own, same, back, chance, n, m, some, share))
    return [p for p in found if p.beyond_chance >= PARTNER]


def mostly_together(pairs: Sequence[Together]) -> dict[str, Together]:
    """Acts that are hardly ever alone, each with the act that it is mostly with."""
    found: dict[str, Together] = {}
    for pair in sorted(pairs, key=lambda p: p.rank):
        if pair.with_any >= MOSTLY:
            found.setdefault(pair.act, pair)
    return found


def side_effects(pairs: Sequence[Together]) -> dict[str, str]:
    """Act → the act that it follows, which is itself no side effect."""
    edges: dict[str, str] = {}
    rarest = sorted((p for p in pairs if p.is_effect), key=lambda p: (p.moments, p.act, p.rank))
    known = {(p.act, p.other): p for p in rarest}
    for p in rarest:
        back = known.get((p.other, p.act))
        if p.act not in edges and (back is None or _is_later(p, back)) and _root(edges, p.other) != p.act:
            edges[p.act] = p.other
    return {act: _root(edges, act) for act in edges}


def _is_later(one: Together, back: Together) -> bool:
    """Of two acts that always come together, is the first the effect?"""
    if abs(one.after - back.after) > SLIPS:
        return one.after > back.after
    return (one.moments, one.act) < (back.moments, back.act)


def _root(edges: dict[str, str], act: str) -> str:
    while act in edges:
        act = edges[act]
    return act
