"""What visits look like, and lines in words, as they may go out to an agent."""

from __future__ import annotations

from collections.abc import Sequence

from ...evidence import Corpus
from ...report.cited import Lines, quote_lines
from ...schema import Citation
from ...words.floors import FEW, of_users, share
from .told import Course

COURSES = 8  # a page of them; the next are rarer than one visit in fifty in logs that were looked at
LONGEST = 8  # acts of a course: what goes on longer is one visit's alone


def courses(corpus: Corpus, group: int) -> list[Course]:
    """The commonest courses of a group's visits, each of five users or more."""
    asked = {"g": group, "floor": FEW, "most": COURSES, "longest": LONGEST}
    return [
        Course(from_log_acts=list(acts), users=of_users(users), share_of_visits=share(part) or 0.0)
        for acts, users, part in corpus.connection.execute(VISITS, asked).fetchall()
    ]


def lines_told(lines: Lines, citations: Sequence[Citation]) -> list[str]:
    """Lines in words without their users, of five users or more."""
    if len({line.user for line in lines.values()}) < FEW:
        return []
    return [" ".join(filter(None, (x.where, x.time, x.what, x.text))) for x in quote_lines(citations, lines)]


VISITS = """
WITH here AS (SELECT u, s, action FROM lines
              WHERE s IS NOT NULL AND action IS NOT NULL AND u IN (SELECT u FROM places WHERE g = $g)),
     rare AS (SELECT action FROM lines GROUP BY action HAVING count(DISTINCT u) < $floor),
     steps AS (SELECT l.u, l.s, l.seq,
                      CASE WHEN l.action IN (SELECT action FROM rare) THEN '(rare act)' ELSE l.action END AS action
               FROM lines l WHERE l.s IN (SELECT s FROM here) AND l.action IS NOT NULL),
     turns AS (SELECT *, lag(action) OVER (PARTITION BY s ORDER BY seq) AS before FROM steps),
     visits AS (SELECT u, s, list(action ORDER BY seq)[1:$longest] AS acts FROM turns
                WHERE before IS DISTINCT FROM action GROUP BY u, s)
SELECT acts, count(DISTINCT u) AS users, count(*) / (SELECT count(*) FROM visits) AS part
FROM visits GROUP BY acts HAVING count(DISTINCT u) >= $floor ORDER BY part DESC, acts LIMIT $most
"""
