"""Outcomes whose causes are known: is the cause told, and never what came after the day? `python -m evals.bench.outcomes`.

Each seed is a world of its own, run without a model as a user would run it. A cause is told where a statement of a shown card
names its act; a consequence, where a page names what is only done after the day, or goods of a season that both had alike.
Worlds without a cause count what is told of nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from evals.worlds.outcomes import CAUSE, CUT, REWARD, SEASONAL, UPGRADE, OutcomeSpec, generate_outcomes
from persona_agent import commands
from persona_agent.options import Options
from persona_agent.progress import Silent

NEEDED = 0.95  # of seeds: 19 in 20


@dataclass(frozen=True)
class Told:
    """What a run said: whether a shown card names the cause, which consequences stand anywhere in its personas, and how many
    statements of shown cards set a group apart by something else.
    """

    cause: bool
    consequences: list[str]
    others: list[str]


def told(spec: OutcomeSpec, folder: Path) -> Told:
    """A world through the program."""
    log = generate_outcomes(spec).write(folder / "events.jsonl")
    made = commands.run(
        Options(inputs=(str(log),), out=folder / "out", outcome=spec.outcome, at=str(CUT.date()), workers=1), Silent()
    )
    file = (folder / "out" / "personas.json").read_text(encoding="utf-8")
    shown = [p for p in made.personas.personas if p.status != "withheld"]
    face = [c.text for p in shown for c in p.claims if c.id in p.face]
    # What was asked for names the act of an upgrade: the question is no finding.
    after = [REWARD, *(thing for thing in SEASONAL if any(thing in text for text in face))]
    texts = json.dumps([[c.text for c in p.claims] for p in shown]).lower()
    found = [name for name in after if name in (file.lower() if name == REWARD else texts)]
    found += [UPGRADE] if f"“{UPGRADE}" in texts else []
    return Told(any(CAUSE in text for text in face), found, [text for text in face if CAUSE not in text])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.outcomes", description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--users", type=int, default=400)
    parser.add_argument("--kind", choices=("stopped", "upgraded"), default="stopped")
    parser.add_argument("--null", action="store_true", help="the habit has nothing to do with the outcome")
    asked = parser.parse_args()
    right = clean = 0
    for seed in range(asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            one = told(OutcomeSpec(asked.kind, asked.users, seed, asked.null), Path(folder))
        right, clean = right + one.cause, clean + (not one.consequences)
        print(
            f"{seed:>3}  cause {'told' if one.cause else 'not told'}; after: {one.consequences or 'nothing'}; {one.others}",
            flush=True,
        )
    n = asked.seeds
    print(f"cause told in {right} of {n}, nothing of what came after in {clean} of {n}")
    enough = (n - right if asked.null else right) >= NEEDED * n and clean >= NEEDED * n
    return 0 if enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
