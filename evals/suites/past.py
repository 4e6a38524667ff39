"""A log cut at one moment: what the program makes of the past alone, and what its users did afterwards.

In: a log file and the share of its events that is past. Out: users, objects, who did what and when before the cut,
personas made from nothing else, and what the users touched after it. Promises: the program reads a file that holds no
line of the future; the future is read by the program's own reading with the same key, so that users' hashes and the
masked texts of objects are comparable, and the share of records on which both readings agree is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from persona_agent.commands.running import run
from persona_agent.log import Account, parse_events
from persona_agent.log.inputs import Input, bare_suffix, open_bytes
from persona_agent.log.lines import split_lines
from persona_agent.log.reading import Log, find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.schema import Persona, PersonaSet
from persona_agent.store import Store, open_database

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Reals = NDArray[np.float64]

# An object, or the action where a log names no object at all.
EVENTS = """
  SELECT user, epoch_us(ts) AS ts, CASE WHEN ? THEN object ELSE action END AS item
  FROM read_parquet(?, file_row_number = true) WHERE epoch_us(ts) >= ? AND item <> '' ORDER BY file_row_number
"""
EVER = -(2**62)
# A record is known by its hash; where one stands twice, it has one text.
AGREE = """
  SELECT count(*), count(*) FILTER (p.object = w.object AND p.action = w.action)
  FROM (SELECT DISTINCT user, hash, action, object FROM read_parquet(?)) p
  JOIN (SELECT DISTINCT user, hash, action, object FROM read_parquet(?)) w USING (user, hash)
"""


@dataclass(frozen=True)
class Past:
    """What is known at the cut. `counts` (users, objects) are events; `last` is when the user last touched the object, in
    microseconds since 1970, 0 for never; `weights` (users, personas) are the users' weights, rows of 0 for users without
    a persona; `texts` are the personas' texts, `everyone` the text of the page about everyone where there is one.
    """

    users: list[str]
    catalogue: list[str]
    counts: Reals
    last: Ints
    weights: Reals
    texts: list[str]
    everyone: str
    state: str
    shown: int


@dataclass(frozen=True)
class Future:
    """`touched` (users, objects): what the users of the past touched from the cut on; `unseen`: for each user of the
    future a 1 for every event whose object the past does not know, and a 0 for every other.
    """

    touched: Bools
    unseen: list[list[float]]


def split(path: str, share: float, folder: Path) -> tuple[Past, Future, tuple[int, int]]:
    """Past and future of a log, and on how many of how many records the two readings agree."""
    options = Options(inputs=(path,), out=folder / "whole")
    log, whole = find_log(options), Store.create(options.out)
    read_log(log, options, whole, Silent())
    before, cut = cut_log(log, share, folder)
    past = Store.create(folder / "past")
    past.path(".key").write_bytes(whole.key())  # so that a user has one hash in both
    personas = run(Options(inputs=(str(before),), out=past.out), Silent()).exact
    with open_database() as connection:
        known = known_at_cut(connection, past, personas)
        files = [str(store.path("events.parquet")) for store in (past, whole)]
        n, same = connection.execute(AGREE, files).fetchall()[0]
        return known, after_cut(connection, whole, known, cut, named=_names_objects(connection, past)), (same, n)


def cut_log(log: Log, share: float, folder: Path) -> tuple[Path, int]:
    """The lines of a log's one file whose events lie before the moment (which is returned too, in microseconds) before
    which `share` of the events lie. What is no event goes where the event above it goes.
    """
    (item,) = log.inputs
    times: dict[int, int] = {}
    for batch in parse_events(log.inputs, log.found, log.options, Account()):
        times.update(zip(batch.line, batch.ts, strict=True))
    cut = sorted(times.values())[int(share * len(times))]
    path = folder / f"past{bare_suffix(item)}"
    path.write_bytes(b"".join(_lines_before(item, times, cut)))
    return path, cut


def _lines_before(item: Input, times: dict[int, int], cut: int) -> Iterator[bytes]:
    kept = True  # the header
    with open_bytes(item) as stream:
        for number, line in split_lines(stream):
            kept = times[number] < cut if number in times else kept
            if kept:
                yield line + b"\n"


def known_at_cut(connection: duckdb.DuckDBPyConnection, store: Store, personas: PersonaSet) -> Past:
    """A finished run on the past as matrices; users in the order of their raw ids, objects by text."""
    named = _names_objects(connection, store)
    events = _events(connection, store, named, EVER)
    users = list(dict.fromkeys(user for user, _, _ in events))
    catalogue = sorted({item for _, _, item in events})
    of_user, of_item = ({name: i for i, name in enumerate(names)} for names in (users, catalogue))
    place = (np.array([of_user[u] for u, _, _ in events]), np.array([of_item[i] for _, _, i in events]))
    counts = np.zeros((len(users), len(catalogue)))
    last = np.zeros(counts.shape, dtype=np.int64)
    np.add.at(counts, place, 1.0)
    np.maximum.at(last, place, np.array([ts for _, ts, _ in events], dtype=np.int64))
    return Past(
        users,
        catalogue,
        counts,
        last,
        _weights(connection, store, of_user, [p.id for p in personas.personas]),
        [text_of(p) for p in personas.personas],
        text_of(personas.everyone) if personas.everyone else "",
        personas.state,
        sum(p.status in ("published", "pattern") for p in personas.personas),
    )


def after_cut(connection: duckdb.DuckDBPyConnection, whole: Store, past: Past, cut: int, *, named: bool) -> Future:
    """What the users of the past touched from the cut on."""
    of_user = {name: i for i, name in enumerate(past.users)}
    of_item = {name: i for i, name in enumerate(past.catalogue)}
    touched = np.zeros(past.counts.shape, dtype=bool)
    unseen: dict[str, list[float]] = {}
    for user, _, item in _events(connection, whole, named, cut):
        unseen.setdefault(user, []).append(float(item not in of_item))
        if user in of_user and item in of_item:
            touched[of_user[user], of_item[item]] = True
    return Future(touched, list(unseen.values()))


def text_of(persona: Persona) -> str:
    """What a reader of the persona reads: label, one line, narrative, and the claims that stand."""
    claims = [claim.text for claim in persona.claims if claim.status == "accepted"]
    return " ".join([persona.label, persona.one_liner.text, *(s.text for s in persona.narrative), *claims])


def _names_objects(connection: duckdb.DuckDBPyConnection, store: Store) -> bool:
    query = "SELECT count(*) FROM read_parquet(?) WHERE object <> ''"
    return bool(connection.execute(query, [str(store.path("events.parquet"))]).fetchall()[0][0])


def _events(connection: duckdb.DuckDBPyConnection, store: Store, named: bool, since: int) -> list[tuple[str, int, str]]:
    """User, time and object of the events that have one, users in the order of their raw ids."""
    rows: list[Any] = connection.execute(EVENTS, [named, str(store.path("events.parquet")), since]).fetchall()
    return rows


def _weights(
    connection: duckdb.DuckDBPyConnection, store: Store, of_user: dict[str, int], personas: list[str]
) -> Reals:
    """Users in a group that is too small for a persona have none."""
    query = "SELECT user, m.persona_id, m.weight FROM (SELECT user, unnest(memberships) AS m FROM read_parquet(?))"
    weights = np.zeros((len(of_user), len(personas)))
    for user, persona, weight in connection.execute(query, [str(store.path("users.parquet"))]).fetchall():
        if persona in personas and user in of_user:
            weights[of_user[user], personas.index(persona)] = weight
    return weights
