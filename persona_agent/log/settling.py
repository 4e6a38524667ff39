"""What is found twice, and what no person did: taken out of the staged events, each record with its reason.

Takes a duckdb connection with a table `staging` (users hashed, texts redacted, `ord` the reading order, one event to a
record); deletes rows from it and moves their records within the `Account`. Promises: a record goes for one reason
only, the first of duplicates, repeat, fees, sensitive, automation, flood that applies; what is in `keep` stays; the same rows
give the same result, whatever their order in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb

from ..errors import InputError
from ..options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from .fees import drop_fees
from .folding import fold_names
from .keys import property_keys
from .machines import drop_floods, drop_programs
from .parsing import UNLISTED, Account, SetAside
from .repeats import drop_repeats
from .sensitive import drop_sensitive
from .silences import told_silences

LARGE_PART = 0.05  # of the records: what is set aside in one piece is said then
NAMING_SHARE = 0.95  # of the ids that occur more than once, if they are to be names of records
RETRY = "INTERVAL 1 MINUTE"  # clocks are put right anew for each sending
COARSE_SHARE = 0.9  # of the times of an act in a file, on whole minutes
_WHOLE = "ts = date_trunc('minute', ts)"
_FETCHED = 10_000  # rows at a time, so that a long list is never held whole; a round number


def settle_log(
    connection: duckdb.DuckDBPyConnection,
    keep: frozenset[str],
    account: Account,
    on_set_aside: Callable[[SetAside], None],
) -> list[str]:
    """Takes duplicates and what is set aside out of `staging`; InputError where nothing is left. Returns what a person should
    know of it.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE dropped (ord BIGINT PRIMARY KEY, kind VARCHAR, reason VARCHAR)")
    keys = property_keys(connection)
    untrusted = _drop_duplicates(connection)
    repeated = [] if "repeat" in keep else drop_repeats(connection)
    folded = fold_names(connection)
    if "fees" not in keep:
        drop_fees(connection, keys)
    if "sensitive" not in keep:
        drop_sensitive(connection)
    if "automation" not in keep:
        drop_programs(connection, keys)
    if "flood" not in keep:
        drop_floods(connection)
    crowds = list(_of_few(connection))
    _report(connection, account, on_set_aside)
    connection.execute("DELETE FROM staging USING dropped WHERE staging.ord = dropped.ord")
    connection.execute("DROP TABLE dropped")
    account.check()
    if not account.with_events:
        raise InputError(
            "Every event was set aside or found twice.", hint="Use --keep with a reason that `inspect` lists."
        )
    return [*([untrusted] if untrusted else []), *repeated, *folded, *crowds, *told_silences(connection)]


def _of_few(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """What was set aside whole, as a large part of the log, because of who did it: how many they are, and how to keep it."""
    for reason, events, share, users in connection.execute(
        f"""SELECT reason, count(*), count(*) / (SELECT count(*) FROM staging), count(DISTINCT "user")
            FROM staging JOIN dropped USING (ord) WHERE reason IN ('flood', 'automation')
            GROUP BY reason HAVING count(*) >= {LARGE_PART} * (SELECT count(*) FROM staging) ORDER BY reason"""
    ).fetchall():
        who = "one account" if users == 1 else "a few accounts" if users < FLOOR else f"{users:,} accounts"
        holds, is_run = ("holds", "is run") if users == 1 else ("hold", "are run")
        does = (
            f"{holds} more of the log than a person does"
            if reason == "flood"
            else f"{is_run} by a program, by what they do"
        )
        yield f"{events:,} records ({share:.0%}) are of {who} that {does}: set aside; --keep {reason} counts them in".replace(
            "%", " %"
        )


def _drop_duplicates(connection: duckdb.DuckDBPyConnection) -> str:
    """By the records' own ids where they are names, else exact copies; says why ids were not gone by, if they were not.

    A repeat has the id, user, act and time of another record, but for what a retry changes of a time. Where times are coarse,
    people repeat themselves within one: equal records are copies only at times finer than those of their act in their file.
    """
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE repeated AS
            SELECT event_id, min("user") = max("user") AND max(ts) - min(ts) <= {RETRY} AS one
            FROM staging WHERE event_id IS NOT NULL GROUP BY event_id HAVING count(*) > 1"""
    )
    several, single = _counts(connection, "SELECT count(*), count(*) FILTER (one) FROM repeated")
    trusted = single >= NAMING_SHARE * several
    if trusted and several:
        connection.execute(
            """INSERT INTO dropped SELECT ord, 'duplicate', 'event_id' FROM staging JOIN repeated USING (event_id)
               QUALIFY row_number() OVER (
                 PARTITION BY event_id, "user", action, CASE WHEN NOT one THEN ts END ORDER BY ord) > 1"""
        )
    # The hash is of the record as it stood: masked texts would be equal where addresses were not.
    connection.execute(
        f"""INSERT INTO dropped
            WITH coarse AS (SELECT file, action FROM staging GROUP BY ALL HAVING avg(({_WHOLE})::INT) >= {COARSE_SHARE})
            SELECT ord, 'duplicate', 'exact_copy' FROM staging
            LEFT JOIN coarse ON coarse.file = staging.file AND coarse.action = staging.action
            WHERE (event_id IS NULL OR NOT {trusted}) AND NOT (coarse.file IS NOT NULL AND {_WHOLE})
            QUALIFY row_number() OVER (PARTITION BY hash, "user", ts ORDER BY ord) > 1"""
    )
    if trusted:
        return ""
    return (
        f"{several - single:,} of {several:,} ids of events that occur more than once belong to several users or times: "
        "they name no record, and only exact copies were taken for repeats"
    )


def _report(connection: duckdb.DuckDBPyConnection, account: Account, on_set_aside: Callable[[SetAside], None]) -> None:
    found = connection.execute("SELECT file, line, kind, reason FROM staging JOIN dropped USING (ord) ORDER BY ord")
    while rows := found.fetchmany(_FETCHED):
        for file, line, kind, reason in rows:
            account.with_events -= 1
            account.duplicates += kind == "duplicate"
            account.set_aside += kind == "set_aside"
            account.reasons[reason] += 1
            if reason not in UNLISTED:
                on_set_aside(SetAside(file, line, kind, reason))


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    row = connection.execute(query).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])
