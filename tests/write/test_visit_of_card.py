"""The visit of a card shows what the card's first bars say, with nothing in it that the nearest visit may not tell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persona_agent.evidence.corpus import Corpus
from persona_agent.evidence.in_visits import in_visits
from persona_agent.report.html import report_html
from persona_agent.report.markdown import personas_markdown
from persona_agent.report.publishing import published
from persona_agent.schema import Condition, Measure, Says, Visit
from persona_agent.words.english.visiting import visit_chosen, visit_steps
from persona_agent.write.dossiers.steps_shown import BarAsked
from persona_agent.write.dossiers.typical import FEWEST_NEAR, FLOOR, DrawnBy, visit_of
from persona_agent.write.dossiers.visit_lines import SAID
from persona_agent.write.dossiers.visit_of_card import bars_asked, visit_again, visit_for_bars
from tests.evidence.logs import event, load
from tests.factories import lines_of, persona_set
from tests.write.test_visits import came, corpus_of

ANY = Says(comparator="at_least", value=0)
DRAWN: DrawnBy = (["quantity"], None)
DOZENS = Condition(field="properties.quantity", op="in", value=[12.0, 24.0, 84.0])


def asks(unit: Any = "events", **more: Any) -> Measure:
    return Measure.model_validate({"unit": unit, "statistic": "share", "says": ANY, **more})


def bar(value: float, more: bool = True, measure: Measure | None = None, claim: str = "p1.c1") -> BarAsked:
    return BarAsked(claim, measure or asks(steps=[[DOZENS]]), value, more)


def bought(user: int, day: float, *quantities: float, first: int = 0) -> list[dict[str, Any]]:
    """An order of so many of each of some things that all buy."""
    return came(user, day, *(("buy", f"thing {first + i}", q) for i, q in enumerate(quantities)))


def told(corpus: Corpus, *bars: BarAsked) -> Visit:
    nearest = visit_of(corpus, 1, *DRAWN)
    assert nearest is not None
    return visit_for_bars(corpus, 1, nearest, bars, DRAWN)


def quantities(visit: Visit) -> list[float | None]:
    return [s.quantity for s in visit.steps]


ODD = (6, 2, 1, 5, 3, 7, 2, 4)
MIXED = (6, 2, 1, 5, 84, 12, 12, 24)
ORDERS = [bought(i, d, *(ODD if 2 * i + d < 9 else MIXED)) for i in range(8) for d in range(2)]


def test_a_card_of_dozens_shows_dozens() -> None:
    """The nearest visit has no dozens, another one half, and none among its first four things: two of four that are told are
    dozens, which come first, and no quantity that is rounded stands for one.
    """
    corpus = corpus_of(*ORDERS)
    nearest = visit_of(corpus, 1, *DRAWN)
    assert nearest is not None
    assert not nearest.shows and not {12, 24} & {*quantities(nearest)}, "else the test would show nothing"
    found = told(corpus, bar(0.4))
    assert quantities(found) == [12, 12, 6, 2], "what the card is named for is read first"
    assert (found.more, found.shows, len(found.lines)) == (4, ["p1.c1"], 4)
    assert visit_steps(found) == "Buying 12 “thing 5”, 12 “thing 6”, 6 “thing 0”, 2 “thing 1” and 4 more."
    assert (found.size, found.things, found.value) == (nearest.size, nearest.things, nearest.value)
    assert quantities(told(corpus, bar(0.26))) == [12, 6, 2, 1], "a quarter of four is one"
    assert quantities(told(corpus, bar(0.3))) == [12, 12, 6, 2], "three in ten of four are more than one"


def test_where_no_visit_near_to_the_middle_does_it_figures_are_told() -> None:
    """One of dozens that is ten times as long is not near; nor does a visit do of which fewer are dozens than of the group. Then
    no visit is told that denies its card, but one put together from figures.
    """
    log = [bought(i, d, *ODD) for i in range(8) for d in range(2 * FEWEST_NEAR)]
    far = [bought(i, 50, *[12.0] * 80) for i in range(8)]
    corpus = corpus_of(*log, *far)
    found = told(corpus, bar(0.4))
    assert (found.steps, found.lines, found.composed, found.size) == ([], [], True, len(ODD))
    few = corpus_of(*[bought(i, d, 12, *ODD) for i in range(8) for d in range(4)])
    assert not told(few, bar(0.4)).steps
    assert quantities(told(few, bar(0.1)))[0] == 12


def test_what_few_share_shows_nothing() -> None:
    """Dozens of things that four members share cannot be told, so no visit is; of five they are."""

    def of(sharing: int) -> Visit:
        log = [
            came(i, d, *(("buy", f"thing {k}", 3.0) for k in range(4)),
                 *(("buy", f"own {k} {i if i >= sharing else ''}", 12.0) for k in range(3)))
            for i in range(8) for d in range(4)
        ]  # fmt: skip
        return told(corpus_of(*log), bar(0.4))

    assert of(FLOOR - 1).steps == []
    assert [s.thing for s in of(FLOOR).steps if s.quantity == 12]


def test_of_what_there_is_less_of_no_more_is_told() -> None:
    """Where the group has little of something, the steps that are told have no more of it, though the visit begins with it."""
    log = [bought(i, d, 12, 24, 3, 5, 7, 2, 4, 6, 1, 3, 5, 2, 8, 4, 6, 9, 2, 3) for i in range(8) for d in range(4)]
    found = told(corpus_of(*log), bar(0.13, more=False))
    assert (quantities(found), found.shows) == ([3, 5, 7, 2], ["p1.c1"])


@pytest.mark.parametrize(("asked", "things"), [(4.0, 4), (6.0, 6)])
def test_a_number_is_about_that_of_the_group(asked: float, things: int) -> None:
    """A card of four different things in an order shows one of four, though as many orders are of six."""
    log = [bought(i, d, *ODD[: (4 if d % 2 else 6)]) for i in range(8) for d in range(2)]
    measure = asks("sessions", statistic="median", of="things")
    found = told(corpus_of(*log), bar(asked, measure=measure))
    assert len(found.steps) + found.more == things
    assert found.shows == ["p1.c1"]


def test_of_few_things_all_are_told() -> None:
    """A card of four different things tells an order of which all four may be told, not one of which a thing is hardly shared."""
    own = [came(i, 0, *(("buy", f"thing {k}", 3.0) for k in range(3)), ("buy", f"own {i}", 3.0)) for i in range(8)]
    log = [*own, *(bought(i, 1, *ODD[:4]) for i in range(8))]
    found = told(corpus_of(*log), bar(4.0, measure=asks("sessions", statistic="median", of="things")))
    assert [s.thing for s in found.steps] == [f"thing {k}" for k in range(4)]
    assert (found.more, found.shows) == (0, ["p1.c1"])


def test_the_middle_of_what_is_told_is_that_of_the_group() -> None:
    """A card of ten pieces of each tells steps of ten or more, though the visit begins with ones: where there is more of it the
    steps that are at the middle or beyond, as the visit has them, where there is less those at it or below.
    """
    log = [bought(i, d, 1, 1, 1, 1, 10, 10, 10, 10, 9, 11) for i in range(8) for d in range(4)]
    measure = asks("users", statistic="median", of="properties.quantity")
    assert quantities(told(corpus_of(*log), bar(10.0, measure=measure))) == [10, 10, 10, 10]
    assert quantities(told(corpus_of(*log), bar(10.0, more=False, measure=measure))) == [1, 1, 1, 1]


def priced(user: int, day: float, *things: tuple[str, float]) -> list[dict[str, Any]]:
    """An order of one each of things at their prices."""
    lines = came(user, day, *(("buy", name, 1.0) for name, _ in things))
    return [
        {**line, "properties": json.dumps({"quantity": 1.0, "price": price})}
        for line, (_, price) in zip(lines, things, strict=True)
    ]


CHEAP = [("box", 1.5), ("pegs", 1.5), ("lights", 4.5), ("clock", 3.75), ("jar", 2.0), ("stool", 6.0), ("tray", 2.95)]
REGENCY = [("pegs", 1.5), ("clock", 3.75), ("box", 1.5), ("regency cup", 2.95), ("regency stand", 12.75), ("pot", 3.0)]
PRICE = asks("users", statistic="median", of="properties.price")


def test_a_card_of_prices_names_the_dearest_things_first_and_has_the_next_bars() -> None:
    """Pricier pieces: the dearest of a visit, none below the group's usual price while others are left. A visit near to the
    middle that has a regency thing as well is taken before the nearest, though three in ten orders have one.
    """
    log = [priced(i, d, *(REGENCY if d else CHEAP)) for i in range(8) for d in range(2)]
    corpus = corpus_of(*log)
    one = told(corpus, bar(2.95, measure=PRICE))
    assert [s.thing for s in one.steps] == ["stool", "lights", "clock", "tray"]
    regency = asks("sessions", steps=[[Condition(field="object", op="contains", value=["regency"])]])
    found = told(corpus, bar(2.95, measure=PRICE), bar(0.3, measure=regency, claim="p1.c2"))
    assert [s.thing for s in found.steps] == ["regency stand", "regency cup", "clock", "pot"]
    assert (found.shows, found.more) == (["p1.c1", "p1.c2"], 2)


def test_a_card_of_three_hearts_names_three() -> None:
    """What a bar asks for three times is named three times, before anything else."""
    hearts = [("box", 1.0), ("heart a", 1.0), ("pegs", 1.0), ("heart b", 1.0), ("lights", 1.0), ("jar", 1.0)]
    more = [*hearts, *((f"thing {k}", 1.0) for k in range(6)), ("heart c", 1.0)]
    log = [priced(i, d, *more) for i in range(8) for d in range(2)]
    heart = asks("sessions", at_least=3, steps=[[Condition(field="object", op="contains", value=["heart"])]])
    found = told(corpus_of(*log), bar(0.43, measure=heart))
    assert [s.thing for s in found.steps] == ["heart a", "heart b", "heart c", "box"]


def test_visits_of_several_acts_keep_their_order_and_show_the_act() -> None:
    """A card of visits with a payment tells a visit that has one, and tells it, though eight steps stand before it."""
    steps = [("buy" if k % 2 else "view", f"thing {k}") for k in range(9)]
    log = [came(i, d, *steps, ("pay" if d else "view", "card")) for i in range(8) for d in range(2)]
    corpus = corpus_of(*log)
    measure = asks("sessions", steps=[[Condition(field="action", op="is", value=["pay"])]])
    found = told(corpus, bar(0.25, measure=measure))
    assert [s.act for s in found.steps] == ["view", "buy", "view", "buy", "view", "buy", "view", "pay"]
    assert found.more == 2
    without = told(corpus, bar(0.1, more=False, measure=measure))
    assert "pay" not in {s.act for s in without.steps} and without.shows == ["p1.c1"]


def test_the_first_bar_is_not_given_up_for_the_next() -> None:
    """Of two bars that no visit shows both of the first one decides; one of what a fifth of visits hold is looked for beside it,
    where the steps that are told have it, and not in what nobody reads there.
    """
    dozens, tens = [12.0] * 6, [10.0] * 6
    log = [bought(i, d, *(dozens if d % 2 else tens)) for i in range(8) for d in range(2)]
    corpus = corpus_of(*log)
    ten = asks(steps=[[Condition(field="properties.quantity", op="is", value=[10.0])]])
    assert quantities(told(corpus, bar(0.4), bar(0.4, measure=ten, claim="p1.c2"))) == [12] * 4
    assert quantities(told(corpus, bar(0.4, measure=ten), bar(0.4, claim="p1.c2"))) == [10] * 4
    rare = asks("sessions", steps=[[Condition(field="properties.quantity", op="is", value=[24.0])]])
    mixed = [bought(i, d, *(MIXED if d == 8 else (*MIXED[:6], 12, 12))) for i in range(8) for d in range(9)]
    once = told(corpus_of(*mixed), bar(0.4), bar(0.2, measure=rare, claim="p1.c2"))
    assert once.shows == ["p1.c1", "p1.c2"] and 24 in quantities(once)
    at_night = asks("sessions", steps=[[Condition(field="hour", op="at_least", value=[0])]])
    assert told(corpus_of(*mixed), bar(0.4), bar(0.2, measure=at_night, claim="p1.c2")).shows == ["p1.c1"]


def test_what_a_few_members_ever_did_is_asked_of_no_visit() -> None:
    """It is in hardly any visit of theirs; what most of them did is."""
    log = [bought(i, d, *((*ODD[:7], 24) if d == 0 else ODD)) for i in range(8) for d in range(2)]
    corpus = corpus_of(*log)
    ever = asks("users", steps=[[Condition(field="properties.quantity", op="is", value=[24.0])]])
    assert told(corpus, bar(0.3, measure=ever)) == visit_of(corpus, 1, *DRAWN)
    beside = told(corpus, bar(0.1, more=False), bar(0.3, measure=ever, claim="p1.c2"))
    assert beside.shows == ["p1.c1"], "a visit of two dozens denies the first bar"
    assert 24 in quantities(told(corpus, bar(0.9, measure=ever)))


def test_what_measures_come_to_in_single_visits() -> None:
    """By hand: of lines, things and visits, shares and numbers; what no visit has by itself is not asked."""
    log = [*bought(0, 0, 12, 3, 12), *came(0, 0.5, ("buy", "thing 0", 12.0), ("buy", "thing 0", 2.0)), *bought(1, 0, 5)]
    corpus = corpus_of(log, members=2)
    pays = [Condition(field="object", op="is", value=["thing 1"])]

    def of(measure: Measure) -> list[float]:
        found = in_visits(corpus, measure, [0, 1, 2])
        assert found is not None
        return [round(found[s].value, 3) for s in sorted(found)]

    assert of(asks(steps=[[DOZENS]])) == [0.667, 0.5, 0.0]
    assert of(asks("things", steps=[[DOZENS]])) == [0.667, 1.0, 0.0]
    assert of(asks("sessions", steps=[pays])) == of(asks("users", steps=[pays])) == [1, 0, 0]
    assert of(asks("sessions", steps=[[DOZENS]], at_least=2)) == [1, 0, 0]
    assert of(asks(where=pays, steps=[[DOZENS]])) == [0], "visits that it selects nothing of have no answer"
    number = {"statistic": "median"}
    assert of(asks("sessions", of="things", **number)) == [3, 1, 1]
    assert of(asks("sessions", of="total properties.quantity", **number)) == [27, 14, 5]
    assert (
        of(asks("users", of="properties.quantity", **number))
        == of(asks(of="properties.quantity", **number))
        == [12, 7, 5]
    )
    for of_nobodys_visit in (
        asks("sessions", of="gap", **number), asks("users", of="matches", **number), asks("users", statistic="cadence"),
        asks("users", feature={"name": "active_days", "op": "at_least", "value": 3}),
    ):  # fmt: skip
        assert in_visits(corpus, of_nobodys_visit, [0, 1]) is None
    lines = in_visits(corpus, asks(steps=[[DOZENS]]), [1])
    assert lines is not None and (len(lines[1].selected), len(lines[1].steps[0])) == (2, 1)


# So that there are visits to be told, whatever is drawn.
ALL_DO = [(u, v, "buy", thing, 3) for u in range(8) for v in range(2) for thing in "ab"]


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 7), st.integers(0, 3), st.sampled_from(["buy", "view"]), st.sampled_from("cdefg"),
                  st.sampled_from([1, 3, 12, 24, 13, 84])),
        min_size=1, max_size=80,
    ),
    st.floats(0, 1), st.booleans(),
)  # fmt: skip
def test_every_step_is_shared_by_five_members(
    rows: list[tuple[int, int, str, str, int]], value: float, more: bool
) -> None:
    """Whatever a log holds and a bar says: acts and things are those of at least five members, lines those of one visit, steps in
    its order, quantities as people say them.
    """
    log = [
        event(f"u{u}", 1000 * u + i, v * 1440 + i, act, object=thing, session=f"{u}.{v}",
              properties=json.dumps({"quantity": q}))
        for i, (u, v, act, thing, q) in enumerate(sorted([*rows, *ALL_DO]))
    ]  # fmt: skip
    corpus = load(log, {1: [f"u{i}" for i in range(8)]}, "UTC")
    nearest = visit_of(corpus, 1, *DRAWN)
    if nearest is None or not nearest.lines:
        return
    found = visit_for_bars(corpus, 1, nearest, [bar(value, more), bar(0.3, claim="p1.c2")], DRAWN)
    if not found.lines:
        assert not found.steps
        return
    for step in found.steps:
        sharing = {e["user"] for e in log if e["action"] == step.act and step.thing in (None, e["object"])}
        assert len(sharing) >= FLOOR
        assert step.quantity is None or step.quantity in SAID
    known = {e["line"]: e for e in log}
    lines = [known[c.line] for c in found.lines]
    assert len({e["session"] for e in lines}) == 1
    assert [e["ts"] for e in lines] == sorted(e["ts"] for e in lines)
    whole = [e for e in log if e["session"] == lines[0]["session"]]
    assert 0 <= found.more <= len(whole) - len(lines)


def test_a_card_says_what_its_visit_was_chosen_for() -> None:
    """Beside the lines, in words: for the bars that it agrees with whose claims may be told; else that it is the nearest."""
    known = persona_set()
    first = known.personas[0]
    assert first.visit is not None and first.card is not None
    bars = first.card.bars
    shown = first.visit.model_copy(update={"shows": [bars[0].claim, "p1.c99"]})
    made = published(
        known.model_copy(update={"personas": [first.model_copy(update={"visit": shown}), *known.personas[1:]]}), {}
    )
    visit = made.personas[0].visit
    assert visit is not None and visit.shows == [bars[0].claim]
    for page in (personas_markdown(made, {}), report_html(made, lines_of(made))):
        assert f"agrees with the card in this: “{bars[0].label}”." in page
        assert "The visit that is told is the one nearest to the middle of theirs" in page
    assert visit_chosen(first.visit, []).endswith("in size, hour and what it holds.")


def test_bars_are_asked_in_their_order_and_in_the_measure_that_is_drawn() -> None:
    """The first bar of the card is in a plainer measure than its claim; one whose claim fell is not asked."""
    first = persona_set().personas[0]
    assert first.card is not None
    asked = bars_asked(first)
    assert [b.claim for b in asked] == [b.claim for b in first.card.bars]
    assert (asked[0].measure, asked[0].value, asked[0].more) == (first.card.bars[0].measure, 0.48, True)
    fewer = first.model_copy(update={"claims": [c for c in first.claims if c.id != asked[0].claim]})
    assert [b.claim for b in bars_asked(fewer)] == [b.claim for b in asked[1:]]


def test_a_chosen_visit_stays_as_long_as_it_may_be_told() -> None:
    """Somebody else goes: the same steps, lines and bars, with figures anew. Its own member goes: another one that shows them."""
    corpus = corpus_of(*ORDERS)
    asked = bar(0.4, claim="p1.c2")
    was = told(corpus, asked)
    first = persona_set().personas[0]
    measured = first.claims[1].model_copy(
        update={
            "measure": asked.measure,
            "truthfulness": first.claims[1].truthfulness.model_copy(update={"value": 0.4}),
        }
    )
    card = first.card and first.card.model_copy(
        update={"bars": [first.card.bars[0].model_copy(update={"measure": None, "truth": None})]}
    )
    persona = first.model_copy(update={"visit": was, "claims": [measured], "card": card})
    own = {e["user"] for visit in ORDERS for e in visit if e["line"] in {c.line for c in was.lines}}

    def without(gone: str) -> Visit | None:
        return visit_again(corpus_of(*[v for v in ORDERS if v[0]["user"] != gone]), 1, persona, DRAWN)

    other = without(next(u for u in ("u6", "u7") if u not in own))
    assert other is not None and (other.steps, other.lines, other.shows) == (was.steps, was.lines, ["p1.c2"])
    another = without(*own)
    assert another is not None and another.lines != was.lines
    assert quantities(another) == quantities(was) and another.shows == ["p1.c2"]
