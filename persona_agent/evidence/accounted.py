"""What personas account for, and what not: of how users differ in the visits that did not place them, the share that goes with
their persona, beside the share that goes with tiers of how lately they came, how often, and how much they brought in.

In: a corpus whose users are placed by halves of their visits, personas, and measures. Out: an `AccountedFor`. Promises: whatever
places a user, persona or tier, rests on one half of the visits, and what it is held against on the other; both are held against
the same users; intervals are over users.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ..schema import Accounted, AccountedFor, Measure
from ..words.floors import FEW, of_users
from .corpus import Binder, Bools, Corpus, Ints, Population
from .evaluation import answers
from .intervals import Z_TWO_SIDED, Reals, ranks

FEWEST = 100  # users with an answer: of fewer an interval of a share is as wide as what is to be told
ASKED_OF = 0.75  # of the users with an answer to the fact that most have: what a third have no part in sums up no set of personas
BLOCKS = 50  # of users, each left out once (a jackknife): as many as leave an interval its first digit. Round
DIGITS = 2  # of a share: whole per cent, as it is printed

# The later visits are asked for apart: by the days of a log the second half of it, which no earlier visit settles. Half of the
# visits of somebody are as many as the other half, so tiers of them would know how often one comes without foretelling anything.
OF_VISITS = """\
WITH v AS (SELECT u, s, {amount} AS worth, min(date) AS day FROM lines WHERE s IS NOT NULL GROUP BY u, s)
SELECT u, (day >= {middle}::DATE) AS later, count(*) AS visits, CAST(sum(worth) AS DOUBLE) AS worth,
       CAST(max(day) - DATE '1970-01-01' AS INTEGER) AS last
FROM v GROUP BY u, later ORDER BY u, later
"""


@dataclass(frozen=True)
class _PastVisits:
    """(halves of users,) visits, what they brought in, and the day of the last one."""

    visits: Reals
    worth: Reals
    last: Reals

    def of_other_half(self) -> _PastVisits:
        other = np.arange(len(self.visits)) ^ 1
        return _PastVisits(self.visits[other], self.worth[other], self.last[other])

    def with_later(self, later: _PastVisits) -> _PastVisits:
        return _PastVisits(self.visits + later.visits, self.worth + later.worth, np.maximum(self.last, later.last))

    def tiers(self, there: Bools, k: int) -> Ints:
        """`k` tiers of those of a mask, each as large: by the sum of their ranks in how lately, how often and how much."""
        score = np.sum([ranks(part[there]) for part in (self.last, self.visits, self.worth)], axis=0)
        place = (ranks(score) - 0.5) / len(score)
        return np.asarray(np.minimum((k * place).astype(np.int64), k - 1))


def accounted_for(
    corpus: Corpus, personas: Sequence[Population], asked: Sequence[tuple[str, Measure]]
) -> AccountedFor | None:
    """What `personas` account for in what users bring in later, and in measures, each with its label. None of fewer than two,
    of given groups, of people at work, where nobody is placed by a half of the visits, and of too few users.
    """
    crossed = corpus.cross(personas[0]) if len(personas) > 1 and not corpus.staff and not corpus.given else None
    if crossed is None or corpus.days is None:
        return None
    persona = np.full(len(crossed.people.first_day), -1, dtype=np.int64)
    for number, population in enumerate(personas):
        persona[crossed.people.mask(population)] = number
    early, late = _seen(crossed)
    before, every = early.of_other_half(), early.with_later(late).of_other_half()
    brought = np.where(before.visits > 0, late.worth, np.nan)
    later = _row(crossed, persona, brought, before, "", None)
    if later is None:
        return None
    # Where and with what users come sets apart who they are, and is told by field.
    of_user = {f"properties.{name}" for name in corpus.names.of_user}
    done = [(label, m) for label, m in asked if not any(c.field in of_user for c in m.conditions)]
    rows = [_row(crossed, persona, answers(crossed, m).samples(), every, label, m) for label, m in done]
    facts = [row for row in rows if row is not None]
    most = ASKED_OF * max((row.users for row in facts), default=0)
    return AccountedFor(
        of="value" if corpus.valued else "activity",
        tiers=len(personas),
        later=later,
        facts=[row for row in facts if row.users >= most],
    )


def explained(samples: Sequence[Reals]) -> float | None:
    """The share of the variance of ranks that lies between groups, from the samples of each: epsilon squared of Kruskal and
    Wallis's test, without its upward bias (Tomczak & Tomczak 2014), and 0 where chance gives more. None where a group has too few
    users, or all users have the same answer: then there is nothing to differ in.
    """
    x = np.concatenate(samples)
    if min(map(len, samples)) < FEW or np.ptp(x) == 0:
        return None
    group = np.repeat(np.arange(len(samples)), list(map(len, samples)))
    n, total, square = (part[0] for part in _sums(x, group, np.zeros_like(group), len(samples), 1))
    return max(_between(n, total, square), 0.0)


def _row(
    crossed: Corpus, persona: Ints, x: Reals, seen: _PastVisits, label: str, measure: Measure | None
) -> Accounted | None:
    """Both shares over those who have a persona and an answer `x`, and of whom something was `seen` in the other half."""
    owner, groups = crossed.people.owner, int(persona.max()) + 1
    assert owner is not None, "these are halves of users"
    there = (persona >= 0) & (seen.visits > 0) & ~np.isnan(x)
    users = len(np.unique(owner[there]))
    if users < FEWEST or np.ptp(x[there]) == 0 or np.bincount(persona[there], minlength=groups).min() < FEW:
        return None
    block, by = owner[there] % BLOCKS, (persona[there], seen.tiers(there, groups))
    own, tiers = (_with_interval(x[there], group, block) for group in by)
    return Accounted(label=label, measure=measure, users=of_users(users), personas=own, tiers=tiers)


def _with_interval(x: Reals, group: Ints, block: Ints) -> tuple[float, float, float]:
    """The share between groups, with its 95 % interval: every block of users left out once."""
    sums = _sums(x, group, block, int(group.max()) + 1, BLOCKS)
    whole = [part.sum(axis=0) for part in sums]
    found = _between(*whole)
    left = np.array(
        [_between(*(all_ - part[b] for all_, part in zip(whole, sums, strict=True))) for b in range(BLOCKS)]
    )
    error = Z_TWO_SIDED * float(np.sqrt((BLOCKS - 1) * left.var()))
    low, mid, high = (round(min(max(share, 0.0), 1.0), DIGITS) for share in (found - error, found, found + error))
    return mid, low, high


def _sums(x: Reals, group: Ints, block: Ints, groups: int, blocks: int) -> tuple[Reals, Reals, Reals]:
    """(blocks, groups) how many, the sum of their ranks about the middle one, and of the squares of these."""
    rank = ranks(x) - (len(x) + 1) / 2
    cell = block * groups + group
    parts = (np.bincount(cell, weights=w, minlength=blocks * groups) for w in (np.ones_like(rank), rank, rank**2))
    one, two, three = (part.astype(np.float64).reshape(blocks, groups) for part in parts)
    return one, two, three


def _between(n: Reals, total: Reals, square: Reals) -> float:
    some, every = n > 0, float(n.sum())
    around = float(square.sum()) - float(total.sum()) ** 2 / every
    within = float(square.sum()) - float((total[some] ** 2 / n[some]).sum())
    return 1 - within / around * (every - 1) / (every - int(some.sum()))


def _seen(crossed: Corpus) -> tuple[_PastVisits, _PastVisits]:
    """What halves of users did in the earlier half of the days of a log, and in the later one."""
    assert crossed.days is not None, "only a log with days is asked"
    first, last = crossed.days
    binder = Binder()
    amount = "sum(value)" if crossed.valued else "count(*)"
    middle = binder.bind(str(first + timedelta(days=((last - first).days + 1) // 2)))
    rows = crossed.of_users(OF_VISITS.format(amount=amount, middle=middle), binder)
    found = np.zeros((3, 2, len(crossed.people.first_day)))
    at = rows["later"].astype(np.int64), rows["u"].astype(np.int64)
    for part, name in zip(found, ("visits", "worth", "last"), strict=True):
        part[at] = np.nan_to_num(rows[name].astype(np.float64))
    return _PastVisits(*found[:, 0]), _PastVisits(*found[:, 1])
