"""events.parquet to memories.parquet and actions.parquet: what people come for.

Events are taken in parts of whole users. Each pass over them is a pure function of one part and of what the passes before
found over all: the company that kinds of action keep, then memories and where intents start, then the intent of each
memory. Promises: the parts depend on the log alone; a log of one part gives what it would give without parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
from numpy.typing import NDArray

from ..engines import Engine, LocalEngine
from ..log.events import (
    RARE,
    Part,
    coded_events,
    find_texts,
    fold_rare,
    open_events,
    parts_of,
    sendable_texts,
)
from ..models.base import Embed
from ..models.embedding import BUILT_IN, embedding_of
from ..options import Options
from ..progress import Progress, Silent
from ..store import Store, write_parquet
from .intents import Intents, by_size, find_intents, on_a_map, sample, sums
from .memories import Actions, Company, EmbeddedTexts, Memories, Strands, company, find_strands, gather, kinds

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
R = TypeVar("R")

ACTIONS = "actions.parquet"
MEMORIES = "memories.parquet"
FOLDER = ".gathering"
PART_MEMORY = "384MB"  # for each worker's database; beyond it, it spills to the folder of the run
EMBEDDED_AT_ONCE = 1 << 16  # texts, so that their vectors are written to the disk by parts

OF_PART = """
  WITH m AS (
    SELECT e.user, e.ts, e.file, e.line, e.n, e.i, c.memory, c.intent, trim(e.action || ' ' || e.object) AS what
    FROM (SELECT * FROM events WHERE i >= {start} AND i < {stop}) e JOIN of_event c USING (i) WHERE c.memory >= 0)
  SELECT 'm' || (memory + 1) AS memory_id, any_value(user) AS user, min(ts) AS started, max(ts) AS ended,
    count(*)::INTEGER AS n_actions, left(string_agg(what, '; ' ORDER BY i), 500) AS text,
    list({{'file': file, 'line': line, 'n': n}} ORDER BY i) AS lines, any_value(intent)::INTEGER AS intent
  FROM m GROUP BY memory ORDER BY memory
"""


@dataclass(frozen=True)
class GatheredMemories:
    """How many sessions, memories, intents and distinct texts a log has, and where its intents lie on a map."""

    sessions: int
    memories: int
    intents: int
    intents_xy: list[list[float]]
    texts: int


@dataclass(frozen=True)
class Begun:
    """What the memories of a part say of where intents start: their sums by strand and a sample; and its numbers of users,
    sessions and memories.
    """

    sums: Floats
    sample: Floats
    users: int
    sessions: int
    memories: int


@dataclass(frozen=True)
class Offsets:
    """How many users, sessions and memories stand before a part."""

    users: int = 0
    sessions: int = 0
    memories: int = 0


def find_memories(
    store: Store, options: Options, progress: Progress | None = None, engine: Engine | None = None
) -> GatheredMemories:
    """memories.parquet and actions.parquet, and what was found over all."""
    seed, heard = options.seed, progress or Silent()
    with store.empty_folder(FOLDER) as folder:
        parts, texts = _prepare(store, folder, options)
        _save(folder, kind=kinds(texts, seed))
        each = _Passes(store, parts, engine or LocalEngine(options.workers), heard)
        all_users = reduce(add, each.part(company_of, "events: what is done together"))
        strands = find_strands(all_users, _action_of_kind(folder, texts), seed)
        _save(folder, strand=strands.of_kind, context=strands.context)
        begun = list(each.part(partial(begin, seed=seed), "events: memories"))
        intents = find_intents(reduce(add, (b.sums for b in begun)), np.concatenate([b.sample for b in begun]), seed)
        _save(folder, centroids=intents.centroids)
        counts = reduce(add, each.part(partial(write_part, before=_before(begun)), "events: intents"))
        new = by_size(counts)
        _join(store, folder, parts, new)
    kept = np.flatnonzero(new[:-1] >= 0)
    xy = on_a_map(intents.centroids[kept[np.argsort(new[kept])]])
    return GatheredMemories(
        sessions=sum(b.sessions for b in begun),
        memories=sum(b.memories for b in begun),
        intents=len(kept),
        intents_xy=xy.round(6).tolist(),
        texts=len(texts.counts),
    )


def of_events(connection: duckdb.DuckDBPyConnection, store: Store) -> tuple[Ints, Ints]:
    """The memory and the intent of each event in file order, −1 for none."""
    got = connection.execute("SELECT memory, intent FROM read_parquet(?)", [str(store.path(ACTIONS))]).fetchnumpy()
    return got["memory"].astype(np.int64, copy=False), got["intent"].astype(np.int64, copy=False)


def company_of(store: Store, part: Part) -> Company:
    """First pass: the company that kinds keep among the users of a part, whose coded events are left for the next passes."""
    folder = store.path(FOLDER)
    with store.connect(memory=PART_MEMORY, threads=1) as connection:
        open_events(connection, store)
        path = str(folder / "texts.parquet").replace("'", "''")
        connection.execute(f"CREATE TEMP VIEW texts AS FROM read_parquet('{path}')")
        coded = coded_events(connection, part.start, part.stop)
    _save(folder, **{f"{part.number}.{name}": column for name, column in coded.items()})
    kind = _load(folder, "kind")
    return company(Actions(**coded), kind, int(kind.max()) + 1)


def begin(store: Store, part: Part, *, seed: int) -> Begun:
    """Second pass: the memories of a part, as much of them as intents start from."""
    actions = _actions(store, part)
    found = _gathered(store, actions)
    strands = _strands(store.path(FOLDER))
    return Begun(
        sums(found.vectors, found.strand, strands.n),
        sample(found.vectors, part.share, seed, part.number),
        int(actions.user.max()) + 1,
        int(actions.session.max()) + 1,
        len(found.user),
    )


def write_part(store: Store, part: Part, *, before: Sequence[Offsets]) -> Ints:
    """Third pass: the memories and the coded events of a part to files, with intents by their first numbers; returns how
    many memories each intent has.
    """
    folder, back = store.path(FOLDER), before[part.number]
    with store.connect(memory=PART_MEMORY, threads=1) as connection:
        open_events(connection, store)
        fold_rare(connection, RARE)
        actions = _actions(store, part)
        found, intents = _gathered(store, actions), Intents(_load(folder, "centroids"))
        intent = intents.of(found.vectors)
        inside = found.of_event >= 0
        table = {
            "i": np.arange(part.start, part.stop),
            "user": actions.user + back.users,
            "session": actions.session + back.sessions,
            "ts": actions.ts,
            "text": actions.text,
            "memory": np.where(inside, found.of_event + back.memories, -1),
            "intent": np.where(inside, np.append(intent, -1)[found.of_event], -1),
        }
        connection.register("of_event", table)
        write_parquet(
            connection, folder / f"{part.number}.{MEMORIES}", OF_PART.format(start=part.start, stop=part.stop)
        )
        write_parquet(connection, folder / f"{part.number}.{ACTIONS}", "SELECT * EXCLUDE (i) FROM of_event ORDER BY i")
        connection.unregister("of_event")
    return np.bincount(intent[intent >= 0], minlength=intents.n)


@dataclass(frozen=True)
class _Passes:
    """One pass after the other over the parts of a log."""

    store: Store
    parts: Sequence[Part]
    engine: Engine
    progress: Progress

    def part(self, function: Callable[..., R], unit: str) -> Iterator[R]:
        """The function of the store and each part, in order."""
        done = self.engine.map(partial(function, self.store), self.parts)
        for part, found in zip(self.parts, done, strict=True):
            self.progress.update(part.stop, self.parts[-1].stop, unit)
            yield found


def _prepare(store: Store, folder: Path, options: Options) -> tuple[list[Part], EmbeddedTexts]:
    """The parts of a log, and its distinct texts; the texts and their vectors are left for all parts."""
    with store.connect() as connection:
        open_events(connection, store)
        parts = parts_of(connection)
        texts = find_texts(connection)
        write_parquet(connection, folder / "texts.parquet", "SELECT text, action, code FROM texts ORDER BY code")
        embed, words = embedding_of(store, options), texts.texts
        if options.embedding != BUILT_IN:
            embed, words = _each_once(embed), sendable_texts(connection, texts)
    vectors = _embedded(folder, words, embed)
    return parts, EmbeddedTexts(texts.action, texts.counts, vectors)


def _each_once(embed: Embed) -> Embed:
    """The same of texts that repeat: those of many objects are the action alone."""

    def embed_distinct(texts: Sequence[str]) -> Floats:
        at = {text: n for n, text in enumerate(dict.fromkeys(texts))}
        vectors: Floats = embed(list(at))[[at[text] for text in texts]]
        return vectors

    return embed_distinct


def _embedded(folder: Path, texts: Sequence[str], embed: Embed) -> Floats:
    """The vectors of the texts, on the disk: there may be as many as events."""
    vectors: Floats | None = None
    for at in range(0, len(texts), EMBEDDED_AT_ONCE):
        block = embed(texts[at : at + EMBEDDED_AT_ONCE])
        if vectors is None:
            shape = (len(texts), block.shape[1])
            vectors = np.lib.format.open_memmap(folder / "vectors.npy", mode="w+", dtype=np.float32, shape=shape)
        vectors[at : at + len(block)] = block
    assert vectors is not None, "a log has events"
    vectors.flush()  # type: ignore[attr-defined]
    return vectors


def _action_of_kind(folder: Path, texts: EmbeddedTexts) -> Ints:
    kind = _load(folder, "kind")
    action = np.zeros(int(kind.max()) + 1, dtype=np.int64)
    action[kind] = texts.action
    return action


def _actions(store: Store, part: Part) -> Actions:
    folder = store.path(FOLDER)
    return Actions(*(_load(folder, f"{part.number}.{name}") for name in ("user", "session", "ts", "text")))


def _gathered(store: Store, actions: Actions) -> Memories:
    folder = store.path(FOLDER)
    return gather(actions, _load(folder, "vectors"), _load(folder, "kind"), _strands(folder))


def _strands(folder: Path) -> Strands:
    return Strands(_load(folder, "strand"), _load(folder, "context"))


def _before(begun: Sequence[Begun]) -> list[Offsets]:
    counts = np.array([[b.users, b.sessions, b.memories] for b in begun])
    return [Offsets(*row) for row in (np.cumsum(counts, axis=0) - counts).tolist()]


def _join(store: Store, folder: Path, parts: Sequence[Part], new: Ints) -> None:
    """The files of all parts as one each, intents by their final numbers."""
    with store.connect() as connection:
        connection.register("new_rows", {"old": np.append(np.arange(len(new) - 1), -1), "new": new})
        connection.execute("CREATE TEMP TABLE new AS SELECT list(new::INTEGER ORDER BY old) AS new FROM new_rows")
        connection.unregister("new_rows")
        for name in (ACTIONS, MEMORIES):
            files = ", ".join("'" + str(folder / f"{p.number}.{name}").replace("'", "''") + "'" for p in parts)
            rows = f"SELECT f.* REPLACE (new[intent + 2] AS intent) FROM read_parquet([{files}]) f, new"
            store.write_parquet(connection, name, rows)


def _save(folder: Path, **arrays: NDArray[Any]) -> None:
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _load(folder: Path, name: str) -> NDArray[Any]:
    found: NDArray[Any] = np.load(folder / f"{name}.npy", mmap_mode="r")
    return found
