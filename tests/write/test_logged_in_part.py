"""Whoever writes is told where visits may be logged in part: they hold so few lines that are worth something."""

from __future__ import annotations

from types import SimpleNamespace

import duckdb
import pytest

from persona_agent.write.contrast import logged_in_part


@pytest.mark.parametrize(
    ("lines_of_visits", "valued", "told"),
    [((2, 1, 2), True, True), ((2, 1, 2), False, False), ((1, 1, 1), True, False), ((5, 6, 4), True, False), ((), True, False)],
)  # fmt: skip
def test_few_lines_of_worth_may_be_a_part(lines_of_visits: tuple[int, ...], valued: bool, told: bool) -> None:
    """Between one line a visit and two something may be missing; a line a visit is a log of visits."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE lines (s INTEGER)")
    for visit, lines in enumerate(lines_of_visits):
        connection.execute("INSERT INTO lines SELECT ? FROM range(?)", [visit, lines])
    said = logged_in_part(SimpleNamespace(connection=connection, valued=valued))  # type: ignore[arg-type]
    assert bool(said) == told
    assert not told or "A visit here has 1.7 lines on average" in said
