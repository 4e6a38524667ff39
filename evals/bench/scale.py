"""How time and memory grow with the log: `python -m evals.bench.scale`.

In: numbers of events. Out: one row a log: records, users, seconds of each stage, the peak of memory of all processes
together, personas, calls of a model and the size of what a writer is shown; then the exponents of a power law fitted to
time (least squares in logarithms, from 0.3 M events on). The logs are one kind of planted world of growing numbers of users,
made by another process; the run is the command line's own, without a model.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ..worlds import Spec, generate
from .watched import watched

EVENTS_A_USER = 102  # what a user of these worlds comes to
FROM = 300_000
STAGES = ("read", "gather", "group", "brief", "write", "report")
TARGET_EXPONENT = 1.05
TARGET_BYTES = 4 << 30


@dataclass(frozen=True)
class Row:
    """One run. `seconds` by stage, in all as `seconds["all"]`; `peak` bytes; `calls` of the writer and critic; `shown` bytes of
    dossiers per persona.
    """

    records: int
    users: int
    seconds: dict[str, float]
    peak: int
    personas: int
    calls: int
    shown: float


def world(events: int) -> Spec:
    """The world with about so many events."""
    return Spec(users=max(60, events // EVENTS_A_USER), events=80, traits=True, kind="unequal", seed=5)


def make(events: int, folder: Path) -> Path:
    """The log of a world, made by a process of its own: its truth takes more memory than the run."""
    path = folder / f"{events}.jsonl"
    if not path.exists():
        watched([sys.executable, "-m", "evals.bench.scale", "--make", str(events), "--folder", str(folder)], folder)
    return path


def measure(log: Path, folder: Path, engine: str) -> Row:
    """One run on a log."""
    out = folder / "out"
    found = watched(
        [sys.executable, "-m", "persona_agent", "run", str(log), "-o", str(out), "--fresh", "--engine", engine], folder
    )
    run = json.loads((out / "run.json").read_text())
    counts, personas = run["counts"], max(run["counts"]["personas"], 1)
    return Row(
        counts["records"],
        counts["users"],
        {**{s: run["timings"][s] for s in STAGES}, "all": found.seconds},
        found.peak,
        counts["personas"],
        run["usage"]["calls"],
        (out / "dossiers.json").stat().st_size / personas,
    )


def exponent(rows: Sequence[Row], stage: str) -> float | None:
    """The b of seconds ~ records^b; None with fewer than two logs that are large enough."""
    large = [r for r in rows if r.records >= FROM]
    if len(large) < 2:
        return None
    x, y = np.log([r.records for r in large]), np.log([r.seconds[stage] for r in large])
    return float(np.polyfit(x, y, 1)[0])


def line(row: Row) -> str:
    times = " ".join(f"{row.seconds[s]:7.1f}" for s in (*STAGES, "all"))
    return (
        f"{row.records:>11,} {row.users:>8,} {times} {row.peak / 2**30:6.2f} {row.personas:>8} {row.calls:>6} "
        f"{row.shown / 1000:6.1f}"
    )


HEADER = (
    f"{'records':>11} {'users':>8} {' '.join(f'{s:>7}' for s in (*STAGES, 'all'))} {'GiB':>6} {'personas':>8} {'calls':>6} "
    f"{'kB':>6}"
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.scale", description=__doc__.split("\n\n")[0])
    add = parser.add_argument
    add("--events", type=int, nargs="+", default=[100_000, 300_000, 1_000_000, 3_000_000, 10_000_000])
    add("--engine", default="local")
    add("--folder", type=Path, help="where logs are kept between runs of this command")
    add("--json", type=Path)
    add("--make", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.make:
        generate(world(given.make)).write(given.folder / f"{given.make}.jsonl")
        return
    print(HEADER, flush=True)
    rows = []
    with TemporaryDirectory() as own:
        folder = given.folder or Path(own)
        for events in given.events:
            rows.append(measure(make(events, folder), Path(own), given.engine))
            print(line(rows[-1]), flush=True)
            if given.json:
                given.json.write_text(json.dumps([asdict(r) for r in rows], indent=1))
    fitted = {s: exponent(rows, s) for s in (*STAGES, "all")}
    said = ", ".join(f"{s} {b:.2f}" for s, b in fitted.items() if b is not None)
    print(f"exponents from {FROM:,} records on: {said or 'none, too few logs'} (target {TARGET_EXPONENT} for all)")
    print(f"peak {max(r.peak for r in rows) / 2**30:.2f} GiB (target under {TARGET_BYTES / 2**30:.0f})")


if __name__ == "__main__":
    main()
