"""What many answers of `mcp` give away together: no sum of them is of fewer than five users."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Measure
from persona_agent.store import Store

pytest.importorskip("mcp", reason="needs the extra mcp")
from persona_agent.commands.serving import server
from persona_agent.commands.serving.apart import TOGETHER
from persona_agent.commands.serving.sums import Sums

USERS, BOTH = 60, 3


def did(*acts: str) -> Measure:
    step = [{"field": "action", "op": "in", "value": list(acts)}]
    return Measure.model_validate(
        {"unit": "users", "statistic": "share", "steps": [step], "says": {"quantifier": "most"}}
    )


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty users, of whom twenty fetch, twenty store and three do both; thirty call, of all kinds alike."""
    path = tmp_path_factory.mktemp("sums") / "events.jsonl"
    with path.open("w") as file:
        for user in range(USERS):
            acts = ["look", "read"]
            acts += ["fetch"] if user < 20 else []
            acts += ["store"] if 20 - BOTH <= user < 40 - BOTH else []
            acts += ["call"] if user % 2 else []
            for i, act in enumerate(acts * 3):
                at = f"2024-03-{1 + user % 20:02d}T{8 + i // 6:02d}:{i % 6 * 7 + user % 7:02d}:00Z"
                file.write(
                    json.dumps({"user": f"u{user}", "timestamp": at, "action": act, "object": f"t{i % 4}"}) + "\n"
                )
    return path


def test_three_answers_do_not_tell_how_many_did_both(log: Path, tmp_path: Path) -> None:
    """Whoever knows how many fetch, and how many store, may not hear how many do either: the rest is three people. An answer that
    follows from others, and one about other people, is given; the next session refuses the same.
    """
    options = Options(inputs=(str(log),), out=tmp_path / "out", min_users=8, workers=1)
    first, either = [did("fetch"), did("store"), did("call")], did("fetch", "store")
    for session in range(2):
        store = Store.create(options.out)
        desk, asked = server.open_desk(options, store, lines=False, client="a test", progress=Silent())
        with closing(desk), closing(asked):
            for measure in first:
                assert desk.measure(measure, None).figures[0].value is not None, session
            refused = desk.measure(either, None).figures[0]
            assert (refused.value, refused.interval, refused.matched, refused.reason) == (None, None, None, TOGETHER)
            assert desk.measure(did("call", "fetch"), None).figures[0].value is not None


def test_no_sum_of_many_answers_is_of_few(tmp_path: Path) -> None:
    """Twenty groups of 200 users are told, then the sum of some of them with one to four users more or less: it is refused,
    whatever the sum; with seven more it is told, and so is what follows from the others.
    """
    rng = np.random.default_rng(5)
    hashes = rng.integers(1, 2**63, 200).astype(np.uint64)
    sums = Sums(tmp_path / "kept", hashes)
    parts = [(rng.random(200) < 0.3).astype(float) for _ in range(20)]
    assert all(sums.may_tell(part) for part in parts)
    for few in (1, 2, 3, 4):
        chosen = rng.choice(20, 6, replace=False)
        whole = sum(parts[i] * weight for i, weight in zip(chosen, (1, 1, 1, -1, 2, 0.5), strict=True))
        moved: Any = whole.copy()
        moved[rng.choice(200, few, replace=False)] += 1
        assert not sums.may_tell(moved)
        assert not Sums(tmp_path / "kept", hashes).may_tell(moved)
        assert sums.may_tell(whole)
    moved = parts[0] + parts[1]
    moved[:7] += 1
    assert sums.may_tell(moved)
    assert (tmp_path / "kept").stat().st_mode & 0o077 == 0


def test_half_as_many_answers_as_users_are_all(tmp_path: Path) -> None:
    """Thirty independent counts of sixty users are given; the next one would let single users be worked out."""
    rng = np.random.default_rng(6)
    sums = Sums(tmp_path / "kept", rng.integers(1, 2**63, USERS).astype(np.uint64))
    told = [sums.may_tell((rng.random(USERS) < 0.5).astype(float)) for _ in range(60)]
    assert 20 <= sum(told) <= 30
    assert not any(told[45:])
