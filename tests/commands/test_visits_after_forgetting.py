"""The visits that cards show, after somebody was forgotten: those of others stay."""

from __future__ import annotations

import gzip
import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from persona_agent import commands, resources
from persona_agent.commands.running import RunResult
from persona_agent.progress import Silent
from persona_agent.schema import Persona, PersonaSet


def cards_of(out: Path) -> dict[str, Persona]:
    """Those that show a visit."""
    found = PersonaSet.model_validate_json((out / "personas.json").read_text(encoding="utf-8"))
    return {p.id: p for p in found.cards if p.visit and p.visit.lines}


@pytest.fixture(scope="module")
def users() -> list[str]:
    """The user of each line of the bundled log; empty where it has none."""
    path = next(resources.demo_log().glob("*.gz"))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [_user(line) for line in file]


def _user(line: str) -> str:
    try:
        record = json.loads(line)
    except ValueError:
        return ""
    return str(record.get("user") or "") if isinstance(record, dict) else ""


def whose(card: Persona, users: list[str]) -> set[str]:
    assert card.visit is not None
    return {users[c.line - 1] for c in card.visit.lines}


def test_visits_of_others_stay(demo_run: RunResult, users: list[str], tmp_path: Path) -> None:
    """Whoever is forgotten whose visit no card shows, all cards show the visits that they did: steps, lines and how much is left
    out; the figures beside them are counted anew.
    """
    out = shutil.copytree(demo_run.out, tmp_path / "out")
    before = cards_of(out)
    assert len(before) > 1
    shown = set().union(*(whose(card, users) for card in before.values()))
    busy = [user for user, _ in Counter(users).most_common() if user and user not in shown]
    for user in (busy[0], busy[50]):  # twice: the groups of the run go with the first
        commands.forget(user, (out,), Silent())
    after = cards_of(out)
    for name, card in before.items():
        was, now = card.visit, after[name].visit
        assert was is not None and now is not None
        assert (now.steps, now.lines, now.more) == (was.steps, was.lines, was.more), name


def test_a_visit_of_who_is_forgotten_is_another(demo_run: RunResult, users: list[str], tmp_path: Path) -> None:
    """The card that showed it shows one of somebody else; all other cards show what they did."""
    out = shutil.copytree(demo_run.out, tmp_path / "out")
    before = cards_of(out)
    (user,) = whose(before["p1"], users)
    commands.forget(user, (out,), Silent())
    after = cards_of(out)
    assert user not in whose(after["p1"], users)
    for name, card in before.items():
        if user not in whose(card, users):
            assert card.visit is not None
            assert after[name].visit is not None
            assert after[name].visit.steps == card.visit.steps, name
