"""All that is timed, in one command: `python -m evals.bench [NAME…]`.

Each benchmark is a module of its own with options of its own; here each runs as docs/figures.md has it,
one after the other. The clusters and claims benchmarks measure quality and are run on their own; `costs` needs a run that a
model wrote.
"""

from __future__ import annotations

import subprocess
import sys
import time

BENCHMARKS = {
    "speed": ["speed"],
    "scale": ["scale"],
    "models": ["models", "--latency", "0.2", "0.5", "1.0", "--concurrency", "4", "8", "--repeat", "1"],
    "footprint": ["footprint"],
}


def main() -> int:
    wanted = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in wanted if name not in BENCHMARKS]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    failed = 0
    for name in wanted:
        module, *options = BENCHMARKS[name]
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"{__package__}.{module}", *options]).returncode != 0
        print(f"-- {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
