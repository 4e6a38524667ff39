"""What becomes of claims: outcomes from tests, and how false changes are held."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from persona_agent.commands.comparing.claim_outcomes import _published
from persona_agent.evidence import Measured, Moved, Population, false_discovery_bar, moved, settled
from persona_agent.evidence.corpus import Corpus
from persona_agent.schema import Measure

from .logs import event, load

MANY = Measure.model_validate(
    {
        "unit": "users",
        "statistic": "share",
        "steps": [[{"field": "action", "op": "is", "value": ["buy"]}]],
        "says": {"quantifier": "most"},
    }
)


def measured(value: float) -> Measured:
    return Measured("users", "share", value, n=100, ci=(value - 0.05, value + 0.05))


def found(was: float, now: float, p: float, *, shown: bool) -> Moved:
    return Moved("holds", measured(was), measured(now), p, shown)


@pytest.mark.parametrize(
    ("moved", "outcome"),
    [
        (found(0.9, 0.88, 0.4, shown=True), "holds"),
        (found(0.9, 0.7, 1e-6, shown=True), "weakened"),
        (found(0.9, 0.89, 1e-6, shown=True), "holds"),
        (found(0.9, 0.3, 1e-6, shown=False), "refuted"),
        (found(0.55, 0.49, 0.2, shown=False), "cannot_tell"),
    ],
)
def test_the_outcome_of_a_claim(moved: Moved, outcome: str) -> None:
    """Beyond chance it is weakened where it still shows and moved by more than a tenth, refuted where it no longer shows; within
    chance it holds, or cannot be told.
    """
    assert settled([moved], [MANY])[0].outcome == outcome


def test_a_claim_that_cannot_be_asked_stays_so_and_counts_for_nothing() -> None:
    """One without a p keeps its reason, and the others are held as if it were not there."""
    untold: Any = Moved("cannot_tell", measured(0.9), why="it is about a time of the earlier log")
    made = settled([untold, found(0.9, 0.3, 0.04, shown=False)], [MANY, MANY])
    assert [m.outcome for m in made] == ["cannot_tell", "refuted"]
    assert made[0].why == "it is about a time of the earlier log"


def test_a_place_that_the_later_log_lacks_cannot_be_asked() -> None:
    """Whether the store is that of the visit before is asked where there are stores, not where the column has another name."""
    kept = "kept properties.store"
    given_measure = {
        "unit": "sessions", "statistic": "share", "says": {"comparator": "about", "value": 1},
        "where": [{"field": kept, "op": "in", "value": ["yes", "no"]}],
        "steps": [[{"field": kept, "op": "is", "value": ["yes"]}]],
    }  # fmt: skip

    def corpus(field: str) -> Corpus:
        return load(
            [
                event(
                    f"u{u}", 10 * u + v, 1440 * v, "buy", session=f"u{u}.{v}", properties=json.dumps({field: "north"})
                )
                for u in range(40)
                for v in range(4)
            ],
            {1: [f"u{u}" for u in range(40)]},
        )

    asked, members = Measure.model_validate(given_measure), Population(1)
    old, same, renamed = corpus("store"), corpus("store"), corpus("branch")
    assert moved(old, same, asked, members, [members]).why == ""
    assert "nothing in the later log has a store" in moved(old, renamed, asked, members, [members]).why


def test_of_claims_that_did_not_change_hardly_any_is_said_to_have() -> None:
    """Over a thousand comparisons of forty claims by chance alone, one in twenty has a change at most, and 1 % of claims."""
    rng = np.random.default_rng(0)
    said = [sum(p <= false_discovery_bar(ps, 0.05) for p in ps) for ps in rng.random((1_000, 40))]
    assert np.mean([n > 0 for n in said]) <= 0.07
    assert np.mean(said) / 40 <= 0.01


@given(st.lists(st.floats(0, 1), max_size=30))
def test_the_bar_is_one_of_the_figures(ps: list[float]) -> None:
    """The bar is the largest p that passes, or below all of them; what is under it has p no greater than the rate."""
    bar = false_discovery_bar(ps, 0.05)
    assert bar == -1.0 or (bar in ps and bar <= 0.05)


ACT: dict[str, Any] = {"statistic": "share", "steps": [[{"field": "action", "op": "is", "value": ["buy"]}]]}
USERS_OF_A_LOG, OF_GROUP = 80, 40


def log_of(doers: range, elsewhere: range) -> Corpus:
    """Eighty users with four visits, of whom these buy in each: the first forty are the group."""
    rows = [
        event(
            f"u{u}",
            10 * u + v,
            1440 * v + u,
            "buy" if u in doers or u in elsewhere else "view",
            session=f"s{u}.{v}",
        )
        for u in range(USERS_OF_A_LOG)
        for v in range(4)
    ]
    return load(rows, {1: [f"u{u}" for u in range(OF_GROUP)], 2: [f"u{u}" for u in range(OF_GROUP, USERS_OF_A_LOG)]})


# Each is asked again and again: of every log there is one as the earlier one and one as the later.
earlier, later_one = cache(log_of), cache(log_of)


@pytest.mark.parametrize("unit", ["users", "sessions"])
@pytest.mark.parametrize(
    "says",
    [
        *({"quantifier": word} for word in ("all", "none", "almost_all", "hardly_any", "few", "most")),
        {"comparator": "at_most", "value": 0.05},
        {"comparator": "about", "value": 0.5},
        {"comparator": "more_than_others"},
        {"comparator": "less_than_others"},
    ],
)
@pytest.mark.parametrize("leave", [False, True])
@pytest.mark.parametrize("was", [0, 20, 40])
def test_a_later_log_tells_nobody_from_four(unit: str, says: dict[str, Any], leave: bool, was: int) -> None:
    """Figures, outcome and p are the same whether none, one, two or four of the group do it now, or leave it."""
    if unit == "sessions" and "quantifier" in says:
        says = {"quantifier": {"all": "usually", "most": "often"}.get(says["quantifier"], "rarely")}
    versus = "matched" if "others" in says.get("comparator", "") else None
    measure = Measure.model_validate({**ACT, "unit": unit, "says": says, "versus": versus})
    group, others = Population(1), range(60, 70)
    old, told = earlier(range(was), others), set()
    for few in (0, 1, 2, 4):
        later = later_one(range(few, OF_GROUP) if leave else range(few), others)
        row = settled([moved(old, later, measure, group, [group])], [measure])[0]
        now = _published(measure, row.now) if row.now else None
        told.add((row.outcome, row.p, row.why, row.others, now and (now.value, now.bound, now.matched, now.n)))
    assert len(told) == 1
    [(outcome, *_, figures)] = told
    assert figures is not None and figures[1] == ("over" if leave else "under")
    assert outcome != "refuted" or was != (OF_GROUP if leave else 0)


def test_an_act_of_fewer_than_five_is_as_if_it_were_not_there() -> None:
    """Of what nobody, one or four of the later log do the same is said."""
    measure = Measure.model_validate({**ACT, "unit": "users", "says": {"quantifier": "few"}})
    old, group = log_of(range(20), range(60, 70)), Population(1)
    later = [moved(old, log_of(range(few), range(0)), measure, group, [group]) for few in (0, 1, 4)]
    assert len({(m.outcome, m.why, m.now) for m in later}) == 1
