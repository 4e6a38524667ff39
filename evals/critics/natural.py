"""Arm C: claims as first drafts held them, labelled by two readers who could query the log.

In: recordings of whole runs, the labels (`evals/cases/critic/natural.json`). Out: a row a claim: the program's verdict after
one round, each reader's label. Promises: nothing was changed in a claim; the readers saw neither the measure nor the verdict.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Population
from persona_agent.evidence.loading import open_corpus
from persona_agent.progress import Silent
from persona_agent.runs import halves_of, memberships_of
from persona_agent.store import Store

from ..suite import CASES, Fixtures
from . import judges
from .stranger import part_of

Row = dict[str, Any]


def labels() -> dict[str, Any]:
    """What the readers said: by log and claim, its text and a label of each reader."""
    found: dict[str, Any] = json.loads((CASES / "critic" / "natural.json").read_text(encoding="utf-8"))
    return found


def drafted(fixtures: Fixtures, log: str, spec: Mapping[str, Any], recording: str, judged: str) -> dict[str, Any]:
    """The claims of one log's first drafts, after one round of criticism; `spec` names its file and what is worth something."""
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        options = fixtures.options(
            recording,
            inputs=(fixtures.log(spec["log"]),),
            out=Path(folder) / "out",
            value=spec["value"],
            max_rounds=1,
        )
        personas = commands.run(options, Silent()).exact.personas
        store = Store.open(options.out)
        groups, ids, held_out = memberships_of(store)
        with store.connect() as connection:
            corpus = open_corpus(connection, store, options, store, groups, held_out, halves=halves_of(store))
            order = [p.id for p in personas if p.id in ids]
            lines = [judges.lines_of(corpus, Population(ids[p])) for p in order]
    read = labels()["claims"].get(log, {})
    found = [_row(log, p.id, c, read.get(c.id)) for p in personas for c in [*p.claims, *p.withdrawn]]
    rows = [r for r in found if r is not None]
    cases = {"personas": [{"name": p} for p in order]}
    judges.add_similarities(rows, cases, lines)
    for row in rows:
        row["part"] = "test"  # all of them are asked about
    judges.add_asked(fixtures, judged, log, rows)
    return {"rows": rows}


def _row(log: str, persona: str, claim: Any, read: Mapping[str, Any] | None) -> Row | None:
    if read is None or read["text"] != claim.text:
        return None
    return {
        "log": log,
        "persona": persona,
        "id": claim.id,
        "text": claim.text,
        "labels": read["labels"],
        "clean": all(label == "true" for label in read["labels"]),
        "part": part_of(claim.text),
        "errored": claim.truthfulness.label == "error",
        "said": {"critic": claim.withdrawal is None or claim.withdrawal.label == "redundant"},
    }
