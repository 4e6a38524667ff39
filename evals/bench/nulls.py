"""Personas of logs in which nobody is like anybody, where groups are found: `python -m evals.bench.nulls LOG… --copies 20`.

In: logs. Out: a row a log: in how many copies anything was found, the personas of those that would be shown, and in how many
copies there are any. Promises: the log is read, gathered and seen by the program's own code under its default options; each copy
exchanges whole visits between users within month and cohort, and personas are made from the users that a run makes them from. A
persona counts as shown where it comes back at all and has as many members as a card needs: more than a run would show, which also
asks for claims.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from persona_agent.codebook.naming import proposal
from persona_agent.groups.find import Grouping, find_groups
from persona_agent.groups.gathering import find_memories
from persona_agent.groups.grouping import SeenUsers, see_users
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a row a log; 1 if any persona would be shown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--copies", type=int, default=20, help="of each log (default 20)")
    parser.add_argument("--timezone", default="UTC", help="of clocks, as `run` takes it (default UTC)")
    asked = parser.parse_args(arguments)
    return int(sum(_row(log, asked.copies, asked.timezone) for log in asked.logs) > 0)


def _row(log: Path, copies: int, zone: str) -> int:
    """The personas shown on all copies of one log, printed."""
    started = time.monotonic()
    options = Options(inputs=(str(log),), timezone=zone)
    seen = seen_users(options)
    shown = [personas_shown(exchanged(seen, options, copy), options.min_users) for copy in range(copies)]
    with_one = sum(n > 0 for n in shown)
    print(
        f"{log.name:28} {len(seen.able):6,} users, {copies:3} exchanged copies: {with_one} with a persona, {sum(shown)} personas "
        f"({time.monotonic() - started:.0f} s)",
        flush=True,
    )
    return sum(shown)


def seen_users(options: Options) -> SeenUsers:
    """The users of a log as groups are found in them."""
    with tempfile.TemporaryDirectory(prefix="nulls-") as folder:
        store = Store.create(Path(folder) / "out")
        read = read_log(find_log(options), options, store, Silent())
        find_memories(store, options)
        return see_users(store, options, proposal(store, options, read))


def exchanged(seen: SeenUsers, options: Options, copy: int) -> Grouping:
    """What is found in a copy whose visits were exchanged."""
    visits, cohort = seen.visits()
    null = visits.exchanged(np.random.default_rng([copy, 83]), cohort)
    fields = {name: code[seen.able] for name, code in seen.fields.items()}
    return find_groups(null, cohort, fields, options.seed, fit=seen.fit[seen.able])


def personas_shown(grouping: Grouping, least: int) -> int:
    """Personas that come back, with so many members or more."""
    return sum(f.word != "none" and f.members >= least for f in grouping.firmness) if grouping.state == "groups" else 0


if __name__ == "__main__":
    sys.exit(main())
