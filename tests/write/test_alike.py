"""In what personas hardly differ: said where it is so, and of nothing that tells them apart."""

from __future__ import annotations

import numpy as np
import pytest

from persona_agent.evidence import Population
from persona_agent.schema import Compared
from persona_agent.write.cards.alike import alike

from ..evidence.logs import event, load

USERS, VISITS = 60, 4
DAY = 24 * 60.0


def rows(worth: float, lines: int, drawn: frozenset[str] = frozenset()) -> dict[str, Compared]:
    """The rows of two personas whose visits are worth 50 with 2 lines, and `worth` with `lines` lines, by what is counted."""
    rng = np.random.default_rng(7)
    log = []
    for u in range(USERS):
        usual, size = (50.0, 2) if u % 2 else (worth, lines)
        level = usual * float(np.exp(rng.normal(0, 0.4)))
        for visit in range(VISITS):
            start = 7 * DAY * visit + float(rng.integers(0, 3)) * DAY + u
            for line in range(size):
                made = {"session": f"s{u}.{visit}", "value": level / size, "object": f"thing {rng.integers(0, 40)}"}
                log.append(event(f"u{u:03}", len(log) + 2, start + line, **made))
    log.sort(key=lambda e: (e["user"], e["ts"]))
    members = {g: [f"u{u:03}" for u in range(USERS) if u % 2 == g] for g in (0, 1)}
    found = alike(load(log, members), [("p1", Population(0)), ("p2", Population(1))], drawn)
    return {row.measure.of or row.measure.statistic: row for row in found}


def test_what_is_the_same_is_said_and_what_differs_is_not() -> None:
    """Visits of both personas are worth the same and hold a different number of lines."""
    found = rows(worth=50.0, lines=6)
    assert "total value" in found
    assert "matches" not in found
    assert found["total value"].explained == pytest.approx(0.0, abs=0.05)
    assert [c.persona for c in found["total value"].cells] == ["p1", "p2"]


def test_worth_that_differs_is_not_said_to_be_the_same() -> None:
    """One persona's visits are worth twice the other's."""
    assert "total value" not in rows(worth=100.0, lines=6)


def test_what_nobody_differs_in_is_no_finding() -> None:
    """All visits of all users hold two lines: there is no other size."""
    assert "matches" not in rows(worth=50.0, lines=2)
