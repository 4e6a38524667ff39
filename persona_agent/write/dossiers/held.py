"""What could be said of fields of which each user holds one value (a country, a plan): never what groups are made of.

In: a corpus, a group, the field. Out: inquiries like those of inquiries.py, shares of users. Promises: a value is told where
FLOOR users of the group hold it and FLOOR do not; fields and values that touch what the law protects are not asked, and columns
that say who somebody is were never read (redaction/attributes.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...evidence import Binder, Corpus
from ...log.events import property_path
from ...log.sensitive import topics
from ...options import DEFAULT_MIN_CLAIM_USERS as FLOOR
from ...redaction import looks_like_instruction
from ...schema import Condition, Topic
from ...words.english.held_phrases import held_phrase
from .inquiries import Inquiry, users_share

MOST_VALUES = 3  # of a field of which no value is that of most users
OF_MOST = 0.5  # of users: then the question is who holds another


def held(corpus: Corpus, group: int, name: str) -> Iterator[Inquiry]:
    """Who holds another value than most; where most hold none in common, the values in which the group differs most."""
    if topics().of(name) is not None:
        return
    for value, of_most in _values(corpus, group, name):
        if topics().of(value) is None and not looks_like_instruction(value):
            test = Condition(field=f"properties.{name}", op="not_in" if of_most else "is", value=[value])
            said = held_phrase(name, value, corpus.names, other=of_most).said
            yield Inquiry(Topic(kind="held", about=f"{name} {value}"), "", said, users_share([[test]]))


def _values(corpus: Corpus, group: int, name: str) -> list[tuple[str, bool]]:
    """Values as the log spells them, and whether this one is told by who holds another: of two values the other has a name."""
    binder = Binder()
    here = f"u IN (SELECT u FROM places WHERE g = {binder.bind(group)})"
    sql = f"""
      WITH v AS (SELECT u, mode(json_extract_string(properties, {binder.bind(property_path(name))})) AS value FROM lines
                 WHERE u NOT IN (SELECT u FROM held) GROUP BY u),
      n AS (SELECT count(*) AS everyone, count(*) FILTER ({here}) AS own FROM v WHERE value <> ''),
      c AS (SELECT value, count(*) AS users, count(*) FILTER ({here}) AS here FROM v WHERE value <> '' GROUP BY value)
      SELECT value, users > {binder.bind(OF_MOST)} * everyone AND (SELECT count(*) FROM c) > 2 AS of_most FROM c, n
      WHERE here >= {binder.bind(FLOOR)} AND own - here >= {binder.bind(FLOOR)}
      ORDER BY of_most DESC, abs(here / own - (users - here) / greatest(everyone - own, 1)) DESC, users, value LIMIT {MOST_VALUES}
    """
    found = [(str(v), bool(m)) for v, m in corpus.connection.execute(sql, binder.values).fetchall()]
    return found[:1] if found and (found[0][1] or len(found) == 2) else found
