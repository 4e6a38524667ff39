"""What a measure is about, decided from the measure alone."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.evidence.corpus import Population
from persona_agent.evidence.evaluation import evaluate
from persona_agent.evidence.facets import Formed, by_construction, facets_of, kind_of
from persona_agent.schema import Measure

from .logs import event, load

BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
PAY = [{"field": "action", "op": "is", "value": ["pay"]}]
FAILED = [{"field": "action", "op": "is", "value": ["payment failed"]}]
MUG = [{"field": "object", "op": "is", "value": ["mug"]}]
LATE = [{"field": "hour", "op": "between", "value": [20, 23]}]
STORE = [{"field": "kept properties.store", "op": "is", "value": ["yes"]}]
OFTEN = {"name": "active_days", "op": "at_least", "value": 3}
FORMED = Formed(frozenset({"action", "object"}))
ONE = Formed(frozenset({"action"}), single=frozenset({"buy"}))


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "says": {"quantifier": "most"}, **asked})


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ({"steps": [BUY]}, "behaviour"), ({"steps": [MUG]}, "preference"), ({"steps": [FAILED]}, "friction"),
        ({"steps": [BUY, PAY], "ordered": True}, "journey"), ({"steps": [BUY], "absent": [PAY]}, "friction"),
        ({"feature": OFTEN}, "rhythm"), ({"statistic": "cadence"}, "rhythm"), ({"statistic": "trend", "steps": [BUY]}, "rhythm"),
        ({"feature": {"name": "share_of_events", "where": LATE, "op": "above", "value": 0.5}}, "rhythm"),
        ({"feature": {"name": "n_objects", "op": "below", "value": 5}}, "preference"),
        ({"statistic": "median", "of": "properties.quantity"}, "preference"), ({"statistic": "sum", "of": "value"}, "preference"),
        ({"unit": "sessions", "steps": [BUY], "at_least": 3}, "friction"), ({"steps": [BUY], "at_least": 3}, "behaviour"),
        ({"unit": "things", "steps": [[{"field": "met_before", "op": "is", "value": ["yes"]}]]}, "preference"),
        ({"unit": "sessions", "statistic": "median", "of": "gap"}, "rhythm"),
        ({"unit": "sessions", "steps": [STORE]}, "preference"),
    ],
)  # fmt: skip
def test_the_facet_is_decided_by_the_measure(asked: dict[str, Any], kind: str) -> None:
    """Unit, statistic, fields and order of a measure decide its facet, whatever a writer calls it."""
    assert kind_of(ask(**asked)) == kind


@pytest.mark.parametrize(
    ("asked", "formed", "tagged"),
    [
        ({"steps": [BUY]}, FORMED, True), ({"steps": [MUG]}, FORMED, True), ({"absent": [BUY]}, FORMED, True),
        ({"feature": {"name": "share_of_events", "where": BUY, "op": "above", "value": 0.5}}, FORMED, True),
        ({"where": BUY, "feature": OFTEN}, FORMED, True), ({"feature": OFTEN}, FORMED, False),
        ({"steps": [LATE]}, FORMED, False), ({"steps": [FAILED]}, FORMED, False),
        ({"statistic": "median", "of": "properties.quantity"}, FORMED, False),
        ({"statistic": "median", "of": "properties.quantity"}, Formed(frozenset({"properties.quantity"})), True),
        ({"feature": {"name": "median_of", "field": "value", "op": "above", "value": 1}}, Formed(frozenset({"value"})), True),
        ({"unit": "sessions", "steps": [STORE]}, Formed(frozenset({"properties.store"})), True),
        ({"steps": [BUY]}, Formed(frozenset({"action"}), aside=frozenset({"buy"})), False),
        ({"steps": [BUY, PAY]}, Formed(frozenset({"action"}), aside=frozenset({"buy"})), True),
        ({"unit": "memories", "where": BUY, "steps": [BUY, PAY]}, ONE, False),
        ({"unit": "memories", "where": BUY, "steps": [BUY, PAY]}, FORMED, True),
        ({"unit": "sessions", "where": BUY, "steps": [BUY, PAY]}, ONE, True),
        ({"unit": "memories", "steps": [BUY, PAY]}, ONE, True),
    ],
)  # fmt: skip
def test_what_formed_the_groups_is_tagged(asked: dict[str, Any], formed: Formed, tagged: bool) -> None:
    """A measure of a field that formed the groups is tagged, one of anything else is not; test_mutations takes the tags
    off.
    """
    assert by_construction(ask(**asked), formed) is tagged


def test_which_facets_a_log_can_show() -> None:
    """A log of single visits shows behaviour alone; one of several days and actions a session all of its facets."""
    once = load([event(f"u{i}", i, session=f"s{i}") for i in range(10)], {})
    assert facets_of(once, {"behaviour", "rhythm", "journey"}) == ["behaviour"]
    often = [
        event(f"u{i}", 10 * i + d, minutes=1440 * d, action=f"a{d}", session="s") for i in range(10) for d in range(3)
    ]
    assert facets_of(load(often, {}), {"preference", "journey"}) == ["behaviour", "preference", "rhythm", "journey"]


def test_observability_newcomers_are_not_asked_about_spring() -> None:
    """Who came later is no part of a share of spring; who was there before is part of one of autumn. test_mutations drops
    the rule.
    """
    old = [event(f"u{i}", i, action="buy" if i < 4 else "view") for i in range(8)]
    new = [event(f"n{i}", 20 + i, minutes=200 * 1440, action="buy") for i in range(8)]
    corpus = load([*old, *new], {})
    spring = {"start": "2024-03-01", "end": "2024-05-31"}
    found = evaluate(corpus, ask(steps=[BUY], window=spring), Population())
    assert (found.value, found.n) == (0.5, 8)
    # Who was there before and did nothing in autumn could have: it counts as not done.
    autumn = {"start": "2024-09-01", "end": "2024-12-31"}
    found = evaluate(corpus, ask(steps=[BUY], window=autumn), Population())
    assert (found.value, found.n) == (0.5, 16)
