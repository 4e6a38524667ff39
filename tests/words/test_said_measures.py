"""Any measure in words: each condition is in them, and what differs is said differently."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Condition, Measure, Names
from persona_agent.words.english.said_measures import said_measure


def measure(unit: str, *steps: list[tuple[str, str, list[Any]]], **more: Any) -> Measure:
    given = {"unit": unit, "statistic": "share", "says": {"comparator": "about", "value": 0}, **more}
    told = [[{"field": f, "op": o, "value": v} for f, o, v in step] for step in steps]
    return Measure.model_validate({**given, "steps": told})


def where(*conditions: tuple[str, str, list[Any]]) -> list[dict[str, Any]]:
    return [{"field": f, "op": o, "value": v} for f, o, v in conditions]


BUY, MUG = ("action", "is", ["buy"]), ("object", "is", ["mug"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (measure("sessions", [BUY, MUG]), "share of their visits that include “buy: mug”"),
        (measure("users", [BUY], at_least=3), "share of them that do “buy” three times or more"),
        (
            measure("sessions", [BUY], [("action", "is", ["return"])], ordered=True, within=600),
            "share of their visits that include “buy”, then “return” within 10 minutes",
        ),
        (
            measure("sessions", [BUY], absent=[where(("action", "is", ["search"]))]),
            "share of their visits that include “buy”, and never “search”",
        ),
        (
            measure("sessions", [("opens_visit", "is", ["yes"]), ("weekday", "between", [6.0, 7.0])]),
            "share of their visits that start at weekends",
        ),
        (
            measure("events", [("properties.quantity", "at_least", [12.0])]),
            "share of their lines that have a quantity of 12 or more",
        ),
        (
            measure("events", [("object", "contains", ["bag"])]),
            "share of their lines that are on things with “bag” in their name",
        ),
        (
            measure("things", [("met_before", "is", ["yes"])], where=where(("met_before", "in", ["yes", "no"]))),
            "share of the things in their later visits that were met in an earlier visit",
        ),
        (
            measure("users", feature={"name": "active_days", "op": "at_least", "value": 5}),
            "share of them that are active on 5 or more days",
        ),
        (
            measure("things", [("met_last", "is", ["yes"])], where=where(("met_before", "in", ["yes", "no"]))),
            "share of the things in their later visits that were in the visit just before",
        ),
        (
            measure(
                "things",
                [("same properties.quantity", "is", ["yes"])],
                where=where(("same properties.quantity", "in", ["yes", "no"])),
            ),
            "share of the things that they turn to again that come in the same quantity as the time before",
        ),
        (
            measure("sessions", statistic="median", of="biggest value"),
            "the usual part of a visit's value that its biggest thing makes up",
        ),
        (
            measure(
                "sessions", feature={"name": "total_of", "field": "value", "op": "between", "value": 300, "upper": 320}
            ),
            "share of their visits that are worth 300 or more and less than 320",
        ),
        (measure("sessions", statistic="median", of="things"), "the usual number of different things of a visit"),
        (measure("sessions", statistic="median", of="total value"), "the usual value of a visit in all"),
        (
            measure("users", statistic="median", of="relative properties.price"),
            "their usual price as a part of what is usual for the same thing",
        ),
        (measure("users", statistic="cadence"), "the usual time in days from one active day to the next"),
        (
            measure("sessions", [BUY], statistic="trend"),
            "the change, from the first half of the time to the second, of the share of their visits that include “buy”",
        ),
    ],
)
def test_it_is_said_as_people_would(asked: Measure, words: str) -> None:
    """Visits, lines, things and numbers are told by what they are of."""
    assert said_measure(asked).whole == words


def test_names_of_the_codebook_stand_in_it() -> None:
    """An act, a field and a kind of things are called as a person calls them."""
    names = Names(acts={"buy": "purchase"}, fields={"quantity": "items"}, themes={"mugs, cups": "crockery"})
    told = said_measure(measure("sessions", [BUY, ("properties.quantity", "between", [2.0, 5.0])]), names).whole
    assert told == "share of their visits that include “purchase” with items of 2 to 5"
    themed = said_measure(measure("things", [("theme", "is", ["mugs, cups"])]), names)
    assert (themed.form, themed.said) == ("things", "are of the kind “crockery”")


CONDITIONS = st.one_of(
    st.sampled_from(["buy", "return", "search"]).map(lambda v: Condition(field="action", op="is", value=[v])),
    st.sampled_from(["mug", "plate"]).map(lambda v: Condition(field="object", op="contains", value=[v])),
    st.integers(0, 23).map(lambda v: Condition(field="hour", op="is", value=[float(v)])),
    st.integers(1, 12).map(lambda v: Condition(field="month", op="is", value=[float(v)])),
    st.integers(1, 99).map(lambda v: Condition(field="properties.k", op="at_least", value=[float(v)])),
    st.dates().map(lambda v: Condition(field="date", op="at_least", value=[str(v)])),
    st.tuples(st.sampled_from(["met_before", "met_last", "same properties.k"]), st.sampled_from(["yes", "no"])).map(
        lambda c: Condition(field=c[0], op="is", value=[c[1]])
    ),
)
STEPS = st.lists(CONDITIONS, min_size=1, max_size=2, unique_by=lambda c: c.field)


@given(STEPS, STEPS, st.sampled_from(["users", "sessions", "events", "memories"]))
def test_two_questions_are_never_said_alike(one: list[Condition], other: list[Condition], unit: str) -> None:
    """Measures whose steps differ have different words."""

    def told(step: list[Condition]) -> str:
        says = {"comparator": "about", "value": 0}
        return said_measure(
            Measure.model_validate({"unit": unit, "steps": [step], "statistic": "share", "says": says})
        ).whole

    if {c.model_dump_json() for c in one} != {c.model_dump_json() for c in other}:
        assert told(one) != told(other)
