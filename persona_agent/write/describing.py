"""What is known of a group before anything is measured: its size, its commonest acts, its months, the intents' labels.

In: a corpus and the number of a group. Out: plain values. Promises: nothing depends on users' hashes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..evidence import Corpus, Population, carried_by_five
from ..schema import Period, Size
from ..words.wording import act_words, quoted

NEARLY_ALL = 0.9  # of an act's lines: the rest may be a slip of clustering


def size(corpus: Corpus, g: int, totals: dict[str, Any]) -> Size:
    row = corpus.connection.execute(
        "SELECT count(DISTINCT u), count(*), sum(value) FROM lines WHERE u IN (SELECT u FROM places WHERE g = ?)", [g]
    ).fetchone()
    n, events, value = row or (0, 0, None)
    worth = totals["value"]
    return Size(
        users=n,
        share_users=round(n / totals["users"], 6),
        share_activity=round(events / totals["events"], 6),
        share_value=round(value / worth, 6) if worth and value is not None else None,
        persons=corpus.people.behind(corpus.people.mask(Population(g))),
        leaning=corpus.people.lean_to(g),
    )


def top_five(corpus: Corpus, g: int) -> float | None:
    """The share of the group's value that its five largest users bring, where figures hang on them."""
    rows = corpus.connection.execute(
        "SELECT CAST(coalesce(sum(value), 0) AS DOUBLE) AS value FROM lines "
        "WHERE u IN (SELECT u FROM places WHERE g = ?) GROUP BY u",
        [g],
    ).fetchnumpy()
    return carried_by_five(np.asarray(rows["value"], dtype=np.float64))


def outside(corpus: Corpus, g: int) -> float:
    row = corpus.connection.execute(
        "SELECT avg((m IS NULL)::INTEGER) FROM lines WHERE u IN (SELECT u FROM places WHERE g = ?)", [g]
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def acts_of_group(corpus: Corpus, g: int) -> list[str]:
    rows = corpus.connection.execute(
        "SELECT action FROM lines WHERE action IS NOT NULL AND u IN (SELECT u FROM places WHERE g = ?) "
        "GROUP BY action ORDER BY count(*) DESC, action LIMIT 3",
        [g],
    ).fetchall()
    return [act_words(action, corpus.names) for (action,) in rows]


def acts_of_intents(corpus: Corpus) -> tuple[frozenset[str], frozenset[str]]:
    """Acts that belong to no intent (what everybody's client does, what is touched in passing), and to one alone."""
    rows = corpus.connection.execute(
        """
        WITH c AS (SELECT l.action, m.intent, count(*) AS n FROM lines l LEFT JOIN memory_lines k USING (file, line, n)
                   LEFT JOIN memories m USING (memory_id) WHERE l.action IS NOT NULL GROUP BY ALL),
        t AS (SELECT action, coalesce(sum(n) FILTER (intent IS NULL OR intent < 0), 0) / sum(n) AS outside,
                     coalesce(max(n) FILTER (intent >= 0) / sum(n) FILTER (intent >= 0), 0) AS most FROM c GROUP BY action)
        SELECT action, outside >= $nearly, outside < $nearly AND most >= $nearly FROM t
        """,
        {"nearly": NEARLY_ALL},
    ).fetchall()
    return frozenset(a for a, out, _ in rows if out), frozenset(a for a, _, one in rows if one)


def totals(corpus: Corpus) -> dict[str, Any]:
    row = corpus.connection.execute(
        "SELECT count(DISTINCT u), count(*), sum(value), min(date)::VARCHAR, max(date)::VARCHAR FROM lines"
    ).fetchone()
    users, events, value, first, last = row or (0, 0, None, None, None)
    return {"users": users, "events": events, "value": value, "start": first, "end": last}


def intent_labels(corpus: Corpus, n: int) -> dict[int, str]:
    """For each intent, the actions with their commonest objects that are most its own."""
    rows = corpus.connection.execute(
        """
        WITH l AS (SELECT m.intent, l.action, l.object, count(*) AS n, count(DISTINCT l.u) AS users FROM lines l
                   JOIN memory_lines k ON k.file = l.file AND k.line = l.line AND k.n = l.n
                   JOIN memories m USING (memory_id) WHERE l.action IS NOT NULL GROUP BY ALL),
        a AS (SELECT intent, action, sum(n) AS n FROM l GROUP BY ALL),
        share AS (SELECT intent, action, n / sum(n) OVER (PARTITION BY intent) AS p,
                  sum(n) OVER (PARTITION BY action) / sum(n) OVER () AS q FROM a),
        best AS (SELECT intent, action, row_number() OVER (PARTITION BY intent ORDER BY p * ln(p / q) DESC, action) AS place
                 FROM share),
        thing AS (SELECT intent, action, object, row_number() OVER (PARTITION BY intent, action ORDER BY n DESC, object) AS k
                  FROM l WHERE object IS NOT NULL AND users >= 5)
        SELECT b.intent, b.action, t.object FROM best b
        LEFT JOIN thing t ON t.intent = b.intent AND t.action = b.action AND t.k = 1
        WHERE b.place <= 2 ORDER BY b.intent, b.place
        """
    ).fetchall()
    parts: dict[int, list[str]] = {}
    for intent, action, obj in rows:
        parts.setdefault(intent, []).append(quoted(action, obj, corpus.names))
    return {i: ", ".join(parts.get(i, ["mixed"])) for i in range(n)}


def over_time(corpus: Corpus, g: int) -> list[Period]:
    rows = corpus.connection.execute(
        "SELECT strftime(date, '%Y-%m') AS period, count(DISTINCT u) FROM lines "
        "WHERE u IN (SELECT u FROM places WHERE g = ?) GROUP BY period ORDER BY period",
        [g],
    ).fetchall()
    return [Period(period=p, users=n) for p, n in rows]
