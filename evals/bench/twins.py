"""A log that writes everything down twice, under two names: is one fact told twice of a group?

In: a planted world. Out: of the shown cards' claims, those that ask of an act what another asks of its twin. Promises: who did
the one did the other a second later, so that no figure can tell them apart; what is a twin is known from its name alone.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Claim

from ..worlds import Spec, generate

TWIN = " logged"


def told_twice(spec: Spec) -> tuple[int, int]:
    """(told twice, all): claims of shown cards that ask of a twin what another claim of the card asks of the act, and all."""
    with tempfile.TemporaryDirectory(prefix="twins-") as folder:
        log = Path(folder) / "log.jsonl"
        log.write_text("\n".join(line for one in generate(spec).lines for line in _twice(one)) + "\n", encoding="utf-8")
        made = commands.run(Options(inputs=(str(log),), out=Path(folder) / "out", workers=1), Silent()).exact
    cards = [Counter(map(_question, p.claims)) for p in made.personas if p.status != "withheld"]
    return sum(n - 1 for card in cards for n in card.values()), sum(card.total() for card in cards)


def _twice(line: str) -> list[str]:
    """A line of the log and its twin; what is no record has none."""
    try:
        row = json.loads(line)
        at = datetime.fromisoformat(row["timestamp"]) + timedelta(seconds=1)
        return [line, json.dumps({**row, "timestamp": at.isoformat(), "action": row["action"] + TWIN})]
    except (ValueError, KeyError, TypeError):
        return [line]


def _question(claim: Claim) -> str:
    """What a claim asks, of the act itself."""
    if claim.measure is None:
        return claim.text
    return claim.measure.model_dump_json(exclude={"says"}).replace(TWIN, "")
