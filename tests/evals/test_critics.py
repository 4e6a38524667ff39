"""The cases and judges of the critic's suite: how many, of which kinds, in which part, and how they are scored."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.critics import judges, stranger
from evals.suite import suite_of
from evals.suites import critic
from persona_agent.schema import Measure

LOGS = list(suite_of(critic).data["logs"])
PLANTED = {log: stranger.cases_of(log) for log in LOGS}
ALL = [s for cases in PLANTED.values() for p in cases["personas"] for s in p["statements"]]


def test_every_type_that_text_can_hold_is_there_often_enough() -> None:
    """Every kind of error has 30 cases, but for the one that evals/README.md names, and controls are 120."""
    kinds = Counter(s["kind"] for s in ALL if "void" not in s)
    few = {k: n for k, n in kinds.items() if k not in stranger.CONTROLS and n < 30}
    assert few == {"18": 19}, "evals/README.md states this shortfall and no other"
    assert sum(kinds[c] for c in stranger.CONTROLS) >= 120


def test_no_statement_is_there_twice_and_each_says_what_it_means() -> None:
    """No card has a statement twice; each has a known kind and a valid measure, or is not checkable."""
    for log, cases in PLANTED.items():
        told = [(p["name"], s["text"]) for p in cases["personas"] for s in p["statements"]]
        assert len(told) == len(set(told)), log
    for s in ALL:
        assert s["kind"] in {*critic.ERRORS, *stranger.CONTROLS}
        if s["gold"] is None:
            assert s["label"] == "not_checkable"
        else:
            Measure.model_validate(s["gold"])


def test_the_parts_are_drawn_by_words_alone() -> None:
    """The parts hold about half each, and a text is always of the same one."""
    parts = Counter(stranger.part_of(s["text"]) for s in ALL)
    assert 0.4 < parts["test"] / len(ALL) < 0.6
    assert stranger.part_of("They print.") == stranger.part_of("They print.")


def row(part: str, clean: bool, likeness: float) -> dict[str, Any]:
    return {"part": part, "clean": clean, "likeness": dict.fromkeys(judges.LIKENESS, likeness), "said": {}}


def test_a_cut_is_chosen_on_the_dev_part() -> None:
    """A baseline's cut is the best of the dev part, and decides on all."""
    rows = [row("dev", True, 0.8), row("dev", False, 0.2), row("test", True, 0.1), row("test", False, 0.9)]
    cuts = judges.thresholds(rows)
    judges.decide(rows, cuts)
    assert cuts == dict.fromkeys(judges.LIKENESS, 0.8)
    assert [r["said"]["lexical"] for r in rows] == [True, False, False, True]


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=40))
def test_balanced_accuracy_gives_each_class_half(said: list[tuple[bool, bool]]) -> None:
    """Accuracy is the mean of both classes', undefined without one of them; a judge that always says no has a half."""
    codes = [2.0 * clean + float(right) for clean, right in said]
    found = critic._accuracy(codes)
    clean, wrong = ([r for c, r in said if c is of] for of in (True, False))
    if not clean or not wrong:
        assert found != found
    else:
        assert found == pytest.approx((sum(clean) / len(clean) + sum(wrong) / len(wrong)) / 2)
    always_no = [2.0 * c + float(not c) for c, _ in said]
    assert critic._accuracy(always_no) == 0.5 or not clean or not wrong


def test_kappa_is_agreement_beyond_chance() -> None:
    """Agreement in all is 1, the opposite −1, and undefined where all say the same or nothing is said."""

    def rows(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
        return [{"labels": list(p)} for p in pairs]

    assert critic._kappa(rows(("true", "true"), ("false", "artefact"))) == 1.0
    assert critic._kappa(rows(("true", "true"), ("true", "true"))) is None
    assert critic._kappa(rows(("true", "false"), ("false", "true"))) == -1.0
    assert critic._kappa([]) is None
