"""What fewer than five users decide, whatever a stranger's question counts or bounds.

In: a corpus, a measure, whom it is asked of, what it came to. Out: why it may not be asked, or the same without what tells of a
few. Promises: looked at are users, not fields: who meets a condition at all, who does and who does not, by whatever count,
amount, order or window the question asks; that nobody does is told like that four do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..schema import Condition, Measure, Says, Truthfulness
from ..words.floors import FEW, of_users, told_by_bound
from .answers import Answers, HalfRates, Numbers, Rates, Values
from .corpus import Bools, Corpus, Population
from .evaluation import answers, compares, paired_with, satisfying_users

Few = Literal["under", "over", "alike"]
EVER = Says(quantifier="most")
ALIKE = "fewer than five users answer otherwise than all others"


def why_few_meet(corpus: Corpus, measure: Measure) -> str:
    """Why a measure may not be asked: fewer than five users of the log meet a condition of it, or several that one event has to
    meet; empty where it may be.
    """
    for test in measure.event_tests:
        for step in [*([c] for c in test), *([test] if len(test) > 1 else [])]:
            if not five_meet(corpus, step):
                return f"fewer than five users meet the condition on {', '.join(c.field for c in step)}"
    return ""


def five_meet(corpus: Corpus, step: Sequence[Condition]) -> bool:
    """Have five users or more an event that meets all of these conditions?"""
    ever = Measure(unit="users", statistic="share", steps=[list(step)], says=EVER)
    return corpus.people.heads(np.flatnonzero(satisfying_users(corpus, ever, Population()))) >= FEW


def few_decide(corpus: Corpus, measure: Measure, population: Population) -> Few | None:
    """Do fewer than five users of a population decide what a measure comes to: of a share, do it (`under`) or leave it (`over`);
    of a change, either; of a mean, answer otherwise than all others (`alike`)? A median so few do not move.
    """
    on = _asked_on(corpus, measure, population)
    return _few(on, answers(on, measure), on.people.mask(population))


def without_few(corpus: Corpus, measure: Measure, population: Population, truth: Truthfulness) -> Truthfulness:
    """What a measure came to, without what fewer than five users decide: of a share its bound alone, of others nothing, of an
    interval no end beyond which fewer than five are.
    """
    if truth.n < FEW or truth.value is None:
        return truth.model_copy(update={"value": None, "ci": None, "n": truth.n if truth.n >= FEW else 0})
    on = _asked_on(corpus, measure, population)
    found, inside = answers(on, measure), on.people.mask(population)
    few, others = _few(on, found, inside), _others(on, measure, population, found)
    hidden: dict[str, object] = {name: None for name, (side, _) in others.items() if side}
    if others.get("matched", (None, FEW))[1] < FEW:
        hidden["unmatched"] = None  # that nobody has comparable others would tell that there is nobody
    if truth.whole is not None and _few(corpus, answers(corpus, measure), corpus.people.mask(population)):
        hidden["whole"] = None
    told = truth.model_copy(update=hidden)
    if compares(measure) and (few or any(side for side, _ in others.values())):
        here = _range(few, truth.n, truth.value)
        there = [_range(side, n, getattr(truth, name)) for name, (side, n) in others.items()]
        told = _surely_apart(told, measure, all(_disjoint(here, one) for one in there))
    if few == "under" or few == "over":
        return told_by_bound(told, few) if measure.statistic == "share" else _untold(told)
    if few is not None:
        return _untold(told)
    narrow = isinstance(found, Values) and told.ci is not None and _few_beyond(on, found, inside, told.ci)
    return told.model_copy(update={"ci": None}) if narrow else told


def few_of_others(corpus: Corpus, measure: Measure, population: Population) -> list[tuple[float, float]]:
    """Where a share lies of comparable others and of all others, of each of whom fewer than five decide it: by its bound."""
    if measure.statistic != "share":
        return []
    asked = measure if measure.versus is not None else measure.model_copy(update={"versus": "matched"})
    on = _asked_on(corpus, asked, population)
    sides = _others(on, asked, population, answers(on, asked)).values()
    return [_range(side, of_users(n), None) for side, n in sides if side in ("under", "over")]


def is_count_of_users(corpus: Corpus, measure: Measure, population: Population) -> bool:
    """Is a share one of users: asked of them, or of visits or lines of which most of them have one?"""
    found = answers(corpus, measure) if measure.statistic == "share" else None
    if not isinstance(found, Rates):
        return False
    units = found.units[corpus.people.mask(population) & found.answered()]
    return measure.unit == "users" or (len(units) > 0 and float(np.median(units)) <= 1)


def others_behind(corpus: Corpus, measure: Measure, population: Population) -> dict[str, int]:
    """How many users stand behind each figure of others (`raw`, `matched`)."""
    on = _asked_on(corpus, measure, population)
    return {name: n for name, (_, n) in _others(on, measure, population, answers(on, measure)).items()}


def _surely_apart(truth: Truthfulness, measure: Measure, apart: bool) -> Truthfulness:
    """The verdict of a comparison of which fewer than five users decide a side: without by how much, and none unless both sides
    are `apart` whatever these do, since whether nobody does would be told by it.
    """
    if apart and truth.label in ("true", "false") and measure.says.sets_apart:
        no = "" if truth.label == "true" else "not "
        return truth.model_copy(update={"reason": no + str(measure.says.comparator).replace("_", " ")})
    return truth.model_copy(update={"label": "not_enough", "score": 0.0, "reason": ALIKE})


def _range(few: Few | None, n: int, value: float | None) -> tuple[float, float]:
    """Where a share of n users may lie, whatever fewer than five of them do; a mean anywhere."""
    if few is None:
        return (-math.inf, math.inf) if value is None else (value, value)
    edge = FEW / max(n, FEW)
    return {"under": (0.0, edge), "over": (1 - edge, 1.0), "alike": (-math.inf, math.inf)}[few]


def _disjoint(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[1] < other[0] or other[1] < one[0]


def _untold(truth: Truthfulness) -> Truthfulness:
    nothing: dict[str, object] = {"label": "not_enough", "score": 0.0, "value": None, "ci": None, "pooled": None}
    return truth.model_copy(update={**nothing, "matched": None, "raw": None, "whole": None, "reason": ALIKE})


def _asked_on(corpus: Corpus, measure: Measure, population: Population) -> Corpus:
    """Users, or the halves of users by which a comparison is made, as `evaluate` asks them."""
    cut = corpus.cross(population) if compares(measure) and measure.versus is not None else None
    return cut or corpus


def _others(
    on: Corpus, measure: Measure, population: Population, found: Answers
) -> dict[Literal["raw", "matched"], tuple[Few | None, int]]:
    """Of each figure of others, do fewer than five of them decide it, and how many are they?"""
    others = population.others()
    if measure.versus is None or others is None:
        return {}
    whom: dict[Literal["raw", "matched"], Bools] = {
        "raw": on.people.mask(others),
        "matched": paired_with(on, measure, population).others,
    }
    assert isinstance(found, Rates | HalfRates | Numbers | Values)
    return {name: (_few(on, found, mask), _heads(on, found, mask & found.answered())) for name, mask in whom.items()}


def _few(corpus: Corpus, found: Answers, inside: Bools) -> Few | None:
    there = inside & found.answered()
    if isinstance(found, HalfRates) and found.fewest(there) < FEW:
        return "under"
    if isinstance(found, Rates | HalfRates):
        parts = [found] if isinstance(found, Rates) else [found.first, found.second]
        do = there & np.any([p.hits > 0 for p in parts], axis=0)
        leave = there & np.any([p.units > p.hits for p in parts], axis=0)
        return _smaller_side(_heads(corpus, found, do), _heads(corpus, found, leave))
    return "alike" if isinstance(found, Numbers) and _nearly_alike(corpus, found, there) else None


def _smaller_side(do: int, leave: int) -> Few | None:
    return None if min(do, leave) >= FEW else "under" if do <= leave else "over"


def _nearly_alike(corpus: Corpus, found: Numbers, there: Bools) -> bool:
    """Do all but fewer than five give one answer? Where each user has an answer of their own none is the usual one."""
    values, which, counts = np.unique(found.mean[there], return_inverse=True, return_counts=True)
    if not len(values):
        return True
    common = int(counts.argmax())
    otherwise = there.copy()
    otherwise[there] = which != common
    return bool(values[common] == 0 or counts[common] >= FEW) and _heads(corpus, found, otherwise) < FEW


def _few_beyond(corpus: Corpus, found: Values, inside: Bools, ci: tuple[float, float]) -> bool:
    """Do fewer than five users lie at an end of the interval of a median, or beyond it? Then it would be one of theirs."""
    own, there = found.samples(), inside & found.answered()
    return any(_heads(corpus, found, there & side) < FEW for side in (own <= ci[0], own >= ci[1]))


def _heads(corpus: Corpus, found: Rates | HalfRates | Numbers | Values, users: Bools) -> int:
    """So many users are behind a mask, of accounts and the persons in them what is fewer; of halves their users."""
    return corpus.people.heads(np.flatnonzero(users)) if found.owner is None else found.heads(users)
