"""Ids of users in what a person writes about a run."""

from __future__ import annotations

import json
from pathlib import Path

from persona_agent.commands.running import RunResult
from persona_agent.log.mentions import mask_users
from persona_agent.store import Store


def test_ids_of_users_are_masked_wherever_they_stand(small_run: RunResult, small_log: Path) -> None:
    """As a word, in any case, with a sentence's signs around it; nobody's id, numbers and years stay as they are."""
    one = json.loads(next(line for line in small_log.read_text().splitlines() if line.startswith('{"user"')))["user"]
    store = Store.open(small_run.out)
    for said in ("What does {} do?", "“{}” comes late.", "({}), and others", "{}'s evenings", "they like {}."):
        assert mask_users(store, said.format(one)) == (said.format("[user]"), 1)
        assert mask_users(store, said.format(one.upper()))[1] == 1
    for said in ("Who came 12 times in 2024?", f"Who is x{one}y?", "", "a b c"):
        assert mask_users(store, said) == (said, 0)
