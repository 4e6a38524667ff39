"""Of two values that share out all lines, the side that a group has more of; and what is not asked of a log without things."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from persona_agent.evidence.corpus import Corpus
from persona_agent.schema import Names
from persona_agent.write.dossiers.amounts import amounts
from persona_agent.write.dossiers.habits import breadth
from persona_agent.write.dossiers.shares import telling_values
from tests.evidence.logs import event, load

USERS, LINES, DAY = 40, 10, 1440


def log_of(values: list[tuple[list[Any], list[Any]]], names: list[str], **more: Any) -> Corpus:
    """Twenty users with the first values of each field on their lines, twenty with the second."""
    found = []
    for i in range(USERS):
        for n in range(LINES):
            own = {name: sides[i >= USERS // 2][n] for name, sides in zip(names, values, strict=True)}
            own = {name: value for name, value in own.items() if value is not None}
            line = event(f"u{i}", 100 * i + n, minutes=n * DAY, session=f"u{i}.{n}", properties=json.dumps(own), **more)
            found.append(line)
    halves = {f"u{i}": (1, 1) if i < USERS // 2 else (2, 2) for i in range(USERS)}
    members = {1: [f"u{i}" for i in range(USERS // 2)], 2: [f"u{i}" for i in range(USERS // 2, USERS)]}
    return load(found, members, halves=halves)


def sides(one: Any, other: Any, here: int, there: int) -> tuple[list[Any], list[Any]]:
    return [one] * here + [other] * (LINES - here), [one] * there + [other] * (LINES - there)


@pytest.fixture(scope="module")
def shelves() -> Corpus:
    """Brand and promotion have two values; a third of the maker's stand on few lines; a colour is missing on some."""
    makers = ["a"] * 4 + ["b"] * 4 + ["c"] * 2, ["a"] * 2 + ["b"] * 4 + ["c"] * 4
    return log_of(
        [sides("National", "Private", 6, 8), sides("yes", "no", 2, 5), makers, sides("red", None, 3, 6)],
        ["brand", "promo", "maker", "colour"],
    )


@pytest.mark.parametrize(
    ("field", "here", "there"),
    [
        ("brand", ["private"], ["national"]),  # each the side that it has more of
        ("promo", ["yes"], ["yes"]),  # what says whether is told of those that are so
        ("maker", ["a", "c", "b"], ["a", "c", "b"]),  # of three values, less is a fact of its own
        ("colour", ["red"], ["red"]),  # nobody knows what the other lines have
    ],
)
def test_of_two_sides_the_one_that_there_is_more_of(
    shelves: Corpus, field: str, here: list[str], there: list[str]
) -> None:
    """The complement says the same in a figure that is lower than others'."""
    told = [[v.lower() for v in telling_values(shelves, group, f"properties.{field}", 6)] for group in (1, 2)]
    assert told == [here, there]


@pytest.mark.parametrize("thing", ["mug", None])
def test_no_breadth_is_told_where_there_are_no_things(thing: str | None) -> None:
    """In a log of acts alone a visit has no different things to tell, and 0 of them tell nothing."""
    corpus = log_of([], [], object=thing)
    asked = {str(i.measure.of) for i in breadth(corpus)}
    assert ("things" in asked) is (thing is not None)


def test_worth_is_told_by_its_field() -> None:
    """“The usual sales value of a visit”; of nothing known, its value."""
    corpus = log_of([], [], value=2.5)
    for names, said in ((Names(value="sales value"), "sales value"), (Names(), "value")):
        told = [i.said for i in amounts(replace(corpus, names=names), [])]
        assert f"the usual {said} of a visit" in told
