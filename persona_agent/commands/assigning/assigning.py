"""The rows of `assign`: a run's model on its own events, or on a log that is read now as the run read its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np

from ...errors import UsageError
from ...groups.frozen import MIN_LINES, place_users
from ...log.events import open_events
from ...log.optouts import opted_out, read_opt_outs
from ...log.reading import as_found, find_log
from ...manifest import TO_MEND, refuse_changed, verify
from ...progress import Progress, Silent
from ...runs import options_of
from ...seal import find_seal
from ..checking import read_again
from .assigned import LEANS, NOT_LIKELY, TOO_FEW, Assigned, Rows, as_objects
from .handing_out import STALE_AFTER, GivenOut, give_out, refuse_file, refuse_without_purpose
from .placeable import Placeable, placeable
from .ruling import found_rules, met_rules, own_sql

By = Literal["model", "rule"]


def assign(
    out: Path,
    log: Sequence[str] = (),
    progress: Progress | None = None,
    *,
    to: Path | None = None,
    by: By = "model",
    rules: bool = False,
    sql: bool = False,
    ids: bool = False,
    purpose: str | None = None,
    stale_after: int = STALE_AFTER,
    opt_out: Path | None = None,
    seal_key: Path | None = None,
) -> Assigned:
    """A row for each user of the log, or of the run where there is none; written to `to`, if that is named. UsageError where
    nobody may be placed, or ids are asked for without a purpose.
    """
    heard = progress or Silent()
    refuse_without_purpose(purpose, ids=ids)
    if to is not None:
        refuse_file(to)
    run = placeable(out)
    seal = verify(run.store, find_seal(seal_key))
    if to is not None or ids:
        refuse_changed(seal, f"Nobody is given out by {str(out)!r}", hint=TO_MEND)
    with users_to_place(run, log, heard, opt_out, ids=ids) as (connection, raw):
        rules_found = found_rules(run, heard) if rules or sql or by == "rule" else None
        if by == "rule" and rules_found is not None:
            rows, noted = met_rules(connection, rules_found), list[str]()
        else:
            rows, noted = _by_model(connection, run)
    rows["name"] = as_objects([run.names.get(p) for p in rows["persona"].tolist()])
    if ids:
        rows["user"] = as_objects([raw[user] for user in rows["user"].tolist()])
    told = rules_found.text() if rules_found is not None and rules else ""
    own = own_sql(run, rules_found, ()).text() if rules_found is not None and sql else ""
    made = Assigned(ordered(rows, run.names), run.names, by, out, noted, to, told, own, seal=seal)
    if to is not None:
        give_out(run.store, to, made.rows, GivenOut.now(to, "users", purpose, stale_after, ids=ids), seal_key)
    return made


@contextmanager
def users_to_place(
    run: Placeable, log: Sequence[str], progress: Progress, opt_out: Path | None, *, ids: bool
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """The events to place users by, and the raw ids behind their hashes, where `ids` are asked for or a log is read."""
    if not log and not ids and opt_out is None:
        with run.store.connect() as connection:
            open_events(connection, run.store)
            yield connection, {}
        return
    options = options_of(run.run, tuple(log)).but(opt_out=None)
    found = find_log(options)
    if as_found(options, found).staff:
        raise UsageError(
            f"Nobody is placed: {found.found.at_work}, so this log is of people at work.",
            hint="Where a purpose speaks for it, make the run with --no-staff PURPOSE.",
        )
    left = set(opted_out(run.store))
    if opt_out is not None:
        left |= opted_out(run.store, read_opt_outs(opt_out, found.found.mapping["user"]))
    raw = dict[str, str]()
    with read_again(run.store, replace(found, left_out=frozenset(left)), options, progress, raw) as (connection, _, _):
        progress.stage("assign")
        yield connection, raw


def _by_model(connection: duckdb.DuckDBPyConnection, run: Placeable) -> tuple[Rows, list[str]]:
    found = place_users(connection, run.frozen, run.options.timezone)
    persona_of = {group: persona for persona, group in run.groups.items()}
    personas = [persona_of.get(label) for label in found.placed.label.tolist()]
    inside = np.array([p is not None for p in personas], dtype=bool)
    few = found.lines < MIN_LINES
    # Who is in a group that is not shown is told from nobody else who is not placed.
    leaning = [persona_of.get(group) for group in found.placed.leaning.tolist()]
    reasons = [
        None if here else TOO_FEW if one else f"{LEANS}{to}" if to else NOT_LIKELY
        for here, one, to in zip(inside, few, leaning, strict=True)
    ]
    scores = {p: np.where(inside, found.placed.chances[:, g].round(4), np.nan) for p, g in run.groups.items()}
    rows: Rows = {
        "user": as_objects(found.users),
        "persona": as_objects(personas),
        "certainty": np.where(inside, found.placed.certainty.round(4), np.nan),
        "why": as_objects(reasons),
        **scores,
    }
    without = found.events - found.known
    noted = (
        f"{without:,} of {found.events:,} events were not counted: no user chose them, or the run did not know the act."
    )
    return rows, [noted] if without else []


def ordered(rows: Rows, names: Mapping[str, str]) -> Rows:
    """The columns in the order in which they are written."""
    return {name: rows[name] for name in ("user", "persona", "name", "certainty", "why", *names) if name in rows}
