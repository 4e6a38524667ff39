"""Personas of real logs, scored on users that they were not made from: `python -m evals.bench.placed LOG… [--rivals DIR]`.

In: logs, and a folder with an analyst's assignments (LOG.assignments.csv.gz: user_id, segment). Out: a table a log: for each
method the personas shown, the share of users placed, kappa between halves by time and at random, the held-out gain over
everybody's mix (or `--within` a field: over the mix of its value); and for each persona how firm it is, tested on so many
halves of so many members. Promises: five folds of users; an analyst's classes are learned from the labels of other users
and put on halves, so that who saw both halves has no advantage; users with one visit are in no figure of halves.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from persona_agent.errors import PersonaAgentError, UsageError

from ..placing.events import Events, Ints, cohort_of, read_events
from ..placing.methods import Labelled, Method
from ..placing.scores import HOWS, Agreement, crossed, firmness, kappa, mean_gain
from ..placing.views import Views, views_of
from ..suites.habits import METHODS

RIVAL = "rival"
FOLDS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables. 0 if they were made, 2 for an option that cannot be used."""
    options = _parser().parse_args(arguments)
    made: dict[str, Any] = {}
    try:
        for log in options.logs:
            made[log.name] = _scored(log, options)
            if options.json:
                options.json.write_text(json.dumps(made, indent=1) + "\n")
    except PersonaAgentError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("logs", nargs="+", type=Path)
    add("--methods", nargs="*", default=[*METHODS], choices=[*METHODS], help="default: all")
    add("--rivals", type=Path, metavar="DIR", help="an analyst's assignments, LOG.assignments.csv.gz")
    add("--unplaced", nargs="+", default=[], metavar="SEGMENT", help="segments that stand for nobody's persona")
    add("--within", metavar="FIELD", help="gain over the mix of the user's value of this field")
    add("--folds", type=int, default=FOLDS)
    add("--users", type=int, metavar="N", help="so many users, drawn at random (default all)")
    add("--nulls", type=int, default=0, metavar="N", help="so many logs with visits exchanged: personas shown")
    add("--json", type=Path, metavar="FILE", help="write every figure here")
    return parser


def _scored(log: Path, options: argparse.Namespace) -> dict[str, Any]:
    """The table of one log, printed row by row."""
    segments = _segments(log, options.rivals) if options.rivals else {}
    events = _drawn(read_events(log, segments), options.users)
    cohort, _ = cohort_of(events, options.within)
    views = views_of(events, options.within)
    methods: dict[str, Method] = {name: METHODS[name] for name in options.methods}
    if segments:
        methods[RIVAL] = Labelled(segments, views, options.unplaced, options.within)
    several = int((events.visits_of_user > 1).sum())
    print(f"\n{log.name}: {len(events.users):,} users, {several:,} came twice or more, {len(events.user):,} lines")
    return {name: _row(name, method, events, views, cohort, options) for name, method in methods.items()}


def _row(
    name: str, method: Method, events: Events, views: Views, cohort: Ints, options: argparse.Namespace
) -> dict[str, Any]:
    started = time.monotonic()
    report = method.report(events)
    found = crossed(method, events, views, report, options.folds, cohort=cohort)
    k, placed = int(report.shown.sum()), float((found.whole >= 0).mean())
    in_shown = float(((report.label >= 0) & np.append(report.shown, False)[report.label]).mean())
    whole = {how: kappa(found.halves[how]) for how in HOWS}
    gains = {"visit": mean_gain(found.gain, found.gain_visits), "thing": mean_gain(found.things, found.thing_lines)}
    print(
        f"  {name}: {k} of {len(report.shown)} personas shown, {in_shown:.0%} of users in them; folds place {placed:.0%}"
    )
    for how, (agreed, ends) in whole.items():
        print(f"    {how:6} kappa {_number(agreed.kappa, ends)}  alike {_share(agreed)}, {agreed.chance:.2f} by chance")
    for unit, (value, ends) in gains.items():
        print(f"    gain, nats a {unit}: {_number(value, ends, 4)}")
    firm = {how: firmness(found.halves[how], found.as_report, len(report.shown)) for how in HOWS}
    sizes = np.bincount(report.label[report.label >= 0], minlength=len(report.shown))
    tested = np.bincount(report.label[(report.label >= 0) & (events.visits_of_user > 1)], minlength=len(report.shown))
    for p, persona in enumerate(report.names):
        both = "  ".join(f"{how} {_number(firm[how][p].kappa)} ({_share(firm[how][p])})" for how in HOWS)
        mark = " " if report.shown[p] else "–"
        print(f"    {mark} {persona[:40]:40} {sizes[p]:5} members, {tested[p]:5} tested: {both}")
    shown = [int(method.report(events.exchanged(seed)).shown.sum()) for seed in range(options.nulls)]
    if shown:
        print(f"    personas shown on {len(shown)} exchanged logs: {sum(shown)}")
    print(f"    {time.monotonic() - started:.0f} s", flush=True)
    return {
        "shown": k, "found": len(report.shown), "in_shown": in_shown, "placed": placed,
        "kappa": {how: {**vars(agreed), "interval": ends} for how, (agreed, ends) in whole.items()},
        "gain": gains, "nulls": shown,
        "personas": [
            {"name": persona, "members": int(sizes[p]), "tested": int(tested[p]), "shown": bool(report.shown[p]),
             **{how: vars(firm[how][p]) for how in HOWS}}
            for p, persona in enumerate(report.names)
        ],
    }  # fmt: skip


def _segments(log: Path, folder: Path) -> dict[str, str]:
    """User → segment; nothing where the analyst has not looked at this log."""
    path = folder / f"{log.name.split('.')[0]}.assignments.csv.gz"
    if not path.is_file():
        return {}
    with gzip.open(path, "rt", newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if not {"user_id", "segment"} <= set(rows.fieldnames or ()):
            raise UsageError(f"{str(path)!r} lacks the columns user_id and segment.")
        return {row["user_id"]: row["segment"] for row in rows}


def _drawn(events: Events, n: int | None) -> Events:
    if n is None or n >= len(events.users):
        return events
    users = np.zeros(len(events.users), dtype=bool)
    users[np.random.default_rng(79).choice(len(users), n, replace=False)] = True
    return events.of_users(users)


def _number(value: float | None, ends: tuple[float, float] | None = None, digits: int = 2) -> str:
    if value is None:
        return "–"
    return f"{value:.{digits}f}" + (f" ({ends[0]:.{digits}f} to {ends[1]:.{digits}f})" if ends else "")


def _share(agreed: Agreement) -> str:
    return f"{agreed.same} of {agreed.placed}"


if __name__ == "__main__":
    sys.exit(main())
