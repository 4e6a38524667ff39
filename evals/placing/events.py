"""A log as columns, to be cut by users and by visits and written out again as a log.

In: a log file. Out: `Events`. Promises: read by the program's own code; codes of actions, objects and properties are those
of the whole log in every part of it, so that parts can be held against each other; what is written and read again holds
the same users, visits and lines.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from persona_agent.errors import UsageError
from persona_agent.ids import user_hash
from persona_agent.log.events import open_events
from persona_agent.log.reading import find_log, read_log
from persona_agent.options import Options
from persona_agent.progress import Silent
from persona_agent.store import Store

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
How = Literal["time", "random"]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000  # microseconds


@dataclass(frozen=True)
class Events:
    """Sorted by user and time. `user` indexes `users`; `visit` numbers visits from 0 in the order of users and time; `ts` is
    in microseconds; `action`, `object` and `properties` index the texts of the whole log in `texts`.
    """

    users: list[str]
    user: Ints
    visit: Ints
    ts: Ints
    action: Ints
    object: Ints
    properties: Ints
    texts: Mapping[str, list[str]]

    @property
    def n_visits(self) -> int:
        return int(self.visit.max()) + 1 if len(self.visit) else 0

    @property
    def user_of_visit(self) -> Ints:
        return self.user[np.unique(self.visit, return_index=True)[1]]

    @property
    def visits_of_user(self) -> Ints:
        return np.bincount(self.user_of_visit, minlength=len(self.users)).astype(np.int64)

    def only(self, visits: Bools) -> Events:
        """These visits alone; users who are left without one are gone."""
        return self._of(visits[self.visit])

    def of_users(self, users: Bools) -> Events:
        return self._of(users[self.user])

    def _of(self, kept: Bools) -> Events:
        there, user = np.unique(self.user[kept], return_inverse=True)
        visit = np.unique(self.visit[kept], return_inverse=True)[1]
        columns = {name: getattr(self, name)[kept] for name in ("ts", "action", "object", "properties")}
        users = [self.users[i] for i in there]
        return replace(self, users=users, user=user.astype(np.int64), visit=visit.astype(np.int64), **columns)

    def halves(self, how: How, seed: int = 0) -> Bools:
        """(visits,) the first half of each user's visits, in time or at random; of an odd number, chance gives the middle
        one to either half.
        """
        rng, user = np.random.default_rng([seed, 59]), self.user_of_visit
        order = np.lexsort((np.arange(len(user)) if how == "time" else rng.random(len(user)), user))
        n = self.visits_of_user
        place = np.arange(len(user)) - (np.cumsum(n) - n)[user[order]]
        half = np.empty(len(user), dtype=bool)
        half[order] = place < (n + rng.integers(0, 2, len(n)))[user[order]] // 2
        return half

    def exchanged(self, seed: int = 0) -> Events:
        """A null: whole visits exchanged between users within each month, so that each user keeps their number."""
        first = np.unique(self.visit, return_index=True)[1]
        owner, month = (
            self.user[first],
            self.ts[first].astype("datetime64[us]").astype("datetime64[M]").astype(np.int64),
        )
        to, given = np.argsort(month, kind="stable"), np.empty(len(owner), dtype=np.int64)
        given[to] = owner[np.lexsort((np.random.default_rng([seed, 73]).random(len(owner)), month))]
        order = np.lexsort((self.visit, self.ts[first][self.visit], given[self.visit]))
        rank = np.empty(len(owner), dtype=np.int64)
        rank[np.lexsort((self.ts[first], given))] = np.arange(len(owner))
        columns = {name: getattr(self, name)[order] for name in ("ts", "action", "object", "properties")}
        return replace(self, user=given[self.visit][order], visit=rank[self.visit][order], **columns)

    def write(self, path: Path) -> Path:
        """The log as JSON lines."""
        bodies = [orjson.loads(p) if p else {} for p in self.texts["properties"]]
        actions, objects = self.texts["action"], self.texts["object"]
        with path.open("wb") as file:
            rows = (self.user, self.visit, self.ts, self.action, self.object, self.properties)
            for user, visit, ts, action, thing, body in zip(*(row.tolist() for row in rows), strict=True):
                record: dict[str, Any] = {
                    "user": self.users[user], "session_id": f"v{visit}", "timestamp": _stamp(ts),
                    "action": actions[action], "object": objects[thing], "properties": bodies[body],
                }  # fmt: skip
                file.write(orjson.dumps(record) + b"\n")
        return path


def _stamp(ts: int) -> str:
    """ISO 8601; a date alone at midnight sharp, where a log that names days has its lines."""
    when = EPOCH + timedelta(microseconds=ts)
    return f"{when:%Y-%m-%d}" if ts % DAY == 0 else when.isoformat().replace("+00:00", "Z")


def joined(parts: Mapping[str, Events]) -> Events:
    """All parts of one log as one; users get the name of their part before their own, and stand in its order."""
    events = list(parts.values())

    def column(name: str) -> Ints:
        return np.concatenate([getattr(e, name) for e in events])

    users = [f"{name} {user}" for name, part in parts.items() for user in part.users]
    before = np.cumsum([0, *(len(e.users) for e in events)])
    visits = np.cumsum([0, *(e.n_visits for e in events)])
    return replace(
        events[0],
        users=users,
        user=np.concatenate([e.user + n for e, n in zip(events, before, strict=False)]),
        visit=np.concatenate([e.visit + n for e, n in zip(events, visits, strict=False)]),
        ts=column("ts"),
        action=column("action"),
        object=column("object"),
        properties=column("properties"),
    )


def read_events(log: Path, names: Iterable[str] = ()) -> Events:
    """The events of a log under default options; users that `names` holds are called so, all others by their hash."""
    with tempfile.TemporaryDirectory(prefix="events-") as folder:
        options = Options(inputs=(str(log),), out=Path(folder) / "out", workers=1)
        store = Store.create(options.out)
        read_log(find_log(options), options, store, Silent())
        key = store.key()
        return events_of(store, {user_hash(key, name): name for name in names})


def events_of(store: Store, names: Mapping[str, str]) -> Events:
    """The events of a run; `names` of users by their hash."""
    with store.connect() as connection:
        open_events(connection, store)
        got = connection.execute(
            "SELECT user, session, epoch_us(ts) AS ts, action, object, coalesce(properties, '') AS properties "
            "FROM events ORDER BY i"
        ).fetchnumpy()
    user, hashes = _in_order(got["user"])
    visit, _ = _in_order(np.char.add(got["user"].astype(str), got["session"].astype(str)))
    coded = {name: np.unique(_texts(got[name]), return_inverse=True) for name in ("action", "object", "properties")}
    action, thing, properties = (code.astype(np.int64) for _, code in coded.values())
    texts = {name: [str(t) for t in found] for name, (found, _) in coded.items()}
    ts = np.asarray(got["ts"], dtype=np.int64)
    return Events([names.get(h, h) for h in hashes], user, visit, ts, action, thing, properties, texts)


def _in_order(values: Any) -> tuple[Ints, list[str]]:
    """Codes in the order of first sight, and what they stand for."""
    texts, first, code = np.unique(_texts(values), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank[code], [str(texts[i]) for i in order]


def _texts(column: Any) -> Any:
    filled = column.filled("") if isinstance(column, np.ma.MaskedArray) else column
    return np.asarray(filled).astype(str)


def values_of(events: Events, name: str) -> Sequence[Any]:
    """What each of the log's distinct properties texts has under a name, None where it has nothing; index it with
    `events.properties`.
    """
    return [orjson.loads(p).get(name) if p else None for p in events.texts["properties"]]


def cohort_of(events: Events, field: str | None) -> tuple[Ints, int]:
    """Each user's commonest value of a field, as a code (−1 for none), and how many values the log has; nobody has one of no
    field. UsageError where the log has no such field.
    """
    if field is None:
        return np.full(len(events.users), -1, dtype=np.int64), 0
    texts = ["" if value is None else str(value) for value in values_of(events, field)]
    names = {text: i for i, text in enumerate(sorted(set(texts) - {""}))}
    if not names:
        raise UsageError(f"--within: the log has no field {field!r}.")
    code = np.array([names.get(text, -1) for text in texts])[events.properties]
    counts = np.zeros((len(events.users), len(names)))
    np.add.at(counts, (events.user[code >= 0], code[code >= 0]), 1)
    return np.where(counts.any(axis=1), counts.argmax(axis=1), -1).astype(np.int64), len(names)
