"""What programs did: found by what records say, by clocks, by speed and by how much one account holds.

Takes the staged events; adds rows to the table `dropped`. Promises: an account is named a program only by what no person
does, each rule with its measure beside it; on logs whose accounts are known to be people none fires.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np

from .agents import AGENT_NAMES, AGENT_TOKENS
from .column_names import bare
from .keys import pointer

CLOCK_EVENTS = 200  # below, a run of equal gaps can be chance; a round number
# Of the gaps between a user's events that are the same to the second: nobody is that regular by hand.
CLOCK_SHARE = 0.9
FLOOD_EVENTS = 1_000  # fewer events flood nothing, whatever the others do; a round number
FLOOD_TIMES = 10  # the largest honest account may have a few times what the next ones have, not ten times
# Of the other accounts' events: high enough to be a heavy user's, and not moved by a second flood.
FLOOD_QUANTILE = 0.995
FLOOD_USERS = 50  # among fewer accounts a quantile of .995 is only the largest of them
# The largest person of five real logs has 1.1 to 2.4 times the events of the next, the one known system 5.6 times.
SYSTEM_TIMES = 4
SYSTEM_SHARE = 0.1  # of its events are acts that nobody else does: a person may try a thing once that nobody else tried
SYSTEM_USERS = 10  # among fewer accounts anyone may have four times what the next has
SYSTEMS = 3  # so many accounts may share such a lead; more are a kind of users
FAST_GAP = "INTERVAL 1 SECOND"  # from one thing to another: nobody reads, decides and acts in less, ten times in a row
FAST_CHAIN = 10  # steps; the longest of any person in five real logs is 5
FAST_SHARE = 0.5  # of an account's events in such chains
FAST_EVENTS = 50  # below, a chain or two would be half of them; a round number
# A chain of k steps ends within k - 1 seconds: it lies in (k - 1) / 10 + 2 stretches of ten seconds at most, which is less than
# 3 k / 10 from ten steps on. Who has more stretches an event than half of them in such chains leave need not be looked at closer.
_MOMENT = f"INTERVAL {FAST_CHAIN} SECONDS"
_MOMENTS = 1 - FAST_SHARE * (1 - 3 / FAST_CHAIN)
FAST_USERS = 0.25  # where more accounts are so fast, the log is: of key strokes or positions of a mouse

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


def drop_programs(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> None:
    """What records say of programs, and accounts that are one by their clock, their speed, or their lead; `keys` are the names of
    the events' properties.
    """
    _drop_machines(connection, keys)
    _drop_clocks(connection)
    _drop_fast(connection)
    _drop_systems(connection)


def _drop_machines(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> None:
    """Events that say themselves that a program caused them."""
    for key in keys:
        name = bare(key.rpartition(".")[2])
        if name in _names(_ACTORS):
            _drop_where(
                connection,
                "list_contains(?, lower(trim(json_extract_string(properties, ?))))",
                [_MACHINES.split(), pointer(key)],
            )
        if name in _names(_FLAGS):
            _drop_where(
                connection, "lower(json_extract_string(properties, ?)) IN ('true', '1', 'yes', 'y')", [pointer(key)]
            )
        if name in AGENT_NAMES:
            # Cubot makes phones.
            value = "replace(lower(json_extract_string(properties, ?)), 'cubot', '')"
            _drop_where(connection, f"regexp_matches({value}, ?)", [pointer(key), AGENT_TOKENS])


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
            busy AS (SELECT "user", count(*) AS events FROM rest GROUP BY ALL HAVING events >= {CLOCK_EVENTS}),
            gaps AS (
                SELECT "user",
                       (epoch_us(ts) - lag(epoch_us(ts)) OVER (PARTITION BY "user" ORDER BY ts)) // 1000000 AS gap
                FROM rest SEMI JOIN busy USING ("user")
            ),
            counted AS (SELECT "user", gap, count(*) AS times FROM gaps WHERE gap > 0 GROUP BY ALL),
            regular AS (SELECT "user", max(times) AS most, sum(times) AS all_gaps FROM counted GROUP BY ALL),
            clocks AS (
                SELECT "user" FROM regular JOIN busy USING ("user"), fine
                WHERE fine.fine AND most >= {CLOCK_SHARE} * all_gaps AND 2 * all_gaps >= events
            )
            SELECT ord, 'set_aside', 'automation' FROM rest SEMI JOIN clocks USING ("user")"""
    )


def _drop_fast(connection: duckdb.DuckDBPyConnection) -> None:
    """Accounts that go from thing to thing in chains faster than a person. What is told at one time is one step: a click may
    tell of many things at once.
    """
    connection.execute(
        f"""INSERT INTO dropped
            WITH rest AS (SELECT ord, "user", ts, action, object FROM staging ANTI JOIN dropped USING (ord)),
            moments AS (
                SELECT "user", time_bucket({_MOMENT}, ts) AS moment, count(*) AS n FROM rest GROUP BY "user", moment
            ),
            busy AS (
                SELECT "user", count(*) <= {_MOMENTS} * sum(n) AS may_be FROM moments
                GROUP BY "user" HAVING sum(n) >= {FAST_EVENTS}
            ),
            steps AS (
                SELECT "user", ts, count(*) AS n, min(hash(action, object)) AS what
                FROM rest SEMI JOIN (FROM busy WHERE may_be) USING ("user") GROUP BY "user", ts
            ),
            paced AS (
                SELECT "user", ts, n, coalesce(
                    ts - lag(ts) OVER w <= {FAST_GAP} AND what <> lag(what) OVER w, false) AS fast
                FROM steps WINDOW w AS (PARTITION BY "user" ORDER BY ts)
            ),
            numbered AS (
                SELECT "user", n, sum((NOT fast)::INT) OVER (
                    PARTITION BY "user" ORDER BY ts ROWS UNBOUNDED PRECEDING) AS chain
                FROM paced
            ),
            chains AS (SELECT "user", sum(n) AS n, count(*) AS steps FROM numbered GROUP BY "user", chain),
            shares AS (
                SELECT "user", coalesce(sum(n) FILTER (steps >= {FAST_CHAIN}), 0) / sum(n) >= {FAST_SHARE} AS fast
                FROM chains GROUP BY "user"
            ),
            found AS (
                SELECT "user" FROM shares WHERE fast AND (SELECT count(*) FILTER (fast) FROM shares)
                    <= greatest(1, {FAST_USERS} * (SELECT count(*) FROM busy))
            )
            SELECT ord, 'set_aside', 'automation' FROM rest SEMI JOIN found USING ("user")"""
    )


def _drop_systems(connection: duckdb.DuckDBPyConnection) -> None:
    """The few accounts that lead all others by far and do what none of these does: the system itself, in a log of its users."""
    rows = connection.execute(
        """SELECT "user", count(*) AS events FROM staging ANTI JOIN dropped USING (ord)
           GROUP BY ALL ORDER BY events DESC, "user" """
    ).fetchall()
    for leaders in range(min(SYSTEMS, len(rows) - SYSTEM_USERS), 0, -1):
        least, most = rows[leaders - 1][1], rows[leaders][1]
        if least < max(CLOCK_EVENTS, SYSTEM_TIMES * most):
            continue
        connection.execute(
            f"""INSERT INTO dropped
                WITH rest AS (SELECT ord, "user", action FROM staging ANTI JOIN dropped USING (ord)),
                own AS (SELECT action FROM rest GROUP BY action HAVING bool_and(list_contains($leaders, "user"))),
                systems AS (
                    SELECT "user" FROM rest LEFT JOIN own ON own.action = rest.action
                    WHERE list_contains($leaders, "user")
                    GROUP BY "user" HAVING avg((own.action IS NOT NULL)::INT) >= {SYSTEM_SHARE}
                )
                SELECT ord, 'set_aside', 'automation' FROM rest SEMI JOIN systems USING ("user")""",
            {"leaders": [user for user, _ in rows[:leaders]]},
        )
        return


def drop_floods(connection: duckdb.DuckDBPyConnection) -> None:
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


def _names(words: str) -> frozenset[str]:
    return frozenset(map(bare, words.split()))
