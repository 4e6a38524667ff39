"""What changed, in words: figures by one rule for both logs, and what is said where nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from persona_agent.schema import Changes, ComparedRun, GroupChange, Moves, TenthChange, Window
from persona_agent.words.english import changes_told as told
from persona_agent.words.english.first_pages import not_given
from persona_agent.words.wording import percent


def side(**labels: str) -> ComparedRun:
    return ComparedRun(run_id="r", window=Window(start="2024-01-01", end="2024-01-31"), users=500, labels=labels)


def row(**changed: Any) -> GroupChange:
    same = {"outcome": "same", "was": "p1", "now": "p1", "label": "Long lists", "users_was": 200, "users_now": 190}
    return GroupChange.model_validate({**same, "share_was": 0.4, "share_now": 0.38, "p": 0.5, **changed})


def changes(*rows: GroupChange, notes: tuple[str, ...] = (), stayed: float = 0.9) -> Changes:
    moves = None if notes else Moves(users=400, stayed=stayed, alike=0.7, flows=[])
    both = {"p1": "Long lists"}
    return Changes(old=side(**both), new=side(**both), personas=list(rows), claims=[], moves=moves, notes=list(notes))


def test_one_log_is_said_not_to_have_changed() -> None:
    """Two runs of one log: nothing changed is the first line, and no line is about who moved."""
    lines = told.front_lines(changes(row(outcome="cut", now=None), notes=(told.ONE_LOG,)))
    assert lines[0].startswith("Both runs are of the same log: nothing can have changed in it. The later run divides")
    assert len(lines) == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"outcome": "shrunk", "share_now": 0.1, "users_now": 50, "by_rule": 0.3, "chance": (0.37, 0.43)},
         "by one rule for both logs now 30 %, where chance alone gives 37 to 43 %; the later run, which divides users otherwise, "
         "has 10 % of users (50 users) there."),
        ({"outcome": "shrunk", "share_now": 0.29, "users_now": 145, "by_rule": 0.3},
         "(200 users), now 29 % of users (145 users)."),
        ({"outcome": "new", "was": None, "by_rule": 0.05, "p": 1e-9},
         "; by its rule 5 % before; by chance less than 1 in 10,000."),
        ({"outcome": "cut", "was": None, "by_rule": 0.13},
         "is of the later run alone, which divides users otherwise; by its rule the earlier log has 13 %."),
    ],
)  # fmt: skip
def test_sizes_are_told_by_one_rule(changed: dict[str, Any], said: str) -> None:
    """Where the later run counts another share than one rule for both does, the figure of the rule is what changed."""
    assert told.group_sentence(changes(), row(**changed)).endswith(said)


def test_nothing_is_said_to_have_changed_only_where_claims_were_asked() -> None:
    """Without claims that were asked again nobody is told that none fell."""
    assert told.front_lines(changes(row()))[0] == told.NO_CHANGE


def test_given_groups_without_a_page_are_named() -> None:
    """Users of groups below the floor are not said to be in no group."""
    said = not_given(["Course Builders", "Markers"])
    assert said == "in no given group, or in one too small to be described: “Course Builders” and “Markers”"
    assert not_given([]) == "in no given group"


def test_a_share_of_less_than_nothing_has_no_sign_where_it_rounds_to_none() -> None:
    """A group that returned a little more than it bought has 0 % of the value."""
    assert (percent(-0.0004), percent(-0.02)) == ("0 %", "-2 %")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"share_now": 0.5, "users_now": 45, "card_now": True},
         "40 users with 60 % of the value, now 45 users with 50 % of the value."),
        ({"share_now": 0.15, "users_now": 45}, "The later run has no card of them."),
        ({}, "is of the earlier run alone, in which it is 40 users with 60 % of the value; the later run tells nothing of them."),
        ({"share_now": 0.5, "users_now": 45, "alike": False}, "is not compared"),
    ],
)  # fmt: skip
def test_the_tenth_then_and_now(changed: dict[str, Any], said: str) -> None:
    """How much they bring in, or why that is not told; of runs without their card nothing is said."""
    found = TenthChange.model_validate(
        {"users_was": 40, "share_was": 0.6, "card_was": True, "card_now": False, **changed}
    )
    made = changes(row()).model_copy(update={"tenth": found})
    assert said in told.front_lines(made)[-1]
    assert len(told.front_lines(made)) == len(told.front_lines(changes(row()))) + 1
