"""English: acts as things that are done, measures as people say them, names and sentences of cards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Measure, Names
from persona_agent.words.english.cards import name, rounded, sentence
from persona_agent.words.english.grammar import doing, gerund
from persona_agent.words.english.readings import reading
from persona_agent.words.english.spoken import Reading

MORE = {"comparator": "more_than_others"}
BASE = {"statistic": "share", "versus": "matched", "says": MORE}


def act(name: str) -> dict[str, object]:
    return {"field": "action", "op": "is", "value": [name]}


def told(**measure: object) -> Reading:
    found = reading(Measure.model_validate(BASE | measure))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("print", "printing"),
        ("log", "logging"),
        ("share", "sharing"),
        ("start timer", "starting timers"),
        ("add to list", "adding to list"),
        ("return or cancel", "returning or cancelling"),
        ("Course module viewed", "viewing course modules"),
        ("The status of the submission has been viewed.", "viewing the status of the submission"),
        ("A file has been uploaded.", "uploading files"),
        ("page view", "page views"),
        ("Kurs angesehen", "kurs angesehen"),
    ],
)
def test_acts_are_things_that_are_done(act: str, said: str) -> None:
    """Verbs and what was done come as “-ing”, things that are counted in their plural, and what no rule fits as it is."""
    assert doing(act) == said


@given(st.text(max_size=40))
def test_any_act_has_words(act: str) -> None:
    """No act makes it fail, and it invents no underscore and no quote."""
    assert set(doing(act)) & set("_“”") <= set(act)


@given(st.from_regex(r"[a-z]{3,9}", fullmatch=True))
def test_a_gerund_ends_as_one(verb: str) -> None:
    """Whatever the verb, the word ends in “ing”."""
    assert gerund(verb).endswith("ing")


def test_a_share_of_a_share_is_not_told_as_one() -> None:
    """“More than a third of what they do” has no reading; the plain share of what they do has, and so has “mostly”."""
    morning = [{"field": "hour", "op": "between", "value": [6, 9]}]
    third = {"name": "share_of_events", "where": morning, "op": "above", "value": 1 / 3}
    assert reading(Measure.model_validate(BASE | {"unit": "users", "feature": third})) is None
    plain = told(unit="events", steps=[morning])
    assert (plain.label, plain.unit) == ("Between 6 and 10 am", "of what they do")


def test_a_figure_says_what_it_is_of() -> None:
    """Shares are of users, visits or what is done; numbers have a unit or a name that says what is counted."""
    step = [act("print_page")]
    assert told(unit="users", steps=[step]).unit == "of them"
    assert told(unit="sessions", steps=[step]).unit == "of their visits"
    assert told(unit="users", statistic="cadence").unit == "days"
    names = Names(fields={"paid": "paid (EUR a line)"})
    amount = reading(
        Measure.model_validate(BASE | {"unit": "users", "statistic": "median", "of": "properties.paid"}), names
    )
    assert amount is not None
    assert (amount.label, amount.unit) == ("Usual paid", "EUR a line")


def test_a_name_is_a_habit_and_a_time() -> None:
    """The strongest act and the strongest time of another kind make a name; a name that is taken is not given again."""
    prints = told(unit="sessions", steps=[[act("print")]])
    early = told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [18, 21]}]])
    facts = [(early, True), (prints, True)]
    assert name(facts, set()) == "Printing in the evening"
    assert name(facts, {"Printing in the evening"}) == "Printing"
    assert name([(early, True)], set()) == "Coming in the evening"
    assert name([], set()) == ""


def test_a_sentence_tells_two_facts() -> None:
    """Two clauses, the figures where they belong, and “little” where they do less."""
    prints = told(unit="sessions", steps=[[act("print")]])
    early = told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [6, 9]}]])
    said = sentence([(prints, True, "57 %"), (early, False, "3 %")])
    assert said == "57 % of their visits include printing; little of what they do falls between 6 and 10 am."
    cart = told(unit="sessions", steps=[[act("add to cart")]])
    assert sentence([(prints, True, "57 %"), (cart, True, "9 %")]).endswith(
        "include printing; 9 % include adding to cart."
    )


@pytest.mark.parametrize(
    ("value", "said"), [(78.62, "79"), (7.68, "7.7"), (2.0, "2"), (0.314, "0.31"), (12_345.0, "12,300")]
)
def test_numbers_are_rounded_as_people_say_them(value: float, said: str) -> None:
    """Whole numbers from ten on, one decimal below, three digits of thousands."""
    assert rounded(value) == said
