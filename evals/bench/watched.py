"""A command with the time and the memory that it took, its child processes included.

Memory is the sum of proportional set sizes (what is shared is counted once), read from /proc twice a second; Linux only.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.5


@dataclass(frozen=True)
class Watched:
    """`seconds` of wall time, `peak` bytes of memory, and what the command printed."""

    seconds: float
    peak: int
    printed: str


def watched(command: Sequence[str], folder: Path) -> Watched:
    """Runs the command in `folder`; RuntimeError with the end of what it printed where it fails."""
    with (folder / "printed.txt").open("w+", encoding="utf-8") as printed:
        started, peak = time.monotonic(), 0
        process = subprocess.Popen(list(command), stdout=printed, stderr=subprocess.STDOUT)
        while True:
            peak = max(peak, sum(map(_bytes, _tree(process.pid))))
            try:
                process.wait(EVERY)
                break
            except subprocess.TimeoutExpired:
                continue
        seconds = time.monotonic() - started
        printed.seek(0)
        text = printed.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command[:4])} … ended with {process.returncode}: {text[-500:]}")
    return Watched(seconds, peak, text)


def _tree(process: int) -> list[int]:
    found = [process]
    try:
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += _tree(int(child))
    except OSError:  # it ended meanwhile
        pass
    return found


def _bytes(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
