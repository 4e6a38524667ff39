"""English: acts as things that are done, measures as people say them, names and sentences of cards."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import NO_NAMES, Measure, Names
from persona_agent.schema.nouns import USUAL_NOUNS, Noun, NounsOfLog
from persona_agent.words.english.cards import sentence, short_number
from persona_agent.words.english.grammar import a_or_an, called_here, capital, doing, gerund, with_article
from persona_agent.words.english.hours import HAS_HOUR, made_by_users, of_visits
from persona_agent.words.english.open_questions import open_questions
from persona_agent.words.english.persona_names import NameFact, names_for
from persona_agent.words.english.readings import reading
from persona_agent.words.english.spoken import Reading
from persona_agent.words.its_nouns import said

MORE = {"comparator": "more_than_others"}
BASE = {"statistic": "share", "versus": "matched", "says": MORE}


def act(name: str) -> dict[str, object]:
    return {"field": "action", "op": "is", "value": [name]}


def told(names: Names = NO_NAMES, **measure: object) -> Reading:
    found = reading(Measure.model_validate(BASE | measure), names)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("act", "said"),
    [
        ("print", "printing"),
        ("log", "logging"),
        ("share", "sharing"),
        ("start timer", "starting timers"),
        ("make a diary entry", "making diary entries"),
        ("read the product information", "reading product information"),
        ("off the list", "off the list"),
        ("add to list", "adding to list"),
        ("return or cancel", "returning or cancelling"),
        ("Course module viewed", "viewing course modules"),
        ("The status of the submission has been viewed.", "viewing the status of the submission"),
        ("A file has been uploaded.", "uploading files"),
        ("open a page or feed", "opening page or feed"),
        ("read about a product", "reading about a product"),
        ("share something", "sharing something"),
        ("page view", "page views"),
        ("Kurs angesehen", "kurs angesehen"),
        ("Completed", "completing"),
        ("Completed+Resolved", "completed+resolved"),
        ("Accepted/Assigned", "accepted/assigned"),
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


def test_a_figure_of_those_that_begin_so_says_so() -> None:
    """Of visits that hold an act at all, of people who do it at all: never of all visits, never of all of them."""
    scan = [{"field": "action", "op": "is", "value": ["scan"]}]
    pay = [{"field": "action", "op": "is", "value": ["pay"]}]
    for more, of in (
        ({"unit": "sessions", "where": scan, "steps": [scan], "at_least": 2}, "of their visits with scanning"),
        ({"unit": "sessions", "where": scan, "steps": [scan], "absent": [pay]}, "of their visits with scanning"),
        ({"unit": "sessions", "where": scan, "steps": [scan, pay], "ordered": True}, "of their visits with scanning"),
        ({"unit": "users", "where": scan, "steps": [scan, pay], "ordered": True}, "of those with scanning"),
    ):
        told = reading(Measure.model_validate(BASE | more))
        assert told is not None
        assert told.unit == of
        assert of in told.clause


def test_a_name_is_a_habit_and_a_time() -> None:
    """The strongest act and the strongest time make a name; a name that is taken is not given again."""
    prints = NameFact(told(unit="sessions", steps=[[act("print")]]), True, 0.5)
    early = NameFact(told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [18, 21]}]]), True, 0.6)
    assert names_for([[early, prints]], set()) == ["Printing in the evening"]
    assert names_for([[early, prints]], {"Printing in the evening"}) != ["Printing in the evening"]
    assert names_for([[early]], set()) == ["Coming in the evening"]
    assert names_for([[]], set()) == [""]


ANY_LINE = {"field": "opens_visit", "op": "in", "value": ["yes", "no"]}
NINE_UNITS = {"field": "properties.units", "op": "at_least", "value": [9]}


def number(of: str, value: float, *, more: bool, names: Names = NO_NAMES, unit: str = "users") -> NameFact:
    return NameFact(told(unit=unit, statistic="median", of=of, names=names), more, value)


@pytest.mark.parametrize(
    ("fact", "head", "tail"),
    [
        (number("properties.quantity", 1.0, more=False), "One or two", "one or two at a time"),
        (number("properties.quantity", 12.0, more=True), "Dozens", "by the dozen"),
        (number("properties.qty", 4.0, more=False), "Small quantities", "in small quantities"),
        (number("properties.price", 4.0, more=True), "High prices", "at high prices"),
        (number("properties.price", 4.0, more=True, names=Names(main_act="buy")), "Dearer things", "at higher prices"),
        (number("properties.sales_value", 4.0, more=True), "", ""),  # nobody has a habit of high sales values
        (number("properties.discount", 4.0, more=False), "Low discounts", "with low discounts"),
        (
            number("properties.delay", 4.0, more=True, names=Names(fields={"delay": "delay (seconds)"})),
            "Long delays",
            "with long delays",
        ),
        (number("matches", 3.0, more=False, unit="sessions"), "Brief visits", "in brief visits"),
        (number("matches", 30.0, more=True, unit="sessions", names=Names(main_act="buy")), "Long lists", "on long lists"),
        (number("gap", 1.0, more=False, unit="sessions"), "", "often"),
        (NameFact(told(unit="sessions", steps=[[ANY_LINE]], at_least=6), True, 0.5), "Often busy visits", ""),
        (NameFact(told(unit="events", steps=[[NINE_UNITS]]), False, 0.1), "Seldom large quantities", ""),
        (NameFact(told(unit="events", steps=[[NINE_UNITS]]), False, 0.4), "", ""),  # two lines in five are not seldom
    ],
)  # fmt: skip
def test_amounts_and_visits_lend_to_names(fact: NameFact, head: str, tail: str) -> None:
    """Pieces are told as people count them, prices are high, what lasts is long; a visit of one act is a list."""
    assert (fact.head, fact.tail) == (head, tail)


def test_no_two_names_begin_alike_where_another_is_to_be_had() -> None:
    """Of two groups that print, the second is named by what else it does; one without anything else is told by its time."""
    prints, scans = (NameFact(told(unit="sessions", steps=[[act(a)]]), True, 0.5) for a in ("print", "scan"))
    late = NameFact(told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [18, 21]}]]), True, 0.6)
    first, second = names_for([[prints, late], [prints, scans, late]], set())
    assert first == "Printing in the evening"
    assert second.split(" ")[0] == "Scanning"


def shelf(field: str, value: str, figure: float, *, more: bool, of_most: bool = False) -> NameFact:
    step = [[{"field": f"properties.{field}", "op": "is", "value": [value]}]]
    names = Names(main_act="buy", categories=["aisle"])
    return NameFact(told(names=names, unit="events", steps=step), more, figure, of_most)


def test_a_part_is_told_beside_others() -> None:
    """What is true of a part of them, or of little that they take, is more or less of it; two such facts where one is poor."""
    produce = shelf("aisle", "PRODUCE", 0.15, more=True)
    grocery, own = shelf("aisle", "GROCERY", 0.55, more=False), shelf("brand", "Private", 0.37, more=True)
    assert names_for([[produce, grocery]], set()) == ["More produce, less grocery"]
    assert names_for([[own]], set()) == ["More private brand"]
    bags = NameFact(told(unit="things", steps=[[{"field": "theme", "op": "is", "value": ["jumbo bags"]}]]), False, 0.02)
    assert names_for([[bags]], set()) == ["Fewer jumbo bags"]
    lists = NameFact(told(unit="users", steps=[[act("view user list")]]), True, 0.23, of_most=False)
    assert names_for([[lists]], set()) == ["More often viewing user lists"]
    worth = NameFact(told(unit="sessions", statistic="median", of="total value"), False, 2.7, of_most=False)
    assert names_for([[worth]], set()) == ["Lower-value visits"]


def test_names_that_begin_with_more_are_told_apart_by_the_next_word() -> None:
    """“More produce” and “More bread” do not begin alike."""
    produce, bread = shelf("aisle", "PRODUCE", 0.15, more=True), shelf("aisle", "BREAD", 0.1, more=True)
    assert names_for([[produce], [bread, produce]], set()) == ["More produce", "More bread, more produce"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["aisle", "brand", "time", "act", "value"]),
            st.floats(0.01, 0.99),
            st.booleans(),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_no_name_has_a_filler(facts: list[tuple[str, float, bool, bool]]) -> None:
    """Whatever the facts: no name says “and more”, none is longer than can be kept in mind where a shorter one is to be had."""
    opens, late = (
        {"field": "opens_visit", "op": "is", "value": ["yes"]},
        {"field": "hour", "op": "between", "value": [20, 23]},
    )
    made = {
        "aisle": shelf("aisle", "Produce", 0.1, more=True).reading,
        "brand": shelf("brand", "Private", 0.1, more=True).reading,
        "time": told(unit="sessions", steps=[[late, opens]]),
        "act": told(unit="sessions", steps=[[act("print")]]),
        "value": told(unit="sessions", statistic="median", of="total value"),
    }
    lent = [NameFact(made[kind], more, value, of_most) for kind, value, more, of_most in facts]
    (name,) = names_for([lent], set())
    assert not name.endswith("and more")
    assert not any(word in name for word in ("“", "”", "  "))
    assert len(name.split()) <= 7


def test_two_acts_are_told_as_one_and_how_often_the_other() -> None:
    """An act that a group leaves out, or does often as well, follows the first; never joined with “and”."""
    connects, borrows = (told(unit="sessions", steps=[[act(a)]]) for a in ("connect", "borrow"))
    assert names_for([[NameFact(connects, True, 0.5), NameFact(borrows, False, 0.05)]], set()) == [
        "Connecting, seldom borrowing"
    ]


def test_a_state_of_two_words_is_a_name_by_itself() -> None:
    """Nothing weaker is put before it to make a second word."""
    states = [told(unit="sessions", steps=[[act(a)]]) for a in ("Completed+Resolved", "Accepted+Wait")]
    done, waits = (NameFact(r, True, share) for r, share in zip(states, (0.6, 0.2), strict=True))
    assert names_for([[done, waits]], set()) == ["Completed+resolved"]


def test_a_card_asks_what_its_own_facts_leave_open() -> None:
    """At most two questions, of the first facts, one of a kind; none says why or who."""
    prints = told(unit="sessions", steps=[[act("print")]])
    late = told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [18, 21]}]])
    few = told(unit="users", statistic="median", of="properties.quantity")
    asked = open_questions([(prints, False), (prints, False), (late, True), (few, False)], NO_NAMES)
    assert asked == [
        "Whether they do without printing, or do it elsewhere.",
        "Whether they could come at other times than between 6 and 10 pm.",
    ]
    assert open_questions([(prints, False), (late, True), (few, False)], NO_NAMES, asked[:1]) == [
        asked[1],
        "Whether they get more of the same thing elsewhere.",
    ]
    assert open_questions([(prints, False)], NO_NAMES, asked) == asked[:1]
    assert open_questions([], NO_NAMES) == []


def test_of_how_much_there_is_nothing_is_asked() -> None:
    """Of an amount a log tells all; of having one, a shop's log does not tell whether it is why they take a thing."""
    shop = Names(main_act="buy", value="sales value")
    usual = told(names=shop, unit="users", statistic="median", of="properties.sales_value")
    some = told(names=shop, unit="events", steps=[[{"field": "properties.retail_disc", "op": "not_in", "value": [0]}]])
    assert open_questions([(usual, True)], shop) == []
    assert open_questions([(some, False)], shop) == ["Whether they see what has a retail disc."]
    assert open_questions([(some, True)], shop) == ["Whether they would buy the same without a retail disc."]


def test_a_question_names_what_its_fact_is_about() -> None:
    """A kind, a thing, a value: what they take of it elsewhere."""
    shop = Names(main_act="buy", categories=["aisle"])
    asked = {
        "produce": told(
            names=shop, unit="events", steps=[[{"field": "properties.aisle", "op": "is", "value": ["PRODUCE"]}]]
        ),
        "the brand “own”": told(
            names=shop, unit="events", steps=[[{"field": "properties.brand", "op": "is", "value": ["own"]}]]
        ),
        "“rye loaf”": told(
            names=shop, unit="users", steps=[[act("buy"), {"field": "object", "op": "is", "value": ["Rye loaf"]}]]
        ),
    }
    for what, fact in asked.items():
        assert [q.lower() for q in open_questions([(fact, True)], shop)] == [f"whether they buy {what} elsewhere too."]
        assert [q.lower() for q in open_questions([(fact, False)], shop)] == [f"whether they buy {what} elsewhere."]


def test_a_sentence_tells_two_facts() -> None:
    """Two clauses, the figures where they belong, and “little” where they do less."""
    prints = told(unit="sessions", steps=[[act("print")]])
    early = told(unit="events", steps=[[{"field": "hour", "op": "between", "value": [6, 9]}]])
    said = sentence([(prints, True, "57 %", "57 %"), (early, False, "3 %", "3 %")])
    assert said == "57 % of their visits include printing; little of what they do falls between 6 and 10 am."
    cart = told(unit="sessions", steps=[[act("add to cart")]])
    assert sentence([(prints, True, "57 %", "57 %"), (cart, True, "9 %", "9 %")]).endswith(
        "include printing; 9 % include adding to cart."
    )
    size = told(unit="sessions", statistic="median", of="matches")
    assert sentence([(size, True, "{c1.value}", "1")]) == "Their usual visit has {c1.value} action."
    assert sentence([(size, True, "{c1.value}", "11")]) == "Their usual visit has {c1.value} actions."


@pytest.mark.parametrize(
    ("value", "said"), [(78.62, "79"), (7.68, "7.7"), (2.0, "2"), (0.314, "0.31"), (12_345.0, "12,300")]
)
def test_numbers_are_rounded_as_people_say_them(value: float, said: str) -> None:
    """Whole numbers from ten on, one decimal below, three digits of thousands."""
    assert short_number(value) == said


def test_begun_by_users_is_told_of_the_visits_that_they_make() -> None:
    """A time of day among visits of a user's own says so; of visits that hold anything else it has no words."""
    names, early = Names(done_to=["remind"]), {"field": "hour", "op": "between", "value": [4, 9]}
    opens, made = {"field": "opens_visit", "op": "is", "value": ["yes"]}, made_by_users(names)
    found = told(unit="sessions", steps=[[opens, early]], where=made, names=names)
    assert (found.unit, found.tail[0]) == ("of the visits that they make themselves", "before ten")
    with_hour = [*made, HAS_HOUR]
    assert of_visits(with_hour, names) == "the visits that they make themselves, at a known hour,"
    assert of_visits(made, NO_NAMES) is None


def test_people_come_often_and_lists_do_not() -> None:
    """How often visits come is said of those who come; a name that begins with often does not end with it."""
    lists = Reading("Lines", "lines", "number", frozenset(["size"]), 0.9, "", head=("Long lists", "Short lists"))
    large = Reading("Amounts", "of lines", "share", frozenset(["size"]), 0.9, "", head=("Often large amounts", ""))
    gap = Reading("Time since", "days", "number", frozenset(["gap"]), 0.9, "", tail=("seldom", "often"))
    comes = NameFact(gap, more=False, value=4.0)
    assert names_for([[NameFact(lists, more=True, value=9.0), comes]], []) == ["Long lists, coming often"]
    (name,) = names_for([[NameFact(large, more=True, value=0.6), comes]], [])
    assert name.lower().count("often") == 1


@pytest.mark.parametrize(
    ("names", "article"),
    [
        (("order", "amount", "account", "hour", "honour", "heirloom", "x-ray", "X-ray", "mp3", "SMS", "HTML page", "nth visit",
          "8", "update", "uninstall", "umbrella", "upload", "usher", "unidentified caller", "80", "11", "18", "8,000", "11,000",
          "s", "“order”"), "an"),
        (("user", "unit price", "use", "utility", "one-off", "once", "euro", "UK order", "url", "u-turn", "t-shirt", "hotel",
          "pdf", "year", "rhythm", "1", "10", "110", "118", "1,800", "ewer", "“user”", ""), "a"),
    ],
)  # fmt: skip
def test_an_article_is_as_it_is_spoken(names: tuple[str, ...], article: str) -> None:
    """By the sound, not by the letter; of fields, and of the nouns of a log."""
    assert {name: a_or_an(name) for name in names} == dict.fromkeys(names, article)
    assert with_article("x-ray") == "an x-ray"
    assert with_article("items") == "items"
    line = NounsOfLog(people=USUAL_NOUNS.people, visit=USUAL_NOUNS.visit, line=Noun(one="x-ray", many="x-rays"))
    assert said("What a line is worth", line) == "What an x-ray is worth"
    assert said("A line is one", line) == "An x-ray is one"


def test_a_reader_of_facts_knows_what_texts_call_a_visit() -> None:
    """“Half of their orders” follows from a fact of visits only for whoever knows that a visit is an order."""
    nouns = NounsOfLog(people=Noun(one="customer", many="customers"), visit=Noun(one="order", many="orders"))
    assert called_here(nouns) == " In texts a user is a customer, a visit is an order."
    assert called_here(NounsOfLog()) == ""


def test_a_name_that_a_program_spells_keeps_its_letters() -> None:
    """A forum, a file or a code is no word at the beginning of a sentence."""
    for name in (
        "“r/news” is in 13 % of visits",
        "“cart_v2”",
        "“app.js” and more",
        "“t3_4w” weighs most",
        "{v} of them",
    ):
        assert capital(name) == name
    for text, large in (("“scaling, often” weigh most", "“Scaling"), ("“own.”", "“Own.”"), ("a tenth", "A tenth")):
        assert capital(text).startswith(large)
