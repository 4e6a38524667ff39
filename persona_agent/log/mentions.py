"""Users of a log whom a text names: what a person writes about a run may hold the ids that its files do not.

In: the events of a run, its key, a text. Out: the text with [user] in the place of each raw id of a user of the log that stands
in it as a whole token, and how many these were. Promises: an id is recognised by its keyed hash, so that no list of ids is
needed; numbers of one or two digits and years are left, which mean something else nearly always.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import duckdb
import numpy as np

from ..errors import UsageError
from ..ids import user_hash
from ..options import Options
from ..redaction.owners import WEAK
from ..redaction.spelling import as_read
from ..store import Store
from .events import open_events
from .given_groups import load_given

TOKEN = re.compile(r"[^\s\"“”‘’()\[\]{},;!?<>=|]+")
AROUND = ".:'…-"  # of a token, that belongs to the sentence
OF_SOMEBODY = re.compile(r"['’]s$")
MASK = "[user]"
# What only an id is made like: shorter ones, and those without a digit, are words of something else as often; numbers alone are
# those of things.
LIKE_AN_ID = re.compile(r"(?=.*[0-9])(?=.*[^\W\d])\w[\w.@+-]{4,}[\w+-]")
TOKEN_OF_ID = re.compile(r"\w[\w.@+-]{4,}[\w+-]")
TOKEN_IN_SQL = r"[\p{L}\p{N}_][\p{L}\p{N}_.@+-]{4,}[\p{L}\p{N}_+-]"
COLUMNS = ("action", "object", "text")


def mask_users(store: Store, text: str) -> tuple[str, int]:
    """The text without the ids of the log's users and of the persons behind them, in whatever letters they are written."""
    spelled = {t: _candidates(t) for t in dict.fromkeys(TOKEN.findall(text))}
    otherwise = {t: [n for form in as_read(t) for n in _candidates(form) if n not in own] for t, own in spelled.items()}
    key = store.key()
    hashes = {
        user_hash(key, name): token
        for every in (spelled, otherwise)
        for token, names in every.items()
        for name in names
    }
    if not hashes:
        return text, 0
    with store.connect() as connection:
        open_events(connection, store)
        columns = {row[0] for row in connection.execute("DESCRIBE events").fetchall()} & {"user", "person"}
        known = " UNION ".join(f'SELECT DISTINCT "{name}" AS u FROM events' for name in sorted(columns))
        sql = f"SELECT u FROM ({known}) WHERE u IN (SELECT unnest(?::VARCHAR[]))"
        found = {u for (u,) in connection.execute(sql, [list(hashes)]).fetchall()}
    n = 0
    for name in sorted(
        {name for names in spelled.values() for name in names if user_hash(key, name) in found}, key=len
    )[::-1]:
        text, times = re.subn(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", MASK, text, flags=re.IGNORECASE)
        n += times
    for token in [t for t, names in otherwise.items() if any(user_hash(key, name) in found for name in names)]:
        text, times = re.subn(re.escape(token.strip(AROUND)), MASK, text)
        n += times
    return text, n


def names_a_user(store: Store, text: str) -> bool:
    """Does a text hold the id of a user of the log, in whatever letters it is written?"""
    return mask_users(store, text)[1] > 0


def refuse_named_users(store: Store, told: Mapping[str, str | None]) -> None:
    """UsageError where a text that somebody gave for a run, by what it was given as, holds what is made like an id and is that
    of a user of the log: it would stand on pages and in prompts. Numbers alone are those of things.
    """
    for where, text in told.items():
        found = {token for form in as_read(text or "") for token in LIKE_AN_ID.findall(form)}
        if found and mask_users(store, " ".join(sorted(found)))[1]:
            raise UsageError(f"{where} holds the id of a user of the log.", hint="Leave it out.")


def refuse_told_users(store: Store, options: Options) -> None:
    """UsageError where what a run was told, or a name of a given group, names a user of the log."""
    told = {"--about": options.about, "--question": options.question, "--purpose": options.purpose}
    given = load_given(store)
    names = {"A name of a group": " ".join(given.names)} if given else {}
    refuse_named_users(store, {**told, "--no-staff": options.no_staff, **names})


def _candidates(token: str) -> list[str]:
    """How an id may stand in a token."""
    bare = OF_SOMEBODY.sub("", token.strip(AROUND))
    return [
        name for name in dict.fromkeys((token, bare, bare.lower(), bare.upper())) if name and not WEAK.fullmatch(name)
    ]


def mask_others(connection: duckdb.DuckDBPyConnection, users: Iterable[str]) -> dict[str, int]:
    """[user] in the place of every user's id in the acts, objects and texts of `staging`, where it is a word of its own and
    made like an id; how many were masked, by kind. Every distinct text is looked at once.
    """
    ids = np.array([u.lower() for u in users if LIKE_AN_ID.fullmatch(u)], dtype=object)
    if not len(ids):
        return {}
    connection.register("given_ids", {"id": ids})
    connection.execute("CREATE OR REPLACE TEMP TABLE ids_of_users AS SELECT DISTINCT id::VARCHAR AS id FROM given_ids")
    connection.unregister("given_ids")
    texts = " UNION ".join(f"SELECT {c} AS text FROM staging WHERE regexp_matches({c}, '[0-9]')" for c in COLUMNS)
    rows = connection.execute(
        f"""SELECT text, list(DISTINCT token) FROM
            (SELECT text, unnest(regexp_extract_all(lower(text), '{TOKEN_IN_SQL}')) AS token FROM ({texts}))
            SEMI JOIN ids_of_users ON token = id GROUP BY text"""
    ).fetchall()
    n = 0
    if rows:
        plain = [_without(text, set(tokens)) for text, tokens in rows]
        table = {"text": np.array([t for t, _ in rows], dtype=object), "plain": np.array(plain, dtype=object)}
        connection.register("named_users", table)
        for column in COLUMNS:
            done = connection.execute(
                f"UPDATE staging SET {column} = plain FROM named_users WHERE staging.{column} = named_users.text"
            ).fetchall()
            n += int(done[0][0]) if done else 0
        connection.unregister("named_users")
    connection.execute("DROP TABLE ids_of_users")
    return {"user": n} if n else {}


def _without(text: str, ids: set[str]) -> str:
    return TOKEN_OF_ID.sub(lambda m: MASK if m[0].lower() in ids else m[0], text)
