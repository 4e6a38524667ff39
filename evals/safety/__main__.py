"""Every safety table in one command: `python -m evals.safety [NAME…]`.

`redaction`, `blind`, `injection`, `recorded`, `baits`, `faults`, `promises`, `cost`, `fuzz`; the tables of SECURITY.md and
PRIVACY.md are what this printed. Ends with 1 if a target is missed, or if nothing that was named could be measured.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from . import baits, blind, cost, faults, fuzz, injection, promises, recorded, redaction

VERDICTS = {True: "met", False: "MISSED", None: "not measured"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m evals.safety", description=__doc__.split("\n\n")[0])
    parser.add_argument(
        "names",
        nargs="*",
        help="redaction, blind, injection, recorded, baits, faults, promises, cost, fuzz; all unless named",
    )
    parser.add_argument("--lines", type=int, default=1_000_000, help="mutated lines for the readers")
    parser.add_argument("--names", dest="people", metavar="MODEL", help="also with this model of spaCy's for names")
    given = parser.parse_args()
    tables: dict[str, Callable[[Path], tuple[list[str], bool | None]]] = {
        "redaction": lambda _: redaction.table(given.people),
        "blind": lambda _: blind.table(),
        "injection": injection.table,
        "recorded": recorded.table,
        "baits": baits.table,
        "faults": faults.table,
        "promises": promises.table,
        "cost": cost.table,
        "fuzz": lambda folder: fuzz.table(given.lines, folder),
    }
    unknown = [name for name in given.names if name not in tables]
    if unknown:
        print(f"There is no table {unknown[0]!r}. There are: {', '.join(tables)}.", file=sys.stderr)
        return 2
    verdicts = []
    for name in given.names or tables:
        started = time.monotonic()
        with TemporaryDirectory() as folder:
            lines, good = tables[name](Path(folder))
        print(f"\n## {name}: target {VERDICTS[good]} ({time.monotonic() - started:.0f} s)\n", flush=True)
        print("\n".join(lines), flush=True)
        verdicts.append(good)
    return 1 if False in verdicts or True not in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())
