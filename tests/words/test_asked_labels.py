"""What somebody asked for on its own, as a bar has it: in words that people say, without the act that all lines are of."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Measure, Names
from persona_agent.words.english.asked_labels import any_reading, clause_of_part
from persona_agent.words.english.said_measures import said_measure

from .test_said_measures import MEASURES, measure, where

# A shop whose lines nearly all are bought, and an app of several acts.
SHOP = Names(
    acts={"purchase": "buy", "return": "return"},
    fields={"unit_price_gbp": "unit price (GBP)", "quantity": "quantity (items)", "brand": "brand"},
    categories=["department"],
    main_act="buy",
    currency="GBP",
)
APP = Names(acts={"portion_scaled": "scale the portions", "paid": "pay"})
BUY, RETURN = ("action", "is", ["purchase"]), ("action", "is", ["return"])
TEACUP, STAND = ("object", "contains", ["regency teacup"]), ("object", "is", ["REGENCY CAKESTAND 3 TIER"])
CHEAP, DOZENS = ("properties.unit_price_gbp", "at_most", [0.99]), ("properties.quantity", "at_least", [24])
BAGS, LATER = ("theme", "is", ["bags"]), ("met_before", "in", ["yes", "no"])
SAME = "same properties.quantity"


@pytest.mark.parametrize(
    ("asked", "label", "unit"),
    [
        (
            measure("sessions", [BUY, TEACUP], where=where(BUY, STAND)),
            "“Regency teacup”, of visits with “regency cakestand 3 tier”",
            "",
        ),
        (
            measure("events", [DOZENS], where=where(BUY, CHEAP)),
            "24 or more at a time, when they buy things at £0.99 or less",
            "",
        ),
        (measure("events", [DOZENS], where=where(BUY, BAGS)), "24 or more at a time, when they buy bags", ""),
        (measure("sessions", [BUY, CHEAP], where=where(BUY)), "Something at £0.99 or less", "of their visits"),
        (measure("users", [CHEAP]), "Something at £0.99 or less at least once", "of them"),
        (measure("users", [BUY, DOZENS]), "24 or more of one thing, at least once", "of them"),
        (measure("sessions", [DOZENS]), "24 or more of one thing", "of their visits"),
        (measure("sessions", [DOZENS, BAGS]), "Bags, 24 or more of one thing", "of their visits"),
        (measure("events", [("properties.quantity", "at_most", [2])]), "At most 2 of each", "of their lines"),
        (measure("events", [("properties.unit_price_gbp", "at_least", [4])]), "At £4 or more", "of their lines"),
        (
            measure("sessions", [("properties.department", "is", ["PRODUCE"])], at_least=3),
            "“Produce”, 3 lines or more",
            "of their visits",
        ),
        (measure("sessions", [BAGS], [TEACUP]), "Bags with “regency teacup”", "of their visits"),
        (measure("users", [BUY, STAND]), "“Regency cakestand 3 tier” at least once", "of them"),
        (
            measure("events", [DOZENS], where=where(BAGS, ("met_before", "is", ["no"]))),
            "24 or more at a time, when they buy bags new to them",
            "",
        ),
        (
            measure(
                "sessions",
                [("opens_visit", "is", ["yes"]), ("hour", "between", [4, 13])],
                where=where(("opens_visit", "is", ["yes"]), ("weekday", "in", [6, 7])),
            ),
            "Before 2 pm, of visits at weekends",
            "",
        ),
        (
            measure("sessions", [BUY, BAGS], where=where(BUY, BAGS), at_least=5),
            "Bags, 5 lines or more, of visits with any of these",
            "",
        ),
        (measure("sessions", [RETURN], where=where(BUY)), "Returning", "of their visits"),
        (
            measure("events", where=where(BUY), statistic="median", of="value"),
            "Usual value of a line",
            "£",
        ),
        (
            measure("things", [("met_before", "is", ["yes"])], where=where(BUY, BAGS, LATER)),
            "Something they had before, when they buy bags after the first visit",
            "",
        ),
        (
            measure("things", [(SAME, "is", ["yes"])], where=where(BAGS, (SAME, "in", ["yes", "no"]))),
            "In the same quantity as the time before, of bags that come again",
            "",
        ),
        (
            measure("sessions", [("hour", "between", [4, 13])], where=where(("weekday", "between", [6, 7]))),
            "Something before 2 pm, of visits with something at weekends",
            "",
        ),
        (
            measure("users", [("properties.department", "in", ["DELI", "PASTRY"])]),
            "“Deli” or “pastry” at least once",
            "of them",
        ),
        (
            measure("events", [("properties.brand", "is", ["own"])], where=where(("properties.department", "is", ["DELI"]))),
            "With the brand “own”, when they buy “deli”",
            "",
        ),
    ],
)  # fmt: skip
def test_a_shop_is_told_without_its_act(asked: Measure, label: str, unit: str) -> None:
    """Who reads of a shop knows that they buy; amounts, kinds and things stand as one says them."""
    told = any_reading(asked, SHOP)
    assert (told.label, told.unit) == (label, unit)


def test_a_part_of_a_part_is_a_clause_where_it_corrects_a_belief() -> None:
    """“Samples first, a case later: when they buy bags, 9 % are 24 or more at a time”."""
    label = any_reading(measure("events", [DOZENS], where=where(BUY, BAGS)), SHOP).label
    assert clause_of_part(label) == "when they buy bags, {v} are 24 or more at a time"
    before = any_reading(measure("events", [("met_before", "is", ["yes"])], where=where(BUY, BAGS, LATER)), SHOP).label
    assert clause_of_part(before) == "when they buy bags after the first visit, {v} are things they had before"
    assert clause_of_part("Metal signs") == ""


def test_beside_what_is_usual_of_one_act() -> None:
    """Where another act has amounts too, whose amount it is stands behind it as one says it."""
    asked = measure("events", [BUY], statistic="median", of="relative properties.quantity")
    found = any_reading(asked, SHOP.model_copy(update={"main_act": None}))
    assert (found.label, found.unit) == ("Quantity, when they buy", "times the usual")


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        (
            measure(
                "sessions",
                [("opens_visit", "is", ["yes"]), ("hour", "between", [16, 23])],
                where=where(("action", "is", ["portion_scaled"])),
            ),
            "After 4 pm, of visits with scaling portions",
        ),
        (
            measure(
                "sessions",
                [("action", "is", ["paid"])],
                where=where(("opens_visit", "is", ["yes"]), ("weekday", "between", [1, 5])),
            ),
            "Paying, of visits on weekdays",
        ),
        (
            measure("things", [("met_last", "is", ["yes"])], where=where(("action", "not_in", ["paid"]), LATER)),
            "In the visit just before, of things with another act than “paid” after the first visit",
        ),
        (
            measure("events", where=where(("action", "is", ["paid"])), statistic="median", of="properties.sum"),
            "Usual sum of a line, when paying",
        ),
        (
            measure("sessions", [("action", "is", ["paid"])], [("action", "is", ["portion_scaled"])], ordered=True),
            "“Pay”, then “scale the portions”",
        ),
    ],
)
def test_where_there_are_several_acts_each_is_said(asked: Measure, label: str) -> None:
    """What is done is told as something done; what takes a sentence is told by the words of its claim."""
    assert any_reading(asked, APP).label == label


@pytest.mark.parametrize(
    ("asked", "label"),
    [
        (
            measure("events", [("met_before", "is", ["yes"])], where=where(BUY, DOZENS, LATER)),
            "Something they had before, when they buy 24 or more at a time after the first visit",
        ),
        (
            measure("events", [("properties.quantity", "at_most", [2])], where=where(("met_before", "is", ["yes"]))),
            "At most 2 at a time, when they buy things they had before",
        ),
        (
            measure("things", [("met_last", "is", ["yes"])], where=where(BAGS, ("met_last", "in", ["yes", "no"]))),
            "Something from the visit just before, when they buy bags after the first visit",
        ),
        # What comes back is returned, not bought: it is told as a part of those lines.
        (measure("events", [CHEAP], where=where(RETURN)), "At £0.99 or less, when returning"),
    ],
)
def test_a_part_of_a_part_is_told_by_when_it_is(asked: Measure, label: str) -> None:
    """Nobody says “things had before, of lines of 24 or more of a thing”."""
    told = any_reading(asked, SHOP)
    assert (told.label, told.unit) == (label, "")
    assert ", when they " not in any_reading(asked, APP).label  # whose lines are of several acts


@given(MEASURES, st.sampled_from([SHOP, APP, Names(), Names(main_act="buy", acts={"buy": "buy"})]))
def test_a_label_is_no_sentence(m: Measure, names: Names) -> None:
    """A bar's label begins with what is told, and holds what its figure is of where that is a part of them."""
    told = any_reading(m, names)
    assert not told.label.startswith(("Include ", "Have ", "Are ", "Were ", "Is ", "Hold "))
    assert told.unit or said_measure(m).form == "number" or ", of " in told.label or ", when " in told.label
    assert "among" not in told.label
    assert "  " not in told.label


@given(st.sampled_from(["sessions", "users"]), st.sampled_from([[CHEAP], [BAGS], [TEACUP], [DOZENS], [BAGS, DOZENS]]))
def test_the_act_of_all_lines_changes_no_label(unit: str, step: list[Any]) -> None:
    """With it or without it, in what is asked or in what it is asked of, the words are one."""
    labels = {
        any_reading(asked, SHOP).label
        for asked in (
            measure(unit, step),
            measure(unit, [BUY, *step]),
            measure(unit, [BUY, *step], where=where(BUY)),
        )
    }
    assert len(labels) == 1
    assert "uy" not in labels.pop()
