"""What is found twice, and what no person did: taken out of the staged events, each record with its reason.

Takes a duckdb connection with a table `staging` (users hashed, texts redacted, `ord` the reading order, one event to a
record); deletes rows from it and moves their records within the `Account`. Promises: a record goes for one reason
only, the first of duplicates, fees, sensitive, automation, flood that applies; what is in `keep` stays; the same rows give the
same result, whatever their order in the table.
"""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np

from ..errors import InputError
from .guessing import bare
from .parsing import UNLISTED, Account, SetAside
from .sensitive import drop_sensitive

NAMING_SHARE = 0.95  # of the ids that occur more than once, if they are to be names of records
RETRY = "INTERVAL 1 MINUTE"  # clocks are put right anew for each sending
COARSE_SHARE = 0.9  # of the times of an act in a file, on whole minutes
_WHOLE = "ts = date_trunc('minute', ts)"
CLOCK_EVENTS = 200  # below, a run of equal gaps can be chance; a round number
# Of the gaps between a user's events that are the same to the second: nobody is that regular by hand.
CLOCK_SHARE = 0.9
FLOOD_EVENTS = 1_000  # fewer events flood nothing, whatever the others do; a round number
FLOOD_TIMES = 10  # the largest honest account may have a few times what the next ones have, not ten times
# Of the other accounts' events: high enough to be a heavy user's, and not moved by a second flood.
FLOOD_QUANTILE = 0.995
FLOOD_USERS = 50  # among fewer accounts a quantile of .995 is only the largest of them
_FETCHED = 10_000  # rows at a time, so that a long list is never held whole; a round number

# Whole texts only: POSTAGE is a fee, a POSTAGE STAMP TIN is a thing.
_FEES = "|".join(
    (
        r"([a-z0-9&/.'-]+ ){0,3}(postage|carriage|shipping|delivery|freight)",
        r"(postage|shipping|delivery) (and|&|\+) (packing|packaging|handling)",
        r"(postage|carriage|shipping|delivery|freight|packing|handling)( (fee|charge|cost)s?)?( [a-z]{2,3})?",
        r"p ?& ?p",
        r"([a-z0-9&/.'-]+ ){0,3}(fees?|charges?|surcharges?)",
        r"([a-z0-9&/.'-]+ ){0,3}commission",
        r"manual( (entry|adjustment|correction))?",
        r"([a-z0-9&/.'%-]+ ){0,2}discounts?( [0-9.]+ ?%?)?",
        r"adjust(ment)?s?( (by|for|of|to|bad) .*)?|(price|stock|bad debt) adjustments?|bad debts?|write[- ]?offs?",
        r"((sales|import|value added|local|state|city) )?(vat|gst|tax|duty)( [0-9.]+ ?%?)?",
        r"((free|product) )?samples?",
        r"([a-z0-9.]+ )?gift ?(voucher|certificate)s?( [^a-z]*)?|vouchers?( [^a-z]*)?",
        r"credit notes?|store credits?|refunds?|rounding( (difference|adjustment))?",
    )
)
# On a page that is called "Shipping" someone reads; a fee stands in a transaction.
_LOOKING = r"view|click|visit|open|read|search|brows|page|screen|scroll|hover|impression"

_ACTORS = (
    "origin source_type client client_type agent agent_type user_agent trigger triggered_by actor_type initiated_by "
    "initiator invoked_by user_type"
)
_MACHINES = (
    "cli cron restore script system scheduler bot crawler spider batch automated automation synthetic monitor "
    "monitoring healthcheck health_check health-check headless service_account"
)
_FLAGS = (
    "bot is_bot robot is_robot crawler is_crawler spider is_spider automated is_automated synthetic is_synthetic "
    "is_automation known_bot"
)
_AGENTS = "user_agent useragent agent ua http_user_agent browser_user_agent"
_AGENT_TOKENS = r"(^|[^a-z])([a-z]*bot|crawler|[a-z]*spider|headless[a-z]*)([^a-z]|$)"


def settle(
    connection: duckdb.DuckDBPyConnection,
    keep: frozenset[str],
    account: Account,
    on_set_aside: Callable[[SetAside], None],
) -> list[str]:
    """Takes duplicates and what is set aside out of `staging`; InputError where nothing is left. Returns what a person should
    know of it.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE dropped (ord BIGINT PRIMARY KEY, kind VARCHAR, reason VARCHAR)")
    untrusted = _drop_duplicates(connection)
    if "fees" not in keep:
        _drop_fees(connection)
    if "sensitive" not in keep:
        drop_sensitive(connection)
    if "automation" not in keep:
        _drop_machines(connection)
        _drop_clocks(connection)
    if "flood" not in keep:
        _drop_floods(connection)
    _report(connection, account, on_set_aside)
    connection.execute("DELETE FROM staging USING dropped WHERE staging.ord = dropped.ord")
    connection.execute("DROP TABLE dropped")
    account.check()
    if not account.with_events:
        raise InputError(
            "Every event was set aside or found twice.", hint="Use --keep with a reason that `inspect` lists."
        )
    return [untrusted] if untrusted else []


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


def _drop_fees(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """INSERT INTO dropped
           WITH fees AS (
               SELECT object FROM (SELECT DISTINCT object FROM staging)
               WHERE regexp_full_match(lower(trim(object)), ?)
           ), looking AS (
               SELECT action FROM (SELECT DISTINCT action FROM staging) WHERE regexp_matches(lower(action), ?)
           )
           SELECT ord, 'set_aside', 'fees' FROM staging SEMI JOIN fees USING (object) ANTI JOIN looking USING (action)
           ANTI JOIN dropped USING (ord)""",
        [_FEES, _LOOKING],
    )


def _drop_machines(connection: duckdb.DuckDBPyConnection) -> None:
    """Events that say themselves that a program caused them."""
    keys = [
        key
        for (key,) in connection.execute(
            "SELECT DISTINCT unnest(json_keys(properties)) AS key FROM staging ORDER BY key"
        ).fetchall()
    ]
    for key in keys:
        name = bare(key.rpartition(".")[2])
        if name in _names(_ACTORS):
            _drop_where(
                connection,
                "list_contains(?, lower(trim(json_extract_string(properties, ?))))",
                [_MACHINES.split(), _pointer(key)],
            )
        if name in _names(_FLAGS):
            _drop_where(
                connection, "lower(json_extract_string(properties, ?)) IN ('true', '1', 'yes', 'y')", [_pointer(key)]
            )
        if name in _names(_AGENTS):
            # Cubot makes phones.
            value = "replace(lower(json_extract_string(properties, ?)), 'cubot', '')"
            _drop_where(connection, f"regexp_matches({value}, ?)", [_pointer(key), _AGENT_TOKENS])


def _drop_where(connection: duckdb.DuckDBPyConnection, condition: str, values: list[object]) -> None:
    connection.execute(
        f"""INSERT INTO dropped SELECT ord, 'set_aside', 'automation' FROM staging ANTI JOIN dropped USING (ord)
            WHERE {condition}""",
        values,
    )


def _drop_clocks(connection: duckdb.DuckDBPyConnection) -> None:
    """Users who act by the clock. Dates alone show no gaps, and a few gaps no clock: half the events must have one."""
    connection.execute(
        f"""INSERT INTO dropped
            WITH rest AS (SELECT ord, "user", ts FROM staging ANTI JOIN dropped USING (ord)),
            fine AS (SELECT bool_or(ts <> date_trunc('day', ts)) AS fine FROM rest),
            gaps AS (
                SELECT "user",
                       (epoch_us(ts) - lag(epoch_us(ts)) OVER (PARTITION BY "user" ORDER BY ts)) // 1000000 AS gap
                FROM rest
            ),
            counted AS (SELECT "user", gap, count(*) AS times FROM gaps WHERE gap > 0 GROUP BY ALL),
            regular AS (SELECT "user", max(times) AS most, sum(times) AS all_gaps FROM counted GROUP BY ALL),
            busy AS (SELECT "user", count(*) AS events FROM rest GROUP BY ALL),
            clocks AS (
                SELECT "user" FROM regular JOIN busy USING ("user"), fine
                WHERE fine.fine AND events >= {CLOCK_EVENTS}
                  AND most >= {CLOCK_SHARE} * all_gaps AND 2 * all_gaps >= events
            )
            SELECT ord, 'set_aside', 'automation' FROM rest SEMI JOIN clocks USING ("user")"""
    )


def _drop_floods(connection: duckdb.DuckDBPyConnection) -> None:
    """Accounts that hold a share of the log that no person has."""
    rows = connection.execute(
        """SELECT "user", count(*) AS events FROM staging ANTI JOIN dropped USING (ord)
           GROUP BY ALL ORDER BY events DESC, "user" """
    ).fetchall()
    if len(rows) < FLOOD_USERS:
        return
    events = np.array([count for _, count in rows], dtype=np.float64)
    for place, (user, count) in enumerate(rows):
        usual = float(np.quantile(np.delete(events, place), FLOOD_QUANTILE))
        # Whoever comes next has fewer events and is held against more.
        if count < FLOOD_EVENTS or count <= FLOOD_TIMES * usual:
            return
        connection.execute(
            """INSERT INTO dropped SELECT ord, 'set_aside', 'flood' FROM staging ANTI JOIN dropped USING (ord)
               WHERE "user" = ?""",
            [user],
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


def _pointer(key: str) -> str:
    """A JSON pointer, which unlike a path takes any key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _names(words: str) -> frozenset[str]:
    return frozenset(map(bare, words.split()))
