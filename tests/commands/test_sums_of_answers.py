"""What many answers of `mcp` give away together: no sum of them is of fewer than five users."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from persona_agent.groups.grouping import fit_fold
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Audit, AuditedPart, AuditedPersona, AuditedStatement, Measure, Says, Truthfulness
from persona_agent.store import Store

pytest.importorskip("mcp", reason="needs the extra mcp")
from persona_agent.commands.serving import server
from persona_agent.commands.serving.apart import TOGETHER
from persona_agent.commands.serving.told import GroupByMeasure
from persona_agent.commands.serving.verdicts_told import verdicts_told
from persona_agent.errors import UsageError
from persona_agent.evidence.sums_of_few import Sums

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


def test_an_audit_tells_no_difference_of_few_users_set_aside(tmp_path: Path) -> None:
    """Two statements that eight members tell apart, two of them among those set aside: what the second comes to among these is
    not told; a statement far from both is told there as well.
    """
    users = 160
    aside = ~fit_fold(users, Options().seed)
    members = [u for u in range(users) if u % 4]
    among, rest = [u for u in members if aside[u]], [u for u in members if not aside[u]]
    fetch, call = {*among[::3], *rest[::3]}, {*among[1::2], *rest[1::2]}
    more = {*[u for u in among if u not in fetch][:2], *[u for u in rest if u not in fetch][:6]}
    path = tmp_path / "events.jsonl"
    with path.open("w") as file:
        for user in range(users):
            acts = ["look", "join" if user in members else "stay"]
            acts += [act for act, of in (("fetch", fetch), ("store", more), ("call", call)) if user in of]
            for i, act in enumerate(acts * 3):
                at = f"2024-03-{1 + i // 5:02d}T{8 + user // 60:02d}:{user % 60:02d}:{i % 5:02d}Z"
                file.write(
                    json.dumps({"user": f"u{user}", "timestamp": at, "action": act, "object": f"t{i % 4}"}) + "\n"
                )
    store = Store.create(tmp_path / "out")
    options = Options(inputs=(str(path),), out=tmp_path / "out", min_users=8, workers=1)
    desk, asked = server.open_desk(options, store, lines=False, client="a test", progress=Silent())
    with closing(desk), closing(asked):
        made = desk.define_groups([GroupByMeasure(name="Joiners", measure=did("join"))])

        def audited(measure: Measure) -> list[str]:
            asks = measure.model_copy(update={"says": Says(comparator="at_least", value=0.1)}).model_dump(mode="json")
            said = {"name": "Joiners", "statements": [{"text": "They do.", "measure": asks}]}
            return desk.audit(json.dumps({"personas": [said]}), made.groups_id, Silent()).verdicts[0].measured

        first, second, third = (audited(measure) for measure in (did("fetch"), did("fetch", "store"), did("call")))
    assert [len(measured) for measured in (first, second, third)] == [2, 1, 2]
    assert "set aside" in first[1]
    assert "set aside" not in second[0]


def test_what_a_model_read_in_a_statement_is_held_against_answers_before() -> None:
    """A statement that the document put no measure to is refused where its figure may not be told, and else told."""
    counted = Truthfulness(label="true", score=1.0, value=0.4, ci=None, n=50, reason="")
    part = AuditedPart(words="They fetch.", measure=did("fetch"), others_value=None, result=counted)
    of_statement: dict[str, Any] = {
        "id": "s",
        "text": "They fetch.",
        "outcome": "supported",
        "reason": "",
        "parts": [part],
    }
    of_statement |= {"counter": None, "tells_nothing": False}
    of_persona: dict[str, Any] = {"name": "Readers", "statements": [AuditedStatement.model_construct(**of_statement)]}
    of_audit: dict[str, Any] = {"personas": [AuditedPersona.model_construct(**of_persona)]}
    made = Audit.model_construct(**of_audit)
    with pytest.raises(UsageError, match=TOGETHER):
        verdicts_told(made, [], lambda _, __, *, aside: TOGETHER)
    for asked, why in (([], ""), (["They fetch."], TOGETHER)):
        (told,) = verdicts_told(made, asked, lambda _, __, *, aside, why=why: why)
        assert len(told.measured) == 1
