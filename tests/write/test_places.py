"""How users move over the stores that they visit: what is told of those who keep to one and of those who change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from persona_agent.evidence import Population
from persona_agent.evidence.corpus import Corpus
from persona_agent.schema import EVERYONE, Names, ProposedClaim
from persona_agent.words.english.readings import reading
from persona_agent.write.dossiers import about_all, list_inquiries, propose_claim
from tests.evidence.logs import event, load

DAY, VISITS, USERS = 1440, 10, 60
NAMES = Names(main_act="buy", places=["store_id"])


def visits() -> list[dict[str, Any]]:
    """Sixty users with ten visits in stores that no two share: half of them go to the one and the other in turn, half to one."""
    rng = np.random.default_rng(0)
    return [
        event(
            f"u{i}", 1000 * i + 10 * v + n, minutes=v * DAY + n, action="buy", object=f"thing {rng.integers(9)}",
            session=f"u{i}.{v}", properties=json.dumps({"store_id": 2 * i + (v % 2 if i < USERS // 2 else 0)}),
        )
        for i in range(USERS) for v in range(VISITS) for n in range(2)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def chain() -> Corpus:
    members = {1: [f"u{i}" for i in range(USERS // 2)], 2: [f"u{i}" for i in range(USERS // 2, USERS)]}
    halves = {f"u{i}": (1, 1) if i < USERS // 2 else (2, 2) for i in range(USERS)}
    everyone = {EVERYONE: [f"u{i}" for i in range(USERS)]}
    return replace(load(visits(), members | everyone, halves=halves), names=NAMES)


def claim(corpus: Corpus, group: int) -> ProposedClaim | None:
    """What is told of a group's stores."""
    asked = about_all(corpus, [], [], []) if group == EVERYONE else list_inquiries(corpus, group, [])
    place = next(i for i in asked if i.topic.kind == "place")
    return propose_claim(corpus, place, Population(group), formed=False)[0]


@pytest.mark.parametrize(("group", "says", "value"), [(1, "less_than_others", 0.0), (2, "more_than_others", 1.0)])
def test_who_stays_and_who_changes_is_told(chain: Corpus, group: int, says: str, value: float) -> None:
    """Half of the users never have the store of the visit before, the others always do, though no store tells anybody apart."""
    found = claim(chain, group)
    assert found is not None
    assert (found.measure.says.comparator, found.truthfulness.value) == (says, value)
    assert found.said == "have the same store as the visit before"
    told = reading(found.measure, NAMES)
    assert told is not None
    assert told.head[group == 1] == ("Changing stores" if group == 1 else "Keeping to one store")


def test_of_everyone_it_is_told_how_often(chain: Corpus) -> None:
    """Half of later visits have the store of the visit before."""
    found = claim(chain, EVERYONE)
    assert found is not None
    assert found.truthfulness.value == pytest.approx(0.5)


def test_without_a_place_nothing_is_asked(chain: Corpus) -> None:
    """In a log whose codebook has no place, the question is not put."""
    bare = replace(chain, names=Names(main_act="buy"))
    asked = [*list_inquiries(bare, 1, []), *about_all(bare, [], [], [])]
    assert not [i for i in asked if i.topic.kind == "place"]
