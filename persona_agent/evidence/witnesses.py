"""Lines for a claim, and the case against it.

In: a corpus, a measure, the group. Out: at most 20 citations on the claim's side, and a `Counter`. Promises: every line
belongs to the population that it speaks of; the choice is varied over users first, then over sessions and time, and
depends on the order of the log alone, never on a user's hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..schema import Citation, Counter, Measure, Says
from ..words.floors import FEW
from .answers import HalfRates, Measured, Numbers, Rates, Values
from .corpus import Binder, Bools, Corpus, Ints, Population
from .evaluation import answers
from .intervals import Reals
from .quantifiers import alike_margin, rounded, tolerance
from .queries import Compiled, compile_measure, halves

MAX_LINES = 20  # as many as somebody may read through; more would not be read, and fill the page
SPOKESMEN = 100  # users of a side whose lines are looked at; lines are chosen among theirs
NUMERIC = {"median", "cadence", "sum", "distinct"}

# A claim of these says that something is *not* there; the units that do it are the case against.
_DENIES = {"few", "hardly_any", "none", "rarely", "at_most", "less_than_others"}
Which = Literal["matching", "last", "nearest"]


@dataclass(frozen=True)
class WitnessedSide:
    """Units on one side of a claim: how many, and lines that speak for them (rows of user, session, line)."""

    units: int
    lines: Ints

    def chosen(self) -> Ints:
        return vary(self.lines, MAX_LINES)


NOBODY = WitnessedSide(0, np.empty((0, 3), dtype=np.int64))


def citations(corpus: Corpus, side: WitnessedSide) -> list[Citation]:
    """The witnesses of a claim, of its side at most 20, in log order."""
    return corpus.cite(side.chosen(), "supports")


def supporting(
    corpus: Corpus, measure: Measure, measured: Measured, population: Population, also: Ints | None = None
) -> WitnessedSide:
    """Lines that may be cited for the claim: those of SPOKESMEN users of its side, and of the users `also`.

    Matching lines of the satisfying units; the last line of each unit for `absent`, for features and for claims that
    deny; for numbers the matching lines of the units nearest to the value (their last line where none matches); for a
    trend the matching lines of the half that has more, from users that moved with it. Whatever is cross-placed, lines are of the
    whole log.
    """
    measured = measured.whole or measured
    if measure.statistic in NUMERIC:
        return _nearest(corpus, measure, measured, population)
    if measure.statistic == "trend":
        return _moved(corpus, measure, measured, population, along=True)
    if _denies(measure.says):
        return _side(corpus, measure, population, satisfied=False, which="last", also=also)
    return _side(corpus, measure, population, satisfied=True, which=_own_lines(measure), also=also)


def against(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    """The case against: how many units stand on the other side, with lines of theirs, or "none of N".

    Shares: the members on the other side with their nearest action (the event that meets most conditions of a
    step, else the last line), which for absence is the act itself; numbers: the units beyond the
    value; trend: those who moved the other way. Looked up once a corpus, as its witnesses are.
    """
    key = f"against {measure.model_dump_json()} {population}"
    if key not in corpus.memo:
        corpus.memo[key] = _case_against(corpus, measure, measured.whole or measured, population)
    found: Counter = corpus.memo[key]
    return found


def _case_against(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    if measure.statistic in NUMERIC:
        return _against_number(corpus, measure, measured, population)
    if measure.statistic == "trend":
        return _against_trend(corpus, measure, measured, population)
    denies = _denies(measure.says)
    contra = _side(corpus, measure, population, satisfied=denies, which=_own_lines(measure) if denies else "nearest")
    says = _says(contra.units, measured.units, measure.unit, "do" if denies else "do not")
    found, inside = answers(corpus, measure), corpus.people.mask(population)
    assert isinstance(found, Rates)
    do, leave = (inside & side for side in (found.hits > 0, found.units > found.hits))
    few = _few(corpus, *((leave, do) if denies else (do, leave)))
    return _counter(corpus, says, measured.units - contra.units, contra, few)


def vary(lines: Ints, k: int, level: int = 0) -> Ints:
    """Choose k line numbers of rows (user, session, line): as many users as can be, then sessions, then moments.

    Evenly spaced at every level, so the first and the last of the log have the same chance; ascending.
    """
    last = lines.shape[1] - 1
    if k >= len(lines):
        return np.sort(lines[:, last])
    if level == last:
        return np.sort(lines[:, last])[_spread(len(lines), k)]
    ordered = lines[np.argsort(lines[:, level], kind="stable")]
    _, starts, sizes = np.unique(ordered[:, level], return_index=True, return_counts=True)
    quotas = _quotas(sizes, k)
    parts = [
        vary(ordered[start : start + size], int(quota), level + 1)
        for start, size, quota in zip(starts, sizes, quotas, strict=True)
        if quota
    ]
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)


def _quotas(sizes: Ints, k: int) -> Ints:
    """Share k places among parts of these sizes as evenly as they allow."""
    quotas = np.zeros(len(sizes), dtype=np.int64)
    while k > 0 and (quotas < sizes).any():
        room = np.flatnonzero(quotas < sizes)
        turn = room if len(room) <= k else room[_spread(len(room), k)]
        quotas[turn] += 1
        k -= len(turn)
    return quotas


def _spread(n: int, k: int) -> Ints:
    """K of the places 0 to n − 1, evenly spaced, each in the middle of its part."""
    return ((2 * np.arange(k, dtype=np.int64) + 1) * n) // (2 * k)


def _denies(says: Says) -> bool:
    return (says.quantifier or says.comparator) in _DENIES


def _own_lines(measure: Measure) -> Which:
    return "last" if measure.absent or measure.feature else "matching"


def _spoken(side: Bools, also: Ints | None = None) -> Ints:
    """Users of a side, at most SPOKESMEN of them, evenly spaced, and those of `also` that are on it."""
    users = np.flatnonzero(side)
    chosen = users if len(users) <= SPOKESMEN else users[_spread(len(users), SPOKESMEN)]
    return np.asarray(chosen if also is None else np.union1d(chosen, also[side[also]]), dtype=np.int64)


def _side(
    corpus: Corpus,
    measure: Measure,
    population: Population,
    *,
    satisfied: bool,
    which: Which,
    also: Ints | None = None,
) -> WitnessedSide:
    """Selected units that do, or do not, satisfy the measure."""
    found = answers(corpus, measure)
    if not isinstance(found, Rates):
        return NOBODY
    units = np.where(corpus.people.mask(population), found.hits if satisfied else found.units - found.hits, 0)
    spoken = _spoken(units > 0, also)
    compiled = compile_measure(measure, population, users=spoken)
    named = f"(FROM units WHERE selected AND satisfied = {str(satisfied).lower()})"
    lines = _lines(corpus, compiled, named, which)
    return WitnessedSide(int(units.sum()), lines if which == "matching" else _with_idle(corpus, measure, spoken, lines))


def _lines(corpus: Corpus, compiled: Compiled, units: str, which: Which) -> Ints:
    """Rows of user, session, line; `which` says which events of the units count."""
    joined = f"FROM ev e JOIN {units} q ON q.unit = e.unit"
    if which == "matching":
        picked = f"SELECT e.u, e.session, e.seq {joined} WHERE {compiled.matching} ORDER BY e.seq"
    else:
        rank = "e.nearness" if which == "nearest" else "0"
        best = f"max({{'near': {rank}, 'seq': e.seq, 'session': e.session}})"
        picked = (
            f"SELECT u, b.session AS session, b.seq AS seq FROM (SELECT min(e.u) AS u, {best} AS b {joined} "
            "GROUP BY e.unit) ORDER BY seq"
        )
    return _table(corpus.rows(f"{compiled.ctes} {picked}", compiled.binder))


def _with_idle(corpus: Corpus, measure: Measure, users: Ints, lines: Ints) -> Ints:
    """The lines, and for users that did nothing in the window the last thing that they did before its end."""
    silent = np.setdiff1d(users, lines[:, 0])
    if measure.unit != "users" or measure.window is None or not len(silent):
        return lines
    binder = Binder()
    before = f"date <= TRY_CAST({binder.bind(measure.window.end)} AS DATE)" if measure.window.end else "true"
    named = binder.bind([int(u) for u in silent])
    sql = (
        "SELECT u, max({'seq': seq, 'session': coalesce(s, -1)}) AS b FROM lines "
        f"WHERE u IN (SELECT unnest({named}::INTEGER[])) AND {before} GROUP BY u"
    )
    rows = corpus.rows(f"SELECT u, b.session AS session, b.seq AS seq FROM ({sql}) ORDER BY u", binder)
    return np.concatenate([lines, _table(rows)])


def _table(rows: dict[str, Any]) -> Ints:
    return np.column_stack([rows["u"], rows["session"], rows["seq"]]).astype(np.int64)


def _of_users(
    corpus: Corpus, measure: Measure, population: Population, users: Ints, units: Ints | None = None
) -> WitnessedSide:
    """Matching lines of the named users, of their `units` alone where given, and the last line of each unit without."""
    compiled = compile_measure(measure, population, users=users)
    only = "" if units is None else f"WHERE unit IN (SELECT unnest({compiled.binder.bind([int(x) for x in units])}))"
    named = f"(FROM units {only})"
    idle = f"(FROM {named} WHERE unit NOT IN (SELECT e.unit FROM ev e WHERE {compiled.matching}))"
    parts = [_lines(corpus, compiled, named, "matching"), _lines(corpus, compiled, idle, "last")]
    lines = _with_idle(corpus, measure, users, np.concatenate(parts))
    return WitnessedSide(len(users if units is None else units), lines)


def _numbers(corpus: Corpus, measure: Measure, population: Population) -> tuple[Ints, Ints | None, Reals]:
    """User, unit and number of everything that a statistic of numbers is made of; sums are of users, without units."""
    mask, found = corpus.people.mask(population), answers(corpus, measure)
    if isinstance(found, Values):
        here = mask[found.u]
        return found.u[here], found.unit[here], found.x[here]
    assert isinstance(found, Numbers)
    users = np.flatnonzero(mask & found.answered())
    return users, None, found.mean[users]


def _nearest(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> WitnessedSide:
    if measured.value is None:
        return NOBODY
    u, unit, x = _numbers(corpus, measure, population)
    first = np.lexsort((u if unit is None else unit, np.abs(x - measured.value)))[:MAX_LINES]
    return _of_users(corpus, measure, population, np.unique(u[first]), None if unit is None else unit[first])


def _against_number(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    u, unit, x = _numbers(corpus, measure, population)
    what = "users" if unit is None else measure.unit
    bar = _bar(measure.says, measured)
    if bar is None or not len(x):
        return Counter(says=f"none of {len(x):,} {what}", n_support=0, n_contra=0, lines=[], few="contra")
    beyond, doing = _beyond(x, measure.says, measured, bar)
    contra = np.flatnonzero(beyond)
    spoken = contra[_spread(len(contra), min(len(contra), MAX_LINES))]
    lines = _of_users(corpus, measure, population, np.unique(u[spoken]), None if unit is None else unit[spoken]).lines
    says = _says(len(contra), len(x), what, doing)
    few = _few(
        corpus, *(np.bincount(u[side], minlength=len(corpus.people.first_day)) > 0 for side in (~beyond, beyond))
    )
    return _counter(corpus, says, len(x) - len(contra), WitnessedSide(len(contra), lines), few)


def _bar(says: Says, measured: Measured) -> float | None:
    if says.value is not None:
        return says.value
    return measured.other.value if measured.other else measured.value


def _beyond(x: Reals, says: Says, measured: Measured, bar: float) -> tuple[Any, str]:
    """Which values speak against, and in what words."""
    if says.alike and measured.other is not None:
        return np.abs(x - bar) > alike_margin(measured.other), f"are not about {rounded(bar)}"
    if says.comparator in {"about", "equals"}:
        return np.abs(x - bar) > tolerance(measured, bar), f"are not about {rounded(bar)}"
    if _denies(says):
        return x > bar, f"have more than {rounded(bar)}"
    return x < bar, f"have less than {rounded(bar)}"


def _users_moved(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> tuple[Bools, Bools]:
    """Users of both halves whose own share moved with the trend, and those whose share moved the other way."""
    found = answers(corpus, measure)
    assert isinstance(found, HalfRates)
    change = np.where(corpus.people.mask(population), np.nan_to_num(found.samples()), 0.0)
    up = (measured.value or 0.0) >= 0
    return np.asarray(change > 0 if up else change < 0), np.asarray(change < 0 if up else change > 0)


def _moved(
    corpus: Corpus, measure: Measure, measured: Measured, population: Population, *, along: bool
) -> WitnessedSide:
    """Lines of users that moved along with the trend (or against it), from the half in which they do it more."""
    if corpus.days is None:
        return NOBODY
    movers = _users_moved(corpus, measure, measured, population)[0 if along else 1]
    rising = ((measured.value or 0.0) >= 0) == along
    half = halves(measure, corpus.days)[1 if rising else 0]
    compiled = compile_measure(half, population, users=_spoken(movers), idle=False)
    named = "(FROM units WHERE selected AND satisfied)"
    return WitnessedSide(int(movers.sum()), _lines(corpus, compiled, named, _own_lines(measure)))


def _against_trend(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    movers = _users_moved(corpus, measure, measured, population)
    along, other_way = (int(m.sum()) for m in movers)
    contra = _moved(corpus, measure, measured, population, along=False)
    says = _says(other_way, along + other_way, "users whose share changed", "went the other way")
    return _counter(corpus, says, along, contra, _few(corpus, *movers))


def _says(contra: int, total: int, what: str, doing: str) -> str:
    return f"{contra:,} of {total:,} {what} {doing}" if contra else f"none of {total:,} {what}"


def _few(corpus: Corpus, support: Bools, contra: Bools) -> Literal["support", "contra"] | None:
    """The side on which fewer than five users stand, whatever number of units they have."""
    for name, users in (("contra", contra), ("support", support)):
        if corpus.people.heads(np.flatnonzero(users)) < FEW:
            return "contra" if name == "contra" else "support"
    return None


def _counter(
    corpus: Corpus, says: str, support: int, contra: WitnessedSide, few: Literal["support", "contra"] | None
) -> Counter:
    lines = corpus.cite(contra.chosen(), "contradicts") if contra.units else []
    return Counter(says=says, n_support=support, n_contra=contra.units, lines=lines, few=few)
