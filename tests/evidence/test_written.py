"""Measures as models write them: nothing guessed, nothing invented accepted, nothing lost on the way back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.bench.written import written_from
from persona_agent.evidence import Unwritable, measure_from
from persona_agent.evidence.written import refuse_invented
from persona_agent.schema import Amount, Condition, Feature, FieldValues, Vocabulary, WrittenMeasure

WORDS = Vocabulary(
    timezone="UTC", first_day="2024-01-01", last_day="2024-06-30", actions=["view", "buy", "quit"], objects=["mug"],
    amounts=[Amount(name="k", low=1, median=2, high=3)], fields=[FieldValues(name="plan", values=["free"])], value=None,
    themes=["mugs, cups"],
)  # fmt: skip
PLAIN: dict[str, Any] = {
    "unit": "users", "conditions": [{"part": "step1", "field": "action", "op": "is", "values": ["buy"]}], "in_order": False,
    "within_minutes": None, "at_least": 1, "feature": None, "feature_field": None, "feature_op": None, "feature_value": None,
    "feature_upper": None, "statistic": "share", "of": "matches", "against_others": False, "within_field": None, "says": "most",
    "says_value": None,
}  # fmt: skip


def written(**changes: Any) -> WrittenMeasure:
    return WrittenMeasure.model_validate({**PLAIN, **changes})


def condition(field: str, op: str, *values: str, part: str = "step1") -> dict[str, Any]:
    return {"part": part, "field": field, "op": op, "values": list(values)}


def test_a_plain_measure() -> None:
    """Each field of a written measure becomes that part of a measure; minutes become seconds."""
    measure = measure_from(written(), WORDS)
    assert measure.steps == [[Condition(field="action", op="is", value=["buy"])]]
    assert (measure.unit, measure.versus, measure.says.quantifier) == ("users", None, "most")
    assert measure_from(written(says="more_than_others"), WORDS).versus == "matched"
    alike = measure_from(written(says="as_others", says_value=3.0), WORDS)
    assert (alike.versus, alike.says.value, alike.says.alike) == ("matched", None, True)
    assert measure_from(written(within_minutes=5, in_order=True), WORDS).within == 300
    assert measure_from(written(says="about"), WORDS).says.value == 0


def test_what_the_engine_can_answer_can_be_written() -> None:
    """Things, kinds of things, what opens a visit and what was met before, totals and amounts beside the usual, days and minutes
    between, and others of one value are measures.
    """
    themed = written(unit="things", conditions=[condition("theme", "is", "mugs, cups")], against_others=True)
    assert measure_from(themed, WORDS).unit == "things"
    again = [condition("met_before", "in", "yes", "no", part="where"), condition("opens_visit", "is", "yes")]
    assert len(measure_from(written(unit="sessions", conditions=again), WORDS).where) == 1
    for of in ("total properties.k", "relative properties.k", "biggest properties.k", "gap", "minutes", "things"):
        made = written(unit="sessions", conditions=[], statistic="median", of=of, says="about")
        assert measure_from(made, WORDS).of == of
    assert measure_from(written(within_field="properties.plan"), WORDS).versus == "within properties.plan"
    ends = {"feature_op": "between", "feature_value": 300.0, "feature_upper": 320.0}
    total = written(unit="sessions", conditions=[], feature="total_of", feature_field="properties.k", **ends)
    assert measure_from(total, WORDS).feature == Feature(
        name="total_of", field="properties.k", op="between", value=300, upper=320
    )
    repeated = [
        condition("same properties.k", "in", "yes", "no", part="where"),
        condition("same properties.k", "is", "yes"),
    ]
    assert measure_from(written(unit="things", conditions=repeated), WORDS).compared_amounts == {"properties.k"}
    with pytest.raises(Unwritable, match="no field"):
        measure_from(written(unit="things", conditions=[condition("same properties.zz", "is", "yes")]), WORDS)
    kept = measure_from(written(unit="sessions", conditions=[condition("kept properties.plan", "is", "yes")]), WORDS)
    assert kept.kept_fields == {"properties.plan"}
    invented = kept.model_copy(update={"steps": [[Condition(field="kept properties.zz", op="is", value=["yes"])]]})
    refuse_invented(kept, WORDS)
    with pytest.raises(Unwritable, match=r"properties\.zz"):
        refuse_invented(invented, WORDS)
    with pytest.raises(Unwritable, match=r"properties\.zz"):
        measure_from(written(unit="sessions", conditions=[condition("kept properties.zz", "is", "yes")]), WORDS)


def test_a_place_is_asked_by_whether_it_is_kept_alone() -> None:
    """Of a field that is a place (a store) it can be asked whether a visit is at the one before, and not at which one it is."""
    words = WORDS.model_copy(update={"places": ["store"]})
    kept = measure_from(written(unit="sessions", conditions=[condition("kept properties.store", "is", "no")]), words)
    assert kept.kept_fields == {"properties.store"}
    with pytest.raises(Unwritable, match="no field"):
        measure_from(written(unit="sessions", conditions=[condition("properties.store", "is", "4")]), words)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"conditions": [condition("action", "is", "teleport")]}, "no action 'teleport'"),
        ({"conditions": [condition("action", "is", "bvy")]}, "do you mean 'buy'"),
        ({"conditions": [condition("properties.age", "at_least", "30")]}, "no field 'properties.age'"),
        ({"conditions": [condition("mood", "is", "good")]}, "mood"),
        ({"conditions": [condition("hour", "between", "nine", "ten")]}, "takes numbers"),
        ({"conditions": [condition("hour", "between", "9")]}, "takes 2"),
        ({"conditions": [condition("properties.k", "at_least", "inf")]}, "takes numbers"),
        ({"conditions": [condition("action", "is")]}, "value"),
        ({"feature": "active_days"}, "needs feature_op"),
        ({"feature": "share_of_events", "feature_op": "above", "feature_value": 0.5}, "where"),
        (
            {"feature": "median_of", "feature_field": "properties.zz", "feature_op": "above", "feature_value": 1.0},
            "properties.zz",
        ),
        ({"says": "at_least"}, "needs says_value"),
        ({"says": "n_in_ten"}, "value goes with"),
        ({"of": "value"}, "no value"),
        ({"of": "total value", "statistic": "median"}, "no value"),
        ({"of": "relative properties.kk", "statistic": "median"}, "no field 'properties.kk'"),
        ({"within_field": "properties.plam"}, "properties.plam"),
        ({"conditions": [condition("theme", "is", "plates")]}, "no theme 'plates'"),
        ({"of": "properties.zz"}, "no field"),
        ({"unit": "events", "at_least": 2}, "larger unit"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(changes: dict[str, Any], says: str) -> None:
    """An unknown action, field or value, a missing number and a part that does not fit are refused with their name."""
    with pytest.raises(Unwritable, match=says):
        measure_from(written(**changes), WORDS)


CONDITIONS = st.one_of(
    st.builds(lambda v: ("action", "is", [v]), st.sampled_from(WORDS.actions)),
    st.builds(lambda v: ("object", "contains", [v]), st.text(min_size=1, max_size=9)),
    st.builds(lambda a, b: ("hour", "between", [f"{a}", f"{b}"]), st.integers(0, 23), st.integers(0, 23)),
    st.builds(lambda v: ("properties.k", "at_least", [f"{v:g}"]), st.integers(0, 99)),
    st.builds(
        lambda v: ("properties.plan", "in", v), st.lists(st.sampled_from(["free", "paid"]), min_size=1, max_size=2)
    ),
)


@st.composite
def written_measures(draw: st.DrawFn) -> WrittenMeasure:
    parts = [
        "where",
        "step1",
        *draw(st.sampled_from([[], ["step2"], ["step2", "step3"]])),
        *draw(st.sampled_from([[], ["absent"]])),
    ]
    chosen = [(part, draw(CONDITIONS)) for part in parts if part != "where" or draw(st.booleans())]
    share = draw(st.booleans())
    says = draw(st.sampled_from(["most", "about", "more_than_others", "few"]))
    return written(
        unit=draw(st.sampled_from(["users", "sessions"])),
        conditions=[condition(f, op, *v, part=p) for p, (f, op, v) in chosen]
        + ([condition("hour", "is", "7", part="counted")] if share else []),
        in_order=len(parts) > 2 and draw(st.booleans()),
        within_minutes=draw(st.one_of(st.none(), st.integers(1, 10_000).map(float))),
        at_least=draw(st.integers(1, 5)),
        feature="share_of_events" if share else None,
        feature_op="above" if share else None,
        feature_value=0.25 if share else None,
        says=says,
        against_others=says == "more_than_others" or draw(st.booleans()),
        says_value=0.0 if says == "about" else None,
    )


@given(written_measures())
def test_there_and_back(measure: WrittenMeasure) -> None:
    """A measure made from a written one is written as the same again."""
    assert written_from(measure_from(measure, WORDS)) == measure
