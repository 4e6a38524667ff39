"""Things that are ids of users: a page must name nobody, and a shop's numbers are no people."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from persona_agent.ids import user_hash
from persona_agent.log.owned import drop_own_objects
from tests.tables import database, insert

KEY = b"k" * 32
USERS = 60


def dropped(of_line: Callable[[int, random.Random], int]) -> bool:
    """Whether things are left out that a line's user, by number, does something to."""
    rng = random.Random(4)
    pairs = [(u, of_line(u, rng)) for u in range(1, USERS + 1) for _ in range(40)]
    with database() as connection:
        connection.execute('CREATE TABLE staging ("user" VARCHAR, object VARCHAR, text VARCHAR)')
        rows = [(user_hash(KEY, str(u)), str(thing), "") for u, thing in pairs]
        insert(connection, "staging", rows)
        notes = drop_own_objects(connection, KEY)
        left = connection.execute("SELECT count(*) FROM staging WHERE object <> ''").fetchone()
    assert bool(notes) == (left == (0,))
    return bool(notes)


def another(user: int, rng: random.Random) -> int:
    return rng.choice([u for u in range(1, USERS + 1) if u != user])


@pytest.mark.parametrize(
    ("of_line", "left_out"),
    [
        (another, True),
        (lambda u, rng: u if rng.random() < 0.002 else another(u, rng), True),  # a slip
        (lambda _, rng: rng.randrange(1, USERS + 1), False),  # things of a shop, by numbers that users have as well
        (lambda _, rng: rng.randrange(1, 20 * USERS), False),
        (lambda u, _: 900 + u % 7, False),
    ],
)
def test_what_is_done_to_other_users(of_line: Callable[[int, random.Random], int], left_out: bool) -> None:
    """Nearly all things are numbers of users, and nearly nobody's own."""
    assert dropped(of_line) is left_out
