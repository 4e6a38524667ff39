"""The figure of all users beside those of personas: never where what is left would be that of a few."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from persona_agent.evidence import Population
from persona_agent.evidence.people import People
from persona_agent.questions.everywhere import of_all_users
from persona_agent.schema import EVERYONE, TENTH_ID, Measure

EVER = Measure.model_validate(
    {
        "unit": "users",
        "steps": [[{"field": "action", "op": "is", "value": ["buy"]}]],
        "statistic": "share",
        "says": {"quantifier": "most"},
    }
)


class Asked(Exception):
    """The log would be asked."""


class Counting:
    """Sixty users, all but the last `left` in p1 or p2."""

    def __init__(self, left: int) -> None:
        n = 60
        users, zeros = np.arange(n), np.zeros(n, dtype=np.int64)
        groups = {0: users < 30, 1: (users >= 30) & (users < n - left), EVERYONE: users >= 0}
        self.corpus = SimpleNamespace(people=People(zeros, zeros, zeros, np.zeros(n, dtype=bool), groups))

    def counted_on(self, persona: str) -> tuple[Any, Population]:
        if persona == "p0":
            raise Asked
        return self.corpus, Population({"p1": 0, "p2": 1}[persona])


@pytest.mark.parametrize(("left", "told"), [(0, True), (1, False), (4, False), (5, True), (20, True)])
def test_all_users_are_told_of_unless_fewer_than_five_are_in_no_persona(left: int, told: bool) -> None:
    """What all do less what personas do is of those in none of them: nobody, or five and more. The tenth is beside them."""
    cards: Any = [SimpleNamespace(id=name) for name in ("p1", "p2", TENTH_ID)]
    counting: Any = Counting(left)
    if told:
        with pytest.raises(Asked):
            of_all_users(counting, cards, EVER)
    else:
        assert of_all_users(counting, cards, EVER) is None
