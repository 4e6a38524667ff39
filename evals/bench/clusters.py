"""Planted worlds through the program's own steps, scored against their truth: `python -m evals.bench.clusters`.

In: a number of seeds. Out: one row a kind of world, the worst seed first, then the median; `--baselines` adds BERTopic and
k-means told the true number, on the same vectors. Promises: the log is read, redacted, gathered and grouped by the code
that users run; planted noise lines are not scored; lines and users that were left out count as groups of their own.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from persona_agent.config import Settings
from persona_agent.ids import user_hash
from persona_agent.progress import Silent
from persona_agent.steps.grouping import Users, find_memories, find_users
from persona_agent.steps.reading import find_log, read_log
from persona_agent.store import Store

from ..worlds import DOMAINS, Kind, Spec, World, generate
from .baselines import compare

Ints = NDArray[np.int64]
PLANTED = ("personas", "mix", "numeric", "small", "two", "unequal")
FIRST_SEED = 200
SMALL_USERS = 1000


@dataclass(frozen=True)
class Score:
    """One world: adjusted Rand index of lines and of users (None where nothing is planted), groups found and planted."""

    seed: int
    lines: float
    users: float | None
    found: int
    planted: int
    coverage: float
    state: str
    seconds: float
    baselines: dict[str, float]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10, help="seeds a kind of world (null and crowd: twice as many)")
    parser.add_argument("--only", default="", help="rows whose name holds this text")
    parser.add_argument("--baselines", action="store_true", help="BERTopic and k-means as well (extra `bench`)")
    parser.add_argument("--json", type=Path, help="write every score here")
    options = parser.parse_args(arguments)
    rows: dict[str, list[Score]] = {}
    print(
        f"{'world':28} {'n':>3}  {'lines':>12}  {'users':>12}  {'k−true':>8} {'cover':>6} {'sec':>6}  states",
        flush=True,
    )
    for name, specs in worlds(options.seeds):
        if options.only in name:
            rows[name] = [score(spec, baselines=options.baselines) for spec in specs]
            print(line(name, rows[name]), flush=True)
    if options.json:
        options.json.write_text(json.dumps({n: [asdict(s) for s in scores] for n, scores in rows.items()}, indent=1))
    return 0


def worlds(seeds: int) -> Iterator[tuple[str, list[Spec]]]:
    """Rows of the table; kinds that stand once take the domains in turn."""
    domains = list(DOMAINS)
    own = range(FIRST_SEED, FIRST_SEED + seeds)
    for domain in domains:
        yield f"personas {domain} closed", [Spec(domain, "personas", seed=s) for s in own]
        yield f"personas {domain} open", [Spec(domain, "personas", "open", seed=s) for s in own]
    yield "personas 20 events", [Spec("kitchen", "personas", events=20, seed=s) for s in own]
    yield "personas 200 events", [Spec("kitchen", "personas", events=200, seed=s) for s in own]
    once: tuple[Kind, ...] = ("mix", "numeric", "two", "unequal", "continuum")
    for kind in once:
        yield kind, [Spec(domains[s % 3], kind, seed=s) for s in own]
    yield "small (3 %)", [Spec(domains[s % 3], "small", users=SMALL_USERS, seed=s) for s in own]
    empty: tuple[Kind, ...] = ("null", "crowd")
    for kind in empty:
        twice = range(FIRST_SEED, FIRST_SEED + 2 * seeds)
        yield kind, [Spec(domains[s % 3], kind, seed=s) for s in twice]


def score(spec: Spec, *, baselines: bool = False) -> Score:
    """One world, read and grouped as a user would."""
    world = generate(spec)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="world-") as folder:
        log = world.write(Path(folder) / "log.jsonl")
        settings = Settings(inputs=(str(log),), out=Path(folder) / "out")
        store = Store.create(settings.out)
        read_log(find_log(settings), settings, store, Silent())
        find_memories(store, settings)
        users = find_users(store, settings)
        seconds = time.monotonic() - started
        intents = intent_of_line(store)
        personas = planted_personas(world, store, users)
        found = compare(world, store, users, personas) if baselines else {}
    planted = spec.kind in PLANTED
    return Score(
        spec.seed,
        ari_of_lines(world, intents),
        adjusted_rand_score(personas, alone(users.grouping.label)) if planted else None,
        users.grouping.chosen if users.grouping.state != "none" else 0,
        len(set(world.user_personas.values())) if planted else 0,
        float((users.grouping.label >= 0).mean()),
        users.grouping.state,
        seconds,
        found,
    )


def ari_of_lines(world: World, intents: dict[int, int]) -> float:
    """Lines of a planted intent against the intent found; a line that was left out is alone."""
    lines = [number for number, intent in world.line_intents.items() if intent >= 0]
    truth = [world.line_intents[number] for number in lines]
    return float(adjusted_rand_score(truth, alone(np.array([intents.get(n, -1) for n in lines]))))


def alone(label: Ints) -> Ints:
    """Labels in which every −1 is a group of its own."""
    label = np.asarray(label)
    return np.where(label < 0, label.max(initial=0) + 1 + np.arange(len(label)), label)


def intent_of_line(store: Store) -> dict[int, int]:
    """Physical line → intent, of the lines that are in a memory."""
    path = str(store.path("memories.parquet")).replace("'", "''")
    rows = duckdb.connect().execute(f"SELECT l.line, intent FROM (SELECT unnest(lines) AS l, intent FROM '{path}')")
    return dict(rows.fetchall())


def planted_personas(world: World, store: Store, users: Users) -> list[int]:
    """The planted persona of each user, in the order of the program's users."""
    key = store.key()
    of_hash = {user_hash(key, name): persona for name, persona in world.user_personas.items()}
    return [of_hash[name] for name in users.columns.users]


def line(name: str, scores: Sequence[Score]) -> str:
    """One row: worst and median."""
    users = [s.users for s in scores if s.users is not None]
    off = [s.found - s.planted for s in scores]
    states: dict[str, int] = {}
    for s in scores:
        states[s.state] = states.get(s.state, 0) + 1
    shown = ", ".join(f"{n} {state}" for state, n in sorted(states.items()))
    extra = "  ".join(
        f"{b} {np.median([s.baselines[b] for s in scores]):.2f}" for b in sorted(scores[0].baselines if scores else {})
    )
    return (
        f"{name:28} {len(scores):3}  {worst([s.lines for s in scores])}  {worst(users)}  "
        f"{f'{min(off):+d}..{max(off):+d}' if users else '':>8} {min(s.coverage for s in scores):6.3f} "
        f"{np.median([s.seconds for s in scores]):6.1f}  {shown}  {extra}"
    )


def worst(values: Sequence[float]) -> str:
    return f"{min(values):.3f} {np.median(values):.3f}" if values else " " * 11


if __name__ == "__main__":
    sys.exit(main())
