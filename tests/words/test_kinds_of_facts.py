"""Each kind of fact as a card has it: its label and unit, its sentence, whom it does not fit, one figure for it everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import NO_NAMES, Measure, Names, Truthfulness
from persona_agent.words.english.cards import figure, here, others, to_watch_in_short, unfit_words, watch_words
from persona_agent.words.english.readings import reading
from persona_agent.words.english.spoken import Reading
from persona_agent.words.money import is_money, is_sum
from persona_agent.words.wording import bound_of_money, number, percent, printed, sum_of_money

SAYS = {"comparator": "more_than_others"}
GROCER = Names(main_act="buy", categories=["aisle"], value="sales value")
SHOP = Names(main_act="purchase", currency="GBP")
APP = Names(value="spent")


def measured(unit: str, *steps: list[dict[str, Any]], **more: Any) -> Measure:
    asked = {"unit": unit, "statistic": "share", "versus": "matched", "says": SAYS, "steps": list(steps)}
    return Measure.model_validate(asked | more)


def middle(unit: str, of: str) -> Measure:
    return measured(unit, statistic="median", of=of)


def on(field: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": list(value)}


def told(measure: Measure, names: Names = NO_NAMES) -> Reading:
    found = reading(measure, names)
    assert found is not None
    return found


OPENS = on("opens_visit", "is", "yes")
TOTAL = {"name": "total_of", "field": "value", "op": "at_least", "value": 300}
AGAIN = [on("met_before", "in", "yes", "no")]
SAME = [on("same properties.quantity", "in", "yes", "no")]
# Each kind of measure with a card's words for whom it does not fit, where the group does more.
MISFITS: list[tuple[Measure, Names, str]] = [
    (middle("sessions", "total value"), GROCER, "spend no more in a visit"),
    (middle("sessions", "total value"), APP, "bring in no more in a visit"),
    (measured("users", statistic="sum", of="value"), SHOP, "spend no more in all"),
    (middle("sessions", "matches"), GROCER, "have no more lines in a visit"),
    (middle("sessions", "matches"), APP, "do no more actions in a visit"),
    (middle("sessions", "things"), APP, "turn to no more different things in a visit"),
    (middle("sessions", "minutes"), APP, "stay no more minutes in a visit"),
    (middle("sessions", "gap"), APP, "come no less often"),
    (measured("users", statistic="cadence"), APP, "come no less often"),
    (middle("users", "properties.price"), GROCER, "have no higher usual price"),
    (middle("users", "properties.quantity"), GROCER, "buy no more of each thing"),
    (middle("users", "relative properties.price"), GROCER, "go no further above the usual price"),
    (middle("sessions", "biggest value"), GROCER, "give no more of a visit's value to one thing"),
    (measured("sessions", [OPENS, on("hour", "between", 20, 23)]), APP, "begin no more of their visits after 8 pm"),
    (measured("sessions", [on("action", "is", "print")]), APP, "print in no more of their visits"),
    (
        measured("sessions", [on("action", "is", "Course module viewed")]),
        APP,
        "include viewing course modules in no more of their visits",
    ),
    (
        measured("sessions", [on("opens_visit", "in", "yes", "no")], at_least=2),
        GROCER,
        "have 2 lines or more in no more of their visits",
    ),
    (measured("sessions", feature=TOTAL), SHOP, "bring no more of their visits to £300 or more"),
    (measured("events", [on("action", "is", "print")]), APP, "give no more of what they do to printing"),
    (measured("events", [on("hour", "between", 20, 23)]), APP, "do no more of what they do after 8 pm"),
    (measured("events", [on("properties.aisle", "is", "PRODUCE")]), GROCER, "have produce on no more of their lines"),
    (
        measured("events", [on("properties.brand", "is", "Own")]),
        GROCER,
        "have the brand “Own” on no more of their lines",
    ),
    (measured("events", [on("properties.promo", "is", "yes")]), GROCER, "have no more of their lines promo"),
    (measured("events", [on("properties.discount", "not_in", 0)]), GROCER, "have a discount on no more of their lines"),
    (
        measured("events", [on("properties.quantity", "at_least", 13)]),
        GROCER,
        "have a quantity of 13 or more on no more of their lines",
    ),
    (
        measured("events", [on("properties.quantity", "is", 12)]),
        GROCER,
        "have exactly 12 of a thing on no more of their lines",
    ),
    (
        measured("things", [on("theme", "is", "jumbo bags")]),
        GROCER,
        "have no more jumbo bags among the things they buy",
    ),
    (
        measured("things", [on("met_before", "is", "yes")], where=AGAIN),
        GROCER,
        "take no more of the things they buy from an earlier visit",
    ),
    (
        measured("things", [on("same properties.quantity", "is", "yes")], where=SAME),
        GROCER,
        "take no more of the things they buy again in the same quantity as the time before",
    ),
]


@pytest.mark.parametrize(("measure", "names", "said"), MISFITS, ids=[said for *_, said in MISFITS])
def test_whom_a_fact_does_not_fit_is_said_as_a_reader_would(measure: Measure, names: Names, said: str) -> None:
    """A verb of theirs and how much no more; where the group does less, how much no less."""
    more, less = told(measure, names).otherwise
    assert more == said
    assert less != more
    assert re.search(r"\bno (more often|less|fewer|lower|further below|shorter|smaller)\b", less)


def test_a_share_that_has_a_word_is_told_in_it() -> None:
    """“A quarter of them”; other shares in whole per cent. A run of old has the label alone."""
    assert unfit_words("", 0.251, "spend no more than others do") == "A quarter of them spend no more than others do."
    assert unfit_words("", 0.28, "spend no more than others do") == "28 % of them spend no more than others do."
    assert unfit_words("Value of a visit", 0.28, "").endswith("no different from others in this: value of a visit.")


@pytest.mark.parametrize(
    ("measure", "names", "label", "unit", "clause"),
    [
        (
            middle("sessions", "total value"),
            GROCER,
            "Sales value of a visit",
            "",
            "the usual sales value of a visit is {v}",
        ),
        (middle("sessions", "total value"), SHOP, "Value of a visit", "£", "their usual visit is worth £{v}"),
        (middle("sessions", "total value"), APP, "Sum spent in a visit", "", "the usual sum spent in a visit is {v}"),
        (
            measured("sessions", statistic="sum", of="value"),
            SHOP,
            "Value of a visit",
            "£ on average",
            "their visits are worth £{v} on average",
        ),
        (
            measured("users", statistic="sum", of="value"),
            GROCER,
            "Sales value of one of them in all",
            "on average",
            "the sales value of one of them is {v} in all, on average",
        ),
        (
            middle("users", "properties.sales_value"),
            GROCER,
            "Usual sales value of a line",
            "",
            "the usual sales value of their lines is {v}",
        ),
        (
            middle("users", "properties.amount"),
            Names(fields={"amount": "amount (EUR)"}),
            "Usual amount",
            "€",
            "their usual amount is €{v}",
        ),
        (
            measured("events", [on("properties.amount", "not_in", 0)]),
            NO_NAMES,
            "With an amount",
            "of their lines",
            "{v} of their lines have an amount",
        ),
    ],
)
def test_an_amount_has_its_name(measure: Measure, names: Names, label: str, unit: str, clause: str) -> None:
    """No amount is bare: its field or its currency says of what it is; nothing is “in value” or “a line”."""
    found = told(measure, names)
    assert (found.label, found.unit, found.clause) == (label, unit, clause)


def test_sums_of_money_have_their_pence() -> None:
    """Two decimals where they matter; sums that somebody names are said as they are named."""
    sums = {
        3.98: "3.98",
        3: "3.00",
        22.5: "22.50",
        22.87: "22.90",
        287.35: "287",
        1_287: "1,290",
        0: "0.00",
        0.014: "0.014",
    }
    assert {x: sum_of_money(x) for x in sums} == sums
    assert [bound_of_money(x) for x in (300, 20.0, 2.5)] == ["300", "20", "2.50"]
    assert [is_money(x) for x in ("sales_value", "unit_price_gbp", "unitPrice", "spent", "click rate", "rating", "k")] == [
        True, True, True, True, False, False, False,
    ]  # fmt: skip
    assert [is_sum(x) for x in ("sales_value", "price", "price_paid", "revenue")] == [True, False, False, True]


NUMBERS = [
    middle("sessions", "total value"),
    middle("sessions", "matches"),
    middle("sessions", "gap"),
    middle("users", "properties.price"),
    middle("users", "properties.k"),
    measured("users", statistic="sum", of="value"),
]


@given(st.sampled_from(NUMBERS), st.floats(0.01, 1e6))
def test_a_bar_prints_what_its_claim_prints(measure: Measure, value: float) -> None:
    """No place of a card rounds a number in another way: 3.98 is never 4."""
    said = figure("number", value, of=measure)
    assert printed(measure, value).split(" ")[0] == said
    published = float(f"{value:.3g}")  # as a page may show it
    assert float(said.replace(",", "")) == pytest.approx(published, abs=0.005 + 1e-9)
    assert figure("number", published, of=measure) == said


def test_others_have_the_sign_of_money_too() -> None:
    """“£2.92”, “others £1.85”; another unit is said once."""
    price = middle("users", "properties.price")
    truth = Truthfulness(label="true", reason="", score=1.0, value=2.92, matched=1.85, n=90, ci=None)
    assert (here("number", "£", truth, price), others("number", truth, price, "£")) == ("£2.92", "others £1.85")
    assert others("number", truth, price, "days") == "others 1.85"


def test_a_figure_to_watch_says_which_way() -> None:
    """A fall of what they do more, a rise of what they do less; of everybody nothing but the figure."""
    assert watch_words("Printing", "57 % of their visits", "others 7 %", more=True) == (
        "Printing: 57 % of their visits today. A fall towards 7 % would make them like others."
    )
    assert (
        to_watch_in_short("Printing", "8 % of their visits", more=False) == "Printing: a rise from 8 % of their visits"
    )
    assert to_watch_in_short("Printing", "8 % of visits", more=None) == "Printing: 8 % of visits"


def test_number_and_percent_are_not_touched_by_money() -> None:
    """What is no money keeps its three digits; shares of money are shares."""
    assert printed(middle("users", "properties.k"), 22.5) == number(22.5) == "22.5"
    assert printed(middle("users", "relative properties.price"), 1.2) == percent(1.2)
