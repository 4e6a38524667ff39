"""Real logs with sessions exchanged between users: no personas may be found. `python -m evals.bench.shuffled LOG.csv.gz …`

In: CSV files with the columns user_id and timestamp, plain or gzip. Out: a row a log, how often its shuffled version was
said to have no groups. `--users N` takes N users drawn anew for each seed.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from persona_agent.groups import Grouping

from ..worlds import shuffle_sessions
from .found import found

Record = dict[str, str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row a log; exit 1 if any shuffled log seemed to have groups."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--users", type=int, help="so many users of each log, drawn anew for each seed")
    options = parser.parse_args(arguments)
    wrong = 0
    for log in options.logs:
        records = load(log)
        states = Counter(state(sample(records, options.users, seed), seed) for seed in range(options.seeds))
        wrong += options.seeds - states["none"]
        shown = ", ".join(f"{n} {s}" for s, n in sorted(states.items()))
        print(f"{log.name:28} {options.seeds:3} shuffled logs: {shown}", flush=True)
    return int(wrong > 0)


def load(path: Path) -> list[Record]:
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        return list(csv.DictReader(file))


def sample(records: list[Record], users: int | None, seed: int) -> list[Record]:
    names = sorted({r["user_id"] for r in records})
    if users is None or users >= len(names):
        return records
    kept = set(np.random.default_rng(seed).choice(names, users, replace=False).tolist())
    return [r for r in records if r["user_id"] in kept]


def write(records: list[Record], seed: int, log: Path) -> Path:
    """The records as a CSV file, sessions exchanged between users."""
    rows = shuffle_sessions(records, seed)
    with log.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return log


def state(records: list[Record], seed: int) -> str:
    """The state that the program finds in the shuffled log."""
    return grouping(records, seed).state


def grouping(records: list[Record], seed: int) -> Grouping:
    """What the program makes of the shuffled log."""
    with tempfile.TemporaryDirectory(prefix="shuffled-") as folder:
        log = write(records, seed, Path(folder) / "log.csv")
        return found(log, Path(folder) / "out")[1].grouping


if __name__ == "__main__":
    sys.exit(main())
