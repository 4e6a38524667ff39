"""A claim in code's own words, made from its measure alone: what stands where nobody reads the words of a model.

In: a measure and the names that a person gave. Out: a template with the slots of a claim. Promises: it says what is counted and
nothing else; there is one for every measure, plain where people have plain words for it.
"""

from __future__ import annotations

from ...schema import NO_NAMES, Measure, Names
from ..counted import measure_words
from ..money import with_unit
from ..wording import OF_VISITS, unit_of_slot
from .grammar import capital
from .readings import reading


def claim_template(measure: Measure, names: Names = NO_NAMES) -> str:
    """“Pay at least once: {value} of them, against {matched} for comparable others.”"""
    told = reading(measure, names)
    if told is None:
        beside = (
            beside_others(measure) if measure.says.alike else f"; there {_others(measure)}" if measure.versus else ""
        )
        return f"{capital(measure_words(measure))}: {{value}}{beside}."
    value = "{value}" if measure.of in OF_VISITS else with_unit("{value}", unit_of_slot(told.unit))
    # What is said of the group alone has the others' figure beside it here, since there is no other word of what was asked.
    beside = beside_others(measure) or (_against(measure, "for") if measure.versus else "")
    return f"{told.label}: {value}{beside}."


def beside_others(measure: Measure, whose: str = "for") -> str:
    """What follows the group's figure: “, against {matched} for comparable others” (`whose` is “of” for a share of users), or
    “, as with comparable others ({matched})”; empty where nothing is said of others.
    """
    if measure.says.alike:
        return f", as with {whose_others(measure)} ({_others(measure)})"
    return _against(measure, whose) if measure.says.compares else ""


def _against(measure: Measure, whose: str) -> str:
    return f", against {_others(measure)} {whose} {whose_others(measure)}"


def whose_others(measure: Measure) -> str:
    """Whom a figure is held against."""
    return "all others" if measure.versus == "everyone_else" else "comparable others"


def _others(measure: Measure) -> str:
    return "{raw}" if measure.versus == "everyone_else" else "{matched}"
