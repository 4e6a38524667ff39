"""`diff` on planted changes: `python -m evals.bench.changed [--seeds N] [--keep DIR]`.

In: two periods of a shop in which one thing changed (evals/worlds/periods.py), or nothing did. Out: of each kind of change in how
many seeds it was found, and what else was said to have changed; of unchanged worlds in how many a persona was said to have
changed, and the share of claims. Promises: both logs go through `run`, offline, under one key; what is scored is what `diff`
says.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from persona_agent.commands.comparing import compare, finished_side, followed
from persona_agent.commands.running import run
from persona_agent.ids import user_hash
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Changes, ClaimChange
from persona_agent.store import Store
from persona_agent.words.english.changes_told import CHANGED

from ..worlds.periods import (
    BREAKFAST,
    CHANGES,
    COOKS,
    HOBBY,
    HOUSE,
    SWEET,
    Change,
    Periods,
    PeriodSpec,
    generate_periods,
)

USERS = 300
UNCHANGED = 20  # seeds of worlds without a change
STYLE = {"split": HOUSE, "gone": SWEET, "grown": HOBBY, "dropped": COOKS, "moved": BREAKFAST}


@dataclass(frozen=True)
class Score:
    """Was the planted change `found`, what else was said of personas, and of how many claims was a change said."""

    found: bool
    others: list[str]
    changed: int
    claims: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row a kind; 0 if all targets are met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", default=["none", *CHANGES], choices=["none", *CHANGES])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--unchanged", type=int, default=UNCHANGED)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--strangers", action="store_true", help="nobody of the first period is in the second")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the runs, and use those that are there")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="changed-") as folder:
        home, met = options.keep or Path(folder), True
        for kind in options.kinds:
            seeds = range(options.unchanged if kind == "none" else options.seeds)
            specs = [PeriodSpec(kind, seed, options.users, not options.strangers) for seed in seeds]
            met &= _told(kind, [scored(spec, home) for spec in specs])
    return 0 if met else 1


def scored(spec: PeriodSpec, home: Path) -> Score:
    """The score of one world, whose runs are made in `home` unless they are there."""
    world = generate_periods(spec)
    before = made(world.before, home / f"first-{spec.seed}-{spec.users}", home / f"key-{spec.seed}")
    name = f"{spec.change}-{spec.seed}-{spec.users}{'' if spec.same_users else '-strangers'}"
    after = made(world.after, home / name, home / f"key-{spec.seed}")
    old, new = finished_side(before), finished_side(after)
    found = compare(old, new, followed(old, new))
    score = score_of(spec.change, found, persona_of_style(spec.change, world, before, old.groups, old.ids))
    if (spec.change != "none" and not score.found) or score.others:
        print(json.dumps({"world": name, "found": score.found, "others": score.others}), flush=True)
    return score


def made(lines: Sequence[str], folder: Path, key: Path) -> Store:
    """The finished run of a log."""
    out = folder / "out"
    if not (out / "report.html").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "log.jsonl"
        log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        run(Options(inputs=(str(log),), out=out, value="properties.price", key=key), Silent())
    return Store.open(out)


def persona_of_style(
    change: Change, world: Periods, store: Store, groups: Sequence[Sequence[str]], ids: dict[str, int] | object
) -> str | None:
    """The persona of the first run that most users of the changed style are in."""
    if change == "none" or not isinstance(ids, dict):
        return None
    style = {user_hash(store.key(), user): was for user, (was, _) in world.styles.items()}
    held = {name: Counter(style.get(u) for u in groups[g])[STYLE[change].name] for name, g in ids.items()}
    return max(held, key=lambda name: held[name], default=None)


def score_of(change: Change, found: Changes, persona: str | None) -> Score:
    """What `diff` says against what was planted."""
    rows = {row.was or row.now: row.outcome for row in found.personas if row.outcome in CHANGED}
    claims = [c for c in found.claims if c.outcome in ("weakened", "refuted")]
    mine = [c for c in claims if c.persona == persona]
    hit = {
        "none": not rows,
        "split": rows.get(persona) == "split",
        "gone": rows.get(persona) == "gone",
        "grown": rows.get(persona) == "grown",
        "dropped": any(_about(c, "on_offer") for c in mine),
        "moved": any(_about(c, "hour") for c in mine),
    }[change]
    own = persona if change in ("split", "gone", "grown") and hit else None
    others = [f"{name} {outcome}" for name, outcome in rows.items() if name != own]
    return Score(hit, others, len(claims), len(found.claims))


def _about(claim: ClaimChange, field: str) -> bool:
    return field in claim.measure.model_dump_json()


def _told(kind: str, scores: Sequence[Score]) -> bool:
    found, n = sum(s.found for s in scores), len(scores)
    others = sum(bool(s.others) for s in scores)
    changed, claims = sum(s.changed for s in scores), sum(s.claims for s in scores)
    share = changed / max(claims, 1)
    if kind == "none":
        print(
            f"unchanged: no persona changed in {found} of {n}; {changed} of {claims} claims changed ({100 * share:.2f} %)"
        )
        return found >= 0.95 * n and share <= 0.01
    print(f"{kind}: found in {found} of {n}; another persona said to have changed in {others}", flush=True)
    return found >= 0.9 * n


if __name__ == "__main__":
    sys.exit(main())
