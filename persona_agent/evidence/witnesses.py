"""Lines for a claim, and the case against it.

In: a corpus, a measure, the group. Out: at most 20 citations on the claim's side, and a `Counter`. Promises: every line
belongs to the population that it speaks of; the choice is varied over users first, then over sessions and time, and
depends on the order of the log alone, never on a user's hash.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from persona_agent.evidence.corpus import Corpus, Ints, Population
from persona_agent.evidence.measures import Measured, unit_values
from persona_agent.evidence.quantifiers import rounded, tolerance
from persona_agent.evidence.queries import Compiled, compile_measure
from persona_agent.schema import Citation, Counter, Measure, Says

MAX_LINES = 20

# A claim of these says that something is *not* there; the units that do it are the case against.
_DENIES = {"few", "hardly_any", "none", "rarely", "at_most", "less_than_others"}


@dataclass(frozen=True)
class Side:
    """Units on one side of a claim: how many, and all lines that speak for them (rows of user, session, line)."""

    units: int
    lines: Ints

    def chosen(self) -> Ints:
        return vary(self.lines, MAX_LINES)


def citations(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> list[Citation]:
    """The witnesses of a claim, at most 20, in log order."""
    return corpus.cite(supporting(corpus, measure, measured, population).chosen(), "supports")


def supporting(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Side:
    """Every line that may be cited for the claim.

    Matching lines of the satisfying units; the last line of each unit for `absent`, for features and for claims that deny;
    for medians the matching lines of the units nearest to the value (their last line where none matches).
    """
    if measure.statistic == "median":
        return _nearest_units(corpus, measure, measured, population)
    if _denies(measure.says):
        return _side(corpus, measure, population, satisfied=False, lines="last")
    return _side(corpus, measure, population, satisfied=True, lines=_own_lines(measure))


def against(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    """The case against: how many units stand on the other side, with lines of theirs, or "none of N".

    Shares and counts: the members on the other side with their nearest action (the event that meets most conditions of a
    step, else the last line); lift: the units outside that do the same;
    medians: the units beyond the value.
    """
    if measure.statistic == "median":
        return _against_median(corpus, measure, measured, population)
    others = population.others()
    if measure.statistic == "lift" and others is not None and not _denies(measure.says):
        return _against_lift(corpus, measure, population, others)
    denies = _denies(measure.says)
    contra = _side(corpus, measure, population, satisfied=denies, lines=_own_lines(measure) if denies else "nearest")
    doing = "do" if denies else "do not"
    says = _says(contra.units, measured.units, measure.unit, doing)
    return _counter(corpus, says, measured.units - contra.units, contra)


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


def _own_lines(measure: Measure) -> Literal["matching", "last"]:
    return "last" if measure.absent or measure.feature else "matching"


def _side(
    corpus: Corpus,
    measure: Measure,
    population: Population,
    *,
    satisfied: bool,
    lines: Literal["matching", "last", "nearest"],
) -> Side:
    """Selected units that do, or do not, satisfy the measure."""
    compiled = compile_measure(measure, population)
    units = f"(FROM units WHERE selected AND satisfied = {str(satisfied).lower()})"
    return Side(_size(corpus, compiled, units), _lines(corpus, compiled, units, lines))


def _size(corpus: Corpus, compiled: Compiled, units: str) -> int:
    return int(corpus.rows(f"{compiled.ctes} SELECT count(*) AS n FROM {units}", compiled.binder)["n"][0])


def _lines(corpus: Corpus, compiled: Compiled, units: str, lines: str) -> Ints:
    """Rows of user, session, line; `lines` says which events of the units count."""
    joined = f"FROM ev e JOIN {units} q ON q.unit = e.unit"
    if lines == "matching":
        picked = f"SELECT e.u, e.session, e.seq {joined} WHERE {compiled.matching} ORDER BY e.seq"
    else:
        rank = "e.nearness" if lines == "nearest" else "0"
        best = f"max({{'near': {rank}, 'seq': e.seq, 'session': e.session}})"
        picked = (
            f"SELECT u, b.session AS session, b.seq AS seq FROM (SELECT min(e.u) AS u, {best} AS b {joined} "
            "GROUP BY e.unit) ORDER BY seq"
        )
    return _table(corpus.rows(f"{compiled.ctes} {picked}", compiled.binder))


def _table(rows: dict[str, Any]) -> Ints:
    return np.column_stack([rows["u"], rows["session"], rows["seq"]]).astype(np.int64)


def _nearest_units(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Side:
    values = unit_values(corpus, measure, population)
    if measured.value is None:
        return Side(0, np.empty((0, 3), dtype=np.int64))
    order = np.lexsort((values["unit"], np.abs(values["x"] - measured.value)))
    return _of_units(corpus, measure, population, values["unit"][order[:MAX_LINES]].astype(np.int64))


def _of_units(corpus: Corpus, measure: Measure, population: Population, units: Ints) -> Side:
    """Matching lines of the named units, and the last line of each that has none."""
    compiled = compile_measure(measure, population)
    names = ", ".join(compiled.binder.bind(int(unit)) for unit in units) or "NULL"
    named = f"(FROM units WHERE unit IN ({names}))"
    idle = f"(FROM {named} WHERE unit NOT IN (SELECT e.unit FROM ev e WHERE {compiled.matching}))"
    parts = [_lines(corpus, compiled, named, "matching"), _lines(corpus, compiled, idle, "last")]
    return Side(len(units), np.concatenate(parts))


def _against_lift(corpus: Corpus, measure: Measure, population: Population, others: Population) -> Counter:
    here = _side(corpus, measure, population, satisfied=True, lines="last")
    there = _side(corpus, measure, others, satisfied=True, lines=_own_lines(measure))
    all_there = there.units + _side(corpus, measure, others, satisfied=False, lines="last").units
    return _counter(corpus, _says(there.units, all_there, f"{measure.unit} outside", "do too"), here.units, there)


def _against_median(corpus: Corpus, measure: Measure, measured: Measured, population: Population) -> Counter:
    values = unit_values(corpus, measure, population)
    bar = _bar(measure.says, measured)
    if bar is None or not len(values["unit"]):
        return Counter(says=f"none of {len(values['unit']):,} {measure.unit}", n_support=0, n_contra=0, lines=[])
    beyond, doing = _beyond(values["x"], measure.says, measured, bar)
    contra = values["unit"][beyond].astype(np.int64)
    spoken = contra[_spread(len(contra), min(len(contra), MAX_LINES))]
    side = Side(len(contra), _of_units(corpus, measure, population, spoken).lines)
    says = _says(len(contra), len(beyond), measure.unit, doing)
    return _counter(corpus, says, len(beyond) - len(contra), side)


def _bar(says: Says, measured: Measured) -> float | None:
    if says.value is not None:
        return says.value
    return measured.other.value if measured.other else measured.value


def _beyond(x: Any, says: Says, measured: Measured, bar: float) -> tuple[Any, str]:
    """Which values speak against, and in what words."""
    if says.comparator in {"about", "equals"}:
        return np.abs(x - bar) > tolerance(measured, bar), f"are not about {rounded(bar)}"
    if _denies(says):
        return x > bar, f"have more than {rounded(bar)}"
    return x < bar, f"have less than {rounded(bar)}"


def _says(contra: int, total: int, what: str, doing: str) -> str:
    return f"{contra:,} of {total:,} {what} {doing}" if contra else f"none of {total:,} {what}"


def _counter(corpus: Corpus, says: str, support: int, contra: Side) -> Counter:
    lines = corpus.cite(contra.chosen(), "contradicts") if contra.units else []
    return Counter(says=says, n_support=support, n_contra=contra.units, lines=lines)
