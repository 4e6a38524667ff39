"""What checking a claim costs in calls and tokens: `python -m evals.bench.costs OUT`.

In: a finished run whose cards a model wrote. Out: what this program asked of models to draft, and to check, the claims of
its personas; beside it the calls that published methods need for the same personas, sentences and claims, by their own
descriptions. Those are counts of calls, not runs: a response is a persona, a fact a claim.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from persona_agent.commands.showing import finished
from persona_agent.store import Store

CHECKING = ("restate", "judge")


@dataclass(frozen=True)
class Size:
    """What there is to check."""

    personas: int
    sentences: int
    claims: int


@dataclass(frozen=True)
class Method:
    """`calls` is the count of calls of a published method; `source` says where that is written."""

    name: str
    calls: Callable[[Size], float]
    source: str


METHODS = (
    Method("RAGAS faithfulness", lambda s: 2 * s.personas, "2 a response: statements, verdicts (docs.ragas.io)"),
    Method("DeepEval faithfulness", lambda s: 4 * s.personas, "4 a response: truths, claims, verdicts, reason"),
    Method("FActScore", lambda s: s.sentences + s.claims, "1 a sentence, 1 a fact (arXiv:2305.14251)"),
    Method("SAFE, at most", lambda s: s.sentences + 8 * s.claims, "1 a sentence, up to 8 a fact (arXiv:2403.18802)"),
)


def main() -> int:
    if len(sys.argv) != 2:
        print("Name the folder of a run that a model wrote: python -m evals.bench.costs OUT", file=sys.stderr)
        return 2
    store = Store.open(Path(sys.argv[1]))
    personas = finished(store.out)[0].personas
    usage = store.read_json("run.json")["usage"]
    if not usage["calls"]:
        print("not measured: no model was asked in this run; make one with persona-agent run LOG --model MODEL -o OUT")
        return 1
    claims = sum(len(p.claims) + len(p.withdrawn) for p in personas)
    accepted = sum(len(p.claims) for p in personas)
    size = Size(len(personas), sum(1 + len(p.narrative) for p in personas), claims)
    print(f"{size.personas} personas, {size.sentences} sentences, {size.claims} claims checked, {accepted} accepted")
    rows = {"drafting": [s for s in usage["by_stage"] if s not in CHECKING], "checking": list(CHECKING)}
    print(f"{'persona-agent':24} {'calls':>6} {'a claim':>8} {'tokens':>9} {'a claim':>8}")
    for name, stages in rows.items():
        of = [usage["by_stage"][s] for s in stages if s in usage["by_stage"]]
        calls, tokens = sum(u["calls"] for u in of), sum(u["prompt_tokens"] + u["completion_tokens"] for u in of)
        print(f"  {name:22} {calls:6} {calls / claims:8.2f} {tokens:9,} {tokens / claims:8,.0f}")
    print("others, by their own descriptions (no run, and none of them counts over a log)")
    for method in METHODS:
        calls = math.ceil(method.calls(size))
        print(f"  {method.name:22} {calls:6} {calls / claims:8.2f}   {method.source}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
