"""A file or period that repeats another with shifted times: the export of one term as another, moved by a year.

Takes the staged events; adds the later of the two to the table `dropped`. Users may have the same ids or others; acts and objects
are the same in the same order, and times differ by one shift. Promises: weekly habits and things sent on a schedule are no
repeats; some lines may be missing on either side, and objects renamed (“Spring 2018”); the same rows give the same result,
whatever their order in the table.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np

SHIFT = "INTERVAL 1 DAY"  # at least: what comes back within a day is a habit or a retry
SHIFTS = 3  # times that a log is looked through again; a round number
SAMPLED = 250_000  # prints that are compared; of a larger log a part of all prints, the same of both sides
RARE = 8  # events of one print at most: what recurs more often is a habit of many
PRINTS = 25  # pairs of prints with one shift
TIMES = 5  # as many as have any other shift that is no neighbour: by chance, or by habit, there are many shifts
NEIGHBOUR = (
    3_600_000_000  # microseconds: a repeat with coarse times agrees a minute off here and there, or by summer time
)
LINES = 100  # of the repeat; fewer are no file and no period
USERS = 5  # of it
SHARE = 0.8  # of the lines of its users in its time are the other's; the rest may be missing there
MINUTES = 20  # of the hour on which its lines fall: a schedule has a few

# Three events of a user with the pauses between: the same whatever the user is called, and whenever it was.
# Users are told apart by a hash of their own: texts as long as theirs take twice as long to sort.
_PRINTS = f"""
CREATE OR REPLACE TEMP TABLE prints AS
WITH rest AS (
    SELECT ord, hash("user") AS who, ts, hash(action, object) AS what FROM staging ANTI JOIN dropped USING (ord)
), three AS (
    SELECT ord, lead(ts, 2) OVER w - ts AS pause,
           hash(what, lead(what) OVER w, lead(what, 2) OVER w, lead(ts) OVER w - ts, lead(ts, 2) OVER w - ts) AS print
    FROM rest WINDOW w AS (PARTITION BY who ORDER BY ts, what, ord)
), sampled AS MATERIALIZED (
    SELECT * FROM three WHERE pause > INTERVAL 0 SECOND AND print % $part = 0
), few AS (
    SELECT print FROM sampled GROUP BY print HAVING count(*) BETWEEN 2 AND {RARE}
)
SELECT staging."user", ts, pause, print FROM sampled SEMI JOIN few USING (print) JOIN staging USING (ord)
"""
_PAIRS = f"""
FROM prints a JOIN prints b ON a.print = b.print AND b.ts - a.ts >= {SHIFT}
"""
_BEST = f"""
SELECT epoch_us(b.ts) - epoch_us(a.ts) AS shift, count(*) AS n {_PAIRS}
WHERE NOT list_contains($known, epoch_us(b.ts) - epoch_us(a.ts))
GROUP BY shift HAVING n >= {PRINTS} / {TIMES} ORDER BY n DESC, shift
"""
# Each line of the users who come again, and whether the one whom they repeat has it, so long before.
_LINES = f"""
CREATE OR REPLACE TEMP TABLE again AS
WITH pairs AS (
    SELECT b."user" AS "user", a."user" AS source, count(*) AS n {_PAIRS}
    WHERE epoch_us(b.ts) - epoch_us(a.ts) = $shift GROUP BY ALL
), sources AS (
    SELECT "user", source FROM pairs QUALIFY row_number() OVER (PARTITION BY "user" ORDER BY n DESC, source) = 1
), rest AS (
    SELECT ord, "user", ts, action FROM staging ANTI JOIN dropped USING (ord)
), earlier AS (
    SELECT DISTINCT sources."user" AS "user", ts + to_microseconds($shift) AS ts, action
    FROM rest JOIN sources ON rest."user" = sources.source
)
SELECT rest.ord, rest."user", rest.ts, earlier."user" IS NOT NULL AS held
FROM rest SEMI JOIN sources USING ("user")
LEFT JOIN earlier ON earlier."user" = rest."user" AND earlier.ts = rest.ts AND earlier.action = rest.action
"""


def drop_repeats(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Events of a file or period that was there before; returns what a person should know of it."""
    ((events,),) = connection.execute("SELECT count(*) FROM staging").fetchall()
    connection.execute(_PRINTS, {"part": max(1, events // SAMPLED)})
    notes = list(_repeats(connection))
    connection.execute("DROP TABLE prints")
    return notes


def _repeats(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    known: list[int] = []
    for _ in range(SHIFTS):
        best = connection.execute(_BEST, {"known": known}).fetchall()
        if not best or best[0][1] < PRINTS:
            return
        shift, pairs = best[0]
        others = [n for other, n in best if abs(other - shift) > NEIGHBOUR]
        if others and pairs < TIMES * others[0]:
            return
        known.append(shift)
        connection.execute(_LINES, {"shift": shift})
        rows = connection.execute("SELECT epoch_us(ts) AS ts, held FROM again ORDER BY ts, held, ord").fetchnumpy()
        start, stop = densest(np.asarray(rows["held"], dtype=bool))
        first, last = (int(rows["ts"][i]) for i in (start, stop - 1))
        found = connection.execute(
            """SELECT ord, "user", ts, held FROM again WHERE ts BETWEEN make_timestamp(?) AND make_timestamp(?)""",
            [first, last],
        ).fetchnumpy()
        held = np.asarray(found["held"], dtype=bool)
        minutes = len(np.unique(found["ts"][held].astype("datetime64[m]").astype(np.int64) % 60))
        if held.sum() < LINES or held.mean() < SHARE or minutes < MINUTES or len(set(found["user"][held])) < USERS:
            continue
        connection.register("repeat_rows", {"ord": found["ord"][held]})
        connection.execute("INSERT INTO dropped SELECT ord, 'set_aside', 'repeat' FROM repeat_rows")
        connection.unregister("repeat_rows")
        yield (
            f"{int(held.sum()):,} events from {_day(first)} to {_day(last)} repeat those of {_days(shift)} before, act by act: "
            "they were set aside as repeat"
        )


def densest(held: np.ndarray) -> tuple[int, int]:
    """The stretch in which most more lines are held than not, as start and stop (Kadane's maximum sum, 1984)."""
    total = np.concatenate([[0], np.cumsum(np.where(held, 1, -1))])
    gain = total - np.minimum.accumulate(total)
    stop = int(gain.argmax())
    start = int(total[: stop + 1].argmin())
    return start, max(stop, start + 1)


def _day(us: int) -> str:
    return str(np.datetime64(us, "us").astype("datetime64[D]"))


def _days(us: int) -> str:
    days, rest = divmod(us, 86_400_000_000)
    return f"{days:,} days" + (f" and {rest / 3_600_000_000:.3g} hours" if rest else "")
