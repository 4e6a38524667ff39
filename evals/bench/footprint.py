"""What installing and starting costs beside others: `python -m evals.bench.footprint` (it installs them, from your index).

In: names of packages. Out: one row a package, each in an environment of its own: megabytes installed, distributions, and
seconds to import what a program would import (the median of several fresh processes, the first left out). For this
program also the seconds of `--help`, beside those of a program of one command on typer and rich, run in turn with it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
TIMES = 7
# What any program on typer and rich costs before it does anything.
BARE = "import rich, typer; app = typer.Typer(); app.command()(lambda: None); app()"


@dataclass(frozen=True)
class Peer:
    """`install` are pip's arguments, `statement` is timed."""

    name: str
    install: tuple[str, ...]
    statement: str


PEERS = (
    Peer("persona-agent", (str(ROOT),), "import persona_agent.commands"),
    Peer("kura", ("kura",), "import kura.summarisation, kura.cluster, kura.meta_cluster"),
    Peer("bertopic", ("bertopic",), "from bertopic import BERTopic"),
)


def seconds(command: list[str], times_run: int = TIMES) -> float:
    """The median time of a command in fresh processes, caches warm."""
    times = []
    for _ in range(times_run):
        started = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.monotonic() - started)
    return median(times[1:])


def ratio(command: list[str], other: list[str]) -> tuple[float, float]:
    """The median time of a command, and the median of its ratio to another one run right after it."""
    pairs = [(seconds(command, 2), seconds(other, 2)) for _ in range(TIMES)]
    return median(mine for mine, _ in pairs), median(mine / theirs for mine, theirs in pairs)


def installed(peer: Peer, folder: Path) -> Path:
    """The interpreter of a fresh environment that holds the package."""
    home = folder / peer.name
    python = home / "bin" / "python"
    if not (home / ".done").exists():
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *peer.install], check=True, capture_output=True)
        (home / ".done").touch()
    return python


def size(python: Path) -> tuple[float, int]:
    """Megabytes and distributions in an environment, pip's own left out."""
    packages = next((python.parent.parent / "lib").glob("python*")) / "site-packages"
    files = (f for f in packages.rglob("*") if f.is_file() and not f.relative_to(packages).parts[0].startswith("pip"))
    return sum(f.stat().st_size for f in files) / 1e6, len(list(packages.glob("*.dist-info"))) - 1


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m evals.bench.footprint", description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", nargs="+", choices=[p.name for p in PEERS], default=[p.name for p in PEERS])
    parser.add_argument("--folder", type=Path, help="where environments are kept")
    given = parser.parse_args()
    print(f"{'package':14} {'MB':>7} {'packages':>9} {'import s':>9}", flush=True)
    with TemporaryDirectory() as own:
        folder = given.folder or Path(own)
        for peer in (p for p in PEERS if p.name in given.only):
            try:
                python = installed(peer, folder)
                took = seconds([str(python), "-c", peer.statement])
            except subprocess.CalledProcessError as error:
                print(f"{peer.name:14} cannot be measured here: {' '.join(map(str, error.cmd[-2:]))}", file=sys.stderr)
                continue
            megabytes, count = size(python)
            print(f"{peer.name:14} {megabytes:7.0f} {count:9d} {took:9.2f}", flush=True)
            if peer.name == "persona-agent":
                told, times = ratio(
                    [str(python.parent / "persona-agent"), "--help"], [str(python), "-c", BARE, "--help"]
                )
                print(f"{'':14} --help {told:.2f} s, {times:.2f} times that of a bare program on typer and rich")


if __name__ == "__main__":
    main()
