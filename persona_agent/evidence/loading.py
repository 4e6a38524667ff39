"""The evidence of a run: events with their value, memories, and who is in which group, as one corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..engines import Engine
from ..log.events import fold_rare, open_events, parts_of, properties
from ..log.given_groups import Cohorts, load_given
from ..log.placed_halves import PlacedHalves
from ..manifest import THEMES
from ..options import Options
from ..schema import EVERYONE
from ..store import Store, open_database, sql_literal, write_parquet
from . import Binder, Corpus, value_sql
from .defining import defined
from .exposure import amounts_of_users
from .made_of import Defined
from .people import People
from .preparing import make_visits

HELD = ".held"
DAY = 86_400_000_000  # microseconds
# Days that somebody was looked at before a date of their own; about doublings, so that each bin has others.
WATCHED = (7, 14, 30, 60, 90, 180, 365, 730)
# Days before a date at which somebody was last there. Without it those who stop would be held against users who were there in the
# last weeks, and goods of a season would tell the two apart; more bins leave too many without a comparable other.
LATELY = (14, 30, 60, 120)

# A line of the log without a value (a page view in a shop) is worth nothing, not unknown.
VALUED = """
CREATE OR REPLACE TEMP TABLE worth AS SELECT i, {value} AS value FROM events
"""


def open_corpus(
    connection: duckdb.DuckDBPyConnection,
    store: Store,
    options: Options,
    memories: Store,
    groups: Sequence[Sequence[str]],
    held_out: Sequence[str],
    known: Sequence[str] | None = None,
    halves: PlacedHalves | None = None,
) -> Corpus:
    """The corpus of `store`'s events. `memories` is the run whose memories.parquet and themes.parquet count; `groups` are user
    hashes by group, and group EVERYONE is added; `held_out` are those that groups were not made from. With `known` the events
    of all other users are left out. `halves` are users with their groups by either half of their visits. Rare acts are counted
    and have no words.
    """
    open_events(connection, store)
    fold_rare(connection, things=True)  # how many is no name; a thing is named where SHARED_BY users share it
    if known is not None:
        table = {"user": np.array(known, dtype=object)}
        connection.register("known_rows", table)
        connection.execute("CREATE TEMP TABLE known AS SELECT * FROM known_rows")
        connection.unregister("known_rows")
        connection.execute("ALTER VIEW events RENAME TO all_events")
        connection.execute("CREATE VIEW events AS SELECT * FROM all_events WHERE user IN (SELECT user FROM known)")
    if options.value is not None:
        binder = Binder()
        connection.execute(VALUED.format(value=value_sql(options.value, binder)), binder.values)
        connection.execute("ALTER VIEW events RENAME TO plain_events")
        connection.execute(
            "CREATE VIEW events AS SELECT e.*, w.value FROM plain_events e JOIN worth w USING (i) ORDER BY i"
        )
    path = str(memories.path("memories.parquet")).replace("'", "''")
    connection.execute(f"CREATE OR REPLACE VIEW memories AS SELECT memory_id, user, intent FROM read_parquet('{path}')")
    connection.execute(
        f"""CREATE OR REPLACE VIEW memory_lines AS SELECT memory_id, l.file AS file, l.line AS line, l.n AS n
        FROM (SELECT memory_id, unnest(lines) AS l FROM read_parquet('{path}'))"""
    )
    if memories.path(THEMES).is_file():
        themes = sql_literal(memories.path(THEMES))
        connection.execute(f"CREATE OR REPLACE VIEW themes AS SELECT object, theme FROM read_parquet({themes})")
    _members(connection, groups)
    corpus = Corpus.prepare(connection, options.timezone, held_out, halves)
    corpus = replace(corpus, staff=options.staff, floor=options.floor)
    given = load_given(memories)
    if given is None:
        return corpus
    few = [p.name for p in properties(connection) if p.is_field]
    defines = None if given.is_outcome else defined(connection, few, options.floor)
    people = _as_given(connection, corpus.people, given, defines)
    return replace(
        corpus, people=people, given=True, made_of=given.field, by_staying=given.of_activity, defined=defines
    )


def _as_given(connection: duckdb.DuckDBPyConnection, people: People, given: Cohorts, defines: Defined | None) -> People:
    """What is known of users, where groups are given: whom they are held against. Comparable is who is as likely a member by how
    much there is of them, beside what the groups are made of. Of an outcome, who had been there as lately before the date, and
    came in the same month, or where each has a date of their own was looked at for as long.
    """
    against = None if given.against is None else given.names.index(given.against)
    if not given.is_outcome:
        rest = amounts_of_users(connection, beside=True) if defines is not None and defines.of_lines else None
        return replace(people, against=against, amounts=amounts_of_users(connection), amounts_beside=rest)
    rows = connection.execute('SELECT "user", max(epoch_us(ts)) FROM events GROUP BY "user" ORDER BY min(i)').fetchall()
    moment = dict(zip(given.users, given.at.tolist(), strict=True))
    until = np.array([moment.get(user, int(given.at.max())) for user, _ in rows], dtype=np.int64)
    lately = np.digitize((until - np.array([last for _, last in rows], dtype=np.int64)) // DAY, LATELY)
    came = np.digitize(until // DAY - people.first_day, WATCHED) if given.own_dates else people.first_seen
    return replace(people, against=against, first_seen=(came * (len(LATELY) + 1) + lately).astype(np.int64))


@contextmanager
def held_apart(corpus: Corpus, store: Store, engine: Engine) -> Iterator[Corpus]:
    """The corpus with its lines also held in parts by the workers of an engine that has some, for the block."""
    if not engine.holds:
        yield corpus
        return
    with store.empty_folder(HELD) as folder:
        parts = parts_of(corpus.connection, "lines", "u", "seq")
        for part in parts:
            rows = f"SELECT * FROM lines WHERE seq >= {part.start} AND seq < {part.stop} ORDER BY seq"
            write_parquet(corpus.connection, folder / f"{part.number}.parquet", rows)
        held = engine.hold(load_lines, [str(folder / f"{part.number}.parquet") for part in parts])
        yield replace(corpus, parts=lambda sql, values: held.ask((sql, dict(values))))


def load_lines(path: str) -> Callable[[tuple[str, dict[str, Any]]], dict[str, NDArray[Any]]]:
    """One part of the prepared lines, loaded: a function from a statement and its values to columns by name."""
    connection = open_database(config={"threads": 1})
    connection.execute("CREATE TABLE lines AS FROM read_parquet(?)", [path])
    make_visits(connection)

    def answer(question: tuple[str, dict[str, Any]]) -> dict[str, NDArray[Any]]:
        sql, values = question
        found: dict[str, NDArray[Any]] = connection.execute(sql, values).fetchnumpy()
        return found

    return answer


def _members(connection: duckdb.DuckDBPyConnection, groups: Sequence[Sequence[str]]) -> None:
    users = [u for members in groups for u in members]
    code = [g for g, members in enumerate(groups) for _ in members]
    table = {"group_id": np.array(code, dtype=np.int32), "user": np.array(users, dtype=object)}
    connection.execute("CREATE OR REPLACE TEMP TABLE members (group_id INTEGER, user VARCHAR)")
    if users:
        connection.register("member_rows", table)
        connection.execute("INSERT INTO members SELECT * FROM member_rows")
        connection.unregister("member_rows")
    connection.execute(f"INSERT INTO members SELECT DISTINCT {EVERYONE}, user FROM events")
