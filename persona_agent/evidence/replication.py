"""Does a claim hold on users that it was not made from, and in the last quarter of the log?

In: a corpus with its folds, a measure with what it says, a group. Out: the schema's `Replications`. Promises: nothing is
chosen by what comes out here; what cannot be asked is null and never counts as held.

A claim holds again if what it says is so on the other users alone (a word's range by the value, a direction by the sign
against comparable others) and the two 95 % intervals overlap; of shares of users that are compared with nobody, both by the
figures as they are told. A quarter is shorter than the log: a measure that grows with time (ever did it, totals, breadth) is
asked for its direction alone there, and not at all if it claims none. What is as with others is so again if the difference is
within twice the margin, for these users are fewer; where they are so few that their interval is wider than that, it is not
asked. On the users set aside a comparison is cross-placed, as it is on the others; a quarter is asked of all visits in it.
"""

from __future__ import annotations

from datetime import timedelta

from ..options import DEFAULT_MIN_CLAIM_USERS
from ..schema import SAME_AMOUNT, Measure, Quantifier, Replication, Replications, Says, Truthfulness, Window
from ..words.floors import published_truth
from ..words.wording import share_of_users
from .answers import Measured, known
from .corpus import Corpus, Population
from .evaluation import evaluate, over_whole_log
from .intervals import Interval, wilson
from .quantifiers import BOUNDED, HOW_OFTEN, POINTS, Range, alike_margin, difference, tolerance
from .told_verdicts import told_ends
from .verdicts import truthfulness

WIDER = 2.0  # margins: two sevenths of the users that a claim was made from make its interval twice as wide
MOST = Says(quantifier="most")
RATES = {"share_of_events", "steps_per_session", "median_of"}


def replicate(
    corpus: Corpus, measure: Measure, population: Population, floor: int = DEFAULT_MIN_CLAIM_USERS
) -> Replications:
    """The claim on held-out users against the users that it was made from, and in the last quarter against all of it."""
    fit = evaluate(corpus, measure, population.of("fit"))
    held_out = evaluate(corpus, measure, population.of("held_out"))
    return Replications(
        held_out=again(measure, fit, held_out, floor),
        last_quarter=_last_quarter(corpus, measure, population, floor),
    )


def again(
    measure: Measure, first: Measured, second: Measured, floor: int, *, grows: bool = False
) -> Replication | None:
    """A claim of `first` on `second`; None where `second` has fewer than `floor` users on either side, and where fewer than five
    of them decide.
    """
    says, compares = measure.says, measure.says.compares
    if not known(second.value) or second.n < floor or (compares and not _comparable(second, floor)):
        return None
    if grows and not compares:
        return None
    matched = second.matched.value if second.matched else None
    if says.alike:
        alike = _alike_again(second)
        return None if alike is None else Replication(holds=alike, value=second.value, matched=matched, n=second.n)
    said = _direction(says, second) if compares else _said(measure, first, second)
    if said is None:
        return None
    as_told = not compares and share_of_users(measure)
    ends = [_told_interval(_told(measure, m)) if as_told else m.ci for m in (first, second)]
    return Replication(holds=said and (grows or _overlap(*ends)), value=second.value, matched=matched, n=second.n)


def _alike_again(measured: Measured) -> bool | None:
    """Is the difference within the wider margin? None where the interval is so wide that it would tell neither. The two may have
    moved together: what is claimed is that they are alike.
    """
    gap = difference(measured)
    if gap is None or measured.other is None:
        return None
    (size, (low, high)), margin = gap, WIDER * alike_margin(measured.other)
    return None if high - low > 2 * margin else abs(size) <= margin


def grows_with_time(measure: Measure) -> bool:
    """Is its value bound to rise with the length of the window, or with what was before it?"""
    if any(c.field in ("met_before", "met_last") or c.field.startswith(SAME_AMOUNT) for c in measure.conditions):
        return True
    if measure.unit in {"sessions", "memories", "events", "things"} and measure.statistic in {"share", "median"}:
        return False
    if measure.statistic == "median" and measure.of.partition(" ")[0] not in {"matches", "things", "total"}:
        return False
    return not (measure.feature is not None and measure.feature.name in RATES and not measure.steps)


def _last_quarter(corpus: Corpus, measure: Measure, population: Population, floor: int) -> Replication | None:
    if corpus.days is None or corpus.by_staying or measure.window is not None or measure.statistic == "trend":
        return None
    first, last = corpus.days
    start = last - timedelta(days=(last - first).days // 4)
    recent = measure.model_copy(update={"window": Window(start=str(start), end=None)})
    whole, late = (over_whole_log(corpus, m, population) for m in (measure, recent))
    return again(measure, whole, late, floor, grows=grows_with_time(measure))


def _comparable(measured: Measured, floor: int) -> bool:
    other = measured.other
    return other is not None and known(other.value) and other.n >= floor


def _direction(says: Says, measured: Measured) -> bool:
    gap = difference(measured)
    return gap is not None and (gap[0] > 0 if says.comparator == "more_than_others" else gap[0] < 0)


def _said(measure: Measure, first: Measured, second: Measured) -> bool | None:
    """What a word or a number says of `second`, by the value alone; words for one point hold if the interval touches them.
    Both are held against the figure as it is told: whoever chooses a number would find the exact one by halving, and on
    which side of a word the exact one lies may be one user's doing. None where of that the bound alone is told, and it does
    not decide.
    """
    says = measure.says
    if says.quantifier in HOW_OFTEN:
        rate = second.median_user_rate
        return rate is not None and HOW_OFTEN[says.quantifier].holds(rate)
    told = _told(measure, second)
    if says.quantifier in ("all", "none"):
        return _of_each(says.quantifier, told, first, second)
    if says.quantifier is not None:
        return _word(says, told)
    assert says.value is not None
    low, high = told_ends(told)
    if says.comparator in ("about", "equals"):
        room = tolerance(second, says.value) if says.comparator == "about" else 0.0
        interval = _told_interval(told) if share_of_users(measure) else told.ci
        return _touches((low, high), says.value - room, says.value + room) or _touches(interval, says.value, says.value)
    holds = {end >= says.value if says.comparator == "at_least" else end <= says.value for end in (low, high)}
    return holds.pop() if len(holds) == 1 else None


def _told(measure: Measure, measured: Measured) -> Truthfulness:
    """The figure as it is told of users set aside: that all do, or nobody, by its bound as well."""
    plain = measure.model_copy(update={"says": MOST}) if measure.says.quantifier is not None else measure
    return published_truth(truthfulness(measured, "true", "").model_copy(update={"few": None}), plain)


def _of_each(word: Quantifier, told: Truthfulness, first: Measured, second: Measured) -> bool | None:
    """Is a word for each of them, or for nobody, true of `second`? Where it is of everybody the claim says so itself; that fewer
    than five make the difference here is not told.
    """
    if told.bound is None or POINTS[word].low != (told.bound == "over"):
        return False
    return all(POINTS[word].holds(m.satisfying / max(m.units, 1)) for m in (first, second)) or None


def _word(says: Says, told: Truthfulness) -> bool | None:
    """Does a word bear the share as it is told?"""
    word = says.quantifier
    assert word is not None
    if word in BOUNDED:
        verdicts = {BOUNDED[word].holds(end) for end in told_ends(told)}
        return verdicts.pop() if len(verdicts) == 1 else None
    tenth = (says.value or 0.0) / 10
    wanted = POINTS.get(word, Range(tenth - 0.05, tenth + 0.05))
    return _touches(_told_interval(told), wanted.low, wanted.high)


def _told_interval(told: Truthfulness) -> Interval | None:
    """The interval of a share of users by the figure as it is told: from the lowest end that it may have to the highest."""
    low, high = (wilson(end * told.n, told.n) for end in told_ends(told))
    return (low[0], high[1]) if low and high else None


def _touches(ci: Interval | None, low: float, high: float) -> bool:
    return ci is not None and ci[0] <= high and low <= ci[1]


def _overlap(one: Interval | None, other: Interval | None) -> bool:
    return one is not None and other is not None and _touches(one, *other)
