"""Sums over all users: parts are those of a plain addition, and none is told that a few users make up, or that gives one away."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest

from persona_agent.evidence.added_up import AddedUp, PartsOfSum, parts_of_sum
from persona_agent.evidence.corpus import Corpus
from persona_agent.questions.log_names import NOTHING_NAMED
from persona_agent.questions.totals import Total
from persona_agent.questions.totals_told import told_total

from .logs import event, load

USERS = 40
VALUE = AddedUp("amount", "value")
FIELD, FINER = "properties.k", "properties.f"


def log_of(*parts: tuple[str, str, Iterable[int], float], alike: bool = False) -> Corpus:
    """A line for each user of each part: its value of k, of f, the users, and what a line is worth, or about that where they are
    not `alike`.
    """
    log = []
    for k, f, users, worth in parts:
        for u in users:
            held, own = json.dumps({"k": k, "f": f}), worth if alike else worth * (1 + (len(log) ** 2 % 97) / 100)
            log.append(event(f"u{u:03}", len(log) + 1, u, value=own, properties=held))
    return load(sorted(log, key=lambda e: e["user"]), {})


def told(found: PartsOfSum | None) -> dict[str, float]:
    assert found is not None
    return {p.value: round(p.share, 6) for p in found.told}


def test_parts_are_those_of_a_plain_addition() -> None:
    """Each with its share, what it is and who has some; of visits and lines their number."""
    corpus = log_of(("A", "a", range(USERS), 3.0), ("B", "b", range(10, 30), 10.0), alike=True)
    found = parts_of_sum(corpus, VALUE, FIELD)
    assert told(found) == {"b": 0.625, "a": 0.375}
    assert found is not None
    assert (found.whole, found.rest, found.many) == (320.0, None, False)
    assert [(p.amount, p.users) for p in found.told] == [(200.0, 20), (120.0, 40)]
    assert told(parts_of_sum(corpus, AddedUp("events"), FIELD)) == {"a": round(40 / 60, 6), "b": round(20 / 60, 6)}
    assert [p.amount for p in (parts_of_sum(corpus, AddedUp("sessions"), "year") or found).told] == [USERS]


def test_what_fewer_than_five_have_is_not_told_nor_left_over_alone() -> None:
    """Four users' part has no figure; where it is all that is left of what is told, the smallest of these has none either."""
    parts = [("A", "a", range(USERS), 3.0), ("B", "b", range(20), 3.0)]
    assert told(parts_of_sum(log_of(*parts, ("C", "c", range(5), 3.0)), VALUE, FIELD)).keys() == {"a", "b", "c"}
    found = parts_of_sum(log_of(*parts, ("C", "c", range(4), 3.0)), VALUE, FIELD)
    assert told(found).keys() == {"a"}
    assert found is not None
    assert found.rest is not None
    assert found.rest.users == 20


def test_what_a_few_make_up_nearly_alone_is_not_told() -> None:
    """Twenty users have some of it, one of them nearly all."""
    parts = [("A", "a", range(USERS), 10.0), ("B", "b", range(20), 1.0), ("C", "c", range(20, USERS), 6.0)]
    assert "b" in told(parts_of_sum(log_of(*parts), VALUE, FIELD))
    assert "b" not in told(parts_of_sum(log_of(*parts, ("B", "b", [39], 500.0)), VALUE, FIELD))


def test_no_difference_of_two_splits_is_of_a_few() -> None:
    """What is told by the coarser field stays; of its finer values none is told that leaves three users of the coarser one."""
    corpus = log_of(
        ("A", "a1", range(USERS), 3.0),
        ("A", "a2", range(3), 3.0),
        ("B", "b1", range(20), 3.0),
        ("B", "b2", range(9), 2.0),
    )
    assert told(parts_of_sum(corpus, VALUE, FINER)).keys() == {"a1", "b1"}
    assert told(parts_of_sum(corpus, VALUE, FIELD)).keys() == {"a", "b"}
    after = told(parts_of_sum(corpus, VALUE, FINER, [FIELD]))
    assert "a1" not in after, "a less a1 is three users'"
    assert after.keys() == {"b1", "b2"}
    assert told(parts_of_sum(corpus, VALUE, FINER, [FIELD])) == after, "the same whenever it is asked"


@pytest.mark.parametrize("worth", [0.0, -2.0])
def test_where_all_come_to_nothing_there_are_no_shares(worth: float) -> None:
    """A share of nothing, or of a loss, says nothing."""
    assert parts_of_sum(log_of(("A", "a", range(USERS), worth)), VALUE, FIELD) is None


def test_when_people_at_work_do_something_is_in_no_total() -> None:
    """By the hour or the month nothing is told of them; of anybody else it is, with the zone of the hours."""
    corpus, by_hour = log_of(("A", "a", range(USERS), 3.0)), Total(AddedUp("sessions"), "", "hour", "hour")
    told_of_users = told_total(corpus, NOTHING_NAMED, by_hour, "Which hour is busiest?")
    assert told_of_users.facts
    assert "hours in UTC" in told_of_users.says
    at_work = told_total(replace(corpus, staff=True), NOTHING_NAMED, by_hour, "Which hour is busiest?")
    assert (at_work.came, at_work.facts) == ("cannot", [])
