"""What stands in lines of the log, as it may be shown: the one place where that is looked up.

In: places of lines and the redacted events. Out: their acts, things and texts. Promises: an act or thing of fewer than SHARED_BY
users and a text of fewer than QUOTED is not shown, as in prompts, nor a line that names a sensitive topic, though it was kept.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..log.events import RARE, SHARED_BY, fold_rare, open_events
from ..log.sensitive import name_topics
from ..schema import PersonaSet
from ..store import Store
from ..write.vocabulary import QUOTED
from .cited import CitedLine, LineKey, Lines, cited

FEW_SAY_SO = "(not shown: too few users)"
SENSITIVE_LINE = "(not shown: a sensitive topic)"
FOUND = """
CREATE TEMP TABLE found AS
SELECT e.*, concat_ws(' ', e.action, e.object, e.text) AS whole
FROM events e JOIN wanted w ON e.file = w.file AND e.line = w.line AND e.n = w.n
"""
SHOWN_LINES = """
SELECT file, line, n, user, strftime(ts, '%Y-%m-%d') || CASE WHEN clock THEN strftime(ts, ' %H:%M') ELSE '' END,
       CASE WHEN sensitive THEN $topic ELSE action END,
       CASE WHEN sensitive OR object = '' THEN '' WHEN lower(object) IN (FROM shared_object) THEN object ELSE $few END,
       CASE WHEN sensitive OR text = '' THEN '' WHEN lower(text) IN (FROM shared_text) THEN text ELSE $few END
FROM (SELECT *, whole IN (SELECT text FROM sensitive_texts) AS sensitive FROM found)
"""


def cited_lines(store: Store, personas: PersonaSet) -> Lines:
    """What stands in every line that the personas cite."""
    return lines_at(store, cited(personas))


def lines_at(store: Store, keys: Iterable[LineKey]) -> Lines:
    """What stands in these lines of the log, as it may be shown."""
    wanted = sorted(keys)
    if not wanted:
        return {}
    with store.connect() as connection:
        open_events(connection, store)
        fold_rare(connection, RARE)
        files, lines, ns = zip(*wanted, strict=True)
        table = {"file": np.array(files, dtype=object), "line": np.array(lines), "n": np.array(ns)}
        connection.register("wanted", table)
        connection.execute(FOUND)
        name_topics(connection, "SELECT DISTINCT whole FROM found")
        rows = connection.execute(
            f"WITH {_shared('object', SHARED_BY)}, {_shared('text', QUOTED)} {SHOWN_LINES}",
            {"few": FEW_SAY_SO, "topic": SENSITIVE_LINE},
        ).fetchall()
    return {(f, line, n): CitedLine(user, ts, action, obj, text) for f, line, n, user, ts, action, obj, text in rows}


def _shared(column: str, floor: int) -> str:
    """The table of the found lines' values that so many users share."""
    return f"""shared_{column} AS (SELECT lower({column}) FROM events WHERE lower({column}) IN (SELECT lower({column}) FROM found)
               GROUP BY ALL HAVING count(DISTINCT user) >= {floor})"""
