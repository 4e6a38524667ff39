"""Sentences against the claims that they rest on: true ones stand, edited ones fall or are pointed at."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.schema import Alignment, Claim, Measure, Names, Replications, Size, Truthfulness
from persona_agent.schema.nouns import Noun, NounsOfLog
from persona_agent.words.sentences import Examined, examine, examine_open
from persona_agent.words.wording import claim_values, fill

SIZE = Size(users=1004, share_users=0.33, share_activity=0.26, share_value=0.57)
BUY = [{"field": "action", "op": "is", "value": ["add_to_cart"]}]
MUG = [*BUY, {"field": "object", "op": "is", "value": ["Mug, 3 pints"]}]
PAY = [{"field": "action", "op": "is", "value": ["pay"]}]
EARLY = [{"field": "hour", "op": "between", "value": [6, 9]}]


def claim(template: str, value: float, matched: float | None = None, says: Any = None, **asked: Any) -> Claim:
    said = says or ({"comparator": "more_than_others"} if matched is not None else {"quantifier": "most"})
    versus = {"versus": "matched"} if matched is not None else {}
    measure = Measure(**{"unit": "users", "statistic": "share", "says": said, **versus, **asked})
    truth = Truthfulness(label="true", score=1, value=value, n=1004, ci=None, matched=matched, raw=matched, reason="")
    made = Claim(
        id="p1.c1", kind="behaviour", template=template, text="", measure=measure, by_construction=False, citations=[],
        counter=None, alignment=Alignment(label="full", score=1, reason=""), truthfulness=truth, information_bits=0.1,
        replication=Replications(), status="accepted", rounds=[], judged_by="code",
    )  # fmt: skip
    return made.model_copy(update={"text": fill(template, claim_values(made))})


MORNING = claim(
    "{value} of them do more than a third of what they do between 6 and 10 am, against {matched} of comparable others.",
    0.82, 0.07, feature={"name": "share_of_events", "where": EARLY, "op": "above", "value": 1 / 3},
)  # fmt: skip
CART = claim(
    "{value} of them use “add to cart” at least once, against {matched} of comparable others.", 0.56, 0.36, steps=[BUY]
)
FEW = claim(
    "{value} of them come to “add to cart: Mug, 3 pints”, against {matched} of comparable others.", 0.12, 0.4,
    says={"comparator": "less_than_others"}, steps=[MUG],
)  # fmt: skip
ABSENT = claim("{value} of them have “add to cart” but never “pay”, against {matched} of comparable others.", 0.3, 0.1,
               steps=[BUY], absent=[PAY])  # fmt: skip
ORDER = claim("In {value} of the times that they use “add to cart”, “pay” follows, against {matched} for comparable others.",
              0.65, 0.2, unit="memories", where=BUY, steps=[BUY, PAY], ordered=True)  # fmt: skip
MOST = claim("Most of them use “pay” ({value}).", 0.71, steps=[PAY])
TYPICAL = claim("A typical quantity is {value}, against {matched} for comparable others.", 12, 8, statistic="median",
                of="properties.quantity")  # fmt: skip
RISES = claim("The share of them with “pay” rose by {value}.", 0.12, statistic="trend", steps=[PAY],
              says={"comparator": "at_least", "value": 0.1})  # fmt: skip
NEW = claim("{value} of the things in their later visits are new to them, as with comparable others ({matched}).", 0.06, 0.063,
            unit="things", where=[{"field": "met_before", "op": "in", "value": ["yes", "no"]}],
            steps=[[{"field": "met_before", "op": "is", "value": ["no"]}]], says={"comparator": "as_others"})  # fmt: skip
ALL = [MORNING, CART, FEW, ABSENT, ORDER, MOST, TYPICAL, RISES]

CLEAN = [
    (MORNING, "Among comparable others 7 % do more than a third of what they do between 6 and 10 am; here it is 82 %."),
    (MORNING, "More of them than of comparable others are early: 82 % against 7 %."),
    (MORNING, "82 % of these 1,004 users are there in the early hours, from 6 am."),
    (MORNING, "Most of them do more than a third of what they do before 10 am."),
    (MORNING, "A larger part of them is early: 82 %, where comparable others reach 7 %."),
    (CART, "56 % use “Add to cart”, 36 % of comparable others."),
    (CART, "They use “add_to_cart” more than others do."),
    (CART, "Buyers who use “add to cart”: 33 % of users bring 57 % of the value."),
    (FEW, "Few of them come to “Mug, 3 pints”: 12 %."),
    (FEW, "Fewer of them come to “add to cart: Mug, 3 pints”: 12 %, against 40 % of comparable others."),
    (ABSENT, "30 % of them never “pay”."), (ABSENT, "30 % use “add to cart” and never “pay”; elsewhere it is 10 %."),
    (ABSENT, "30 % of them only use “add to cart”."), (ABSENT, "30 % leave after “add to cart” instead of “pay”."),
    (ORDER, "When they use “add to cart”, “pay” then follows in 65 % of cases, against 20 %."),
    (ORDER, "In 65 % of cases “pay” comes next."), (MOST, "71 % of them use “pay”."), (MOST, "They mostly “pay”."),
    (MOST, "Many of them use “pay”."), (MOST, "More than half of them use “pay” (71 %)."),
    (TYPICAL, "A typical quantity is 12."), (TYPICAL, "A dozen, where comparable others have 8: a typical quantity of 12."),
    (TYPICAL, "For comparable others a typical quantity is 8; here it is larger: 12."),
    (RISES, "A growing share of them, 0.12, uses “pay”."), (MOST, "“pay”, mostly"), (CART, "“Add to cart”"),
    (MORNING, "“Early”? No: 82 % are there between 6 and 10 am."),
    (NEW, "6 % of the things are new to them, as with others."), (NEW, "They take no more that is new than others do."),
    (NEW, "Something new comes no less often than with others: 6 %."), (NEW, "They take new things as often as others."),
    (NEW, "New things are no larger a part here than elsewhere, 6 %."), (NEW, "Like everyone else they take new things, 6 %."),
    (FEW, "They come to “Mug, 3 pints” no more than others do."), (CART, "They use “add to cart” no less than others do."),
]  # fmt: skip

EDITED = [
    ("number", MORNING, "Among comparable others 9 % do more than a third of what they do between 6 and 10 am; here it is 82 %."),
    ("number", MORNING, "83 % of them are early."), ("number", CART, "5.6 % use “add to cart”."), ("number", CART, "560 use it."),
    ("number", TYPICAL, "A typical quantity is 13."), ("number", TYPICAL, "They have twice as much: 12."),
    ("number", MORNING, "82 % are there before 9 pm."), ("number", MORNING, "82 % are there from 7:00."),
    ("number", MORNING, "82 % do more than two thirds of what they do between 6 and 10 am."), ("number", MOST, "71 % of 3,013."),
    ("number", CART, "56 % of them, three in ten of all, use it."), ("number", CART, "They use it on 4 days."),
    ("name", CART, "56 % of them use “add to basket”."), ("name", FEW, "12 % come to “Mug, 4 pints”."),
    ("name", MOST, "71 % of them use “pay later”."), ("name", ORDER, "“refund” follows in 65 % of cases."),
    ("name", CART, "56 % of them use \"checkout\"."), ("name", TYPICAL, "A typical “weight” is 12."),
    ("quantifier", CART, "Almost all of them use “add to cart”."), ("quantifier", CART, "All of them use “add to cart” (56 %)."),
    ("quantifier", FEW, "Most of them come to “Mug, 3 pints”."), ("quantifier", MOST, "Few of them use “pay”."),
    ("quantifier", MOST, "They always use “pay”."), ("quantifier", MOST, "They rarely use “pay”."),
    ("quantifier", MOST, "They never use “pay”."), ("quantifier", FEW, "Many of them come to “Mug, 3 pints”."),
    ("quantifier", MOST, "Everybody uses “pay”."), ("quantifier", MOST, "A quarter of them use “pay”."),
    ("quantifier", FEW, "They usually come to “Mug, 3 pints”."), ("quantifier", MOST, "Hardly any of them use “pay”."),
    ("only", CART, "They only use “add to cart”."), ("only", MOST, "They use “pay” exclusively."),
    ("only", MOST, "“pay” and nothing but “pay”."), ("only", CART, "A unique habit: “add to cart”."),
    ("direction", CART, "Fewer of them use “add to cart”: 56 %, against 36 % of comparable others."),
    ("direction", FEW, "More of them come to “Mug, 3 pints”: 12 % against 40 %."),
    ("direction", MOST, "More of them than of others use “pay” (71 %)."), ("direction", TYPICAL, "A smaller quantity, 12."),
    ("direction", MOST, "They use “pay” less than others do."),
    ("direction", FEW, "A larger part, 12 %, comes to “Mug, 3 pints”."),
    ("direction", NEW, "They take more that is new than others do."),
    ("direction", NEW, "They take less that is new than others."),
    ("direction", MOST, "They use “pay” as often as others do."), ("direction", MOST, "They use “pay” no more than others do."),
    ("direction", CART, "They use “add to cart” no more than others do."), ("direction", FEW, "12 %, as with comparable others."),
    ("direction", FEW, "They come to “Mug, 3 pints” no less than others do."), ("direction", CART, "56 %, like everyone else."),
    ("cause", CART, "They use “add to cart” because it is quick."), ("cause", MORNING, "82 % come in order to be done by 10 am."),
    ("cause", CART, "56 % want to buy and use “add to cart”."), ("cause", MOST, "They love to “pay”."),
    ("cause", ORDER, "“add to cart” leads to “pay” in 65 % of cases."), ("cause", MOST, "71 % trust “pay”."),
    ("cause", FEW, "12 % need “Mug, 3 pints”."), ("cause", TYPICAL, "A typical quantity is 12, due to discounts."),
    ("order", CART, "They use “add to cart” and then leave (56 %)."), ("order", MOST, "First they look, 71 % “pay”."),
    ("order", MOST, "71 % finally “pay”."), ("order", CART, "56 % go on to “add to cart”."),
    ("order", MOST, "They “pay” instead of leaving."), ("order", CART, "“add to cart” rather than “pay”: 56 %."),
    ("identity", TYPICAL, "Wholesalers: a typical quantity is 12."), ("identity", MORNING, "Working mothers, 82 % early."),
    ("identity", MOST, "71 % of these students use “pay”."), ("identity", CART, "Wealthy buyers, 56 % “add to cart”."),
    ("identity", CART, "Women who “add to cart” (56 %)."), ("identity", MORNING, "82 % of these nurses are early."),
    ("identity", MOST, "Elderly people, 71 % “pay”."), ("identity", CART, "Professionals: 56 % use “add to cart”."),
    ("trend", MOST, "Increasingly, they use “pay” (71 %)."), ("trend", RISES, "A declining share, 0.12, uses “pay”."),
    ("trend", CART, "56 % no longer use “add to cart”."), ("trend", MOST, "More and more of them “pay”."),
]  # fmt: skip


# Said of a group as a share, or against others: exact. Other words only point.
POINTED = {"only", "cause", "order", "identity", "trend"}
POINTED_TEXTS = {
    "They always use “pay”.", "They rarely use “pay”.", "They never use “pay”.", "Everybody uses “pay”.",
    "They usually come to “Mug, 3 pints”.", "More of them come to “Mug, 3 pints”: 12 % against 40 %.",
    "A smaller quantity, 12.", "A larger part, 12 %, comes to “Mug, 3 pints”.",
}  # fmt: skip
HARMLESS = [
    (CART, "Two things stand out: they use “add to cart”, and often."),
    (CART, "56 % use “add to cart” in the second half of an hour."),
    (CART, "They use “add to cart” in the engineering handbook."),
    (MORNING, "82 % are early, all day long."),
    (MOST, "What does not fit: a third visit, all alone."),
]


@pytest.mark.parametrize(("of", "text"), CLEAN, ids=[t for _, t in CLEAN])
def test_true_sentences_stand(of: Claim, text: str) -> None:
    """A sentence that tells its claim's figures, names and direction has nothing against it, and points at nothing."""
    names = {"Early"} if "Early" in text else set()
    assert examine(text, [of], SIZE, names=names) == Examined([], [])


@pytest.mark.parametrize(("kind", "of", "text"), EDITED, ids=[f"{k}: {t}" for k, _, t in EDITED])
def test_edited_sentences_fall_or_are_pointed_at(kind: str, of: Claim, text: str) -> None:
    """An edited number, name, share of the group or comparison may not stand; a word of degree, order, cause, person or trend is
    pointed at, and decides nothing.
    """
    found = examine(text, [of], SIZE)
    if (kind in POINTED and "“pay”: 56 %" not in text) or text in POINTED_TEXTS:
        assert not found.wrong
        assert found.look_at
    else:
        assert found.wrong


@pytest.mark.parametrize(("of", "text"), HARMLESS, ids=[t for _, t in HARMLESS])
def test_words_that_count_nothing_do_not_decide(of: Claim, text: str) -> None:
    """“Two things”, “half an hour”, “all day” and a handbook of engineers may stand, as far as code is asked."""
    assert examine(text, [of], SIZE).wrong == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A typical visit takes 12 minutes.", "counts in day"),
        ("A typical visit takes 12 days days.", "two units"),
        ("They come 12 days apart.", ""),
        ("They come twice as far apart as others.", "ratio"),
        ("They come three times as far apart.", ""),
    ],
)
def test_a_figure_keeps_its_unit(text: str, why: str) -> None:
    """12 days are no minutes and have one unit; “three times” is 12 against 4, “twice” is not."""
    gap = claim("{value} lie between visits, against {matched} for comparable others.", 12, 4, unit="sessions",
                statistic="median", of="gap")  # fmt: skip
    assert why in " ".join(examine(text, [gap], None).wrong)
    assert bool(examine(text, [gap], None).wrong) == bool(why)


@pytest.mark.parametrize(
    "text", ["After 3 days.", "A third of them stop.", "Seven in ten may stop.", "Offer it to {c1.value}.", "Twice as many may.",
             "A few percent.", "They use “checkout”.", "See x7b.", "Most of them would."],
)  # fmt: skip
def test_what_tells_nothing_of_the_log_has_no_figure(text: str) -> None:
    """A guess, a suggestion or a question with a figure, typed, in words or as a slot, or an unknown name may not stand."""
    assert examine_open(text, [CART]).wrong


@pytest.mark.parametrize(
    "text", ["Two things could be tried.", "Whether some of them share an account.", "Offer “add to cart” first."]
)
def test_other_words_may_stand_in_it(text: str) -> None:
    """Words that count nothing, vague ones, and names of a claim."""
    assert examine_open(text, [CART]).wrong == []


def test_a_word_in_two_alphabets_is_pointed_at() -> None:
    """A Cyrillic letter in a Latin word, or letters of full width beside others."""
    assert "mixes alphabets" in " ".join(examine("They are Мuslims.", [], None).look_at)


@pytest.mark.parametrize("made", ALL, ids=[c.text for c in ALL])
def test_a_claims_own_text_stands(made: Claim) -> None:
    """The text that code made of a claim has no problem with that claim."""
    assert examine(made.text, [made], SIZE).wrong == []


@given(st.integers(13, 10**6).filter(lambda n: str(n) not in {"56", "36", "33", "26", "57", "1004"}))
def test_a_number_of_no_claim_is_always_caught(n: int) -> None:
    """Any number that no claim bears is a problem, alone or beside a true one."""
    assert examine(f"56 % of them use “add to cart”, {n:,} times.", [CART], SIZE).wrong
    assert examine(f"{n} of them use “add to cart”.", [CART], SIZE).wrong


@pytest.mark.parametrize(
    ("was", "edited"), [("82 %", "83 %"), ("7 %", "9 %"), ("6 and 10 am", "6 and 11 am"), ("a third", "two thirds")]
)
def test_a_claims_text_is_no_witness_to_itself(was: str, edited: str) -> None:
    """A claim's own text is held against its measure and figures: an edited number, bound or name is a problem."""
    made = MORNING.model_copy(update={"text": MORNING.text.replace(was, edited)})
    assert made.text != MORNING.text
    assert examine(made.text, [made], SIZE).wrong
    named = CART.model_copy(update={"text": CART.text.replace("cart", "basket").replace("56 %", "58 %")})
    assert len(examine(named.text, [named], SIZE).wrong) == 2


def test_what_is_said_of_households_is_asked_as_of_users() -> None:
    """In the nouns of its log a share in words is as exact as of users, and what they are called is nobody's identity."""
    called = Names(nouns=NounsOfLog(people=Noun(one="household", many="households")))
    text = "Most households use “add to cart”."
    few = CART.model_copy(update={"truthfulness": CART.truthfulness.model_copy(update={"value": 0.2})})
    assert not examine(text, [few], None).wrong
    assert (
        examine(text, [few], None, called=called).wrong
        == examine("Most users use “add to cart”.", [few], None).wrong
        != []
    )
    students = Names(nouns=NounsOfLog(people=Noun(one="student", many="students")))
    assert examine("56 % of students use “add to cart”.", [CART], None).look_at
    assert examine("56 % of students use “add to cart”.", [CART], None, called=students) == Examined([], [])


def test_a_number_of_a_name_is_no_figure() -> None:
    """“The mug of 3 pints” is called so: beside its word the number stands, and nowhere else."""
    for said in ("Mugs of 3 pints are rare with them.", "They seldom take the 3-pints mug."):
        assert examine(said, [FEW], SIZE).wrong == []
        assert examine(said, [CART], SIZE).wrong == ["the figure 3 is in none of its claims"]
        assert examine_open(said, [FEW]).wrong == []
    for said in ("They take it 3 times.", "They take 3 mugs.", "They take 3."):
        assert examine(said, [FEW], SIZE).wrong == ["the figure 3 is in none of its claims"]
