"""Claims on users and on a quarter that they were not made from, and on a later log."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from persona_agent.evidence.answers import Measured
from persona_agent.evidence.corpus import Corpus, Population
from persona_agent.evidence.intervals import wilson
from persona_agent.evidence.quantifiers import BOUNDED
from persona_agent.evidence.replication import again, grows_with_time, replicate
from persona_agent.schema import Measure, Truthfulness
from persona_agent.words.floors import published_truth

from .logs import event, load

BUY = [{"field": "action", "op": "is", "value": ["buy"]}]
MORE = {"comparator": "more_than_others"}
DAY = 24 * 60


def ask(**asked: Any) -> Measure:
    return Measure(**{"unit": "users", "statistic": "share", "steps": [BUY], "says": {"quantifier": "most"}, **asked})


def log_of(fit: int, held: int, others: int) -> list[dict[str, Any]]:
    """20 members (u00 to u19, of which 10 to 19 are held out) and 20 others (from 30 on held out); so many of each buy."""
    buyers = {*range(fit), *range(10, 10 + held), *range(20, 20 + others), *range(30, 30 + others)}
    log = []
    for i in range(40):
        log.append(event(f"u{i:02}", 2 * i, action="buy" if i in buyers else "view"))
        log.append(event(f"u{i:02}", 2 * i + 1, minutes=100 * DAY, action="view"))
    return log


def corpus_of(log: list[dict[str, Any]]) -> Corpus:
    members = {1: [f"u{i:02}" for i in range(20)]}
    held = [f"u{i:02}" for i in [*range(10, 20), *range(30, 40)]]
    corpus = load(log, members)
    return Corpus.prepare(corpus.connection, "UTC", held)


@pytest.mark.parametrize(
    ("says", "held", "holds"),
    [
        ({"quantifier": "most"}, 8, True), ({"quantifier": "most"}, 2, False), ({"quantifier": "few"}, 5, False),
        (MORE, 8, True), (MORE, 2, False), ({"comparator": "less_than_others"}, 8, False),
        ({"comparator": "at_least", "value": 0.5}, 6, True), ({"comparator": "at_least", "value": 0.5}, 4, False),
        ({"comparator": "about", "value": 0.9}, 8, True), ({"comparator": "about", "value": 0.9}, 1, False),
        ({"quantifier": "n_in_ten", "value": 9}, 7, True), ({"quantifier": "n_in_ten", "value": 9}, 1, False),
    ],
)  # fmt: skip
def test_a_claim_must_hold_on_the_held_out_users_alone(says: dict[str, Any], held: int, holds: bool) -> None:
    """A claim holds by the ten held-out members alone."""
    versus = {"versus": "matched"} if "comparator" in says and says.get("value") is None else {}
    found = replicate(corpus_of(log_of(9, held, 3)), ask(says=says, **versus), Population(1)).held_out
    assert found is not None
    assert (found.holds, found.value, found.n) == (holds, held / 10, 10)


def test_the_held_out_are_compared_with_held_out_others() -> None:
    """Comparable others of held-out members are held-out users."""
    found = replicate(corpus_of(log_of(9, 8, 3)), ask(says=MORE, versus="matched"), Population(1)).held_out
    assert found is not None
    assert found.matched == pytest.approx(0.3)


def test_too_few_users_answer_nothing() -> None:
    """Below the floor of users there is no answer."""
    most = ask(says={"quantifier": "most"})
    first = Measured("users", "share", value=0.9, n=10, units=10, satisfying=9, ci=(0.6, 0.98))
    few = Measured("users", "share", value=1.0, n=4, units=4, satisfying=4, ci=(0.5, 1.0))
    assert again(most, first, few, floor=5) is None
    nobody = Measured("users", "share")
    assert again(most, first, nobody, floor=5) is None


def test_the_last_quarter_asks_growing_measures_for_their_direction_only() -> None:
    """In the last quarter a comparison is asked for its direction; “most ever did it” is not asked."""
    log = [event(f"u{i:02}", i, action="buy" if i < 18 else "view") for i in range(40)]
    log += [
        event(f"u{i:02}", 100 + i, minutes=100 * DAY, action="buy" if i % 20 < 4 and i < 20 else "view")
        for i in range(40)
    ]
    corpus = corpus_of(log)
    said = replicate(corpus, ask(says=MORE, versus="matched"), Population(1)).last_quarter
    assert said is not None
    assert (said.holds, said.value, said.matched) == (True, 0.2, 0.0)
    assert replicate(corpus, ask(), Population(1)).last_quarter is None


@pytest.mark.parametrize(
    ("asked", "grows"),
    [
        ({}, True), ({"steps": [], "feature": {"name": "active_days", "op": "at_least", "value": 2}}, True),
        ({"unit": "sessions"}, False), ({"unit": "memories"}, False),
        ({"steps": [], "feature": {"name": "share_of_events", "where": BUY, "op": "above", "value": 0.5}}, False),
        ({"statistic": "median", "of": "properties.k"}, False), ({"statistic": "median"}, True),
        ({"statistic": "sum"}, True), ({"steps": [], "feature": {"name": "repeat_share", "op": "above", "value": 0.5}}, True),
        ({"steps": [BUY], "feature": {"name": "share_of_events", "where": BUY, "op": "above", "value": 0.5}}, True),
    ],
)  # fmt: skip
def test_what_grows_with_time(asked: dict[str, Any], grows: bool) -> None:
    """Ever did it, totals and counts grow with time; shares of sessions, memories and events do not."""
    assert grows_with_time(ask(**asked)) is grows


WORDS = [
    *({"quantifier": w} for w in [*BOUNDED, "half", "a_third"]),
    *({"quantifier": "n_in_ten", "value": x} for x in (1, 9)),
]
NUMBERS = [{"comparator": c, "value": x} for c in ("at_least", "at_most", "about") for x in (0.2, 0.5, 0.9)]
FIT = [(29, 60), (60, 60), (2, 60), (50, 60), (12, 48)]


@cache
def of(did: int, n: int) -> Measured:
    return Measured("users", "share", value=did / n, n=n, units=n, satisfying=did, ci=wilson(did, n))


@cache
def told_of(did: int, n: int) -> tuple[object, ...]:
    """What is published of it, whatever was said."""
    truth = Truthfulness(label="true", score=1.0, value=did / n, ci=None, n=n, reason="")
    told = published_truth(truth, ask(says={"quantifier": "most"}))
    return told.value, told.bound, told.n


@pytest.mark.parametrize("says", [*WORDS, *NUMBERS])
@pytest.mark.parametrize("fit", FIT)
def test_a_verdict_tells_no_more_than_the_published_figure(says: dict[str, Any], fit: tuple[int, int]) -> None:
    """Of five to sixty users set aside, whatever one of them does: what is published alike is judged alike."""
    measure, judged = ask(says=says), dict[tuple[object, ...], set[bool | None]]()
    for n in range(5, 61):
        for did in range(n + 1):
            found = again(measure, of(*fit), of(did, n), floor=5)
            judged.setdefault(told_of(did, n), set()).add(found.holds if found else None)
    assert [told for told, verdicts in judged.items() if len(verdicts) > 1] == []
    assert len({verdict for verdicts in judged.values() for verdict in verdicts}) > 1


@pytest.mark.parametrize(("word", "did"), [("all", 60), ("none", 0)])
def test_a_word_for_everybody_holds_again_where_the_claim_itself_says_so(word: str, did: int) -> None:
    """Else the one who makes the difference would be known to be among these few."""
    measure = ask(says={"quantifier": word})

    def holds(first: int, second: int) -> bool | None:
        found = again(measure, of(abs(did - first), 60), of(abs(did // 5 - second), 12), floor=5)
        return found.holds if found else None

    assert holds(0, 0) is True
    assert [holds(0, 1), holds(1, 0), holds(1, 1), holds(0, 4)] == [None] * 4
    assert holds(0, 6) is False


def test_in_a_large_set_a_word_is_held_against_what_is_told() -> None:
    """“Almost all” of 60, where three do not, is told as over 92 % and holds; of 30 it is told as over 83 % and not asked."""
    measure = ask(says={"quantifier": "almost_all"})
    found = [again(measure, of(57, 60), of(n - 3, n), floor=5) for n in (60, 30)]
    assert [r and r.holds for r in found] == [True, None]
