"""One real session of a group, told in order: the one most like the group, among those of a length that can be told.

In: a corpus and a group. Out: a `ToldSession` (no date, no user, no thing that fewer than FLOOR users share) and the lines that
it tells, for citing; None where no session has enough different steps.
"""

from __future__ import annotations

from ...evidence import Binder, Corpus
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...schema import ToldSession, ToldStep
from ...words.wording import quoted

SHORTEST, LONGEST, DIFFERENT = 4, 9, 3  # lines: fewer tell nothing, more are not read
PARTS_OF_DAY = (
    (5, "in the early morning"),
    (9, "in the morning"),
    (12, "around midday"),
    (14, "in the afternoon"),
    (18, "in the evening"),
    (22, "late at night"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def told_session(corpus: Corpus, group: int) -> tuple[ToldSession, list[int]] | None:
    """The session and the numbers of its lines."""
    binder = Binder()
    found = corpus.connection.execute(
        _TYPICAL.format(
            g=binder.bind(group),
            floor=binder.bind(FLOOR),
            low=binder.bind(SHORTEST),
            high=binder.bind(LONGEST),
            different=binder.bind(DIFFERENT),
        ),
        binder.values,
    ).fetchone()
    if found is None:
        return None
    rows = corpus.connection.execute(_STEPS, {"s": found[0], "floor": FLOOR}).fetchall()
    weekday, hour, start = rows[0][3], rows[0][4], rows[0][2]
    steps: list[ToldStep] = []
    for action, obj, us, *_ in rows:
        text = quoted(action, obj, corpus.names)[1:-1]
        if not steps or steps[-1].text != text:
            steps.append(ToldStep(text=text, minutes=int((us - start) // 60_000_000)))
    return ToldSession(when=f"{WEEKDAYS[weekday - 1]} {part_of_day(hour)}", steps=steps), [row[5] for row in rows]


def part_of_day(hour: int) -> str:
    return next((words for last, words in reversed(PARTS_OF_DAY) if hour >= last), "at night")


# How much more users of the group do each act on each thing, and act at each part of the day, averaged over a session.
_TYPICAL = """
  WITH f AS (SELECT u, s, seq, hour // 4 AS part, action, coalesce(object, '') AS object FROM lines
             WHERE action IS NOT NULL AND s IS NOT NULL),
  m AS (SELECT u FROM places WHERE g = {g}),
  n AS (SELECT (SELECT count(*) FROM m) AS here, (SELECT count(DISTINCT u) FROM f) AS everyone),
  c AS (SELECT action, object, count(DISTINCT u) AS users, count(DISTINCT u) FILTER (u IN (SELECT u FROM m)) AS here
        FROM f GROUP BY ALL),
  w AS (SELECT action, object, CASE WHEN users < {floor} THEN -1 ELSE
        ln((c.here / n.here + 0.01) / ((users - c.here) / greatest(n.everyone - n.here, 1) + 0.01)) END AS weight FROM c, n),
  p AS (SELECT part, count(*) AS n, count(*) FILTER (u IN (SELECT u FROM m)) AS here FROM f GROUP BY part),
  h AS (SELECT part, ln((here / (sum(here) OVER ()) + 0.01) / (n / (sum(n) OVER ()) + 0.01)) AS fits FROM p),
  s AS (SELECT s, avg(weight) + avg(fits) AS weight, count(*) AS lines, count(DISTINCT (action, object)) AS different,
               min(seq) AS first
        FROM f JOIN w USING (action, object) JOIN h USING (part) WHERE u IN (SELECT u FROM m) GROUP BY s)
  SELECT s FROM s WHERE lines BETWEEN {low} AND {high} AND different >= {different} ORDER BY weight DESC, first LIMIT 1
"""
_STEPS = """
  WITH shared AS (SELECT action, object FROM lines WHERE object IS NOT NULL
                  AND (action, object) IN (SELECT (action, object) FROM lines WHERE s = $s)
                  GROUP BY action, object HAVING count(DISTINCT u) >= $floor)
  SELECT l.action, x.object, l.us, l.weekday, l.hour, l.seq FROM lines l
  LEFT JOIN shared x ON x.action = l.action AND x.object = l.object
  WHERE l.s = $s AND l.action IS NOT NULL ORDER BY l.seq
"""
