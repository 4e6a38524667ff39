"""Columns that are known by their values: each user's sex, birth date or year of birth."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import duckdb
import pytest

from persona_agent.log.owned import sample_properties
from persona_agent.log.told_people import columns_of_people

USERS, VISITS = 40, 4


@pytest.mark.parametrize(
    ("of_line", "told"),
    [
        (lambda user, _: "fm"[user % 2], True),
        (lambda user, _: ["Frau", "HERR", "divers"][user % 3], True),
        (lambda user, _: ["女", "男"][user % 2], True),
        (lambda user, _: f"{1950 + user}-03-0{1 + user % 9}", True),
        (lambda user, _: f"0{1 + user % 9}.03.{1950 + user}", True),
        (lambda user, _: 1950 + user, True),
        (lambda user, line: "fm"[(user + line) % 2], False),  # a shelf of a shop
        (lambda user, line: str(1950 + (user * 7 + line) % 40), False),  # the year of a film
        (lambda user, _: "ms"[user % 2], False),  # sizes
        (lambda user, _: "f", False),
        (lambda user, _: f"{1990 + user % 34}-03-01", False),  # members since
        (lambda user, _: "2001-01-01" if user % 2 else "2002-01-01", False),
        (lambda user, _: 1000 + user, False),
        (lambda user, _: ["basic", "pro"][user % 2], False),
    ],
)
def test_what_a_column_holds_tells_of_people(of_line: Any, told: bool) -> None:
    """One of two sexes for each user, or a day or year in which people are born; what changes from line to line, began lately
    or is of few kinds is not.
    """
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE staging ("user" VARCHAR, ts TIMESTAMP, properties JSON)')
        rows = [
            (f"u{user}", datetime(2024, 5, 1 + line), json.dumps({"x": of_line(user, line)}))
            for user in range(USERS)
            for line in range(VISITS)
        ]
        connection.executemany("INSERT INTO staging VALUES (?, ?, ?)", rows)
        sample_properties(connection)
        assert columns_of_people(connection) == (["x"] if told else [])
