"""How firm personas are on users who neither made them nor settled who is a member: `python -m evals.bench.aside LOG`.

In: a log, and its zone. Out: for each persona its kappa by time as a page tells it, and that of the users who
are set aside, by the same model and the same bars of members; and the means. Promises: the told kappa is of the users that
members were chosen on, as on pages; those set aside came twice or more, and no estimate rests on them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from persona_agent.groups.find import Grouping, find_groups
from persona_agent.groups.grouping import SeenUsers
from persona_agent.groups.screening import halves_of_visits
from persona_agent.groups.trials import Halves, Reals, agreement
from persona_agent.options import Options

from .nulls import seen_users


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of each log."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path)
    parser.add_argument("--timezone", default="UTC", help="of clocks, as `run` takes it (default UTC)")
    asked = parser.parse_args(arguments)
    for log in asked.logs:
        options = Options(inputs=(str(log),), timezone=asked.timezone)
        seen = seen_users(options)
        visits, cohort = seen.visits()
        found = find_groups(visits, cohort, {}, options.seed, fit=seen.fit[seen.able])
        print(log.name, *_rows(found, seen), sep="\n  ", flush=True)
    return 0


def _rows(found: Grouping, seen: SeenUsers) -> list[str]:
    if found.placer is None:
        return ["no groups"]
    told = np.array([f.kappa for f in found.firmness], dtype=float)
    again, tested = kappa_aside(found, seen)
    each = [
        f"persona {g + 1}: {told[g]:.2f} told, {again[g]:.2f} of {tested[g]} halves set aside" for g in range(len(told))
    ]
    return [*each, f"mean: {told.mean():.2f} told, {again.mean():.2f} of users set aside"]


def kappa_aside(found: Grouping, seen: SeenUsers) -> tuple[Reals, list[int]]:
    """Per persona: kappa by time of the users who are set aside, and how many halves of theirs are of a member."""
    visits, cohort = seen.visits()
    placer = found.placer
    assert placer is not None
    users = np.flatnonzero(~seen.fit[seen.able] & (visits.per_user >= 2))
    some = placer.seen(visits).of_users(users)
    first = halves_of_visits(some, "time", np.random.default_rng(0))
    classes = len(placer.sure)
    sides = Halves.of(len(users))
    for side, half in enumerate((first, ~first)):
        part = some.only(half)
        chances = placer.model.chances(placer.ruler.profiles(part, cohort[users]))
        sides.put(side, np.arange(len(users)), chances, part.per_user > 0, np.arange(classes))
    kappa = agreement(sides, classes, placer.sure)[2]
    halves = np.bincount(sides.label[sides.members(placer.sure)], minlength=classes)
    order = np.argsort(placer.group)[(placer.group < 0).sum() :]
    return kappa[order], halves[order].tolist()


if __name__ == "__main__":
    sys.exit(main())
