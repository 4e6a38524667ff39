"""Measures, evaluated: a typed question and a population in, a `Measured` out.

A question is asked once of the whole log (one statement; two for a trend) and its answers are kept, however
many groups, folds and comparisons then look at them: all of that is arithmetic on arrays of users. Promises: an empty
population has no value (None, n 0); whoever has others is compared with all of them and with the comparable ones. What is
said to be more or less than others' is cross-placed: users are placed by one half of their visits and measured on the other,
both ways, pooled; likewise what is said to be as with others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import UsageError
from ..schema import Measure
from .answers import Answers, HalfRates, Measured, Numbers, Rates, Values
from .corpus import Bools, Corpus, Ints, Population
from .exposure import Exposure, exposures_of, propensity
from .information import effect_size
from .intervals import ranks
from .made_of import PARTS
from .matching import Pairing, match, values_held
from .queries import Compiled, compile_measure, halves
from .redrawing import redrawn
from .staff import not_asked
from .usual import usual_amounts

ALL_USERS = Population()


class UnsupportedMeasure(UsageError):
    """The measure is well formed, but its parts do not make a question."""


def evaluate(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    """Run a measure: cross-placed where it compares, with the whole log's value beside it, else over the whole log.
    UnsupportedMeasure where its parts do not make a question; UsageError for a number that is not finite, and for a
    comparison of everyone.
    """
    whole = over_whole_log(corpus, measure, population)
    return cross_placed(corpus, measure, population, whole) if compares(measure) else whole


def compares(measure: Measure) -> bool:
    """Does it say something of others? What is said of the group alone is plain, whatever stands beside it."""
    return measure.says.compares


def cross_placed(corpus: Corpus, measure: Measure, population: Population, whole: Measured) -> Measured:
    """The measure on the halves of visits that did not place their users, beside its value over the `whole` log; that one
    alone where no half places anybody in this group.
    """
    cut = corpus.cross(population) if measure.versus is not None else None
    return whole if cut is None else replace(over_whole_log(cut, measure, population), whole=whole)


def of_core(corpus: Corpus, measure: Measure, population: Population) -> Measured | None:
    """The measure of the core of a group: members whom one half of their visits makes surest, on the other half, both ways
    pooled, against those whom the group is held against. None where nobody is placed by halves, or where the core or its
    others are fewer users than the floor.
    """
    cut = corpus.cross(population) if measure.versus is not None else None
    if cut is None:
        return None
    found = over_whole_log(cut, measure, replace(population, core=True))
    enough = found.n >= corpus.floor and found.matched is not None and found.matched.n >= corpus.floor
    return found if enough else None


def over_whole_log(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    """The measure over all lines of a corpus, as `evaluate` else; worked out once a population."""
    key = f"measured {question(measure)} {measure.statistic} {measure.versus} {population}"
    if key not in corpus.memo:
        corpus.memo[key] = _measured(corpus, measure, population)
    found: Measured = corpus.memo[key]
    return found


def _measured(corpus: Corpus, measure: Measure, population: Population) -> Measured:
    found = answers(corpus, measure)
    here = corpus.people.mask(population)
    measured = found.measured(measure, here)
    if measure.versus is None:
        return measured
    there = _others(corpus, population)
    compared = _compared(found, measure, measured, here, paired_with(corpus, measure, population), there)
    if propensity(corpus, population) is None:
        return compared
    return replace(compared, redrawn=_redrawn(corpus, measure, population), parts=_parts(found, here, there))


def _parts(found: Answers, here: Bools, there: Bools) -> bool:
    """Does an answer say who is in a given group?"""
    own, known = found.samples(), found.answered()
    inside, outside = own[here & known], own[there & known]
    inside, outside = inside[~np.isnan(inside)], outside[~np.isnan(outside)]
    if not len(inside) or not len(outside):
        return False
    return not 1 - PARTS < effect_size(inside, outside, np.ones(len(outside))) < PARTS


def _redrawn(corpus: Corpus, measure: Measure, population: Population) -> float:
    """How often a given group differs as much that is drawn by how much there is of everybody. Where some lines are what the
    groups are made of, it is asked without these as well, and all have to differ to the same side.
    """
    asked = [corpus, *filter(None, [corpus.beside()])]
    drawn = [_drawn(c, measure, population, by) for c in asked for by in exposures_of(measure)]
    return max(p for p, _ in drawn) if len({more for _, more in drawn}) == 1 else 1.0


def _drawn(corpus: Corpus, measure: Measure, population: Population, by: Exposure) -> tuple[float, bool]:
    chances = propensity(corpus, population, by)
    assert chances is not None, "these are given groups"
    found = answers(corpus, measure)
    here, there = corpus.people.mask(population), _others(corpus, population)
    own = found.samples()
    both = (here | there) & ~np.isnan(own)
    if not isinstance(found, Rates):  # of numbers their ranks: a few users have a hundred times what others have
        own = np.where(both, ranks(np.where(both, own, np.nan)), 0.0)
    return redrawn(chances, own, here, both)


def _compared(
    found: Answers, measure: Measure, measured: Measured, here: Bools, pairing: Pairing, there: Bools
) -> Measured:
    everyone = found.measured(measure, there)
    matched = found.measured(measure, pairing.others, pairing.weights)
    paired = found.measured(measure, here & pairing.members)
    other = everyone if measure.versus == "everyone_else" else matched
    return replace(
        measured, other=other, everyone=everyone, matched=matched, paired=paired, unmatched=pairing.unmatched
    )


def paired_with(corpus: Corpus, measure: Measure, population: Population) -> Pairing:
    """The comparable others of a population in a corpus, for one measure."""
    here, answered = corpus.people.mask(population), answers(corpus, measure).answered()
    there, held = _others(corpus, population), _held(corpus, measure)
    chances = propensity(corpus, population) if exposures_of(measure) == ("all",) else None
    return match(corpus.people, measure, answered, here, there, held, None if chances is None else chances.among)


def _held(corpus: Corpus, measure: Measure) -> Ints | None:
    return values_held(corpus, measure.within_field) if measure.within_field else None


def _others(corpus: Corpus, population: Population) -> Bools:
    others = population.others()
    if others is None:
        raise UsageError("Everyone has no others.", hint="Leave 'versus' out, or name a group.")
    return corpus.people.mask(others)


def satisfying_users(corpus: Corpus, measure: Measure, population: Population) -> Bools:
    """(users,) those of the population that have a unit which satisfies the measure (shares)."""
    found = answers(corpus, measure)
    if not isinstance(found, Rates):
        raise UnsupportedMeasure(f"A {measure.statistic} is satisfied by nobody in particular.")
    return np.asarray(corpus.people.mask(population) & (found.hits > 0))


def units_of(corpus: Corpus, measure: Measure) -> tuple[Ints, Ints]:
    """The units of all users that a share selects, and those of them that satisfy it, by their numbers."""
    key = f"units {question(measure)}"
    if key not in corpus.memo:
        compiled = compile_measure(measure, ALL_USERS)
        sql = f"{compiled.ctes} SELECT u, unit, satisfied FROM units WHERE selected ORDER BY u, unit"
        rows = corpus.of_users(sql, compiled.binder)
        units = rows["unit"].astype(np.int64)
        corpus.memo[key] = units, units[rows["satisfied"].astype(bool)]
    found: tuple[Ints, Ints] = corpus.memo[key]
    return found


def answers(corpus: Corpus, measure: Measure) -> Answers:
    """The answers of all users; asked once a corpus, whatever the measure says of them.

    UnsupportedMeasure where the statistic cannot look at so many steps, or where people at work are not asked it; UsageError for
    a number that is not finite.
    """
    if why := not_asked(corpus, measure):
        hint = "Where a purpose speaks for it: --no-staff PURPOSE." if corpus.staff else None
        raise UnsupportedMeasure(why, hint=hint)
    key = question(measure)
    if key not in corpus.memo:
        if corpus.halves is not None and corpus.middle is None and _parts_tell(measure):
            corpus.memo[key], cut = _of_parts(corpus, measure)
            corpus.memo.setdefault("cut", {})[key] = replace(cut, owner=corpus.halves.owner)
        else:
            corpus.memo[key] = replace(_ask(corpus, measure), owner=corpus.people.owner)
    found: Answers = corpus.memo[key]
    return found


def _parts_tell(measure: Measure) -> bool:
    """Do the answers of halves of users tell those of users, so that both come of one statement? Those about sessions,
    events and things of a visit do, which are of one half each, and whether somebody ever did something.
    """
    if measure.unit in {"sessions", "events", "things"}:
        return measure.statistic in {"share", "median"}
    simple = (
        len(measure.steps) == 1 and measure.at_least == 1 and not (measure.where or measure.absent or measure.feature)
    )
    return measure.unit == "users" and measure.statistic == "share" and simple and measure.window is None


def _of_parts(corpus: Corpus, measure: Measure) -> tuple[Rates | Values, Rates | Values]:
    """The answers of users and of their halves."""
    found = _ask(corpus.in_parts(), measure)
    if isinstance(found, Rates):
        return found.of_parts(ever=measure.unit == "users")
    assert isinstance(found, Values)
    return found.of_parts()


def question(measure: Measure) -> str:
    """What a measure asks, whatever it says of the answer and whomever it compares with."""
    statistic = "rates" if measure.statistic == "share" else measure.statistic
    return f"{statistic} {measure.model_dump_json(exclude={'says', 'versus', 'statistic', 'in_parts'})}"


def _ask(corpus: Corpus, measure: Measure) -> Rates | Numbers | Values | HalfRates:
    if measure.statistic == "share":
        return _rates(corpus, compile_measure(measure, ALL_USERS))
    if measure.statistic == "trend":
        if corpus.days is None:
            nothing = np.zeros(0, dtype=np.int64)
            return HalfRates(Rates(nothing, nothing), Rates(nothing, nothing))
        first, second = (
            _rates(corpus, compile_measure(half, ALL_USERS, idle=False)) for half in halves(measure, corpus.days)
        )
        return HalfRates(first, second)
    if len(measure.steps) > 1 or measure.absent or measure.feature or measure.at_least > 1:
        raise UnsupportedMeasure(
            f"A {measure.statistic} looks at the events of one step.",
            hint="Leave out further steps, absent, at_least and feature.",
        )
    usual = usual_amounts(corpus, measure.field) if measure.of.startswith("relative ") else None
    compiled = compile_measure(measure, ALL_USERS, usual=usual)
    sql = f"{compiled.ctes} SELECT u, unit, x FROM units WHERE selected AND x IS NOT NULL ORDER BY u, unit"
    rows = corpus.of_users(sql, compiled.binder)
    u, unit, x = rows["u"].astype(np.int64), rows["unit"].astype(np.int64), rows["x"].astype(np.float64)
    n = len(corpus.people.first_day)
    if measure.statistic in {"sum", "distinct"}:
        return Numbers.of(n, u, x)
    return Values(n, u, unit, x)


def _rates(corpus: Corpus, compiled: Compiled) -> Rates:
    counts = "count(*) AS units, count(*) FILTER (satisfied) AS hits"
    rows = corpus.of_users(f"{compiled.ctes} SELECT u, {counts} FROM units WHERE selected GROUP BY u", compiled.binder)
    units = np.zeros(len(corpus.people.first_day), dtype=np.int64)
    hits = units.copy()
    units[rows["u"].astype(np.int64)] = rows["units"]
    hits[rows["u"].astype(np.int64)] = rows["hits"]
    return Rates(units, hits)
