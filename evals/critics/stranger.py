"""Arm B: plain statements with planted errors, audited as anybody's personas are.

In: a file of cases (`evals/cases/critic/LOG.json`) and a recording of the critic. Out: a row a statement: what was planted,
what the audit said, what simpler judges would have said. Promises: the planted text is all that the critic sees of a case;
the audit is the program's own; a statement that turned out to be wrongly planted (`void`, with why) is asked and not scored.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.evidence import Corpus, Population, result_of
from persona_agent.evidence.loading import open_corpus
from persona_agent.ids import user_hash
from persona_agent.progress import Silent
from persona_agent.schema import Audit, AuditedPart, AuditedStatement, Measure
from persona_agent.store import Store

from ..suite import CASES, Fixtures
from . import judges

Row = dict[str, Any]
CONTROLS = ("easy", "paraphrased", "rounded", "surprising")
DEV_OF_16 = 8  # first hex digits below this are the dev part
COMPARING = ("more_than_others", "less_than_others")


def cases_of(log: str) -> dict[str, Any]:
    """The cases of one log: personas with their users and statements."""
    found: dict[str, Any] = json.loads((CASES / "critic" / f"{log}.json").read_text(encoding="utf-8"))
    return found


def part_of(text: str) -> str:
    """`dev` or `test`, by the hash of a statement's words."""
    return "dev" if int(hashlib.sha256(text.encode()).hexdigest()[0], 16) < DEV_OF_16 else "test"


def audited(fixtures: Fixtures, log: str, recording: str, judged: str | None) -> dict[str, Any]:
    """One log's statements through the audit; `judged` is the recording of the judges that see lines alone."""
    cases = cases_of(log)
    with tempfile.TemporaryDirectory(prefix="eval-") as folder:
        personas = Path(folder) / "personas.json"
        told = [
            {"name": p["name"], "users": p["users"], "statements": [s["text"] for s in p["statements"]]}
            for p in cases["personas"]
        ]
        personas.write_text(json.dumps({"personas": told}, ensure_ascii=False), encoding="utf-8")
        options = fixtures.options(
            recording, inputs=(fixtures.log(cases["log"]),), out=Path(folder) / "out", value=cases["value"]
        )
        audit = commands.audit(personas, options, Silent())
        rows = _rows(log, cases, audit)
        store = Store(options.out)
        groups = [[user_hash(store.key(), u) for u in p["users"]] for p in cases["personas"]]
        with store.connect() as connection:
            corpus = open_corpus(connection, store, options, store, groups, [])
            wrong = wrong_golds(cases, corpus)
            lines = [judges.lines_of(corpus, Population(g)) for g in range(len(groups))] if judged else []
    made = {"rows": rows, "usage": _usage(audit), "wrong_golds": wrong}
    if judged is None:
        return made
    judges.add_similarities(rows, cases, lines)
    judges.add_asked(fixtures, judged, log, rows)
    return made


def _rows(log: str, cases: dict[str, Any], audit: Audit) -> list[Row]:
    found = []
    for persona, read in zip(cases["personas"], audit.personas, strict=True):
        for case, said in zip(persona["statements"], read.statements, strict=True):
            clean = case["kind"] in CONTROLS
            found.append(
                {
                    "log": log,
                    "persona": persona["name"],
                    "id": case["id"],
                    "text": case["text"],
                    "kind": case["kind"],
                    "clean": clean,
                    "void": case.get("void", ""),
                    "part": part_of(case["text"]),
                    "outcome": said.outcome,
                    "said": {"critic": said.outcome == "supported", **ablated(said)},
                    "errored": said.outcome == "error",
                    "reason": said.reason,
                }
            )
    return found


def ablated(said: AuditedStatement) -> dict[str, bool]:
    """What would have been said without comparable others, without looking at the other side, and with the words that no
    log can decide let through.
    """
    supported = said.outcome == "supported"
    unmatched = bool(said.parts) and not said.beyond and all(_without_matching(p) for p in said.parts)
    return {
        "matching_off": unmatched if any(_compares(p) for p in said.parts) else supported,
        "counter_evidence_off": bool(said.lines) and not said.beyond,
        "undecidable_words_off": bool(said.parts) and all(p.result.label == "true" for p in said.parts),
    }


def _compares(part: AuditedPart) -> bool:
    return part.measure is not None and part.measure.says.comparator in COMPARING


def _without_matching(part: AuditedPart) -> bool:
    """A comparison held against everybody else alone; other parts as they are."""
    r = part.result
    if not _compares(part) or part.measure is None or r.value is None or r.raw is None:
        return r.label == "true"
    return r.value > r.raw if part.measure.says.comparator == "more_than_others" else r.value < r.raw


def _usage(audit: Audit) -> dict[str, int]:
    return dict(audit.usage)


def wrong_golds(cases: dict[str, Any], corpus: Corpus) -> list[str]:
    """Statements whose own measure, run over the users that the case lists, says something else than what was planted."""
    found = []
    for g, persona in enumerate(cases["personas"]):
        for case in persona["statements"]:
            if case["gold"] is None or "void" in case:
                continue
            truth, _ = result_of(corpus, Measure.model_validate(case["gold"]), Population(g))
            if (truth.label == "true") != (case["kind"] in CONTROLS):
                found.append(f"{persona['name']} {case['id']} is {truth.label}")
    return found
