"""Two logs of one product read as one, so that users of either can be held against groups of the other.

In: the folders of two runs and their codebooks. Out: `BothLogs`, profiles of the users of both by one ruler: what a user does,
against the mix of both logs, whatever the month. Promises: a person of both logs is two users here; nothing of either folder
is changed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..codebook import Codebook
from ..log.events import Columns, coded_events, field_of, find_texts, open_events, properties
from ..store import Store
from .coded import read_lines
from .frozen import MIN_LINES
from .grouping import with_themes
from .mixture import Profiles
from .ruler import Ruler
from .screening import halves_of_visits
from .views import visits_of

Ints = NDArray[np.int64]
OLD, NEW = "o", "n"
READ = "session, ts, action, object, text, properties, clock"


@dataclass(frozen=True)
class BothLogs:
    """`users` are the hashes of OLD's users, then those of NEW's, the first `n_old` being OLD's; `whole` are their profiles,
    `parts` the same by every other visit and by the others, `visits` how many each has.
    """

    users: list[str]
    n_old: int
    whole: Profiles
    parts: tuple[Profiles, Profiles]
    visits: Ints


def read_both(
    old: tuple[Store, Codebook], new: tuple[Store, Codebook], timezone: str, views: Collection[str], within: str | None
) -> BothLogs:
    """Both logs by the views of these names (those in use in either run); `within` is the field that users are told apart in."""
    book = _joined(old[1], new[1])
    with new[0].connect() as connection:
        _open(connection, old[0], new[0])
        columns = _columns(connection)
        known = {p.name: p for p in properties(connection)}
        read = read_lines(connection, columns, book, known, timezone, [within] if within else [])
        n = len(columns.users)
        cohort = field_of(connection, "user", within)[0] + 1 if within in known else np.zeros(n, dtype=np.int64)
    read, _ = with_themes(read, np.ones(n, dtype=bool), 0)
    enough = np.bincount(read.lines.user, minlength=n) >= MIN_LINES
    visits = visits_of(read.lines)
    # What a period has more of than the other is no season here, but what is asked about.
    visits = replace(visits, stratum=np.zeros_like(visits.stratum)).only(enough[visits.user])
    counts = tuple(name for name in visits.counts if name in views) or ("acts", "things")
    numbers = tuple(name for name in visits.numbers if name in views)
    ruler = Ruler.of(visits, counts, numbers, cohort)
    odd = halves_of_visits(visits, "alternate", np.random.default_rng(0))
    sides = (ruler.profiles(visits.only(odd), cohort), ruler.profiles(visits.only(~odd), cohort))
    n_old = sum(user.startswith(OLD) for user in columns.users)
    return BothLogs([u[1:] for u in columns.users], n_old, ruler.profiles(visits, cohort), sides, visits.per_user)


def _joined(old: Codebook, new: Codebook) -> Codebook:
    """What either says; where both do, what the newer one says. Things are sorted by a field that sorts them in both."""
    both = [name for name in old.categories if name in new.categories]
    changes = {"acts": {**old.acts, **new.acts}, "fields": {**old.fields, **new.fields}, "categories": both}
    return new.model_copy(update=changes)


def _open(connection: duckdb.DuckDBPyConnection, old: Store, new: Store) -> None:
    """The view `events` over both, rows of OLD first, `i` from 0."""
    for name, store in (("old_events", old), ("new_events", new)):
        open_events(connection, store)
        connection.execute(f"ALTER VIEW events RENAME TO {name}")
    connection.execute(
        f"""CREATE VIEW events AS
        SELECT '{OLD}' || user AS user, {READ}, i FROM old_events UNION ALL
        SELECT '{NEW}' || user AS user, {READ}, i + (SELECT count(*) FROM old_events) AS i FROM new_events
        ORDER BY i"""
    )


def _columns(connection: duckdb.DuckDBPyConnection) -> Columns:
    texts = find_texts(connection)
    row = connection.execute("SELECT count(*) FROM events").fetchone()
    coded = coded_events(connection, 0, row[0] if row else 0)
    users = connection.execute("SELECT user FROM events GROUP BY user ORDER BY min(i)").fetchall()
    return Columns(**coded, texts=texts.texts, action=texts.action, actions=texts.actions, users=[u for (u,) in users])
