"""Fair comparison: others first seen in the same month, active on about as many days."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from persona_agent.evidence import people
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.evaluation import evaluate, paired_with
from persona_agent.evidence.matching import DAY_BINS, about_activity, stratum
from persona_agent.evidence.people import months_alike
from persona_agent.evidence.verdicts import judge_measured
from persona_agent.schema import Measure

from .logs import event, load

BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
HERE = Population(1)
DAY = 1440


def ask(**asked: Any) -> Measure:
    says = {"comparator": "more_than_others"}
    return Measure(
        **{"unit": "users", "statistic": "share", "steps": [BUY], "versus": "matched", "says": says, **asked}
    )


def visits(name: str, first: int, days: int, buys: bool) -> list[dict[str, Any]]:
    """One event a day, the last of them a purchase if `buys`; lines are numbered by name."""
    return [
        event(
            name, int(name[1:]) * 100 + d, minutes=(first + d) * DAY, action="buy" if buys and d == days - 1 else "view"
        )
        for d in range(days)
    ]


@pytest.fixture(scope="module")
def exposed() -> Corpus:
    """Members are active on 9 days and others mostly on 1; who is there for 9 days buys in 3 of 4 cases, whoever it is."""
    log = [e for i in range(80) for e in visits(f"u{i}", 0, 9, i % 4 != 0)]
    log += [e for i in range(80, 120) for e in visits(f"u{i}", 0, 9, i % 4 != 0)]
    log += [e for i in range(120, 400) for e in visits(f"u{i}", 0, 1, i % 10 == 0)]
    return load(log, {1: [f"u{i}" for i in range(80)]})


def test_who_is_seen_longer_does_not_do_more(exposed: Corpus) -> None:
    """What goes with days of activity alone is an artefact with both figures and no bits; test_mutations turns matching
    off.
    """
    for versus in ("matched", "everyone_else"):
        judged = judge_measured(exposed, ask(versus=versus), HERE)
        assert judged.truthfulness.label == "artefact", versus
        assert judged.truthfulness.matched == pytest.approx(0.75)
        assert judged.truthfulness.raw == pytest.approx(58 / 320)
        assert judged.information_bits == 0.0


def test_a_real_difference_survives(exposed: Corpus) -> None:
    """What differs among equally active users is true."""
    log = [e for i in range(60) for e in visits(f"u{i}", 0, 9, i % 4 != 0)]
    log += [e for i in range(60, 120) for e in visits(f"u{i}", 0, 9, i % 4 == 0)]
    corpus = load(log, {1: [f"u{i}" for i in range(60)]})
    assert judge_measured(corpus, ask(), HERE).truthfulness.label == "true"


def test_members_without_partners_are_said_and_not_compared() -> None:
    """Members without others of their month are counted as unmatched and left out of the comparison; where none has a
    partner there is not enough.
    """
    log = [e for i in range(10) for e in visits(f"u{i}", 0, 1, True)]
    log += [e for i in range(10, 20) for e in visits(f"u{i}", 90, 1, False)]
    log += [e for i in range(20, 40) for e in visits(f"u{i}", 0, 1, False)]
    corpus = load(log, {1: [f"u{i}" for i in range(20)]})
    found = evaluate(corpus, ask(), HERE)
    assert found.unmatched == pytest.approx(0.5)
    assert found.value == 0.5
    assert found.paired is not None
    assert found.paired.value == 1.0
    pairing = paired_with(corpus, ask(), HERE)
    assert pairing.members.sum() == 10
    assert pairing.weights.sum() == pytest.approx(1.0)
    alone = load(log, {1: [f"u{i}" for i in range(10, 20)]})
    judged = judge_measured(alone, ask(), HERE)
    assert judged.truthfulness.label == "not_enough"
    assert judged.information_bits is None


def test_strata(exposed: Corpus) -> None:
    """Users of one month and two levels of activity are in two strata, in one for a measure of activity; bins are in order."""
    codes = stratum(exposed.people, ask())
    assert len(np.unique(codes)) == 2
    assert (
        len(np.unique(stratum(exposed.people, ask(steps=[], feature={"name": "n_events", "op": "above", "value": 1}))))
        == 1
    )
    assert list(DAY_BINS) == sorted(DAY_BINS)


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ({"steps": [], "feature": {"name": "active_days", "op": "at_least", "value": 2}}, True),
        ({"steps": [], "statistic": "cadence"}, True), ({"steps": [], "statistic": "sum"}, True),
        ({"steps": [], "at_least": 5}, True), ({}, False), ({"at_least": 3}, False), ({"statistic": "cadence"}, False),
        ({"steps": [], "feature": {"name": "n_events", "where": BUY, "op": "at_least", "value": 2}}, False),
        ({"steps": [], "feature": {"name": "n_objects", "op": "below", "value": 2}}, False),
        ({"steps": [], "statistic": "sum", "of": "value"}, False),
    ],
)  # fmt: skip
def test_activity_is_not_matched_on_itself(asked: dict[str, Any], about: bool) -> None:
    """Measures of how often somebody comes are about activity, those of what somebody does are not."""
    assert about_activity(ask(**asked)) is about


@pytest.mark.parametrize(
    ("users", "end", "months"),
    [(60, "2024-06-30", 1), (59, "2024-06-30", 3), (40, "2024-12-31", 3), (39, "2024-12-31", 12)],
)
def test_few_users_a_month_came_at_about_the_same_time_in_a_quarter_or_a_year(
    users: int, end: str, months: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten users of a period are enough on average; where a quarter has fewer it is the year."""
    monkeypatch.setattr(people, "PARTNERS", 10)
    assert months_alike(users, "2024-01-01", end) == months


def test_members_of_a_sparse_log_have_others_of_their_quarter(monkeypatch: pytest.MonkeyPatch) -> None:
    """One user a month for three years: nobody has a partner of the same month, and most have one of the same year."""
    log = [e for i in range(36) for e in visits(f"u{i}", 30 * i, 2, i % 2 == 0)]
    groups = {1: [f"u{i}" for i in range(0, 36, 2)]}
    by_month = evaluate(load(log, groups), ask(), HERE)
    monkeypatch.setattr(people, "PARTNERS", 10)
    by_year = evaluate(load(log, groups), ask(), HERE)
    assert by_month.unmatched == 1.0
    assert by_month.other is None or by_month.other.value is None
    assert by_year.unmatched is not None
    assert by_year.unmatched < 0.2
    assert by_year.other is not None
    assert by_year.other.value == 0.0
