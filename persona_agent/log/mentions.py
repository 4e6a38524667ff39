"""Users of a log whom a text names: what a person writes about a run may hold the ids that its files do not.

In: the events of a run, its key, a text. Out: the text with [user] in the place of each raw id of a user of the log that stands
in it as a whole token, or with signs put into it, and how many these were. Promises: an id is recognised by its keyed hash, so
that no list of ids is needed; numbers of one or two digits and years are left, which mean something else nearly always.
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
from ..redaction.spelling import as_read, may_be_encoded, spelled, unmasked
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
# A text without a digit of any script holds none that is made like an id; an escape may stand for one (spelling.ENCODED).
MAY_NAME = r"\pN|\\|&[#a-zA-Z]"
ESCAPED = r"%[0-9a-fA-F]{2}|\\[uUx]|&[#a-zA-Z]|[^\x00-\x7f]|\w[+]\w"
COLUMNS = ("action", "object", "text")
# Words that signs part, and no blank; an id may be among them with other signs than it has, or with signs where it has none.
PARTED = re.compile(r"[^\W_]+(?:(?:[^\w\s]|_){1,3}[^\W_]+)+")
PART = re.compile(r"[^\W_]+")
MOST_PARTS = 16  # of an id: as many as have letters apart, and bounded, for all runs of so many are looked up
JOINTS = ("", "-", "_", ".")  # what parts an id's words in the log


# How amounts are written and ids are not: “2,406”, “£480”, “12 %”. The first sign of what stands for them, one a number, is of
# those that mean nothing to anybody.
AMOUNT = r"(?<![\w.,])[$£€]?\d{1,3}(?:,\d{3})+(?![\w,])|[$£€] ?\d+(?![\w])|(?<![\w.,])\d+(?= ?%)"
FOR_NUMBERS, NUMBERS = 0xE000, 6_000


def mask_users(store: Store, text: str, counts: Iterable[int] = ()) -> tuple[str, int]:
    """The text without the ids of the log's users and of the persons behind them, in whatever letters, signs or escapes they are
    written. Amounts are left, and numbers that are known as `counts` of something.
    """
    numbers = [AMOUNT, *(rf"(?<![\w.,]){n}(?![\w,])" for n in sorted(set(counts)))]
    left = list(dict.fromkeys(re.findall("|".join(numbers), text)))[:NUMBERS]
    signs = {number: chr(FOR_NUMBERS + i) for i, number in enumerate(left)}
    text = re.sub("|".join(numbers), lambda m: signs.get(m[0], m[0]), text)
    masked, n = _masked(store, text)
    if may_be_encoded(masked):
        plain, more = _masked(store, spelled(masked))
        masked, n = (plain, n + more) if more else (masked, n)
    return re.sub("|".join(signs.values()) or r"(?!)", lambda m: left[ord(m[0]) - FOR_NUMBERS], masked), n


def _masked(store: Store, text: str) -> tuple[str, int]:
    own = {t: _candidates(t) for t in dict.fromkeys(TOKEN.findall(text))}
    otherwise = {t: [n for form in as_read(t) for n in _candidates(form) if n not in names] for t, names in own.items()}
    parted = _parted(text)
    key = store.key()
    hashed = {
        name: user_hash(key, name) for every in (own, otherwise, parted) for names in every.values() for name in names
    }
    known = _known(store, hashed.values()) if hashed else set()
    if not known:
        return text, 0
    n = 0
    for part in sorted((p for p, names in parted.items() if any(hashed[name] in known for name in names)), key=len)[
        ::-1
    ]:
        text, times = re.subn(rf"(?<![^\W_]){re.escape(part)}(?![^\W_])", MASK, text)
        n += times
    for name in sorted({name for names in own.values() for name in names if hashed[name] in known}, key=len)[::-1]:
        text, times = re.subn(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", MASK, text, flags=re.IGNORECASE)
        n += times
    for token in [t for t, names in otherwise.items() if any(hashed[name] in known for name in names)]:
        text, times = re.subn(re.escape(token.strip(AROUND)), MASK, text)
        n += times
    return text, n


def _known(store: Store, hashes: Iterable[str]) -> set[str]:
    """Those of the hashes that are users of the log or the persons behind them."""
    with store.connect() as connection:
        open_events(connection, store)
        columns = {row[0] for row in connection.execute("DESCRIBE events").fetchall()} & {"user", "person"}
        known = " UNION ".join(f'SELECT DISTINCT "{name}" AS u FROM events' for name in sorted(columns))
        sql = f"SELECT u FROM ({known}) WHERE u IN (SELECT unnest(?::VARCHAR[]))"
        return {u for (u,) in connection.execute(sql, [[*set(hashes)]]).fetchall()}


def _parted(text: str) -> dict[str, list[str]]:
    """Pieces of the text in which signs part words, with what is made like an id where these signs are others or none."""
    found: dict[str, list[str]] = {}
    for run in PARTED.finditer(text):
        parts = [*PART.finditer(run[0])]
        for first in range(len(parts)):
            for last in range(first + 1, min(first + MOST_PARTS, len(parts))):
                words = [unmasked(part[0]) for part in parts[first : last + 1]]
                ids = [name for joint in JOINTS if LIKE_AN_ID.fullmatch(name := joint.join(words))]
                if ids:
                    piece = run[0][parts[first].start() : parts[last].end()]
                    found[piece] = [*dict.fromkeys(form for name in ids for form in (name, name.lower(), name.upper()))]
    return found


def names_a_user(store: Store, text: str) -> bool:
    """Does a text hold the id of a user of the log, in whatever letters it is written?"""
    return mask_users(store, text)[1] > 0


def refuse_named_users(store: Store, told: Mapping[str, str | None]) -> None:
    """UsageError where a text that somebody gave for a run, by what it was given as, holds what is made like an id and is that
    of a user of the log: it would stand on pages and in prompts. Numbers alone are those of things.
    """
    for where, text in told.items():
        forms = {form for plain in (text or "", spelled(text or "")) for form in as_read(plain)}
        found = {token for form in forms for like in (LIKE_AN_ID, PARTED) for token in like.findall(form)}
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
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE texts_told AS SELECT text, text AS plain FROM ("
        + " UNION ".join(f"SELECT {c} AS text FROM staging WHERE regexp_matches({c}, '{MAY_NAME}')" for c in COLUMNS)
        + ")"
    )
    _spell_out(connection)
    rows = connection.execute(
        f"""SELECT text, list(DISTINCT token) FROM
            (SELECT text, unnest(regexp_extract_all(lower(plain), '{TOKEN_IN_SQL}')) AS token FROM texts_told)
            SEMI JOIN ids_of_users ON token = id GROUP BY text"""
    ).fetchall()
    connection.execute("DROP TABLE texts_told")
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


def _spell_out(connection: duckdb.DuckDBPyConnection) -> None:
    """Texts with escapes in `texts_told` as a reader reads them, beside the text itself."""
    escaped = connection.execute(f"SELECT text FROM texts_told WHERE regexp_matches(text, '{ESCAPED}')").fetchall()
    found = [(text, spelled(text)) for (text,) in escaped]
    told = [(text, plain) for text, plain in found if plain != text]
    if told:
        table = {name: np.array([row[i] for row in told], dtype=object) for i, name in enumerate(("text", "plain"))}
        connection.register("spelled_out", table)
        connection.execute("INSERT INTO texts_told SELECT text::VARCHAR, plain::VARCHAR FROM spelled_out")
        connection.unregister("spelled_out")


def _without(text: str, ids: set[str]) -> str:
    """The text without these ids; with its escapes as they are read, where one of them is written in such."""

    def masked(form: str) -> str:
        return TOKEN_OF_ID.sub(lambda m: MASK if m[0].lower() in ids else m[0], form)

    plain = masked(text)
    read = spelled(plain) if may_be_encoded(plain) else plain
    return plain if masked(read) == read else masked(read)
