"""What all users together add up to, and the part of it that each value of a field, or each month, makes up.

In: a corpus, what is added up, by what it is split. Out: `PartsOfSum`, of which none tells what fewer than five users brought in.
Promises: a part is told where five users or more have some of it, none of whom or few of whom are nearly all of it, and where no
sum or difference of the parts that are told, of this split and of those before it, is of fewer than five users; the same holds
for what is left over. What is told depends on the log alone, and on nothing that was asked before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..schema import Condition
from ..words.floors import FEW
from .conditions import meets, number_expression, values_expression
from .corpus import Binder, Corpus
from .intervals import Reals
from .sums_of_few import Sums, mixed

Split = Literal["year", "quarter", "month", "month of a year", "weekday", "hour"]
CALENDAR: dict[str, str] = {
    "year": "strftime(l.date, '%Y')",
    "quarter": "'Q' || quarter(l.date)",
    "month": "CAST(l.month AS VARCHAR)",
    "month of a year": "strftime(l.date, '%Y-%m')",
    "weekday": "CAST(l.weekday AS VARCHAR)",
    "hour": "CAST(l.hour AS VARCHAR)",
}
# Of what a part adds up to, what fewer than five users may be at most: of more it would nearly be theirs. A rule of dominance,
# as statistical offices have one for tables of amounts (Hundepool et al., Statistical Disclosure Control, 2012); not tuned.
MOST_OF_FEW = 0.85
# Values of a split that are looked at, the largest first: more are not read, and in the check of sums each takes one of the
# places, of which half may be taken. All others are told together.
MOST_PARTS = 40
# Of each line's amount, so that sums of any parts are exact: at this step a line is told from another in any currency.
FINEST = 10_000
SEED = 1  # of the check of sums: the same log lets the same parts through


@dataclass(frozen=True)
class AddedUp:
    """What is added up: a numeric `field`, or how many `sessions` or `events` there are; of lines that meet `where`."""

    of: Literal["amount", "sessions", "events"]
    field: str = ""
    where: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class SumPart:
    """A value with its share of all, what that is, and how many users have some."""

    value: str
    share: float
    amount: float
    users: int


@dataclass(frozen=True)
class PartsOfSum:
    """`told` are the values that may be told, the largest first; `rest` is what all others make up together, where there are
    some. `many`: a line may have several values, so that shares are more than all. `whole` is what all users add up to.
    """

    told: tuple[SumPart, ...]
    rest: SumPart | None
    many: bool
    whole: float


def parts_of_sum(corpus: Corpus, added: AddedUp, by: str, before: Sequence[str] = ()) -> PartsOfSum | None:
    """The parts of a split `by` a field or a period of CALENDAR, told so that those `before` it could be told as well; None where
    all users add up to nothing, or to less than nothing.
    """
    whole = _each(corpus, added, None).get("")
    if whole is None or whole.sum() <= 0 or not _may_be_told(corpus, whole):
        return None
    sums = Sums(None, mixed(np.arange(len(whole), dtype=np.uint64)), seed=SEED)
    sums.may_tell(whole)
    for split in [*before, by]:
        parts = _each(corpus, added, split)
        told, left = _told(corpus, sums, parts)
    total, overlap = float(whole.sum()), np.abs(sum(parts.values())).sum() > 1.001 * np.abs(whole).sum()
    return PartsOfSum(
        tuple(_part(corpus, value, parts[value], total) for value in told),
        _part(corpus, "", left, total) if left.any() and not overlap else None,
        bool(overlap),
        total / FINEST,
    )


def _told(corpus: Corpus, sums: Sums, parts: dict[str, Reals]) -> tuple[list[str], Reals]:
    """The values that may be told, the largest first, and what users add to all others together."""
    ranked = sorted(parts, key=lambda v: (-float(parts[v].sum()), v))
    found = [v for v in ranked if v and _may_be_told(corpus, parts[v]) and sums.may_tell(parts[v])]

    def left() -> Reals:
        none = np.zeros(len(corpus.people.first_day))
        return np.asarray(sum((parts[v] for v in ranked if v not in found), start=none), dtype=np.float64)

    while found and left().any() and not _may_be_told(corpus, left()):
        found.pop()  # else what is left of all would tell it
    return found, left()


def _may_be_told(corpus: Corpus, each: Reals) -> bool:
    """Have five users some of it, of whom fewer than five are not nearly all of it?"""
    largest = np.sort(np.abs(each))[::-1]
    enough = corpus.people.heads(np.flatnonzero(each)) >= FEW
    return bool(enough and largest[: FEW - 1].sum() <= MOST_OF_FEW * largest.sum())


def _part(corpus: Corpus, value: str, each: Reals, total: float) -> SumPart:
    own = float(each.sum())
    return SumPart(value, own / total, own / FINEST, corpus.people.heads(np.flatnonzero(each)))


def _each(corpus: Corpus, added: AddedUp, by: str | None) -> dict[str, Reals]:
    """(users,) what each user adds, in FINEST parts of one, to the MOST_PARTS largest values of a split, and under "" to all
    others and to lines that have none; to all where it is split by nothing.
    """
    binder = Binder()
    split = "''" if by is None else CALENDAR.get(by) or f"unnest({values_expression(by, binder)})"
    amount = number_expression(added.field, binder) if added.of == "amount" else "1.0"
    add = f"count(DISTINCT s) * {FINEST}" if added.of == "sessions" else "sum(x)"
    rows = corpus.rows(
        f"""
        WITH own AS (SELECT l.u, l.s, {split} AS v, round({amount} * {FINEST}) AS x FROM lines l
                     WHERE {meets(added.where, binder)}),
        e AS MATERIALIZED (SELECT u, s, coalesce(v, '') AS v, x FROM own WHERE x IS NOT NULL),
        top AS (SELECT v FROM e WHERE v <> '' GROUP BY v ORDER BY {add} DESC, v LIMIT {MOST_PARTS}),
        kept AS (SELECT u, s, x, CASE WHEN v IN (FROM top) THEN v ELSE '' END AS v FROM e)
        SELECT u, v, CAST({add} AS DOUBLE) AS x FROM kept GROUP BY u, v ORDER BY u, v
        """,
        binder,
    )
    value, user = rows["v"].astype(str), rows["u"].astype(np.int64)
    found: dict[str, Reals] = {}
    for name in np.unique(value):
        here = value == name
        found[str(name)] = np.zeros(len(corpus.people.first_day))
        found[str(name)][user[here]] = rows["x"][here]
    return found
