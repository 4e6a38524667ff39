"""How the core of a group does beside a bar: the members whom one half of their visits makes surest, on the other half.

In: a fact of a card on an open corpus. Out: the core's figures, where they show more than the group's own. Promises: a core is
told only where it is further from its own comparable others than the group is from its, by what can be seen and chance does not
make.
"""

from __future__ import annotations

import math

from ...evidence import Corpus, Population, compares, of_core, truthfulness
from ...schema import Measure, Truthfulness
from .bars import CardFact

FURTHER = 1.2  # of the group's own distance: less cannot be seen beside it, as of numbers in a bar
POINTS = 0.03  # of a share, likewise: a mark in a bar of a card's width stands apart from the bar's end


def core_of(corpus: Corpus, fact: CardFact, population: Population) -> Truthfulness | None:
    """The figures of the core, with those of its own comparable others; None where it shows no more than the group does."""
    core, own, there = core_again(corpus, fact.measure, population), fact.truth.value, fact.truth.matched
    if core is None or own is None or there is None:
        return None
    here, others, ci = core.value, core.matched, core.ci
    # The whole group is no draw of its core, half of which it is: to be outside of this interval takes 2.8 standard errors of the
    # difference, and of the few bars of a run none gets there by chance.
    if here is None or others is None or ci is None or ci[0] <= own <= ci[1]:
        return None
    is_share, more = fact.reading.form == "share", 1 if fact.more else -1
    apart = more * (_scale(here, is_share) - _scale(others, is_share))
    away = more * (_scale(here, is_share) - _scale(own, is_share))
    further = apart >= FURTHER * more * (_scale(own, is_share) - _scale(there, is_share))
    return core if further and away >= (POINTS if is_share else math.log(FURTHER)) else None


def core_again(corpus: Corpus, measure: Measure, population: Population) -> Truthfulness | None:
    """What the core of a group comes to in a measure, whether it shows more than the group or not."""
    # What compares with nobody is told of the whole log, which a half cannot stand beside.
    measured = of_core(corpus, measure, population) if compares(measure) else None
    if measured is None:
        return None
    found = truthfulness(measured, "true", "")
    return found.model_copy(update={"raw": None, "unmatched": None, "whole": None})


def _scale(x: float, is_share: bool) -> float:
    """Shares are apart by points, numbers by how many times as large they are."""
    return x if is_share else math.log(max(x, 1e-9))
