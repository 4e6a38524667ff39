"""Labels: is a claim supported by its lines, and is it true of the log.

docs/contract.md (Labels) says what each means. In: a corpus, measures, citations. Out: the schema's Alignment and
Truthfulness, a Judgement. Promises: None and NaN never pass; no model is asked, so alignment here is that of witnesses with
their measure, which holds by construction and is reported apart from judged alignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..options import DEFAULT_MIN_CLAIM_USERS
from ..schema import Alignment, Citation, Measure, Truthfulness, TruthLabel
from .answers import Measured, known
from .at_bounds import few_side
from .conditions import is_about_themes
from .corpus import Corpus, LocatedLine, Population
from .evaluation import UnsupportedMeasure, answers, evaluate, over_whole_log, paired_with
from .information import information, information_of_samples
from .quantifiers import MAX_UNMATCHED, verdict
from .witnesses import MAX_LINES, WitnessedSide, supporting
from .witnesses import citations as attach

# Of a conflict the lines speak for both sides; whatever else is not true does not stand at all.
_SCORES: dict[TruthLabel, float] = {"true": 1.0, "conflict": 0.5}


@dataclass(frozen=True)
class Judgement:
    measured: Measured
    citations: list[Citation]
    alignment: Alignment
    truthfulness: Truthfulness
    information_bits: float | None


def judge_measured(
    corpus: Corpus,
    measure: Measure,
    population: Population,
    citations: Sequence[Citation] | None = None,
    floor: int = DEFAULT_MIN_CLAIM_USERS,
) -> Judgement:
    """Run a claim's measure and judge the claim by it; a measure that cannot be evaluated is `not_checkable`.

    Without `citations` the witnesses are attached here. UsageError where a measure compares with a number that is not
    finite.
    """
    try:
        measured = evaluate(corpus, measure, population)
    except UnsupportedMeasure as err:
        nothing = Measured(measure.unit, measure.statistic)
        aligned = Alignment(label="none", score=0.0, reason=err.message)
        return Judgement(nothing, [], aligned, truthfulness(nothing, "not_checkable", str(err)), None)
    if citations is None:
        citations, aligned = _witnessed(corpus, measure, measured, population)
    else:
        aligned = align(corpus, measure, measured, population, citations)
    return Judgement(
        measured,
        list(citations),
        aligned,
        truthfulness(measured, *verdict(measure, measured, floor)),
        bits_of(corpus, measure, population),
    )


def _witnessed(
    corpus: Corpus, measure: Measure, measured: Measured, population: Population
) -> tuple[Sequence[Citation], Alignment]:
    """The witnesses of a claim, and how they align; looked up once a corpus, since several claims may have one measure."""
    key = f"witnesses {measure.model_dump_json()} {population}"
    if key not in corpus.memo:
        side = supporting(corpus, measure, measured, population)
        cited = attach(corpus, side)
        corpus.memo[key] = cited, align(corpus, measure, measured, population, cited, side)
    found: tuple[Sequence[Citation], Alignment] = corpus.memo[key]
    return found


def result_of(
    corpus: Corpus, measure: Measure, population: Population, floor: int = DEFAULT_MIN_CLAIM_USERS
) -> tuple[Truthfulness, float | None]:
    """What a claim comes to, and what it tells, without its lines: a hundredth of the work. As `judge_measured` else."""
    try:
        measured = evaluate(corpus, measure, population)
    except UnsupportedMeasure as err:
        return truthfulness(Measured(measure.unit, measure.statistic), "not_checkable", str(err)), None
    return truthfulness(measured, *verdict(measure, measured, floor)), bits_of(corpus, measure, population)


def align(
    corpus: Corpus,
    measure: Measure,
    measured: Measured,
    population: Population,
    citations: Sequence[Citation],
    side: WitnessedSide | None = None,
) -> Alignment:
    """Alignment by construction: `full` if all cited lines, and as many as there can be, speak for the claim's measure. `side` is
    given where the citations were taken from it.
    """
    places = corpus.locate(citations)
    problem = invalid(corpus, population, citations, places)
    if problem:
        return Alignment(label="invalid_citation", score=0.0, reason=problem)
    cited = {place.seq for place in places if place}
    owners = np.array(sorted({place.user for place in places if place}), dtype=np.int64)
    side = side or supporting(corpus, measure, measured, population, also=owners)
    allowed = {int(seq) for seq in side.lines[:, 2]}
    good = len(cited & allowed)
    if not good:
        return Alignment(label="none", score=0.0, reason="no cited line is a witness")
    precision, recall = good / len(cited), good / min(len(allowed), MAX_LINES)
    if precision == 1 and recall >= 1:
        return Alignment(label="full", score=1.0, reason=f"all {good} cited lines are witnesses")
    reason = f"{good} of {len(cited)} cited lines are witnesses, where {min(len(allowed), MAX_LINES)} can be cited"
    return Alignment(label="partial", score=0.5, reason=reason)


def invalid(
    corpus: Corpus, population: Population, citations: Sequence[Citation], places: Sequence[LocatedLine | None]
) -> str | None:
    """What is wrong with the first citation that is missing from the log, changed, or not the population's; else None."""
    inside = corpus.people.mask(population)
    for citation, place in zip(citations, places, strict=True):
        where = f"{citation.file}:{citation.line}"
        if place is None:
            return f"{where} is not in the log"
        if place.hash != citation.hash:
            return f"{where} has changed since it was cited"
        if not inside[place.user]:
            return f"{where} is not this group's"
    return None


def bits_of(corpus: Corpus, measure: Measure, population: Population) -> float | None:
    """Information of the claim against comparable others: on the users that groups were made from, unless the population is of
    one fold, and cross-placed whatever it says of its own group. None where there are no such others, and for trends. A share of
    visits, things or lines tells either by one of them or by how much of it each user has, whichever tells more: one visit says
    little, and a user makes many.
    """
    population = population if population.fold else population.of("fit")
    if population.others() is None or measure.statistic == "trend":
        return None
    if measure.statistic != "share":
        return _bits_of_users(corpus, measure, population)
    found = (
        None if measure.unit == "things" and is_about_themes(measure) else _bits_of_units(corpus, measure, population)
    )
    if measure.unit == "users":
        return found
    each = _bits_of_users(corpus, measure, population)
    return max((b for b in (found, each) if b is not None), default=None)


def _bits_of_units(corpus: Corpus, measure: Measure, population: Population) -> float | None:
    """What the answer of one unit tells."""
    fair = measure.versus == "matched" or measure.within_field
    asked = measure if fair else measure.model_copy(update={"versus": "matched"})
    measured = over_whole_log(corpus.cross(population) or corpus, asked, population)
    if measured.matched is None or (measured.unmatched or 0.0) > MAX_UNMATCHED:
        return None
    return information(measured, measured.matched)


def _bits_of_users(corpus: Corpus, measure: Measure, population: Population) -> float | None:
    """What each user's own number tells."""
    cut = corpus.cross(population) or corpus
    found, pairing = answers(cut, measure), paired_with(cut, measure, population)
    if pairing.unmatched > MAX_UNMATCHED:
        return None
    own, weights = found.samples(), pairing.weights[pairing.others]
    users = found.worth(pairing.members, np.ones(int(pairing.members.sum()))), found.worth(pairing.others, weights)
    return information_of_samples(own[pairing.members], own[pairing.others], weights, users)


def truth_score(label: TruthLabel) -> float:
    """1 for true, 0.5 for conflict, 0 otherwise."""
    return _SCORES.get(label, 0.0)


def truthfulness(measured: Measured, label: TruthLabel, reason: str) -> Truthfulness:
    """A result with its label, as a claim carries it."""
    finite = measured if known(measured.value) else replace(measured, value=None, ci=None)
    return Truthfulness(
        label=label,
        score=truth_score(label),
        value=finite.value,
        n=measured.behind,
        ci=finite.ci,
        pooled=measured.pooled,
        matched=measured.matched.value if measured.matched else None,
        raw=measured.everyone.value if measured.everyone else None,
        whole=measured.whole.value if measured.whole else None,
        unmatched=measured.unmatched,
        few=few_side(measured.whole) or few_side(measured),
        reason=reason,
    )
