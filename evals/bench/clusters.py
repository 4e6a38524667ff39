"""Planted worlds through the program's own steps, scored against their truth: `python -m evals.bench.clusters`.

In: numbers of seeds, kinds of world, real logs to shuffle. Out: one row a kind of world (worst seed, median, and which
seeds miss a target), printed when it is done; `--json` holds every seed and is written after each. `--baselines` adds
BERTopic and k-means told the true number, on the same vectors; a world counts as hard only while BERTopic stays below
0.75 on its intents. Promises: the log is read, redacted, gathered and grouped by the code that users run; planted noise
lines are not scored; lines and users that were left out count as groups of their own. Kinds that stand once take the
three domains in turn by seed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from persona_agent.errors import PersonaAgentError
from persona_agent.groups.grouping import UserGroups
from persona_agent.store import Store

from ..worlds import DOMAINS, Kind, Spec, World, generate
from . import scoring, shuffled
from .baselines import compare, need_bertopic
from .found import found

PLANTED = ("personas", "mix", "numeric", "small", "two", "unequal")
FIRST_SEED = 200
SMALL_USERS = 1000
FEW_EVENTS = 20
BASELINE_SEEDS = 3
TOO_EASY = 0.75

MIN_LINES = 0.92
MIN_USERS = 0.90
MIN_USERS_FEW_EVENTS = 0.70
MAX_OFF = 1
MIN_COVERAGE = 0.90

HEADER = f"{'world':24}   n  {'lines: worst med':17} {'users: worst med':17} {'k−true':>7}  cover    sec  states"


@dataclass(frozen=True)
class Score:
    """One world. `lines` and `users`: adjusted Rand indices (`users` None where no persona is planted); `found` and
    `planted`: numbers of groups; `coverage`: share of planted users in a group; `seconds` from log file to groups.
    """

    domain: str
    seed: int
    lines: float
    users: float | None
    found: int
    planted: int
    coverage: float
    state: str
    seconds: float
    baselines: dict[str, float]
    misses: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table. 0 if it was made, whatever it shows; 2 for an option that cannot be used."""
    options = _parser().parse_args(arguments)
    rows: dict[str, object] = {}

    def keep(name: str, scores: object) -> None:
        rows[name] = scores
        if options.json:
            options.json.write_text(json.dumps(rows, indent=1) + "\n")

    try:
        if options.baselines:
            need_bertopic()
        if options.worlds or not options.logs:
            _planted(options, keep)
        for log in options.logs:
            _shuffled(log, options, keep)
    except PersonaAgentError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--seeds", type=int, default=10, help="seeds a kind of world (default 10)")
    add("--null-seeds", type=int, help="seeds of null, crowd and each shuffled log (default twice --seeds)")
    add("--worlds", "--only", nargs="+", default=[], metavar="TEXT", help="rows whose name holds one of these")
    add("--baselines", action="store_true", help=f"BERTopic and k-means on {BASELINE_SEEDS} seeds (extra `bench`)")
    add("--logs", nargs="+", type=Path, default=[], metavar="CSV", help="real logs (user_id, timestamp) to shuffle")
    add("--log-users", type=int, help="so many users of each log, drawn anew for each seed (default all)")
    add("--json", type=Path, help="write every score here")
    return parser


def _planted(options: argparse.Namespace, keep: Callable[[str, object], None]) -> None:
    seeds, null_seeds = options.seeds, _null_seeds(options)
    title = f"Planted worlds: {seeds} seeds from {FIRST_SEED} a row, {null_seeds} for null and crowd"
    if options.baselines:
        title += f"; baselines: the first {BASELINE_SEEDS} seeds, median, and only where personas are planted"
    print(f"{title}\n{HEADER}", flush=True)
    for name, specs in worlds(seeds, null_seeds):
        if options.worlds and not any(text in name for text in options.worlds):
            continue
        scores: list[Score] = []
        for i, spec in enumerate(specs):
            scores.append(score(spec, baselines=options.baselines and i < BASELINE_SEEDS and spec.kind in PLANTED))
            keep(name, [asdict(s) for s in scores])
        print(line(name, scores), flush=True)


def _shuffled(log: Path, options: argparse.Namespace, keep: Callable[[str, object], None]) -> None:
    """A row of a real log whose sessions are exchanged between users: any state but `none` is a false alarm."""
    records = shuffled.load(log)
    states: list[str] = []
    seconds: list[float] = []
    for seed in range(_null_seeds(options)):
        started = time.monotonic()
        states.append(shuffled.state(shuffled.sample(records, options.log_users, seed), seed))
        seconds.append(time.monotonic() - started)
        keep(f"shuffled {log.name} {options.log_users or 'all'} users", {"states": states, "seconds": seconds})
    alarms = [seed for seed, state in enumerate(states) if state != "none"]
    who = f"{options.log_users} users drawn a seed" if options.log_users else "all users"
    print(
        f"shuffled {log.name}, {who}: {len(states)} seeds, {_counted(states)}, {np.median(seconds):.1f} s; "
        f"false alarms: {alarms or 'none'}",
        flush=True,
    )


def _null_seeds(options: argparse.Namespace) -> int:
    return int(options.null_seeds if options.null_seeds is not None else 2 * options.seeds)


def worlds(seeds: int, null_seeds: int | None = None) -> Iterator[tuple[str, list[Spec]]]:
    """Rows of the table; kinds that stand once take the domains in turn."""
    domains = list(DOMAINS)
    own = range(FIRST_SEED, FIRST_SEED + seeds)
    for domain in domains:
        yield f"personas {domain} closed", [Spec(domain, "personas", seed=s) for s in own]
        yield f"personas {domain} open", [Spec(domain, "personas", "open", seed=s) for s in own]
    yield "personas 20 events", [Spec("kitchen", "personas", events=FEW_EVENTS, seed=s) for s in own]
    yield "personas 200 events", [Spec("kitchen", "personas", events=200, seed=s) for s in own]
    once: tuple[Kind, ...] = ("mix", "numeric", "two", "unequal", "continuum")
    for kind in once:
        yield kind, [Spec(domains[s % 3], kind, seed=s) for s in own]
    yield "small (3 %)", [Spec(domains[s % 3], "small", users=SMALL_USERS, seed=s) for s in own]
    empty: tuple[Kind, ...] = ("null", "crowd")
    for kind in empty:
        many = range(FIRST_SEED, FIRST_SEED + (2 * seeds if null_seeds is None else null_seeds))
        yield kind, [Spec(domains[s % 3], kind, seed=s) for s in many]


def score(spec: Spec, *, baselines: bool = False) -> Score:
    """One world, read and grouped as a user would."""
    world = generate(spec)
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        log = world.write(Path(folder) / "log.jsonl")
        started = time.monotonic()
        store, groups = found(log, Path(folder) / "out")
        seconds = time.monotonic() - started
        others = compare(world, store, groups) if baselines else {}
        return scored(world, store, groups, seconds, others)


def scored(world: World, store: Store, groups: UserGroups, seconds: float, others: dict[str, float]) -> Score:
    """What was found in `world` against what was planted there."""
    planted = world.spec.kind in PLANTED
    truth = scoring.personas(world)
    label = scoring.label_of_planted(scoring.places(world, store.key(), groups.users), groups.grouping.label)
    lines = scoring.ari_of_lines(world, scoring.intent_of_line(store))
    of_users = scoring.ari(truth, label) if planted else None
    state = groups.grouping.state
    n_found = groups.grouping.chosen if state != "none" else 0
    n_planted = len(set(truth.tolist())) if planted else 0
    coverage = float((label >= 0).mean())
    missed = misses(world.spec, lines, of_users, n_found - n_planted, coverage, state)
    return Score(
        world.spec.domain,
        world.spec.seed,
        lines,
        of_users,
        n_found,
        n_planted,
        coverage,
        state,
        seconds,
        others,
        missed,
    )


def misses(spec: Spec, lines: float, users: float | None, off: int, coverage: float, state: str) -> list[str]:
    """The targets that one world misses, by name."""
    missed = ["lines"] if lines < MIN_LINES else []
    if users is None:
        return missed if state == "none" or spec.kind == "continuum" else [*missed, state]
    least = MIN_USERS_FEW_EVENTS if spec.events <= FEW_EVENTS else MIN_USERS
    tests = {"users": users < least, "k": abs(off) > MAX_OFF, "coverage": coverage < MIN_COVERAGE}
    return missed + [name for name, wrong in tests.items() if wrong]


def line(name: str, scores: Sequence[Score]) -> str:
    """One row: worst and median, and after `!` the seeds that miss a target."""
    users = [s.users for s in scores if s.users is not None]
    off = [s.found - s.planted for s in scores]
    missed = [f"{s.domain} {s.seed} {'+'.join(s.misses)}" for s in scores if s.misses]
    return (
        f"{name:24} {len(scores):3}  {worst([s.lines for s in scores])}       {worst(users)}       "
        f"{f'{min(off):+d}..{max(off):+d}' if users else '':>7}  {f'{min(s.coverage for s in scores):.3f}' if users else '':5} "
        f"{np.median([s.seconds for s in scores]):6.1f}  {_counted([s.state for s in scores])}"
        f"{_others(scores)}{'  ! ' + ', '.join(missed) if missed else ''}"
    )


def _others(scores: Sequence[Score]) -> str:
    """Medians of the baselines, and whether the world is too easy to count."""
    with_others = [s.baselines for s in scores if s.baselines]
    if not with_others:
        return ""
    names = sorted(set.intersection(*(set(b) for b in with_others)))
    median = {n: float(np.median([b[n] for b in with_others])) for n in names}
    best = max(v for b in with_others for n, v in b.items() if n in ("bertopic-lines", "bertopic-texts"))
    verdict = "counts" if best < TOO_EASY else "TOO EASY"
    return "\n    " + "  ".join(f"{n} {v:.2f}" for n, v in median.items()) + f"  (best BERTopic {best:.2f}: {verdict})"


def _counted(states: Iterable[str]) -> str:
    return ", ".join(f"{n} {state}" for state, n in sorted(Counter(states).items()))


def worst(values: Sequence[float]) -> str:
    """The worst and the median, in a fixed width."""
    return f"{min(values):.3f} {np.median(values):.3f}" if values else " " * 11


if __name__ == "__main__":
    sys.exit(main())
