"""Users of a log whom a text names: what a person writes about a run may hold the ids that its files do not.

In: the events of a run, its key, a text. Out: the text with [user] in the place of each raw id of a user of the log that stands
in it as a whole token, and how many these were. Promises: an id is recognised by its keyed hash, so that no list of ids is
needed; numbers of one or two digits and years are left, which mean something else nearly always.
"""

from __future__ import annotations

import re

from ..ids import user_hash
from ..redaction.owners import WEAK
from ..store import Store
from .events import open_events

TOKEN = re.compile(r"[^\s\"“”‘’()\[\]{},;!?<>=|]+")
AROUND = ".:'…-"  # of a token, that belongs to the sentence
OF_SOMEBODY = re.compile(r"['’]s$")
MASK = "[user]"


def mask_users(store: Store, text: str) -> tuple[str, int]:
    """The text without the ids of the log's users and of the persons behind them."""
    spelled = {t: _candidates(t) for t in dict.fromkeys(TOKEN.findall(text))}
    key = store.key()
    hashes = {user_hash(key, name): token for token, names in spelled.items() for name in names}
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
    return text, n


def _candidates(token: str) -> list[str]:
    """How an id may stand in a token."""
    bare = OF_SOMEBODY.sub("", token.strip(AROUND))
    return [
        name for name in dict.fromkeys((token, bare, bare.lower(), bare.upper())) if name and not WEAK.fullmatch(name)
    ]
