"""Times in which nothing was logged."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from persona_agent.log.silences import told_silences
from tests.tables import database, insert

FIRST = date(2022, 1, 1)


def told(days: list[int]) -> list[str]:
    with database() as connection:
        connection.execute("CREATE TABLE staging (ts TIMESTAMP)")
        insert(connection, "staging", [[FIRST + timedelta(days=day)] for day in days])
        return list(told_silences(connection))


def test_a_gap_between_two_years_is_told_with_its_days() -> None:
    """Files of two years put together: what changed between them changed over the gap."""
    (said,) = told([*range(60), *range(400, 460)])
    assert "between 1 Mar 2022 and 5 Feb 2023" in said
    assert "across that" in said


@pytest.mark.parametrize(
    "days", [list(range(60)), [*range(60), *range(80, 140)], [*range(0, 900, 30)], [0, 1, 400, 401]]
)
def test_pauses_that_a_log_has_anyway_are_none(days: list[int]) -> None:
    """A log without a pause, one that was closed for a fortnight, one of a line a month, and one of a few days."""
    assert told(days) == []


def test_of_many_the_longest_are_told() -> None:
    """In the order of time, and how many there are besides."""
    stretches = [day for n in range(5) for day in range(n * 100, n * 100 + 40)]
    (said,) = told(stretches)
    assert said.count("between ") == 4, "three, and the time between visits"
    assert "and 1 more time:" in said
