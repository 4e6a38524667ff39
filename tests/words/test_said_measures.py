"""Any measure in words: each condition is in them, and what differs is said differently."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Condition, Measure, Names
from persona_agent.words.english.said_measures import any_otherwise, said_measure


def measure(unit: str, *steps: list[tuple[str, str, list[Any]]], **more: Any) -> Measure:
    given = {"unit": unit, "statistic": "share", "says": {"comparator": "about", "value": 0}, **more}
    told = [[{"field": f, "op": o, "value": v} for f, o, v in step] for step in steps]
    return Measure.model_validate({**given, "steps": told})


def where(*conditions: tuple[str, str, list[Any]]) -> list[dict[str, Any]]:
    return [{"field": f, "op": o, "value": v} for f, o, v in conditions]


BUY, MUG = ("action", "is", ["buy"]), ("object", "is", ["mug"])


def kept(*values: str) -> tuple[str, str, list[str]]:
    """Whether the store is that of the visit before."""
    return ("kept properties.store_id", "in" if len(values) > 1 else "is", list(values))


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
            "share of the things in their later visits that were in an earlier visit already",
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
            measure("sessions", [kept("yes")], where=where(kept("yes", "no"))),
            "share of their later visits with a store that have the store of the visit before",
        ),
        (
            measure("sessions", [kept("no")], where=where(BUY)),
            "share of their visits with “buy” that have another store than the visit before",
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
        (
            measure("sessions", [("properties.department", "is", ["GROCERY"])]),
            "share of their visits that include a line with the department “grocery”",
        ),
        (
            measure(
                "events",
                [("properties.brand", "is", ["Private"])],
                where=where(("properties.product_category", "is", ["CHEESE"])),
            ),
            "share of their lines with the product category “cheese” that have the brand “Private”",
        ),
        (
            measure("users", [("properties.brand", "not_in", ["National"])]),
            "share of them that have a line with another brand than “National” at least once",
        ),
        (
            measure(
                "things",
                [("met_before", "is", ["yes"])],
                where=where(BUY, ("theme", "is", ["bags"]), ("met_before", "in", ["yes", "no"])),
            ),
            "share of the things of the kind “bags” that “buy” was done to after the first visit that were in an earlier "
            "visit already",
        ),
        (
            measure("things", [BUY], where=where(("properties.brand", "is", ["own"]))),
            "share of the things on lines with the brand “own” that had “buy” done to them",
        ),
        (
            measure("sessions", [BUY], where=where(("weekday", "between", [6.0, 7.0]))),
            "share of their visits that have a line at weekends that include “buy”",
        ),
        (
            measure("users", [("properties.brand", "is", ["own"])], statistic="median", of="properties.price"),
            "the usual price of a line with the brand “own”",
        ),
        (
            measure("events", [("properties.price", "at_least", [2.5])]),
            "share of their lines that have a price of 2.50 or more",
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


BEFORE = ["met_before", "met_last", "same properties.k", "kept properties.k"]
CONDITIONS = st.one_of(
    st.sampled_from(["buy", "return", "search"]).map(lambda v: Condition(field="action", op="is", value=[v])),
    st.sampled_from(["mug", "plate"]).map(lambda v: Condition(field="object", op="contains", value=[v])),
    st.integers(0, 23).map(lambda v: Condition(field="hour", op="is", value=[float(v)])),
    st.integers(1, 12).map(lambda v: Condition(field="month", op="is", value=[float(v)])),
    st.integers(1, 99).map(lambda v: Condition(field="properties.k", op="at_least", value=[float(v)])),
    st.dates().map(lambda v: Condition(field="date", op="at_least", value=[str(v)])),
    st.tuples(st.sampled_from(BEFORE), st.sampled_from(["yes", "no"])).map(
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


EITHER = st.sampled_from([["yes"], ["no"], ["yes", "no"]])
LINES = st.one_of(
    CONDITIONS,
    st.tuples(
        st.sampled_from(["action", "object", "theme", "properties.brand"]), st.sampled_from(["is", "not_in"])
    ).map(lambda c: Condition(field=c[0], op=c[1], value=["own"])),
    st.tuples(st.sampled_from(BEFORE), EITHER).map(
        lambda c: Condition(field=c[0], op="in" if len(c[1]) > 1 else "is", value=c[1])
    ),
    st.sampled_from([0.0, 3.0]).map(lambda v: Condition(field="properties.k", op="not_in", value=[v])),
    st.just(Condition(field="weekday", op="between", value=[6.0, 7.0])),
)
HELD = st.lists(LINES, min_size=1, max_size=2, unique_by=lambda c: c.field)
FEATURES = st.sampled_from(
    [
        None,
        {"name": "n_events", "op": "at_least", "value": 3, "where": where(BUY)},
        {"name": "repeat_share", "op": "above", "value": 0.5},
        {"name": "total_of", "field": "value", "op": "at_least", "value": 300},
        {"name": "share_of_events", "where": where(("hour", "between", [9.0, 12.0])), "op": "above", "value": 0.5},
    ]
)
SAYS = {"comparator": "about", "value": 0}


@st.composite
def shares(draw: st.DrawFn) -> Measure:
    """A share of any unit, of a part of it, with what it must and must not hold."""
    unit = draw(st.sampled_from(["users", "sessions", "memories", "events", "things"]))
    asked = {"unit": unit, "statistic": "share", "says": SAYS, "where": draw(st.one_of(st.just([]), HELD))}
    if unit == "events":
        return Measure.model_validate({**asked, "steps": [draw(HELD)]})
    steps = draw(st.lists(HELD, min_size=1, max_size=2))
    more = {"ordered": len(steps) > 1 and draw(st.booleans()), "at_least": draw(st.sampled_from([1, 3]))}
    absent = draw(st.one_of(st.just([]), HELD.map(lambda step: [step])))
    return Measure.model_validate({**asked, **more, "steps": steps, "absent": absent, "feature": draw(FEATURES)})


@st.composite
def numbers(draw: st.DrawFn) -> Measure:
    """A number of any unit; of lines, the middle of which is that of their users, users stand for both."""
    unit = draw(st.sampled_from(["users", "sessions", "things"]))
    parts = ["biggest value", "gap", "minutes"] if unit == "sessions" else []
    of = ["matches", "things", "properties.k", "total properties.k", "total value", *parts]
    asked = {"unit": unit, "statistic": "median", "of": draw(st.sampled_from(of)), "says": SAYS}
    kept = {
        "where": draw(st.one_of(st.just([]), HELD)),
        "steps": draw(st.one_of(st.just([]), HELD.map(lambda step: [step]))),
    }
    return Measure.model_validate({**asked, **kept})


MEASURES = st.one_of(shares(), numbers())


def asked_in(m: Measure) -> str:
    """What a measure asks; the order of conditions, and of steps that need none, is no part of it."""
    inside = {name: sorted(map(str, step)) for name, step in (("where", m.where),)}
    steps = [sorted(map(str, step)) for step in m.steps]
    return str(
        (
            m.unit,
            m.statistic,
            m.of,
            inside,
            steps if m.ordered else sorted(steps),
            m.ordered,
            m.at_least,
            m.absent,
            m.feature,
        )
    )


@given(MEASURES, MEASURES)
def test_no_two_measures_are_said_alike(one: Measure, other: Measure) -> None:
    """Whatever is selected, must be held, must not be held or is counted stands in the words."""
    if asked_in(one) != asked_in(other):
        assert said_measure(one).whole != said_measure(other).whole


@given(MEASURES)
def test_every_condition_stands_in_the_words(m: Measure) -> None:
    """Without one of its conditions a measure is said otherwise; nothing is told of an unnamed something."""
    whole = said_measure(m).whole
    assert "something with" not in whole and "earlier one" not in whole
    for name, step in [("where", m.where), *[("steps", step) for step in m.steps]]:
        for c in step:
            fewer = [d for d in step if d != c]
            less = (
                {"where": fewer}
                if name == "where"
                else {"steps": [s if s is not step else fewer for s in m.steps if s is not step or fewer]}
            )
            if name == "where" or fewer:
                assert said_measure(m.model_copy(update=less)).whole != whole


@given(MEASURES, st.booleans())
def test_who_does_not_fit_is_said_of_every_measure(m: Measure, more: bool) -> None:
    """A clause that goes on “than others do”, with the measure's own words in it."""
    said = any_otherwise(m, more=more)
    compared = (
        ("have no larger a share of", "have no higher ") if more else ("have no smaller a share of", "have no lower ")
    )
    assert said.startswith(compared) or said.endswith(f" no {'more' if more else 'less'} often")
    assert said_measure(m).said.removeprefix("the ").removeprefix("their ") in said
