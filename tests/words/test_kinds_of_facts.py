"""Each kind of fact as a card has it: its label and unit, its sentence, whom it does not fit, one figure for it everywhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import NO_NAMES, Cell, Compared, Measure, Names, Truthfulness
from persona_agent.words.counted import measure_words
from persona_agent.words.english.asked_labels import any_reading
from persona_agent.words.english.cards import (
    core,
    figure,
    hardly_apart,
    here,
    others,
    said_otherwise,
    tension_words,
    to_watch_in_short,
    unfit_words,
    unknown_words,
    watch_words,
)
from persona_agent.words.english.claim_words import claim_template
from persona_agent.words.english.everyone_told import told_of_all
from persona_agent.words.english.open_questions import open_questions
from persona_agent.words.english.persona_names import NameFact, names_for
from persona_agent.words.english.readings import reading
from persona_agent.words.english.spoken import Reading
from persona_agent.words.money import is_money, is_sum
from persona_agent.words.wording import COUNTED, bound_of_money, number, percent, printed, sum_of_money

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
KEPT = [on("kept properties.store_id", "in", "yes", "no")]
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
    (measured("sessions", [OPENS, on("hour", "between", 20, 23)]), APP, "come after 8 pm no more often"),
    (measured("sessions", [on("action", "is", "print")]), APP, "print no more often"),
    (
        measured("sessions", [on("action", "is", "Course module viewed")]),
        APP,
        "turn to viewing course modules no more often",
    ),
    (
        measured("sessions", [on("opens_visit", "in", "yes", "no")], at_least=2),
        GROCER,
        "have visits of 2 lines or more no more often",
    ),
    (measured("sessions", feature=TOTAL), SHOP, "have visits that are worth £300 or more no more often"),
    (measured("events", [on("action", "is", "print")]), APP, "print no more often"),
    (measured("events", [on("hour", "between", 20, 23)]), APP, "do things after 8 pm no more often"),
    (measured("events", [on("properties.aisle", "is", "PRODUCE")]), GROCER, "buy produce no more often"),
    (
        measured("events", [on("properties.brand", "is", "Own")]),
        GROCER,
        "have the brand “Own” no more often",
    ),
    (measured("events", [on("properties.promo", "is", "yes")]), GROCER, "have lines that are promo no more often"),
    (measured("events", [on("properties.discount", "not_in", 0)]), GROCER, "have a discount no more often"),
    (
        measured("events", [on("properties.quantity", "at_least", 13)]),
        GROCER,
        "buy 13 or more of a thing no more often",
    ),
    (
        measured("events", [on("properties.quantity", "is", 12)]),
        GROCER,
        "buy exactly 12 of a thing no more often",
    ),
    (
        measured("things", [on("theme", "is", "jumbo bags")]),
        GROCER,
        "buy jumbo bags no more often",
    ),
    (
        measured("things", [on("met_before", "is", "yes")], where=AGAIN),
        GROCER,
        "buy what they had in an earlier visit no more often",
    ),
    (
        measured("things", [on("same properties.quantity", "is", "yes")], where=SAME),
        GROCER,
        "take the same quantity as the time before no more often",
    ),
    (
        measured("sessions", [on("kept properties.store_id", "is", "yes")], where=KEPT),
        GROCER,
        "have the same store as the visit before no more often",
    ),
]


@pytest.mark.parametrize(("measure", "names", "said"), MISFITS, ids=[f"{m.unit}: {said}" for m, _, said in MISFITS])
def test_whom_a_fact_does_not_fit_is_said_as_a_reader_would(measure: Measure, names: Names, said: str) -> None:
    """A verb of theirs and how much no more; where the group does less, how much no less."""
    more, less = told(measure, names).otherwise
    assert more == said
    assert less != more
    assert re.search(r"\bno (more often|less|fewer|lower|further below|shorter|smaller)\b", less)


def test_what_takes_too_many_words_is_said_by_the_bar() -> None:
    """A fact that nobody would say in a breath is told by its bar's label as it is now, with the same comparison."""
    said = said_otherwise("come after 8 pm no more often", 7, more=True)
    assert said == "come after 8 pm no more often than others do"
    assert unfit_words("After 8 pm", 0.31, said) == "31 % of them come after 8 pm no more often than others do."
    long = said_otherwise("come after 8 pm no less often", 6, more=False)
    assert unfit_words("After 8 pm", 0.31, long) == "31 % of them do no less than others in this: after 8 pm."


@pytest.mark.parametrize(
    ("clause", "value", "said"),
    [
        ("{v} of their visits begin at weekends", "28 %", "28 % of their visits begin at weekends."),
        ("their usual visit has {v} lines", "1", "Their usual visit has 1 line."),
        ("", "28 %", "Beginning at weekends: 28 % of their visits."),
    ],
)
def test_what_their_name_would_not_let_one_expect_is_a_sentence(clause: str, value: str, said: str) -> None:
    """The clause of the fact with its figure; of a run of old there is the bar's figure and label."""
    assert tension_words(clause, value, "28 % of their visits", "Beginning at weekends") == said


def test_that_they_are_as_others_is_told_with_the_figure_of_these() -> None:
    """Of shares and of numbers alike; money has its sign twice, and a figure that is theirs too is said once."""
    clause = "{v} of the things they buy are new to them"
    said = tension_words(clause, "6 %", "6 % of the things", "New things", "others 7 %")
    assert said == "6 % of the things they buy are new to them, as with others (7 %)."
    said = tension_words(clause, "6 %", "6 % of the things", "New things", "others 6 %")
    assert said == "6 % of the things they buy are new to them, as with others."
    worth = "their usual visit is worth £{v}"
    said = tension_words(worth, "262", "£262", "Value of a visit", "others £265")
    assert said == "Their usual visit is worth £262, as with others (£265)."
    assert tension_words(worth, "262", "£262", "Value", "others £262").endswith("worth £262, as with others.")
    assert tension_words(worth, "262", "£262", "Value", "others £1,262").endswith("as with others (£1,262).")
    said = tension_words("they usually buy {v} pieces of each thing", "7", "7 pieces", "Usual quantity", "others 7.5")
    assert said == "They usually buy 7 pieces of each thing, as with others (7.5)."
    assert tension_words("", "6 %", "6 %", "New things", "others 7 %") == "New things: 6 %, as with others (7 %)."


def test_what_nobody_knows_goes_on_from_its_lead() -> None:
    """Questions are one sentence; one that has a sentence of its own within leaves the next to another."""
    how, whether = "How many are left when they order again.", "Whether they get them elsewhere?"
    assert (
        unknown_words([how, whether]) == "how many are left when they order again, nor whether they get them elsewhere."
    )
    assert unknown_words([whether]) == "whether they get them elsewhere."
    ends = "What comes of it: the log ends there."
    assert unknown_words([ends, how]).startswith("what comes of it: the log ends there. Nor how many")
    assert unknown_words([how, ends]).startswith("how many are left when they order again, nor what comes of it: ")
    assert unknown_words([]) == ""


def test_a_share_that_has_a_word_is_told_in_it() -> None:
    """“A quarter of them”; other shares in whole per cent. A run of old has the label alone."""
    assert unfit_words("", 0.251, "spend no more than others do") == "A quarter of them spend no more than others do."
    assert unfit_words("", 0.28, "spend no more than others do") == "28 % of them spend no more than others do."
    assert unfit_words("Value of a visit", 0.28, "").endswith("like others in this: value of a visit.")


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
            middle("users", "properties.num_comments"),
            Names(fields={"num_comments": "comments received"}),
            "Usual comments received by a line",
            "",
            "the usual comments received by their lines is {v}",
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


def test_a_place_is_told_without_its_key() -> None:
    """“store id” is a store; who keeps to one and who changes have a name; the claim says which visits it is of."""
    measure = measured("sessions", [on("kept properties.store_id", "is", "yes")], where=KEPT)
    found = told(measure, GROCER)
    assert (found.label, found.unit) == ("The same store as the visit before", "of their later visits")
    assert found.head == ("Keeping to one store", "Changing stores")
    assert open_questions([(found, True)], GROCER) == ["Whether another store would do as well for them."]
    assert open_questions([(found, False)], GROCER) == ["What decides which store it is each time."]
    eggs = told(measured("things", [on("theme", "is", "eggs")]), GROCER)
    facts = [NameFact(eggs, more=True, value=0.5), NameFact(found, more=False, value=0.3)]
    assert names_for([facts], []) == ["Eggs, changing stores"]
    assert told(measure, Names(fields={"store_id": "branch"})).head == ("Keeping to one branch", "Changing branches")
    assert claim_template(measure).startswith("The same store as the visit before: {value} of their later visits")
    assert "the session's store_id is that of the session before" in measure_words(measure)
    everyone = told_of_all(measure.model_copy(update={"versus": None}), GROCER, lambda _, value: value, "UTC")
    assert everyone is not None
    assert (everyone.section, everyone.unit) == ("again", "of later visits")


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
    """No place of a card rounds a number in another way: 3.98 is never 4, and 34.5 lines are 35 everywhere."""
    said = figure("number", value, of=measure)
    assert printed(measure, value).split(" ")[0] == said
    published = float(f"{value:.3g}")  # as a page may show it
    # What is counted in whole ones is told so from ten on, and in tenths below.
    counted = measure.of in COUNTED and 1 <= value < 1_000
    room = 0.505 if counted and value >= 10 else 0.055 if counted else 0.005
    assert float(said.replace(",", "")) == pytest.approx(published, abs=room + 1e-9)
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
        "Printing: 57 % of their visits today; a fall towards 7 % would make them like others."
    )
    assert (
        to_watch_in_short("Printing", "8 % of their visits", more=False) == "Printing: a rise from 8 % of their visits"
    )
    assert to_watch_in_short("Printing", "8 % of visits", more=None) == "Printing: 8 % of visits"


def test_number_and_percent_are_not_touched_by_money() -> None:
    """What is no money keeps its three digits; shares of money are shares."""
    assert printed(middle("users", "properties.k"), 22.5) == number(22.5) == "22.5"
    assert printed(middle("users", "relative properties.price"), 1.2) == percent(1.2)


def cells(*values: float) -> list[Cell]:
    """A cell for each persona."""
    truths = [Truthfulness(label="true", score=1.0, value=v, n=40, ci=None, reason="") for v in values]
    return [Cell(persona=f"p{i}", truth=truth) for i, truth in enumerate(truths, start=1)]


def test_what_personas_hardly_differ_in_has_its_unit() -> None:
    """Money has its sign at both ends, a share its sign once, and what is the same for all is one figure."""
    rows = [
        ("Value of a visit", "£", "number", (305, 212, 240)),
        ("At weekends", "of their visits", "share", (0.31, 0.34, 0.33)),
        ("Size of a visit", "lines", "number", (6, 6, 6)),
    ]
    measure = measured("sessions", [on("weekday", "between", 6, 7)])
    told = [
        Compared(label=label, unit=unit, form=form, measure=measure, explained=0.01, cells=cells(*values))
        for label, unit, form, values in rows
    ]
    said = hardly_apart([*told, told[0].model_copy(update={"explained": None, "label": "Apart"})])
    assert said.endswith(
        "value of a visit (£212 to £305); at weekends (31 to 34 % of their visits); size of a visit (6 lines)."
    )
    assert hardly_apart([]) == ""


def test_some_hours_of_users_and_visits_are_no_much_of_what_they_do() -> None:
    """That 30 % have ever come after eight says nothing of how much falls there; of lines it does."""
    night = on("hour", "between", 20, 23)
    assert (
        told(measured("users", [night]), NO_NAMES).clause == "{v} of them have done something after 8 pm at least once"
    )
    assert told(measured("sessions", [night]), NO_NAMES).clause == "{v} of their visits hold something after 8 pm"
    assert told(measured("events", [night]), NO_NAMES).clause.startswith("much of what they do falls")


@pytest.mark.parametrize(
    ("form", "unit", "here", "own", "beside", "said"),
    [
        ("share", "of their visits", 0.46, 0.15, 0.14, "the surest half 46 %"),
        ("share", "of their visits", 0.46, 0.22, 0.14, "the surest half 46 %, others like these 22 %"),
        ("number", "£", 6.88, 16.6, 16.5, "the surest half £6.88"),
        ("number", "£", 6.88, 12.0, 16.5, "the surest half £6.88, others like these £12"),
    ],
)
def test_others_of_the_surest_half_are_told_where_they_are_others(
    form: str, unit: str, here: float, own: float, beside: float, said: str
) -> None:
    """A point, or a few per cent, from the others that stand there already is one figure to a reader."""
    truth = Truthfulness(label="true", score=1.0, value=here, matched=own, n=40, ci=None, reason="")
    assert core(form, truth, beside, None, unit) == said


def test_a_feature_of_visits_is_a_share_of_visits() -> None:
    """“3 or more different things” of their visits is not said of them."""
    m = Measure.model_validate(
        {"unit": "sessions", "statistic": "share", "feature": {"name": "n_objects", "op": "at_least", "value": 3.0},
         "versus": "matched", "says": {"comparator": "more_than_others"}}
    )  # fmt: skip
    assert any_reading(m).unit == "of their visits"
    assert any_reading(m.model_copy(update={"unit": "users"})).unit == "of them"
