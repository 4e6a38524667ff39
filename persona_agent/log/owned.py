"""Columns that are ids under another name: a login, a nickname, the address of a profile. One value a user, one user a value.

Takes records of a sample, or the staged events; gives the columns. Promises: a value that is only rare makes no id, it has to
come back with users who have three lines and more; what is found is no object and is never written.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import duckdb

from ..ids import user_hash
from .keys import pointer
from .plan import dig
from .values import as_id, as_text

LINES = 3  # of a user, before it says something that a value comes back
USERS = 10  # with so many lines; among fewer, different towns would be ids
SHARE = 0.95  # of these users have one value, and of the values one user: ids are typed wrong now and then
ADDRESSED = 5  # users whose own id stands in a column's values make it their address
SAMPLE = 50_000  # events of whole users
SAMPLE_VALUES = 2_000_000  # fewer events where each has more than forty properties: what fits into memory in a second
WIDTH_EVENTS = 100  # by which the properties of an event are counted; a round number
BY_CHANCE = 10  # lines that would be of one's own number by chance, before it says something that hardly any is
SELDOM = 0.25  # of these: nobody writes to themselves, but for slips
OTHERS = 0.5  # of a column's values are such ids: it names other users

# An event is parsed for all of its properties at once: by their paths it would be once for each.
_VALUES = """
WITH s AS (
    SELECT "user", ts, properties FROM staging SEMI JOIN (
        SELECT "user" FROM (SELECT "user", count(*) AS n FROM staging GROUP BY "user")
        QUALIFY sum(n) OVER (ORDER BY "user" ROWS UNBOUNDED PRECEDING) - n < ?) USING ("user")
), k AS (
    SELECT "user", ts, unnest(json_keys(held)) AS key, unnest(json_extract_string(held, '$.*')) AS value
    FROM (SELECT "user", ts, properties::VARCHAR AS held FROM s)
)
SELECT "user", key, value, count(*) AS n, max(ts) - min(ts) AS lasts
FROM k WHERE value <> '' AND NOT starts_with(key, 'declared.') GROUP BY ALL
"""
_OWN = f"""
WITH by_user AS (SELECT {{key}}"user", sum(n) AS n, count(*) AS different, any_value(value) AS value FROM {{values}} GROUP BY ALL)
SELECT {{key}}count(*) FROM by_user WHERE n >= {LINES} GROUP BY ALL HAVING count(*) >= {USERS}
AND avg((different = 1)::INT) >= {SHARE} AND count(DISTINCT value) >= {SHARE} * count(*) ORDER BY ALL
"""


def names_its_user(records: Iterable[dict[str, Any]], user: str, path: str) -> bool:
    """Whether the column at `path` is an id of the user at `user`, or holds one, by the records of a sample."""
    of_user: dict[str, list[str]] = defaultdict(list)
    for record in records:
        who, value = as_id(dig(record, user)), as_text(dig(record, path))
        if who and value:
            of_user[who].append(value)
    lines = sum(map(len, of_user.values()))
    held = sum(_holds(value, who) for who, values in of_user.items() for value in values)
    if len(of_user) >= ADDRESSED and held >= SHARE * lines:
        return True
    known = [set(values) for values in of_user.values() if len(values) >= LINES]
    one = [next(iter(values)) for values in known if len(values) == 1]
    return len(known) >= USERS and len(one) >= SHARE * len(known) and len(set(one)) >= SHARE * len(known)


def sample_properties(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `property_values`: how often each user of a sample has each value of each property, and how long it `lasts`."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE property_values AS {_VALUES}", [sample_size(connection)])


def sample_size(connection: duckdb.DuckDBPyConnection) -> int:
    """About how many of the staged events `sample_properties` looks at."""
    row = connection.execute(
        f"""SELECT (SELECT count(*) FROM staging),
                   (SELECT avg(len(json_keys(properties))) FROM (SELECT properties FROM staging LIMIT {WIDTH_EVENTS}))"""
    ).fetchone()
    events, width = row or (0, 0)
    return min(events, SAMPLE, int(SAMPLE_VALUES / max(width or 0, 1)))


def own_columns(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """By `sample_properties`, the properties that are ids of users, or mostly name them, sorted; and all such ids."""
    own = [key for key, _ in connection.execute(_OWN.format(key="key, ", values="property_values")).fetchall()]
    ids = set[str]()
    for key in own:
        rows = connection.execute(
            "SELECT DISTINCT json_extract_string(properties, ?) FROM staging", [pointer(key)]
        ).fetchall()
        ids |= {value for (value,) in rows if value}
    if ids:
        others = connection.execute(
            """SELECT key FROM property_values GROUP BY key HAVING count(DISTINCT value) >= ?
               AND count(*) FILTER (list_contains(?::VARCHAR[], value)) >= ? * count(*)""",
            [ADDRESSED, sorted(ids), OTHERS],
        ).fetchall()
        own = sorted({*own, *(key for (key,) in others)})
    return own, sorted(ids)


def drop_own_objects(connection: duckdb.DuckDBPyConnection, key: bytes) -> list[str]:
    """Empties objects and texts that are ids of users, their own or others'; returns what a person should know of it."""
    notes = []
    if _objects_are_users(connection, key):
        connection.execute("UPDATE staging SET object = ''")
        notes.append(
            "the column of the object holds ids of other users, whom a page must not name: it was left out. Name another by "
            "--map object=COLUMN"
        )
    for column in ("object", "text"):
        values = f"""(SELECT "user", {column} AS value, count(*) AS n FROM staging WHERE {column} <> '' GROUP BY ALL)"""
        if connection.execute(_OWN.format(key="", values=values)).fetchall():
            connection.execute(f"UPDATE staging SET {column} = ''")
            notes.append(
                f"the column of the {column} has one value a user that no other has: it is an id and was left out. "
                f"Name another by --map {column}=COLUMN"
            )
    return notes


def _objects_are_users(connection: duckdb.DuckDBPyConnection, key: bytes) -> bool:
    """Are things other users: nearly all of them by ids of users, and hardly anybody's own, where chance would have some? Numbers
    of things may be numbers of users as well, and then meet their own user as often as any other.
    """
    rows = connection.execute(
        """SELECT "user", object, count(*) FROM staging WHERE object <> '' GROUP BY ALL ORDER BY ALL LIMIT ?""",
        [SAMPLE],
    ).fetchall()
    users = {user for (user,) in connection.execute('SELECT DISTINCT "user" FROM staging').fetchall()}
    by_thing = {thing: user_hash(key, thing) for _, thing, _ in rows}
    lines, own = Counter[str](), 0
    for user, thing, n in rows:
        lines[by_thing[thing]] += n
        own += n if by_thing[thing] == user else 0
    total = lines.total()
    if len(lines) < USERS or sum(n for who, n in lines.items() if who in users) < SHARE * total:
        return False
    done = Counter[str]()
    for user, _, n in rows:
        done[user] += n
    chance = sum(n * done[who] / total for who, n in lines.items())
    return chance >= BY_CHANCE and own <= SELDOM * chance


def _holds(text: str, who: str) -> bool:
    at = text.find(who)
    end = at + len(who)
    return at >= 0 and len(who) > 2 and not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum()
