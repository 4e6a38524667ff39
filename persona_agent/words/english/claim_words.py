"""A claim in code's own words, made from its measure alone: what stands where nobody reads the words of a model.

In: a measure and the names that a person gave. Out: a template with the slots of a claim. Promises: it says what is counted and
nothing else; there is one for every measure, plain where people have plain words for it.
"""

from __future__ import annotations

from ...schema import NO_NAMES, Measure, Names
from ..counted import measure_words
from ..money import with_unit
from ..wording import OF_VISITS
from .grammar import capital
from .readings import reading


def claim_template(measure: Measure, names: Names = NO_NAMES) -> str:
    """“Pay at least once: {value} of them, against {matched} for comparable others.”"""
    told = reading(measure, names)
    if told is None:
        there = f"; there {_others(measure)}" if measure.versus else ""
        return f"{capital(measure_words(measure))}: {{value}}{there}."
    value = "{value}" if measure.of in OF_VISITS else with_unit("{value}", told.unit)
    against = f", against {_others(measure)} for {whose_others(measure)}" if measure.versus else ""
    return f"{told.label}: {value}{against}."


def whose_others(measure: Measure) -> str:
    """Whom a figure is held against."""
    return "all others" if measure.versus == "everyone_else" else "comparable others"


def _others(measure: Measure) -> str:
    return "{raw}" if measure.versus == "everyone_else" else "{matched}"
