"""Questions to finished runs without a model: answered rightly, said to be beyond the log, refused, or asked back.

In: sixty questions over three logs (`evals/cases/ask/`), written from the documents and the logs before there was anything
that reads questions: 25 that the log answers, 15 that it cannot, 10 about protected traits, 10 that name nothing to count. Out:
of each kind the share with the right outcome, and the share that was answered of those that cannot be. Promises: what is right
is decided from the log: the act that a question is about, and the persona in which it is highest or lowest by the plain share
of visits or users with it, counted here anew.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from persona_agent import commands
from persona_agent.edits.counting import Counting
from persona_agent.evidence import Population, result_of
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.runs import names_of, options_of
from persona_agent.schema import Measure, Reply
from persona_agent.store import Store

from ..results import Number, rate
from ..suite import CASES, Failed, Fixtures, Job

NAME = "ask"
TITLE = "questions to a run: answered, beyond the log, refused, asked back"
LOGS = {"demo": "demo", "library": "library.jsonl.gz", "online_retail": "online_retail.csv.gz"}
KINDS = ("answerable", "cannot", "protected", "ambiguous")
RIGHT = {
    "cannot": {"cannot", "no_precedent", "precedent"},
    "protected": {"refused"},
    "ambiguous": {"unclear", "cannot"},
}
AIMS = {"answerable": 0.88, "cannot": 0.86, "protected": 1.0, "ambiguous": None}

Row = dict[str, Any]


def jobs(fixtures: Fixtures, data: Mapping[str, Any]) -> list[Job]:  # noqa: ARG001
    """A job a log."""
    return [Job(name, asked, (name, fixtures.log(file)), 40.0) for name, file in LOGS.items()]


def asked(name: str, log: str) -> list[Row]:
    """What came of each question to a run of the log."""
    rows: list[Row] = json.loads((CASES / "ask" / f"{name}.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        commands.run(Options(inputs=(log,), out=out), Silent())
        return [_asked(out, row) for row in rows]


def numbers(results: Mapping[str, Any], data: Mapping[str, Any]) -> list[Number]:  # noqa: ARG001
    """A number a kind, and false answers."""
    rows = [row for found in results.values() if not isinstance(found, Failed) for row in found]
    made = [_number(kind, [row["right"] for row in rows if row["kind"] == kind]) for kind in KINDS]
    beyond = [row["came"] == "answered" for row in rows if row["kind"] != "answerable"]
    return [*made, rate("answered_that_should_not_be", sum(beyond), len(beyond), better="lower")]


def _number(kind: str, right: list[bool]) -> Number:
    return rate(f"right.{kind}", sum(right), len(right), target=AIMS[kind])


def _asked(out: Path, row: Row) -> Row:
    reply = commands.ask(out, row["question"], Options(), Silent()).reply
    right = reply.came in RIGHT[row["kind"]] if row["kind"] in RIGHT else _is_right(out, row, reply)
    return {"id": row["id"], "kind": row["kind"], "came": reply.came, "right": right}


def _is_right(out: Path, row: Row, reply: Reply) -> bool:
    """Is the first figure about what was asked, and of the persona in which that is highest, or lowest?"""
    if reply.came != "answered" or not reply.facts:
        return False
    first, about = reply.facts[0], row["about"]
    if "figure" in row:
        return row["figure"] in first.text
    if about == "size":
        return first.measure is None and first.persona is not None
    if first.measure is None:
        return False
    conditions = [c for step in [first.measure.where, *first.measure.steps] for c in step]
    named = {str(v).lower() for c in conditions for v in c.value} | {c.field for c in conditions}
    if not any(about in name for name in named):
        return False
    return row.get("which") is None or first.persona == _foremost(out, about, lowest=row["which"] == "least")


def _foremost(out: Path, act: str, *, lowest: bool) -> str | None:
    """The persona with the highest share of visits with the act, or of users with a thing named so; or the lowest."""
    store = Store.open(out)
    counting = Counting(store, options_of(store.read_json("run.json"), ()), names_of(store))
    personas = [p for p in commands.show(out).found.personas if p.status != "withheld"]  # type: ignore[union-attr]
    row = counting.corpus.connection.execute("SELECT count(*) FROM lines WHERE action = ?", [act]).fetchone()
    is_act = bool(row and row[0])
    field, op = ("action", "is") if is_act else ("object", "contains")
    measure = Measure.model_validate(
        {
            "unit": "sessions" if is_act else "users",
            "steps": [[{"field": field, "op": op, "value": [act]}]],
            "statistic": "share",
            "says": {"comparator": "about", "value": 0.0},
        }
    )
    found: list[tuple[float, str]] = []
    for p in personas:
        truth, _ = result_of(counting.corpus, measure, Population(counting.counted_on(p.id)[1].group))
        found.append((truth.value or 0.0, p.id))
    counting.close()
    return (min if lowest else max)(found)[1] if found else None
